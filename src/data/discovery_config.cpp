#include "cornice/data/discovery_config.hpp"

namespace cornice::data {

void describe_discovery(infra::config_section& s, discovery_config& c) {
  s.integer("discovery_refresh_ms", c.refresh_ms, {1'000, 86'400'000},
            "Between two passes over all open markets of a venue.");
  s.integer("pages_max", c.pages_max, {1, 100'000}, "Pages of one pass.");
  s.integer("listings_max", c.listings_max, {1, 2'000'000}, "Listings that the catalogue holds.");
  s.integer("requests_per_second", c.requests_per_second, {1, 100},
            "Requests of discovery, a venue.");
  s.texts(
      "stream_words", c.stream_words,
      "Stream open listings whose series, category or title contains one of these; empty: all.");
  s.integer("stream_max", c.stream_max, {0, 100'000},
            "Listings streamed a venue; mapped ones always are.");
}

}  // namespace cornice::data
