#include "app/cli/control.hpp"

#include "app/cli/bus_command.hpp"

#include <nlohmann/json.hpp>

#include <ostream>

namespace cornice::app::cli {

std::string reply_json(const command_reply& reply) {
  const nlohmann::ordered_json body = {
      {"request_id", reply.request_id}, {"accepted", reply.accepted}, {"message", reply.message}};
  return body.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

int control(const control_options& options, const terminal& t) {
  if (options.reason.empty())
    return fail_usage(t, "--reason must say why: it goes into the audit trail");
  if (options.scope != "global" && !parse_venue(options.scope))
    return fail_usage(t, "--scope must be \"global\" or a venue, not \"" + options.scope + "\"");
  const auto config = load(options.config);
  if (!config) return fail_usage(t, config.error().message);
  const auto broker = broker_of(*config);
  if (!broker) return fail_usage(t, broker.error().message);
  const std::chrono::seconds limit{options.timeout_s};
  const auto reply =
      ask(*broker, make_command(options.name, options.scope, options.reason, limit), limit);
  if (!reply) {
    note(t, reply.error().message);
    note(t, options.name +
                " was not confirmed. It may still be carried out: look at `cornice breakers` and "
                "repeat it; the kill file and SIGUSR1 halt without the broker.");
    return exit_unavailable;
  }
  if (options.json)
    t.out << reply_json(*reply) << '\n';
  else if (reply->accepted)
    t.out << reply->message << '\n';
  if (!reply->accepted) note(t, options.name + " was refused: " + reply->message);
  return reply->accepted ? exit_ok : exit_failed;
}

}  // namespace cornice::app::cli
