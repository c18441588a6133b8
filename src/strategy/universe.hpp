// Every contract and candidate that the engine knows, and which touch which.
#pragma once

#include "cornice/model/listing.hpp"
#include "cornice/strategy/limits.hpp"
#include "strategy/candidate.hpp"

#include <deque>
#include <map>
#include <unordered_map>
#include <vector>

namespace cornice::strategy {

/// Candidates follow from listings and markets alone; books and cash do not change them.
class universe {
 public:
  explicit universe(const strategy_limits& limits) : limits_{limits} {}

  void update_listing(const listing& l);
  void update_market(const market& m);

  /// The slot of `id`, made when new.
  slot_index slot_of(const contract_id& id);
  [[nodiscard]] contract_slot& slot(slot_index i) { return slots_[i]; }
  [[nodiscard]] const contract_slot& slot(slot_index i) const { return slots_[i]; }
  [[nodiscard]] candidate& at(candidate_index i) { return candidates_[i]; }
  [[nodiscard]] std::size_t slots() const noexcept { return slots_.size(); }
  [[nodiscard]] std::size_t live_candidates() const noexcept { return live_; }

 private:
  /// The contracts of a market member: the mapped one and the other outcome of its listing.
  struct pair_of {
    slot_index mapped;
    slot_index other;
    venue_id venue;
  };
  struct market_state {
    market definition;
    std::vector<candidate_index> candidates;
  };

  void set_facts(const contract_id& id, outcome side, const listing& l);
  void rebuild(market_state& m);
  void rebuild_binary(market_state& m, const std::vector<pair_of>& members, bool approved);
  void rebuild_set(market_state& m, const std::vector<pair_of>& members, bool approved);
  candidate_index add(candidate c);
  void remove(candidate_index i);

  strategy_limits limits_;
  std::deque<contract_slot> slots_;  // stable addresses: evaluations hold pointers
  std::unordered_map<contract_id, slot_index> index_;
  std::unordered_map<contract_id, contract_id> other_outcome_;
  std::vector<candidate> candidates_;
  std::vector<candidate_index> free_;
  std::size_t live_ = 0;
  std::map<market_id, market_state> markets_;
  std::unordered_map<contract_id, std::vector<market_id>> markets_of_;
};

}  // namespace cornice::strategy
