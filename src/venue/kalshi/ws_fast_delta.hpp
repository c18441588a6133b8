// A short way for the one message that makes up nearly all of the traffic.
#pragma once

#include "cornice/venue/kalshi/ws.hpp"

#include <string_view>

namespace cornice::venue::kalshi::ws {

/// Reads an orderbook_delta in the compact form that the venue writes: `type` first, no blanks, no
/// escapes, only ASCII, only keys that are known here, each at most once. Anything else, valid or
/// not, is left to the general decoder by answering false; what is accepted means exactly what the
/// general decoder would read, which a fuzz target compares.
[[nodiscard]] bool read_fast_delta(std::string_view text, frame& out) noexcept;

}  // namespace cornice::venue::kalshi::ws
