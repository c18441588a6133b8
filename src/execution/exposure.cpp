#include "cornice/execution/exposure.hpp"

#include "cornice/base/check.hpp"

#include <algorithm>

namespace cornice::execution {
namespace {

template <class Map, class Key>
auto value_or_default(const Map& map, const Key& key) {
  const auto it = map.find(key);
  return it == map.end() ? typename Map::mapped_type{} : it->second;
}

}  // namespace

bool exposure_book::contract_sum::empty() const noexcept {
  return held.is_zero() && held_cost.is_zero() && open_buys.is_zero() && open_sells.is_zero() &&
         open_cost.is_zero();
}

void exposure_book::add(const reservation& r, int sign) {
  const auto signed_q = [sign](quantity q) { return sign > 0 ? q : -q; };
  const money cost = sign > 0 ? r.cost : -r.cost;
  contract_sum& c = contracts_[r.contract];
  (r.side == order_side::buy ? c.open_buys : c.open_sells) += signed_q(r.q);
  c.open_cost += cost;
  invariant(!c.open_buys.is_negative() && !c.open_sells.is_negative() && !c.open_cost.is_negative(),
            "released reservations were reserved before");
  if (c.empty()) contracts_.erase(r.contract);
  venue_sum& v = venues_[r.contract.venue()];
  v.at_risk += cost;
  v.reserved += cost;
  v.orders = sign > 0 ? v.orders + 1 : v.orders - 1;
  gross_ += cost;
}

void exposure_book::reserve(const order_id& id, const reservation& r) {
  release(id);
  if (!r.q.is_positive()) return;
  add(r, +1);
  reservations_.emplace(id, r);
}

void exposure_book::release(const order_id& id) {
  const auto it = reservations_.find(id);
  if (it == reservations_.end()) return;
  add(it->second, -1);
  reservations_.erase(it);
}

void exposure_book::set_position(const contract_id& c, quantity q, money cost) {
  contract_sum& sum = contracts_[c];
  // A short that a venue reported has no bounded cost of its own: it is an anomaly that trips, and
  // must not make room for more.
  const money at_risk_now = q.is_positive() ? std::max(cost, money{}) : money{};
  const money change = at_risk_now - sum.held_cost;
  sum.held = std::max(q, quantity{});
  sum.held_cost = at_risk_now;
  if (sum.empty()) contracts_.erase(c);
  venues_[c.venue()].at_risk += change;
  gross_ += change;
}

quantity exposure_book::worst_long(const contract_id& c) const {
  const auto sum = value_or_default(contracts_, c);
  return sum.held + sum.open_buys;
}

quantity exposure_book::held(const contract_id& c) const {
  return value_or_default(contracts_, c).held;
}

quantity exposure_book::open_sells(const contract_id& c) const {
  return value_or_default(contracts_, c).open_sells;
}

money exposure_book::at_risk(const contract_id& c) const {
  const auto sum = value_or_default(contracts_, c);
  return sum.held_cost + sum.open_cost;
}

money exposure_book::at_risk(venue_id v) const {
  return value_or_default(venues_, v).at_risk;
}

money exposure_book::reserved_cash(venue_id v) const {
  return value_or_default(venues_, v).reserved;
}

std::size_t exposure_book::open_orders(venue_id v) const {
  return value_or_default(venues_, v).orders;
}

}  // namespace cornice::execution
