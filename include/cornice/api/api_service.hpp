// HTTP for people and tools: health, metrics, read views, admin actions.
#pragma once

#include "cornice/api/api_config.hpp"
#include "cornice/infra/amqp.hpp"
#include "cornice/infra/clock.hpp"
#include "cornice/infra/metrics.hpp"
#include "cornice/infra/postgres.hpp"
#include "cornice/infra/supervisor.hpp"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace cornice::api {

/// What the service stands on; all of it outlives it.
struct api_environment {
  infra::asio::any_io_executor loop;
  const infra::clock& time;
  infra::metrics_registry& metrics;
  infra::pg_pool& db;
  infra::amqp_client& bus;
  std::function<std::vector<infra::component_health>()> health;
  std::function<bool()> ready;
  std::string mode;           ///< paper or live
  std::string config_values;  ///< effective configuration as JSON, without secrets
  std::string version;
};

/// Loop thread only. Health and metrics answer from memory, whatever the database and the broker
/// do.
class api_service {
 public:
  api_service(api_config config, api_environment environment);
  ~api_service();
  api_service(const api_service&) = delete;
  api_service& operator=(const api_service&) = delete;

  /// Declares its queues; before the broker client starts.
  void declare();
  /// Binds and listens. Errors: io, invalid_argument (certificate, tokens file).
  result<void> start();
  [[nodiscard]] std::uint16_t port() const noexcept;
  infra::task<> shutdown(std::chrono::milliseconds limit);

 private:
  struct state;
  std::shared_ptr<state> state_;
};

}  // namespace cornice::api
