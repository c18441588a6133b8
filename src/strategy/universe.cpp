#include "strategy/universe.hpp"

#include "cornice/base/check.hpp"

#include <algorithm>

namespace cornice::strategy {

slot_index universe::slot_of(const contract_id& id) {
  const auto [at, added] = index_.try_emplace(id, static_cast<slot_index>(slots_.size()));
  if (added) {
    slots_.emplace_back();
    slots_.back().id = id;
  }
  return at->second;
}

void universe::set_facts(const contract_id& id, outcome side, const listing& l) {
  contract_slot& s = slots_[slot_of(id)];
  s.listed = true;
  s.side = side;
  s.tradable = l.tradable();
  s.fees = l.fees;
  s.grid = side == outcome::yes ? l.grid : l.grid.complement();
  s.min_size = l.min_size;
  s.size_step = l.size_step;
  s.resolves = l.expected_resolution ? l.expected_resolution : l.close_time;
}

void universe::update_listing(const listing& l) {
  const bool is_new = !other_outcome_.contains(l.yes);
  set_facts(l.yes, outcome::yes, l);
  set_facts(l.no, outcome::no, l);
  if (!is_new) return;
  other_outcome_.emplace(l.yes, l.no);
  other_outcome_.emplace(l.no, l.yes);
  if (limits_.complement) {
    candidate c;
    c.kind = opportunity_kind::complement;
    c.approved = true;  // the venue itself guarantees that the two pay one dollar together
    c.legs = {slot_of(l.yes), slot_of(l.no)};
    add(std::move(c));
  }
  // A mapping may have arrived before the listing it speaks of.
  std::vector<market_id> waiting;
  for (const contract_id* id : {&l.yes, &l.no})
    if (const auto found = markets_of_.find(*id); found != markets_of_.end())
      waiting.insert(waiting.end(), found->second.begin(), found->second.end());
  std::ranges::sort(waiting);
  waiting.erase(std::unique(waiting.begin(), waiting.end()), waiting.end());
  for (const market_id& id : waiting) rebuild(markets_.at(id));
}

void universe::update_market(const market& m) {
  market_state& state = markets_[m.id];
  for (const market_contract& c : state.definition.contracts)
    std::erase(markets_of_[c.contract], m.id);
  state.definition = m;
  for (const market_contract& c : m.contracts) markets_of_[c.contract].push_back(m.id);
  rebuild(state);
}

void universe::rebuild(market_state& m) {
  for (const candidate_index i : m.candidates) remove(i);
  m.candidates.clear();
  std::vector<pair_of> members;
  bool approved = true;
  for (const market_contract& c : m.definition.contracts) {
    if (c.status == mapping_status::rejected) continue;
    const auto other = other_outcome_.find(c.contract);
    if (other == other_outcome_.end()) {
      // A set with an unlisted member pays nothing for that outcome: it is no set until the member
      // is listed.
      if (c.relation == mapping_relation::member) return;
      continue;
    }
    approved = approved && c.status == mapping_status::approved;
    const bool inverted = c.relation == mapping_relation::complement;
    const pair_of pair{slot_of(inverted ? other->second : c.contract),
                       slot_of(inverted ? c.contract : other->second), c.contract.venue()};
    // A market may name both outcomes of a listing: they say the same thing twice.
    const bool known =
        std::ranges::any_of(members, [&pair](const pair_of& p) { return p.mapped == pair.mapped; });
    if (!known) members.push_back(pair);
  }
  if (m.definition.kind == market_kind::binary)
    rebuild_binary(m, members, approved);
  else
    rebuild_set(m, members, approved);
}

void universe::rebuild_binary(market_state& m, const std::vector<pair_of>& members, bool approved) {
  if (!limits_.cross_venue) return;
  for (const pair_of& pays_yes : members)
    for (const pair_of& pays_no : members) {
      if (pays_yes.venue == pays_no.venue) continue;
      candidate c;
      c.kind = opportunity_kind::cross_venue;
      c.market = m.definition.id;
      c.approved = approved;
      c.legs = {pays_yes.mapped, pays_no.other};
      m.candidates.push_back(add(std::move(c)));
    }
}

void universe::rebuild_set(market_state& m, const std::vector<pair_of>& members, bool approved) {
  if (!limits_.outcome_set || members.size() < 2) return;
  candidate all_no;
  all_no.kind = opportunity_kind::outcome_set;
  all_no.market = m.definition.id;
  all_no.approved = approved;
  all_no.payoff_units =
      static_cast<std::int64_t>(members.size()) - 1;  // at most one member pays YES
  candidate all_yes = all_no;
  all_yes.payoff_units = 1;
  for (const pair_of& p : members) {
    all_yes.legs.push_back(p.mapped);
    all_no.legs.push_back(p.other);
  }
  // Only an exhaustive set is sure to pay one of its members.
  if (m.definition.kind == market_kind::exhaustive_set)
    m.candidates.push_back(add(std::move(all_yes)));
  m.candidates.push_back(add(std::move(all_no)));
}

candidate_index universe::add(candidate c) {
  c.live = true;
  candidate_index i = 0;
  if (free_.empty()) {
    i = static_cast<candidate_index>(candidates_.size());
    candidates_.push_back(std::move(c));
  } else {
    i = free_.back();
    free_.pop_back();
    candidates_[i] = std::move(c);
  }
  for (const slot_index s : candidates_[i].legs) slots_[s].candidates.push_back(i);
  ++live_;
  return i;
}

void universe::remove(candidate_index i) {
  invariant(candidates_[i].live, "a candidate is removed once");
  for (const slot_index s : candidates_[i].legs) std::erase(slots_[s].candidates, i);
  candidates_[i] = candidate{};
  free_.push_back(i);
  --live_;
}

}  // namespace cornice::strategy
