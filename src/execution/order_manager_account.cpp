// Evidence in: what venues and gateways say of our orders.
#include "cornice/execution/order_manager.hpp"

#include <algorithm>
#include <utility>

namespace cornice::execution {
namespace {

constexpr std::size_t early_fills_max = 1'000;

}  // namespace

const order_machine* order_manager::find(const order_id& id, const venue_order_id& venue) const {
  if (const auto it = orders_.find(id); !id.empty() && it != orders_.end()) return &it->second;
  if (const auto it = by_venue_order_.find(venue); !venue.empty() && it != by_venue_order_.end())
    return &orders_.at(it->second);
  return nullptr;
}

order_machine* order_manager::find(const order_id& id, const venue_order_id& venue) {
  return const_cast<order_machine*>(std::as_const(*this).find(id, venue));
}

void order_manager::take_fill(effects& e, const fill_report& f, timestamp now) {
  order_machine* machine = find(f.order, f.venue_order);
  if (machine == nullptr) {
    // Venues do not always echo our id, and a fill can overtake the answer that names the order.
    const bool known = std::ranges::any_of(early_fills_, [&f](const early_fill& early) {
      return early.fill.venue == f.venue && early.fill.fill == f.fill;
    });
    if (known) return;
    if (early_fills_.size() >= early_fills_max) {
      ++counters_.anomalies;
      trip(e, to_string(f.venue), breaker_cause::order_anomaly, "too many fills of unknown orders",
           "execution", now);
      return;
    }
    early_fills_.push_back({f, now});
    ask_snapshot_by(f.venue, now + std::chrono::milliseconds{config_.query_after_ms});
    return;
  }
  const order_terms terms = machine->get().terms;
  const auto mine = in_terms_of(terms, f, markets_);
  if (!mine) {
    anomaly(e, machine->get(), order_anomaly::terms_mismatch,
            "fill " + f.fill.str() + " is of " + std::string{to_string(f.side)} + " " +
                f.contract.str(),
            now);
    return;
  }
  const order_change c = machine->on_fill(*mine, now);
  if (c.new_fill) {
    ++counters_.fills;
    fill_report recorded = *mine;
    recorded.order = terms.id;
    if (recorded.trace.empty()) recorded.trace = terms.trace;
    e.records.emplace_back(store_fill{terms.id, std::move(recorded)});
    const booking b = positions_.apply(*mine, markets_.netting_opposite(mine->contract));
    record_booking(e, b, now);
    refresh_day_result();
    if (b.oversold)
      anomaly(e, machine->get(), order_anomaly::overfill, "more was sold than was held", now);
  }
  after_order(e, terms.id, c, evidence::venue_fill, now);
}

/// Tries the fills again whose orders were not known yet; too old ones are nobody's.
void order_manager::take_early_fills(effects& e, timestamp now) {
  if (early_fills_.empty()) return;
  std::deque<early_fill> waiting = std::exchange(early_fills_, {});
  for (early_fill& early : waiting) {
    if (find(early.fill.order, early.fill.venue_order) != nullptr) {
      take_fill(e, early.fill, now);
    } else if (now - early.since < std::chrono::milliseconds{config_.early_fill_ms_max}) {
      early_fills_.push_back(std::move(early));
    } else {
      ++counters_.anomalies;
      const std::string text = "fill " + early.fill.fill.str() + " of " +
                               early.fill.contract.str() +
                               " belongs to no order of ours: somebody else trades on this account";
      audit(e, "fill.foreign", early.fill.fill.str(), text, now);
      ask_snapshot_by(early.fill.venue, now);
      trip(e, to_string(early.fill.venue), breaker_cause::order_anomaly, text, "execution", now);
    }
  }
}

actions order_manager::on_fill_report(const fill_report& f, timestamp now) {
  effects e;
  take_fill(e, f, now);
  return finish(e, now);
}

void order_manager::take_report(effects& e, const order_report& r, evidence by, timestamp now) {
  order_machine* machine = find(r.order, r.venue_order);
  if (machine == nullptr) {
    note(e, "order.unknown",
         "the venue reports order " + r.venue_order.str() + ", which is not known here", r.trace);
    ask_snapshot_by(r.venue, now + std::chrono::milliseconds{config_.query_after_ms});
    return;
  }
  const order_id id = machine->get().terms.id;
  after_order(e, id, machine->on_report(r, by, now), by, now);
  take_early_fills(e, now);
}

actions order_manager::on_order_report(const order_report& r, timestamp now) {
  effects e;
  take_report(e, r, evidence::venue_report, now);
  return finish(e, now);
}

actions order_manager::on_balance(const balance_report& b, timestamp now) {
  effects e;
  // Cash is compared with the ledger by snapshots only: a balance on its own may be older or newer
  // than the fills that we know.
  note(e, "balance", std::string{to_string(b.venue)} + " states " + b.cash.to_string());
  return finish(e, now);
}

actions order_manager::on_order_named(const order_id& id, const venue_order_id& name,
                                      timestamp now) {
  effects e;
  const auto it = orders_.find(id);
  if (it == orders_.end()) return finish(e, now);
  after_order(e, id, it->second.on_named(name, now), evidence::journal, now);
  take_early_fills(e, now);
  return finish(e, now);
}

actions order_manager::on_send_outcome(const order_id& id, const send_outcome& o, timestamp now) {
  effects e;
  const auto it = orders_.find(id);
  if (it == orders_.end()) {
    note(e, "order.unknown", "an answer came for order " + id.str() + ", which is not known here");
    return finish(e, now);
  }
  const order_change c = it->second.on_send_outcome(o, now);
  const evidence by = o.result == proof::unknown    ? evidence::journal
                      : o.result == proof::not_done ? evidence::venue_reject
                                                    : evidence::venue_ack;
  after_order(e, id, c, by, now);
  take_early_fills(e, now);
  return finish(e, now);
}

actions order_manager::on_cancel_outcome(const order_id& id, const cancel_outcome& o,
                                         timestamp now) {
  effects e;
  const auto it = orders_.find(id);
  if (it == orders_.end()) return finish(e, now);
  after_order(e, id, it->second.on_cancel_outcome(o, now), evidence::venue_ack, now);
  // Refused, or done without a final count: the account stream or a snapshot must tell the rest.
  if (!is_terminal(it->second.get().state))
    ask_snapshot_by(it->second.get().terms.contract.venue(),
                    now + std::chrono::milliseconds{config_.query_after_ms});
  return finish(e, now);
}

}  // namespace cornice::execution
