// Settings of execution, as the configuration file has them.
#pragma once

#include "cornice/execution/order_manager.hpp"
#include "cornice/infra/config.hpp"

#include <string>

namespace cornice::execution {

struct execution_config {
  std::string account = "main";
  /// A file whose existence halts everything; checked several times a second. Empty: none.
  std::string kill_file;
  manager_config manager;
  std::int64_t decisions_queue_max =
      256;                        ///< opportunities waiting at the broker; the oldest is dropped
  std::int64_t placing_max = 32;  ///< orders on their way to venues at once
};

/// Section `execution`.
void describe(infra::config_section& s, execution_config& c);

}  // namespace cornice::execution
