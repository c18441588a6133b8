// Limits of the risk gate. Zero means "nothing of this is allowed", never "no limit".
#pragma once

#include "cornice/model/ids.hpp"
#include "cornice/model/money.hpp"

#include <cstdint>
#include <map>

namespace cornice::execution {

/// Limits that may differ by venue.
struct venue_limits {
  quantity order_size_max = quantity::contracts(200);
  money order_notional_max = money::dollars(100);
  /// Held plus open buys of one contract.
  quantity contract_position_max = quantity::contracts(500);
  /// At risk in all contracts of the venue.
  money venue_exposure_max = money::dollars(1'000);
  std::int64_t open_orders_max = 40;
  /// New orders a second on average, and in one burst; cancels are not counted.
  std::int64_t orders_per_second = 5;
  std::int64_t orders_burst = 10;
  /// How far a limit may lie beyond the best opposite price.
  price price_collar = price::of_micros(50'000);
  /// Age of the book's last frame. The feed's own heartbeat (feed_age_ms_max) is the finer check: a
  /// quiet market has an old and perfectly right book.
  std::int64_t book_age_ms_max = 60'000;
  /// Feeds speak at least every second.
  std::int64_t feed_age_ms_max = 3'000;
  friend bool operator==(const venue_limits&, const venue_limits&) = default;
};

struct risk_limits {
  venue_limits defaults;
  std::map<venue_id, venue_limits> venues;  ///< replaces `defaults` as a whole
  /// At risk in one family: both contracts of a listing and everything mapped to the same market.
  money market_exposure_max = money::dollars(300);
  /// At risk everywhere.
  money gross_exposure_max = money::dollars(2'000);
  /// Largest single leg of a bundle: what may be unhedged for a moment.
  money unhedged_max = money::dollars(100);
  std::int64_t open_orders_max = 100;
  std::int64_t open_bundles_max = 16;
  /// Bundles at once while a breaker is half open.
  std::int64_t half_open_bundles_max = 1;
  /// Loss since 00:00 UTC, realised after fees plus the change of unrealised; reaching it trips.
  money daily_loss_max = money::dollars(50);
  /// Same contract, side, price and size this often within the window is refused.
  std::int64_t repeats_max = 5;
  std::int64_t repeat_window_ms = 10'000;
  /// Commits that the store has not confirmed yet; more refuse new bundles.
  std::int64_t pending_commits_max = 256;
  /// Cash that is never spent, a venue.
  money cash_floor = money::dollars(0);

  [[nodiscard]] const venue_limits& of(venue_id v) const {
    const auto it = venues.find(v);
    return it == venues.end() ? defaults : it->second;
  }
  friend bool operator==(const risk_limits&, const risk_limits&) = default;
};

}  // namespace cornice::execution
