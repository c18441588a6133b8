// Ids of simulated markets: functions of their names, so that they survive a restart.
#pragma once

#include "cornice/sim/random.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace cornice::sim {

[[nodiscard]] std::string hex_id(std::string_view name);     ///< 0x and 64 digits
[[nodiscard]] std::string token_id(std::string_view name);   ///< decimal uint256
[[nodiscard]] std::string number_id(std::string_view name);  ///< seven digits
[[nodiscard]] std::string uuid_id(std::string_view name);

}  // namespace cornice::sim
