// What to look for at the venues, and what of it to stream.
#pragma once

#include "cornice/infra/config.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace cornice::data {

struct discovery_config {
  std::int64_t refresh_ms = 60'000;  ///< between two passes over all open markets of a venue
  std::int64_t pages_max = 3'000;    ///< of one pass; a cursor that never ends is an error
  std::int64_t listings_max = 200'000;
  std::int64_t requests_per_second = 8;  ///< of discovery, a venue
  /// Listings to stream beside the mapped ones: those whose series, category or title contains one
  /// of these words (any case); empty: every open listing, up to the maximum.
  std::vector<std::string> stream_words;
  std::int64_t stream_max = 500;  ///< listings a venue
};

/// Keys of section `data` that concern discovery and selection.
void describe_discovery(infra::config_section& s, discovery_config& c);

}  // namespace cornice::data
