// The composition root: makes every piece, hands each what it needs, starts and stops them.
#pragma once

#include "app/daemon_config.hpp"

#include <string>

namespace cornice::app {

struct run_options {
  std::string config_file;
  std::string overlay_file;
  std::string tape_file;  ///< raw frames go here as well; empty: nowhere
};

/// Runs until SIGTERM or SIGINT. Returns the process's exit status: 0 ended in order, 1 could not
/// start or had to be cut short, 2 configuration.
[[nodiscard]] int run_daemon(const run_options& options);

}  // namespace cornice::app
