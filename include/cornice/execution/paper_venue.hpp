// The built-in paper venue: to execution it is a stranger behind a gateway, with books of its own
// that survive a crash.
#pragma once

#include "cornice/execution/gateway.hpp"
#include "cornice/execution/paper_config.hpp"
#include "cornice/infra/amqp.hpp"
#include "cornice/infra/clock.hpp"
#include "cornice/infra/metrics.hpp"
#include "cornice/infra/postgres.hpp"
#include "cornice/infra/supervisor.hpp"

#include <memory>

namespace cornice::execution {

/// Fills against the books that it hears on cornice.signal (see paper_matcher.hpp), keeps orders,
/// fills, cash and holdings in the paper_* tables, reports fills on cornice.account until the
/// broker has confirmed them, and answers `reconcile.<venue>` with a snapshot read from those
/// tables. Loop thread only.
class paper_venue final : public gateway {
 public:
  paper_venue(infra::asio::any_io_executor loop, paper_config config, const infra::clock& time,
              infra::amqp_client& bus, infra::pg_pool& db, infra::metrics_registry& metrics);
  ~paper_venue() override;

  /// Declares its queues; before the client starts.
  void declare();
  [[nodiscard]] infra::component component();

  /// Answers after the simulated latency and the durable write. Unknown: the database did not
  /// answer in time. A client order id that was used before is answered with what became of it;
  /// nothing is executed again.
  infra::task<send_outcome> place(approved_order order) override;
  infra::task<cancel_outcome> cancel(send_cancel request) override;
  infra::task<> cancel_all(venue_id venue) override;

 private:
  struct state;
  std::shared_ptr<state> state_;
};

}  // namespace cornice::execution
