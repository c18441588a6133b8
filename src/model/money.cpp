#include "cornice/model/money.hpp"

#include "cornice/base/check.hpp"
#include "cornice/base/decimal.hpp"

#include <limits>

namespace cornice {
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
  return decimal::parse_millionths(text);
}

std::string format_millionths(std::int64_t millionths, int min_decimals) {
  return decimal::format_millionths(millionths, min_decimals);
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
