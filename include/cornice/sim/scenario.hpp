// What the simulated venues list: events, questions, their words, fees, grids and lifetimes.
#pragma once

#include "cornice/base/result.hpp"
#include "cornice/base/time.hpp"
#include "cornice/model/money.hpp"
#include "cornice/venue/kalshi/types.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cornice::sim {

/// How the probabilities of an event's questions hang together.
enum class group_kind : std::uint8_t {
  ladder,     ///< one driver, each question at its own distance from it (a single question, too)
  exclusive,  ///< they share one unit of probability
};

/// What one question asks on one venue, in that venue's words.
struct venue_words {
  bool listed = false;
  std::string suffix;     ///< Kalshi: last part of the ticker; Polymarket: of the slug
  std::string name;       ///< yes_sub_title / groupItemTitle
  std::string question;   ///< Polymarket only
  std::string condition;  ///< completes the venue's rule sentence
};

/// Scenario time: since the start, at speed 1.
using scenario_time = std::chrono::milliseconds;

struct lifetime {
  scenario_time appear{0};
  std::optional<scenario_time> close;    ///< none: long after any run
  scenario_time determine_after{8'000};  ///< after the close
  scenario_time settle_after{8'000};     ///< after the determination
};

struct question {
  std::size_t group = 0;
  std::string key;  ///< unique; ids on both venues derive from it
  venue_words kalshi;
  venue_words polymarket;
  /// Ladder: distance from the driver. Exclusive: probability at the start.
  std::int64_t fair_micros = 0;
  std::string strike;  ///< Kalshi floor_strike; empty: none
  std::string kalshi_structure = "linear_cent";
  std::int64_t polymarket_tick_micros = 10'000;
  lifetime life;
  bool pauses = false;   ///< Kalshi pauses it now and then
  bool regrids = false;  ///< Kalshi refines its price grid in the run
  [[nodiscard]] bool paired() const noexcept { return kalshi.listed && polymarket.listed; }
};

struct group {
  std::string key;
  group_kind kind = group_kind::ladder;
  bool exhaustive = false;  ///< exactly one question resolves YES
  std::string category;
  std::string kalshi_series;
  std::string kalshi_event;
  std::string kalshi_title;
  std::string kalshi_source;
  std::string polymarket_slug;
  std::string polymarket_title;
  std::string polymarket_source;
  bool augmented = false;  ///< Polymarket: may get further outcomes
  venue::kalshi::fee_type kalshi_fee = venue::kalshi::fee_type::quadratic;
  ratio kalshi_multiplier{1'000'000};
  std::string polymarket_fee;              ///< feeType
  ratio polymarket_rate;                   ///< 0: no fee
  std::int64_t driver_micros = 0;          ///< ladder: where the driver starts and returns to
  std::int64_t volatility_micros = 4'000;  ///< largest move in half a second
  /// Ladder: the driver swings by this much around its start once a minute, across the edges at
  /// which grids change.
  std::int64_t swing_micros = 0;
  timestamp deadline{};
};

struct scenario {
  std::string name;
  std::vector<group> groups;
  std::vector<question> questions;
  /// Pause between the starts of two mispricings; none at all when the upper end is 0.
  scenario_time mispricing_gap_min{3'000};
  scenario_time mispricing_gap_max{5'000};
  scenario_time mispricing_hold_min{2'000};
  scenario_time mispricing_hold_max{4'000};
  /// Net of both venues' fees, per contract.
  std::int64_t mispricing_net_min_micros = 30'000;
  std::int64_t mispricing_net_max_micros = 40'000;
  /// A short-lived pair appears so often; 0: never.
  scenario_time short_lived_every{60'000};
  scenario_time short_lived_life{75'000};
};

struct scenario_summary {
  std::string_view name;
  std::string_view help;
};
[[nodiscard]] std::span<const scenario_summary> scenario_summaries() noexcept;

/// `start` only dates the rules. Errors: not_found, naming the known scenarios.
[[nodiscard]] result<scenario> make_scenario(std::string_view name, timestamp start);

/// The `number`th short-lived question: a group of its own with one pair.
struct short_lived {
  group event;
  question pair;
};
[[nodiscard]] short_lived make_short_lived(const scenario& s, std::size_t number, timestamp closes,
                                           scenario_time appear);

}  // namespace cornice::sim
