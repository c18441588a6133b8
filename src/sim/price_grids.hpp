// The venues' price grids by the names that they use.
#pragma once

#include "cornice/model/tick_grid.hpp"

#include <string_view>

namespace cornice::sim {

/// `linear_cent`, `deci_cent`, `tapered_deci_cent`; anything else is whole cents.
[[nodiscard]] tick_grid kalshi_grid(std::string_view structure);
[[nodiscard]] tick_grid polymarket_grid(std::int64_t tick_micros);

}  // namespace cornice::sim
