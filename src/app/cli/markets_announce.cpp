#include "app/cli/bus_command.hpp"
#include "app/cli/markets.hpp"

namespace cornice::app::cli {

using namespace std::chrono_literals;

namespace {

constexpr auto announce_limit = 3s;

}  // namespace

void announce_mappings(const daemon_config& config, const std::string& reason, const terminal& t) {
  const auto broker = broker_of(config);
  const auto sent =
      broker ? tell(*broker, make_command("mappings-changed", "global", reason, announce_limit),
                    announce_limit)
             : result<void>{broker.error()};
  if (sent) return;
  if (sent.error().code == errc::refused)
    note(t, "no daemon is listening; it reads the mappings when it starts");
  else
    note(t, "the mappings are stored, but the broker could not be told (" + sent.error().message +
                "): a running daemon will not notice until it is restarted");
}

}  // namespace cornice::app::cli
