#include "cornice/sim/tape_world.hpp"

#include <algorithm>

namespace cornice::sim {

namespace tape = venue::tape;

result<tape_world> tape_world::make(tape_recording recording, timestamp start,
                                    std::int64_t speed_ppm) {
  for (const venue_id v : {venue_id::kalshi, venue_id::polymarket})
    if (std::none_of(recording.records.begin(), recording.records.end(),
                     [v](const tape::record& r) {
                       return r.venue == v && r.kind == tape::record_kind::rest;
                     }))
      return error{errc::malformed, "the tape " + recording.file + " holds no REST answer of " +
                                        std::string{to_string(v)} +
                                        ": nobody could learn its markets from this tape"};
  std::vector<timestamp> times;
  times.reserve(recording.records.size());
  // The recorder notes when bytes came, and writes in the order in which it handled them.
  for (const tape::record& r : recording.records)
    times.push_back(times.empty() ? r.received : std::max(times.back(), r.received));
  const tape_clock clock{times.front(), start, speed_ppm};
  tape_world w{std::move(recording), std::move(times), clock, start};
  w.seed();
  return w;
}

tape_world::tape_world(tape_recording recording, std::vector<timestamp> times,
                       const tape_clock& clock, timestamp start)
    : market_board{start},
      recording_{std::move(recording)},
      times_{std::move(times)},
      clock_{clock} {}

void tape_world::advance(timestamp now, const sink& out) {
  const timestamp until = clock_.on_tape(now);
  for (; next_ < recording_.records.size() && times_[next_] <= until; ++next_) {
    now_ = std::max(now_, clock_.served(times_[next_]));
    play(recording_.records[next_], out);
  }
  now_ = std::max(now_, now);
}

void tape_world::play(const tape::record& r, const sink& out) {
  const bool kalshi = r.venue == venue_id::kalshi;
  switch (r.kind) {
    case tape::record_kind::ws_open:
      std::erase_if(sequences_,
                    [&](const auto& s) { return kalshi && s.first.first == r.connection; });
      return;
    case tape::record_kind::ws_close:
      return forget(r.venue, r.connection);
    case tape::record_kind::ws_in:
      if (kalshi) return kalshi_frame(r, out);
      if (r.venue == venue_id::polymarket) polymarket_frame(r, out);
      return;
    case tape::record_kind::rest:
      if (kalshi) return kalshi_books(r, out);
      if (r.venue == venue_id::polymarket) polymarket_books(r, out);
      return;
  }
}

void tape_world::lose(std::size_t at) {
  if (following_[at].intact) ++counters_.lost;
  following_[at].intact = false;
}

void tape_world::lose_all(venue_id venue, std::string_view connection) {
  for (std::size_t at = 0; at < following_.size(); ++at)
    if (listings_[at].venue == venue && following_[at].connection == connection) lose(at);
}

// Nothing is missing, but nothing may be added either before the next snapshot.
void tape_world::forget(venue_id venue, std::string_view connection) {
  for (std::size_t at = 0; at < following_.size(); ++at)
    if (listings_[at].venue == venue && following_[at].connection == connection)
      following_[at] = {};
}

// Never backwards: a client takes an older time for an older book.
void tape_world::stamp(sim_listing& l, std::optional<timestamp> venue_time) {
  l.updated = std::max(l.updated, venue_time ? clock_.served(*venue_time) : now_);
}

void tape_world::change_levels(std::size_t at, std::vector<level_update> levels, bool by_trade,
                               const sink& out) {
  sim_listing& l = listings_[at];
  for (const level_update& u : levels)
    if (!l.book.set(u.side, u.p, u.total)) {
      ++counters_.unreadable;
      return lose(at);
    }
  ++counters_.book_changes;
  out(book_changed{at, std::move(levels), by_trade});
}

// Removals go first, so that a book never crosses on its way.
void tape_world::replace_book(std::size_t at, const order_book& fresh, bool by_trade,
                              const sink& out) {
  const order_book& had = listings_[at].book;
  std::vector<level_update> levels;
  for (const book_side side : {book_side::bid, book_side::ask})
    for (const level& h : had.levels(side))
      if (fresh.at(side, h.p).is_zero()) levels.push_back({side, h.p, quantity{}, -h.q});
  for (const book_side side : {book_side::bid, book_side::ask})
    for (const level& f : fresh.levels(side))
      if (const quantity before = had.at(side, f.p); before != f.q)
        levels.push_back({side, f.p, f.q, f.q - before});
  if (!levels.empty() || by_trade) change_levels(at, std::move(levels), by_trade, out);
}

void tape_world::deal(std::size_t at, trade_record t, const sink& out) {
  sim_listing& l = listings_[at];
  l.last_price = t.yes_price;
  l.last_size = t.size;
  l.volume += t.size;
  l.trades.push_back(t);
  if (l.trades.size() > sim_listing::trades_kept) l.trades.pop_front();
  following_[at].owes_books = true;
  ++counters_.trades;
  out(traded{at, std::move(t)});
}

}  // namespace cornice::sim
