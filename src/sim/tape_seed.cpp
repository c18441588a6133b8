// Which markets a tape knows, and how their books stand when it begins.
#include "cornice/sim/tape_world.hpp"
#include "cornice/venue/kalshi/market_data.hpp"
#include "cornice/venue/polymarket/clob.hpp"
#include "cornice/venue/polymarket/gamma.hpp"

#include <functional>
#include <set>

namespace cornice::sim {

namespace kalshi = venue::kalshi;
namespace tape = venue::tape;
namespace gamma = venue::polymarket::gamma;
namespace clob = venue::polymarket::clob;

void tape_world::seed() {
  for (const tape::record& r : recording_.records)
    if (r.venue == venue_id::kalshi) seed_kalshi(r);
  seed_polymarket();
  for (const venue_id v : {venue_id::kalshi, venue_id::polymarket}) {
    std::size_t books = 0;
    for (const sim_listing& l : listings_) books += l.venue == v ? 1 : 0;
    if (books == 0)
      recording_.warnings.push_back("the tape holds no order book of " + std::string{to_string(v)});
  }
  // The books are those of later; their markets have not been heard of yet.
  for (sim_listing& l : listings_) l.updated = now_;
  following_.assign(listings_.size(), {});
  counters_ = {};
}

std::size_t tape_world::enlist_kalshi(std::string_view ticker, std::string_view uuid) {
  if (const auto known = find(ticker)) return *known;
  sim_listing l;
  l.venue = venue_id::kalshi;
  l.id = ticker;
  l.uuid = uuid;
  l.created = l.updated = now_;
  following_.emplace_back();
  return enlist(std::move(l));
}

void tape_world::seed_kalshi(const tape::record& r) {
  const sink nobody = [](const world_event&) {};
  if (r.kind == tape::record_kind::ws_in) {
    const auto f = kalshi_decoder_.decode(r.bytes);
    if (!f) return;
    const auto* s = std::get_if<kalshi::ws::orderbook_snapshot>(&f->body);
    if (s == nullptr || find(s->market_ticker)) return;
    enlist_kalshi(s->market_ticker, s->market_id);
    kalshi_snapshot(r, *f, *s, nobody);
  } else if (r.kind == tape::record_kind::rest &&
             r.target.find(orderbooks_path) != std::string::npos) {
    const auto batch = kalshi::decode_orderbooks(r.bytes);
    if (!batch) return;
    for (const kalshi::ticker_orderbook& b : batch->orderbooks) {
      const auto book = b.orderbook.to_book();
      if (find(b.ticker) || !book) continue;
      replace_book(enlist_kalshi(b.ticker, ""), *book, false, nobody);
    }
  }
}

// Streamed books do not tell which token is YES, nor all that their hash covers: Gamma does, and
// the news of a market that is younger than Gamma's pages. A market that nobody told of is known by
// the order in which its tokens were seen, YES first.
std::map<std::string, tape_world::pair_facts, std::less<>> tape_world::facts_of_markets() {
  std::map<std::string, pair_facts, std::less<>> out;
  for_each_book([&](const tape::record&, const venue::polymarket::book_view& b) {
    pair_facts& f = out[std::string{b.market}];
    if (f.tokens[0].empty() || f.tokens[0] == b.asset_id)
      f.tokens[0] = b.asset_id;
    else
      f.tokens[1] = b.asset_id;
    if (b.min_order_size) f.min_order_size = *b.min_order_size;
    f.neg_risk = f.neg_risk || b.neg_risk.value_or(false);
  });
  std::set<std::string, std::less<>> untold;
  for (const auto& [market, facts] : out) untold.insert(market);
  const auto take = [&](const gamma::market& m) {
    const auto tokens = gamma::asset_ids(m);
    if (!tokens || untold.erase(m.condition_id) == 0) return;
    out[m.condition_id] = {*tokens, m.id, m.slug, m.order_min_size, m.neg_risk.value_or(false)};
  };
  for (const tape::record& r : recording_.records) {
    if (untold.empty()) return out;
    if (r.venue != venue_id::polymarket || r.kind != tape::record_kind::rest) continue;
    if (r.target.starts_with("/events")) {
      if (const auto page = gamma::decode_events_page(r.bytes))
        for (const gamma::event& e : page->rows)
          for (const gamma::market& m : e.markets) take(m);
    } else if (r.target.starts_with("/markets") && r.connection == "gamma") {
      if (const auto page = gamma::decode_markets_page(r.bytes))
        for (const gamma::market& m : page->rows) take(m);
    }
  }
  for_each_message([&](const tape::record&, const venue::polymarket::ws::message& m) {
    const auto* n = std::get_if<venue::polymarket::ws::new_market>(&m);
    if (n == nullptr || n->clob_token_ids.size() != 2 || !untold.contains(n->condition_id)) return;
    out[n->condition_id].tokens = {n->clob_token_ids[0], n->clob_token_ids[1]};
  });
  return out;
}

void tape_world::for_each_message(
    const std::function<void(const tape::record&, const venue::polymarket::ws::message&)>& f) {
  for (const tape::record& r : recording_.records) {
    if (r.venue != venue_id::polymarket || r.kind != tape::record_kind::ws_in) continue;
    const auto frame = polymarket_decoder_.decode(r.bytes);
    if (!frame) continue;
    for (const auto& m : frame->messages) f(r, m);
  }
}

void tape_world::for_each_book(
    const std::function<void(const tape::record&, const venue::polymarket::book_view&)>& f) {
  for_each_message([&](const tape::record& r, const venue::polymarket::ws::message& m) {
    if (const auto* b = std::get_if<venue::polymarket::book_view>(&m)) f(r, *b);
  });
  for (const tape::record& r : recording_.records) {
    if (r.venue != venue_id::polymarket || r.kind != tape::record_kind::rest ||
        r.target != "/books")
      continue;
    const auto batch = clob::decode_books(r.bytes);
    if (!batch) continue;
    for (const clob::book& b : batch->books) f(r, clob::borrowed_book{b}.view());
  }
}

void tape_world::seed_polymarket() {
  const sink nobody = [](const world_event&) {};
  const auto facts = facts_of_markets();
  for_each_book([&](const tape::record& r, const venue::polymarket::book_view& b) {
    if (find(b.market)) return;
    const pair_facts& known = facts.find(b.market)->second;
    sim_listing l;
    l.venue = venue_id::polymarket;
    l.id = b.market;
    l.tokens = known.tokens;
    l.gamma_id = known.gamma_id;
    l.slug = known.slug;
    l.neg_risk = known.neg_risk;
    if (!known.min_order_size.empty()) l.min_order_size = known.min_order_size;
    l.created = l.updated = now_;
    following_.emplace_back();
    enlist(std::move(l));
    polymarket_book(r, b, nobody);
  });
}

}  // namespace cornice::sim
