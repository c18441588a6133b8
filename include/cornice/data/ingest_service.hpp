// Market data in, signals out.
#pragma once

#include "cornice/data/catalogue.hpp"
#include "cornice/data/frame_tap.hpp"
#include "cornice/data/ingest_config.hpp"
#include "cornice/data/signal_publisher.hpp"
#include "cornice/infra/amqp.hpp"
#include "cornice/infra/clock.hpp"
#include "cornice/infra/http_client.hpp"
#include "cornice/infra/metrics.hpp"
#include "cornice/infra/supervisor.hpp"

#include <memory>
#include <vector>

namespace cornice::data {

/// Streams what the catalogue selects and publishes books, trades and feed states. Loop thread
/// only. What it is given outlives it.
class ingest_service {
 public:
  ingest_service(infra::asio::any_io_executor loop, const infra::clock& time, ingest_config config,
                 infra::http_client& http, infra::amqp_client& bus, catalogue& listings,
                 infra::metrics_registry& metrics, frame_tap frames);
  ~ingest_service();
  ingest_service(const ingest_service&) = delete;
  ingest_service& operator=(const ingest_service&) = delete;

  [[nodiscard]] std::vector<infra::component> components();
  [[nodiscard]] signal_publisher& signals();
  /// The broker is back: books and listings again.
  void resend();

 private:
  struct state;
  std::shared_ptr<state> state_;
};

}  // namespace cornice::data
