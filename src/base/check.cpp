#include "cornice/base/check.hpp"

#include <cstdio>
#include <cstdlib>

namespace cornice {

void invariant_failed(std::string_view text, std::source_location where) noexcept {
  std::fprintf(stderr, "Invariant: %.*s (%s:%u in %s)\n", static_cast<int>(text.size()),
               text.data(), where.file_name(), where.line(), where.function_name());
  std::abort();
}

}  // namespace cornice
