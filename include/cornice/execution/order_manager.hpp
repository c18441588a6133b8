// The order manager: every decision of execution behind one door, without I/O.
//
// Inputs are what happened (messages, answers, time); outputs are what to do next. It never asks to
// send an order before the commit of its intent was confirmed, never sends one twice, and keeps
// admission closed until each venue's account was reconciled after a start.
#pragma once

#include "cornice/execution/actions.hpp"

#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace cornice::execution {

struct manager_config {
  std::set<venue_id> venues;  ///< that may trade; each is reconciled at start
  /// Paper, or live with both of its switches. False: everything is refused by `armed`.
  bool armed = false;
  risk_limits limits;
  breaker_policy breakers;
  bundle_policy bundles;
  reconcile_policy reconciling;
  std::int64_t intent_ms_max = 2'000;       ///< an intent confirmed later is not sent any more
  std::int64_t query_after_ms = 500;        ///< from doubt (or missing fills) to the first query
  std::int64_t send_ms_max = 30'000;        ///< no answer of the gateway: in doubt
  std::int64_t in_doubt_ms_max = 60'000;    ///< older doubt trips
  std::int64_t early_fill_ms_max = 60'000;  ///< a fill may come this long before its order is known
  std::int64_t cancel_retry_ms = 1'000;
  std::int64_t cancel_tries_max = 10;  ///< then only snapshots and mass cancels go on
  std::int64_t snapshot_timeout_ms = 10'000;
  std::int64_t snapshot_every_ms = 60'000;  ///< continuous check that position = Σ fills = venue
  std::int64_t snapshot_retry_ms = 2'000;
  std::int64_t snapshot_age_ms_max = 300'000;  ///< admission closes without an explained one
  std::int64_t differences_max = 3;            ///< unexplained snapshots in a row that trip
  std::int64_t lookback_ms = 300'000;          ///< snapshots ask at least this far back
  std::int64_t feed_silence_ms_max = 15'000;
  std::int64_t pnl_every_ms = 5'000;
  std::int64_t marks_wait_ms_max = 120'000;  ///< for books, before a day's baseline is taken
  std::size_t finished_orders_max = 20'000;  ///< kept in memory for late fills
  std::size_t opportunities_max = 50'000;    ///< ids remembered against duplicates
};

/// Figures for metrics and `/health`.
struct manager_status {
  std::size_t open_orders = 0;
  std::size_t in_doubt = 0;
  std::size_t open_bundles = 0;
  std::size_t pending_commits = 0;
  std::uint64_t orders_sent = 0;
  std::uint64_t bundles_accepted = 0;
  std::uint64_t refusals = 0;
  std::uint64_t fills = 0;
  std::uint64_t anomalies = 0;
  std::set<venue_id> reconciled;
  money day_result;
  money gross_at_risk;
};

/// Not thread-safe; every call returns at once. Calls after `restore` and `start` in any order. The
/// actions of one call are to be done in their order, commits first.
class order_manager {
 public:
  explicit order_manager(manager_config config);
  order_manager(const order_manager&) = delete;
  order_manager& operator=(const order_manager&) = delete;

  /// Once, before start. Errors: corrupt (a ledger that does not sum to zero, or does not agree
  /// with a position's cost).
  result<void> restore(loaded_state state, timestamp now);
  /// What was intended or sent becomes in doubt; asks for the first snapshots.
  actions start(timestamp now);

  // Signals and decisions.
  /// A settled listing pays out here.
  actions on_market(const market_signal& s, timestamp now);
  void on_book(const book_signal& s);
  actions on_feed(const feed_signal& s, timestamp now);
  actions on_opportunity(const opportunity& o, timestamp now);

  // The account.
  actions on_fill_report(const fill_report& f, timestamp now);
  actions on_order_report(const order_report& r, timestamp now);
  actions on_balance(const balance_report& b, timestamp now);
  actions on_snapshot(const account_snapshot& s, timestamp now);

  // Answers to our own actions.
  actions on_committed(std::uint64_t commit_id, timestamp now);
  actions on_commit_failed(std::uint64_t commit_id, const std::string& reason, timestamp now);
  /// The venue's id of an order, as soon as the gateway can compute it: before its bytes leave, and
  /// again for every order in doubt after a restart. Fills that carry only that id find it then.
  actions on_order_named(const order_id& id, const venue_order_id& name, timestamp now);
  actions on_send_outcome(const order_id& id, const send_outcome& o, timestamp now);
  actions on_cancel_outcome(const order_id& id, const cancel_outcome& o, timestamp now);

  // Control.
  actions on_command(const command_request& c, timestamp now);
  actions on_tick(timestamp now);  ///< every 50 to 250 ms
  /// A standing condition began or ended (database, broker, keep-alive, …) in a scope.
  actions on_condition(std::string_view scope, breaker_cause cause, bool standing,
                       std::string detail, timestamp now);
  /// An event that opens a breaker: kill file or signal, audit failure, lease lost.
  actions on_trip(std::string_view scope, breaker_cause cause, std::string detail, std::string by,
                  timestamp now);
  /// Limits of a new configuration revision; open bundles keep the policy they began with.
  actions on_config(risk_limits limits, bundle_policy bundles, std::string by, timestamp now);

  // Views.
  [[nodiscard]] manager_status status() const;
  [[nodiscard]] const market_view& markets() const noexcept { return markets_; }
  [[nodiscard]] const position_book& positions() const noexcept { return positions_; }
  [[nodiscard]] const ledger& books() const noexcept { return ledger_; }
  [[nodiscard]] const exposure_book& exposure() const noexcept { return exposure_; }
  [[nodiscard]] const breaker_panel& breakers() const noexcept { return breakers_; }
  [[nodiscard]] const order* find_order(const order_id& id) const;
  [[nodiscard]] const bundle_record* find_bundle(const bundle_id& id) const;  ///< open ones
  [[nodiscard]] std::vector<const order*> open_orders() const;
  [[nodiscard]] pnl_event pnl(venue_id v, timestamp now) const;

 private:
  struct pending_intent {
    approved_order order;
    timestamp expires;
  };
  struct open_bundle {
    bundle_machine machine;
    std::set<order_id> orders;
  };
  struct cancel_try {
    std::int64_t tries = 0;
    timestamp next{};
  };
  struct venue_check {
    bool reconciled = false;
    std::string adopted_by;  ///< the person who accepted the next snapshot's differences
    std::optional<snapshot_request> outstanding;
    timestamp asked{};
    timestamp next{};
    timestamp last_good{};
    std::int64_t differences = 0;
    /// Fills that are not ours but whose effect a person accepted; snapshots go on naming them.
    std::set<venue_fill_id> adopted_fills;
  };
  struct early_fill {
    fill_report fill;
    timestamp since;
  };
  /// Collects what one input causes; `finish` turns it into commits and actions.
  struct effects {
    std::vector<change> records;
    std::vector<audit_entry> audit;
    std::vector<change> intents;
    std::vector<audit_entry> intent_audit;
    std::vector<pending_intent> to_send;
    std::set<bundle_id> dirty;  ///< bundles to be stepped before anything is committed
    actions immediate;
  };

  // order_manager.cpp: state at start, commits, views.
  actions finish(effects& e, timestamp now);
  void restore_order(order o);
  [[nodiscard]] risk_view view() const;
  [[nodiscard]] bool all_marked(venue_id v) const;
  void refresh_day_result();

  // order_manager_records.cpp: what is written down, and what follows from a changed order.
  static void record_order(std::vector<change>& into, const order& o, std::string evidence_name);
  void record_bundle(std::vector<change>& into, const open_bundle& b);
  void record_booking(effects& e, const booking& b, timestamp now);
  static void note(effects& e, std::string event, std::string text, trace_id trace = {});
  static void audit(effects& e, std::string action_name, std::string subject, std::string detail,
                    timestamp now, std::string actor = "execution");
  void after_order(effects& e, const order_id& id, const order_change& c, evidence by,
                   timestamp now);
  void index_order(const order& o);
  void update_doubt(const order& o);
  void feed_breakers(effects& e, const order& o, const order_change& c, timestamp now);
  void retain(const order_id& id);
  void anomaly(effects& e, const order& o, order_anomaly a, const std::string& detail,
               timestamp now);

  // order_manager_bundles.cpp: opportunities in, orders out.
  void refuse(effects& e, const opportunity& o, const refusal& r, timestamp now);
  void record_refusal(effects& e, refusal_event r);
  void remember_opportunity(const opportunity_id& id);
  void add_intent(effects& e, approved_order approved, open_bundle& b, timestamp now);
  void step_bundle(effects& e, const bundle_id& id, timestamp now);
  void close_bundle(effects& e, const bundle_id& id);
  void place(effects& e, open_bundle& b, const order_terms& t, timestamp now);
  void never_send(effects& e, const order_id& id, const std::string& reason, timestamp now);
  void drop_uncommitted(effects& e, const bundle_id& id, const std::string& reason, timestamp now);
  [[nodiscard]] std::string why_not_send(const pending_intent& p, timestamp now) const;
  [[nodiscard]] std::vector<const order*> orders_of(const open_bundle& b) const;

  // order_manager_account.cpp: evidence in.
  void take_fill(effects& e, const fill_report& f, timestamp now);
  void take_early_fills(effects& e, timestamp now);
  void take_report(effects& e, const order_report& r, evidence by, timestamp now);
  [[nodiscard]] const order_machine* find(const order_id& id, const venue_order_id& venue) const;
  [[nodiscard]] order_machine* find(const order_id& id, const venue_order_id& venue);

  // order_manager_reconcile.cpp: snapshots and settlements.
  void take_snapshot(effects& e, const account_snapshot& s, const snapshot_request& request,
                     timestamp now);
  void adopt(effects& e, venue_id v, reconcile_result& r, const std::string& by, timestamp now);
  void open_books(effects& e, const account_snapshot& s, timestamp now);
  void collect_receivable(effects& e, venue_id v, reconcile_result& r, timestamp now);
  void reserve_again(const listing& l);
  void settle_listing(effects& e, const listing& l, timestamp now);
  void ask_snapshot(effects& e, venue_id v, timestamp now);
  void ask_snapshot_by(venue_id v, timestamp when);
  void tick_snapshots(effects& e, timestamp now);

  // order_manager_control.cpp: breakers, cancels, commands, time.
  void trip(effects& e, std::string_view scope, breaker_cause c, std::string detail, std::string by,
            timestamp now);
  void breaker_moved(effects& e, const std::optional<breaker_record>& r, timestamp now);
  void cancel_scope(effects& e, std::string_view scope, timestamp now);
  void cancel(effects& e, const order_id& id, timestamp now);
  command_reply do_command(effects& e, const command_request& c, timestamp now);
  void tick_orders(effects& e, timestamp now);
  void tick_feeds(effects& e, timestamp now);
  void tick_day(effects& e, timestamp now);

  manager_config config_;
  market_view markets_;
  position_book positions_;
  ledger ledger_;
  exposure_book exposure_;
  breaker_panel breakers_;
  risk_gate gate_;

  std::map<order_id, order_machine> orders_;
  std::map<venue_order_id, order_id> by_venue_order_;
  std::set<order_id> open_;        ///< not terminal, or with outstanding fills
  std::deque<order_id> finished_;  ///< oldest first, bounded
  std::map<bundle_id, open_bundle> bundles_;
  std::set<contract_id> in_doubt_;
  std::map<order_id, cancel_try> cancels_;
  std::map<order_id, timestamp> outstanding_since_;
  std::deque<early_fill> early_fills_;  ///< bounded; fills whose order is not known yet
  std::unordered_set<opportunity_id> opportunities_;
  std::deque<opportunity_id> opportunity_order_;  ///< oldest first, bounded
  std::map<std::uint64_t, std::vector<pending_intent>> intents_;
  std::set<std::uint64_t> pending_commits_;
  std::map<venue_id, venue_check> checks_;
  std::map<contract_id, timestamp> last_booked_;
  std::map<venue_id, day_baseline> days_;
  std::set<venue_id> feed_was_live_;
  std::map<std::string, command_reply> replies_;
  std::deque<std::string> reply_order_;  ///< oldest first, bounded
  std::uint64_t next_commit_ = 1;
  std::uint64_t next_request_ = 1;
  std::int64_t refusals_this_second_ = 0;
  std::int64_t refusals_suppressed_ = 0;
  timestamp refusal_second_{};
  timestamp next_pnl_{};
  timestamp started_{};
  money day_result_;
  manager_status counters_;
};

}  // namespace cornice::execution
