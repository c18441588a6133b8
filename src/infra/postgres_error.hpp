// SQLSTATE to our error codes.
#pragma once

#include "cornice/base/result.hpp"

#include <string>
#include <string_view>

namespace cornice::infra {

/// The table documented at pg_error. Unknown and malformed states are `internal`.
[[nodiscard]] errc errc_of_sqlstate(std::string_view sqlstate) noexcept;

/// One line out of libpq's several, without the trailing newline.
[[nodiscard]] std::string one_line(std::string_view text);

}  // namespace cornice::infra
