// Runs the order manager: bus and timers in; database, gateway and bus out.
#pragma once

#include "cornice/execution/execution_config.hpp"
#include "cornice/execution/gateway.hpp"
#include "cornice/execution/store.hpp"
#include "cornice/infra/amqp.hpp"
#include "cornice/infra/clock.hpp"
#include "cornice/infra/metrics.hpp"
#include "cornice/infra/postgres.hpp"
#include "cornice/infra/supervisor.hpp"

#include <memory>
#include <optional>
#include <string>

namespace cornice::execution {

/// What the service stands on; all of it outlives the service.
struct execution_environment {
  infra::asio::any_io_executor loop;
  const infra::clock& time;
  infra::metrics_registry& metrics;
  infra::pg_pool& db;           ///< of its own: nobody else may queue before a commit
  infra::pg_config db_session;  ///< for the lease
  infra::amqp_config bus;       ///< a client of its own is made while the lease is held
  gateway& venues;
  std::string holder;  ///< host, process and start: who holds the lease
};

/// Loop thread only. Its component takes the lease (standing by while another daemon holds it),
/// loads and restores the order manager, and works until the lease, the process or the supervisor
/// ends it. Everything is rebuilt from the database then.
class execution_service {
 public:
  execution_service(execution_config config, execution_environment environment);
  ~execution_service();
  execution_service(const execution_service&) = delete;
  execution_service& operator=(const execution_service&) = delete;

  [[nodiscard]] infra::component component();
  /// Opens the global breaker at once; used by signals. Does nothing while standing by.
  void halt(const std::string& by, const std::string& reason);
  /// Nothing while standing by.
  [[nodiscard]] std::optional<manager_status> status() const;

 private:
  struct state;
  std::shared_ptr<state> state_;
};

}  // namespace cornice::execution
