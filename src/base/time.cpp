#include "cornice/base/time.hpp"

#include <array>
#include <charconv>
#include <cstdio>

namespace cornice {
namespace {

// Consumes exactly `digits` decimal digits from the front of `text`.
bool take_number(std::string_view& text, std::size_t digits, int& value) {
  if (text.size() < digits) return false;
  const auto [end, ec] = std::from_chars(text.data(), text.data() + digits, value);
  if (ec != std::errc{} || end != text.data() + digits || text[0] == '-') return false;
  text.remove_prefix(digits);
  return true;
}

bool take_char(std::string_view& text, char c) {
  if (text.empty() || text.front() != c) return false;
  text.remove_prefix(1);
  return true;
}

// The digits behind the point, as microseconds; what is finer is cut off.
bool take_fraction_us(std::string_view& text, int& value) {
  if (text.empty() || text.front() < '0' || text.front() > '9') return false;
  value = 0;
  int digits = 0;
  while (!text.empty() && text.front() >= '0' && text.front() <= '9') {
    if (digits < 6) {
      value = value * 10 + (text.front() - '0');
      ++digits;
    }
    text.remove_prefix(1);
  }
  for (; digits < 6; ++digits) value *= 10;
  return true;
}

// `Z`, `+00`, `+00:00`, `-0430`: minutes east of UTC.
bool take_offset_min(std::string_view& text, int& minutes) {
  minutes = 0;
  if (take_char(text, 'Z') || take_char(text, 'z')) return true;
  if (text.empty() || (text.front() != '+' && text.front() != '-')) return false;
  const int sign = text.front() == '+' ? 1 : -1;
  text.remove_prefix(1);
  int hh = 0;
  int mm = 0;
  if (!take_number(text, 2, hh)) return false;
  take_char(text, ':');
  if (!text.empty() && !take_number(text, 2, mm)) return false;
  if (hh > 23 || mm > 59) return false;
  minutes = sign * (hh * 60 + mm);
  return true;
}

}  // namespace

std::string to_rfc3339(timestamp t) {
  using namespace std::chrono;
  const auto day = floor<days>(t);
  const year_month_day ymd{day};
  const hh_mm_ss<microseconds> tod{t - day};
  std::array<char, 40> out{};
  const int n = std::snprintf(
      out.data(), out.size(), "%04d-%02u-%02uT%02d:%02d:%02d.%06dZ", static_cast<int>(ymd.year()),
      static_cast<unsigned>(ymd.month()), static_cast<unsigned>(ymd.day()),
      static_cast<int>(tod.hours().count()), static_cast<int>(tod.minutes().count()),
      static_cast<int>(tod.seconds().count()), static_cast<int>(tod.subseconds().count()));
  return {out.data(), static_cast<std::size_t>(n)};
}

result<timestamp> parse_rfc3339(std::string_view text) {
  using namespace std::chrono;
  const auto bad = [all = text] {
    return error{errc::malformed, "time \"" + std::string{all.substr(0, 64)} +
                                      "\" is not RFC 3339 (2026-11-22T16:07:00Z)"};
  };
  int y = 0, mo = 0, d = 0, h = 0, mi = 0, s = 0, offset_min = 0, us = 0;
  if (!take_number(text, 4, y) || !take_char(text, '-') || !take_number(text, 2, mo) ||
      !take_char(text, '-') || !take_number(text, 2, d))
    return bad();
  if (!take_char(text, 'T') && !take_char(text, 't') && !take_char(text, ' ')) return bad();
  if (!take_number(text, 2, h) || !take_char(text, ':') || !take_number(text, 2, mi) ||
      !take_char(text, ':') || !take_number(text, 2, s))
    return bad();
  if (take_char(text, '.') && !take_fraction_us(text, us)) return bad();
  if (!take_offset_min(text, offset_min) || !text.empty()) return bad();
  const year_month_day ymd{year{y}, month{static_cast<unsigned>(mo)},
                           day{static_cast<unsigned>(d)}};
  if (!ymd.ok() || h > 23 || mi > 59 || s > 60) return bad();
  return timestamp{sys_days{ymd}} + hours{h} + minutes{mi} + seconds{s} + microseconds{us} -
         minutes{offset_min};
}

}  // namespace cornice
