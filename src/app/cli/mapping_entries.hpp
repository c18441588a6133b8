// A mapping file entry by entry, so that one bad entry does not lose the others.
#pragma once

#include "cornice/base/result.hpp"
#include "cornice/model/listing.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace cornice::app::cli {

struct mapping_entry {
  std::string name;  ///< the market id, or `/markets/3` where that cannot be read
  result<market> what;
};

/// Errors: malformed, missing_field when the file as a whole is not a mapping file; everything
/// within an entry is an error of that entry.
[[nodiscard]] result<std::vector<mapping_entry>> read_entries(std::string_view json);

}  // namespace cornice::app::cli
