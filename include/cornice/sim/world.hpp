// Both venues' markets as one deterministic machine: time in, events out. Real servers and the
// deterministic simulation run the same one.
#pragma once

#include "cornice/base/result.hpp"
#include "cornice/base/time.hpp"
#include "cornice/model/ids.hpp"
#include "cornice/model/order_book.hpp"
#include "cornice/model/tick_grid.hpp"
#include "cornice/sim/random.hpp"
#include "cornice/sim/scenario.hpp"

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
using world_event = std::variant<book_changed, traded, phase_changed, grid_changed, listed>;

/// Something that a test asks to happen now.
struct scenario_event {
  enum class kind : std::uint8_t {
    mispricing,
    pause,
    resume,
    close,
    determine,
    settle,
    regrid,
    list
  };
  kind what = kind::mispricing;
  std::string question;  ///< key; mispricing may leave it empty: any pair
  std::int64_t net_micros = 40'000;
  scenario_time hold{3'000};
};

struct world_counters {
  std::uint64_t mispricings = 0;
  std::uint64_t trades = 0;
  std::uint64_t book_changes = 0;
};

/// Deterministic: equal scenario, seed, start, speed and calls give equal events. Not thread-safe.
class world {
 public:
  using sink = std::function<void(const world_event&)>;

  /// `speed_ppm` 1'000'000 is real time; it scales how fast things happen, never the time that the
  /// venues tell.
  world(scenario s, std::uint64_t seed, timestamp start, std::int64_t speed_ppm = 1'000'000);

  /// Runs up to `now`; each event reaches `out` while the world stands right behind it.
  void advance(timestamp now, const sink& out);
  /// Errors: not_found (unknown question), invalid_argument (nothing of that kind is possible now).
  result<void> request(const scenario_event& e, const sink& out);

  [[nodiscard]] timestamp now() const noexcept { return now_; }
  [[nodiscard]] timestamp start() const noexcept { return start_; }
  [[nodiscard]] const scenario& rules() const noexcept { return scenario_; }
  [[nodiscard]] const std::vector<sim_listing>& listings() const noexcept { return listings_; }
  [[nodiscard]] const sim_listing& at(std::size_t listing) const { return listings_.at(listing); }
  [[nodiscard]] const question& question_of(const sim_listing& l) const {
    return scenario_.questions.at(l.question);
  }
  [[nodiscard]] const group& group_of(const sim_listing& l) const {
    return scenario_.groups.at(question_of(l).group);
  }
  /// By ticker or condition id.
  [[nodiscard]] std::optional<std::size_t> find(std::string_view id) const;
  struct token_place {
    std::size_t listing;
    outcome side;
  };
  [[nodiscard]] std::optional<token_place> find_token(std::string_view token) const;
  /// What a question is worth now, in micro-dollars of YES.
  [[nodiscard]] std::int64_t fair_micros(std::size_t question) const;
  [[nodiscard]] const world_counters& counters() const noexcept { return counters_; }

 private:
  struct question_state {
    std::array<std::optional<std::size_t>, 2> listing;  // kalshi, polymarket
    std::int64_t share_micros = 0;                      // of an exclusive group
    bool resolved = false;
  };
  struct mispricing {
    std::vector<std::size_t> listings;
    timestamp ends;
  };

  void list_question(std::size_t question, const sink* out);
  std::size_t add_listing(venue_id venue, std::size_t question);
  void step(const sink& out);
  void walk(const sink& out);
  void walk_group(std::size_t group);
  void recentre(sim_listing& l);
  void maybe_requote(const sink& out);
  void requote(std::size_t listing, const sink& out, bool by_trade = false);
  void clear_book(std::size_t listing, const sink& out);
  [[nodiscard]] std::vector<level> wanted(const sim_listing& l, book_side side) const;
  void maybe_trade(const sink& out);
  void refine_grid(std::size_t listing, const sink& out);
  void run_lifecycle(const sink& out);
  void list_short_lived(const sink& out);
  void lifecycle_of(std::size_t question, scenario_time at, const sink& out);
  void move_phase(std::size_t listing, listing_phase to, const sink& out);
  void determine(std::size_t question, const sink& out);
  void run_mispricing(const sink& out);
  bool start_pair_mispricing(std::size_t question, std::int64_t net, scenario_time hold,
                             const sink& out);
  bool start_set_mispricing(std::int64_t net, scenario_time hold, const sink& out);
  void shift(std::size_t listing, std::int64_t by, const sink& out);
  [[nodiscard]] bool quotable(std::optional<std::size_t> listing) const;
  [[nodiscard]] std::int64_t fee_micros(const sim_listing& l, std::int64_t at) const;
  [[nodiscard]] timestamp after(scenario_time t) const;
  [[nodiscard]] scenario_time elapsed() const;
  [[nodiscard]] std::string next_uuid();

  scenario scenario_;
  random_source random_;
  timestamp start_;
  timestamp now_;
  std::int64_t speed_ppm_;
  std::int64_t ticks_ = 0;
  std::vector<std::int64_t> drivers_;
  std::vector<sim_listing> listings_;
  std::vector<question_state> questions_;
  std::unordered_map<std::string, std::size_t> by_id_;
  std::unordered_map<std::string, token_place> by_token_;
  std::vector<mispricing> mispricings_;
  timestamp next_mispricing_{};
  std::size_t short_lived_ = 0;
  std::uint64_t next_trade_ = 1;
  world_counters counters_;
};

/// One scenario step; at speed 1 also the wall-clock step.
inline constexpr std::chrono::milliseconds world_step{50};

}  // namespace cornice::sim
