// The makers and takers of the simulated venues.
#include "cornice/sim/world.hpp"
#include "sim/identity.hpp"
#include "sim/price_grids.hpp"

#include <algorithm>

namespace cornice::sim {

// Levels of one side around the centre, best first, each at least a cent from the one before.
std::vector<level> world::wanted(const sim_listing& l, book_side side) const {
  std::vector<level> out;
  const bool bid = side == book_side::bid;
  const std::int64_t centre =
      std::clamp<std::int64_t>(l.centre_micros + l.shift_micros, 0, price::one);
  const auto& sizes = l.sizes[bid ? 0 : 1];
  std::int64_t at = bid ? centre - l.half_spread_micros : centre + l.half_spread_micros;
  const std::int64_t gap = std::max<std::int64_t>(l.grid.finest_step_micros(), 4'000);
  for (const std::int64_t size : sizes) {
    if (at <= 0 || at >= price::one) break;
    const std::optional<price> p =
        bid ? l.grid.floor(price::of_micros(at)) : l.grid.ceil(price::of_micros(at));
    if (!p) break;
    if (out.empty() || out.back().p != *p) out.push_back({*p, quantity{size}});
    at = bid ? std::min(at - gap, p->micros() - 1) : std::max(at + gap, p->micros() + 1);
  }
  return out;
}

// Removals go first, so that a book never crosses on its way.
void world::requote(std::size_t at, const sink& out, bool by_trade) {
  sim_listing& l = listings_[at];
  l.quoted_micros = l.centre_micros;
  book_changed change{at, {}, by_trade};
  std::array<std::vector<level>, 2> wish{wanted(l, book_side::bid), wanted(l, book_side::ask)};
  for (const book_side side : {book_side::bid, book_side::ask}) {
    const auto& want = wish[side == book_side::bid ? 0 : 1];
    const auto have = l.book.levels(side);
    for (const level& h : have)
      if (std::none_of(want.begin(), want.end(), [&](const level& w) { return w.p == h.p; }))
        change.levels.push_back({side, h.p, quantity{}, -h.q});
  }
  for (const book_side side : {book_side::bid, book_side::ask})
    for (const level& w : wish[side == book_side::bid ? 0 : 1])
      if (const quantity had = l.book.at(side, w.p); had != w.q)
        change.levels.push_back({side, w.p, w.q, w.q - had});
  if (change.levels.empty()) return;
  for (const level_update& u : change.levels) l.book.set(u.side, u.p, u.total).value();
  l.updated = now_;
  ++counters_.book_changes;
  if (out) out(change);
}

void world::clear_book(std::size_t at, const sink& out) {
  sim_listing& l = listings_[at];
  book_changed change{at, {}, false};
  for (const book_side side : {book_side::bid, book_side::ask})
    for (const level& h : l.book.levels(side))
      change.levels.push_back({side, h.p, quantity{}, -h.q});
  if (change.levels.empty()) return;
  l.book.clear();
  l.updated = now_;
  ++counters_.book_changes;
  out(change);
}

void world::maybe_requote(const sink& out) {
  for (std::size_t i = 0; i < listings_.size(); ++i) {
    sim_listing& l = listings_[i];
    if (l.phase != listing_phase::open || !random_.one_in(45)) continue;
    auto& side = l.sizes[random_.one_in(2) ? 0 : 1];
    side[static_cast<std::size_t>(random_.between(0, 5))] =
        random_.between(120, 900) * quantity::one / 2;
    requote(i, out);
  }
}

// A taker lifts or hits part of the best level. A mispriced book is left alone: its depth is what
// the scenario promises.
void world::maybe_trade(const sink& out) {
  if (listings_.empty() || !random_.one_in(12)) return;
  const auto at =
      static_cast<std::size_t>(random_.between(0, static_cast<std::int64_t>(listings_.size()) - 1));
  sim_listing& l = listings_[at];
  const bool buys = random_.one_in(2);
  const book_side hit = buys ? book_side::ask : book_side::bid;
  const std::int64_t wanted_micros = random_.between(5, 60) * quantity::one;
  if (l.phase != listing_phase::open || l.shift_micros != 0) return;
  const auto best = l.book.best(hit);
  if (!best) return;
  const quantity size{std::min(wanted_micros, best->q.micros())};
  trade_record t{uuid_id(l.id + "/trade/" + std::to_string(next_trade_++)), best->p, size,
                 buys ? outcome::yes : outcome::no, now_};
  l.last_price = best->p;
  l.last_size = size;
  l.volume += size;
  l.open_interest += size;
  l.trades.push_back(t);
  if (l.trades.size() > sim_listing::trades_kept) l.trades.pop_front();
  ++counters_.trades;
  out(traded{at, t});
  const quantity left = best->q - size;
  l.book.set(hit, best->p, left).value();
  l.updated = now_;
  ++counters_.book_changes;
  out(book_changed{at, {{hit, best->p, left, -size}}, true});
}

void world::refine_grid(std::size_t at, const sink& out) {
  sim_listing& l = listings_[at];
  const std::int64_t old_step = l.grid.finest_step_micros();
  if (l.venue == venue_id::kalshi) {
    l.structure = "deci_cent";
    l.grid = kalshi_grid(l.structure);
  } else {
    l.grid = polymarket_grid(1'000);
  }
  l.updated = now_;
  out(grid_changed{at, old_step, l.grid.finest_step_micros()});
  requote(at, out);
}

}  // namespace cornice::sim
