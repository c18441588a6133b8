// What every command needs before it can begin: the configuration, connections, who is asking.
#pragma once

#include "app/daemon_config.hpp"

#include <functional>
#include <string>

namespace cornice::app::cli {

struct config_choice {
  std::string file;     ///< --config; empty: the first default that exists
  std::string overlay;  ///< --overlay; empty: none
};

/// The file that `--config` names, else the first of config/cornice.json and
/// /etc/cornice/cornice.json for which `exists` is true, else the first of them, so that the error
/// names it.
[[nodiscard]] std::string config_file_of(const config_choice& choice,
                                         const std::function<bool(const std::string&)>& exists);
[[nodiscard]] std::string config_file_of(const config_choice& choice);
/// Errors: as load_config().
[[nodiscard]] result<daemon_config> load(const config_choice& choice);
/// One connection to the configured database, its name telling it apart from the daemon's.
[[nodiscard]] result<infra::pg_config> database_of(const daemon_config& config);
[[nodiscard]] result<infra::amqp_config> broker_of(const daemon_config& config);
/// `cli:<login name>`, for the audit trail; the numeric id where the system knows no name.
[[nodiscard]] std::string caller_name();
/// Content of a file that a person named. Errors: not_found, io, out_of_range (over 64 MiB).
[[nodiscard]] result<std::string> read_file(const std::string& path);

}  // namespace cornice::app::cli
