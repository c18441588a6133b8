// docs/openapi.yaml, compiled in.
#pragma once

#include <string>

namespace cornice::api {

[[nodiscard]] std::string openapi_text();

}  // namespace cornice::api
