// The single checks of the risk gate, in the order in which they are evaluated.
#pragma once

#include "cornice/execution/risk.hpp"

#include <optional>
#include <span>
#include <string_view>

namespace cornice::execution {

/// What one check looks at. Bundle checks see no `request`.
struct check_input {
  const risk_limits& limits;
  const risk_view& view;
  const exposure_book& exposure;  ///< with the legs before this one reserved
  const opportunity* source;      ///< of an opening bundle, else null
  std::span<const order_request> legs;
  const order_request* request;
  const listing* market;      ///< of the request's contract; null when unknown
  const book_signal* book;    ///< likewise
  reservation worst;          ///< of the request
  std::int64_t micro_tokens;  ///< left in the venue's bucket
  std::int64_t repeats;       ///< identical orders within the window
  timestamp now;

  [[nodiscard]] const order_terms& terms() const noexcept { return request->terms; }
  [[nodiscard]] venue_id venue() const noexcept { return request->terms.contract.venue(); }
  [[nodiscard]] const venue_limits& of_venue() const { return limits.of(venue()); }
  [[nodiscard]] bool opening() const noexcept {
    return request->terms.purpose == order_purpose::open;
  }
  [[nodiscard]] bool buying() const noexcept { return request->terms.side == order_side::buy; }
};

struct risk_check {
  std::string_view name;
  enum class level : std::uint8_t { bundle, order } what;
  /// Nothing when passed. Fills in everything but name and contract.
  std::optional<refusal> (*run)(const check_input&);
};

[[nodiscard]] std::span<const risk_check> all_risk_checks();

inline constexpr std::int64_t token = 1'000'000;  ///< one order in micro-tokens

}  // namespace cornice::execution
