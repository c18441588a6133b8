// Appends JSON to a string. Nothing is allocated besides the growth of the output.
#pragma once

#include "cornice/base/time.hpp"
#include "cornice/model/ids.hpp"
#include "cornice/model/money.hpp"
#include "cornice/model/order_book.hpp"
#include "cornice/model/tick_grid.hpp"
#include "model/enum_table.hpp"
#include "model/json_rules.hpp"

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cornice::json {

/// Longest output of put_millionths and put_integer.
inline constexpr std::size_t max_number_chars = 24;
inline constexpr std::size_t time_chars = 27;

/// As format_millionths, into `out`; answers the end of what was written.
char* put_millionths(char* out, std::int64_t millionths, int min_decimals) noexcept;
/// As to_rfc3339, into `out`. Times outside the years 0001..9999 become the nearest one inside.
char* put_rfc3339(char* out, timestamp t) noexcept;

/// A JSON string in quotes. Bytes that are not UTF-8 become U+FFFD, so that the output is JSON
/// whatever came in. Stops before the text exceeds `max_bytes` (of text, not of its escaped form).
void append_string(std::string& out, std::string_view text,
                   std::size_t max_bytes = std::numeric_limits<std::size_t>::max());
void append_integer(std::string& out, std::int64_t value);
void append_integer(std::string& out, std::uint64_t value);
/// In quotes, at least two decimals.
void append_decimal(std::string& out, std::int64_t millionths);
void append_time(std::string& out, timestamp t);
/// `[["0.31","120.00"],…]`.
void append_levels(std::string& out, const std::vector<level>& levels);

template <class T, class... Rules>
void append_value(std::string& out, const T& value, Rules... rules);

/// Writes the fields of one object; given to schema<T>::fields.
class object_writer {
 public:
  explicit object_writer(std::string& out) : out_{out} {}

  template <class T, class... Rules>
  void operator()(std::string_view key, const T& value, Rules... rules) {
    out_.append(first_ ? "{\"" : ",\"", 2).append(key).append("\":", 2);
    first_ = false;
    append_value(out_, value, rules...);
  }

 private:
  std::string& out_;
  bool first_ = true;
};

template <class T>
requires std::is_enum_v<T>
void write(std::string& out, T value) {
  // Names in the tables are plain words.
  out.append(1, '"').append(enum_to_string(value)).append(1, '"');
}
inline void write(std::string& out, bool value) {
  out.append(value ? "true" : "false");
}
inline void write(std::string& out, std::int64_t value, at_least = not_negative) {
  append_integer(out, value);
}
inline void write(std::string& out, std::uint64_t value) {
  append_integer(out, value);
}
inline void write(std::string& out, price p) {
  append_decimal(out, p.micros());
}
inline void write(std::string& out, quantity q, at_least = not_negative) {
  append_decimal(out, q.micros());
}
inline void write(std::string& out, money m) {
  append_decimal(out, m.micros());
}
inline void write(std::string& out, ratio r) {
  append_decimal(out, r.ppm);
}
inline void write(std::string& out, timestamp t) {
  append_time(out, t);
}
inline void write(std::string& out, timestamp t, unknown_as_null) {
  if (t == timestamp{})
    out.append("null");
  else
    append_time(out, t);
}
template <class Tag>
void write(std::string& out, const text_id<Tag>& id) {
  append_string(out, id.view());
}
template <class Tag>
void write(std::string& out, const text_id<Tag>& id, optional_id) {
  append_string(out, id.view());
}
inline void write(std::string& out, const contract_id& id) {
  append_string(out, id.view());
}
inline void write(std::string& out, const std::string& value, string_rule rule) {
  if (rule.cut)
    append_string(out, value, rule.max_bytes);
  else
    append_string(out, value);
}
inline void write(std::string& out, const std::vector<level>& levels, count_between) {
  append_levels(out, levels);
}
inline void write(std::string& out, const tick_grid& grid) {
  append_value(out, grid.bands(), count_between{0, tick_grid::max_bands});
}
template <class T>
requires has_schema<T>
void write(std::string& out, const T& value) {
  object_writer io{out};
  schema<T>::fields(io, value);
  out += '}';
}
template <class T, class... Rules>
void write(std::string& out, const std::optional<T>& value, Rules... rules) {
  if (value)
    append_value(out, *value, rules...);
  else
    out.append("null");
}
template <class T, class... Rules>
void write(std::string& out, const std::vector<T>& values, count_between, Rules... rules) {
  out += '[';
  for (const T& value : values) {
    if (&value != values.data()) out += ',';
    append_value(out, value, rules...);
  }
  out += ']';
}

template <class T, class... Rules>
void append_value(std::string& out, const T& value, Rules... rules) {
  write(out, value, rules...);
}

}  // namespace cornice::json
