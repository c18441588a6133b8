#include "cornice/sim/polymarket_books.hpp"

#include "sim/polymarket_words.hpp"

namespace cornice::sim {
namespace {

using venue::polymarket::clob::book_level;

book_level level_text(price p, quantity q) {
  return {price_text(p), size_text(q), p, q};
}

}  // namespace

std::string price_text(price p) {
  return format_millionths(p.micros(), 1);
}

std::string size_text(quantity q) {
  return format_millionths(q.micros(), 0);
}

venue::polymarket::clob::book polymarket_books::book_of(const sim_listing& l, outcome token) {
  const bool yes = token == outcome::yes;
  venue::polymarket::clob::book b;
  b.market = l.id;
  b.asset_id = l.tokens[yes ? 0 : 1];
  b.timestamp_ms = unix_ms(l.updated);
  b.timestamp_text = std::to_string(b.timestamp_ms);
  // A NO bid is a YES ask at the complement; both sides stay worst first.
  for (const level& x : l.book.levels(yes ? book_side::bid : book_side::ask))
    b.bids.push_back(level_text(yes ? x.p : x.p.complement(), x.q));
  for (const level& x : l.book.levels(yes ? book_side::ask : book_side::bid))
    b.asks.push_back(level_text(yes ? x.p : x.p.complement(), x.q));
  b.min_order_size = l.min_order_size;
  b.tick_size = tick_text(l);
  b.neg_risk = l.neg_risk;
  b.last_trade_price =
      l.last_price ? price_text(yes ? *l.last_price : l.last_price->complement()) : "";
  const venue::polymarket::clob::borrowed_book lent{b};
  const venue::polymarket::book_identity id{b.market,           b.asset_id,   b.timestamp_text,
                                            *b.min_order_size,  *b.tick_size, *b.neg_risk,
                                            *b.last_trade_price};
  b.hash = venue::polymarket::as_text(hasher_.hash(id, lent.view().bids, lent.view().asks));
  return b;
}

}  // namespace cornice::sim
