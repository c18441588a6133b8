// `cornice status`: what a running daemon says about itself.
#pragma once

#include "app/cli/setup.hpp"
#include "app/cli/terminal.hpp"

#include <string>
#include <string_view>

namespace cornice::app::cli {

struct status_options {
  config_choice config;
  std::string url;      ///< base URL; empty: from the configuration
  std::string ca_file;  ///< one more certificate authority, for a private certificate
  bool json = false;
};

/// Status 0 when the daemon is ready, 1 when it runs and is not, 3 when it cannot be reached.
[[nodiscard]] int status(const status_options& options, const terminal& t);

/// Where a client on the same machine reaches the daemon.
[[nodiscard]] std::string base_url_of(const api::api_config& c);
struct health_text {
  std::string text;
  bool ready = false;
};
/// A health document for people. Errors: malformed.
[[nodiscard]] result<health_text> describe_health(std::string_view body);

}  // namespace cornice::app::cli
