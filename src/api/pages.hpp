// The few documents that the daemon serves itself.
#pragma once

#include "cornice/infra/http_server.hpp"

namespace cornice::api {

/// Says where things are; the dashboard takes its place.
[[nodiscard]] infra::server_response start_page();
/// docs/openapi.yaml, which is written in the JSON subset of YAML.
[[nodiscard]] infra::server_response openapi_document();
/// The same for people, without network.
[[nodiscard]] infra::server_response docs_page();

}  // namespace cornice::api
