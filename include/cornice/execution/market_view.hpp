// What execution knows of the markets, from the bus alone: listings, mappings, books, feeds.
#pragma once

#include "cornice/execution/positions.hpp"
#include "cornice/model/signals.hpp"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

namespace cornice::execution {

/// Latest word on everything. A full table refuses new entries (counted) rather than forget one
/// that may be traded. Hash tables are for lookups only: nothing iterates them on a decision path.
/// Not thread-safe.
class market_view {
 public:
  static constexpr std::size_t max_listings = 200'000;
  static constexpr std::size_t max_markets = 50'000;
  static constexpr std::size_t max_books = 50'000;

  void on_market(const market_signal& s);
  /// Keeps a book only when it is not older than the one held (same epoch, lower revision).
  void on_book(const book_signal& s);
  void on_feed(const feed_signal& s);

  [[nodiscard]] const listing* listing_of(const contract_id& c) const;
  [[nodiscard]] const book_signal* book(const contract_id& c) const;
  [[nodiscard]] const feed_signal* feed(venue_id v) const;
  [[nodiscard]] const market* market_by(const market_id& id) const;
  /// Every market that names `c` or the other contract of its listing, in the order of ids.
  [[nodiscard]] std::vector<const market*> markets_of(const contract_id& c) const;
  /// The grid of this very contract (the complement grid for NO); empty when unknown.
  [[nodiscard]] tick_grid grid_of(const contract_id& c) const;
  [[nodiscard]] std::optional<contract_id> opposite(const contract_id& c) const;
  /// `opposite` on a venue that nets pairs, else nothing.
  [[nodiscard]] std::optional<contract_id> netting_opposite(const contract_id& c) const;
  /// Contracts whose risk belongs together with `c`: both of its listing and all of every market it
  /// is mapped into. Sorted; contains `c`.
  [[nodiscard]] std::vector<contract_id> family(const contract_id& c) const;
  /// Best bid of the last usable book; nothing before the first.
  [[nodiscard]] std::optional<price> last_bid(const contract_id& c) const;
  [[nodiscard]] std::uint64_t dropped() const noexcept { return dropped_; }

 private:
  struct book_entry {
    book_signal latest;
    std::optional<price> last_bid;
  };
  struct contract_entry {
    std::string listing_key;
    std::set<market_id> markets;
  };
  std::unordered_map<std::string, listing> listings_;  // key: <venue>:<listing id>
  std::unordered_map<contract_id, contract_entry> contracts_;
  std::unordered_map<market_id, market> markets_;
  std::unordered_map<contract_id, book_entry> books_;
  std::map<venue_id, feed_signal> feeds_;
  std::uint64_t dropped_ = 0;
};

}  // namespace cornice::execution
