#include "model/json_writer.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>

namespace cornice::json {
namespace {

// "00" to "99", so that two digits are one copy.
constexpr std::array<char, 200> digit_pairs = [] {
  std::array<char, 200> pairs{};
  for (std::size_t i = 0; i < 100; ++i) {
    pairs[2 * i] = static_cast<char>('0' + i / 10);
    pairs[2 * i + 1] = static_cast<char>('0' + i % 10);
  }
  return pairs;
}();

char* put_pair(char* out, std::uint32_t below_100) noexcept {
  std::memcpy(out, &digit_pairs[std::size_t{2} * below_100], 2);
  return out + 2;
}

template <std::size_t N>
char* put_text(char* out, const char (&literal)[N]) noexcept {
  std::memcpy(out, literal, N - 1);
  return out + N - 1;
}

bool is_plain(char c) noexcept {
  return c >= ' ' && c <= '~' && c != '"' && c != '\\';
}

bool is_continuation(char c) noexcept {
  return (static_cast<unsigned char>(c) & 0xC0) == 0x80;
}

// Length of the well-formed UTF-8 sequence of two to four bytes at the front of `text`, else 0
// (RFC 3629: no overlong forms, no surrogates, nothing above U+10FFFF).
std::size_t multibyte_length(std::string_view text) noexcept {
  const auto lead = static_cast<unsigned char>(text[0]);
  const std::size_t length = lead >= 0xC2 && lead <= 0xDF   ? 2
                             : lead >= 0xE0 && lead <= 0xEF ? 3
                             : lead >= 0xF0 && lead <= 0xF4 ? 4
                                                            : 0;
  if (length == 0 || text.size() < length) return 0;
  for (std::size_t i = 1; i < length; ++i)
    if (!is_continuation(text[i])) return 0;
  const auto second = static_cast<unsigned char>(text[1]);
  const bool bad = (lead == 0xE0 && second < 0xA0) || (lead == 0xED && second > 0x9F) ||
                   (lead == 0xF0 && second < 0x90) || (lead == 0xF4 && second > 0x8F);
  return bad ? 0 : length;
}

void append_escaped_ascii(std::string& out, char c) {
  constexpr std::string_view hex = "0123456789abcdef";
  switch (c) {
    case '"':
      out.append("\\\"");
      return;
    case '\\':
      out.append("\\\\");
      return;
    case '\n':
      out.append("\\n");
      return;
    case '\r':
      out.append("\\r");
      return;
    case '\t':
      out.append("\\t");
      return;
    case '\x7f':
      out += c;
      return;
    default: {
      const auto byte = static_cast<unsigned char>(c);
      out.append("\\u00");
      out += hex[byte >> 4];
      out += hex[byte & 15];
    }
  }
}

template <class Integer>
void append_any_integer(std::string& out, Integer value) {
  std::array<char, max_number_chars> text{};
  const auto [end, ec] = std::to_chars(text.data(), text.data() + text.size(), value);
  invariant(ec == std::errc{}, "64 bits have at most 20 digits");
  out.append(text.data(), end);
}

}  // namespace

char* put_millionths(char* out, std::int64_t millionths, int min_decimals) noexcept {
  auto magnitude = static_cast<std::uint64_t>(millionths);
  if (millionths < 0) {
    *out++ = '-';
    magnitude = ~magnitude + 1;  // defined for the smallest integer too
  }
  const std::uint64_t whole = magnitude / 1'000'000;
  if (whole < 10)
    *out++ = static_cast<char>('0' + whole);
  else
    out = std::to_chars(out, out + 20, whole).ptr;
  const auto fraction = static_cast<std::uint32_t>(magnitude % 1'000'000);
  *out++ = '.';
  put_pair(out, fraction / 10'000);
  put_pair(out + 2, fraction / 100 % 100);
  put_pair(out + 4, fraction % 100);
  int decimals = fraction % 10'000 == 0 && min_decimals <= 2 ? 2 : 6;  // mostly whole cents
  while (decimals > min_decimals && out[decimals - 1] == '0') --decimals;
  return decimals == 0 ? out - 1 : out + decimals;
}

char* put_rfc3339(char* out, timestamp t) noexcept {
  using namespace std::chrono;
  constexpr timestamp first = sys_days{year{1} / 1 / 1};
  constexpr timestamp last = sys_days{year{10'000} / 1 / 1} - microseconds{1};
  t = std::clamp(t, first, last);
  const auto day = floor<days>(t);
  const year_month_day ymd{day};
  const auto in_day = static_cast<std::uint64_t>((t - day).count());
  const auto seconds = static_cast<std::uint32_t>(in_day / 1'000'000);
  const auto micros = static_cast<std::uint32_t>(in_day % 1'000'000);
  const auto y = static_cast<std::uint32_t>(static_cast<int>(ymd.year()));
  out = put_pair(put_pair(out, y / 100), y % 100);
  *out++ = '-';
  out = put_pair(out, static_cast<unsigned>(ymd.month()));
  *out++ = '-';
  out = put_pair(out, static_cast<unsigned>(ymd.day()));
  *out++ = 'T';
  out = put_pair(out, seconds / 3600);
  *out++ = ':';
  out = put_pair(out, seconds / 60 % 60);
  *out++ = ':';
  out = put_pair(out, seconds % 60);
  *out++ = '.';
  out = put_pair(put_pair(put_pair(out, micros / 10'000), micros / 100 % 100), micros % 100);
  *out++ = 'Z';
  return out;
}

void append_string(std::string& out, std::string_view text, std::size_t max_bytes) {
  constexpr std::string_view replacement = "\xEF\xBF\xBD";  // U+FFFD
  out += '"';
  std::size_t budget = max_bytes;
  while (!text.empty()) {
    const auto special = std::find_if_not(text.begin(), text.end(), is_plain);
    const auto plain = std::min(static_cast<std::size_t>(special - text.begin()), budget);
    out.append(text.substr(0, plain));
    text.remove_prefix(plain);
    budget -= plain;
    if (text.empty() || budget == 0) break;
    if (static_cast<unsigned char>(text[0]) < 0x80) {
      append_escaped_ascii(out, text[0]);
      text.remove_prefix(1);
      --budget;
      continue;
    }
    const std::size_t length = multibyte_length(text);
    const std::string_view written = length == 0 ? replacement : text.substr(0, length);
    if (written.size() > budget) break;
    out.append(written);
    budget -= written.size();
    text.remove_prefix(std::max<std::size_t>(length, 1));
  }
  out += '"';
}

void append_integer(std::string& out, std::int64_t value) {
  append_any_integer(out, value);
}

void append_integer(std::string& out, std::uint64_t value) {
  append_any_integer(out, value);
}

void append_decimal(std::string& out, std::int64_t millionths) {
  std::array<char, max_number_chars + 2> text;
  char* end = text.data();
  *end++ = '"';
  end = put_millionths(end, millionths, 2);
  *end++ = '"';
  out.append(text.data(), end);
}

void append_time(std::string& out, timestamp t) {
  std::array<char, time_chars + 2> text;
  char* end = text.data();
  *end++ = '"';
  end = put_rfc3339(end, t);
  *end++ = '"';
  out.append(text.data(), end);
}

void append_levels(std::string& out, const std::vector<level>& levels) {
  // Room for the longest numbers first, so that nothing checks for it in the loop.
  constexpr std::size_t punctuation = 8;
  const std::size_t before = out.size();
  out.resize(before + 2 + levels.size() * (2 * max_number_chars + punctuation));
  char* end = out.data() + before;
  *end++ = '[';
  for (const level& l : levels) {
    end = put_text(end, R"([")");
    end = put_millionths(end, l.p.micros(), 2);
    end = put_text(end, R"(",")");
    end = put_millionths(end, l.q.micros(), 2);
    end = put_text(end, R"("],)");
  }
  if (!levels.empty()) --end;  // the comma after the last one
  *end++ = ']';
  out.resize(static_cast<std::size_t>(end - out.data()));
}

}  // namespace cornice::json
