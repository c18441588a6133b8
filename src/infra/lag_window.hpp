// Maximum over the last ten seconds, in constant space.
#pragma once

#include "cornice/base/time.hpp"

#include <algorithm>
#include <array>

namespace cornice::infra {

/// Keeps one maximum per second. Pure: time comes in.
class lag_window {
 public:
  /// Adds a measurement and returns the largest of the last ten seconds. `now` never goes back.
  std::chrono::microseconds add(instant now, std::chrono::microseconds lag) noexcept {
    const std::int64_t second =
        std::chrono::floor<std::chrono::seconds>(now.time_since_epoch()).count();
    slot& current = slots_[static_cast<std::size_t>(second) % slots_.size()];
    if (current.second != second) current = {second, std::chrono::microseconds{0}};
    current.largest = std::max(current.largest, lag);
    std::chrono::microseconds largest{0};
    for (const slot& s : slots_)
      if (second - s.second < static_cast<std::int64_t>(slots_.size()))
        largest = std::max(largest, s.largest);
    return largest;
  }

 private:
  struct slot {
    std::int64_t second = 0;
    std::chrono::microseconds largest{0};
  };
  std::array<slot, 10> slots_{};
};

}  // namespace cornice::infra
