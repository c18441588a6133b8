#include "cornice/sim/tape_world.hpp"
#include "cornice/venue/polymarket/clob.hpp"

#include <utility>

namespace cornice::sim {

namespace clob = venue::polymarket::clob;
namespace ws = venue::polymarket::ws;

namespace {

std::optional<timestamp> time_of(std::int64_t ms) {
  return ms == 0 ? std::nullopt : std::optional{from_unix_ms(ms)};
}

}  // namespace

result<order_book> yes_book_of(const venue::polymarket::book_view& b, bool yes_token) {
  order_book out;
  for (const auto& l : b.bids)
    CORNICE_CHECK_OK(out.set(yes_token ? book_side::bid : book_side::ask,
                             yes_token ? l.p : l.p.complement(), l.q));
  for (const auto& l : b.asks)
    CORNICE_CHECK_OK(out.set(yes_token ? book_side::ask : book_side::bid,
                             yes_token ? l.p : l.p.complement(), l.q));
  return out;
}

void tape_world::polymarket_frame(const venue::tape::record& r, const sink& out) {
  const auto f = polymarket_decoder_.decode(r.bytes);
  if (!f) {
    ++counters_.unreadable;
    return lose_all(venue_id::polymarket, r.connection);
  }
  for (const ws::message& m : f->messages) {
    if (const auto* b = std::get_if<venue::polymarket::book_view>(&m)) {
      polymarket_book(r, *b, out);
    } else if (const auto* c = std::get_if<ws::price_change>(&m)) {
      polymarket_change(*c, out);
    } else if (const auto* t = std::get_if<ws::last_trade>(&m)) {
      polymarket_trade(*t, out);
    } else if (const auto* g = std::get_if<ws::tick_size_change>(&m)) {
      if (const auto place = find_token(g->asset_id)) {
        stamp(listings_[place->listing], time_of(g->timestamp_ms));
        polymarket_tick(place->listing, g->new_tick_micros, out);
      }
    } else if (const auto* n = std::get_if<ws::new_market>(&m)) {
      ws::new_market news = *n;
      news.timestamp_ms = clock_.served_ms(news.timestamp_ms);
      out(announced{venue_id::polymarket, std::nullopt, std::move(news)});
    } else if (const auto* e = std::get_if<ws::market_resolved>(&m)) {
      polymarket_resolved(*e, out);
    } else if (const auto* bad = std::get_if<ws::bad_message>(&m)) {
      ++counters_.unreadable;
      for (const std::string& a : bad->assets)
        if (const auto place = find_token(a)) lose(place->listing);
    }
  }
}

void tape_world::polymarket_book(const venue::tape::record& r,
                                 const venue::polymarket::book_view& b, const sink& out) {
  const auto place = find_token(b.asset_id);
  if (!place) return;
  const bool yes = place->side == outcome::yes;
  const auto fresh = yes_book_of(b, yes);
  if (!fresh) {
    ++counters_.unreadable;
    return lose(place->listing);
  }
  sim_listing& l = listings_[place->listing];
  following& f = following_[place->listing];
  if (b.tick_size)
    if (const auto tick = price::parse(*b.tick_size))
      polymarket_tick(place->listing, tick->micros(), out);
  // The hash covers the last price: who is told of another one needs whole books.
  bool repriced = false;
  if (b.last_trade_price && (yes || !l.last_price))
    if (const auto last = price::parse(*b.last_trade_price)) {
      const price of_yes = yes ? *last : last->complement();
      repriced = l.last_price != of_yes;
      l.last_price = of_yes;
    }
  stamp(l, time_of(b.timestamp_ms));
  if (r.kind == venue::tape::record_kind::ws_in) {
    f.connection = r.connection;
    f.intact = true;
  }
  const bool owed = std::exchange(f.owes_books, false);
  replace_book(place->listing, *fresh, owed || repriced, out);
}

// Totals are absolute, and NO's entries say the same as YES's: the last word on a level counts.
void tape_world::polymarket_change(const ws::price_change& m, const sink& out) {
  const auto at = find(m.market);
  if (!at || !following_[*at].intact) return;
  sim_listing& l = listings_[*at];
  order_book fresh = l.book;
  for (const ws::level_change& c : m.changes) {
    const bool yes = c.asset_id == l.tokens[0];
    if (!yes && c.asset_id != l.tokens[1]) continue;
    const book_side side = (c.side == book_side::bid) == yes ? book_side::bid : book_side::ask;
    if (!fresh.set(side, yes ? c.level.p : c.level.p.complement(), c.level.q)) {
      ++counters_.unreadable;
      return lose(*at);
    }
  }
  stamp(l, time_of(m.timestamp_ms));
  replace_book(*at, fresh, false, out);
}

void tape_world::polymarket_trade(const ws::last_trade& m, const sink& out) {
  const auto place = find_token(m.asset_id);
  if (!place) return;
  const bool yes = place->side == outcome::yes;
  const bool buys = m.taker_side == order_side::buy;
  const auto when = time_of(m.timestamp_ms);
  deal(place->listing,
       {std::string{m.transaction_hash}, yes ? m.p : m.p.complement(), m.q,
        buys == yes ? outcome::yes : outcome::no, when ? clock_.served(*when) : now_},
       out);
}

void tape_world::polymarket_tick(std::size_t at, std::int64_t tick_micros, const sink& out) {
  sim_listing& l = listings_[at];
  const std::int64_t before = l.grid.finest_step_micros();
  if (before == tick_micros) return;
  auto grid = tick_grid::uniform(tick_micros);
  if (!grid) {
    ++counters_.unreadable;
    return;
  }
  l.grid = std::move(*grid);
  out(grid_changed{at, before, tick_micros});
}

void tape_world::polymarket_resolved(ws::market_resolved m, const sink& out) {
  const auto at = find(m.market);
  m.timestamp_ms = clock_.served_ms(m.timestamp_ms);
  if (at) {
    listings_[*at].phase = listing_phase::determined;
    listings_[*at].result =
        m.winning_asset_id == listings_[*at].tokens[0] ? outcome::yes : outcome::no;
  }
  out(announced{venue_id::polymarket, at, std::move(m)});
}

// A second witness of streamed books, and the only one of those that were not streamed.
void tape_world::polymarket_books(const venue::tape::record& r, const sink& out) {
  if (r.target != "/books") return;
  const auto batch = clob::decode_books(r.bytes);
  if (!batch) {
    ++counters_.unreadable;
    return;
  }
  for (const clob::book& b : batch->books) {
    const auto place = find_token(b.asset_id);
    if (!place || !following_[place->listing].connection.empty()) continue;
    const clob::borrowed_book lent{b};
    polymarket_book(r, lent.view(), out);
  }
}

}  // namespace cornice::sim
