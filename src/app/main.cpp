// cornice: the daemon and everything that a person does to it.
#include "app/cli/command_line.hpp"

#include <csignal>
#include <cstdlib>
#include <exception>
#include <iostream>

int main(int argc, char** argv) {
  namespace cli = cornice::app::cli;
  // A reader that went away (`cornice orders | head`) is an error of the write, not a signal.
  std::signal(SIGPIPE, SIG_IGN);
  const cli::terminal t{std::cout, std::cerr};
  try {
    const int status = cli::run_command_line(argc, argv, t);
    if (!std::cout.flush()) return status == cli::exit_ok ? cli::exit_failed : status;
    return status;
  } catch (const std::exception& e) {
    return cli::fail(t, {cornice::errc::internal, e.what()});
  }
}
