// A request budget that refills continuously.
#pragma once

#include "cornice/base/time.hpp"

#include <algorithm>
#include <cstdint>

namespace cornice::data {

/// Time is an argument. Not thread-safe.
class token_bucket {
 public:
  token_bucket(std::int64_t per_second, std::int64_t capacity) noexcept
      : per_second_{per_second},
        capacity_micro_{capacity * micro},
        tokens_micro_{capacity * micro} {}

  /// Takes `cost` if there is enough. A cost above the capacity never passes.
  [[nodiscard]] bool take(std::int64_t cost, instant now) noexcept {
    refill(now);
    if (tokens_micro_ < cost * micro) return false;
    tokens_micro_ -= cost * micro;
    return true;
  }
  /// How long until `cost` could be taken.
  [[nodiscard]] std::chrono::microseconds wait_for(std::int64_t cost, instant now) noexcept {
    refill(now);
    const std::int64_t missing = cost * micro - tokens_micro_;
    if (missing <= 0) return {};
    return std::chrono::microseconds{missing / std::max<std::int64_t>(1, per_second_) + 1};
  }
  /// The venue said "too many requests": whatever we thought we had is gone.
  void drain() noexcept { tokens_micro_ = 0; }
  void set_rate(std::int64_t per_second, std::int64_t capacity) noexcept {
    per_second_ = per_second;
    capacity_micro_ = capacity * micro;
    tokens_micro_ = std::min(tokens_micro_, capacity_micro_);
  }

 private:
  static constexpr std::int64_t micro = 1'000'000;

  void refill(instant now) noexcept {
    if (!started_ || now < last_) {
      started_ = true;
      last_ = now;
      return;
    }
    const auto passed = std::chrono::duration_cast<std::chrono::microseconds>(now - last_);
    // A pause longer than an hour fills any bucket; the cap keeps the product within 64 bits.
    const std::int64_t us = std::min<std::int64_t>(passed.count(), 3'600'000'000);
    tokens_micro_ = std::min(capacity_micro_, tokens_micro_ + us * per_second_);
    last_ = now;
  }

  std::int64_t per_second_;
  std::int64_t capacity_micro_;
  std::int64_t tokens_micro_;
  bool started_ = false;
  instant last_{};
};

}  // namespace cornice::data
