// `cornice orders`, `positions`, `pnl` and every other read: the views of the HTTP interface,
// straight from PostgreSQL, so that they work while the daemon does not.
#pragma once

#include "app/cli/setup.hpp"
#include "app/cli/terminal.hpp"

#include <string>
#include <utility>
#include <vector>

namespace cornice::app::cli {

struct read_options {
  config_choice config;
  std::string view;
  /// Filters, `limit` and `cursor`, as in the query string of the same view.
  std::vector<std::pair<std::string, std::string>> parameters;
  bool json = false;
};

[[nodiscard]] int read_view(const read_options& options, const terminal& t);

}  // namespace cornice::app::cli
