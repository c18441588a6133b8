// Life of one order: a table keyed by (state, evidence). Nothing but venue evidence moves an order
// out of doubt, and terminal states are final: a late fill changes quantities, never the state.
#pragma once

#include "cornice/execution/order.hpp"
#include "cornice/model/accounts.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace cornice::execution {

/// Where a claim about an order comes from.
enum class evidence : std::uint8_t {
  journal,       ///< our own durable record: we sent, we gave up waiting, we never sent
  venue_ack,     ///< the synchronous answer of the venue: accepted, or cancelled
  venue_reject,  ///< the synchronous answer of the venue: refused, nothing was done
  venue_report,  ///< the account stream
  venue_fill,    ///< a fill of the account stream
  venue_query,   ///< a snapshot of the account
  restart,       ///< this process does not know what the one before it still did
};
inline constexpr evidence all_evidence[] = {
    evidence::journal,    evidence::venue_ack,   evidence::venue_reject, evidence::venue_report,
    evidence::venue_fill, evidence::venue_query, evidence::restart};
[[nodiscard]] std::string_view to_string(evidence e) noexcept;

struct order_transition {
  order_state from;
  order_state to;
  evidence by;
};

/// Every allowed change of state; whatever is not listed does not happen.
inline constexpr order_transition order_transitions[] = {
    {order_state::intended, order_state::sent, evidence::journal},
    {order_state::intended, order_state::rejected, evidence::journal},  // decided never to send
    // After a crash nobody knows whether the bytes left between the commit and its next record.
    {order_state::intended, order_state::in_doubt, evidence::restart},

    {order_state::sent, order_state::in_doubt, evidence::journal},
    {order_state::sent, order_state::in_doubt, evidence::restart},
    {order_state::sent, order_state::rejected, evidence::venue_reject},
    {order_state::sent, order_state::rejected, evidence::venue_report},
    {order_state::sent, order_state::live, evidence::venue_ack},
    {order_state::sent, order_state::live, evidence::venue_report},
    {order_state::sent, order_state::live, evidence::venue_fill},
    {order_state::sent, order_state::live, evidence::venue_query},
    {order_state::sent, order_state::filled, evidence::venue_ack},
    {order_state::sent, order_state::filled, evidence::venue_report},
    {order_state::sent, order_state::filled, evidence::venue_fill},
    {order_state::sent, order_state::filled, evidence::venue_query},
    {order_state::sent, order_state::cancelled, evidence::venue_ack},  // IOC that found nothing
    {order_state::sent, order_state::cancelled, evidence::venue_report},
    {order_state::sent, order_state::cancelled, evidence::venue_query},

    // An answer may come after we gave up waiting for it.
    {order_state::in_doubt, order_state::live, evidence::venue_ack},
    {order_state::in_doubt, order_state::filled, evidence::venue_ack},
    {order_state::in_doubt, order_state::live, evidence::venue_report},
    {order_state::in_doubt, order_state::live, evidence::venue_fill},
    {order_state::in_doubt, order_state::live, evidence::venue_query},
    {order_state::in_doubt, order_state::filled, evidence::venue_report},
    {order_state::in_doubt, order_state::filled, evidence::venue_fill},
    {order_state::in_doubt, order_state::filled, evidence::venue_query},
    {order_state::in_doubt, order_state::cancelled, evidence::venue_ack},  // answer to a cancel
    {order_state::in_doubt, order_state::cancelled, evidence::venue_report},
    {order_state::in_doubt, order_state::cancelled, evidence::venue_query},
    {order_state::in_doubt, order_state::rejected, evidence::venue_report},
    {order_state::in_doubt, order_state::rejected, evidence::venue_query},

    {order_state::live, order_state::cancel_pending, evidence::journal},
    // A fill may overtake the synchronous answer that ends an immediate order.
    {order_state::live, order_state::filled, evidence::venue_ack},
    {order_state::live, order_state::cancelled, evidence::venue_ack},
    {order_state::live, order_state::filled, evidence::venue_report},
    {order_state::live, order_state::filled, evidence::venue_fill},
    {order_state::live, order_state::filled, evidence::venue_query},
    {order_state::live, order_state::cancelled, evidence::venue_report},
    {order_state::live, order_state::cancelled, evidence::venue_query},

    // A snapshot may show that a cancel did not work; a stream report may just be older than it.
    {order_state::cancel_pending, order_state::live, evidence::venue_query},
    {order_state::cancel_pending, order_state::filled, evidence::venue_report},
    {order_state::cancel_pending, order_state::filled, evidence::venue_fill},
    {order_state::cancel_pending, order_state::filled, evidence::venue_query},
    {order_state::cancel_pending, order_state::filled, evidence::venue_ack},
    {order_state::cancel_pending, order_state::cancelled, evidence::venue_ack},
    {order_state::cancel_pending, order_state::cancelled, evidence::venue_report},
    {order_state::cancel_pending, order_state::cancelled, evidence::venue_query},
};

[[nodiscard]] constexpr bool may(order_state from, order_state to, evidence by) noexcept {
  for (const auto& t : order_transitions)
    if (t.from == from && t.to == to && t.by == by) return true;
  return false;
}

/// Whether any evidence at all leads from `from` to `to`.
[[nodiscard]] constexpr bool reachable(order_state from, order_state to) noexcept {
  for (const auto e : all_evidence)
    if (may(from, to, e)) return true;
  return false;
}

static_assert(!may(order_state::in_doubt, order_state::rejected, evidence::journal),
              "a timeout is not proof");
static_assert(!may(order_state::in_doubt, order_state::rejected, evidence::venue_reject),
              "a refused retry says nothing about the first attempt");
static_assert(!may(order_state::sent, order_state::rejected, evidence::journal),
              "what was sent is not undone by our own record");
static_assert(!reachable(order_state::in_doubt, order_state::sent), "no order is sent twice");
static_assert(!may(order_state::intended, order_state::live, evidence::venue_report),
              "a venue cannot know what was never sent");

/// The three things that an answer can mean. Nothing but venue evidence turns unknown into either
/// of the others.
enum class proof : std::uint8_t { done, not_done, unknown };
[[nodiscard]] std::string_view to_string(proof p) noexcept;

/// What a gateway learned from one create request. `unknown`: timeout, broken connection, 5xx, or a
/// 2xx without the expected object.
struct send_outcome {
  proof result = proof::unknown;
  venue_order_id venue_order;  ///< with `done`, where the venue told
  order_report::status state = order_report::status::resting;  ///< with `done`
  quantity filled;                                             ///< with `done`: cumulative
  std::string reason;
};

/// What a gateway learned from one cancel request. `done` = the order rests no more; without
/// `filled` its final count is still to come by report. `not_done` = nothing was cancelled (unknown
/// to the venue, already over, or refused).
struct cancel_outcome {
  proof result = proof::unknown;
  std::optional<quantity> filled;
  std::string reason;
};

/// Things that should not happen, and what they mean for the caller.
enum class order_anomaly : std::uint8_t {
  none,
  late_fill,             ///< fill after a proved end without that quantity: booked; trips
  overfill,              ///< Σ fills above the size by more than dust: booked; trips
  terms_mismatch,        ///< a fill of another contract or side: not booked; trips
  count_mismatch,        ///< a final report states less than was booked: reconcile
  forbidden_transition,  ///< evidence that the table does not allow: nothing changed; reconcile
  fills_exhausted,       ///< more fills than max_fills: not booked; trips
};
[[nodiscard]] std::string_view to_string(order_anomaly a) noexcept;

/// What one input did.
struct order_change {
  std::optional<order_transition> moved;
  bool new_fill = false;  ///< the fill was counted now (false: seen before or not ours)
  bool changed = false;   ///< anything at all changed: record it
  order_anomaly anomaly = order_anomaly::none;
};

/// Holds one order and is the only way to change it. Sans-I/O, not thread-safe, O(log fills).
class order_machine {
 public:
  static constexpr quantity dust = order_dust;
  static constexpr std::size_t max_fills = 10'000;

  explicit order_machine(order_terms terms);
  /// As loaded from the store, unchanged.
  explicit order_machine(order stored);

  [[nodiscard]] const order& get() const noexcept { return order_; }

  /// The bytes are about to leave.
  order_change on_sent(timestamp now);
  /// Decided not to send it after all; only from `intended`.
  order_change on_never_sent(std::string reason, timestamp now);
  /// The venue's id of the order became known (Polymarket: computed before sending).
  order_change on_named(const venue_order_id& name, timestamp now);
  order_change on_send_outcome(const send_outcome& o, timestamp now);
  /// A cancel is about to leave, or is wanted as soon as that is possible.
  order_change on_cancel_sent(timestamp now);
  order_change on_cancel_wanted(timestamp now);
  order_change on_cancel_outcome(const cancel_outcome& o, timestamp now);
  /// `by` is venue_report or venue_query. `not_found` is proof only as a venue_query and only when
  /// the caller checked that the query is late enough to have seen the order.
  order_change on_report(const order_report& r, evidence by, timestamp now);
  /// The caller has normalised the fill to this order's contract and side (see positions.hpp).
  order_change on_fill(const fill_report& f, timestamp now);
  order_change on_restart(timestamp now);

 private:
  order_change move(order_state to, evidence by, timestamp now);
  order_change finish(order_state to, evidence by, quantity final_count, timestamp now);

  order order_;
};

}  // namespace cornice::execution
