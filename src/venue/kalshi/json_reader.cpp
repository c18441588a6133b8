#include "venue/kalshi/json_reader.hpp"

#include <cstddef>

namespace cornice::venue::kalshi::json {
namespace {

constexpr timestamp first_writable{std::chrono::sys_days{std::chrono::year{1} / 1 / 1}};
constexpr timestamp last_writable{std::chrono::sys_days{std::chrono::year{9999} / 12 / 31} +
                                  std::chrono::hours{24} - std::chrono::microseconds{1}};

bool digit(char c) {
  return c >= '0' && c <= '9';
}

std::size_t skip_digits(std::string_view text, std::size_t at) {
  while (at < text.size() && digit(text[at])) ++at;
  return at;
}

template <class T>
bool read_decimal(reader& r, od::value v, T& out) {
  std::string_view text;
  if (!plain_text(r, v, text)) return false;
  const auto parsed = T::parse(text);
  if (!parsed) return r.fail(parsed.error());
  out = *parsed;
  return true;
}

}  // namespace

bool is_number(std::string_view text) noexcept {
  std::size_t at = !text.empty() && text[0] == '-' ? 1 : 0;
  const std::size_t whole = skip_digits(text, at);
  if (whole == at || (text[at] == '0' && whole > at + 1)) return false;
  at = whole;
  if (at < text.size() && text[at] == '.') {
    const std::size_t fraction = skip_digits(text, at + 1);
    if (fraction == at + 1) return false;
    at = fraction;
  }
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    ++at;
    if (at < text.size() && (text[at] == '+' || text[at] == '-')) ++at;
    const std::size_t exponent = skip_digits(text, at);
    if (exponent == at) return false;
    at = exponent;
  }
  return at == text.size();
}

bool parse_minute_of_day(std::string_view text, minute_of_day& out) noexcept {
  if (text.size() != 5 || text[2] != ':') return false;
  for (const std::size_t i : {0u, 1u, 3u, 4u})
    if (!digit(text[i])) return false;
  const int hours = (text[0] - '0') * 10 + (text[1] - '0');
  const int minutes = (text[3] - '0') * 10 + (text[4] - '0');
  if (hours > 23 || minutes > 59) return false;
  out.minutes = static_cast<std::int16_t>(hours * 60 + minutes);
  return true;
}

bool read(reader& r, od::value v, std::string& out) {
  std::string_view text;
  if (v.get_string().get(text)) return r.fail(errc::malformed, "is not a string");
  out.assign(text);
  return true;
}

bool read(reader& r, od::value v, std::string_view& out) {
  const std::string_view token = token_of(v);
  if (token.size() >= 2 && token.front() == '"' && token.back() == '"' &&
      token.find('\\') == std::string_view::npos) {
    out = token.substr(1, token.size() - 2);
    return true;
  }
  if (v.get_string().get(out)) return r.fail(errc::malformed, "is not a string");
  return true;
}

bool read(reader& r, od::value v, bool& out) {
  const std::string_view token = token_of(v);
  if (token != "true" && token != "false") return r.fail(errc::malformed, "is not true or false");
  out = token == "true";
  return true;
}

bool read(reader& r, od::value v, std::int64_t& out) {
  if (v.get_int64().get(out)) return r.fail(errc::malformed, "is not a 64-bit integer");
  return true;
}

bool read(reader& r, od::value v, price& out) {
  return read_decimal(r, v, out);
}
bool read(reader& r, od::value v, quantity& out) {
  return read_decimal(r, v, out);
}
bool read(reader& r, od::value v, money& out) {
  return read_decimal(r, v, out);
}

bool read(reader& r, od::value v, ratio& out) {
  const std::string_view token = token_of(v);
  if (!is_number(token)) return r.fail(errc::malformed, "is not a number");
  const auto parsed = ratio::parse(token);
  if (!parsed) return r.fail(parsed.error());
  out = *parsed;
  return true;
}

bool read(reader& r, od::value v, timestamp& out) {
  std::string_view text;
  if (!plain_text(r, v, text)) return false;
  const auto parsed = parse_rfc3339(text);
  if (!parsed) return r.fail(parsed.error());
  // An offset can carry a time out of the years that can be written again.
  if (*parsed < first_writable || *parsed > last_writable)
    return r.fail(errc::out_of_range, "lies outside the years 0001 to 9999");
  out = *parsed;
  return true;
}

bool read(reader& r, od::value v, outcome& out) {
  std::string_view text;
  if (!plain_text(r, v, text)) return false;
  if (text != "yes" && text != "no")
    return r.fail(errc::malformed, "is neither \"yes\" nor \"no\"");
  out = text == "yes" ? outcome::yes : outcome::no;
  return true;
}

bool read(reader& r, od::value v, book_side& out) {
  std::string_view text;
  if (!plain_text(r, v, text)) return false;
  if (text != "bid" && text != "ask")
    return r.fail(errc::malformed, "is neither \"bid\" nor \"ask\"");
  out = text == "bid" ? book_side::bid : book_side::ask;
  return true;
}

bool read(reader& r, od::value v, raw_json& out) {
  od::json_type type{};
  if (const auto code = v.type().get(type)) return r.fail(code);
  std::string_view text;
  if (type == od::json_type::object) {
    od::object object;
    if (const auto code = v.get_object().get(object)) return r.fail(code);
    if (const auto code = object.raw_json().get(text)) return r.fail(code);
  } else if (type == od::json_type::array) {
    od::array array;
    if (const auto code = v.get_array().get(array)) return r.fail(code);
    if (const auto code = array.raw_json().get(text)) return r.fail(code);
  } else {
    text = token_of(v);
    const bool word = text == "true" || text == "false" || text == "null" || is_number(text);
    if (!word && type != od::json_type::string) return r.fail(errc::malformed, "is not JSON");
  }
  out.text.assign(trimmed(text));
  return true;
}

bool read(reader& r, od::value v, number_text& out) {
  const std::string_view token = token_of(v);
  if (!is_number(token)) return r.fail(errc::malformed, "is not a number");
  out.text.assign(token);
  return true;
}

bool read(reader& r, od::value v, minute_of_day& out) {
  std::string_view text;
  if (!plain_text(r, v, text)) return false;
  if (!parse_minute_of_day(text, out))
    return r.fail(errc::malformed, "is not a time of day such as 03:00");
  return true;
}

bool read(reader& r, od::value v, level& out) {
  std::size_t count = 0;
  const bool ok = for_each_item(r, v, [&](std::size_t index, od::value element) {
    ++count;
    if (index == 0) return read(r, element, out.p) || r.inside(index);
    if (index == 1) return read(r, element, out.q) || r.inside(index);
    return true;  // a third member would be an addition of the venue
  });
  if (!ok) return false;
  return count >= 2 || r.fail(errc::malformed, "is not a pair of price and count");
}

}  // namespace cornice::venue::kalshi::json
