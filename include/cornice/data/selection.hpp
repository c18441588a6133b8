// Which listings are worth a stream.
#pragma once

#include "cornice/data/catalogue.hpp"
#include "cornice/data/discovery_config.hpp"

#include <vector>

namespace cornice::data {

/// Every mapped listing (approved, proposed or suspended) that is not settled, then open listings
/// that match the words, in order of id, up to the maximum. Mapped ones are never cut. Pure;
/// O(listings of the venue).
[[nodiscard]] std::vector<listing_id> select(const catalogue& c, venue_id venue,
                                             const discovery_config& config);

}  // namespace cornice::data
