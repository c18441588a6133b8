// `cornice halt`, `resume`, `cancel-all`: the same commands as the admin endpoints, over RabbitMQ.
#pragma once

#include "app/cli/setup.hpp"
#include "app/cli/terminal.hpp"
#include "cornice/model/commands.hpp"

#include <cstdint>
#include <string>

namespace cornice::app::cli {

struct control_options {
  config_choice config;
  std::string name;
  std::string scope = "global";
  std::string reason;
  std::int64_t timeout_s = 5;
  bool json = false;
};

/// Status 0 when the daemon accepted, 1 when it refused, 3 when nobody answered in time: then it
/// may still be carried out.
[[nodiscard]] int control(const control_options& options, const terminal& t);

/// `{"request_id","accepted","message"}`, as the admin endpoints answer.
[[nodiscard]] std::string reply_json(const command_reply& reply);

}  // namespace cornice::app::cli
