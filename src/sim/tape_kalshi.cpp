#include "cornice/sim/tape_world.hpp"
#include "cornice/venue/kalshi/commands.hpp"
#include "cornice/venue/kalshi/market_data.hpp"

namespace cornice::sim {

namespace kalshi = venue::kalshi;
namespace ws = venue::kalshi::ws;

namespace {

bool about_books(const ws::frame& f) {
  if (std::holds_alternative<ws::orderbook_snapshot>(f.body) ||
      std::holds_alternative<ws::orderbook_delta>(f.body))
    return true;
  const auto* s = std::get_if<ws::subscribed>(&f.body);
  return s != nullptr && s->channel == ws::channel::orderbook;
}

void carry_over(std::optional<std::int64_t>& seconds, const tape_clock& clock) {
  if (seconds) seconds = clock.served_s(*seconds);
}

}  // namespace

// False when frames of the subscription are missing. Some answers repeat the number before them.
bool tape_world::in_sequence(const venue::tape::record& r, const ws::frame& f) {
  if (!f.head.sid) return true;
  const auto [known, fresh] = sequences_.try_emplace({r.connection, *f.head.sid});
  sequence& s = known->second;
  s.of_books = s.of_books || about_books(f);
  if (!f.head.seq) return true;
  const bool good = fresh || s.last == 0 || *f.head.seq == s.last || *f.head.seq == s.last + 1;
  s.last = *f.head.seq;
  return good || !s.of_books;
}

void tape_world::kalshi_frame(const venue::tape::record& r, const sink& out) {
  const auto f = kalshi_decoder_.decode(r.bytes);
  if (!f) {
    ++counters_.unreadable;
    const auto at = find(kalshi_decoder_.broken().market_ticker);
    return at ? lose(*at) : lose_all(venue_id::kalshi, r.connection);
  }
  if (!in_sequence(r, *f)) lose_all(venue_id::kalshi, r.connection);
  if (const auto* s = std::get_if<ws::orderbook_snapshot>(&f->body))
    return kalshi_snapshot(r, *f, *s, out);
  if (const auto* d = std::get_if<ws::orderbook_delta>(&f->body)) return kalshi_delta(*d, out);
  if (const auto* t = std::get_if<ws::trade>(&f->body)) return kalshi_trade(*t, out);
  if (const auto* m = std::get_if<ws::market_lifecycle>(&f->body)) return kalshi_news(*m, out);
  if (const auto* e = std::get_if<ws::event_lifecycle>(&f->body)) {
    ws::event_lifecycle news = *e;
    carry_over(news.strike_date, clock_);
    return out(announced{venue_id::kalshi, std::nullopt, std::move(news)});
  }
  if (const auto* fee = std::get_if<ws::event_fee_update>(&f->body))
    out(announced{venue_id::kalshi, std::nullopt, *fee});
}

// Cornice's recorder asks for YES prices on both sides.
void tape_world::kalshi_snapshot(const venue::tape::record& r, const ws::frame& f,
                                 const ws::orderbook_snapshot& m, const sink& out) {
  const auto at = find(m.market_ticker);
  if (!at) return;
  order_book fresh;
  bool good = true;
  for (const level& l : m.yes) good = good && fresh.set(book_side::bid, l.p, l.q).has_value();
  for (const level& l : m.no) good = good && fresh.set(book_side::ask, l.p, l.q).has_value();
  if (!good) {
    ++counters_.unreadable;
    return lose(*at);
  }
  following_[*at].connection = r.connection;
  following_[*at].intact = true;
  stamp(listings_[*at],
        f.head.sending_ts_ms ? std::optional{from_unix_ms(*f.head.sending_ts_ms)} : std::nullopt);
  replace_book(*at, fresh, false, out);
}

void tape_world::kalshi_delta(const ws::orderbook_delta& m, const sink& out) {
  const auto at = find(m.market_ticker);
  if (!at || !following_[*at].intact) return;
  sim_listing& l = listings_[*at];
  const book_side side = m.side == outcome::yes ? book_side::bid : book_side::ask;
  const quantity total = l.book.at(side, m.price_dollars) + m.delta_fp;
  stamp(l, m.ts_ms ? std::optional{from_unix_ms(*m.ts_ms)} : std::nullopt);
  change_levels(*at, {{side, m.price_dollars, total, m.delta_fp}}, false, out);
}

void tape_world::kalshi_trade(const ws::trade& m, const sink& out) {
  const auto at = find(m.market_ticker);
  if (!at || m.is_block_trade) return;
  deal(*at,
       {std::string{m.trade_id}, m.yes_price_dollars, m.count_fp, m.taker().value_or(outcome::yes),
        m.ts_ms ? clock_.served(from_unix_ms(*m.ts_ms)) : now_},
       out);
}

void tape_world::kalshi_news(ws::market_lifecycle m, const sink& out) {
  const auto at = find(m.market_ticker);
  for (auto* const seconds : {&m.open_ts, &m.close_ts, &m.determination_ts, &m.settled_ts})
    carry_over(*seconds, clock_);
  if (m.additional_metadata) carry_over(m.additional_metadata->expected_expiration_ts, clock_);
  if (at && m.event_type == kalshi::lifecycle_event::determined)
    listings_[*at].phase = listing_phase::determined;
  if (at && m.event_type == kalshi::lifecycle_event::settled)
    listings_[*at].phase = listing_phase::settled;
  out(announced{venue_id::kalshi, at, std::move(m)});
}

// A recorder without keys polls; a streamed book is newer than any REST answer about it.
void tape_world::kalshi_books(const venue::tape::record& r, const sink& out) {
  const std::string_view target = r.target;
  if (target.find(orderbooks_path) == std::string_view::npos) return;
  const auto batch = kalshi::decode_orderbooks(r.bytes);
  if (!batch) {
    ++counters_.unreadable;
    return;
  }
  for (const kalshi::ticker_orderbook& b : batch->orderbooks) {
    const auto at = find(b.ticker);
    const auto book = b.orderbook.to_book();
    if (!at || !book || !following_[*at].connection.empty()) continue;
    stamp(listings_[*at], std::nullopt);
    replace_book(*at, *book, false, out);
  }
}

}  // namespace cornice::sim
