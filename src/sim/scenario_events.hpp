// The standing events of every scenario, in words.
#pragma once

#include "cornice/sim/scenario.hpp"

namespace cornice::sim {

/// At least 24 questions on both venues, look-alikes on one, and two exclusive events.
void add_standing_events(scenario& s, timestamp start);

}  // namespace cornice::sim
