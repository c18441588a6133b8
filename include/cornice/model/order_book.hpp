// Price levels of one contract.
#pragma once

#include "cornice/base/result.hpp"
#include "cornice/model/money.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace cornice {

enum class book_side : std::uint8_t { bid, ask };

struct level {
  price p;
  quantity q;  ///< total resting at this price, > 0
  friend bool operator==(const level&, const level&) = default;
};

/// Aggregated book: at most one level a price and side. Levels are kept worst first, so that the
/// busy end (the best price) is the cheap end of the vector. Not thread-safe. Allocation-free once
/// capacity has grown.
class order_book {
 public:
  /// More levels than this on one side are refused: a venue's price grid has at most 9,999 prices.
  static constexpr std::size_t max_levels = 10'000;

  /// Sets the total at a price; zero removes the level. O(log n + distance to the best price).
  /// Errors: out_of_range (negative total, too many levels); the book is unchanged then.
  result<void> set(book_side side, price p, quantity total);
  /// Adds a signed change to the total at a price. Errors: out_of_range when the total would become
  /// negative: the book no longer mirrors the venue and is unchanged.
  result<void> add(book_side side, price p, quantity delta);
  void clear() noexcept;
  /// Worst price first.
  [[nodiscard]] std::span<const level> levels(book_side side) const noexcept;
  [[nodiscard]] std::optional<level> best(book_side side) const noexcept;
  [[nodiscard]] quantity at(book_side side, price p) const noexcept;
  [[nodiscard]] bool empty() const noexcept { return bids_.empty() && asks_.empty(); }
  /// Best bid >= best ask: never true for a correct book of either venue.
  [[nodiscard]] bool crossed() const noexcept;
  /// The complement contract's book: bid p becomes ask 1-p.
  [[nodiscard]] order_book complement() const;
  friend bool operator==(const order_book&, const order_book&) = default;

 private:
  [[nodiscard]] std::vector<level>& side_of(book_side s) noexcept {
    return s == book_side::bid ? bids_ : asks_;
  }
  std::vector<level> bids_;  // ascending
  std::vector<level> asks_;  // descending
};

}  // namespace cornice
