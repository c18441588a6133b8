#include "app/cli/terminal.hpp"

#include <ostream>

namespace cornice::app::cli {

int exit_code_of(errc code) noexcept {
  return code == errc::unavailable || code == errc::timed_out ? exit_unavailable : exit_failed;
}

int fail(const terminal& t, const error& e) {
  note(t, e.message);
  return exit_code_of(e.code);
}

int fail_usage(const terminal& t, std::string_view message) {
  note(t, message);
  return exit_usage;
}

void note(const terminal& t, std::string_view message) {
  t.err << "cornice: " << message << '\n';
}

}  // namespace cornice::app::cli
