// Keeps the catalogue: discovers, stores, selects, announces.
#pragma once

#include "cornice/data/catalogue.hpp"
#include "cornice/data/discovery_config.hpp"
#include "cornice/data/frame_tap.hpp"
#include "cornice/data/ingest_config.hpp"
#include "cornice/infra/amqp.hpp"
#include "cornice/infra/clock.hpp"
#include "cornice/infra/http_client.hpp"
#include "cornice/infra/metrics.hpp"
#include "cornice/infra/postgres.hpp"
#include "cornice/infra/supervisor.hpp"

#include <functional>
#include <memory>
#include <vector>

namespace cornice::data {

/// What the service stands on; all of it outlives it.
struct catalogue_environment {
  infra::asio::any_io_executor loop;
  const infra::clock& time;
  infra::metrics_registry& metrics;
  infra::http_client& http;
  infra::pg_pool& db;
  infra::amqp_client& bus;
  catalogue& listings;
  const ingest_config& venues;
  /// Publishes a market signal; the broker client's backlog is looked at before.
  std::function<void(const market_signal&)> announce;
  frame_tap tap{};  ///< receives the bodies of discovery
};

/// Loop thread only. PostgreSQL is filled before a change is announced, so that whoever hears of it
/// can read it there. A changed rule text suspends every mapping of the listing.
class catalogue_service {
 public:
  catalogue_service(discovery_config config, catalogue_environment environment);
  ~catalogue_service();
  catalogue_service(const catalogue_service&) = delete;
  catalogue_service& operator=(const catalogue_service&) = delete;

  /// Declares the command queue; before the broker client starts.
  void declare();
  /// The store first: discovery begins once it has been read.
  [[nodiscard]] std::vector<infra::component> components();
  /// The broker is back: every streamed listing and every mapping again.
  void resend();

 private:
  struct state;
  std::shared_ptr<state> state_;
};

}  // namespace cornice::data
