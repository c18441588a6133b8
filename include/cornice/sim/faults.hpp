// Faults on request, as a schedule: when asked at a time, it says whether to misbehave.
#pragma once

#include "cornice/base/result.hpp"
#include "cornice/base/time.hpp"
#include "cornice/model/ids.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cornice::sim {

enum class fault_kind : std::uint8_t {
  drop,          ///< the WebSocket is cut without a close frame
  freeze,        ///< nothing more about some contracts, or all, while pings are answered
  gap,           ///< a frame is lost (Kalshi: a sequence number; Polymarket: a price_change)
  bad_hash,      ///< Polymarket: a wrong book hash
  duplicate,     ///< a frame is sent twice
  reorder,       ///< two frames change places
  malformed,     ///< a WebSocket frame, or a REST body, ends in the middle
  unknown_type,  ///< a message of a type that does not exist
  unknown_keys,  ///< a known message with keys that do not exist
  overflow,      ///< Kalshi: error 25 ends the subscription
  http_429,
  http_500,
  http_503,
  html,      ///< REST: 502 with a page instead of JSON
  slow,      ///< REST: the answer waits
  truncate,  ///< REST: the connection is cut in the middle of the body
  refuse,    ///< WebSocket handshakes are answered with 502
};

struct fault_summary {
  fault_kind kind;
  std::string_view name;
  std::string_view help;
};
[[nodiscard]] std::span<const fault_summary> fault_summaries() noexcept;
[[nodiscard]] std::string_view to_string(fault_kind k) noexcept;

/// `kind[:venue][:key=value,…]`, keys `at`, `every`, `for`, `pause` (durations: 500ms, 20s, 2m),
/// `count` (how many frames or requests an occurrence hits), `contracts` (freeze: how many; 0 is
/// all), `match` (a text that the ticker, token or request target must contain).
struct fault {
  fault_kind kind = fault_kind::drop;
  std::optional<venue_id> venue;  ///< none: both
  std::chrono::milliseconds at{0};
  std::optional<std::chrono::milliseconds> every;
  std::optional<std::chrono::milliseconds> hold;  ///< how long an occurrence lasts
  std::chrono::milliseconds pause{3'000};         ///< slow: before the answer
  std::int64_t count = 0;                         ///< 0: 1 without `for`, no limit with it
  std::int64_t contracts = 0;
  std::string match;
  friend bool operator==(const fault&, const fault&) = default;
};

/// Errors: invalid_argument, naming what is wrong and what would be right.
[[nodiscard]] result<fault> parse_fault(std::string_view spec);

/// Deterministic; not thread-safe.
class fault_schedule {
 public:
  static constexpr std::size_t faults_max = 256;

  /// `at` counts from `now`. Errors: overloaded (faults_max).
  result<void> add(fault f, timestamp now);
  /// Drops every fault.
  void clear() noexcept { entries_.clear(); }
  /// Whether to misbehave now towards `subject` (a ticker, a condition id, a request target). A yes
  /// uses up one of the occurrence's count.
  bool strike(fault_kind kind, venue_id venue, timestamp now, std::string_view subject);
  /// As strike(); the fault that struck, for its figures.
  const fault* strike_with(fault_kind kind, venue_id venue, timestamp now,
                           std::string_view subject);
  [[nodiscard]] bool empty() const noexcept { return entries_.empty(); }
  /// Strikes so far of each kind, in the order of fault_summaries().
  [[nodiscard]] const std::vector<std::uint64_t>& struck() const noexcept { return struck_; }

 private:
  struct entry {
    fault what;
    timestamp start;
    std::int64_t occurrence = -1;
    std::int64_t hits = 0;
    std::set<std::string, std::less<>> chosen;
  };
  static bool hits(entry& e, timestamp now, std::string_view subject);

  std::vector<entry> entries_;
  std::vector<std::uint64_t> struck_;
};

}  // namespace cornice::sim
