// What is written down, and what follows from a changed order.
#include "cornice/execution/order_manager.hpp"

namespace cornice::execution {

void order_manager::record_order(std::vector<change>& into, const order& o,
                                 std::string evidence_name) {
  order_event event;
  event.order = o.terms.id;
  event.bundle = o.terms.bundle;
  event.contract = o.terms.contract;
  event.side = o.terms.side;
  event.state = o.state;
  event.evidence = std::move(evidence_name);
  event.limit = o.terms.limit;
  event.size = o.terms.size;
  event.filled = o.filled;
  event.reason = o.reason;
  event.at = o.updated;
  event.trace = o.terms.trace;
  into.emplace_back(store_order{o, std::move(event)});
}

void order_manager::record_bundle(std::vector<change>& into, const open_bundle& b) {
  const bundle_record& r = b.machine.get();
  bundle_event event;
  event.bundle = r.id;
  event.opportunity = r.opportunity;
  event.state = r.state;
  event.reason = r.reason;
  event.unhedged = bundle_machine::unhedged(r, orders_of(b));
  event.at = r.updated;
  event.trace = r.trace;
  into.emplace_back(store_bundle{r, std::move(event)});
}

void order_manager::record_booking(effects& e, const booking& b, timestamp now) {
  ledger_.post(b.entry);
  store_booking row{b.entry, {}};
  for (const contract_id& c : b.touched) {
    const position p = positions_.of(c);
    exposure_.set_position(c, p.q, p.cost);
    last_booked_[c] = now;
    row.positions.push_back({c, p.q, p.cost, p.realised, p.fees, now, {}});
  }
  e.records.emplace_back(std::move(row));
}

void order_manager::note(effects& e, std::string event, std::string text, trace_id trace) {
  e.immediate.emplace_back(notice{std::move(event), std::move(text), std::move(trace)});
}

void order_manager::audit(effects& e, std::string action_name, std::string subject,
                          std::string detail, timestamp now, std::string actor) {
  e.audit.push_back(
      {now, std::move(actor), std::move(action_name), std::move(subject), std::move(detail)});
}

/// Every index that follows from what an order is now.
void order_manager::index_order(const order& o) {
  const order_id& id = o.terms.id;
  if (!o.venue_order.empty()) by_venue_order_.emplace(o.venue_order, id);
  exposure_.release(id);
  exposure_.reserve(id, reservation_of(o.terms, o.worst_remaining(), markets_, exposure_));
  update_doubt(o);
  const bool over = is_terminal(o.state);
  if (over) cancels_.erase(id);
  if (over && o.outstanding() > order_machine::dust)
    outstanding_since_.emplace(id, o.updated);
  else
    outstanding_since_.erase(id);
  if (!over || outstanding_since_.contains(id))
    open_.insert(id);
  else if (open_.erase(id) > 0)
    retain(id);
}

void order_manager::update_doubt(const order& o) {
  if (o.state == order_state::in_doubt) {
    in_doubt_.insert(o.terms.contract);
    return;
  }
  if (!in_doubt_.contains(o.terms.contract)) return;
  for (const order_id& id : open_) {
    const order& other = orders_.at(id).get();
    if (other.state == order_state::in_doubt && other.terms.contract == o.terms.contract) return;
  }
  in_doubt_.erase(o.terms.contract);
}

/// Keeps finished orders for late fills, the oldest of closed bundles leaving first.
void order_manager::retain(const order_id& id) {
  finished_.push_back(id);
  if (finished_.size() <= config_.finished_orders_max) return;
  const order_id oldest = finished_.front();
  finished_.pop_front();
  const auto it = orders_.find(oldest);
  if (it == orders_.end()) return;
  const order& o = it->second.get();
  // An open bundle counts its finished orders: they may leave after it.
  if (open_.contains(oldest) || bundles_.contains(o.terms.bundle)) {
    finished_.push_back(oldest);
    return;
  }
  by_venue_order_.erase(o.venue_order);
  orders_.erase(it);
}

/// Answers of the venue to orders are what a half-open breaker is probed with.
void order_manager::feed_breakers(effects& e, const order& o, const order_change& c,
                                  timestamp now) {
  if (!c.moved) return;
  const venue_id v = o.terms.contract.venue();
  const auto probe = [&](bool good) {
    for (const auto& r : breakers_.on_probe(v, good, now)) breaker_moved(e, r, now);
  };
  if (c.moved->by == evidence::venue_reject) {
    breaker_moved(e, breakers_.on_refusal(v, o.reason, now), now);
    probe(false);
  } else if (c.moved->to == order_state::in_doubt && c.moved->by == evidence::journal) {
    probe(false);
  } else if (c.moved->from == order_state::sent && c.moved->to != order_state::rejected &&
             c.moved->to != order_state::in_doubt) {
    probe(true);
  }
}

void order_manager::after_order(effects& e, const order_id& id, const order_change& c, evidence by,
                                timestamp now) {
  const order o = orders_.at(id).get();  // a copy: what follows may change the order again
  if (c.changed) {
    index_order(o);
    record_order(e.records, o, std::string{to_string(by)});
    if (bundles_.contains(o.terms.bundle)) e.dirty.insert(o.terms.bundle);
    const venue_id v = o.terms.contract.venue();
    if (o.state == order_state::in_doubt || outstanding_since_.contains(id))
      ask_snapshot_by(v, now + std::chrono::milliseconds{config_.query_after_ms});
    feed_breakers(e, o, c, now);
    if (o.cancel_wanted && o.state == order_state::live) cancel(e, id, now);
  }
  if (c.anomaly != order_anomaly::none) anomaly(e, o, c.anomaly, "", now);
}

void order_manager::anomaly(effects& e, const order& o, order_anomaly a, const std::string& detail,
                            timestamp now) {
  ++counters_.anomalies;
  const venue_id v = o.terms.contract.venue();
  const std::string text = std::string{to_string(a)} + " of order " + o.terms.id.str() + " (" +
                           std::string{to_string(o.state)} + ", filled " + o.filled.to_string() +
                           " of " + o.terms.size.to_string() + ")" +
                           (detail.empty() ? "" : ": " + detail);
  audit(e, "order.anomaly", o.terms.id.str(), text, now);
  ask_snapshot_by(v, now);
  const bool harmless =
      a == order_anomaly::count_mismatch || a == order_anomaly::forbidden_transition;
  if (!harmless) trip(e, to_string(v), breaker_cause::order_anomaly, text, "execution", now);
}

}  // namespace cornice::execution
