// The strategy: keeps the newest book of every contract it was told of and scores what a changed
// book makes possible.
#pragma once

#include "cornice/model/decisions.hpp"
#include "cornice/model/listing.hpp"
#include "cornice/model/signals.hpp"
#include "cornice/strategy/limits.hpp"

#include <cstdint>
#include <memory>
#include <vector>

namespace cornice::strategy {

/// What one book update led to. Opportunities are ordered best first: annualised return, then edge,
/// then fewer legs.
struct evaluation {
  std::vector<opportunity> opportunities;
  std::vector<opportunity_refusal> refusals;
};

/// Pure in its inputs: the same sequence of calls gives the same output, byte for byte. No I/O, no
/// clock, no randomness. One thread. An update costs O(candidates that contain the contract ×
/// levels walked), whatever else the engine holds.
///
/// Candidates: every listing's YES+NO (complement); for an exhaustive set all members and, for any
/// set, all their complements (outcome_set); for a binary market every YES-paying contract of one
/// venue with every NO-paying contract of another (cross_venue). Candidates of mappings that are
/// not approved are scored too, and refused at gate `not_approved`.
class engine {
 public:
  explicit engine(strategy_limits limits);
  ~engine();
  engine(const engine&) = delete;
  engine& operator=(const engine&) = delete;

  void update_listing(const listing& l);
  /// Replaces everything known of this market.
  void update_market(const market& m);
  void update_feed(const feed_signal& f);
  /// Cash free at a venue, after what execution has reserved. Unknown venues have none.
  void update_cash(venue_id venue, money cash);
  /// Books of contracts without any candidate are kept, cost O(1).
  [[nodiscard]] evaluation update_book(book_signal book, timestamp now);

  [[nodiscard]] std::size_t contracts() const noexcept;
  [[nodiscard]] std::size_t candidates() const noexcept;

 private:
  struct state;
  std::unique_ptr<state> state_;
};

}  // namespace cornice::strategy
