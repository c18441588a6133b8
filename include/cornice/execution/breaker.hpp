// Circuit breakers: one for everything and one a venue. Open means: cancel what is open, accept
// nothing.
#pragma once

#include "cornice/model/executions.hpp"

#include <array>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace cornice::execution {

enum class breaker_cause : std::uint8_t {
  none,
  // Transient: half-open by itself after a cool-down, once the condition is over.
  feed_down,
  broker_down,
  database_down,
  keep_alive_failed,
  refusal_burst,
  // Serious: only a person closes it.
  in_doubt_too_old,
  reconcile_difference,
  order_anomaly,
  daily_loss,
  stuck_bundle,
  audit_failure,
  lease_lost,
  kill,  ///< halt by HTTP, CLI, signal or file
};
inline constexpr breaker_cause all_breaker_causes[] = {breaker_cause::none,
                                                       breaker_cause::feed_down,
                                                       breaker_cause::broker_down,
                                                       breaker_cause::database_down,
                                                       breaker_cause::keep_alive_failed,
                                                       breaker_cause::refusal_burst,
                                                       breaker_cause::in_doubt_too_old,
                                                       breaker_cause::reconcile_difference,
                                                       breaker_cause::order_anomaly,
                                                       breaker_cause::daily_loss,
                                                       breaker_cause::stuck_bundle,
                                                       breaker_cause::audit_failure,
                                                       breaker_cause::lease_lost,
                                                       breaker_cause::kill};
[[nodiscard]] std::string_view to_string(breaker_cause c) noexcept;
[[nodiscard]] result<breaker_cause> parse_breaker_cause(std::string_view text);

/// Whether a cause keeps the breaker open until a person resumes.
[[nodiscard]] constexpr bool needs_person(breaker_cause c) noexcept {
  return c >= breaker_cause::in_doubt_too_old;
}
/// Whether a half-filled bundle may still be hedged or sold, within its own budget, while this
/// cause keeps a breaker open: where our own books are not in question and nobody said stop. An
/// open breaker without that would turn one stuck bundle into many.
[[nodiscard]] constexpr bool allows_repair(breaker_cause c) noexcept {
  return c == breaker_cause::stuck_bundle || c == breaker_cause::daily_loss ||
         c == breaker_cause::in_doubt_too_old || c == breaker_cause::refusal_burst;
}
/// Whether a cause is a condition that lasts until `clear`, rather than an event.
[[nodiscard]] constexpr bool is_condition(breaker_cause c) noexcept {
  return c == breaker_cause::feed_down || c == breaker_cause::broker_down ||
         c == breaker_cause::database_down || c == breaker_cause::keep_alive_failed;
}

struct breaker_policy {
  std::int64_t cool_down_ms = 10'000;  ///< first wait; doubles with each trip in a row
  std::int64_t cool_down_ms_max = 300'000;
  std::int64_t quiet_ms = 600'000;  ///< closed this long: the next trip counts as the first
  std::int64_t probes = 3;          ///< proved orders that close a half-open breaker
  std::int64_t refusals_max = 5;    ///< venue refusals within refusal_window_ms that trip
  std::int64_t refusal_window_ms = 10'000;
};

/// `global` or a venue's name.
inline constexpr std::string_view global_scope = "global";

/// Everything a breaker is; what the store keeps.
struct breaker_record {
  std::string scope;
  breaker_state state = breaker_state::closed;
  breaker_cause cause = breaker_cause::none;
  std::string detail;
  bool needs_person = false;
  std::string by;
  timestamp since{};
  std::int64_t trips_in_row = 0;
  std::int64_t probes_left = 0;
  std::set<breaker_cause> conditions;  ///< still standing
  friend bool operator==(const breaker_record&, const breaker_record&) = default;
  [[nodiscard]] breaker_event event() const;
};

/// One breaker. A changed state is returned as the record to store, publish and audit.
class breaker {
 public:
  breaker(std::string scope, const breaker_policy& policy);
  void restore(breaker_record r);

  /// Opens, or raises the severity of an open one; never lowers it. Nothing when nothing changed.
  std::optional<breaker_record> trip(breaker_cause c, std::string detail, std::string by,
                                     timestamp now);
  /// A condition ended. The cool-down counts from the last one.
  std::optional<breaker_record> clear(breaker_cause c, timestamp now);
  /// Open → half-open after the cool-down, for transient causes without standing conditions.
  std::optional<breaker_record> tick(timestamp now);
  /// In half-open: an order was proved to be handled well / went wrong.
  std::optional<breaker_record> on_probe(bool good, timestamp now);
  /// A person closes it (half-open first when conditions stand no more; refused while they do).
  /// Errors: refused, naming the standing condition.
  result<std::optional<breaker_record>> resume(std::string by, std::string reason, timestamp now);

  [[nodiscard]] const breaker_record& get() const noexcept { return record_; }

 private:
  [[nodiscard]] std::int64_t cool_down_ms() const noexcept;

  breaker_policy policy_;
  breaker_record record_;
};

/// All breakers of the account. Not thread-safe.
class breaker_panel {
 public:
  explicit breaker_panel(const breaker_policy& policy);
  void restore(breaker_record r);

  std::optional<breaker_record> trip(std::string_view scope, breaker_cause c, std::string detail,
                                     std::string by, timestamp now);
  std::optional<breaker_record> clear(std::string_view scope, breaker_cause c, timestamp now);
  std::vector<breaker_record> tick(timestamp now);
  std::vector<breaker_record> on_probe(venue_id v, bool good, timestamp now);
  /// A venue refused an order of ours; a burst trips its breaker.
  std::optional<breaker_record> on_refusal(venue_id v, std::string detail, timestamp now);
  /// `scope` = global closes only the global one. Errors: refused, not_found (unknown scope).
  result<std::optional<breaker_record>> resume(std::string_view scope, std::string by,
                                               std::string reason, timestamp now);

  [[nodiscard]] const breaker_record& of(std::string_view scope) const;
  [[nodiscard]] const breaker_record& of(venue_id v) const { return of(to_string(v)); }
  /// The breaker that refuses an order now, the global one first; null when none does. `repair`:
  /// the order completes or unwinds a bundle.
  [[nodiscard]] const breaker_record* blocking(venue_id v, bool repair) const;
  /// The stricter of the global and the venue's state.
  [[nodiscard]] breaker_state state_for(venue_id v) const;
  [[nodiscard]] std::vector<breaker_record> all() const;

 private:
  breaker* find(std::string_view scope);

  breaker_policy policy_;
  std::map<std::string, breaker, std::less<>> breakers_;
  std::map<venue_id, std::deque<timestamp>> refusals_;  // at most refusals_max + 1 each
};

}  // namespace cornice::execution
