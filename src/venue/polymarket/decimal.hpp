// Decimal texts of the wire to millionths, quickly.
#pragma once

#include "cornice/base/result.hpp"
#include "cornice/model/money.hpp"
#include "venue/short_decimal.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace cornice::venue::polymarket {

/// As parse_millionths.
[[nodiscard]] inline result<std::int64_t> parse_decimal(std::string_view text) {
  std::int64_t value = 0;
  if (parse_short_decimal(text, value)) return value;
  return parse_millionths(text);
}

[[nodiscard]] inline result<price> parse_price(std::string_view text) {
  const auto micros = parse_decimal(text);
  if (!micros) return micros.error();
  return price::from_micros(*micros);
}

[[nodiscard]] inline result<quantity> parse_size(std::string_view text) {
  const auto micros = parse_decimal(text);
  if (!micros) return micros.error();
  if (*micros < 0) return error{errc::out_of_range, "size " + std::string{text} + " is negative"};
  return quantity{*micros};
}

/// Millionths of a JSON number token, whose exponent form ("5e-05") parse_millionths refuses.
/// Errors: malformed, out_of_range (finer than 1e-6 or too large).
[[nodiscard]] result<std::int64_t> parse_number_token(std::string_view token);

/// Whether `text` is a number as JSON writes one, so that it may stand bare in a JSON text.
[[nodiscard]] bool is_json_number(std::string_view text) noexcept;

/// Digits only, 1..78 of them: a uint256 in decimal, as asset ids are written.
[[nodiscard]] bool is_asset_id(std::string_view text) noexcept;

/// 1..20 digits as an integer. Errors: malformed, out_of_range.
[[nodiscard]] result<std::int64_t> parse_integer(std::string_view text);

}  // namespace cornice::venue::polymarket
