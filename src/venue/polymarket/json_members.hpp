// Writing optional members: what is unset is left out, as the venue does.
#pragma once

#include "cornice/base/time.hpp"
#include "cornice/model/money.hpp"
#include "venue/polymarket/json_writer.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cornice::venue::polymarket {

inline void put_text(json_writer& w, std::string_view name, std::string_view text) {
  if (!text.empty()) w.field(name, text);
}
/// A decimal text as a JSON number.
inline void put_number(json_writer& w, std::string_view name, std::string_view token) {
  if (!token.empty()) w.raw_field(name, token);
}
inline void put_flag(json_writer& w, std::string_view name, const std::optional<bool>& flag) {
  if (flag) w.key(name).boolean(*flag);
}
inline void put_integer(json_writer& w, std::string_view name,
                        const std::optional<std::int64_t>& value) {
  if (value) w.raw_field(name, std::to_string(*value));
}
inline void put_ratio(json_writer& w, std::string_view name, const std::optional<ratio>& value) {
  if (value) w.raw_field(name, format_millionths(value->ppm, 0));
}
inline void put_time(json_writer& w, std::string_view name, const std::optional<timestamp>& value) {
  if (value) w.field(name, to_rfc3339(*value));
}
/// A string that holds a JSON array.
inline void put_stringified(json_writer& w, std::string_view name,
                            const std::vector<std::string>& texts) {
  if (texts.empty()) return;
  json_writer inner;
  inner.begin_array();
  for (const std::string& t : texts) inner.string(t);
  w.field(name, inner.end_array().take());
}

}  // namespace cornice::venue::polymarket
