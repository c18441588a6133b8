// `cornice token create`: a bearer token for the HTTP interface.
#pragma once

#include "app/cli/setup.hpp"
#include "app/cli/terminal.hpp"

#include <string>

namespace cornice::app::cli {

struct token_options {
  config_choice config;
  std::string name;
  std::string role = "viewer";
  std::string file;  ///< empty: /api/tokens_file of the configuration
};

/// 256 bits from the system, with a prefix by which secret scanners know it. Errors: io.
[[nodiscard]] result<std::string> make_token();

/// Adds the hash of `token` to the tokens file, which is made if it does not exist, readable by
/// its owner only. Readers see the old or the new file, never half of one. Errors: conflict (the
/// name exists, or another process is writing), invalid_argument, io, and those of
/// token_list::parse().
[[nodiscard]] result<void> add_token(const std::string& file, const std::string& name,
                                     const std::string& role, const std::string& token);

/// Prints the token, this once.
[[nodiscard]] int token_create(const token_options& options, const terminal& t);

}  // namespace cornice::app::cli
