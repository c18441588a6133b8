// Completing libpq connection strings.
#pragma once

#include <string>
#include <string_view>

namespace cornice::infra {

/// Adds `name=value` to a connection string or URI unless it names that setting already. `value`
/// may hold any characters; a `conninfo` that is malformed stays so and is for libpq to refuse.
[[nodiscard]] std::string with_default_setting(std::string conninfo, std::string_view name,
                                               std::string_view value);

}  // namespace cornice::infra
