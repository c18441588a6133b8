#include "cornice/execution/paper_config.hpp"

namespace cornice::execution {

void describe(infra::config_section& s, paper_config& c) {
  const auto cash_of = [](money& target) {
    return [&target](infra::config_section& in) {
      std::int64_t micros = target.micros();
      in.millionths("cash", micros, {0, 1'000'000'000'000'000},
                    "Dollars that a new paper account begins with.");
      target = money{micros};
    };
  };
  s.section("kalshi", cash_of(c.cash[venue_id::kalshi]), "Paper account on Kalshi.");
  s.section("polymarket", cash_of(c.cash[venue_id::polymarket]), "Paper account on Polymarket.");
  s.integer("latency_ms_min", c.latency_ms_min, {0, 60'000},
            "Shortest time from an order to its execution.");
  s.integer("latency_ms_max", c.latency_ms_max, {0, 60'000},
            "Longest time from an order to its execution.");
  s.integer("replenish_ms", c.replenish_ms, {0, 3'600'000},
            "How long liquidity that our own fills took counts as gone while the book shows it "
            "unchanged.");
  s.integer("reject_ppm", c.reject_ppm, {0, 1'000'000},
            "Drill: orders per million that are refused.");
  s.integer("lost_answer_ppm", c.lost_answer_ppm, {0, 1'000'000},
            "Drill: orders per million that are executed while their answer is lost.");
  s.integer("seed", c.seed, {0, 1'000'000'000}, "Seed of latency and drills.");
}

}  // namespace cornice::execution
