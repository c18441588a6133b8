// What the simulator tells tests and people about itself, as JSON.
#pragma once

#include "cornice/sim/faults.hpp"
#include "cornice/sim/rest.hpp"
#include "cornice/sim/tape_world.hpp"
#include "cornice/sim/world.hpp"

#include <cstdint>
#include <string>

namespace cornice::sim {

struct stream_counters {
  std::uint64_t connections = 0;  ///< ever
  std::uint64_t live = 0;
  std::uint64_t frames = 0;     ///< sent
  std::uint64_t refused = 0;    ///< commands or frames of clients that broke the protocol
  std::uint64_t overflows = 0;  ///< connections cut because the client read too slowly
};

struct venue_counters {
  rest_counters rest;
  stream_counters stream;
};

struct truth_sources {
  const market_board& board;
  const world* made_up = nullptr;    ///< the board, when it is one
  const tape_world* tape = nullptr;  ///< the board, when it is one
  venue_counters kalshi;
  venue_counters polymarket;
};

[[nodiscard]] std::string truth_document(const truth_sources& s, const fault_schedule& faults);
[[nodiscard]] std::string mappings_document(const world& w);

}  // namespace cornice::sim
