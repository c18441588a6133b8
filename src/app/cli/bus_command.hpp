// Commands to a running daemon over RabbitMQ.
#pragma once

#include "cornice/infra/amqp.hpp"
#include "cornice/model/commands.hpp"

#include <chrono>

namespace cornice::app::cli {

/// A request with a fresh id that expires after `limit`.
[[nodiscard]] command_request make_command(std::string name, std::string scope, std::string reason,
                                           std::chrono::milliseconds limit);

/// Sends and waits for the reply. Blocking, on a loop of its own. Errors: those of
/// amqp_client::request(), with what the broker said; malformed (the reply).
[[nodiscard]] result<command_reply> ask(const infra::amqp_config& broker,
                                        const command_request& command,
                                        std::chrono::milliseconds limit);
/// Sends to whoever listens. Errors: refused when nobody does; otherwise those of
/// amqp_client::publish_confirmed().
[[nodiscard]] result<void> tell(const infra::amqp_config& broker, const command_request& command,
                                std::chrono::milliseconds limit);

}  // namespace cornice::app::cli
