// An order of ours: what was decided once, and what became of it.
#pragma once

#include "cornice/base/time.hpp"
#include "cornice/model/ids.hpp"
#include "cornice/model/money.hpp"
#include "cornice/model/order.hpp"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>

namespace cornice::execution {

/// Polymarket fills by micro-shares beyond the size and leaves the same as a rest: less than a
/// hundredth of a contract is neither an overfill nor open.
inline constexpr quantity order_dust{9'999};

/// Why an order exists. Risk checks differ: an unwind only ever reduces what a bundle holds.
enum class order_purpose : std::uint8_t {
  open,      ///< a leg of an accepted opportunity
  complete,  ///< buys what a leg of a half-filled bundle is missing
  unwind,    ///< sells what could not be hedged
};
inline constexpr order_purpose all_order_purposes[] = {order_purpose::open, order_purpose::complete,
                                                       order_purpose::unwind};
[[nodiscard]] std::string_view to_string(order_purpose p) noexcept;
[[nodiscard]] result<order_purpose> parse_order_purpose(std::string_view text);

/// The immutable part. `id` derives from (bundle, leg, attempt), see ids.hpp, so a repeated
/// decision names the same order and a venue that deduplicates client ids refuses the second one.
struct order_terms {
  order_id id;
  bundle_id bundle;
  std::uint32_t leg = 0;      ///< index into the bundle's legs
  std::uint32_t attempt = 0;  ///< counts the orders of this leg, whatever their purpose
  order_purpose purpose = order_purpose::open;
  contract_id contract;
  order_side side = order_side::buy;
  price limit;
  quantity size;
  time_in_force tif = time_in_force::ioc;
  trace_id trace;
  timestamp created{};
  friend bool operator==(const order_terms&, const order_terms&) = default;
};

/// Terms and what evolved. Only order_machine changes the second part.
struct order {
  order_terms terms;
  order_state state = order_state::intended;
  quantity filled;   ///< Σ fills booked
  quantity claimed;  ///< largest cumulative fill that the venue stated; may run ahead of `filled`
  money fill_notional;  ///< Σ price × quantity of the fills (buys rounded up, sells down)
  money fees;           ///< Σ fees of the fills
  venue_order_id venue_order;
  std::string reason;  ///< of the last rejection, cancellation or doubt
  std::optional<timestamp> sent_at;
  std::optional<timestamp> in_doubt_since;
  bool cancel_wanted = false;  ///< cancel as soon as the venue is known to have it
  bool flagged = false;        ///< an anomaly was seen; a person may want to look
  timestamp updated{};
  std::set<venue_fill_id> fills;  ///< what makes a fill count once
  friend bool operator==(const order&, const order&) = default;

  /// What is filled as far as anybody said: the bundle decides on this, positions on `filled`.
  [[nodiscard]] quantity effective_filled() const noexcept { return std::max(filled, claimed); }
  /// Stated by the venue but not yet booked as fills.
  [[nodiscard]] quantity outstanding() const noexcept {
    return claimed > filled ? claimed - filled : quantity{};
  }
  /// The largest quantity that may still be added to the booked position: everything unfilled while
  /// the order is not proved to be over (in doubt included), else what the venue stated and has not
  /// yet reported as fills.
  [[nodiscard]] quantity worst_remaining() const noexcept {
    if (is_terminal(state)) return outstanding() > order_dust ? outstanding() : quantity{};
    return terms.size > filled ? terms.size - filled : quantity{};
  }
};

}  // namespace cornice::execution
