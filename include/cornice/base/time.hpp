// Points in time. Decisions take them as arguments; only infra/clock.hpp reads a clock.
#pragma once

#include "cornice/base/result.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace cornice {

/// Wall-clock time, microseconds since the Unix epoch (the precision PostgreSQL keeps).
using timestamp = std::chrono::sys_time<std::chrono::microseconds>;

/// Monotonic time for ages, waits and latencies.
using instant = std::chrono::steady_clock::time_point;

[[nodiscard]] constexpr timestamp from_unix_us(std::int64_t us) noexcept {
  return timestamp{std::chrono::microseconds{us}};
}
[[nodiscard]] constexpr timestamp from_unix_ms(std::int64_t ms) noexcept {
  return timestamp{std::chrono::milliseconds{ms}};
}
[[nodiscard]] constexpr timestamp from_unix_s(std::int64_t s) noexcept {
  return timestamp{std::chrono::seconds{s}};
}
[[nodiscard]] constexpr std::int64_t unix_us(timestamp t) noexcept {
  return t.time_since_epoch().count();
}
[[nodiscard]] constexpr std::int64_t unix_ms(timestamp t) noexcept {
  return std::chrono::floor<std::chrono::milliseconds>(t).time_since_epoch().count();
}

/// `2026-11-22T16:07:00.123456Z`, always six fraction digits. Years 0001..9999.
[[nodiscard]] std::string to_rfc3339(timestamp t);

/// Parses RFC 3339 with any number of fraction digits (beyond six are truncated) and `Z` or a
/// numeric offset; also the venues' `2026-09-26 18:45:00+00`. Errors: malformed.
[[nodiscard]] result<timestamp> parse_rfc3339(std::string_view text);

}  // namespace cornice
