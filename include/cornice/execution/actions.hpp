// What the order manager asks of the world: commits, bytes to venues, snapshots, answers.
#pragma once

#include "cornice/execution/audit.hpp"
#include "cornice/execution/breaker.hpp"
#include "cornice/execution/bundle_machine.hpp"
#include "cornice/execution/order_machine.hpp"
#include "cornice/execution/positions.hpp"
#include "cornice/execution/reconcile.hpp"
#include "cornice/execution/risk.hpp"
#include "cornice/model/commands.hpp"
#include "cornice/model/executions.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace cornice::execution {

/// Order row as it is now (insert or replace by id) and the event that made it so.
struct store_order {
  order row;
  order_event event;
};
/// Bundle row (insert or replace by id) and its event.
struct store_bundle {
  bundle_record row;
  bundle_event event;
};
/// A fill that was counted: insert once by (venue, fill id). The report is in the order's terms.
struct store_fill {
  order_id order;
  fill_report fill;
};
/// A ledger transaction (insert once by id) with the positions as they are after it.
struct store_booking {
  ledger_transaction entry;
  std::vector<position_event> positions;
};
struct store_breaker {
  breaker_record row;
  breaker_event event;
};
/// The opportunity that a bundle was made of: insert once.
struct store_opportunity {
  opportunity taken;
};
struct store_refusal {
  refusal_event event;
};
/// Figures at 00:00 UTC that the daily loss is measured from; one row a venue and day.
struct day_baseline {
  venue_id venue = venue_id::sim;
  timestamp day{};  ///< 00:00 UTC
  money realised;
  money fees;
  money unrealised;
  friend bool operator==(const day_baseline&, const day_baseline&) = default;
};
struct store_day {
  day_baseline row;
};
/// Only published, through the outbox like the rest; nothing to keep beyond the latest.
struct store_pnl {
  pnl_event event;
};
using change = std::variant<store_opportunity, store_bundle, store_order, store_fill, store_booking,
                            store_breaker, store_refusal, store_day, store_pnl>;

/// One database transaction: all changes, their outbox rows and audit entries, or nothing.
///
/// Contract with the store: commits are executed in the order in which they were issued, one after
/// another, and retried until they are durable; on_committed is called once each. Only an `intent`
/// may be given up instead (on_commit_failed), and only when it is certain that nothing of it is
/// durable. An account message may be acknowledged when every commit issued up to and including the
/// call that handled it is durable.
struct commit {
  enum class kind : std::uint8_t { record, intent };
  std::uint64_t id = 0;
  kind what = kind::record;
  std::vector<change> changes;
  std::vector<audit_entry> audit;
};

/// Send it now, once. Answer with on_send_outcome, always, within the gateway's own time limit.
struct send_order {
  approved_order order;
};
/// Try to cancel; answer with on_cancel_outcome. Repeated until the end of the order is proved.
/// Needs no database: cancels go out even when nothing else works.
struct send_cancel {
  order_id order;
  venue_order_id venue_order;  ///< empty while the venue's id is not known
  contract_id contract;
};
/// Use the venue's mass cancel (Kalshi order group, Polymarket cancel-all), in addition to the
/// single cancels.
struct cancel_everything {
  venue_id venue = venue_id::sim;
};
/// Ask whoever reads the account (command `reconcile.<venue>`); answer with on_snapshot. No answer
/// is handled by time.
struct request_snapshot {
  snapshot_request request;
};
struct answer_command {
  command_reply reply;
};
/// For the log and the metrics; nothing depends on it.
struct notice {
  std::string event;
  std::string text;
  trace_id trace;
};
using action = std::variant<commit, send_order, send_cancel, cancel_everything, request_snapshot,
                            answer_command, notice>;
using actions = std::vector<action>;

/// What the store gives back at start-up.
struct loaded_state {
  std::vector<bundle_record> bundles;  ///< not terminal
  /// Every order of those bundles, every order not terminal or with outstanding fills, and the
  /// terminal ones of the last day (late fills must find them); each with its fill ids.
  std::vector<order> orders;
  std::vector<std::pair<contract_id, position>> positions;
  std::map<std::string, money, std::less<>> balances;
  std::vector<breaker_record> breakers;
  std::vector<opportunity_id> opportunities;  ///< taken or refused within the last hour
  std::vector<day_baseline> days;             ///< of the current UTC day
};

}  // namespace cornice::execution
