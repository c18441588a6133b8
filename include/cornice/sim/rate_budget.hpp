// The venues' request budgets.
#pragma once

#include "cornice/base/time.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace cornice::sim {

/// Continuous refill up to a capacity; a request takes its cost or is refused whole.
class token_bucket {
 public:
  token_bucket() = default;
  token_bucket(std::int64_t per_second_milli, std::int64_t capacity) noexcept
      : per_second_milli_{per_second_milli},
        capacity_milli_{capacity * 1'000},
        level_milli_{capacity * 1'000} {}
  bool take(std::int64_t cost, timestamp now) noexcept;

 private:
  std::int64_t per_second_milli_ = 0;  // thousandths of a token a second
  std::int64_t capacity_milli_ = 0;
  std::int64_t level_milli_ = 0;
  timestamp last_{};
};

/// Buckets by name, made at their first use. Bounded by the names that the callers use.
class rate_budgets {
 public:
  /// `window` tokens every `window_s` seconds, all of which may be used at once.
  bool take(std::string_view name, std::int64_t window, std::int64_t window_s, std::int64_t cost,
            timestamp now);

 private:
  std::map<std::string, token_bucket, std::less<>> buckets_;
};

}  // namespace cornice::sim
