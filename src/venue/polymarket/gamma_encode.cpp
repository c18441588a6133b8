#include "cornice/venue/polymarket/gamma.hpp"
#include "venue/polymarket/json_members.hpp"

namespace cornice::venue::polymarket::gamma {
namespace {

void write_tags(json_writer& w, const std::vector<tag>& tags) {
  if (tags.empty()) return;
  w.key("tags").begin_array();
  for (const tag& t : tags)
    w.begin_object().field("id", t.id).field("label", t.label).field("slug", t.slug).end_object();
  w.end_array();
}

void write_event_members(json_writer& w, const event_info& e) {
  put_text(w, "id", e.id);
  put_text(w, "ticker", e.ticker);
  put_text(w, "slug", e.slug);
  put_text(w, "title", e.title);
  put_text(w, "description", e.description);
  put_text(w, "resolutionSource", e.resolution_source);
  put_text(w, "category", e.category);
  put_time(w, "startDate", e.start_date);
  put_time(w, "creationDate", e.creation_date);
  put_time(w, "endDate", e.end_date);
  put_time(w, "closedTime", e.closed_time);
  put_flag(w, "active", e.active);
  put_flag(w, "closed", e.closed);
  put_flag(w, "archived", e.archived);
  put_flag(w, "restricted", e.restricted);
  put_number(w, "liquidity", e.liquidity);
  put_number(w, "volume", e.volume);
  put_number(w, "openInterest", e.open_interest);
  put_flag(w, "enableOrderBook", e.enable_order_book);
  put_flag(w, "negRisk", e.neg_risk);
  put_text(w, "negRiskMarketID", e.neg_risk_market_id);
  if (!e.series_list.empty()) {
    w.key("series").begin_array();
    for (const series& s : e.series_list) {
      w.begin_object().field("id", s.id).field("slug", s.slug).field("title", s.title);
      put_text(w, "recurrence", s.recurrence);
      w.end_object();
    }
    w.end_array();
  }
  put_flag(w, "enableNegRisk", e.enable_neg_risk);
  put_text(w, "seriesSlug", e.series_slug);
  put_flag(w, "negRiskAugmented", e.neg_risk_augmented);
  write_tags(w, e.tags);
  put_text(w, "version", e.version);
}

void write_identity(json_writer& w, const market& m) {
  put_text(w, "id", m.id);
  put_text(w, "question", m.question);
  w.field("conditionId", m.condition_id);
  put_text(w, "slug", m.slug);
  put_text(w, "resolutionSource", m.resolution_source);
  put_time(w, "endDate", m.end_date);
  put_text(w, "category", m.category);
  // The listing has these two as text; every other figure is a number.
  put_text(w, "liquidity", m.liquidity);
  put_time(w, "startDate", m.start_date);
  put_text(w, "description", m.description);
  put_stringified(w, "outcomes", m.outcomes);
  put_stringified(w, "outcomePrices", m.outcome_prices);
  put_text(w, "volume", m.volume);
  put_text(w, "marketType", m.market_type);
  put_text(w, "sportsMarketType", m.sports_market_type);
  put_time(w, "closedTime", m.closed_time);
  put_text(w, "resolvedBy", m.resolved_by);
  put_text(w, "groupItemTitle", m.group_item_title);
  put_text(w, "questionID", m.question_id);
}

void write_trading(json_writer& w, const market& m) {
  put_flag(w, "active", m.active);
  put_flag(w, "closed", m.closed);
  put_flag(w, "archived", m.archived);
  put_flag(w, "restricted", m.restricted);
  put_flag(w, "enableOrderBook", m.enable_order_book);
  put_number(w, "orderPriceMinTickSize", m.tick_size);
  put_number(w, "orderMinSize", m.order_min_size);
  put_number(w, "volumeNum", m.volume_num);
  put_number(w, "liquidityNum", m.liquidity_num);
  put_number(w, "volume24hr", m.volume_24h);
  put_text(w, "endDateIso", m.end_date_iso);
  put_time(w, "gameStartTime", m.game_start_time);
  put_integer(w, "secondsDelay", m.seconds_delay);
  put_stringified(w, "clobTokenIds", m.clob_token_ids);
  if (!m.position_ids.empty()) w.strings("positionIds", m.position_ids);
  put_text(w, "umaBond", m.uma_bond);
  put_text(w, "umaReward", m.uma_reward);
  put_number(w, "makerBaseFee", m.maker_base_fee);
  put_number(w, "takerBaseFee", m.taker_base_fee);
  put_integer(w, "customLiveness", m.custom_liveness_s);
  put_flag(w, "acceptingOrders", m.accepting_orders);
  put_flag(w, "negRisk", m.neg_risk);
  put_text(w, "negRiskMarketID", m.neg_risk_market_id);
  put_text(w, "negRiskRequestID", m.neg_risk_request_id);
  put_time(w, "acceptingOrdersTimestamp", m.accepting_orders_since);
}

void write_rest(json_writer& w, const market& m) {
  put_number(w, "rewardsMinSize", m.rewards_min_size);
  put_number(w, "rewardsMaxSpread", m.rewards_max_spread);
  put_number(w, "spread", m.spread);
  put_number(w, "lastTradePrice", m.last_trade_price);
  put_number(w, "bestBid", m.best_bid);
  put_number(w, "bestAsk", m.best_ask);
  put_flag(w, "automaticallyActive", m.automatically_active);
  put_flag(w, "clearBookOnStart", m.clear_book_on_start);
  put_flag(w, "negRiskOther", m.neg_risk_other);
  put_text(w, "umaResolutionStatus", m.uma_resolution_status);
  if (m.uma_resolution_statuses.empty())
    w.field("umaResolutionStatuses", "[]");
  else
    put_stringified(w, "umaResolutionStatuses", m.uma_resolution_statuses);
  put_flag(w, "rfqEnabled", m.rfq_enabled);
  put_flag(w, "holdingRewardsEnabled", m.holding_rewards_enabled);
  put_flag(w, "feesEnabled", m.fees_enabled);
  if (m.fee_type)
    w.field("feeType", *m.fee_type);
  else
    w.raw_field("feeType", "null");
  if (m.fee_schedule) {
    w.key("feeSchedule").begin_object();
    w.raw_field("exponent", std::to_string(m.fee_schedule->exponent));
    put_ratio(w, "rate", m.fee_schedule->rate);
    put_flag(w, "takerOnly", m.fee_schedule->taker_only);
    put_ratio(w, "rebateRate", m.fee_schedule->rebate_rate);
    w.end_object();
  }
  put_text(w, "version", m.version_text);
}

void write_market(json_writer& w, const market& m) {
  w.begin_object();
  write_identity(w, m);
  write_trading(w, m);
  if (!m.events.empty()) {
    w.key("events").begin_array();
    for (const event_info& e : m.events) {
      w.begin_object();
      write_event_members(w, e);
      w.end_object();
    }
    w.end_array();
  }
  write_tags(w, m.tags);
  write_rest(w, m);
  w.end_object();
}

void write_event(json_writer& w, const event& e) {
  w.begin_object();
  write_event_members(w, e.info);
  w.key("markets").begin_array();
  for (const market& m : e.markets) write_market(w, m);
  w.end_array().end_object();
}

}  // namespace

std::string encode(const market& m) {
  json_writer w;
  write_market(w, m);
  return w.take();
}

std::string encode(const event& e) {
  json_writer w;
  write_event(w, e);
  return w.take();
}

std::string encode_markets_page(const std::vector<market>& rows, std::string_view next_cursor) {
  json_writer w;
  w.begin_object().key("markets").begin_array();
  for (const market& m : rows) write_market(w, m);
  w.end_array();
  put_text(w, "next_cursor", next_cursor);
  return w.end_object().take();
}

std::string encode_events_page(const std::vector<event>& rows, std::string_view next_cursor) {
  json_writer w;
  w.begin_object().key("events").begin_array();
  for (const event& e : rows) write_event(w, e);
  w.end_array();
  put_text(w, "next_cursor", next_cursor);
  return w.end_object().take();
}

}  // namespace cornice::venue::polymarket::gamma
