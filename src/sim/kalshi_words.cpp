#include "sim/kalshi_words.hpp"

#include <algorithm>

namespace cornice::sim {
namespace {

namespace kalshi = venue::kalshi;
namespace ws = venue::kalshi::ws;

std::int64_t seconds(timestamp t) {
  return unix_ms(t) / 1'000;
}

kalshi::market_status status_of(listing_phase p) {
  switch (p) {
    case listing_phase::open:
      return kalshi::market_status::active;
    case listing_phase::paused:
      return kalshi::market_status::inactive;
    case listing_phase::closed:
      return kalshi::market_status::closed;
    case listing_phase::determined:
      return kalshi::market_status::determined;
    case listing_phase::settled:
      return kalshi::market_status::finalized;
  }
  return kalshi::market_status::unknown;
}

std::string primary_rule(const group& g, const question& q) {
  return "If " + q.kalshi.condition +
         ", then the market resolves to Yes. The outcome is verified from " + g.kalshi_source + ".";
}

std::string secondary_rule(const group& g) {
  return g.kind == group_kind::exclusive
             ? "At most one market of this event resolves to Yes."
             : "Revisions after the expiration of the market are not considered.";
}

void put_quotes(kalshi::market& m, const sim_listing& l) {
  const auto bid = l.book.best(book_side::bid);
  const auto ask = l.book.best(book_side::ask);
  m.yes_bid_dollars = bid ? bid->p : price{};
  m.yes_bid_size_fp = bid ? bid->q : quantity{};
  m.yes_ask_dollars = ask ? ask->p : price::of_micros(price::one);
  m.yes_ask_size_fp = ask ? ask->q : quantity{};
  m.no_bid_dollars = m.yes_ask_dollars->complement();
  m.no_ask_dollars = m.yes_bid_dollars->complement();
  m.last_price_dollars = l.last_price.value_or(price{});
  m.previous_price_dollars = price{};
  m.previous_yes_bid_dollars = price{};
  m.previous_yes_ask_dollars = price{};
  m.volume_fp = l.volume;
  m.volume_24h_fp = l.volume;
  m.open_interest_fp = l.open_interest;
}

}  // namespace

std::vector<kalshi::price_range> range_words(const tick_grid& grid) {
  std::vector<kalshi::price_range> out;
  for (const tick_band& b : grid.bands())
    out.push_back({b.start, b.end, price::of_micros(b.step_micros)});
  return out;
}

kalshi::market market_words(const world& w, const sim_listing& l) {
  const question& q = w.question_of(l);
  const group& g = w.group_of(l);
  kalshi::market m;
  m.ticker = l.id;
  m.event_ticker = g.kalshi_event;
  m.market_type = kalshi::market_type::binary;
  m.title = g.kalshi_title + ": " + q.kalshi.name;
  m.yes_sub_title = q.kalshi.name;
  m.no_sub_title = q.kalshi.name;
  m.status = status_of(l.phase);
  m.created_time = m.updated_time = m.open_time = l.created;
  m.close_time = l.close_time;
  m.expected_expiration_time = l.close_time + std::chrono::seconds{30};
  m.latest_expiration_time = l.close_time + std::chrono::days{7};
  m.settlement_timer_seconds = q.life.settle_after.count() / 1'000;
  put_quotes(m, l);
  m.notional_value_dollars = money::dollars(1);
  if (l.result) {
    const bool yes = *l.result == outcome::yes;
    m.result = yes ? kalshi::market_result::yes : kalshi::market_result::no;
    m.settlement_value_dollars = price::of_micros(yes ? price::one : 0);
    m.expiration_value = yes ? "Yes" : "No";
  }
  m.settlement_ts = l.settled_at;
  m.settlement_bounds_type = kalshi::settlement_bounds::standard;
  m.can_close_early = true;
  if (!q.strike.empty()) {
    m.strike_type = "greater";
    m.floor_strike = kalshi::number_text{q.strike};
  }
  m.rules_primary = primary_rule(g, q);
  m.rules_secondary = secondary_rule(g);
  m.price_level_structure = l.structure;
  m.price_ranges = range_words(l.grid);
  return m;
}

kalshi::event event_record(const group& g) {
  kalshi::event e;
  e.event_ticker = g.kalshi_event;
  e.series_ticker = g.kalshi_series;
  e.title = g.kalshi_title;
  e.sub_title = g.kalshi_title;
  e.collateral_return_type = g.kind == group_kind::exclusive ? "MECNET" : "";
  e.mutually_exclusive = g.kind == group_kind::exclusive;
  e.category = g.category;
  e.strike_date = g.deadline;
  e.settlement_sources.push_back({g.kalshi_source, "https://example.com/"});
  return e;
}

kalshi::series series_record(const group& g) {
  kalshi::series s;
  s.ticker = g.kalshi_series;
  s.frequency = "custom";
  s.title = g.kalshi_title;
  s.category = g.category;
  s.categories = {g.category};
  s.fee_type = g.kalshi_fee;
  s.fee_multiplier = g.kalshi_multiplier;
  s.contract_url = "https://example.com/contract";
  s.contract_terms_url = "https://example.com/terms";
  return s;
}

kalshi::rest_orderbook orderbook_words(const sim_listing& l, std::size_t depth) {
  kalshi::rest_orderbook out;
  const auto bids = l.book.levels(book_side::bid);
  const auto asks = l.book.levels(book_side::ask);
  const std::size_t yes = depth == 0 ? bids.size() : std::min(depth, bids.size());
  const std::size_t no = depth == 0 ? asks.size() : std::min(depth, asks.size());
  out.yes.assign(bids.end() - static_cast<std::ptrdiff_t>(yes), bids.end());
  for (const level& a : asks.last(no)) out.no.push_back({a.p.complement(), a.q});
  return out;
}

ws::ticker_update ticker_words(const sim_listing& l, std::int64_t now_ms) {
  ws::ticker_update t;
  t.market_ticker = l.id;
  t.market_id = l.uuid;
  const auto bid = l.book.best(book_side::bid);
  const auto ask = l.book.best(book_side::ask);
  t.price_dollars = l.last_price.value_or(price{});
  t.yes_bid_dollars = bid ? bid->p : price{};
  t.yes_ask_dollars = ask ? ask->p : price::of_micros(price::one);
  t.yes_bid_size_fp = bid ? bid->q : quantity{};
  t.yes_ask_size_fp = ask ? ask->q : quantity{};
  t.last_trade_size_fp = l.last_size;
  t.volume_fp = l.volume;
  t.open_interest_fp = l.open_interest;
  t.dollar_volume = l.volume.micros() / quantity::one;
  t.dollar_open_interest = l.open_interest.micros() / quantity::one;
  t.ts_ms = now_ms;
  return t;
}

ws::market_lifecycle regrid_words(const sim_listing& l) {
  ws::market_lifecycle m;
  m.event_type = kalshi::lifecycle_event::price_level_structure_updated;
  m.market_ticker = l.id;
  m.price_level_structure = l.structure;
  m.price_ranges = range_words(l.grid);
  return m;
}

ws::market_lifecycle created_words(const world& w, const sim_listing& l) {
  const question& q = w.question_of(l);
  const group& g = w.group_of(l);
  ws::market_lifecycle m;
  m.event_type = kalshi::lifecycle_event::created;
  m.market_ticker = l.id;
  m.exchange_index = 0;
  m.open_ts = seconds(l.created);
  m.close_ts = seconds(l.close_time);
  m.price_level_structure = l.structure;
  m.price_ranges = range_words(l.grid);
  ws::market_metadata about;
  about.name = q.kalshi.name;
  about.title = g.kalshi_title + ": " + q.kalshi.name;
  about.yes_sub_title = q.kalshi.name;
  about.no_sub_title = q.kalshi.name;
  about.rules_primary = primary_rule(g, q);
  about.rules_secondary = secondary_rule(g);
  about.can_close_early = true;
  about.event_ticker = g.kalshi_event;
  about.expected_expiration_ts = seconds(l.close_time) + 30;
  m.additional_metadata = std::move(about);
  return m;
}

ws::event_lifecycle event_words(const world& w, const sim_listing& l) {
  const group& g = w.group_of(l);
  ws::event_lifecycle e;
  e.event_ticker = g.kalshi_event;
  e.series_ticker = g.kalshi_series;
  e.title = g.kalshi_title;
  e.subtitle = g.kalshi_title;
  e.collateral_return_type = g.kind == group_kind::exclusive ? "MECNET" : "";
  e.exchange_index = 0;
  return e;
}

std::optional<ws::market_lifecycle> phase_words(const sim_listing& l, listing_phase from,
                                                std::int64_t now_s) {
  ws::market_lifecycle m;
  m.market_ticker = l.id;
  switch (l.phase) {
    case listing_phase::open:
      m.event_type = kalshi::lifecycle_event::activated;
      m.is_deactivated = false;
      return from == listing_phase::paused ? std::optional{m} : std::nullopt;
    case listing_phase::paused:
      m.event_type = kalshi::lifecycle_event::deactivated;
      m.is_deactivated = true;
      return m;
    case listing_phase::closed:
      return std::nullopt;
    case listing_phase::determined: {
      const bool yes = l.result == outcome::yes;
      m.event_type = kalshi::lifecycle_event::determined;
      m.result = yes ? kalshi::market_result::yes : kalshi::market_result::no;
      m.determination_ts = now_s;
      m.settlement_value = price::of_micros(yes ? price::one : 0);
      return m;
    }
    case listing_phase::settled:
      m.event_type = kalshi::lifecycle_event::settled;
      m.settled_ts = now_s;
      return m;
  }
  return std::nullopt;
}

}  // namespace cornice::sim
