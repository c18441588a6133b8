// The command line of `cornice`: what may be typed, and which command it starts.
#pragma once

#include "app/cli/terminal.hpp"

namespace cornice::app::cli {

/// Parses and carries out. Returns the exit status; `--help` describes them all.
[[nodiscard]] int run_command_line(int argc, const char* const* argv, const terminal& t);

}  // namespace cornice::app::cli
