#include "app/cli/database_loop.hpp"

#include <boost/asio/io_context.hpp>

namespace cornice::app::cli {
namespace {

infra::task<> then_stop(infra::task<> work, boost::asio::io_context& loop) {
  co_await std::move(work);
  loop.stop();
}

}  // namespace

result<void> with_database(const infra::pg_config& db,
                           const std::function<infra::task<>(infra::pg_pool&)>& work) {
  // The pool connects for ever; a person wants to hear at once that the database is away.
  if (const auto reached = infra::exec_blocking(db, "SELECT 1"); !reached) return reached.error();
  infra::metrics_registry metrics;  // outlives the loop, whose coroutines count
  boost::asio::io_context loop{1};
  infra::pg_config one = db;
  one.connections = 1;
  infra::pg_pool pool{loop.get_executor(), one, metrics};
  infra::spawn(loop.get_executor(), "command", then_stop(work(pool), loop));
  loop.run();
  return {};
}

}  // namespace cornice::app::cli
