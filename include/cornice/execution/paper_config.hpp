// Settings of the built-in paper venue.
#pragma once

#include "cornice/infra/config.hpp"
#include "cornice/model/ids.hpp"
#include "cornice/model/money.hpp"

#include <cstdint>
#include <map>

namespace cornice::execution {

struct paper_config {
  /// Given to an account that has none yet.
  std::map<venue_id, money> cash{{venue_id::kalshi, money::dollars(10'000)},
                                 {venue_id::polymarket, money::dollars(10'000)}};
  std::int64_t latency_ms_min = 20;
  std::int64_t latency_ms_max = 80;
  /// What our own fills took from a level counts as gone until the level's total changes, at most
  /// this long.
  std::int64_t replenish_ms = 5'000;
  /// Drills, per million orders: refused for no reason; accepted while the answer is lost.
  std::int64_t reject_ppm = 0;
  std::int64_t lost_answer_ppm = 0;
  std::int64_t seed = 1;  ///< of latency and drills
};

/// Section `paper`.
void describe(infra::config_section& s, paper_config& c);

}  // namespace cornice::execution
