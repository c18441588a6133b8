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

struct proposal_report {
  std::size_t proposals = 0;
  std::size_t new_members = 0;
};
/// Reads the tables, compares what is open and stores what looks like one question as proposed;
/// nothing is ever approved here.
[[nodiscard]] proposal_report propose_from_store(infra::pg_transaction& tx, timestamp now);

}  // namespace cornice::data
