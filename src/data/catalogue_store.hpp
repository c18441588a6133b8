// The catalogue's tables.
#pragma once

#include "cornice/infra/postgres.hpp"
#include "cornice/model/listing.hpp"

#include <vector>

namespace cornice::data {

struct stored_catalogue {
  std::vector<listing> listings;  ///< not settled
  std::vector<market> markets;
};

/// Run inside one transaction on a pool thread; throw as pg_transaction does, and
/// std::runtime_error on a row that cannot be read.
[[nodiscard]] stored_catalogue load_stored(infra::pg_transaction& tx);
void store_listings(infra::pg_transaction& tx, const std::vector<listing>& listings, timestamp now);

}  // namespace cornice::data
