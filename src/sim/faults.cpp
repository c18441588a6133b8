#include "cornice/sim/faults.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace cornice::sim {
namespace {

using milliseconds = std::chrono::milliseconds;

constexpr std::array<fault_summary, 17> summaries{{
    {fault_kind::drop, "drop", "cut WebSockets without a close frame"},
    {fault_kind::freeze, "freeze", "say nothing more about contracts, but answer pings"},
    {fault_kind::gap, "gap", "lose a frame: a sequence number is missing, or a hash does not fit"},
    {fault_kind::bad_hash, "bad_hash", "send a wrong book hash (polymarket)"},
    {fault_kind::duplicate, "duplicate", "send a frame twice"},
    {fault_kind::reorder, "reorder", "swap two frames"},
    {fault_kind::malformed, "malformed", "send half of a frame or of a REST body"},
    {fault_kind::unknown_type, "unknown_type", "send a message of a type that does not exist"},
    {fault_kind::unknown_keys, "unknown_keys", "add keys that do not exist to a frame"},
    {fault_kind::overflow, "overflow", "end a subscription with error 25 (kalshi)"},
    {fault_kind::http_429, "429", "answer REST requests with 429"},
    {fault_kind::http_500, "500", "answer REST requests with 500"},
    {fault_kind::http_503, "503", "answer REST requests with 503"},
    {fault_kind::html, "html", "answer REST requests with 502 and an HTML page"},
    {fault_kind::slow, "slow", "answer REST requests after `pause`"},
    {fault_kind::truncate, "truncate", "cut REST answers in the middle of the body"},
    {fault_kind::refuse, "refuse", "answer WebSocket handshakes with 502"},
}};

std::size_t index_of(fault_kind k) {
  return static_cast<std::size_t>(k);
}

error wrong(std::string text) {
  return {errc::invalid_argument, std::move(text)};
}

result<std::int64_t> parse_count(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (code != std::errc{} || end != text.data() + text.size() || value < 0 || value > 1'000'000)
    return wrong("'" + std::string{text} + "' is not a number from 0 to 1000000");
  return value;
}

result<milliseconds> parse_duration(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  const std::string_view unit{end, static_cast<std::size_t>(text.data() + text.size() - end)};
  const std::int64_t factor = unit == "ms" ? 1 : unit == "s" ? 1'000 : unit == "m" ? 60'000 : 0;
  if (code != std::errc{} || factor == 0 || value < 0 || value > 1'000'000)
    return wrong("'" + std::string{text} + "' is not a duration such as 500ms, 20s or 2m");
  return milliseconds{value * factor};
}

result<void> set_key(fault& f, std::string_view key, std::string_view value) {
  if (key == "match") {
    f.match = value;
    return {};
  }
  if (key == "count" || key == "contracts") {
    CORNICE_TRY(n, parse_count(value));
    (key == "count" ? f.count : f.contracts) = n;
    return {};
  }
  if (key != "at" && key != "every" && key != "for" && key != "pause")
    return wrong(
        "'" + std::string{key} +
        "' is no key of a fault; there are at, every, for, pause, count, contracts, match");
  CORNICE_TRY(d, parse_duration(value));
  if (key == "every" && d.count() == 0) return wrong("'every' must be longer than 0");
  if (key == "at") f.at = d;
  if (key == "every") f.every = d;
  if (key == "for") f.hold = d;
  if (key == "pause") f.pause = d;
  return {};
}

std::string_view take_until(std::string_view& rest, char separator) {
  const std::size_t at = rest.find(separator);
  const std::string_view head = rest.substr(0, at);
  rest.remove_prefix(at == std::string_view::npos ? rest.size() : at + 1);
  return head;
}

}  // namespace

std::span<const fault_summary> fault_summaries() noexcept {
  return summaries;
}

std::string_view to_string(fault_kind k) noexcept {
  return summaries[index_of(k)].name;
}

result<fault> parse_fault(std::string_view spec) {
  std::string_view rest = spec;
  const std::string_view name = take_until(rest, ':');
  const auto known = std::find_if(summaries.begin(), summaries.end(),
                                  [&](const fault_summary& s) { return s.name == name; });
  if (known == summaries.end()) {
    std::string all;
    for (const fault_summary& s : summaries) all.append(all.empty() ? "" : ", ") += s.name;
    return wrong("'" + std::string{name} + "' is no fault; there are " + all);
  }
  fault f;
  f.kind = known->kind;
  if (!rest.empty() && rest.substr(0, rest.find(':')).find('=') == std::string_view::npos) {
    const std::string_view venue = take_until(rest, ':');
    if (venue != "kalshi" && venue != "polymarket" && venue != "both")
      return wrong("'" + std::string{venue} + "' is not kalshi, polymarket or both");
    if (venue != "both") f.venue = venue == "kalshi" ? venue_id::kalshi : venue_id::polymarket;
  }
  while (!rest.empty()) {
    std::string_view pair = take_until(rest, ',');
    const std::string_view key = take_until(pair, '=');
    CORNICE_CHECK_OK(set_key(f, key, pair));
  }
  return f;
}

result<void> fault_schedule::add(fault f, timestamp now) {
  if (entries_.size() == faults_max)
    return error{errc::overloaded, "at most " + std::to_string(faults_max) + " faults"};
  const timestamp start = now + f.at;
  entries_.push_back({std::move(f), start, -1, 0, {}});
  return {};
}

bool fault_schedule::hits(entry& e, timestamp now, std::string_view subject) {
  if (now < e.start) return false;
  const auto since = std::chrono::floor<milliseconds>(now - e.start);
  const std::int64_t occurrence = e.what.every ? since / *e.what.every : 0;
  if (occurrence != e.occurrence) {
    e.occurrence = occurrence;
    e.hits = 0;
    e.chosen.clear();
  }
  const auto into = e.what.every ? since % *e.what.every : since;
  if (e.what.hold && into >= *e.what.hold) return false;
  if (!e.what.match.empty() && subject.find(e.what.match) == std::string_view::npos) return false;
  if (e.what.contracts > 0) {
    if (e.chosen.contains(subject)) return true;
    if (static_cast<std::int64_t>(e.chosen.size()) >= e.what.contracts) return false;
    e.chosen.emplace(subject);
    return true;
  }
  // A freeze is a state: it has a duration, not a number of victims.
  const bool counted = e.what.count > 0 || (!e.what.hold && e.what.kind != fault_kind::freeze);
  const std::int64_t limit = e.what.count > 0 ? e.what.count : 1;
  if (counted && e.hits >= limit) return false;
  ++e.hits;
  return true;
}

const fault* fault_schedule::strike_with(fault_kind kind, venue_id venue, timestamp now,
                                         std::string_view subject) {
  for (entry& e : entries_) {
    if (e.what.kind != kind || e.what.venue.value_or(venue) != venue) continue;
    if (!hits(e, now, subject)) continue;
    struck_.resize(summaries.size());
    ++struck_[index_of(kind)];
    return &e.what;
  }
  return nullptr;
}

bool fault_schedule::strike(fault_kind kind, venue_id venue, timestamp now,
                            std::string_view subject) {
  return strike_with(kind, venue, now, subject) != nullptr;
}

}  // namespace cornice::sim
