// A book that remembers how the venue wrote each level, because its hash covers the text.
#pragma once

#include "cornice/base/result.hpp"
#include "cornice/model/money.hpp"
#include "cornice/model/order_book.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace cornice::venue::polymarket {

/// A level as it came: the numbers and the text that they were read from. Views live as long as the
/// bytes they were decoded from.
struct wire_level {
  price p;
  quantity q;  ///< new total at this price; zero removes the level in a change
  std::string_view price_text;
  std::string_view size_text;
};

/// Errors: malformed, out_of_range (price outside (0, 1), negative size, a text longer than a
/// text_level holds).
[[nodiscard]] result<wire_level> parse_level(std::string_view price_text,
                                             std::string_view size_text);

/// A stored level in 48 bytes: "0.5" and "0.50" are the same price and different hashes.
class text_level {
 public:
  static constexpr std::size_t max_text = 34;  ///< price and size text together

  text_level() = default;
  explicit text_level(const wire_level& l) noexcept;  ///< `l` passed parse_level

  [[nodiscard]] std::int32_t price_micros() const noexcept { return price_micros_; }
  [[nodiscard]] price p() const noexcept { return price::of_micros(price_micros_); }
  [[nodiscard]] quantity q() const noexcept { return q_; }
  [[nodiscard]] std::string_view price_text() const noexcept { return {text_, price_size_}; }
  [[nodiscard]] std::string_view size_text() const noexcept {
    return {text_ + price_size_, size_size_};
  }
  [[nodiscard]] wire_level wire() const noexcept { return {p(), q_, price_text(), size_text()}; }

 private:
  quantity q_;
  std::int32_t price_micros_ = 0;
  std::uint8_t price_size_ = 0;
  std::uint8_t size_size_ = 0;
  char text_[max_text] = {};
};

/// Levels worst first on both sides, as on the wire and in the hash: bids ascending, asks
/// descending, at most one a price. Allocation-free once capacity has grown. Not thread-safe.
class text_book {
 public:
  static constexpr std::size_t max_levels = order_book::max_levels;

  /// Replaces everything. The order on the wire does not matter (the venue's own documents
  /// contradict each other). Errors: malformed (a price twice, a level without size), out_of_range
  /// (too many levels); the book is empty then.
  result<void> assign(std::span<const wire_level> bids, std::span<const wire_level> asks);
  /// Sets the total at a price; size zero removes. O(log n + distance to the best price). Errors:
  /// out_of_range (too many levels); the book is unchanged then.
  result<void> set(book_side side, const wire_level& l);
  void clear() noexcept;

  [[nodiscard]] std::span<const text_level> levels(book_side side) const noexcept {
    return side == book_side::bid ? bids_ : asks_;
  }
  [[nodiscard]] std::optional<price> best(book_side side) const noexcept;
  [[nodiscard]] std::size_t size() const noexcept { return bids_.size() + asks_.size(); }
  [[nodiscard]] bool empty() const noexcept { return bids_.empty() && asks_.empty(); }
  /// Best bid >= best ask.
  [[nodiscard]] bool crossed() const noexcept;
  /// The best `count` levels, best first, into `out` (replaced).
  void top(book_side side, std::size_t count, std::vector<level>& out) const;
  [[nodiscard]] order_book to_order_book() const;

 private:
  std::vector<text_level> bids_;  // ascending
  std::vector<text_level> asks_;  // descending
};

}  // namespace cornice::venue::polymarket
