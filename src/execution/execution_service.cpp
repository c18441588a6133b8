#include "cornice/execution/execution_service.hpp"

#include "execution/session.hpp"

#include <boost/asio/this_coro.hpp>

#include <stdexcept>

namespace cornice::execution {

using namespace std::chrono_literals;

namespace {

constexpr auto standby_poll = 1s;

}  // namespace

struct execution_service::state {
  state(execution_config c, execution_environment e)
      : config{std::move(c)}, env{std::move(e)}, metrics{env.metrics} {}

  execution_config config;
  execution_environment env;
  session_metrics metrics;
  std::shared_ptr<session> active;
  infra::logger log{"execution"};

  infra::task<std::unique_ptr<lease>> take_lease(infra::health_reporter& health);
  infra::task<> run(infra::health_reporter& health);
};

execution_service::execution_service(execution_config config, execution_environment environment)
    : state_{std::make_shared<state>(std::move(config), std::move(environment))} {}
execution_service::~execution_service() = default;

infra::component execution_service::component() {
  return {"execution", true,
          [s = state_](infra::health_reporter& health) { return s->run(health); }};
}

void execution_service::halt(const std::string& by, const std::string& reason) {
  if (state_->active) state_->active->halt(by, reason);
}

std::optional<manager_status> execution_service::status() const {
  if (!state_->active) return std::nullopt;
  return state_->active->status();
}

// Nothing when cancelled while standing by.
infra::task<std::unique_ptr<lease>> execution_service::state::take_lease(
    infra::health_reporter& health) {
  store_config of_store;
  of_store.account = config.account;
  for (;;) {
    auto held = co_await lease::acquire(env.loop, env.db_session, lease_name(of_store), env.holder);
    if (held) co_return std::move(*held);
    health.degraded(held.error().message);
    if (!co_await infra::sleep_for(standby_poll)) co_return nullptr;
  }
}

infra::task<> execution_service::state::run(infra::health_reporter& health) {
  std::unique_ptr<lease> held = co_await take_lease(health);
  if (!held) co_return;
  active = std::make_shared<session>(config, env, metrics, std::move(held));
  const std::shared_ptr<session> current = active;
  std::exception_ptr failure;
  try {
    const auto begun = co_await current->begin(health);
    if (begun)
      co_await current->run(health);
    else if (begun.error().code != errc::cancelled)
      throw std::runtime_error(begun.error().message);
  } catch (...) {
    failure = std::current_exception();
  }
  active.reset();
  // Being cancelled is how the daemon stops: without this the next await would throw, and the
  // session would go on without its owner.
  co_await infra::asio::this_coro::reset_cancellation_state(infra::asio::disable_cancellation());
  co_await current->end();
  if (failure) std::rethrow_exception(failure);
}

}  // namespace cornice::execution
