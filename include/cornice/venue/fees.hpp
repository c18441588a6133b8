// What a fill costs, exactly, in the venues' own rounding. Pure integer arithmetic, 256 bits wide
// where it must be; thread-safe. Strategy, the paper venue and risk all use these functions, so
// that a fee is the same number wherever it is asked for.
//
// Kalshi (docs "fee rounding", fee schedule of 2026-07-07): a fill of C contracts at P costs
// rate × multiplier × C × P × (1-P), rounded up to the trade-fee step; then the account's balance
// is kept on its own step, and what that alignment takes goes to an accumulator of the order, which
// gives it back in whole steps. Polymarket (docs "fees", CTF exchange V2): takers only,
// rate × C × (P × (1-P))^exponent to five decimals, nothing below 0.00001.
#pragma once

#include "cornice/base/time.hpp"
#include "cornice/model/ids.hpp"
#include "cornice/model/listing.hpp"
#include "cornice/model/money.hpp"
#include "cornice/model/order.hpp"

#include <cstdint>

namespace cornice::venue {

/// Coefficients of Kalshi's fee schedule; the wire only names the fee type and the multiplier.
inline constexpr ratio kalshi_taker_rate{70'000};
inline constexpr ratio kalshi_maker_rate{17'500};        ///< quadratic_with_maker_fees
inline constexpr ratio kalshi_combo_maker_rate{35'000};  ///< quadratic_with_combo_maker_fees

/// Who holds the account: decides how finely Kalshi keeps its balance.
enum class kalshi_membership : std::uint8_t {
  direct,         ///< balances in steps of 0.0001 dollar
  intermediated,  ///< through a broker: balances in cents
};

/// What rounding depends on besides the listing. The defaults are a direct member's, as of now.
struct fee_terms {
  /// Kalshi: the model fee is rounded up to this. 0.000001 since 2026-08-30, 0.0001 before.
  std::int64_t trade_fee_step_micros = 1;
  /// Kalshi: balances lie on multiples of this.
  std::int64_t balance_step_micros = 100;
  /// The smallest quantity that can fill at once: how many fills an order can be torn into.
  quantity smallest_fill{10'000};
  /// Finest step of the listing's prices; 0 when not known. Only fee_bound uses it.
  std::int64_t price_step_micros = 0;
  friend bool operator==(const fee_terms&, const fee_terms&) = default;
};

/// When Kalshi's trade fees got six decimals.
inline constexpr timestamp kalshi_six_decimals_since{
    std::chrono::sys_days{std::chrono::year{2026} / 8 / 30}};

/// Rules that held (or hold) for a fill at `when`.
[[nodiscard]] fee_terms kalshi_terms(kalshi_membership membership, timestamp when) noexcept;

/// The fee of one fill before Kalshi's balance alignment: the model, rounded as the venue rounds
/// it. Never negative; not decreasing in `q`; the same at p and 1-p. A schedule of unknown shape
/// costs the whole payout, so nothing that it prices can look profitable. Amounts beyond nine
/// hundred billion dollars are cut there.
[[nodiscard]] money trade_fee(const fee_schedule& schedule, liquidity role, price p, quantity q,
                              const fee_terms& terms = {}) noexcept;

/// What one fill of an order that has no other fills costs, alignment included. On Kalshi buying
/// and selling can differ by less than one balance step; the larger counts. `q <= 0` costs nothing.
/// O(1).
[[nodiscard]] money taker_fee(venue_id venue, const fee_schedule& schedule, price p, quantity q,
                              const fee_terms& terms = {}) noexcept;
[[nodiscard]] money maker_fee(venue_id venue, const fee_schedule& schedule, price p, quantity q,
                              const fee_terms& terms = {}) noexcept;

/// The most that an order can cost in fees, however it fills: in any number of fills of at least
/// `smallest_fill`, at any prices that its limit allows, as maker or as taker.
///
/// Why it bounds: P × (1-P) is largest at the reachable price nearest to one half, and the model is
/// linear in quantity, so the sum of the models is at most the model of the whole there. Rounding
/// adds to each fill less than one trade-fee step (Kalshi), or at most half of 0.00001 and at most
/// half of the fee (Polymarket). Kalshi's alignment adds less than one balance step a fill; when
/// prices and sizes keep notionals on the balance step, every fill that pays anything pays at least
/// one whole step, a rebate is never held back, and the whole order keeps less than one step.
[[nodiscard]] money fee_bound(venue_id venue, const fee_schedule& schedule, order_side side,
                              price limit, quantity q, const fee_terms& terms = {}) noexcept;

/// The parts of one Kalshi fill's fee; net = trade + rounding - rebate.
struct kalshi_fill_fee {
  money trade;     ///< the model, rounded up
  money rounding;  ///< taken to keep the balance on its step
  money rebate;    ///< given back from earlier rounding of the same order
  money net;       ///< what `fee_cost` of the fill says; never negative
  friend bool operator==(const kalshi_fill_fee&, const kalshi_fill_fee&) = default;
};

/// Fees of the fills of one Kalshi order, in their order. Exact when price × quantity is a whole
/// number of micro-dollars, which the venue's price and size steps guarantee. The venue's own
/// `fee_cost` is the truth; a difference is an alarm, not a correction.
class kalshi_order_fees {
 public:
  /// `schedule` must be of the kalshi or none model.
  explicit kalshi_order_fees(const fee_schedule& schedule, const fee_terms& terms = {}) noexcept;
  /// The next fill: `side` is the side of the order on the contract whose price `p` is. Requires
  /// q > 0.
  kalshi_fill_fee on_fill(order_side side, liquidity role, price p, quantity q) noexcept;
  /// Rounding that was taken and not yet given back.
  [[nodiscard]] money held() const noexcept { return held_; }
  [[nodiscard]] money total() const noexcept { return total_; }

 private:
  fee_schedule schedule_;
  fee_terms terms_;
  money held_;
  money total_;
};

}  // namespace cornice::venue
