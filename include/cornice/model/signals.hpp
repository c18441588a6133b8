// Messages on cornice.signal: what `data` knows of the venues.
#pragma once

#include "cornice/base/time.hpp"
#include "cornice/model/ids.hpp"
#include "cornice/model/listing.hpp"
#include "cornice/model/order_book.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace cornice {

/// Top of a contract's book. Self-contained: a consumer that missed any number of earlier ones is
/// right again with this one.
struct book_signal {
  static constexpr std::size_t max_levels = 32;  ///< per side
  contract_id contract;
  /// Counts every published state of this contract since `epoch` began; strictly increasing.
  std::uint64_t revision = 0;
  /// Changes when the book was rebuilt: snapshot after a gap, reconnect, new price grid.
  std::uint64_t epoch = 0;
  bool usable = false;          ///< false: do not trade on it
  std::string unusable_reason;  ///< gap, hash_mismatch, frozen, disconnected, awaiting_snapshot, …;
                                ///< empty when usable
  std::vector<level> bids;  ///< best first
  std::vector<level> asks;  ///< best first
  timestamp venue_time{};   ///< zero when the venue does not tell (REST books of Kalshi)
  timestamp received{};     ///< last byte of the frame that made this state
  timestamp published{};
  trace_id trace;
  friend bool operator==(const book_signal&, const book_signal&) = default;
};

struct trade_signal {
  contract_id contract;
  std::string venue_trade_id;
  price p;
  quantity q;
  order_side taker_side = order_side::buy;
  timestamp venue_time{};
  timestamp received{};
  friend bool operator==(const trade_signal&, const trade_signal&) = default;
};

enum class market_change : std::uint8_t {
  added,
  changed,
  grid_changed,
  status_changed,
  rules_changed,
  mapping_changed
};
[[nodiscard]] std::string_view to_string(market_change c) noexcept;
[[nodiscard]] result<market_change> parse_market_change(std::string_view text);

/// A listing in full, whenever anything about it changed. `market` is set instead when a mapping
/// changed.
struct market_signal {
  market_change change = market_change::changed;
  std::optional<listing> subject;
  std::optional<cornice::market> mapping;
  timestamp observed{};
  friend bool operator==(const market_signal&, const market_signal&) = default;
};

enum class feed_state : std::uint8_t { connecting, syncing, live, degraded, down };
[[nodiscard]] std::string_view to_string(feed_state s) noexcept;
[[nodiscard]] result<feed_state> parse_feed_state(std::string_view text);

/// State of one venue's feed as a whole; sent on every change and at least every second.
struct feed_signal {
  venue_id venue = venue_id::sim;
  feed_state state = feed_state::down;
  std::string reason;
  std::int64_t contracts_wanted = 0;
  std::int64_t contracts_usable = 0;
  std::int64_t connections = 0;
  bool trading_active = true;  ///< the venue itself says that trading is on
  timestamp observed{};
  friend bool operator==(const feed_signal&, const feed_signal&) = default;
};

}  // namespace cornice
