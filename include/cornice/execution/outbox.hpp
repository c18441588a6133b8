// Publishes what was committed for publication, in order, at least once.
#pragma once

#include "cornice/infra/amqp.hpp"
#include "cornice/infra/metrics.hpp"
#include "cornice/infra/postgres.hpp"

#include <memory>

namespace cornice::execution {

/// Reads rows of table outbox, publishes them on cornice.execution with confirms, deletes what is
/// confirmed. A consumer may see a message again after a crash, under the same message id. Loop
/// thread only.
class outbox_pump {
 public:
  outbox_pump(infra::asio::any_io_executor loop, infra::amqp_client& bus, infra::pg_pool& db,
              infra::metrics_registry& metrics);
  ~outbox_pump();
  outbox_pump(const outbox_pump&) = delete;
  outbox_pump& operator=(const outbox_pump&) = delete;

  /// There may be new rows.
  void wake();
  /// Works until cancelled; failures are retried.
  infra::task<> run();

 private:
  struct state;
  std::shared_ptr<state> state_;
};

}  // namespace cornice::execution
