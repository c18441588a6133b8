// `cornice migrate`, `check-config`, `version`: what a person does before the daemon runs.
#pragma once

#include "app/cli/setup.hpp"
#include "app/cli/terminal.hpp"

#include <string>

namespace cornice::app::cli {

[[nodiscard]] int migrate(const config_choice& choice, const terminal& t);

struct check_options {
  config_choice config;
  bool print_schema = false;
  bool print_values = false;
};
[[nodiscard]] int check_config(const check_options& options, const terminal& t);

/// JSON Schema of the configuration file, as config/cornice.schema.json holds it.
[[nodiscard]] std::string schema_text();
[[nodiscard]] int version(bool json, const terminal& t);

}  // namespace cornice::app::cli
