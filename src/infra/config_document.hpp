// A configuration file as a tree that remembers where everything stood.
#pragma once

#include "cornice/base/result.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace cornice::infra {

struct config_member;

/// One JSON value. Numbers stay the text that was written: whoever reads them decides how.
struct config_node {
  enum class kind : std::uint8_t { null, boolean, number, text, array, object };

  kind type = kind::null;
  std::size_t line = 0;       ///< of its first character, from 1
  std::size_t last_line = 0;  ///< of its last character: where a missing key would be added
  std::size_t offset = 0;     ///< of its first character; orders problems
  std::size_t last_offset = 0;
  std::string text;  ///< of a text: decoded; of a number, boolean or null: as written
  std::vector<config_node> elements;   ///< of an array
  std::vector<config_member> members;  ///< of an object, in the order of the file

  [[nodiscard]] const config_node* find(std::string_view key) const noexcept;
};

struct config_member {
  std::string key;
  std::size_t line = 0;
  std::size_t offset = 0;
  config_node value;
};

/// Adds one step to a JSON pointer (RFC 6901).
[[nodiscard]] std::string pointer_to(const std::string& parent, std::string_view key);

/// Parses JSON with comments. Errors: malformed, `name:line: …`. Refuses duplicate keys, invalid
/// UTF-8, more than 32 levels and more than 1 MiB.
[[nodiscard]] result<config_node> parse_config_document(std::string_view text,
                                                        const std::string& name);

}  // namespace cornice::infra
