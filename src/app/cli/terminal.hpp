// Where a command writes, and the exit statuses that scripts may rely on.
#pragma once

#include "cornice/base/result.hpp"

#include <iosfwd>
#include <string_view>

namespace cornice::app::cli {

inline constexpr int exit_ok = 0;
inline constexpr int exit_failed = 1;       ///< it did not work, or the answer is no
inline constexpr int exit_usage = 2;        ///< command line or configuration
inline constexpr int exit_unavailable = 3;  ///< daemon, database or broker out of reach, or silent

struct terminal {
  std::ostream& out;  ///< results only: may be piped
  std::ostream& err;  ///< everything said to a person besides
};

/// The status that belongs to an error which the outside world caused.
[[nodiscard]] int exit_code_of(errc code) noexcept;
/// Writes `cornice: <message>` and returns the status of the error.
[[nodiscard]] int fail(const terminal& t, const error& e);
/// The same for mistakes of whoever typed the command or wrote the configuration.
[[nodiscard]] int fail_usage(const terminal& t, std::string_view message);
/// A remark that changes no status.
void note(const terminal& t, std::string_view message);

}  // namespace cornice::app::cli
