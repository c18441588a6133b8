// Reads JSON into structs by a table of fields, in one pass and in the order of the document.
// Prices and strikes are taken from the text of their token, so that no number is ever rounded on
// its way in.
#pragma once

#include "cornice/base/result.hpp"
#include "cornice/base/time.hpp"
#include "cornice/model/ids.hpp"
#include "cornice/model/order_book.hpp"
#include "cornice/venue/kalshi/exchange.hpp"
#include "cornice/venue/kalshi/types.hpp"

#include <simdjson.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace cornice::venue::kalshi::json {

namespace od = simdjson::ondemand;

/// Larger bodies are refused before parsing: 64 MiB is the venue's largest WebSocket message.
inline constexpr std::size_t max_body_bytes = 64u << 20;

/// The first failure of a decoding, with its JSON pointer put together while the calls return.
class reader {
 public:
  bool fail(errc code, std::string text) {
    error_ = {code, std::move(text)};
    pointer_.clear();
    return false;
  }
  bool fail(simdjson::error_code code) {
    return fail(errc::malformed, simdjson::error_message(code));
  }
  bool fail(const error& e) { return fail(e.code, e.message); }
  /// Notes that the failure lies inside this key or element; always false.
  bool inside(std::string_view key) {
    pointer_.insert(0, std::string{"/"}.append(key.substr(0, 64)));
    return false;
  }
  bool inside(std::size_t index) { return inside(std::to_string(index)); }
  [[nodiscard]] error take() const {
    return {error_.code, (pointer_.empty() ? "/" : pointer_) + ": " + error_.message};
  }

 private:
  error error_;
  std::string pointer_;
};

inline std::string_view trimmed(std::string_view token) {
  while (!token.empty() && (token.back() == ' ' || token.back() == '\n' || token.back() == '\r' ||
                            token.back() == '\t'))
    token.remove_suffix(1);
  return token;
}

/// The text of a scalar, quotes included.
inline std::string_view token_of(od::value& v) {
  return trimmed(v.raw_json_token());
}

inline bool is_null(od::value& v) {
  return token_of(v) == "null";
}

/// The bytes between the quotes of a string token that has no escapes: true for every id, decimal,
/// time and enum of the venue.
inline bool plain_text(reader& r, od::value& v, std::string_view& out) {
  const std::string_view token = token_of(v);
  if (token.size() < 2 || token.front() != '"' || token.back() != '"')
    return r.fail(errc::malformed, "is not a string");
  out = token.substr(1, token.size() - 2);
  if (out.find('\\') != std::string_view::npos)
    return r.fail(errc::malformed, "has escapes where a plain text belongs");
  return true;
}

/// A key of an object as it stands in the document. Keys with escapes come out cut, and so match
/// nothing: the venue has none.
inline std::string_view key_text(od::raw_json_string key) {
  const char* begin = key.raw();
  return {begin, static_cast<std::size_t>(std::strchr(begin, '"') - begin)};
}

/// A complete JSON number (RFC 8259 section 6).
bool is_number(std::string_view text) noexcept;
/// "03:00" as minutes; false when it is no time of day.
bool parse_minute_of_day(std::string_view text, minute_of_day& out) noexcept;

// Enums by their parse function.
inline void parse_word(std::string_view t, market_status& out) {
  out = parse_market_status(t);
}
inline void parse_word(std::string_view t, market_type& out) {
  out = parse_market_type(t);
}
inline void parse_word(std::string_view t, market_result& out) {
  out = parse_market_result(t);
}
inline void parse_word(std::string_view t, settlement_bounds& out) {
  out = parse_settlement_bounds(t);
}
inline void parse_word(std::string_view t, fee_type& out) {
  out = parse_fee_type(t);
}
inline void parse_word(std::string_view t, lifecycle_event& out) {
  out = parse_lifecycle_event(t);
}

template <class T>
concept open_word = requires(T& out) {
  parse_word(std::string_view{}, out);
};

/// Specialised by every struct that is an object: `static constexpr auto table = fields<T>(…)`.
template <class T>
struct codec;

template <class T>
bool read_object(reader& r, od::value v, T& out);

template <class T>
requires requires {
  codec<T>::table;
}
bool read(reader& r, od::value v, T& out) {
  return read_object(r, v, out);
}

template <open_word T>
bool read(reader& r, od::value v, T& out) {
  std::string_view text;
  if (!plain_text(r, v, text)) return false;
  parse_word(text, out);
  return true;
}

bool read(reader& r, od::value v, std::string& out);
/// A view that lives as long as the parsed text and its parser's current document.
bool read(reader& r, od::value v, std::string_view& out);
bool read(reader& r, od::value v, bool& out);
bool read(reader& r, od::value v, std::int64_t& out);
bool read(reader& r, od::value v, price& out);
bool read(reader& r, od::value v, quantity& out);
bool read(reader& r, od::value v, money& out);
/// From a JSON number: fee multipliers are not strings.
bool read(reader& r, od::value v, ratio& out);
bool read(reader& r, od::value v, timestamp& out);
bool read(reader& r, od::value v, outcome& out);
bool read(reader& r, od::value v, book_side& out);
bool read(reader& r, od::value v, raw_json& out);
bool read(reader& r, od::value v, number_text& out);
bool read(reader& r, od::value v, minute_of_day& out);
/// A pair `["0.3100","120.00"]`.
bool read(reader& r, od::value v, level& out);

template <class T>
bool read(reader& r, od::value v, std::optional<T>& out) {
  const std::string_view token = token_of(v);
  if (token == "null") {
    out.reset();
    return true;
  }
  // The venue writes the absence of a time or of a side as an empty text, too.
  if constexpr (std::is_same_v<T, timestamp> || std::is_same_v<T, outcome> ||
                std::is_same_v<T, book_side> || std::is_same_v<T, price>) {
    if (token == "\"\"") {
      out.reset();
      return true;
    }
  }
  return read(r, v, out.emplace());
}

/// Calls `each(index, value)` until it answers false; null counts as an empty array.
template <class F>
bool for_each_item(reader& r, od::value v, F each) {
  if (is_null(v)) return true;
  od::array items;
  if (v.get_array().get(items)) return r.fail(errc::malformed, "is not an array");
  std::size_t index = 0;
  for (auto item : items) {
    od::value element;
    if (const auto code = item.get(element)) return r.fail(code);
    if (!each(index, element)) return false;
    ++index;
  }
  return true;
}

template <class T>
bool read(reader& r, od::value v, std::vector<T>& out) {
  out.clear();
  return for_each_item(r, v, [&](std::size_t index, od::value element) {
    return read(r, element, out.emplace_back()) || r.inside(index);
  });
}

/// As above, but an item that fails goes to `rejected` and the rest go on. A document whose
/// structure is broken still fails as a whole.
template <class T>
bool read_leniently(reader& r, od::value v, std::string_view name, std::vector<T>& out,
                    std::vector<error>& rejected) {
  out.clear();
  return for_each_item(r, v, [&](std::size_t index, od::value element) {
    if (read(r, element, out.emplace_back())) return true;
    out.pop_back();
    r.inside(index);
    r.inside(name);
    rejected.push_back(r.take());
    return true;
  });
}

}  // namespace cornice::venue::kalshi::json
