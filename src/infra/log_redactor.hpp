// Keeps registered secrets out of text.
#pragma once

#include <cstdint>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <vector>

namespace cornice::infra {

/// Thread-safe. Linear in secrets × text; a daemon registers a few dozen.
class log_redactor {
 public:
  /// Shorter ones would blank out ordinary words.
  static constexpr std::size_t shortest_secret = 6;
  static constexpr std::string_view mark = "[redacted]";

  /// Remembers `secret` as it is, as it looks escaped inside a JSON string, and, when it has
  /// several lines, each line that is long enough to be secret by itself.
  void add(std::string_view secret);
  /// Replaces every occurrence of every secret.
  void apply(std::string& text) const;

 private:
  void add_form(std::string form);

  mutable std::shared_mutex mutex_;
  std::vector<std::string> forms_;  // longest first: one secret may contain another
};

}  // namespace cornice::infra
