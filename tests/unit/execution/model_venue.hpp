// A truthful venue in memory: it fills, rejects, rests and cancels as the random source says, and
// keeps its own account, against which ours is compared.
#pragma once

#include "cornice/venue/fees.hpp"
#include "market_world.hpp"

#include <algorithm>
#include <map>
#include <random>
#include <vector>

namespace cornice::execution::testing {

class model_venue {
 public:
  struct held_order {
    order_terms terms;
    venue_order_id name;
    quantity filled;
    order_report::status state = order_report::status::resting;
    timestamp changed{};
  };
  struct answer {
    send_outcome outcome;
    std::vector<fill_report> fills;
    std::vector<order_report> reports;
  };

  model_venue(venue_id id, std::mt19937_64& random) : id_{id}, random_{&random} {}

  answer on_order(const order_terms& t, timestamp now) {
    answer a;
    if (orders_.contains(t.id)) {  // deduplicates client ids, as both venues do
      a.outcome.result = proof::not_done;
      return a;
    }
    if (chance(8)) {
      a.outcome.result = proof::not_done;
      a.outcome.reason = "refused by the model";
      return a;
    }
    held_order& o = orders_[t.id];
    o.terms = t;
    o.name = venue_order_id::of(std::string{to_string(id_)} + "-" + std::to_string(++names_));
    o.changed = now;
    const int pieces = static_cast<int>((*random_)() % 3);
    for (int i = 0; i < pieces; ++i) fill_some(o, now, a);
    if (t.tif != time_in_force::gtc && o.state == order_report::status::resting)
      o.state = order_report::status::cancelled;
    a.reports.push_back(report(o));
    a.outcome.result = proof::done;
    a.outcome.venue_order = o.name;
    a.outcome.state = o.state;
    a.outcome.filled = o.filled;
    return a;
  }

  /// Something happens to a resting order.
  answer stir(timestamp now) {
    answer a;
    for (auto& [id, o] : orders_) {
      if (o.state != order_report::status::resting || !chance(10)) continue;
      fill_some(o, now, a);
      a.reports.push_back(report(o));
    }
    return a;
  }

  std::pair<cancel_outcome, answer> on_cancel(const order_id& id, timestamp now) {
    cancel_outcome outcome;
    answer a;
    const auto it = orders_.find(id);
    if (it == orders_.end() || it->second.state != order_report::status::resting) {
      outcome.result = proof::not_done;
      return {outcome, a};
    }
    it->second.state = order_report::status::cancelled;
    it->second.changed = now;
    a.reports.push_back(report(it->second));
    outcome.result = proof::done;
    if (chance(50)) outcome.filled = it->second.filled;
    return {outcome, a};
  }

  answer cancel_all(timestamp now) {
    answer all;
    for (auto& [id, o] : orders_) {
      auto [outcome, a] = on_cancel(id, now);
      std::ranges::move(a.reports, std::back_inserter(all.reports));
    }
    return all;
  }

  account_snapshot snapshot(const snapshot_request& r, timestamp now) const {
    account_snapshot s;
    s.venue = id_;
    s.request_id = r.request_id;
    s.observed = now;
    s.cash = cash_;
    for (const auto& [id, o] : orders_)
      if (o.state == order_report::status::resting || o.changed >= r.since)
        s.orders.push_back(report(o));
    for (const auto& f : fills_)
      if (f.venue_time >= r.since) s.fills.push_back(f);
    for (const auto& [c, q] : positions_)
      if (!q.is_zero()) s.positions.push_back({c, q});
    return s;
  }

  quantity holds(const contract_id& c) const {
    const auto it = positions_.find(c);
    return it == positions_.end() ? quantity{} : it->second;
  }
  money cash() const { return cash_; }
  const std::map<order_id, held_order>& orders() const { return orders_; }
  const std::vector<fill_report>& fills() const { return fills_; }

 private:
  bool chance(int percent) { return static_cast<int>((*random_)() % 100) < percent; }

  order_report report(const held_order& o) const {
    order_report r;
    r.venue = id_;
    r.order = o.terms.id;
    r.venue_order = o.name;
    r.state = o.state;
    r.filled = o.filled;
    r.remaining = o.terms.size - o.filled;
    r.venue_time = o.changed;
    return r;
  }

  void fill_some(held_order& o, timestamp now, answer& a) {
    const quantity open = o.terms.size - o.filled;
    if (o.state != order_report::status::resting || !open.is_positive()) return;
    const auto steps = static_cast<std::uint64_t>(open.micros() / 10'000);
    const quantity q =
        chance(60) ? open : quantity{static_cast<std::int64_t>((*random_)() % steps + 1) * 10'000};
    const bool buy = o.terms.side == order_side::buy;
    const std::int64_t better = chance(30) ? 10'000 : 0;
    const price p = price::of_micros(o.terms.limit.micros() + (buy ? -better : better));
    const listing l = make_listing(id_);
    fill_report f;
    f.venue = id_;
    f.fill = venue_fill_id::of("f" + std::to_string(fills_.size() + 1));
    f.venue_order = o.name;
    // Not every venue echoes our id with its fills.
    if (chance(70)) f.order = o.terms.id;
    f.contract = o.terms.contract;
    f.side = o.terms.side;
    f.p = p;
    f.q = q;
    f.fee = venue::taker_fee(id_, l.fees, p, q);
    f.venue_time = now;
    book(f);
    o.filled += q;
    o.changed = now;
    if (o.filled == o.terms.size) o.state = order_report::status::filled;
    // Kalshi states the outcome side only: a sale of YES reads as a purchase of NO.
    if (nets_pairs(id_) && chance(50)) f = as_opposite(f, f.contract == k_yes ? k_no : k_yes);
    fills_.push_back(f);
    a.fills.push_back(f);
  }

  void book(const fill_report& f) {
    const bool buy = f.side == order_side::buy;
    const money amount = notional(f.p, f.q, buy ? rounding::up : rounding::down);
    cash_ += (buy ? -amount : amount) - f.fee;
    positions_[f.contract] += buy ? f.q : -f.q;
    if (!nets_pairs(id_)) return;
    quantity& yes = positions_[k_yes];
    quantity& no = positions_[k_no];
    if (yes.is_negative()) {  // sold what was not held: that is a NO bought at the complement
      cash_ += payout(yes);
      no -= yes;
      yes = quantity{};
    }
    if (no.is_negative()) {
      cash_ += payout(no);
      yes -= no;
      no = quantity{};
    }
    const quantity pairs = std::min(yes, no);
    yes -= pairs;
    no -= pairs;
    cash_ += payout(pairs);
  }

  venue_id id_;
  std::mt19937_64* random_;
  std::map<order_id, held_order> orders_;
  std::vector<fill_report> fills_;
  std::map<contract_id, quantity> positions_;
  money cash_ = money::dollars(2'000);
  std::uint64_t names_ = 0;
};

}  // namespace cornice::execution::testing
