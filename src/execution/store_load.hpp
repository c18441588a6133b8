// Reading back what commits wrote.
#pragma once

#include "cornice/execution/actions.hpp"
#include "cornice/infra/postgres.hpp"

#include <string>

namespace cornice::execution {

/// Runs inside one transaction on a pool thread. Throws std::runtime_error (a value that cannot be
/// read) or pg_error.
[[nodiscard]] loaded_state load_state(infra::pg_transaction& tx, const std::string& mode,
                                      timestamp now);

}  // namespace cornice::execution
