// What the strategy may look for and how large a single opportunity may be.
#pragma once

#include "cornice/model/ids.hpp"
#include "cornice/model/money.hpp"

#include <array>
#include <chrono>

namespace cornice::strategy {

/// Validated by the configuration reader; execution checks its own limits again and independently.
struct strategy_limits {
  bool complement = true;
  bool outcome_set = true;
  bool cross_venue = true;
  /// Cost and fees of all legs together.
  money max_bundle_cost = money::dollars(90);
  quantity max_bundle_size = quantity::contracts(150);
  /// Share of a venue's free cash that one bundle may use.
  ratio max_cash_share{250'000};
  /// An opportunity earns at least this much after fees.
  money min_edge{100'000};
  /// Edge on cost and fees.
  ratio min_edge_on_cost{2'000};
  /// Edge on cost and fees per year of lock-up.
  ratio min_annual_return{20'000};
  /// A marketable order below this notional is refused by the venue (polymarket.md 5.7: 1 pUSD).
  std::array<money, std::size(all_venues)> min_leg_notional{money{0}, money::dollars(1), money{0}};
  /// Age of a book, counted from when data last confirmed it.
  std::chrono::microseconds max_book_age{std::chrono::seconds{15}};
  /// Age of a venue's last feed signal.
  std::chrono::microseconds max_feed_age{std::chrono::seconds{5}};
  /// An opportunity is refused by execution when older than this.
  std::chrono::microseconds time_to_live{std::chrono::milliseconds{500}};
  /// After an opportunity was published its candidate rests for this long: the books need time to
  /// show what was taken.
  std::chrono::microseconds cooldown{std::chrono::seconds{3}};
  /// A candidate repeats an unchanged refusal at most this often.
  std::chrono::microseconds refusal_interval{std::chrono::seconds{1}};
  /// Lock-up assumed when no leg says when it resolves.
  std::chrono::hours unknown_lockup{24 * 365};
};

}  // namespace cornice::strategy
