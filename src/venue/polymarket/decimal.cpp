#include "venue/polymarket/decimal.hpp"

#include <charconv>
#include <cstring>

namespace cornice::venue::polymarket {
namespace {

constexpr int max_exponent = 40;

// `12.5e-3` written without an exponent: `0.0125`.
result<std::string> without_exponent(std::string_view token) {
  const std::size_t e = token.find_first_of("eE");
  if (e == std::string_view::npos) return std::string{token};
  std::string_view mantissa = token.substr(0, e);
  std::string_view exponent_text = token.substr(e + 1);
  if (!exponent_text.empty() && exponent_text.front() == '+') exponent_text.remove_prefix(1);
  int exponent = 0;
  const char* const end = exponent_text.data() + exponent_text.size();
  const auto parsed = std::from_chars(exponent_text.data(), end, exponent);
  if (parsed.ec != std::errc{} || parsed.ptr != end || exponent > max_exponent ||
      exponent < -max_exponent || mantissa.size() > 64)
    return error{errc::malformed, "\"" + std::string{token.substr(0, 80)} +
                                      "\" is not a number with an exponent within ±40"};
  std::string sign;
  if (!mantissa.empty() && mantissa.front() == '-') {
    sign = "-";
    mantissa.remove_prefix(1);
  }
  const std::size_t point = mantissa.find('.');
  std::string digits{mantissa.substr(0, point)};
  int scale = 0;  // decimals in `digits`
  if (point != std::string_view::npos) {
    digits += mantissa.substr(point + 1);
    scale = static_cast<int>(mantissa.size() - point - 1);
  }
  scale -= exponent;
  if (scale <= 0) return sign + digits + std::string(static_cast<std::size_t>(-scale), '0');
  const auto decimals = static_cast<std::size_t>(scale);
  if (digits.size() <= decimals) digits.insert(0, decimals + 1 - digits.size(), '0');
  digits.insert(digits.size() - decimals, ".");
  return sign + digits;
}

std::string_view without_trailing_zeros(std::string_view decimal) {
  if (decimal.find('.') == std::string_view::npos) return decimal;
  while (decimal.ends_with('0')) decimal.remove_suffix(1);
  if (decimal.ends_with('.')) decimal.remove_suffix(1);
  return decimal;
}

}  // namespace

result<std::int64_t> parse_number_token(std::string_view token) {
  CORNICE_TRY(plain, without_exponent(token));
  return parse_millionths(without_trailing_zeros(plain));
}

bool is_json_number(std::string_view text) noexcept {
  const auto take_digits = [&text] {
    std::size_t n = 0;
    while (n < text.size() && text[n] >= '0' && text[n] <= '9') ++n;
    text.remove_prefix(n);
    return n;
  };
  if (text.starts_with('-')) text.remove_prefix(1);
  const bool leading_zero = text.starts_with('0');
  const std::size_t whole = take_digits();
  if (whole == 0 || (leading_zero && whole > 1)) return false;
  if (text.starts_with('.')) {
    text.remove_prefix(1);
    if (take_digits() == 0) return false;
  }
  if (text.starts_with('e') || text.starts_with('E')) {
    text.remove_prefix(1);
    if (text.starts_with('+') || text.starts_with('-')) text.remove_prefix(1);
    if (take_digits() == 0) return false;
  }
  return text.empty();
}

bool is_asset_id(std::string_view text) noexcept {
  constexpr std::size_t max_uint256_digits = 78;
  if (text.empty() || text.size() > max_uint256_digits) return false;
  // Eight characters at a time: '0'..'9' are 0x30..0x39, so the high nibble is 3 and adding 6
  // leaves it so.
  constexpr std::uint64_t high = 0xF0F0F0F0F0F0F0F0U;
  constexpr std::uint64_t threes = 0x3030303030303030U;
  constexpr std::uint64_t sixes = 0x0606060606060606U;
  const char* at = text.data();
  std::size_t left = text.size();
  for (; left >= 8; at += 8, left -= 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, at, 8);
    if ((word & high) != threes || ((word + sixes) & high) != threes) return false;
  }
  for (; left > 0; ++at, --left)
    if (*at < '0' || *at > '9') return false;
  return true;
}

result<std::int64_t> parse_integer(std::string_view text) {
  std::int64_t value = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, ec] = std::from_chars(text.data(), end, value);
  if (ec == std::errc::result_out_of_range)
    return error{errc::out_of_range,
                 "integer " + std::string{text.substr(0, 40)} + " does not fit 64 bits"};
  if (ec != std::errc{} || stop != end || text.front() == '-')
    return error{errc::malformed,
                 "\"" + std::string{text.substr(0, 40)} + "\" is not an unsigned integer"};
  return value;
}

}  // namespace cornice::venue::polymarket
