// Both venues' listings as they stand, and what can happen to them: all that a session needs to
// know, whether the events are made up (world) or read from a tape (tape_world).
#pragma once

#include "cornice/base/time.hpp"
#include "cornice/model/ids.hpp"
#include "cornice/model/order_book.hpp"
#include "cornice/model/tick_grid.hpp"
#include "cornice/venue/kalshi/ws.hpp"
#include "cornice/venue/polymarket/ws.hpp"

#include <array>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <variant>
#include <vector>

namespace cornice::sim {

enum class listing_phase : std::uint8_t { open, paused, closed, determined, settled };
[[nodiscard]] std::string_view to_string(listing_phase p) noexcept;

struct trade_record {
  std::string id;
  price yes_price;
  quantity size;
  outcome taker = outcome::yes;  ///< what the taker bought
  timestamp when{};
};

/// One question on one venue. The book is that of the YES contract; NO is its exact mirror.
struct sim_listing {
  venue_id venue = venue_id::kalshi;
  std::size_t question = 0;
  std::string id;                     ///< Kalshi ticker, Polymarket condition id
  std::string uuid;                   ///< Kalshi market_id
  std::string gamma_id;               ///< Polymarket
  std::array<std::string, 2> tokens;  ///< Polymarket: YES, NO
  std::string slug;                   ///< Polymarket
  std::string min_order_size = "5";   ///< Polymarket, in shares, as the venue writes it
  bool neg_risk = false;              ///< Polymarket
  listing_phase phase = listing_phase::open;
  std::string structure;  ///< Kalshi price_level_structure
  tick_grid grid;
  order_book book;
  std::optional<price> last_price;  ///< of YES
  quantity last_size;
  quantity volume;
  quantity open_interest;
  std::deque<trade_record> trades;  ///< newest last, at most `trades_kept`
  timestamp created{};
  timestamp updated{};  ///< of the book
  timestamp close_time{};
  std::optional<outcome> result;
  std::optional<timestamp> settled_at;

  // The makers' state.
  std::int64_t noise_micros = 0;
  std::int64_t centre_micros = 0;  ///< around which they want to quote
  std::int64_t quoted_micros = 0;  ///< around which they do
  std::int64_t shift_micros = 0;   ///< of a mispricing
  std::int64_t half_spread_micros = 0;
  std::array<std::array<std::int64_t, 6>, 2> sizes{};  ///< bid, ask: best first, micro-contracts
  static constexpr std::size_t trades_kept = 500;
};

/// One level's new total.
struct level_update {
  book_side side = book_side::bid;
  price p;
  quantity total;
  quantity delta;
};

struct book_changed {
  std::size_t listing = 0;
  std::vector<level_update> levels;
  bool by_trade = false;
};
struct traded {
  std::size_t listing = 0;
  trade_record trade;
};
struct phase_changed {
  std::size_t listing = 0;
  listing_phase from = listing_phase::open;
};
struct grid_changed {
  std::size_t listing = 0;
  std::int64_t old_step_micros = 0;
  std::int64_t new_step_micros = 0;
};
struct listed {
  std::size_t listing = 0;
};
/// News that the venue tells in words of their own, to whoever follows such news.
struct announced {
  venue_id venue = venue_id::kalshi;
  std::optional<std::size_t> listing;  ///< whose; Polymarket tells a result to its followers only
  std::variant<venue::kalshi::ws::market_lifecycle, venue::kalshi::ws::event_lifecycle,
               venue::kalshi::ws::event_fee_update, venue::polymarket::ws::new_market,
               venue::polymarket::ws::market_resolved>
      news;
};
using world_event =
    std::variant<book_changed, traded, phase_changed, grid_changed, listed, announced>;
/// Only an announcement may concern none.
[[nodiscard]] std::optional<std::size_t> listing_of(const world_event& e);

/// Not thread-safe.
class market_board {
 public:
  /// Hears of each event while the board stands right behind it.
  using sink = std::function<void(const world_event&)>;

  struct token_place {
    std::size_t listing;
    outcome side;
  };

  [[nodiscard]] timestamp now() const noexcept { return now_; }
  [[nodiscard]] const std::vector<sim_listing>& listings() const noexcept { return listings_; }
  [[nodiscard]] const sim_listing& at(std::size_t listing) const { return listings_.at(listing); }
  /// By ticker or condition id.
  [[nodiscard]] std::optional<std::size_t> find(std::string_view id) const;
  [[nodiscard]] std::optional<token_place> find_token(std::string_view token) const;

 protected:
  explicit market_board(timestamp now) : now_{now} {}
  market_board(const market_board&) = default;
  market_board(market_board&&) = default;
  market_board& operator=(const market_board&) = default;
  market_board& operator=(market_board&&) = default;
  ~market_board() = default;
  /// Takes the listing with its ids, which must be new.
  std::size_t enlist(sim_listing l);

  timestamp now_;
  std::vector<sim_listing> listings_;

 private:
  std::unordered_map<std::string, std::size_t> by_id_;
  std::unordered_map<std::string, token_place> by_token_;
};

}  // namespace cornice::sim
