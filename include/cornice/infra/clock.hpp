// The only place that reads a clock.
#pragma once

#include "cornice/base/time.hpp"

namespace cornice::infra {

/// Source of time. Thread-safe. The daemon uses system_clock(); tests and simulation bring their
/// own.
class clock {
 public:
  virtual ~clock() = default;
  [[nodiscard]] virtual timestamp now() const noexcept = 0;
  [[nodiscard]] virtual instant monotonic() const noexcept = 0;
};

/// The operating system's clocks. Lives for the whole process.
[[nodiscard]] const clock& system_clock() noexcept;

/// A clock that stands still until told. Not thread-safe.
class manual_clock final : public clock {
 public:
  explicit manual_clock(timestamp start) noexcept : now_{start} {}
  [[nodiscard]] timestamp now() const noexcept override { return now_; }
  [[nodiscard]] instant monotonic() const noexcept override { return monotonic_; }
  void advance(std::chrono::microseconds by) noexcept {
    now_ += by;
    monotonic_ += by;
  }

 private:
  timestamp now_;
  instant monotonic_{};
};

}  // namespace cornice::infra
