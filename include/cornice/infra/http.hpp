// HTTP as plain values: shared by client and server, no Beast type in sight.
#pragma once

#include "cornice/base/result.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cornice::infra {

enum class http_method : std::uint8_t { get, head, post, put, patch, del, options, other };
[[nodiscard]] std::string_view to_string(http_method m) noexcept;

/// Header fields in order; lookup is case-insensitive.
class http_headers {
 public:
  void add(std::string name, std::string value) {
    fields_.emplace_back(std::move(name), std::move(value));
  }
  /// Replaces every field of that name by one.
  void set(std::string_view name, std::string value);
  /// Value of the first field of that name.
  [[nodiscard]] std::optional<std::string_view> get(std::string_view name) const noexcept;
  [[nodiscard]] const std::vector<std::pair<std::string, std::string>>& all() const noexcept {
    return fields_;
  }

 private:
  std::vector<std::pair<std::string, std::string>> fields_;
};

/// Parts of an absolute http/https/ws/wss URL.
struct url {
  std::string scheme;
  std::string host;
  std::uint16_t port = 0;
  std::string target;  ///< path and query, at least "/"
  [[nodiscard]] bool tls() const noexcept { return scheme == "https" || scheme == "wss"; }
  /// `https://host:port`, the port only when it is not the scheme's own.
  [[nodiscard]] std::string origin() const;
  /// Value of the Host field: brackets around an IPv6 literal, the port when it is not the scheme's
  /// own.
  [[nodiscard]] std::string authority() const;
  /// Scheme and host come back in lower case, an IPv6 literal without brackets. Errors: malformed,
  /// naming the part that is wrong. Refuses user info, fragments, control characters, spaces and
  /// anything beyond ASCII.
  [[nodiscard]] static result<url> parse(std::string_view text);
};

/// %-encodes everything but RFC 3986 unreserved characters.
[[nodiscard]] std::string percent_encode(std::string_view text);
/// Errors: malformed. '+' is a space only when `plus_is_space`.
[[nodiscard]] result<std::string> percent_decode(std::string_view text, bool plus_is_space);
/// `a=1&b=2` in order of appearance, '+' as space, a key without '=' with an empty value. Errors:
/// malformed; more than 64 pairs are out_of_range.
[[nodiscard]] result<std::vector<std::pair<std::string, std::string>>> parse_query(
    std::string_view query);

}  // namespace cornice::infra
