// What the simulator tells tests and people about itself, as JSON.
#pragma once

#include "cornice/sim/faults.hpp"
#include "cornice/sim/rest.hpp"
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

[[nodiscard]] std::string truth_document(const world& w, const venue_counters& kalshi,
                                         const venue_counters& polymarket,
                                         const fault_schedule& faults);
[[nodiscard]] std::string mappings_document(const world& w);

}  // namespace cornice::sim
