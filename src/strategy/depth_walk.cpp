#include "strategy/depth_walk.hpp"

#include "cornice/base/check.hpp"
#include "cornice/venue/fees.hpp"

#include <algorithm>

namespace cornice::strategy {
namespace {

constexpr quantity one_contract{quantity::one};

// Each level bought may round its notional and its fee up by at most 0.0001 dollars beyond the
// per-contract figures used while walking. A book signal has at most 32 levels, so a cent per leg
// covers all of it.
constexpr money rounding_reserve{10'000};

struct cursor {
  const contract_slot* slot;
  std::size_t level = 0;
  quantity left;    // of the current level
  money unit_cost;  // price and fee of one contract at the current level
};

// The fee of a whole contract is used for the marginal decision: it contains the venue's rounding
// once, so that it errs on the expensive side for fractions of a contract.
void price_current_level(cursor& c) {
  const level& l = c.slot->book.asks[c.level];
  c.left = l.q;
  c.unit_cost = notional(l.p, one_contract, rounding::up) +
                venue::taker_fee(c.slot->id.venue(), c.slot->fees, l.p, one_contract);
}

bool advance(cursor& c) {
  if (++c.level >= c.slot->book.asks.size()) return false;
  price_current_level(c);
  return true;
}

// Largest quantity whose cost at `unit_cost` per contract stays within `budget`.
quantity affordable(money budget, money unit_cost) {
  if (budget <= money{0}) return quantity{};
  return quantity{
      divide(int128{budget.micros()} * quantity::one, unit_cost.micros(), rounding::down)};
}

struct budgets {
  money cost;
  std::array<money, std::size(all_venues)> cash;
};

// How much more of every leg at the current prices the budgets allow, and which budget binds.
quantity allowed(std::span<const cursor> legs, const budgets& left, walk_stop& binding) {
  money unit_total;
  std::array<money, std::size(all_venues)> unit_by_venue{};
  for (const cursor& c : legs) {
    unit_total += c.unit_cost;
    unit_by_venue[static_cast<std::size_t>(c.slot->id.venue())] += c.unit_cost;
  }
  quantity best = affordable(left.cost, unit_total);
  binding = walk_stop::cost;
  for (std::size_t v = 0; v < unit_by_venue.size(); ++v) {
    if (unit_by_venue[v].is_zero()) continue;
    const quantity by_cash = affordable(left.cash[v], unit_by_venue[v]);
    if (by_cash < best) {
      best = by_cash;
      binding = walk_stop::cash;
    }
  }
  return best;
}

void spend(std::span<cursor> legs, quantity taken, budgets& left) {
  for (cursor& c : legs) {
    const money used{
        divide(int128{c.unit_cost.micros()} * taken.micros(), quantity::one, rounding::up)};
    left.cost -= used;
    left.cash[static_cast<std::size_t>(c.slot->id.venue())] -= used;
    c.left -= taken;
  }
}

std::int64_t marginal_edge_micros(std::span<const cursor> legs, std::int64_t payoff_units) {
  std::int64_t edge = payoff_units * money::one;
  for (const cursor& c : legs) edge -= c.unit_cost.micros();
  return edge;
}

quantity common_step(std::span<const contract_slot* const> legs) {
  quantity step{1};
  for (const contract_slot* leg : legs) step = std::max(step, leg->size_step);
  return step;
}

}  // namespace

walked walk(std::span<const contract_slot* const> legs, std::int64_t payoff_units,
            const walk_bounds& bounds) {
  walked out;
  std::vector<cursor> cursors;
  cursors.reserve(legs.size());
  for (const contract_slot* leg : legs) {
    if (leg->book.asks.empty()) return out;
    cursors.push_back({leg, 0, {}, {}});
    price_current_level(cursors.back());
  }
  out.any_depth = true;
  out.top_edge_micros = marginal_edge_micros(cursors, payoff_units);
  budgets left{bounds.cost, bounds.cash};
  for (const contract_slot* leg : legs) {
    left.cost -= rounding_reserve;
    left.cash[static_cast<std::size_t>(leg->id.venue())] -= rounding_reserve;
  }
  quantity size;
  for (;;) {
    if (marginal_edge_micros(cursors, payoff_units) <= 0) {
      out.stop = walk_stop::edge;
      break;
    }
    walk_stop binding = walk_stop::cost;
    quantity take = allowed(cursors, left, binding);
    if (bounds.size - size < take) {
      take = bounds.size - size;
      binding = walk_stop::size;
    }
    quantity at_level = cursors.front().left;
    for (const cursor& c : cursors) at_level = std::min(at_level, c.left);
    const bool bound_binds = take <= at_level;
    take = std::min(take, at_level);
    spend(cursors, take, left);
    size += take;
    if (bound_binds) {
      out.stop = binding;
      break;
    }
    bool more = true;
    for (cursor& c : cursors)
      if (c.left.is_zero()) more = advance(c) && more;
    if (!more) {
      out.stop = walk_stop::depth;
      break;
    }
  }
  out.size = size.truncated_to(common_step(legs));
  return out;
}

opportunity_leg fill_leg(const contract_slot& slot, quantity size) {
  opportunity_leg leg;
  leg.contract = slot.id;
  leg.size = size;
  leg.book_epoch = slot.book.epoch;
  leg.book_revision = slot.book.revision;
  quantity left = size;
  for (const level& l : slot.book.asks) {
    const quantity taken = std::min(left, l.q);
    leg.limit = l.p;
    leg.cost += notional(l.p, taken, rounding::up);
    leg.fee += venue::taker_fee(slot.id.venue(), slot.fees, l.p, taken);
    left -= taken;
    if (left.is_zero()) break;
  }
  invariant(left.is_zero(), "a leg is filled from levels that the walk has seen");
  return leg;
}

quantity offered_up_to(const contract_slot& slot, price limit) {
  quantity sum;
  for (const level& l : slot.book.asks)
    if (l.p <= limit) sum += l.q;
  return sum;
}

}  // namespace cornice::strategy
