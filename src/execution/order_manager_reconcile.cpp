// Snapshots and settlements: our account against the venue's.
#include "cornice/execution/order_manager.hpp"

#include <algorithm>
#include <cstdlib>

namespace cornice::execution {
namespace {

std::chrono::milliseconds ms(std::int64_t n) {
  return std::chrono::milliseconds{n};
}

/// An order is asked for from a little before we made it: clocks differ.
constexpr std::int64_t clock_margin_ms = 10'000;

constexpr std::size_t adopted_fills_max = 10'000;

}  // namespace

void order_manager::ask_snapshot(effects& e, venue_id v, timestamp now) {
  const auto it = checks_.find(v);
  if (it == checks_.end()) return;
  venue_check& check = it->second;
  timestamp since = now - ms(config_.lookback_ms);
  for (const order_id& id : open_) {
    const order& o = orders_.at(id).get();
    if (o.terms.contract.venue() == v)
      since = std::min(since, o.terms.created - ms(clock_margin_ms));
  }
  // After a start everything since the last good look of the earlier process could be missing; its
  // orders are open in the store then, so their creation bounds it.
  snapshot_request request;
  request.venue = v;
  request.request_id = "reconcile-" + std::string{to_string(v)} + "-" +
                       std::to_string(unix_ms(started_)) + "-" + std::to_string(next_request_++);
  request.since = since;
  request.issued = now;
  check.outstanding = request;
  check.asked = now;
  check.next = now + ms(config_.snapshot_every_ms);
  e.immediate.emplace_back(request_snapshot{std::move(request)});
}

void order_manager::ask_snapshot_by(venue_id v, timestamp when) {
  const auto it = checks_.find(v);
  if (it == checks_.end()) return;
  const timestamp soonest = it->second.asked + ms(config_.snapshot_retry_ms);
  it->second.next = std::min(it->second.next, std::max(when, soonest));
}

void order_manager::tick_snapshots(effects& e, timestamp now) {
  for (auto& [v, check] : checks_) {
    if (check.reconciled && now - check.last_good > ms(config_.snapshot_age_ms_max)) {
      check.reconciled = false;
      audit(e, "reconcile.stale", std::string{to_string(v)},
            "no explained snapshot for " + std::to_string(config_.snapshot_age_ms_max) +
                " ms: nothing opens until there is one",
            now);
    }
    if (check.outstanding && now - check.outstanding->issued > ms(config_.snapshot_timeout_ms)) {
      check.outstanding.reset();
      ask_snapshot_by(v, now);
    }
    if (!check.outstanding && now >= check.next) ask_snapshot(e, v, now);
  }
}

actions order_manager::on_snapshot(const account_snapshot& s, timestamp now) {
  effects e;
  const auto it = checks_.find(s.venue);
  if (it == checks_.end() || !it->second.outstanding ||
      it->second.outstanding->request_id != s.request_id) {
    note(e, "snapshot.unasked", "a snapshot came that nobody waits for: " + s.request_id);
    return finish(e, now);
  }
  const snapshot_request request = *it->second.outstanding;
  it->second.outstanding.reset();
  take_snapshot(e, s, request, now);
  return finish(e, now);
}

void order_manager::take_snapshot(effects& e, const account_snapshot& s,
                                  const snapshot_request& request, timestamp now) {
  const venue_id v = s.venue;
  venue_check& check = checks_.at(v);
  open_books(e, s, now);
  const auto last_booked = [this](const contract_id& c) {
    const auto it = last_booked_.find(c);
    return it == last_booked_.end() ? timestamp{} : it->second;
  };
  std::vector<const order*> open;
  for (const order_id& id : open_)
    if (const order& o = orders_.at(id).get(); o.terms.contract.venue() == v) open.push_back(&o);
  const auto known = [this](const order_id& id, const venue_order_id& name) {
    const order_machine* machine = find(id, name);
    return machine == nullptr ? nullptr : &machine->get();
  };
  reconcile_result r = reconcile({open, known, positions_, ledger_.cash(v), markets_, last_booked},
                                 s, request, config_.reconciling);
  std::erase_if(r.foreign_fills,
                [&check](const fill_report& f) { return check.adopted_fills.contains(f.fill); });
  // Fills first: a final count in a report then finds them booked.
  for (const order_resolution& o : r.orders)
    if (!o.report.venue_order.empty()) by_venue_order_.emplace(o.report.venue_order, o.id);
  for (const fill_report& f : r.fills) take_fill(e, f, now);
  for (const order_resolution& o : r.orders) take_report(e, o.report, evidence::venue_query, now);
  collect_receivable(e, v, r, now);
  if (!check.adopted_by.empty()) adopt(e, v, r, std::exchange(check.adopted_by, {}), now);

  if (!r.explained()) {
    ++check.differences;
    ask_snapshot_by(v, now);
    note(e, "reconcile.difference", std::string{to_string(v)} + ": " + r.summary());
    if (check.differences < config_.differences_max) return;
    check.reconciled = false;
    trip(e, to_string(v), breaker_cause::reconcile_difference, r.summary(), "reconcile", now);
    return;
  }
  check.differences = 0;
  check.last_good = now;
  if (!r.unresolved.empty()) ask_snapshot_by(v, now);
  // What is still in doubt counts at its worst and blocks its own pair; the rest may go on.
  if (check.reconciled) return;
  check.reconciled = true;
  audit(e, "reconcile.done", std::string{to_string(v)},
        "account explained: cash " + s.cash.to_string() + ", " +
            std::to_string(s.positions.size()) + " positions, " + std::to_string(r.fills.size()) +
            " fills found",
        now);
}

/// The first snapshot ever of a venue states what we begin with.
void order_manager::open_books(effects& e, const account_snapshot& s, timestamp now) {
  if (ledger_.balances().contains(cash_account(s.venue))) return;
  const std::string venue{to_string(s.venue)};
  const auto t = cash_movement("opening:" + venue, ledger_kind::opening, s.venue, s.cash,
                               "opening balance as stated by the venue", now);
  ledger_.post(t);
  e.records.emplace_back(store_booking{t, {}});
  audit(e, "ledger.opened", venue, "opening cash " + s.cash.to_string(), now);
}

/// Cash that came in while something settled is owed to us is that payout.
void order_manager::collect_receivable(effects& e, venue_id v, reconcile_result& r, timestamp now) {
  if (!r.cash_difference || r.cash_difference->is_negative()) return;
  const money owed = ledger_.balance(receivable_account(v));
  const money paid = std::min(owed, *r.cash_difference);
  if (paid <= money{}) return;
  const auto t = payout_received(
      "payout:" + std::string{to_string(v)} + ":" + std::to_string(unix_us(now)), v, paid, now);
  ledger_.post(t);
  e.records.emplace_back(store_booking{t, {}});
  audit(e, "ledger.payout", std::string{to_string(v)}, "the venue paid " + paid.to_string(), now);
  const money left = *r.cash_difference - paid;
  if (std::abs(left.micros()) <= config_.reconciling.cash_tolerance.micros())
    r.cash_difference.reset();
  else
    r.cash_difference = left;
}

/// A person looked at the differences and takes the venue's figures.
void order_manager::adopt(effects& e, venue_id v, reconcile_result& r, const std::string& by,
                          timestamp now) {
  if (r.explained()) return;
  const std::string stamp = std::string{to_string(v)} + ":" + std::to_string(unix_us(now));
  audit(e, "reconcile.adopted", std::string{to_string(v)}, r.summary(), now, by);
  for (const position_difference& p : r.positions) {
    const price mark = markets_.last_bid(p.contract).value_or(price{});
    record_booking(
        e,
        positions_.adopt(p.contract, p.venue, mark, "adopt:" + stamp + ":" + p.contract.str(), now),
        now);
  }
  if (r.cash_difference) {
    const auto t = cash_movement("adopt:" + stamp, ledger_kind::adjustment, v, *r.cash_difference,
                                 "cash adopted from the venue by " + by, now);
    ledger_.post(t);
    e.records.emplace_back(store_booking{t, {}});
  }
  r.positions.clear();
  r.cash_difference.reset();
  // Their effect is in the figures just taken; an open order of somebody else is not adoptable.
  auto& adopted = checks_.at(v).adopted_fills;
  if (adopted.size() + r.foreign_fills.size() > adopted_fills_max) adopted.clear();
  for (const fill_report& f : r.foreign_fills) adopted.insert(f.fill);
  std::erase_if(early_fills_, [&](const early_fill& early) {
    return early.fill.venue == v && adopted.contains(early.fill.fill);
  });
  r.foreign_fills.clear();
}

actions order_manager::on_market(const market_signal& s, timestamp now) {
  effects e;
  const bool first_word = s.subject && markets_.listing_of(s.subject->yes) == nullptr;
  markets_.on_market(s);
  // Until now its orders were reserved at the worst that any contract can cost.
  if (first_word) reserve_again(*s.subject);
  if (s.subject && s.subject->status == listing_status::settled && s.subject->settlement_value)
    settle_listing(e, *s.subject, now);
  return finish(e, now);
}

void order_manager::reserve_again(const listing& l) {
  const auto concerns = [&l](const order_terms& t) {
    return t.contract == l.yes || t.contract == l.no;
  };
  for (const order_id& id : open_) {
    const order& o = orders_.at(id).get();
    if (!concerns(o.terms)) continue;
    exposure_.release(id);
    exposure_.reserve(id, reservation_of(o.terms, o.worst_remaining(), markets_, exposure_));
  }
  for (const auto& [id, b] : bundles_)
    for (const order_terms& t : b.machine.all_legs())
      if (concerns(t) && !orders_.contains(t.id))
        exposure_.reserve(t.id, reservation_of(t, t.size, markets_, exposure_));
}

void order_manager::settle_listing(effects& e, const listing& l, timestamp now) {
  const ratio yes = *l.settlement_value;
  const ratio no{1'000'000 - yes.ppm};
  for (const auto& [contract, value] : {std::pair{l.yes, yes}, std::pair{l.no, no}}) {
    if (positions_.of(contract).q.is_zero()) continue;
    record_booking(
        e,
        positions_.settle(contract, value,
                          "settle:" + contract.str() + ":" + std::to_string(unix_us(now)), now),
        now);
    audit(e, "position.settled", contract.str(),
          "pays " + format_millionths(value.ppm, 2) + " a contract", now);
  }
  refresh_day_result();
}

}  // namespace cornice::execution
