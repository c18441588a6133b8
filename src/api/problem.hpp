// Answers that went wrong, as RFC 9457 problem documents.
#pragma once

#include "cornice/base/result.hpp"
#include "cornice/infra/http_server.hpp"

#include <string>

namespace cornice::api {

/// `type` is `urn:cornice:problem:<kind>`.
[[nodiscard]] infra::server_response problem(unsigned status, std::string_view kind,
                                             std::string detail);
/// The one place where an error becomes an HTTP status.
[[nodiscard]] infra::server_response problem(const error& e);
[[nodiscard]] infra::server_response json_answer(std::string body, unsigned status = 200);

}  // namespace cornice::api
