#include "execution/session.hpp"

#include "cornice/infra/amqp_wait.hpp"
#include "execution/catalogue_load.hpp"

#include <filesystem>

namespace cornice::execution {

using namespace std::chrono_literals;

namespace {

constexpr auto tick = 100ms;
constexpr auto load_deadline = 30s;
// Less than the share that a supervisor of a dozen components gives when the broker hangs.
constexpr auto shutdown_limit = 300ms;

store_config store_settings(const execution_config& c) {
  store_config out;
  out.account = c.account;
  return out;
}

infra::amqp_config bus_settings(infra::amqp_config c) {
  c.connection_name = "cornice-execution";
  return c;
}

}  // namespace

session_metrics::session_metrics(infra::metrics_registry& m) : registry{m} {
  accepted = m.make_counter("cornice_execution_opportunities_total", "Opportunities decided on.",
                            {{"verdict", "accepted"}});
  refused = m.make_counter("cornice_execution_opportunities_total", "Opportunities decided on.",
                           {{"verdict", "refused"}});
  undecodable = m.make_counter("cornice_execution_undecodable_total",
                               "Bus messages that could not be decoded.");
  fills = m.make_counter("cornice_execution_fills_total", "Fill reports received.");
  tick_to_order = m.make_histogram("cornice_execution_opportunity_to_order_seconds",
                                   "From the opportunity's creation to its order leaving.");
  open_orders = m.make_gauge("cornice_execution_open_orders", "Orders that may still fill.");
  in_doubt = m.make_gauge("cornice_execution_in_doubt_orders", "Orders of which nobody knows.");
  open_bundles = m.make_gauge("cornice_execution_open_bundles", "Bundles not finished.");
}

session::session(const execution_config& config, const execution_environment& environment,
                 session_metrics metrics, std::unique_ptr<lease> held)
    : config_{config},
      env_{environment},
      metrics_{metrics},
      lease_{std::move(held)},
      manager_{config.manager},
      store_{env_.loop, store_settings(config), env_.time, env_.db, env_.metrics},
      bus_{env_.loop, bus_settings(env_.bus), env_.metrics},
      outbox_{env_.loop, bus_, env_.db, env_.metrics},
      tasks_{env_.loop} {
  store_.set_fence(lease_->fence());
}

infra::task<result<void>> session::begin(infra::health_reporter& health) {
  declare_queues();
  bus_.start();
  const bool consuming = co_await infra::wait_until_consuming(bus_, health);
  if (!consuming) co_return error{errc::cancelled, "stopped before the broker was there"};
  auto state = co_await store_.load(env_.time.now());
  if (!state) co_return state.error();
  auto read_catalogue = [](infra::pg_transaction& tx) { return load_catalogue(tx); };
  auto catalogue = co_await env_.db.run(load_deadline, std::move(read_catalogue));
  if (!catalogue) co_return catalogue.error().within("loading the catalogue for execution");
  const timestamp now = env_.time.now();
  auto restored = manager_.restore(std::move(*state), now);
  if (!restored) co_return restored.error();
  tasks_.spawn("execution.commits", keep_commits());
  tasks_.spawn("execution.outbox", keep_outbox());
  perform(manager_.start(now));
  for (const market_signal& s : *catalogue) perform(manager_.on_market(s, now));
  begun_ = true;
  for (auto& [take, delivery] : early_) (this->*take)(std::move(delivery));
  early_.clear();
  on_bus_state();  // what changed while the state was being loaded
  log_.info("execution_started", {{"fence", lease_->fence()},
                                  {"listings", catalogue->size()},
                                  {"open_orders", manager_.status().open_orders}});
  co_return result<void>{};
}

bool session::step(infra::health_reporter& health) {
  const timestamp now = env_.time.now();
  if (!lease_->held() || fenced_) {
    perform(manager_.on_trip(global_scope, breaker_cause::lease_lost, "the lease is lost",
                             "execution", now));
    log_.critical("lease_lost", {{"fence", lease_->fence()}});
    return false;
  }
  check_kill_file();
  perform(manager_.on_tick(now));
  report(health);
  return true;
}

infra::task<> session::run(infra::health_reporter& health) {
  bool on = true;
  while (on && step(health)) on = co_await infra::sleep_for(tick);
}

infra::task<> session::end() {
  tasks_.request();
  co_await bus_.shutdown(shutdown_limit);
  co_await tasks_.drained();
}

void session::report(infra::health_reporter& health) const {
  const manager_status s = manager_.status();
  metrics_.open_orders.set(static_cast<std::int64_t>(s.open_orders));
  metrics_.in_doubt.set(static_cast<std::int64_t>(s.in_doubt));
  metrics_.open_bundles.set(static_cast<std::int64_t>(s.open_bundles));
  for (const breaker_record& b : manager_.breakers().all()) {
    const std::int64_t value = b.state == breaker_state::closed      ? 0
                               : b.state == breaker_state::half_open ? 1
                                                                     : 2;
    metrics_.registry
        .make_gauge("cornice_execution_breaker_state", "0 closed, 1 half open, 2 open.",
                    {{"scope", b.scope}})
        .set(value);
  }
  for (const breaker_record& b : manager_.breakers().all())
    if (b.state == breaker_state::open)
      return health.degraded("breaker " + b.scope + " is open: " + std::string{to_string(b.cause)} +
                             ", " + b.detail);
  if (s.reconciled.size() < config_.manager.venues.size())
    return health.degraded("waiting for the first account snapshot of every venue");
  health.up();
}

void session::check_kill_file() {
  if (config_.kill_file.empty()) return;
  std::error_code
      ignored;  // a file that cannot be looked at is treated as absent: halting has other ways
  const bool present = std::filesystem::exists(config_.kill_file, ignored);
  if (present && !killed_) halt("file", "kill file " + config_.kill_file + " exists");
  killed_ = present;
}

void session::halt(const std::string& by, const std::string& reason) {
  perform(manager_.on_trip(global_scope, breaker_cause::kill, reason, by, env_.time.now()));
}

infra::task<> session::keep_commits() {
  const std::shared_ptr<session> self = shared_from_this();
  const auto now = [this] { return env_.time.now(); };
  co_await store_.run([this](std::uint64_t id) { committed(id); },
                      [this](const std::string&) { fenced_ = true; },
                      [this, now](bool standing, std::string detail) {
                        perform(manager_.on_condition(global_scope, breaker_cause::database_down,
                                                      standing, std::move(detail), now()));
                      });
}

infra::task<> session::keep_outbox() {
  const std::shared_ptr<session> self = shared_from_this();
  co_await outbox_.run();
}

void session::committed(std::uint64_t id) {
  last_durable_ = id;
  acknowledge_durable();
  outbox_.wake();
  perform(manager_.on_committed(id, env_.time.now()));
}

void session::acknowledge_durable() {
  while (!unacknowledged_.empty() && unacknowledged_.front().commit <= last_durable_) {
    bus_.ack(unacknowledged_.front().delivery);
    unacknowledged_.pop_front();
  }
}

}  // namespace cornice::execution
