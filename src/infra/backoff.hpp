// Waits between attempts: exponential, capped, with jitter.
#pragma once

#include <chrono>
#include <cstdint>

namespace cornice::infra {

/// Pure: the caller brings the randomness. The n-th wait lies within the upper half of
/// min·2^n, capped at max, so that many clients of one lost peer do not return in step.
class exponential_backoff {
 public:
  /// Requires 0 < min <= max.
  exponential_backoff(std::chrono::milliseconds min, std::chrono::milliseconds max) noexcept;

  /// The next wait. `random` is uniform over 64 bits.
  [[nodiscard]] std::chrono::milliseconds next(std::uint64_t random) noexcept;
  /// Begins anew, after a success.
  void reset() noexcept { ceiling_ = min_; }

 private:
  std::chrono::milliseconds min_;
  std::chrono::milliseconds max_;
  std::chrono::milliseconds ceiling_;
};

}  // namespace cornice::infra
