// Two or more legs that belong together: from sending them to being hedged, unwound or stuck. The
// quantity and the time without a hedge are bounded, and so is the money spent on getting out.
#pragma once

#include "cornice/execution/breaker.hpp"
#include "cornice/execution/market_view.hpp"
#include "cornice/execution/order.hpp"
#include "cornice/model/decisions.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace cornice::execution {

enum class leg_order : std::uint8_t {
  simultaneous,    ///< all at once: fastest, every leg may be the one that fails
  thinnest_first,  ///< one after another in the opportunity's order, each for what the last one got
};
[[nodiscard]] std::string_view to_string(leg_order o) noexcept;
[[nodiscard]] result<leg_order> parse_leg_order(std::string_view text);

struct bundle_policy {
  leg_order order = leg_order::simultaneous;
  time_in_force tif = time_in_force::ioc;
  std::int64_t rest_ms_max = 2'000;        ///< a resting leg is cancelled after this
  std::int64_t completion_ms_max = 3'000;  ///< from the first imbalance on
  std::int64_t completion_attempts_max = 3;
  price completion_extra_max = price::of_micros(20'000);  ///< above the leg's limit, a contract
  /// From the start of the unwind on; time in doubt does not count, nothing can be done then.
  std::int64_t unwind_ms_max = 15'000;
  std::int64_t unwind_attempts_max = 6;
  price unwind_collar = price::of_micros(50'000);  ///< below the best bid
  money unwind_loss_max = money::dollars(10);      ///< of one bundle, before fees
  std::int64_t retry_ms = 250;                     ///< between two tries
  /// An imbalance that is too small to be traded, or could not be sold in time, is kept up to this
  /// value; more is stuck.
  money residual_max = money::dollars(5);
  friend bool operator==(const bundle_policy&, const bundle_policy&) = default;
};

/// A bundle as stored: plan and progress. Together with its orders it is all that a restart needs.
struct bundle_record {
  bundle_id id;
  opportunity_id opportunity;
  opportunity_kind kind = opportunity_kind::complement;
  market_id market;
  std::vector<opportunity_leg> legs;
  quantity size;
  money expected_edge;
  bundle_policy policy;
  bundle_state state = bundle_state::accepted;
  std::string reason;
  std::optional<timestamp> unhedged_since;
  std::optional<timestamp> unwind_since;
  std::int64_t completion_attempts = 0;
  std::int64_t unwind_attempts = 0;
  timestamp next_try{};
  timestamp created{};
  timestamp expires{};  ///< of the opportunity: nothing opens later
  timestamp updated{};
  trace_id trace;
  friend bool operator==(const bundle_record&, const bundle_record&) = default;
};

[[nodiscard]] constexpr bool is_terminal(bundle_state s) noexcept {
  return s == bundle_state::done || s == bundle_state::unwound || s == bundle_state::abandoned ||
         s == bundle_state::stuck;
}

/// Ask the risk gate and, if it approves, commit and send. Answer a refusal with on_refused.
struct place_order {
  order_terms terms;
};
struct cancel_order {
  order_id id;
};
/// The bundle reached a terminal state (also in the record).
struct bundle_finished {
  bundle_state state;
};
struct trip_breaker {
  breaker_cause cause;
  std::string detail;
};
using bundle_action = std::variant<place_order, cancel_order, bundle_finished, trip_breaker>;

/// A pure function of (record, orders, books, time) with the record as its memory. `orders` are all
/// orders of the bundle in any order, terminal ones included.
class bundle_machine {
 public:
  static constexpr std::size_t max_orders = 512;

  /// From an opportunity that is about to be admitted.
  bundle_machine(const opportunity& o, const bundle_policy& policy, timestamp now);
  explicit bundle_machine(bundle_record stored);

  [[nodiscard]] const bundle_record& get() const noexcept { return record_; }

  /// Orders of the opening: all legs when simultaneous, else the first. `all_legs` in the same
  /// shape is what the gate must admit and reserve.
  [[nodiscard]] std::vector<order_terms> opening_orders() const;
  [[nodiscard]] std::vector<order_terms> all_legs() const;

  /// Whatever is to be done now. Called after every change of one of its orders and on every tick.
  std::vector<bundle_action> step(std::span<const order* const> orders, const market_view& markets,
                                  timestamp now);
  /// The gate refused a placement: tried again after retry_ms until the deadline.
  void on_refused(order_purpose purpose, std::string reason, timestamp now);
  /// Whether `step` changed the record since the last call of this.
  [[nodiscard]] bool take_changed() noexcept;

  /// Worst-case cost of what is filled on one side only.
  [[nodiscard]] static money unhedged(const bundle_record& r,
                                      std::span<const order* const> orders) noexcept;

 private:
  struct leg_view;
  struct situation;
  [[nodiscard]] situation look(std::span<const order* const> orders) const;
  void enter(bundle_state s, std::string reason, timestamp now);
  void finish(bundle_state s, std::string reason, timestamp now, std::vector<bundle_action>& out);
  void wait_for_orders(std::span<const order* const> orders, timestamp now,
                       std::vector<bundle_action>& out);
  bool open_next(const situation& s, timestamp now, std::vector<bundle_action>& out);
  void complete(const situation& s, const market_view& markets, timestamp now,
                std::vector<bundle_action>& out);
  void unwind(const situation& s, const market_view& markets, timestamp now,
              std::vector<bundle_action>& out);
  void settle_unwind(const situation& s, timestamp now, std::vector<bundle_action>& out);
  [[nodiscard]] order_terms terms_for(std::uint32_t leg, std::uint32_t attempt, order_purpose p,
                                      order_side side, price limit, quantity size,
                                      timestamp now) const;

  bundle_record record_;
  bool changed_ = false;
};

}  // namespace cornice::execution
