// Where approved orders leave. Execution knows venues only through this.
#pragma once

#include "cornice/execution/actions.hpp"
#include "cornice/infra/async.hpp"

namespace cornice::execution {

/// Sends to every venue of its mode. Loop thread only. Calls may overlap. Every call ends within
/// the gateway's own time limit and answers one of three things: proved done, proved not done,
/// unknown; a broken connection, a timeout and a 2xx without the expected object are unknown. Fills
/// and later states are not its business: they come from cornice.account.
class gateway {
 public:
  virtual ~gateway() = default;
  /// Takes nothing but what the risk gate approved.
  virtual infra::task<send_outcome> place(approved_order order) = 0;
  virtual infra::task<cancel_outcome> cancel(send_cancel request) = 0;
  /// The venue's own mass cancel; best effort, in addition to single cancels.
  virtual infra::task<> cancel_all(venue_id venue) = 0;
};

}  // namespace cornice::execution
