// Which migrations to apply, decided without a database.
#pragma once

#include "cornice/base/result.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace cornice::infra {

/// One migration, on disk or as recorded in `schema_migration`.
struct migration {
  std::int64_t number = 0;
  std::string name;    ///< file name
  std::string sha256;  ///< lower-case hexadecimal
};

/// Reads the number out of `NNNN_name.sql`; `name` is lower-case letters, digits and underscores.
/// Errors: corrupt.
[[nodiscard]] result<std::int64_t> migration_number(std::string_view file_name);

/// Answers the files that are still to apply, in order. Errors: corrupt, naming the file, when a
/// number is doubled or skipped, or when what was applied is missing or different on disk.
[[nodiscard]] result<std::vector<migration>> plan_migrations(std::vector<migration> files,
                                                             std::vector<migration> applied);

}  // namespace cornice::infra
