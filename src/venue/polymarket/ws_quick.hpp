// One pass over a frame in the plain form that the live venue writes.
#pragma once

#include "venue/polymarket/ws_assembly.hpp"

#include <string_view>

namespace cornice::venue::polymarket::ws {

[[nodiscard]] constexpr bool is_blank(char c) noexcept {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/// Reads frames whose every key is known and whose strings are printable ASCII without escapes,
/// which is every book and price_change of the live venue, several times faster than a general
/// parser can. True when the whole frame was read into `out`; false when anything was unusual or
/// wrong, with rubbish left in `out`: then a general parser must decide what it is. `text` must be
/// followed by `plain_text_padding` readable bytes that are zero.
[[nodiscard]] bool read_quickly(std::string_view text, assembly& out);

}  // namespace cornice::venue::polymarket::ws
