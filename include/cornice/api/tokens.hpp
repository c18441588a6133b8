// Bearer tokens: stored as SHA-256 only, compared in constant time.
#pragma once

#include "cornice/base/result.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cornice::api {

enum class role : std::uint8_t { viewer, operator_, admin };
[[nodiscard]] std::string_view to_string(role r) noexcept;
[[nodiscard]] result<role> parse_role(std::string_view text);

struct token_entry {
  std::string name;
  role may = role::viewer;
  std::string sha256;  ///< lower-case hex of the token
};

class token_list {
 public:
  /// {"tokens":[{"name","role","sha256"}…]}. Errors: malformed, missing_field with the JSON
  /// pointer; conflict (a name twice).
  [[nodiscard]] static result<token_list> parse(std::string_view json);
  [[nodiscard]] std::string to_json() const;
  result<void> add(token_entry e);
  /// The entry of a presented token. Looks at every entry, whatever matches.
  [[nodiscard]] std::optional<token_entry> find(std::string_view token) const;
  [[nodiscard]] std::size_t size() const noexcept { return entries_.size(); }

 private:
  std::vector<token_entry> entries_;
};

[[nodiscard]] std::string hash_token(std::string_view token);

}  // namespace cornice::api
