// Structured logs: one JSON object a line on stdout, a human form on a terminal.
#pragma once

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace cornice::infra {

enum class log_level : std::uint8_t { trace, debug, info, warn, error, critical };
enum class log_format : std::uint8_t { automatic, json, human };

/// One key and value of a log line. Borrows its strings: build it in the call only.
struct log_field {
  using value_type = std::variant<std::string_view, std::int64_t, std::uint64_t, bool>;
  std::string_view key;
  value_type value;

  log_field(std::string_view k, std::string_view v) : key{k}, value{v} {}
  log_field(std::string_view k, const char* v) : key{k}, value{std::string_view{v}} {}
  log_field(std::string_view k, const std::string& v) : key{k}, value{std::string_view{v}} {}
  log_field(std::string_view k, bool v) : key{k}, value{v} {}
  template <std::signed_integral T>
  log_field(std::string_view k, T v) : key{k}, value{static_cast<std::int64_t>(v)} {}
  template <std::unsigned_integral T>
  requires(!std::same_as<T, bool>) log_field(std::string_view k, T v)
      : key{k}, value{static_cast<std::uint64_t>(v)} {}
};

/// Starts logging for the process: asynchronous with a bounded queue that overwrites the oldest
/// line (counted by log_lines_dropped) so that a stalled stdout never stalls the loop. Call once,
/// before threads start; calling again changes level and format only. Before the call lines of
/// `info` and above go to stderr at once. The process has to ignore SIGPIPE.
void start_logging(log_level minimum, log_format format);
/// Waits until what is queued now is written, at most two seconds (stdout may be stalled). Called
/// at exit; logging goes on afterwards. Not on the loop thread while it has work to do.
void flush_logging() noexcept;
/// Lines lost because stdout did not keep up.
[[nodiscard]] std::uint64_t log_lines_dropped() noexcept;
/// Registers a secret: any later line that would contain it shows `[redacted]` in its place, also
/// where the value is cut for length. Of a secret of several lines (a PEM key) every line counts by
/// itself. Thread-safe. Secrets under 6 characters are ignored (they would blank out ordinary
/// words).
void redact_in_logs(std::string_view secret);

/// Whether a line of `level` would be written.
[[nodiscard]] bool log_enabled(log_level level) noexcept;
/// Changes the minimum level while running. Thread-safe.
void set_log_level(log_level minimum) noexcept;
/// `trace`, `debug`, `info`, `warn`, `error`, `critical`; false for anything else.
[[nodiscard]] bool parse_log_level(std::string_view text, log_level& out) noexcept;
[[nodiscard]] std::string_view to_string(log_level level) noexcept;

/// Writes logs of one component. Cheap to copy; thread-safe. `event` is a stable snake_case name;
/// people and alert rules search for it, so renaming one is an interface change. Keys `ts`,
/// `level`, `event`, `component` are taken (a field of that name gets a `_` behind); `trace_id` is
/// an ordinary field. Text values are cut after 4096 bytes. Never throws: a line that cannot be
/// written counts as dropped.
class logger {
 public:
  explicit logger(std::string component) : component_{std::move(component)} {}
  void log(log_level level, std::string_view event,
           std::initializer_list<log_field> fields) const noexcept;
  void debug(std::string_view event, std::initializer_list<log_field> f = {}) const {
    log(log_level::debug, event, f);
  }
  void info(std::string_view event, std::initializer_list<log_field> f = {}) const {
    log(log_level::info, event, f);
  }
  void warn(std::string_view event, std::initializer_list<log_field> f = {}) const {
    log(log_level::warn, event, f);
  }
  void error(std::string_view event, std::initializer_list<log_field> f = {}) const {
    log(log_level::error, event, f);
  }
  void critical(std::string_view event, std::initializer_list<log_field> f = {}) const {
    log(log_level::critical, event, f);
  }
  [[nodiscard]] const std::string& component() const noexcept { return component_; }

 private:
  std::string component_;
};

}  // namespace cornice::infra
