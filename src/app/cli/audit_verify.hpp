// `cornice audit verify`: proves that no entry of the audit trail was changed, removed or inserted.
#pragma once

#include "app/cli/setup.hpp"
#include "app/cli/terminal.hpp"

#include <cstdint>
#include <string>

namespace cornice::app::cli {

struct audit_options {
  config_choice config;
  bool json = false;
};

struct audit_extent {
  std::int64_t entries = 0;
  std::string last_hash;  ///< of the last entry; audit_genesis of an empty trail
};

/// Walks the whole chain, `batch` entries at a time. Errors: corrupt, naming the first entry that
/// does not fit; those of the database.
[[nodiscard]] result<audit_extent> verify_trail(const infra::pg_config& db, std::int64_t batch);

/// Status 0 when the chain holds, 1 when it is broken. What was removed at the end shows only
/// against a count and hash noted earlier, which is why both are printed.
[[nodiscard]] int audit_verify(const audit_options& options, const terminal& t);

}  // namespace cornice::app::cli
