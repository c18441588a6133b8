// When something on a tape happens in its replay.
#pragma once

#include "cornice/base/time.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace cornice::sim {

/// The tape's first record falls on the start of the replay; from there on the tape's time runs
/// `speed_ppm` / 1'000'000 times as fast. All times of the tape are carried over by the same rule,
/// so that what was fresh, or an hour away, when it was recorded is so again. Pure.
class tape_clock {
 public:
  /// Requires `speed_ppm` > 0.
  tape_clock(timestamp tape_begin, timestamp start, std::int64_t speed_ppm) noexcept
      : tape_begin_{tape_begin}, start_{start}, speed_ppm_{speed_ppm} {}

  /// The tape's time at a moment of the replay.
  [[nodiscard]] timestamp on_tape(timestamp now) const noexcept;
  /// The moment of the replay for a time on the tape. Times before 2000 and after 2200 stand for
  /// "none" or "never" and stay.
  [[nodiscard]] timestamp served(timestamp tape) const noexcept;
  [[nodiscard]] std::int64_t served_ms(std::int64_t tape_ms) const noexcept {
    return unix_ms(served(from_unix_ms(tape_ms)));
  }
  /// As served(), of whole seconds.
  [[nodiscard]] std::int64_t served_s(std::int64_t tape_s) const noexcept {
    return unix_ms(served(from_unix_s(tape_s))) / 1'000;
  }
  /// A JSON document with every text that is a time (RFC 3339, or a venue's `2026-09-26
  /// 18:45:00+00`) carried over. A time inside a longer text is prose and stays.
  [[nodiscard]] std::string served_document(std::string_view json) const;

 private:
  timestamp tape_begin_;
  timestamp start_;
  std::int64_t speed_ppm_;
};

}  // namespace cornice::sim
