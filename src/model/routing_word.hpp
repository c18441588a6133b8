// One word of an AMQP topic routing key.
#pragma once

#include <string>
#include <string_view>

namespace cornice {

/// `text` as one word: `.`, `*`, `#`, `%`, spaces and everything outside printable ASCII become
/// %XX; an empty text becomes `%`, which no other text yields. A word that would be longer than 160
/// bytes is cut there and told apart by `~` and 16 hex digits of FNV-1a over the whole text, so
/// that a key of a topic name's length, a venue and a word stays within AMQP's 255 bytes.
[[nodiscard]] std::string routing_word(std::string_view text);

inline constexpr std::size_t max_routing_word = 160 + 17;

}  // namespace cornice
