#include "cornice/sim/rate_budget.hpp"

#include <algorithm>

namespace cornice::sim {

bool token_bucket::take(std::int64_t cost, timestamp now) noexcept {
  if (last_ != timestamp{} && now > last_) {
    // An hour fills any bucket; the bound keeps the product inside 64 bits.
    const std::int64_t us = std::min<std::int64_t>((now - last_).count(), 3'600'000'000);
    level_milli_ = std::min(capacity_milli_, level_milli_ + us * per_second_milli_ / 1'000'000);
  }
  last_ = now;
  if (level_milli_ < cost * 1'000) return false;
  level_milli_ -= cost * 1'000;
  return true;
}

bool rate_budgets::take(std::string_view name, std::int64_t window, std::int64_t window_s,
                        std::int64_t cost, timestamp now) {
  auto found = buckets_.find(name);
  if (found == buckets_.end())
    found =
        buckets_.emplace(std::string{name}, token_bucket{window * 1'000 / window_s, window}).first;
  return found->second.take(cost, now);
}

}  // namespace cornice::sim
