#include "infra/backoff.hpp"

#include "cornice/base/check.hpp"

namespace cornice::infra {

exponential_backoff::exponential_backoff(std::chrono::milliseconds min,
                                         std::chrono::milliseconds max) noexcept
    : min_{min}, max_{max}, ceiling_{min} {
  invariant(min.count() > 0 && min <= max, "a backoff has 0 < min <= max");
}

std::chrono::milliseconds exponential_backoff::next(std::uint64_t random) noexcept {
  const auto ceiling_ms = static_cast<std::uint64_t>(ceiling_.count());
  const std::uint64_t spread_ms = ceiling_ms / 2;
  const std::uint64_t wait_ms = ceiling_ms - random % (spread_ms + 1);
  // Compare before doubling: max may be the largest duration there is.
  ceiling_ = ceiling_ > max_ - ceiling_ ? max_ : 2 * ceiling_;
  return std::chrono::milliseconds{static_cast<std::int64_t>(wait_ms)};
}

}  // namespace cornice::infra
