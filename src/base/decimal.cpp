#include "cornice/base/decimal.hpp"

#include <limits>

namespace cornice::decimal {
namespace {

constexpr int max_decimals = 6;
constexpr std::size_t max_text = 64;

error not_a_decimal(std::string_view text) {
  return {errc::malformed,
          "\"" + std::string{text.substr(0, max_text)} + "\" is not a decimal number such as 0.31"};
}

error too_fine_or_large(std::string_view text) {
  return {errc::out_of_range,
          "\"" + std::string{text} + "\" does not fit 64 bits in steps of 0.000001"};
}

// magnitude * 10 + digit, false on overflow.
bool push_digit(std::uint64_t& magnitude, unsigned digit) {
  std::uint64_t scaled = 0;
  return !__builtin_mul_overflow(magnitude, std::uint64_t{10}, &scaled) &&
         !__builtin_add_overflow(scaled, std::uint64_t{digit}, &magnitude);
}

}  // namespace

result<std::int64_t> parse_millionths(std::string_view text) {
  if (text.empty() || text.size() > max_text) return not_a_decimal(text);
  std::string_view rest = text;
  const bool negative = rest.front() == '-';
  if (negative) rest.remove_prefix(1);
  std::uint64_t magnitude = 0;
  int decimals = 0;
  bool point_seen = false;
  bool digit_seen = false;
  bool fits = true;
  for (const char c : rest) {
    if (c == '.' && !point_seen) {
      point_seen = true;
      continue;
    }
    if (c < '0' || c > '9') return not_a_decimal(text);
    digit_seen = true;
    if (decimals == max_decimals) {
      fits = fits && c == '0';
      continue;
    }
    if (point_seen) ++decimals;
    fits = fits && push_digit(magnitude, static_cast<unsigned>(c - '0'));
  }
  if (!digit_seen) return not_a_decimal(text);
  for (; decimals < max_decimals; ++decimals) fits = fits && push_digit(magnitude, 0);
  // One more on the negative side: the smallest 64-bit integer has no positive twin.
  const std::uint64_t limit =
      std::uint64_t{std::numeric_limits<std::int64_t>::max()} + (negative ? 1 : 0);
  if (!fits || magnitude > limit) return too_fine_or_large(text);
  return static_cast<std::int64_t>(negative ? ~magnitude + 1 : magnitude);
}

std::string format_millionths(std::int64_t millionths, int min_decimals) {
  const bool negative = millionths < 0;
  // Unsigned negation keeps the smallest integer defined.
  std::uint64_t magnitude = static_cast<std::uint64_t>(millionths);
  if (negative) magnitude = ~magnitude + 1;
  std::uint64_t fraction = magnitude % 1'000'000;
  int decimals = max_decimals;
  while (decimals > min_decimals && fraction % 10 == 0) {
    fraction /= 10;
    --decimals;
  }
  std::string out = negative ? "-" : "";
  out += std::to_string(magnitude / 1'000'000);
  if (decimals > 0) {
    const std::string digits = std::to_string(fraction);
    out += '.';
    out.append(static_cast<std::size_t>(decimals) - digits.size(), '0');
    out += digits;
  }
  return out;
}

}  // namespace cornice::decimal
