// Configuration: JSON with comments, read through descriptors that also make the JSON Schema.
#pragma once

#include "cornice/base/result.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace cornice::infra {

/// Describes the keys of one JSON object and where their values go. A section is read with exactly
/// the descriptors that write the schema, so the two cannot disagree.
///
///   struct http_section { std::string address = "127.0.0.1"; std::int64_t port = 8080; };
///   void describe(config_section& s, http_section& v) {
///     s.text("address", v.address, "Interface to listen on.");
///     s.integer("port", v.port, {0, 65535}, "TCP port; 0 takes any free one.");
///   }
///
/// A described target holds the default when it is passed in. One object describes each key once. A
/// key described as a section that the file leaves out keeps its defaults, and required keys inside
/// it are not asked for.
class config_section {
 public:
  struct range {
    std::int64_t min;
    std::int64_t max;
  };

  /// `pattern` is an ECMAScript regular expression that must match somewhere in the text; anchor it
  /// with ^ and $ to match all of it.
  void text(std::string key, std::string& target, std::string help, std::string pattern = {});
  void choice(std::string key, std::string& target, std::vector<std::string> values,
              std::string help);
  void integer(std::string key, std::int64_t& target, range allowed, std::string help);
  void boolean(std::string key, bool& target, std::string help);
  /// Decimal number or string without exponent into millionths: prices, money, quantities, ratios.
  /// Read digit by digit, so that 0.1 is exactly 100000.
  void millionths(std::string key, std::int64_t& target_millionths, range allowed_millionths,
                  std::string help);
  /// Durations are whole numbers of the unit that the key ends with: `_ms` or `_s`. `allowed` is in
  /// that unit.
  void duration_ms(std::string key, std::chrono::milliseconds& target, range allowed,
                   std::string help);
  /// At most 1024 texts.
  void texts(std::string key, std::vector<std::string>& target, std::string help);
  /// Path of a file that holds a secret; `${CREDENTIALS_DIRECTORY}` in front is expanded when the
  /// environment has it (systemd LoadCredential), else it stays for read_secret() to refuse.
  void secret_file(std::string key, std::string& target_path, std::string help);
  void section(std::string key, std::function<void(config_section&)> describe, std::string help);
  /// An object with free keys, each value a section. `present` names the ones that exist now, for
  /// config_values(). To write the schema `describe` is called once with an empty name.
  void sections(std::string key,
                std::function<void(const std::string& name, config_section&)> describe,
                std::string help, std::vector<std::string> present = {});
  /// The next described key must be present.
  config_section& required();

  struct state;
  explicit config_section(state& s) : state_{s} {}

 private:
  state& state_;
};

/// Reads `file` (JSON with // and /* */ comments, UTF-8, at most 1 MiB; trailing commas are not
/// allowed; duplicate keys are refused) into the targets of `describe`. A `$schema` key at the top
/// is let through for editors. Errors (invalid_argument, out_of_range, missing_field, not_found,
/// malformed, io): the first one in the file, as one message with file, line, JSON pointer, what is
/// wrong and what would be right; for an unknown key the nearest known one is named. On an error
/// some targets may already be changed: discard them.
[[nodiscard]] result<void> read_config(const std::string& file,
                                       const std::function<void(config_section&)>& describe);
/// As read_config, from text; `name` stands for the file in messages.
[[nodiscard]] result<void> read_config_text(std::string_view text, const std::string& name,
                                            const std::function<void(config_section&)>& describe);

/// JSON Schema (2020-12) of what `describe` accepts, with defaults and descriptions;
/// pretty-printed, newline at the end.
[[nodiscard]] std::string config_schema(const std::string& title,
                                        const std::function<void(config_section&)>& describe);
/// The effective values, secrets files as paths only, as pretty-printed JSON with a newline at the
/// end that read_config_text() reads back. Decimals are strings, so that no reader rounds them.
[[nodiscard]] std::string config_values(const std::function<void(config_section&)>& describe);

/// Content of a secret file, trailing newline removed, registered with redact_in_logs. Errors:
/// not_found, io, refused (readable by others than its owner and group, or not a regular file),
/// missing_field (empty), out_of_range (over 64 KiB).
[[nodiscard]] result<std::string> read_secret(const std::string& path);

}  // namespace cornice::infra
