// Listings and mappings from PostgreSQL, as the signals that would have announced them.
#pragma once

#include "cornice/infra/postgres.hpp"
#include "cornice/model/signals.hpp"

#include <vector>

namespace cornice::execution {

/// Every listing that is not settled or still held, and every mapping. Runs on a pool thread;
/// throws on rows that cannot be read.
[[nodiscard]] std::vector<market_signal> load_catalogue(infra::pg_transaction& tx);

}  // namespace cornice::execution
