// How a log line looks: pure functions from values to text.
#pragma once

#include "cornice/base/time.hpp"
#include "cornice/infra/log.hpp"

#include <functional>
#include <span>
#include <string>
#include <string_view>

namespace cornice::infra {

/// Text values longer than this are cut, with `…` in place of the rest.
inline constexpr std::size_t log_value_limit = 4096;

struct log_record {
  timestamp at{};
  log_level level = log_level::info;
  std::string_view component;
  std::string_view event;
  std::span<const log_field> fields;
};

/// Applied to every text value before it is cut, so that a secret cannot survive in part.
using log_value_filter = std::function<void(std::string&)>;

/// One JSON object without newline: ts, level, event, component, then the fields in order.
[[nodiscard]] std::string json_log_line(const log_record& record, const log_value_filter& filter);

/// `HH:MM:SS.mmm LEVEL component event key=value…`, UTC, without newline. Values with spaces or
/// quotes are quoted. `colour` adds terminal colours to level and event.
[[nodiscard]] std::string human_log_line(const log_record& record, bool colour,
                                         const log_value_filter& filter);

/// Appends `text` as the inside of a JSON string. Invalid UTF-8 becomes U+FFFD; control characters,
/// C1 ones too, become escapes, so that no line can steer a terminal.
void append_json_escaped(std::string& out, std::string_view text);

}  // namespace cornice::infra
