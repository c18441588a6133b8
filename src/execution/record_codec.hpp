// Stored forms of execution's own records.
#pragma once

#include "cornice/execution/bundle_machine.hpp"

#include <nlohmann/json_fwd.hpp>

#include <string>
#include <string_view>

namespace cornice::execution {

/// The whole record as JSON text.
[[nodiscard]] std::string encode(const bundle_record& r);
/// Errors: malformed, missing_field, naming the key.
[[nodiscard]] result<bundle_record> decode_bundle(std::string_view json);

}  // namespace cornice::execution
