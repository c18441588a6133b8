// A short way for the largest message: the venue sends one for every market after each connect.
#pragma once

#include "cornice/venue/kalshi/ws.hpp"

#include <string_view>
#include <vector>

namespace cornice::venue::kalshi::ws {

/// Where the levels of a snapshot are kept between frames.
struct level_buffers {
  std::vector<level> yes;
  std::vector<level> no;
};

/// As read_fast_delta, for an orderbook_snapshot; its levels go to `levels`.
[[nodiscard]] bool read_fast_snapshot(std::string_view text, level_buffers& levels, frame& out);

}  // namespace cornice::venue::kalshi::ws
