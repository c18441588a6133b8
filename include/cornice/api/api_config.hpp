// Settings of the HTTP interface.
#pragma once

#include "cornice/infra/config.hpp"

#include <cstdint>
#include <string>

namespace cornice::api {

struct api_config {
  std::string address = "127.0.0.1";
  std::int64_t port = 8080;
  /// JSON file of hashed bearer tokens; empty: no admin action is possible over HTTP.
  std::string tokens_file;
  std::string certificate_file;
  std::string private_key_file;
  std::int64_t books_max = 20'000;          ///< contracts whose book is kept for the read views
  std::int64_t command_timeout_ms = 3'000;  ///< for the answer of a command
};

/// Section `api`.
void describe(infra::config_section& s, api_config& c);

}  // namespace cornice::api
