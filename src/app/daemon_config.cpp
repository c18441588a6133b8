#include "app/daemon_config.hpp"

namespace cornice::app {

void describe(infra::config_section& s, daemon_config& c) {
  s.choice("mode", c.mode, {"paper", "live"}, "paper: orders go to the built-in paper venue.");
  s.section(
      "log", [&c](infra::config_section& in) { describe(in, c.log); }, "Logs.");
  s.section(
      "postgres", [&c](infra::config_section& in) { describe(in, c.postgres); }, "PostgreSQL.");
  s.section(
      "rabbitmq", [&c](infra::config_section& in) { describe(in, c.rabbitmq); }, "RabbitMQ.");
  s.section(
      "venues", [&c](infra::config_section& in) { data::describe_venues(in, c.ingest); },
      "Endpoints and keys of the exchanges.");
  s.section(
      "data",
      [&c](infra::config_section& in) {
        data::describe_ingest(in, c.ingest);
        data::describe_discovery(in, c.discovery);
        in.section(
            "recorder",
            [&c](infra::config_section& deeper) { data::describe_recorder(deeper, c.recorder); },
            "Books kept in PostgreSQL.");
      },
      "Market data.");
  s.section(
      "strategy", [&c](infra::config_section& in) { describe(in, c.strategy); },
      "What to look for.");
  s.section(
      "execution", [&c](infra::config_section& in) { execution::describe(in, c.execution); },
      "Orders, limits, breakers.");
  s.section(
      "paper", [&c](infra::config_section& in) { execution::describe(in, c.paper); },
      "The built-in paper venue.");
  s.section(
      "api", [&c](infra::config_section& in) { api::describe(in, c.api); }, "HTTP.");
  s.text("migrations", c.migrations, "Folder of the numbered SQL files.");
}

result<daemon_config> load_config(const std::string& file, const std::string& overlay) {
  daemon_config c;
  const auto all = [&c](infra::config_section& s) { describe(s, c); };
  CORNICE_CHECK_OK(infra::read_config(file, all));
  if (!overlay.empty()) CORNICE_CHECK_OK(infra::read_config(overlay, all));
  if (c.mode == "live")
    return error{errc::refused,
                 (overlay.empty() ? file : overlay) +
                     ": /mode: live trading is not part of this version; only \"paper\" is"};
  if (c.paper.latency_ms_min > c.paper.latency_ms_max)
    return error{errc::invalid_argument, "/paper/latency_ms_min must not exceed latency_ms_max"};
  c.execution.manager.armed = true;
  if (c.ingest.kalshi.enabled) c.execution.manager.venues.insert(venue_id::kalshi);
  if (c.ingest.polymarket.enabled) c.execution.manager.venues.insert(venue_id::polymarket);
  if (c.execution.manager.venues.empty())
    return error{errc::invalid_argument, "/venues: at least one venue must be enabled"};
  return c;
}

}  // namespace cornice::app
