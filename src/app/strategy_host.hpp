// Hosts the strategy engine behind the bus: signals in, decisions out.
#pragma once

#include "cornice/infra/amqp.hpp"
#include "cornice/infra/clock.hpp"
#include "cornice/infra/metrics.hpp"
#include "cornice/infra/postgres.hpp"
#include "cornice/infra/supervisor.hpp"
#include "cornice/strategy/engine.hpp"

#include <memory>
#include <vector>

namespace cornice::app {

/// Loop thread only. Owns nothing of the outside: the broker client and the pool outlive it.
/// Listings and approved mappings are loaded from PostgreSQL when the component starts, and follow
/// `market.#` from then on; cash follows `pnl.*`.
class strategy_host {
 public:
  strategy_host(strategy::strategy_limits limits, const infra::clock& time, infra::amqp_client& bus,
                infra::pg_pool& db, infra::metrics_registry& metrics);
  ~strategy_host();
  strategy_host(const strategy_host&) = delete;
  strategy_host& operator=(const strategy_host&) = delete;

  /// Declares its queue; before the client starts.
  void declare();
  [[nodiscard]] infra::component component();

 private:
  struct state;
  std::shared_ptr<state> state_;
};

}  // namespace cornice::app
