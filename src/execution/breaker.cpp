#include "cornice/execution/breaker.hpp"

#include "cornice/base/check.hpp"

#include <algorithm>
#include <utility>

namespace cornice::execution {
namespace {

std::chrono::milliseconds ms(std::int64_t n) {
  return std::chrono::milliseconds{n};
}

}  // namespace

std::string_view to_string(breaker_cause c) noexcept {
  switch (c) {
    case breaker_cause::none:
      return "none";
    case breaker_cause::feed_down:
      return "feed_down";
    case breaker_cause::broker_down:
      return "broker_down";
    case breaker_cause::database_down:
      return "database_down";
    case breaker_cause::keep_alive_failed:
      return "keep_alive_failed";
    case breaker_cause::refusal_burst:
      return "refusal_burst";
    case breaker_cause::in_doubt_too_old:
      return "in_doubt_too_old";
    case breaker_cause::reconcile_difference:
      return "reconcile_difference";
    case breaker_cause::order_anomaly:
      return "order_anomaly";
    case breaker_cause::daily_loss:
      return "daily_loss";
    case breaker_cause::stuck_bundle:
      return "stuck_bundle";
    case breaker_cause::audit_failure:
      return "audit_failure";
    case breaker_cause::lease_lost:
      return "lease_lost";
    case breaker_cause::kill:
      return "kill";
  }
  return "none";
}

result<breaker_cause> parse_breaker_cause(std::string_view text) {
  for (const auto c : all_breaker_causes)
    if (to_string(c) == text) return c;
  return error{errc::invalid_argument, "unknown breaker cause \"" + std::string{text} + "\""};
}

breaker_event breaker_record::event() const {
  breaker_event e;
  e.scope = scope;
  e.state = state;
  e.cause = detail.empty() ? std::string{to_string(cause)}
                           : std::string{to_string(cause)}.append(": ").append(detail);
  e.needs_person = needs_person;
  e.by = by;
  e.at = since;
  return e;
}

breaker::breaker(std::string scope, const breaker_policy& policy) : policy_{policy} {
  record_.scope = std::move(scope);
}

void breaker::restore(breaker_record r) {
  invariant(r.scope == record_.scope, "a breaker is restored from its own record");
  record_ = std::move(r);
  // Conditions were the earlier process's observation: this one finds out for itself.
  record_.conditions.clear();
}

std::int64_t breaker::cool_down_ms() const noexcept {
  std::int64_t wait = policy_.cool_down_ms;
  for (std::int64_t i = 1; i < record_.trips_in_row && wait < policy_.cool_down_ms_max; ++i)
    wait *= 2;
  return std::min(wait, policy_.cool_down_ms_max);
}

std::optional<breaker_record> breaker::trip(breaker_cause c, std::string detail, std::string by,
                                            timestamp now) {
  const breaker_record before = record_;
  if (is_condition(c)) record_.conditions.insert(c);
  const bool serious = execution::needs_person(c);
  if (record_.state == breaker_state::open) {
    // Already open: only a stricter cause replaces the one that people see.
    const bool stricter =
        !record_.needs_person || (allows_repair(record_.cause) && !allows_repair(c));
    if (serious && stricter) {
      record_.cause = c;
      record_.detail = std::move(detail);
      record_.by = std::move(by);
      record_.needs_person = true;
      record_.since = now;
    }
  } else {
    const bool fresh =
        record_.state == breaker_state::closed && now - record_.since > ms(policy_.quiet_ms);
    record_.trips_in_row = fresh ? 1 : record_.trips_in_row + 1;
    record_.state = breaker_state::open;
    record_.cause = c;
    record_.detail = std::move(detail);
    record_.by = std::move(by);
    record_.needs_person = serious;
    record_.probes_left = 0;
    record_.since = now;
  }
  if (record_ == before) return std::nullopt;
  return record_;
}

std::optional<breaker_record> breaker::clear(breaker_cause c, timestamp now) {
  if (record_.conditions.erase(c) == 0) return std::nullopt;
  if (record_.state == breaker_state::open && record_.conditions.empty()) record_.since = now;
  return record_;
}

std::optional<breaker_record> breaker::tick(timestamp now) {
  if (record_.state != breaker_state::open || record_.needs_person || !record_.conditions.empty() ||
      now - record_.since < ms(cool_down_ms()))
    return std::nullopt;
  record_.state = breaker_state::half_open;
  record_.probes_left = policy_.probes;
  record_.by = "cool-down";
  record_.since = now;
  return record_;
}

std::optional<breaker_record> breaker::on_probe(bool good, timestamp now) {
  if (record_.state != breaker_state::half_open) return std::nullopt;
  // Whatever opened it first: that condition is over, the failed probe is an event of its own.
  if (!good)
    return trip(breaker_cause::refusal_burst, "a probe failed while half open", "probe", now);
  if (--record_.probes_left > 0) return std::nullopt;
  record_.state = breaker_state::closed;
  record_.cause = breaker_cause::none;
  record_.detail.clear();
  record_.by = "probes";
  record_.probes_left = 0;
  record_.since = now;
  return record_;
}

result<std::optional<breaker_record>> breaker::resume(std::string by, std::string reason,
                                                      timestamp now) {
  if (!record_.conditions.empty())
    return error{errc::refused, "breaker " + record_.scope + " stays open: " +
                                    std::string{to_string(*record_.conditions.begin())} +
                                    " still stands; end it first"};
  if (record_.state == breaker_state::closed) return std::optional<breaker_record>{};
  record_.state = breaker_state::closed;
  record_.cause = breaker_cause::none;
  record_.detail = std::move(reason);
  record_.needs_person = false;
  record_.by = std::move(by);
  record_.trips_in_row = 0;
  record_.probes_left = 0;
  record_.since = now;
  return std::optional<breaker_record>{record_};
}

breaker_panel::breaker_panel(const breaker_policy& policy) : policy_{policy} {
  breakers_.emplace(std::string{global_scope}, breaker{std::string{global_scope}, policy});
  for (const auto v : all_venues) {
    std::string scope{to_string(v)};
    breakers_.emplace(scope, breaker{scope, policy});
  }
}

breaker* breaker_panel::find(std::string_view scope) {
  const auto it = breakers_.find(scope);
  return it == breakers_.end() ? nullptr : &it->second;
}

void breaker_panel::restore(breaker_record r) {
  if (breaker* b = find(r.scope)) b->restore(std::move(r));
}

std::optional<breaker_record> breaker_panel::trip(std::string_view scope, breaker_cause c,
                                                  std::string detail, std::string by,
                                                  timestamp now) {
  breaker* b = find(scope);
  // Trouble of a scope that nobody knows concerns everything.
  if (b == nullptr) b = find(global_scope);
  return b->trip(c, std::move(detail), std::move(by), now);
}

std::optional<breaker_record> breaker_panel::clear(std::string_view scope, breaker_cause c,
                                                   timestamp now) {
  breaker* b = find(scope);
  if (b == nullptr) b = find(global_scope);
  return b->clear(c, now);
}

std::vector<breaker_record> breaker_panel::tick(timestamp now) {
  std::vector<breaker_record> moved;
  for (auto& [scope, b] : breakers_)
    if (auto r = b.tick(now)) moved.push_back(std::move(*r));
  return moved;
}

std::vector<breaker_record> breaker_panel::on_probe(venue_id v, bool good, timestamp now) {
  std::vector<breaker_record> moved;
  for (const auto scope : {global_scope, to_string(v)})
    if (auto r = find(scope)->on_probe(good, now)) moved.push_back(std::move(*r));
  return moved;
}

std::optional<breaker_record> breaker_panel::on_refusal(venue_id v, std::string detail,
                                                        timestamp now) {
  auto& recent = refusals_[v];
  while (!recent.empty() && now - recent.front() > ms(policy_.refusal_window_ms))
    recent.pop_front();
  recent.push_back(now);
  if (std::cmp_less(recent.size(), policy_.refusals_max)) return std::nullopt;
  recent.clear();
  return trip(to_string(v), breaker_cause::refusal_burst,
              std::to_string(policy_.refusals_max) + " refusals within " +
                  std::to_string(policy_.refusal_window_ms) + " ms, the last: " + detail,
              "execution", now);
}

result<std::optional<breaker_record>> breaker_panel::resume(std::string_view scope, std::string by,
                                                            std::string reason, timestamp now) {
  breaker* b = find(scope);
  if (b == nullptr)
    return error{errc::not_found, "no breaker \"" + std::string{scope} +
                                      "\"; scopes are global, kalshi, polymarket, sim"};
  return b->resume(std::move(by), std::move(reason), now);
}

const breaker_record& breaker_panel::of(std::string_view scope) const {
  const auto it = breakers_.find(scope);
  invariant(it != breakers_.end(), "a breaker scope is global or a venue");
  return it->second.get();
}

const breaker_record* breaker_panel::blocking(venue_id v, bool repair) const {
  for (const breaker_record* r : {&of(global_scope), &of(v)})
    if (r->state == breaker_state::open &&
        !(repair && allows_repair(r->cause) && r->conditions.empty()))
      return r;
  return nullptr;
}

breaker_state breaker_panel::state_for(venue_id v) const {
  const auto global = of(global_scope).state;
  const auto venue = of(v).state;
  if (global == breaker_state::open || venue == breaker_state::open) return breaker_state::open;
  if (global == breaker_state::half_open || venue == breaker_state::half_open)
    return breaker_state::half_open;
  return breaker_state::closed;
}

std::vector<breaker_record> breaker_panel::all() const {
  std::vector<breaker_record> records;
  for (const auto& [scope, b] : breakers_) records.push_back(b.get());
  return records;
}

}  // namespace cornice::execution
