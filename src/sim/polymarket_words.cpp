#include "sim/polymarket_words.hpp"

#include "cornice/sim/polymarket_books.hpp"
#include "sim/calendar.hpp"
#include "sim/identity.hpp"

namespace cornice::sim {
namespace {

namespace gamma = venue::polymarket::gamma;
namespace clob = venue::polymarket::clob;
namespace ws = venue::polymarket::ws;

std::string rules_of(const group& g, const question& q) {
  return "This market will resolve to \"Yes\" if " + q.polymarket.condition +
         ". Otherwise, this market will resolve to \"No\".\n\nThe primary resolution source for "
         "this market will be " +
         g.polymarket_source + ".";
}

std::string question_text(const group& g, const question& q) {
  return q.polymarket.question.empty() ? g.polymarket_title : q.polymarket.question;
}

bool over(const sim_listing& l) {
  return l.phase == listing_phase::determined || l.phase == listing_phase::settled;
}

bool trading(const sim_listing& l) {
  return l.phase == listing_phase::open;
}

// Gamma's number, as JSON writes it.
std::string number(std::int64_t micros) {
  return format_millionths(micros, 0);
}

gamma::fee_terms gamma_fees(const group& g) {
  return {g.polymarket_rate, 1, true, ratio{250'000}};
}

}  // namespace

std::string tick_text(const sim_listing& l) {
  return number(l.grid.finest_step_micros());
}

gamma::event_info gamma_event_record(const world& w, std::size_t at) {
  const group& g = w.rules().groups.at(at);
  gamma::event_info e;
  e.id = number_id(g.polymarket_slug + "/event");
  e.ticker = g.polymarket_slug;
  e.slug = g.polymarket_slug;
  e.title = g.polymarket_title;
  e.description = "Resolution source: " + g.polymarket_source + ".";
  e.category = g.category;
  e.start_date = e.creation_date = w.start();
  e.end_date = g.deadline;
  e.active = true;
  e.closed = false;
  e.archived = false;
  e.restricted = true;
  e.enable_order_book = true;
  e.neg_risk = g.kind == group_kind::exclusive;
  e.enable_neg_risk = e.neg_risk;
  e.neg_risk_augmented = g.augmented;
  if (*e.neg_risk) e.neg_risk_market_id = hex_id(g.polymarket_slug + "/neg-risk");
  e.tags.push_back({number_id(g.category), g.category, g.category});
  e.version = "v1";
  return e;
}

gamma::market gamma_words(const world& w, const sim_listing& l) {
  const question& q = w.question_of(l);
  const group& g = w.group_of(l);
  const bool exclusive = g.kind == group_kind::exclusive;
  gamma::market m;
  m.id = l.gamma_id;
  m.condition_id = l.id;
  m.question_id = hex_id(l.slug + "/question");
  m.slug = l.slug;
  m.question = question_text(g, q);
  m.group_item_title = q.polymarket.name;
  m.description = rules_of(g, q);
  m.resolution_source = "https://example.com/";
  m.category = g.category;
  m.outcomes = {"Yes", "No"};
  if (l.result) {
    const bool yes = *l.result == outcome::yes;
    m.outcome_prices = {yes ? "1" : "0", yes ? "0" : "1"};
    m.uma_resolution_status = "resolved";
  } else {
    m.outcome_prices = {number(w.fair_micros(l.question)),
                        number(price::one - w.fair_micros(l.question))};
  }
  m.clob_token_ids = {l.tokens[0], l.tokens[1]};
  m.version = gamma::protocol_version::v1;
  m.version_text = "v1";
  m.active = true;
  m.closed = over(l);
  m.archived = false;
  m.accepting_orders = trading(l);
  m.enable_order_book = true;
  m.restricted = true;
  m.neg_risk = exclusive;
  m.neg_risk_other = false;
  if (exclusive) {
    m.neg_risk_market_id = hex_id(g.polymarket_slug + "/neg-risk");
    m.neg_risk_request_id = hex_id(l.slug + "/request");
  }
  m.fees_enabled = g.polymarket_rate.ppm != 0;
  m.fee_type = g.polymarket_fee;
  if (*m.fees_enabled) m.fee_schedule = gamma_fees(g);
  m.tick_size = tick_text(l);
  m.order_min_size = l.min_order_size;
  m.start_date = m.accepting_orders_since = l.created;
  m.end_date = l.close_time;
  if (over(l)) m.closed_time = l.settled_at.value_or(l.updated);
  m.end_date_iso = to_rfc3339(l.close_time).substr(0, 10);
  m.volume = m.volume_num = m.volume_24h = number(l.volume.micros());
  m.liquidity = m.liquidity_num = "10000";
  if (const auto bid = l.book.best(book_side::bid)) m.best_bid = number(bid->p.micros());
  if (const auto ask = l.book.best(book_side::ask)) m.best_ask = number(ask->p.micros());
  if (l.last_price) m.last_trade_price = number(l.last_price->micros());
  m.maker_base_fee = m.taker_base_fee = "1000";
  m.events.push_back(gamma_event_record(w, q.group));
  return m;
}

clob::market_info clob_info_words(const world& w, const sim_listing& l) {
  const group& g = w.group_of(l);
  clob::market_info m;
  m.condition_id = l.id;
  m.tokens = {{l.tokens[0], "Yes"}, {l.tokens[1], "No"}};
  m.tick_text = tick_text(l);
  m.tick_micros = l.grid.finest_step_micros();
  m.min_order_size_text = l.min_order_size;
  m.min_order_size = quantity::contracts(5);
  m.neg_risk = g.kind == group_kind::exclusive;
  m.accepting_orders = trading(l);
  if (g.polymarket_rate.ppm != 0) m.fees = clob::fee_terms{g.polymarket_rate, 1, true};
  m.maker_base_fee = m.taker_base_fee = "1000";
  return m;
}

clob::market clob_market_words(const world& w, const sim_listing& l) {
  const question& q = w.question_of(l);
  const group& g = w.group_of(l);
  clob::market m;
  m.condition_id = l.id;
  m.question_id = hex_id(l.slug + "/question");
  m.question = question_text(g, q);
  m.description = rules_of(g, q);
  m.market_slug = l.slug;
  m.enable_order_book = true;
  m.active = true;
  m.closed = over(l);
  m.archived = false;
  m.accepting_orders = trading(l);
  m.accepting_since = l.created;
  m.min_order_size = l.min_order_size;
  m.min_tick_size = tick_text(l);
  m.end_date = l.close_time;
  m.seconds_delay = 0;
  m.neg_risk = g.kind == group_kind::exclusive;
  m.maker_base_fee = m.taker_base_fee = "1000";
  m.is_50_50_outcome = false;
  for (const outcome o : {outcome::yes, outcome::no}) {
    const bool yes = o == outcome::yes;
    const std::int64_t fair = w.fair_micros(l.question);
    const std::int64_t worth =
        l.result ? (*l.result == o ? price::one : 0) : (yes ? fair : price::one - fair);
    m.tokens.push_back({l.tokens[yes ? 0 : 1], yes ? "Yes" : "No", number(worth), l.result == o});
  }
  m.tags = {g.category};
  return m;
}

ws::event_message event_words_of(const world& w, const sim_listing& l) {
  const gamma::event_info e = gamma_event_record(w, w.question_of(l).group);
  return {e.id, e.ticker, e.slug, e.title, e.description};
}

ws::new_market new_market_words(const world& w, const sim_listing& l) {
  const question& q = w.question_of(l);
  const group& g = w.group_of(l);
  ws::new_market m;
  m.id = l.gamma_id;
  m.question = question_text(g, q);
  m.market = m.condition_id = l.id;
  m.slug = l.slug;
  m.description = rules_of(g, q);
  m.assets_ids = m.clob_token_ids = {l.tokens[0], l.tokens[1]};
  m.outcomes = {"Yes", "No"};
  m.event = event_words_of(w, l);
  m.timestamp_ms = unix_ms(w.now());
  m.tags = {g.category};
  m.active = true;
  m.order_price_min_tick_size = tick_text(l);
  m.group_item_title = q.polymarket.name;
  m.taker_base_fee = "1000";
  m.fees_enabled = g.polymarket_rate.ppm != 0;
  if (*m.fees_enabled)
    m.fee_schedule = ws::fee_terms_text{"1", number(g.polymarket_rate.ppm), true, "0.25"};
  return m;
}

ws::market_resolved resolved_words(const world& w, const sim_listing& l) {
  const bool yes = l.result == outcome::yes;
  ws::market_resolved m;
  m.id = l.gamma_id;
  m.market = l.id;
  m.assets_ids = {l.tokens[0], l.tokens[1]};
  m.winning_asset_id = l.tokens[yes ? 0 : 1];
  m.winning_outcome = yes ? "Yes" : "No";
  m.timestamp_ms = unix_ms(w.now());
  m.tags = {w.group_of(l).category};
  m.event = event_words_of(w, l);
  return m;
}

}  // namespace cornice::sim
