#include "cornice/execution/lease.hpp"

namespace cornice::execution {
namespace {

constexpr std::chrono::seconds deadline{5};

}  // namespace

infra::task<result<std::unique_ptr<lease>>> lease::acquire(infra::asio::any_io_executor loop,
                                                           infra::pg_config config,
                                                           std::string name, std::string holder) {
  config.connections = 1;
  auto session = std::make_unique<infra::pg_session>(loop, config);
  infra::pg_params lock;
  lock.add("cornice.lease." + name);
  const auto locked = co_await session->exec(
      deadline, "SELECT pg_try_advisory_lock(hashtextextended($1, 0))", lock);
  if (!locked) co_return locked.error().within("taking the lease " + name);
  if (!locked->boolean(0, 0)) {
    infra::pg_params of;
    of.add(name);
    const auto who =
        co_await session->exec(deadline, "SELECT holder FROM lease WHERE name = $1", of);
    const std::string other =
        who && !who->empty() ? std::string{who->text(0, 0)} : "another daemon";
    co_return error{errc::conflict, "lease " + name + " is held by " + other + "; standing by"};
  }
  infra::pg_params row;
  row.add(name).add(holder);
  const auto fenced = co_await session->exec(
      deadline,
      "INSERT INTO lease (name, fence, holder, granted, last_commit) VALUES ($1, 1, $2, now(), 0) "
      "ON CONFLICT (name) DO UPDATE SET fence = lease.fence + 1, holder = EXCLUDED.holder, granted "
      "= now(), "
      "last_commit = 0 RETURNING fence",
      row);
  if (!fenced) co_return fenced.error().within("numbering the lease " + name);
  const std::int64_t fence = fenced->integer(0, 0);
  co_return std::unique_ptr<lease>{new lease{std::move(session), fence}};
}

}  // namespace cornice::execution
