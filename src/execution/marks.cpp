#include "cornice/execution/marks.hpp"

#include <algorithm>
#include <limits>
#include <set>
#include <utility>
#include <vector>

namespace cornice::execution {
namespace {

/// One walk over all positions: what is assigned to a hedge leaves `alone`.
class valuation {
 public:
  valuation(const position_book& positions, const market_view& markets) : markets_{markets} {
    for (const auto& [contract, p] : positions.all())
      if (!p.q.is_zero()) holdings_.emplace(contract, holding{p.q, p.q, p.cost, {}});
  }

  std::map<venue_id, money> run() {
    for (const auto& [contract, h] : holdings_)
      if (const auto other = markets_.opposite(contract); other && contract < *other)
        hedge({contract, *other}, 1);
    std::set<market_id> seen;
    for (const auto& [contract, h] : holdings_)
      for (const market* m : markets_.markets_of(contract))
        if (seen.insert(m->id).second) hedge_market(*m);
    std::map<venue_id, money> sums;
    for (const venue_id v : all_venues) sums[v];
    for (const auto& [contract, h] : holdings_) sums[contract.venue()] += result_of(contract, h);
    return sums;
  }

 private:
  struct holding {
    quantity all;
    quantity alone;
    money cost;
    money hedged_worth;
  };

  quantity alone(const contract_id& c) const {
    const auto it = holdings_.find(c);
    return it == holdings_.end() ? quantity{} : it->second.alone;
  }

  /// Values as many whole sets of `legs` as are held at `payoff_units` dollars each, or at their
  /// bids when those pay more.
  void hedge(const std::vector<contract_id>& legs, std::int64_t payoff_units) {
    quantity sets{std::numeric_limits<std::int64_t>::max()};
    for (const contract_id& c : legs) sets = std::min(sets, alone(c));
    if (!sets.is_positive()) return;
    money bids;
    for (const contract_id& c : legs) bids += bid_worth(c, sets);
    const money payoff{divide(int128{sets.micros()} * payoff_units, 1, rounding::down)};
    const money gap = std::max(payoff - bids, money{});
    const auto count = static_cast<std::int64_t>(legs.size());
    const money share{divide(gap.micros(), count, rounding::down)};
    for (const contract_id& c : legs) {
      holding& h = holdings_.at(c);
      h.alone -= sets;
      h.hedged_worth += bid_worth(c, sets) + share;
    }
    holdings_.at(legs.front()).hedged_worth += money{gap.micros() - share.micros() * count};
  }

  money bid_worth(const contract_id& c, quantity q) const {
    return notional(markets_.last_bid(c).value_or(price{}), q, rounding::down);
  }

  void hedge_market(const market& m) {
    std::vector<contract_id> yes;
    std::vector<contract_id> no;
    for (const market_contract& mc : m.contracts) {
      if (mc.status == mapping_status::rejected) continue;
      const auto other = markets_.opposite(mc.contract);
      // One unsure or unlisted member, and nothing of the market is sure.
      if (mc.status != mapping_status::approved || !other) return;
      const bool inverted = mc.relation == mapping_relation::complement;
      add(yes, inverted ? *other : mc.contract);
      add(no, inverted ? mc.contract : *other);
    }
    if (m.kind == market_kind::binary) {
      for (const contract_id& y : yes)
        for (const contract_id& n : no)
          if (y != n) hedge({y, n}, 1);
    } else if (yes.size() >= 2) {
      if (m.kind == market_kind::exhaustive_set) hedge(yes, 1);
      hedge(no, static_cast<std::int64_t>(no.size()) - 1);
    }
  }

  static void add(std::vector<contract_id>& to, const contract_id& c) {
    if (std::ranges::find(to, c) == to.end()) to.push_back(c);
  }

  money result_of(const contract_id& c, const holding& h) const {
    const auto bid = markets_.last_bid(c);
    if (bid) return h.hedged_worth + notional(*bid, h.alone, rounding::down) - h.cost;
    const money cost_of_rest{
        divide(int128{h.cost.micros()} * h.alone.micros(), h.all.micros(), rounding::half_even)};
    return h.hedged_worth + cost_of_rest - h.cost;
  }

  const market_view& markets_;
  std::map<contract_id, holding> holdings_;
};

}  // namespace

std::map<venue_id, money> unrealised_by_venue(const position_book& positions,
                                              const market_view& markets) {
  return valuation{positions, markets}.run();
}

}  // namespace cornice::execution
