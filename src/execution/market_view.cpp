#include "cornice/execution/market_view.hpp"

#include <algorithm>

namespace cornice::execution {
namespace {

std::string key_of(const listing& l) {
  return std::string{to_string(l.venue)}.append(":").append(l.id.str());
}

}  // namespace

void market_view::on_market(const market_signal& s) {
  if (s.subject) {
    const std::string key = key_of(*s.subject);
    if (!listings_.contains(key) && listings_.size() >= max_listings) {
      ++dropped_;
    } else {
      contracts_[s.subject->yes].listing_key = key;
      contracts_[s.subject->no].listing_key = key;
      listing& kept = listings_[key] = *s.subject;
      // The hash is enough here, and every approved order carries a copy of its listing.
      kept.rules.clear();
    }
  }
  if (s.mapping) {
    const auto known = markets_.find(s.mapping->id);
    if (known == markets_.end() && markets_.size() >= max_markets) {
      ++dropped_;
      return;
    }
    if (known != markets_.end())
      for (const auto& mc : known->second.contracts)
        contracts_[mc.contract].markets.erase(s.mapping->id);
    for (const auto& mc : s.mapping->contracts)
      contracts_[mc.contract].markets.insert(s.mapping->id);
    markets_[s.mapping->id] = *s.mapping;
  }
}

void market_view::on_book(const book_signal& s) {
  auto it = books_.find(s.contract);
  if (it == books_.end()) {
    if (books_.size() >= max_books) {
      ++dropped_;
      return;
    }
    it = books_.emplace(s.contract, book_entry{}).first;
  } else if (it->second.latest.epoch == s.epoch && s.revision < it->second.latest.revision) {
    return;
  }
  it->second.latest = s;
  if (s.usable) it->second.last_bid = s.bids.empty() ? price{} : s.bids.front().p;
}

void market_view::on_feed(const feed_signal& s) {
  feeds_[s.venue] = s;
}

const listing* market_view::listing_of(const contract_id& c) const {
  const auto entry = contracts_.find(c);
  if (entry == contracts_.end()) return nullptr;
  const auto it = listings_.find(entry->second.listing_key);
  return it == listings_.end() ? nullptr : &it->second;
}

const book_signal* market_view::book(const contract_id& c) const {
  const auto it = books_.find(c);
  return it == books_.end() ? nullptr : &it->second.latest;
}

const feed_signal* market_view::feed(venue_id v) const {
  const auto it = feeds_.find(v);
  return it == feeds_.end() ? nullptr : &it->second;
}

const market* market_view::market_by(const market_id& id) const {
  const auto it = markets_.find(id);
  return it == markets_.end() ? nullptr : &it->second;
}

tick_grid market_view::grid_of(const contract_id& c) const {
  const listing* l = listing_of(c);
  if (l == nullptr) return {};
  return l->yes == c ? l->grid : l->grid.complement();
}

std::optional<contract_id> market_view::opposite(const contract_id& c) const {
  if (const listing* l = listing_of(c)) return l->yes == c ? l->no : l->yes;
  // After a restart fills may come before the catalogue; Kalshi's names tell the pair by
  // themselves.
  if (c.venue() != venue_id::kalshi) return std::nullopt;
  const std::string_view native = c.native();
  for (const auto o : {outcome::yes, outcome::no}) {
    const std::string suffix = std::string{":"}.append(to_string(o));
    if (native.ends_with(suffix))
      return contract_id::make(
          c.venue(), std::string{native.substr(0, native.size() - suffix.size() + 1)}.append(
                         to_string(cornice::opposite(o))));
  }
  return std::nullopt;
}

std::optional<contract_id> market_view::netting_opposite(const contract_id& c) const {
  return nets_pairs(c.venue()) ? opposite(c) : std::nullopt;
}

std::vector<const market*> market_view::markets_of(const contract_id& c) const {
  std::set<market_id> ids;
  const auto collect = [&](const contract_id& one) {
    if (const auto entry = contracts_.find(one); entry != contracts_.end())
      ids.insert(entry->second.markets.begin(), entry->second.markets.end());
  };
  collect(c);
  if (const auto other = opposite(c)) collect(*other);
  std::vector<const market*> found;
  for (const market_id& id : ids)
    if (const market* m = market_by(id)) found.push_back(m);
  return found;
}

std::vector<contract_id> market_view::family(const contract_id& c) const {
  std::set<contract_id> members;
  const auto add_listing = [&](const contract_id& one) {
    members.insert(one);
    if (const auto other = opposite(one)) members.insert(*other);
  };
  add_listing(c);
  for (const market* m : markets_of(c))
    for (const auto& mc : m->contracts) add_listing(mc.contract);
  return {members.begin(), members.end()};
}

std::optional<price> market_view::last_bid(const contract_id& c) const {
  const auto it = books_.find(c);
  return it == books_.end() ? std::nullopt : it->second.last_bid;
}

}  // namespace cornice::execution
