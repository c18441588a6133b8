// `cornice markets import | propose | approve | reject | suspend`: people's decisions about which
// listings ask the same question.
#pragma once

#include "app/cli/mapping_entries.hpp"
#include "app/cli/setup.hpp"
#include "app/cli/terminal.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace cornice::app::cli {

struct import_options {
  config_choice config;
  std::string file;
  std::string evidence;     ///< why the contracts belong together; empty: names the file
  std::int64_t wait_s = 0;  ///< for contracts that discovery has not brought yet
};
/// Proposes every market of the file, each in a transaction of its own. Status 1 when one failed.
[[nodiscard]] int import_markets(const import_options& options, const terminal& t);

struct propose_options {
  config_choice config;
};
/// Compares what the catalogue has and proposes the markets that it finds.
[[nodiscard]] int propose_markets(const propose_options& options, const terminal& t);

enum class mapping_decision : std::uint8_t { approve, reject, suspend };

struct decide_options {
  config_choice config;
  mapping_decision decision = mapping_decision::approve;
  std::vector<std::string> ids;
  bool all = false;  ///< approve only: every market that is proposed and was never suspended
  std::string reason;
};
/// Each market in a transaction of its own. Status 1 when one failed.
[[nodiscard]] int decide_markets(const decide_options& options, const terminal& t);

/// Tells a running daemon, after the commit. Mappings are in PostgreSQL by then: this only makes
/// the daemon look at once, so it fails with a remark, never with a status.
void announce_mappings(const daemon_config& config, const std::string& reason, const terminal& t);

}  // namespace cornice::app::cli
