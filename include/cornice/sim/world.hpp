// Both venues' markets as one deterministic machine: time in, events out. Real servers and the
// deterministic simulation run the same one.
#pragma once

#include "cornice/base/result.hpp"
#include "cornice/base/time.hpp"
#include "cornice/sim/market_board.hpp"
#include "cornice/sim/random.hpp"
#include "cornice/sim/scenario.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace cornice::sim {

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
class world : public market_board {
 public:
  /// `speed_ppm` 1'000'000 is real time; it scales how fast things happen, never the time that the
  /// venues tell.
  world(scenario s, std::uint64_t seed, timestamp start, std::int64_t speed_ppm = 1'000'000);

  /// Runs up to `now`; each event reaches `out` while the world stands right behind it.
  void advance(timestamp now, const sink& out);
  /// Errors: not_found (unknown question), invalid_argument (nothing of that kind is possible now).
  result<void> request(const scenario_event& e, const sink& out);

  [[nodiscard]] timestamp start() const noexcept { return start_; }
  [[nodiscard]] const scenario& rules() const noexcept { return scenario_; }
  [[nodiscard]] const question& question_of(const sim_listing& l) const {
    return scenario_.questions.at(l.question);
  }
  [[nodiscard]] const group& group_of(const sim_listing& l) const {
    return scenario_.groups.at(question_of(l).group);
  }
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
  void announce_listing(std::size_t listing, const sink& out);
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
  std::int64_t speed_ppm_;
  std::int64_t ticks_ = 0;
  std::vector<std::int64_t> drivers_;
  std::vector<question_state> questions_;
  std::vector<mispricing> mispricings_;
  timestamp next_mispricing_{};
  std::size_t short_lived_ = 0;
  std::uint64_t next_trade_ = 1;
  world_counters counters_;
};

/// One scenario step; at speed 1 also the wall-clock step.
inline constexpr std::chrono::milliseconds world_step{50};

}  // namespace cornice::sim
