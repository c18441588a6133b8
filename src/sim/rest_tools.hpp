// What both venues' REST sides share.
#pragma once

#include "cornice/sim/rest.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cornice::sim {

/// Opaque position in a listing; the text says nothing to a client.
[[nodiscard]] std::string cursor_text(std::size_t position);
/// Nothing for a text that cursor_text() did not make.
[[nodiscard]] std::optional<std::size_t> cursor_position(std::string_view text);
/// Nothing when it is not a whole number.
[[nodiscard]] std::optional<std::int64_t> whole_number(std::string_view text);
/// As infra::parse_query, with room for the batch endpoints' repeated parameters: at most 1024.
/// Nothing when it is malformed.
[[nodiscard]] std::optional<std::vector<std::pair<std::string, std::string>>> parse_long_query(
    std::string_view query);
void count_reply(rest_counters& c, const rest_reply& r);
/// The rest of `path` behind `prefix`, when it starts with it and goes on.
[[nodiscard]] std::optional<std::string_view> behind(std::string_view path,
                                                     std::string_view prefix);

}  // namespace cornice::sim
