// Always-on checks of invariants: going on with corrupt state is worse than stopping.
#pragma once

#include <source_location>
#include <string_view>

namespace cornice {

/// Writes `Invariant: <text>` with the place to stderr and aborts. Never returns.
[[noreturn]] void invariant_failed(std::string_view text, std::source_location where) noexcept;

/// Aborts unless `holds`. Stays on in release builds; `text` says what must be true.
inline void invariant(bool holds, std::string_view text,
                      std::source_location where = std::source_location::current()) noexcept {
  if (!holds) [[unlikely]]
    invariant_failed(text, where);
}

}  // namespace cornice
