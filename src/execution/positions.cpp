#include "cornice/execution/positions.hpp"

#include "cornice/base/check.hpp"

#include <algorithm>
#include <cstdlib>

namespace cornice::execution {
namespace {

/// The part of `cost` that belongs to `part` of `whole`; the last part takes the rest exactly.
money share(money cost, quantity part, quantity whole) {
  if (part == whole) return cost;
  return money{divide(int128{cost.micros()} * part.micros(), whole.micros(), rounding::half_even)};
}

quantity magnitude(quantity q) {
  return quantity{std::abs(q.micros())};
}

void add(booking& b, std::string account, money amount) {
  if (amount.is_zero()) return;
  for (auto& p : b.entry.postings) {
    if (p.account != account) continue;
    p.amount += amount;
    return;
  }
  b.entry.postings.push_back({std::move(account), amount});
}

void touch(booking& b, const contract_id& c) {
  if (std::ranges::find(b.touched, c) == b.touched.end()) b.touched.push_back(c);
}

/// Takes `q` units out of a position (towards zero) against `received` (negative: paid).
void close_part(position& p, quantity q, money received, const contract_id& c, booking& out) {
  const money released = share(p.cost, q, magnitude(p.q));
  p.q += p.q.is_negative() ? q : -q;
  p.cost -= released;
  const money gain = received - released;
  p.realised += gain;
  add(out, contracts_account(c), -released);
  add(out, realised_account(c.venue()), -gain);
}

}  // namespace

fill_report as_opposite(fill_report f, const contract_id& opposite) {
  f.contract = opposite;
  f.side = cornice::opposite(f.side);
  f.p = f.p.complement();
  return f;
}

booking position_book::apply(const fill_report& f, const std::optional<contract_id>& opposite) {
  invariant(f.q.is_positive(), "a fill has a positive quantity");
  booking out;
  out.entry.id = "fill:" + std::string{to_string(f.venue)} + ":" + f.fill.str();
  out.entry.kind = ledger_kind::fill;
  out.entry.at = f.venue_time;
  out.entry.memo = std::string{to_string(f.side)} + " " + f.q.to_string() + " " + f.contract.str() +
                   " at " + f.p.to_string();
  touch(out, f.contract);

  // On a venue that nets pairs, selling more than is held opens the opposite contract.
  if (opposite && f.side == order_side::sell) {
    const quantity held = std::max(positions_[f.contract].q, quantity{});
    if (f.q > held) {
      // Expressed as one purchase of the opposite contract, netting does the rest.
      booking turned = apply(as_opposite(f, *opposite), f.contract);
      turned.entry.memo = out.entry.memo;
      return turned;
    }
  }

  position& p = positions_[f.contract];
  const bool buying = f.side == order_side::buy;
  const money amount = notional(f.p, f.q, buying ? rounding::up : rounding::down);
  p.fees += f.fee;
  add(out, fees_account(f.venue), f.fee);
  add(out, cash_account(f.venue), (buying ? -amount : amount) - f.fee);

  const bool reduces = buying ? p.q.is_negative() : p.q.is_positive();
  const quantity closing = reduces ? std::min(f.q, magnitude(p.q)) : quantity{};
  money closing_amount;
  if (closing.is_positive()) {
    closing_amount = share(amount, closing, f.q);
    close_part(p, closing, buying ? -closing_amount : closing_amount, f.contract, out);
  }
  const quantity opening = f.q - closing;
  if (opening.is_positive()) {
    const money cost = amount - closing_amount;
    p.q += buying ? opening : -opening;
    p.cost += buying ? cost : -cost;
    add(out, contracts_account(f.contract), buying ? cost : -cost);
    out.oversold = !buying;
  }
  if (opposite) net_pairs(f.contract, *opposite, out);
  invariant(out.entry.sum().is_zero(), "a fill's postings sum to zero");
  return out;
}

void position_book::net_pairs(const contract_id& a, const contract_id& b, booking& out) {
  position& first = positions_[a];
  position& second = positions_[b];
  const quantity pairs = std::min(first.q, second.q);
  if (!pairs.is_positive()) return;
  // The pair pays one dollar. The first contract leaves at cost and the gain is booked on the other
  // one, which is the holding that this fill reduced.
  const money first_cost = share(first.cost, pairs, first.q);
  close_part(first, pairs, first_cost, a, out);
  close_part(second, pairs, payout(pairs) - first_cost, b, out);
  add(out, cash_account(a.venue()), payout(pairs));
  touch(out, b);
}

booking position_book::settle(const contract_id& c, ratio value, std::string id, timestamp at) {
  booking out;
  out.entry.id = std::move(id);
  out.entry.kind = ledger_kind::settlement;
  out.entry.at = at;
  out.entry.memo = "settled " + c.str();
  touch(out, c);
  position& p = positions_[c];
  if (p.q.is_zero()) return out;
  const money paid{divide(int128{p.q.micros()} * value.ppm, int128{1'000'000}, rounding::down)};
  close_part(p, magnitude(p.q), paid, c, out);
  add(out, receivable_account(c.venue()), paid);
  invariant(out.entry.sum().is_zero(), "a settlement's postings sum to zero");
  return out;
}

booking position_book::adopt(const contract_id& c, quantity venue_quantity, price unit_cost,
                             std::string id, timestamp at) {
  booking out;
  out.entry.id = std::move(id);
  out.entry.kind = ledger_kind::adjustment;
  out.entry.at = at;
  out.entry.memo = "adopted from the venue: " + venue_quantity.to_string() + " " + c.str();
  touch(out, c);
  position& p = positions_[c];
  const quantity delta = venue_quantity - p.q;
  if (delta.is_zero()) return out;
  const bool shrinks =
      (p.q.is_positive() && delta.is_negative()) || (p.q.is_negative() && delta.is_positive());
  money change;
  if (shrinks) {
    const quantity gone = std::min(magnitude(delta), magnitude(p.q));
    change = -share(p.cost, gone, magnitude(p.q));
    p.q += delta.is_positive() ? gone : -gone;
    p.cost += change;
  }
  const quantity left = venue_quantity - p.q;
  if (!left.is_zero()) {
    const money added = notional(unit_cost, magnitude(left), rounding::down);
    const money signed_added = left.is_positive() ? added : -added;
    p.q += left;
    p.cost += signed_added;
    change += signed_added;
  }
  add(out, contracts_account(c), change);
  add(out, equity_account(c.venue()), -change);
  return out;
}

void position_book::restore(const contract_id& c, const position& p) {
  positions_[c] = p;
}

position position_book::of(const contract_id& c) const {
  const auto it = positions_.find(c);
  return it == positions_.end() ? position{} : it->second;
}

position position_book::totals(venue_id v) const {
  position total;
  for (const auto& [contract, p] : positions_) {
    if (contract.venue() != v) continue;
    total.cost += p.cost;
    total.realised += p.realised;
    total.fees += p.fees;
  }
  return total;
}

}  // namespace cornice::execution
