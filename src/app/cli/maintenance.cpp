#include "app/cli/maintenance.hpp"

#include <ostream>

namespace cornice::app::cli {

int migrate(const config_choice& choice, const terminal& t) {
  const auto config = load(choice);
  if (!config) return fail_usage(t, config.error().message);
  const auto db = database_of(*config);
  if (!db) return fail_usage(t, db.error().message);
  const auto done = infra::apply_migrations(*db, config->migrations);
  if (!done) return fail(t, done.error().within("migrating " + config->postgres.database));
  for (const std::string& name : done->applied) t.out << "applied " << name << '\n';
  t.out << done->applied.size() << " applied, " << done->already << " were there already\n";
  return exit_ok;
}

std::string schema_text() {
  daemon_config defaults;
  return infra::config_schema("Configuration of Cornice",
                              [&defaults](infra::config_section& s) { describe(s, defaults); });
}

int check_config(const check_options& options, const terminal& t) {
  if (options.print_schema) {
    t.out << schema_text();
    return exit_ok;
  }
  auto config = load(options.config);
  if (!config) return fail_usage(t, config.error().message);
  // Secrets are part of it: a daemon that cannot read them does not start.
  if (const auto db = database_of(*config); !db) return fail_usage(t, db.error().message);
  if (const auto broker = broker_of(*config); !broker) return fail_usage(t, broker.error().message);
  if (options.print_values)
    t.out << infra::config_values([&config](infra::config_section& s) { describe(s, *config); });
  else
    t.out << config_file_of(options.config) << " is valid: mode " << config->mode << '\n';
  return exit_ok;
}

int version(bool json, const terminal& t) {
  if (json)
    t.out << R"({"version":")" << CORNICE_VERSION << "\"}\n";
  else
    t.out << "cornice " << CORNICE_VERSION << '\n';
  return exit_ok;
}

}  // namespace cornice::app::cli
