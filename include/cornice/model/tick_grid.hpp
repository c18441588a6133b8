// Which prices a venue accepts for a contract.
#pragma once

#include "cornice/base/result.hpp"
#include "cornice/model/money.hpp"

#include <optional>
#include <vector>

namespace cornice {

/// A band of prices with one step: start <= p <= end, p - start a multiple of step.
struct tick_band {
  price start;
  price end;
  std::int64_t step_micros = 0;
  friend bool operator==(const tick_band&, const tick_band&) = default;
};

/// Ascending bands that cover 0..1. A price is valid when it lies on the step of a band that
/// contains it and strictly inside (0, 1). Kalshi: price_ranges (kalshi.md 3.5). Polymarket: one
/// band; with the extra rule tick <= p <= 1 - tick, which a single band over (0, 1) already
/// implies.
class tick_grid {
 public:
  static constexpr std::size_t max_bands = 64;
  tick_grid() = default;  ///< no price is valid
  /// Errors: invalid_argument (empty, overlapping, a gap, a step <= 0 or not dividing its band).
  [[nodiscard]] static result<tick_grid> from_bands(std::vector<tick_band> bands);
  /// One step over 0..1. Errors: invalid_argument.
  [[nodiscard]] static result<tick_grid> uniform(std::int64_t step_micros);
  [[nodiscard]] const std::vector<tick_band>& bands() const noexcept { return bands_; }
  [[nodiscard]] bool empty() const noexcept { return bands_.empty(); }
  [[nodiscard]] bool accepts(price p) const noexcept;
  /// Largest valid price <= p / smallest valid price >= p; nothing when there is none inside (0,
  /// 1).
  [[nodiscard]] std::optional<price> floor(price p) const noexcept;
  [[nodiscard]] std::optional<price> ceil(price p) const noexcept;
  /// The grid of the complement contract: every band mirrored around one half.
  [[nodiscard]] tick_grid complement() const;
  /// Smallest step of any band; 0 when empty.
  [[nodiscard]] std::int64_t finest_step_micros() const noexcept;
  friend bool operator==(const tick_grid&, const tick_grid&) = default;

 private:
  std::vector<tick_band> bands_;
};

}  // namespace cornice
