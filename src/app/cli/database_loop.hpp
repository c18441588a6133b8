// A loop and one database connection for a command that makes many transactions.
#pragma once

#include "cornice/infra/async.hpp"
#include "cornice/infra/postgres.hpp"

#include <functional>

namespace cornice::app::cli {

/// Runs `work` to its end. Blocking. Errors: those of the first connection; what happens later
/// `work` sees itself.
[[nodiscard]] result<void> with_database(const infra::pg_config& db,
                                         const std::function<infra::task<>(infra::pg_pool&)>& work);

}  // namespace cornice::app::cli
