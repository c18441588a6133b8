// Words of execution that cross the bus and the database.
#pragma once

#include "cornice/base/result.hpp"

#include <cstdint>
#include <string_view>

namespace cornice {

/// Where an order stands. See execution/order_machine.hpp for the transitions and the evidence each
/// needs.
enum class order_state : std::uint8_t {
  intended,        ///< committed, nothing sent
  sent,            ///< bytes may have left
  in_doubt,        ///< nobody knows whether the venue has it
  live,            ///< resting at the venue
  cancel_pending,  ///< a cancel was sent, not yet proved
  filled,          ///< terminal: everything filled
  cancelled,       ///< terminal: proved to rest no more (fills may have happened before)
  rejected,        ///< terminal: proved never accepted
};
inline constexpr order_state all_order_states[] = {
    order_state::intended,  order_state::sent,           order_state::in_doubt,
    order_state::live,      order_state::cancel_pending, order_state::filled,
    order_state::cancelled, order_state::rejected};
[[nodiscard]] std::string_view to_string(order_state s) noexcept;
[[nodiscard]] result<order_state> parse_order_state(std::string_view text);
[[nodiscard]] constexpr bool is_terminal(order_state s) noexcept {
  return s == order_state::filled || s == order_state::cancelled || s == order_state::rejected;
}

enum class time_in_force : std::uint8_t { gtc, ioc, fok };
[[nodiscard]] std::string_view to_string(time_in_force t) noexcept;
[[nodiscard]] result<time_in_force> parse_time_in_force(std::string_view text);

/// Where a bundle stands.
enum class bundle_state : std::uint8_t {
  accepted,    ///< plan and intents committed
  working,     ///< at least one leg was sent
  completing,  ///< one leg filled, the others are being completed within the budget
  unwinding,   ///< completion failed: what was filled is being sold
  done,        ///< terminal: every leg filled
  unwound,     ///< terminal: nothing left open of it
  abandoned,   ///< terminal: refused or cancelled before any fill
  stuck,       ///< unwind budget used up: exposure remains, the breaker is open, a person must look
};
inline constexpr bundle_state all_bundle_states[] = {
    bundle_state::accepted,  bundle_state::working, bundle_state::completing,
    bundle_state::unwinding, bundle_state::done,    bundle_state::unwound,
    bundle_state::abandoned, bundle_state::stuck};
[[nodiscard]] std::string_view to_string(bundle_state s) noexcept;
[[nodiscard]] result<bundle_state> parse_bundle_state(std::string_view text);

enum class breaker_state : std::uint8_t { closed, open, half_open };
[[nodiscard]] std::string_view to_string(breaker_state s) noexcept;
[[nodiscard]] result<breaker_state> parse_breaker_state(std::string_view text);

enum class liquidity : std::uint8_t { taker, maker };
[[nodiscard]] std::string_view to_string(liquidity l) noexcept;
[[nodiscard]] result<liquidity> parse_liquidity(std::string_view text);

}  // namespace cornice
