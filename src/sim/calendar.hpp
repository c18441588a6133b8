// Dates as tickers, slugs and sentences write them.
#pragma once

#include "cornice/base/time.hpp"

#include <string>

namespace cornice::sim {

[[nodiscard]] std::string ticker_date(timestamp t);   ///< "26NOV30"
[[nodiscard]] std::string slug_date(timestamp t);     ///< "november-30-2026"
[[nodiscard]] std::string long_date(timestamp t);     ///< "November 30, 2026"
[[nodiscard]] std::string compact_time(timestamp t);  ///< "26NOV30161530", to the second
[[nodiscard]] std::string clock_time(timestamp t);    ///< "16:15:30 UTC on November 30, 2026"

}  // namespace cornice::sim
