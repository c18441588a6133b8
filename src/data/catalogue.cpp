#include "cornice/data/catalogue.hpp"

#include "cornice/base/check.hpp"

#include <algorithm>

namespace cornice::data {

std::optional<market_change> difference(const listing& before, const listing& after) {
  if (before == after) return std::nullopt;
  if (before.rule_hash != after.rule_hash) return market_change::rules_changed;
  if (before.grid != after.grid) return market_change::grid_changed;
  if (before.status != after.status || before.accepting_orders != after.accepting_orders)
    return market_change::status_changed;
  return market_change::changed;
}

const listing* catalogue::find(venue_id venue, const listing_id& id) const {
  const auto at = listings_.find({venue, id});
  return at == listings_.end() ? nullptr : &at->second;
}

const listing* catalogue::by_contract(const contract_id& contract) const {
  const auto at = by_contract_.find(contract);
  return at == by_contract_.end() ? nullptr : &listings_.at(at->second);
}

std::vector<const listing*> catalogue::of_venue(venue_id venue) const {
  std::vector<const listing*> out;
  for (auto at = listings_.lower_bound({venue, listing_id{}});
       at != listings_.end() && at->first.first == venue; ++at)
    out.push_back(&at->second);
  return out;
}

result<std::optional<market_change>> catalogue::apply(const listing& l) {
  const key k{l.venue, l.id};
  const auto at = listings_.find(k);
  if (at == listings_.end()) {
    if (listings_.size() >= max_listings_)
      return error{errc::overloaded, "the catalogue holds " + std::to_string(max_listings_) +
                                         " listings, its limit; " + l.id.str() + " was not taken"};
    for (const contract_id* c : {&l.yes, &l.no})
      if (const auto other = by_contract_.find(*c); other != by_contract_.end())
        return error{errc::conflict, "contract " + c->str() + " of " + l.id.str() +
                                         " already belongs to " + other->second.second.str()};
    listings_.emplace(k, l);
    by_contract_.emplace(l.yes, k);
    by_contract_.emplace(l.no, k);
    schedule(l);
    tell(listings_.at(k), market_change::added);
    return std::optional{market_change::added};
  }
  const std::optional<market_change> change = difference(at->second, l);
  if (!change) return change;
  if (at->second.yes != l.yes || at->second.no != l.no)
    return error{errc::conflict,
                 "listing " + l.id.str() + " came back with other contracts than before"};
  at->second = l;
  schedule(l);
  tell(at->second, *change);
  return change;
}

result<std::optional<market_change>> catalogue::patch(venue_id venue, const listing_id& id,
                                                      const listing_patch& p) {
  const listing* known = find(venue, id);
  if (known == nullptr) {
    hint(venue, id);
    return error{errc::not_found, "listing " + id.str() + " of " + std::string{to_string(venue)} +
                                      " is not known yet"};
  }
  listing next = *known;
  if (p.status) next.status = *p.status;
  if (p.accepting_orders) next.accepting_orders = *p.accepting_orders;
  if (p.grid) next.grid = *p.grid;
  if (p.fees) next.fees = *p.fees;
  if (p.close_time) next.close_time = p.close_time;
  if (p.settlement_value) next.settlement_value = p.settlement_value;
  return apply(next);
}

void catalogue::hint(venue_id venue, const listing_id& id) {
  for (const hint_listener& l : hint_listeners_) l(venue, id);
}

void catalogue::schedule(const listing& l) {
  if (l.status == listing_status::pending && l.open_time)
    deadlines_.insert({*l.open_time, {l.venue, l.id}});
  if (l.status == listing_status::open && l.close_time)
    deadlines_.insert({*l.close_time, {l.venue, l.id}});
}

void catalogue::due(timestamp now) {
  while (!deadlines_.empty() && deadlines_.begin()->first <= now) {
    const auto [when, k] = *deadlines_.begin();
    deadlines_.erase(deadlines_.begin());
    const auto at = listings_.find(k);
    // Polymarket's end date passes without closing the market: only the venue's
    // word counts there.
    if (at == listings_.end() || k.first != venue_id::kalshi) continue;
    listing_patch p;
    if (at->second.status == listing_status::open && at->second.close_time == when) {
      p.status = listing_status::closed;
      p.accepting_orders = false;
    } else if (at->second.status == listing_status::pending && at->second.open_time == when) {
      p.status = listing_status::open;
      p.accepting_orders = true;
    } else {
      continue;  // the time was moved since
    }
    const auto done = patch(k.first, k.second, p);
    invariant(done.has_value(), "a listing found by its own key can be patched");
  }
}

void catalogue::restore(std::vector<listing> listings, std::vector<market> markets) {
  for (listing& l : listings) {
    const key k{l.venue, l.id};
    by_contract_.insert_or_assign(l.yes, k);
    by_contract_.insert_or_assign(l.no, k);
    schedule(l);
    listings_.insert_or_assign(k, std::move(l));
  }
  for (market& m : markets) {
    for (const market_contract& c : m.contracts) markets_of_[c.contract].insert(m.id);
    markets_.insert_or_assign(m.id, std::move(m));
  }
}

void catalogue::set_market(const market& m) {
  const auto at = markets_.find(m.id);
  if (at != markets_.end() && at->second == m) return;
  if (at != markets_.end())
    for (const market_contract& c : at->second.contracts) markets_of_[c.contract].erase(m.id);
  for (const market_contract& c : m.contracts) markets_of_[c.contract].insert(m.id);
  markets_.insert_or_assign(m.id, m);
  for (const market_listener& l : market_listeners_) l(m);
}

void catalogue::set_markets(std::vector<market> markets) {
  for (const market& m : markets) set_market(m);
}

const market* catalogue::find_market(const market_id& id) const {
  const auto at = markets_.find(id);
  return at == markets_.end() ? nullptr : &at->second;
}

std::vector<const market*> catalogue::markets_of(const contract_id& contract) const {
  std::vector<const market*> out;
  if (const auto at = markets_of_.find(contract); at != markets_of_.end())
    for (const market_id& id : at->second) out.push_back(&markets_.at(id));
  return out;
}

void catalogue::set_streamed(venue_id venue, std::vector<listing_id> ids) {
  std::vector<listing_id>& current = streamed_[venue];
  if (current == ids) return;
  current = std::move(ids);
  for (const auto& l : selection_listeners_) l(venue);
}

const std::vector<listing_id>& catalogue::streamed(venue_id venue) const {
  static const std::vector<listing_id> none;
  const auto at = streamed_.find(venue);
  return at == streamed_.end() ? none : at->second;
}

bool catalogue::is_streamed(venue_id venue, const listing_id& id) const {
  return std::ranges::binary_search(streamed(venue), id);
}

void catalogue::tell(const listing& l, market_change c) const {
  // A copy: a listener may apply further changes, which would move what `l` refers to.
  const listing told = l;
  for (const listener& each : listeners_) each(told, c);
}

}  // namespace cornice::data
