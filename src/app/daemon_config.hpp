// Everything the configuration file may say.
#pragma once

#include "app/config.hpp"
#include "cornice/api/api_config.hpp"
#include "cornice/data/discovery_config.hpp"
#include "cornice/data/ingest_config.hpp"
#include "cornice/data/recorder.hpp"
#include "cornice/execution/execution_config.hpp"
#include "cornice/execution/paper_config.hpp"

#include <string>

namespace cornice::app {

struct daemon_config {
  std::string mode = "paper";
  log_config log;
  postgres_config postgres;
  rabbitmq_config rabbitmq;
  data::ingest_config ingest;
  data::discovery_config discovery;
  data::recorder_config recorder;
  strategy::strategy_limits strategy;
  execution::execution_config execution;
  execution::paper_config paper;
  api::api_config api;
  std::string migrations = "migrations";
};

void describe(infra::config_section& s, daemon_config& c);

/// Reads `file`, then `overlay` over it (empty: none). Errors: invalid_argument, not_found,
/// malformed with file and JSON pointer; refused when the mode is live, which this version cannot
/// do.
[[nodiscard]] result<daemon_config> load_config(const std::string& file,
                                                const std::string& overlay);

}  // namespace cornice::app
