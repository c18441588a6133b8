#include "app/cli/database_loop.hpp"
#include "app/cli/markets.hpp"
#include "cornice/data/mapping_store.hpp"
#include "cornice/infra/clock.hpp"

#include <ostream>

namespace cornice::app::cli {

using namespace std::chrono_literals;

namespace {

// Every open listing of one venue is compared with those of the other.
constexpr auto compare_limit = 5min;

infra::task<result<data::proposal_report>> compare(infra::pg_pool& db, std::string by) {
  const timestamp now = infra::system_clock().now();
  auto body = [by = std::move(by), now](infra::pg_transaction& tx) {
    return data::propose_look_alikes(tx, by, now);
  };
  co_return co_await db.run(compare_limit, std::move(body));
}

}  // namespace

int propose_markets(const propose_options& options, const terminal& t) {
  const auto config = load(options.config);
  if (!config) return fail_usage(t, config.error().message);
  const auto db = database_of(*config);
  if (!db) return fail_usage(t, db.error().message);
  result<data::proposal_report> report = data::proposal_report{};
  const std::string by = caller_name();
  const auto body = [&](infra::pg_pool& pool) -> infra::task<> {
    report = co_await compare(pool, by);
  };
  const auto done = with_database(*db, body);
  if (!done) return fail(t, done.error());
  if (!report) return fail(t, report.error());
  t.out << report->proposals << " markets look right, " << report->new_members
        << " contracts newly proposed\n";
  if (report->new_members > 0) announce_mappings(*config, "look-alikes proposed", t);
  return exit_ok;
}

}  // namespace cornice::app::cli
