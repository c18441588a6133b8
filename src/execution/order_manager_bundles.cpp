// Opportunities in, orders out.
#include "cornice/base/check.hpp"
#include "cornice/execution/order_manager.hpp"

#include <algorithm>

namespace cornice::execution {
namespace {

/// Recorded refusals a second; more are counted and named in the next record. A strategy that keeps
/// proposing what is refused must not fill the database.
constexpr std::int64_t refusals_recorded_a_second_max = 50;

}  // namespace

actions order_manager::on_opportunity(const opportunity& o, timestamp now) {
  effects e;
  if (opportunities_.contains(o.id)) {
    // A redelivered message: decided before, recorded before.
    ++counters_.refusals;
    note(e, "opportunity.repeated", "opportunity " + o.id.str() + " was decided before", o.trace);
    return finish(e, now);
  }
  bundle_machine machine{o, config_.bundles, now};
  bundle_request request{&o, {}};
  std::size_t leg = 0;
  for (order_terms& t : machine.all_legs())
    request.legs.push_back({std::move(t), o.legs[leg++].book_epoch});
  auto outcome = gate_.admit(request, view(), exposure_, now);
  remember_opportunity(o.id);
  if (const auto* r = std::get_if<refusal>(&outcome)) {
    refuse(e, o, *r, now);
    return finish(e, now);
  }
  auto& approved = std::get<std::vector<approved_order>>(outcome);
  const std::size_t first_wave = machine.opening_orders().size();
  const bundle_id id = machine.get().id;
  const auto [it, fresh] = bundles_.emplace(id, open_bundle{std::move(machine), {}});
  invariant(fresh, "an opportunity makes one bundle");
  e.intents.emplace_back(store_opportunity{o});
  record_bundle(e.intents, it->second);
  for (std::size_t i = 0; i < first_wave; ++i)
    add_intent(e, std::move(approved[i]), it->second, now);
  e.intent_audit.push_back({now, "execution", "bundle.accepted", id.str(),
                            std::to_string(o.legs.size()) + " legs of " + o.size.to_string() +
                                ", cost " + o.cost.to_string() + ", fees " + o.fees.to_string() +
                                ", edge " + o.edge.to_string()});
  ++counters_.bundles_accepted;
  return finish(e, now);
}

void order_manager::remember_opportunity(const opportunity_id& id) {
  if (!opportunities_.insert(id).second) return;
  opportunity_order_.push_back(id);
  if (opportunity_order_.size() <= config_.opportunities_max) return;
  opportunities_.erase(opportunity_order_.front());
  opportunity_order_.pop_front();
}

void order_manager::refuse(effects& e, const opportunity& o, const refusal& r, timestamp now) {
  if (r.check == "daily_loss")
    trip(e, global_scope, breaker_cause::daily_loss, r.text, "risk", now);
  std::string detail = r.contract.empty() ? r.text : r.contract.str() + ": " + r.text;
  record_refusal(e, {o.id, r.check, std::move(detail), now, o.trace});
}

void order_manager::record_refusal(effects& e, refusal_event r) {
  ++counters_.refusals;
  const auto second = std::chrono::floor<std::chrono::seconds>(r.at);
  if (second != refusal_second_) {
    refusal_second_ = second;
    refusals_this_second_ = 0;
  }
  if (++refusals_this_second_ > refusals_recorded_a_second_max) {
    ++refusals_suppressed_;
    return;
  }
  if (refusals_suppressed_ > 0)
    r.detail += " (and " + std::to_string(std::exchange(refusals_suppressed_, 0)) +
                " refusals before this one that were only counted)";
  e.records.emplace_back(store_refusal{std::move(r)});
}

void order_manager::add_intent(effects& e, approved_order approved, open_bundle& b, timestamp now) {
  const order_terms& t = approved.terms();
  const auto [it, fresh] = orders_.emplace(t.id, order_machine{t});
  invariant(fresh, "an order is intended once");
  b.orders.insert(t.id);
  index_order(it->second.get());
  record_order(e.intents, it->second.get(), std::string{to_string(evidence::journal)});
  timestamp expires = now + std::chrono::milliseconds{config_.intent_ms_max};
  if (t.purpose == order_purpose::open && t.leg == 0)
    expires = std::min(expires, b.machine.get().expires);
  e.to_send.push_back({std::move(approved), expires});
}

std::vector<const order*> order_manager::orders_of(const open_bundle& b) const {
  std::vector<const order*> list;
  list.reserve(b.orders.size());
  for (const order_id& id : b.orders) list.push_back(&orders_.at(id).get());
  return list;
}

void order_manager::step_bundle(effects& e, const bundle_id& id, timestamp now) {
  const auto it = bundles_.find(id);
  if (it == bundles_.end()) return;
  open_bundle& b = it->second;
  const auto todo = b.machine.step(orders_of(b), markets_, now);
  for (const bundle_action& a : todo) {
    if (const auto* wanted = std::get_if<place_order>(&a)) place(e, b, wanted->terms, now);
    if (const auto* unwanted = std::get_if<cancel_order>(&a)) cancel(e, unwanted->id, now);
    if (const auto* trouble = std::get_if<trip_breaker>(&a))
      trip(e, global_scope, trouble->cause, trouble->detail, "execution", now);
  }
  if (b.machine.take_changed()) record_bundle(e.records, b);
  if (is_terminal(b.machine.get().state)) {
    audit(e, "bundle." + std::string{to_string(b.machine.get().state)}, id.str(),
          b.machine.get().reason, now);
    close_bundle(e, id);
  }
}

void order_manager::close_bundle(effects& e, const bundle_id& id) {
  const auto it = bundles_.find(id);
  // Legs that were never ordered give their reservations back.
  for (const order_terms& t : it->second.machine.all_legs())
    if (!orders_.contains(t.id)) exposure_.release(t.id);
  e.dirty.erase(id);
  bundles_.erase(it);
}

void order_manager::place(effects& e, open_bundle& b, const order_terms& t, timestamp now) {
  if (b.orders.size() >= bundle_machine::max_orders) {
    b.machine.on_refused(t.purpose, "the bundle has too many orders", now);
    return;
  }
  const order_request request{t, std::nullopt};
  auto outcome = gate_.admit(request, view(), exposure_, now);
  if (auto* r = std::get_if<refusal>(&outcome)) {
    b.machine.on_refused(t.purpose, r->check + ": " + r->text, now);
    record_refusal(e, {b.machine.get().opportunity, r->check,
                       std::string{to_string(t.purpose)} + " " + t.contract.str() + ": " + r->text,
                       now, t.trace});
    return;
  }
  add_intent(e, std::move(std::get<approved_order>(outcome)), b, now);
  e.intent_audit.push_back(
      {now, "execution", "order." + std::string{to_string(t.purpose)}, t.id.str(),
       std::string{to_string(t.side)} + " " + t.size.to_string() + " " + t.contract.str() + " at " +
           t.limit.to_string() + " for bundle " + t.bundle.str()});
}

std::string order_manager::why_not_send(const pending_intent& p, timestamp now) const {
  const venue_id v = p.order.venue();
  const order& o = orders_.at(p.order.terms().id).get();
  if (o.filled.is_positive() || o.flagged) return "the venue knew it before it was sent";
  if (now > p.expires) return "its intent was committed too late";
  if (!config_.armed) return "execution is not armed any more";
  if (breakers_.blocking(v, p.order.terms().purpose != order_purpose::open) != nullptr)
    return "a breaker opened meanwhile";
  if (!checks_.at(v).reconciled) return "the account must be reconciled first";
  return {};
}

actions order_manager::on_committed(std::uint64_t commit_id, timestamp now) {
  effects e;
  pending_commits_.erase(commit_id);
  const auto it = intents_.find(commit_id);
  if (it == intents_.end()) return {};
  const std::vector<pending_intent> ready = std::move(it->second);
  intents_.erase(it);
  // All legs of a bundle go or none: half of them would be exposure by our own hand.
  std::map<bundle_id, std::string> held_back;
  for (const pending_intent& p : ready)
    if (auto why = why_not_send(p, now); !why.empty())
      held_back.emplace(p.order.terms().bundle, std::move(why));
  for (const pending_intent& p : ready) {
    const order_terms& t = p.order.terms();
    if (const auto why = held_back.find(t.bundle); why != held_back.end()) {
      never_send(e, t.id, why->second, now);
      continue;
    }
    const order_change c = orders_.at(t.id).on_sent(now);
    invariant(c.moved.has_value(), "an order is sent once, from its committed intent");
    after_order(e, t.id, c, evidence::journal, now);
    e.immediate.emplace_back(send_order{p.order});
    ++counters_.orders_sent;
  }
  return finish(e, now);
}

actions order_manager::on_commit_failed(std::uint64_t commit_id, const std::string& reason,
                                        timestamp now) {
  effects e;
  pending_commits_.erase(commit_id);
  const auto it = intents_.find(commit_id);
  if (it == intents_.end()) return {};
  const std::vector<pending_intent> lost = std::move(it->second);
  intents_.erase(it);
  std::set<bundle_id> unknown_to_store;
  for (const pending_intent& p : lost) {
    const order_terms& t = p.order.terms();
    const auto b = bundles_.find(t.bundle);
    const bool opening =
        b != bundles_.end() && b->second.machine.get().state == bundle_state::accepted;
    if (opening)
      unknown_to_store.insert(t.bundle);
    else
      never_send(e, t.id, "its intent was not committed: " + reason, now);
  }
  for (const bundle_id& id : unknown_to_store) drop_uncommitted(e, id, reason, now);
  return finish(e, now);
}

void order_manager::never_send(effects& e, const order_id& id, const std::string& reason,
                               timestamp now) {
  const order_terms t = orders_.at(id).get().terms;
  after_order(e, id, orders_.at(id).on_never_sent(reason, now), evidence::journal, now);
  const auto b = bundles_.find(t.bundle);
  if (b == bundles_.end()) return;
  b->second.machine.on_refused(t.purpose, reason, now);
  e.dirty.insert(t.bundle);
}

/// Nothing of the bundle is durable and nothing was sent: it never was.
void order_manager::drop_uncommitted(effects& e, const bundle_id& id, const std::string& reason,
                                     timestamp now) {
  const auto it = bundles_.find(id);
  const bundle_record r = it->second.machine.get();
  for (const order_id& order : it->second.orders) {
    exposure_.release(order);
    open_.erase(order);
    orders_.erase(order);
  }
  close_bundle(e, id);
  record_refusal(e, {r.opportunity, "not_committed", reason, now, r.trace});
}

}  // namespace cornice::execution
