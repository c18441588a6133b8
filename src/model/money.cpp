#include "cornice/model/money.hpp"

#include "cornice/base/check.hpp"

#include <limits>

namespace cornice {
namespace {

constexpr int max_decimals = 6;
constexpr std::size_t max_decimal_text = 64;

error not_a_decimal(std::string_view text) {
  return {errc::malformed, "\"" + std::string{text.substr(0, max_decimal_text)} +
                               "\" is not a decimal number such as 0.31"};
}

error too_fine_or_large(std::string_view text) {
  return {errc::out_of_range, "\"" + std::string{text.substr(0, max_decimal_text)} +
                                  "\" does not fit 64 bits in steps of 0.000001"};
}

}  // namespace

std::int64_t divide(int128 numerator, int128 denominator, rounding how) noexcept {
  invariant(denominator > 0, "divide needs a positive denominator");
  int128 quotient = numerator / denominator;
  int128 remainder = numerator % denominator;
  if (remainder < 0) {  // bring to floor division: remainder in [0, denominator)
    remainder += denominator;
    quotient -= 1;
  }
  const int128 twice = 2 * remainder;
  switch (how) {
    case rounding::down:
      break;
    case rounding::up:
      quotient += remainder != 0 ? 1 : 0;
      break;
    case rounding::half_up:
      if (twice > denominator || (twice == denominator && numerator > 0)) quotient += 1;
      break;
    case rounding::half_even:
      if (twice > denominator || (twice == denominator && quotient % 2 != 0)) quotient += 1;
      break;
  }
  invariant(quotient >= std::numeric_limits<std::int64_t>::min() &&
                quotient <= std::numeric_limits<std::int64_t>::max(),
            "a rounded quotient fits 64 bits");
  return static_cast<std::int64_t>(quotient);
}

result<std::int64_t> parse_millionths(std::string_view text) {
  if (text.empty() || text.size() > max_decimal_text) return not_a_decimal(text);
  std::string_view rest = text;
  const bool negative = rest.front() == '-';
  if (negative) rest.remove_prefix(1);
  int128 value = 0;
  int decimals = -1;  // -1 until the point is seen
  bool any_digit = false;
  for (const char c : rest) {
    if (c == '.') {
      if (decimals >= 0) return not_a_decimal(text);
      decimals = 0;
      continue;
    }
    if (c < '0' || c > '9') return not_a_decimal(text);
    any_digit = true;
    if (decimals >= max_decimals) {
      if (c != '0') return too_fine_or_large(text);
      continue;
    }
    if (decimals >= 0) ++decimals;
    value = value * 10 + (c - '0');
    if (value > std::numeric_limits<std::int64_t>::max()) return too_fine_or_large(text);
  }
  if (!any_digit) return not_a_decimal(text);
  for (int i = decimals < 0 ? 0 : decimals; i < max_decimals; ++i) value *= 10;
  if (value > std::numeric_limits<std::int64_t>::max()) return too_fine_or_large(text);
  return static_cast<std::int64_t>(negative ? -value : value);
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

result<price> price::from_micros(std::int64_t micros) {
  if (micros < 0 || micros > one)
    return error{errc::out_of_range,
                 "price " + format_millionths(micros, 2) + " is outside 0..1 dollar per contract"};
  return price{micros};
}

result<price> price::parse(std::string_view decimal) {
  const auto micros = parse_millionths(decimal);
  if (!micros) return micros.error();
  return from_micros(*micros);
}

price price::of_micros(std::int64_t micros) noexcept {
  invariant(micros >= 0 && micros <= one, "a price lies within 0..1 dollar");
  return price{micros};
}

result<quantity> quantity::parse(std::string_view decimal) {
  const auto micros = parse_millionths(decimal);
  if (!micros) return micros.error();
  return quantity{*micros};
}

result<money> money::parse(std::string_view decimal) {
  const auto micros = parse_millionths(decimal);
  if (!micros) return micros.error();
  return money{*micros};
}

money notional(price p, quantity q, rounding how) noexcept {
  return money{divide(int128{p.micros()} * q.micros(), quantity::one, how)};
}

result<ratio> ratio::parse(std::string_view decimal) {
  const auto ppm = parse_millionths(decimal);
  if (!ppm) return ppm.error();
  return ratio{*ppm};
}

}  // namespace cornice
