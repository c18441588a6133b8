// Breakers, cancels, commands, time.
#include "cornice/execution/marks.hpp"
#include "cornice/execution/order_manager.hpp"

#include <algorithm>

namespace cornice::execution {
namespace {

constexpr std::size_t replies_max = 1'024;

std::chrono::milliseconds ms(std::int64_t n) {
  return std::chrono::milliseconds{n};
}

bool in_scope(std::string_view scope, venue_id v) {
  return scope == global_scope || scope == to_string(v);
}

}  // namespace

void order_manager::trip(effects& e, std::string_view scope, breaker_cause c, std::string detail,
                         std::string by, timestamp now) {
  breaker_moved(e, breakers_.trip(scope, c, std::move(detail), std::move(by), now), now);
}

void order_manager::breaker_moved(effects& e, const std::optional<breaker_record>& r,
                                  timestamp now) {
  if (!r) return;
  e.records.emplace_back(store_breaker{*r, r->event()});
  audit(e, "breaker." + std::string{to_string(r->state)}, r->scope, r->event().cause, now,
        r->by.empty() ? "execution" : r->by);
  if (r->state == breaker_state::open) cancel_scope(e, r->scope, now);
}

void order_manager::cancel_scope(effects& e, std::string_view scope, timestamp now) {
  const std::set<order_id> open = open_;
  for (const order_id& id : open) {
    const order& o = orders_.at(id).get();
    if (!is_terminal(o.state) && in_scope(scope, o.terms.contract.venue())) cancel(e, id, now);
  }
  for (const auto v : config_.venues)
    if (in_scope(scope, v)) e.immediate.emplace_back(cancel_everything{v});
}

/// Cancels as far as the order's state allows; an intended one is held back by the closed
/// admission.
void order_manager::cancel(effects& e, const order_id& id, timestamp now) {
  order_machine& machine = orders_.at(id);
  const order_state state = machine.get().state;
  if (is_terminal(state) || state == order_state::intended) return;
  const bool named = !machine.get().venue_order.empty();
  if (state == order_state::sent || state == order_state::in_doubt) {
    after_order(e, id, machine.on_cancel_wanted(now), evidence::journal, now);
    if (!named) return;
  }
  cancel_try& attempt = cancels_[id];
  if (attempt.tries >= config_.cancel_tries_max || now < attempt.next) return;
  ++attempt.tries;
  attempt.next = now + ms(config_.cancel_retry_ms);
  e.immediate.emplace_back(
      send_cancel{id, machine.get().venue_order, machine.get().terms.contract});
  after_order(e, id, machine.on_cancel_sent(now), evidence::journal, now);
}

actions order_manager::on_feed(const feed_signal& s, timestamp now) {
  effects e;
  markets_.on_feed(s);
  if (!config_.venues.contains(s.venue)) return finish(e, now);
  const std::string_view scope = to_string(s.venue);
  if (s.state == feed_state::live) {
    feed_was_live_.insert(s.venue);
    breaker_moved(e, breakers_.clear(scope, breaker_cause::feed_down, now), now);
  } else if (s.state == feed_state::down && feed_was_live_.erase(s.venue) > 0) {
    trip(e, scope, breaker_cause::feed_down, s.reason, "feed", now);
  }
  return finish(e, now);
}

void order_manager::on_book(const book_signal& s) {
  markets_.on_book(s);
}

void order_manager::tick_feeds(effects& e, timestamp now) {
  for (const auto v : config_.venues) {
    const feed_signal* f = markets_.feed(v);
    if (f == nullptr || !feed_was_live_.contains(v) ||
        now - f->observed <= ms(config_.feed_silence_ms_max))
      continue;
    feed_was_live_.erase(v);
    trip(e, to_string(v), breaker_cause::feed_down,
         "nothing was heard of the feed for " + std::to_string(config_.feed_silence_ms_max) + " ms",
         "execution", now);
  }
}

void order_manager::tick_orders(effects& e, timestamp now) {
  const std::set<order_id> open = open_;
  for (const order_id& id : open) {
    const order& o = orders_.at(id).get();
    const venue_id v = o.terms.contract.venue();
    if (o.state == order_state::cancel_pending || o.cancel_wanted) cancel(e, id, now);
    if (o.state == order_state::sent && o.sent_at && now - *o.sent_at > ms(config_.send_ms_max)) {
      send_outcome silent;
      silent.reason = "no answer within " + std::to_string(config_.send_ms_max) + " ms";
      after_order(e, id, orders_.at(id).on_send_outcome(silent, now), evidence::journal, now);
    }
    // What waits for the venue's word: doubt, a cancel, fills that were announced.
    std::optional<timestamp> waiting = o.in_doubt_since;
    if (o.state == order_state::cancel_pending) waiting = o.updated;
    if (const auto it = outstanding_since_.find(id); it != outstanding_since_.end())
      waiting = it->second;
    if (!waiting) continue;
    if (now - *waiting > ms(config_.query_after_ms)) ask_snapshot_by(v, now);
    if (now - *waiting > ms(config_.in_doubt_ms_max))
      trip(e, to_string(v), breaker_cause::in_doubt_too_old,
           "order " + id.str() + " has been " + std::string{to_string(o.state)} +
               " for more than " + std::to_string(config_.in_doubt_ms_max) + " ms without proof",
           "execution", now);
  }
}

void order_manager::tick_day(effects& e, timestamp now) {
  const timestamp today = std::chrono::floor<std::chrono::days>(now);
  for (const auto v : config_.venues) {
    const auto day = days_.find(v);
    if (day != days_.end() && day->second.day == today) continue;
    // Without marks the baseline would be too high, and the first books look like a loss.
    if (!all_marked(v) && now - started_ < ms(config_.marks_wait_ms_max)) continue;
    const position sum = positions_.totals(v);
    days_[v] = {v, today, sum.realised, sum.fees, unrealised_by_venue(positions_, markets_).at(v)};
    e.records.emplace_back(store_day{days_[v]});
  }
  refresh_day_result();
  if (-day_result_ >= config_.limits.daily_loss_max)
    trip(e, global_scope, breaker_cause::daily_loss,
         "the day's result is " + day_result_.to_string() + ", the limit is a loss of " +
             config_.limits.daily_loss_max.to_string(),
         "risk", now);
  const auto backlog = static_cast<std::int64_t>(pending_commits_.size());
  if (now < next_pnl_ || backlog > config_.limits.pending_commits_max) return;
  next_pnl_ = now + ms(config_.pnl_every_ms);
  for (const auto v : config_.venues) e.records.emplace_back(store_pnl{pnl(v, now)});
}

actions order_manager::on_tick(timestamp now) {
  effects e;
  for (const auto& r : breakers_.tick(now)) breaker_moved(e, r, now);
  tick_feeds(e, now);
  take_early_fills(e, now);
  tick_orders(e, now);
  tick_snapshots(e, now);
  tick_day(e, now);
  for (const auto& [id, b] : bundles_) e.dirty.insert(id);
  return finish(e, now);
}

actions order_manager::on_condition(std::string_view scope, breaker_cause cause, bool standing,
                                    std::string detail, timestamp now) {
  effects e;
  if (standing)
    trip(e, scope, cause, std::move(detail), "execution", now);
  else
    breaker_moved(e, breakers_.clear(scope, cause, now), now);
  return finish(e, now);
}

actions order_manager::on_trip(std::string_view scope, breaker_cause cause, std::string detail,
                               std::string by, timestamp now) {
  effects e;
  if (cause == breaker_cause::lease_lost) config_.armed = false;
  trip(e, scope, cause, std::move(detail), std::move(by), now);
  return finish(e, now);
}

actions order_manager::on_config(risk_limits limits, bundle_policy bundles, std::string by,
                                 timestamp now) {
  effects e;
  config_.limits = limits;
  config_.bundles = bundles;
  gate_.set_limits(std::move(limits));
  audit(e, "config.applied", "execution", "risk limits and bundle policy replaced", now,
        std::move(by));
  return finish(e, now);
}

actions order_manager::on_command(const command_request& c, timestamp now) {
  effects e;
  if (const auto known = replies_.find(c.request_id); known != replies_.end()) {
    e.immediate.emplace_back(answer_command{known->second});
    return finish(e, now);
  }
  command_reply answer = do_command(e, c, now);
  answer.request_id = c.request_id;
  audit(e, "command." + c.name, c.scope.empty() ? std::string{global_scope} : c.scope,
        (answer.accepted ? "accepted: " : "refused: ") + answer.message +
            (c.reason.empty() ? "" : " (reason given: " + c.reason + ")"),
        now, c.caller);
  replies_.emplace(c.request_id, answer);
  reply_order_.push_back(c.request_id);
  if (reply_order_.size() > replies_max) {
    replies_.erase(reply_order_.front());
    reply_order_.pop_front();
  }
  e.immediate.emplace_back(answer_command{std::move(answer)});
  return finish(e, now);
}

command_reply order_manager::do_command(effects& e, const command_request& c, timestamp now) {
  const auto answer = [](bool accepted, std::string text) {
    return command_reply{{}, accepted, std::move(text)};
  };
  const std::string scope = c.scope.empty() ? std::string{global_scope} : c.scope;
  if (scope != global_scope && !parse_venue(scope))
    return answer(false, "unknown scope \"" + scope + "\"; use global, kalshi, polymarket or sim");
  // A late halt or cancel-all still does no harm; anything else was meant for another moment.
  const bool late = now > c.expires;
  if (c.name == "halt") {
    trip(e, scope, breaker_cause::kill, c.reason, c.caller, now);
    return answer(true, "halted " + scope + "; open orders are being cancelled");
  }
  if (c.name == "cancel-all") {
    cancel_scope(e, scope, now);
    return answer(true, "cancelling every open order of " + scope);
  }
  if (late) return answer(false, "the command expired at " + to_rfc3339(c.expires));
  if (c.name == "resume") {
    auto moved = breakers_.resume(scope, c.caller, c.reason, now);
    if (!moved) return answer(false, moved.error().message);
    breaker_moved(e, *moved, now);
    for (const auto v : config_.venues)
      if (in_scope(scope, v)) ask_snapshot_by(v, now);
    return answer(true, *moved ? "breaker " + scope + " closed" : "it was closed already");
  }
  if (c.name == "reconcile") {
    const bool take = c.argument == "adopt";
    if (!take && !c.argument.empty())
      return answer(false, "unknown argument \"" + c.argument + "\"; use adopt or none");
    if (take && scope == global_scope)
      return answer(false, "adopting differences needs one venue as its scope");
    for (const auto v : config_.venues) {
      if (!in_scope(scope, v)) continue;
      checks_.at(v).adopted_by = take ? c.caller : std::string{};
      ask_snapshot_by(v, now);
    }
    return answer(true, take ? "the next snapshot's differences will be adopted"
                             : "snapshots will be asked for");
  }
  return answer(false, "execution knows halt, resume, cancel-all and reconcile");
}

}  // namespace cornice::execution
