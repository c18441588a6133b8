// Decimal texts of the wire to millionths, quickly.
#pragma once

#include "cornice/base/result.hpp"
#include "cornice/model/money.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace cornice::venue::polymarket {

/// Millionths of a short decimal without sign ("0.514", "21574.08"), the form of every level. False
/// for any other text, good or bad: parse_decimal judges those. Book frames hold hundreds of these,
/// and a result with room for an error text costs more than the digits.
[[nodiscard]] inline bool parse_short_decimal(std::string_view text, std::int64_t& out) noexcept {
  constexpr std::size_t short_text = 18;  // so that digits × 10^6 decimals stay below 2^63
  constexpr std::int64_t powers[] = {1'000'000, 100'000, 10'000, 1'000, 100, 10, 1};
  if (text.size() > short_text) return false;
  const char* at = text.data();
  const char* const end = at + text.size();
  std::int64_t value = 0;
  const auto take_digits = [&] {
    const char* const begin = at;
    for (; at != end && *at >= '0' && *at <= '9'; ++at) value = value * 10 + (*at - '0');
    return at - begin;
  };
  const auto whole = take_digits();
  std::ptrdiff_t decimals = 0;
  if (at != end && *at == '.') {
    ++at;
    decimals = take_digits();
  }
  if (at != end || whole + decimals == 0 || decimals > 6 || whole > 12) return false;
  out = value * powers[decimals];
  return true;
}

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
