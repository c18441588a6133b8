#include "sim/price_grids.hpp"

namespace cornice::sim {

tick_grid kalshi_grid(std::string_view structure) {
  if (structure == "deci_cent") return tick_grid::uniform(1'000).value();
  if (structure != "tapered_deci_cent") return tick_grid::uniform(10'000).value();
  const auto at = [](std::int64_t micros) { return price::of_micros(micros); };
  return tick_grid::from_bands({{at(0), at(100'000), 1'000},
                                {at(100'000), at(900'000), 10'000},
                                {at(900'000), at(1'000'000), 1'000}})
      .value();
}

tick_grid polymarket_grid(std::int64_t tick_micros) {
  return tick_grid::uniform(tick_micros).value();
}

}  // namespace cornice::sim
