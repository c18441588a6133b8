// Where the raw bytes of the venues go beside being read.
#pragma once

#include "cornice/venue/tape.hpp"

#include <functional>

namespace cornice::data {

/// Receives every frame and body as it came, for the tape, on the loop thread. It must not block;
/// what it is given is borrowed for the call. Empty: nobody listens.
using frame_tap = std::function<void(const venue::tape::record_view&)>;

}  // namespace cornice::data
