// The decimals that fill both venues' frames, read without a result.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace cornice::venue {

/// Millionths of a short decimal without sign ("0.514", "21574.08"), at most twelve digits before
/// the point and six behind it, the form of every level. False for any other text, good or bad: the
/// model's own parser judges those. Book frames hold hundreds of these, and a result with room for
/// an error text costs more than the digits.
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

}  // namespace cornice::venue
