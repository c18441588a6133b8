#include "cornice/venue/polymarket/ws.hpp"
#include "venue/polymarket/json_writer.hpp"

namespace cornice::venue::polymarket::ws {
namespace {

void write_levels(json_writer& w, std::string_view name, std::span<const wire_level> levels) {
  w.key(name).begin_array();
  for (const wire_level& l : levels)
    w.begin_object().field("price", l.price_text).field("size", l.size_text).end_object();
  w.end_array();
}

void write_optional(json_writer& w, std::string_view name,
                    const std::optional<std::string_view>& text) {
  if (text) w.field(name, *text);
}

void write_quote(json_writer& w, std::string_view name, const std::optional<best_quote>& q) {
  if (q) w.field(name, q->text);
}

void write_nonempty(json_writer& w, std::string_view name, std::string_view text) {
  if (!text.empty()) w.field(name, text);
}

void write_flag(json_writer& w, std::string_view name, const std::optional<bool>& flag) {
  if (flag) w.key(name).boolean(*flag);
}

void write_event(json_writer& w, const std::optional<event_message>& e) {
  if (!e) return;
  w.key("event_message").begin_object();
  w.field("id", e->id).field("ticker", e->ticker).field("slug", e->slug);
  w.field("title", e->title).field("description", e->description).end_object();
}

void write_type(json_writer& w, std::string_view type) {
  w.field("event_type", type);
}

}  // namespace

std::string encode(const book_view& m) {
  json_writer w;
  w.begin_object().field("market", m.market).field("asset_id", m.asset_id);
  w.field("timestamp", m.timestamp_text);
  write_nonempty(w, "hash", m.hash);
  write_levels(w, "bids", m.bids);
  write_levels(w, "asks", m.asks);
  write_optional(w, "min_order_size", m.min_order_size);
  write_optional(w, "tick_size", m.tick_size);
  write_flag(w, "neg_risk", m.neg_risk);
  write_type(w, "book");
  write_optional(w, "last_trade_price", m.last_trade_price);
  return w.end_object().take();
}

std::string encode(const price_change& m) {
  json_writer w;
  w.begin_object().field("market", m.market).key("price_changes").begin_array();
  for (const level_change& c : m.changes) {
    w.begin_object().field("asset_id", c.asset_id).field("price", c.level.price_text);
    w.field("size", c.level.size_text).field("side", c.side == book_side::bid ? "BUY" : "SELL");
    write_nonempty(w, "hash", c.hash);
    write_quote(w, "best_bid", c.best_bid);
    write_quote(w, "best_ask", c.best_ask);
    w.end_object();
  }
  w.end_array().field("timestamp", m.timestamp_text);
  write_type(w, "price_change");
  return w.end_object().take();
}

std::string encode(const tick_size_change& m) {
  json_writer w;
  w.begin_object().field("market", m.market).field("asset_id", m.asset_id);
  w.field("old_tick_size", m.old_tick_size).field("new_tick_size", m.new_tick_size);
  w.field("timestamp", std::to_string(m.timestamp_ms));
  write_type(w, "tick_size_change");
  return w.end_object().take();
}

std::string encode(const last_trade& m) {
  json_writer w;
  w.begin_object().field("market", m.market).field("asset_id", m.asset_id);
  w.field("price", m.price_text).field("size", m.size_text);
  write_nonempty(w, "fee_rate_bps", m.fee_rate_bps);
  w.field("side", m.taker_side == order_side::buy ? "BUY" : "SELL");
  w.field("timestamp", std::to_string(m.timestamp_ms));
  write_type(w, "last_trade_price");
  write_nonempty(w, "transaction_hash", m.transaction_hash);
  return w.end_object().take();
}

std::string encode(const best_bid_ask& m) {
  json_writer w;
  w.begin_object().field("market", m.market).field("asset_id", m.asset_id);
  w.field("best_bid", m.best_bid.text).field("best_ask", m.best_ask.text);
  w.field("spread", m.spread).field("timestamp", std::to_string(m.timestamp_ms));
  write_type(w, "best_bid_ask");
  return w.end_object().take();
}

std::string encode(const new_market& m) {
  json_writer w;
  w.begin_object().field("id", m.id).field("question", m.question).field("market", m.market);
  w.field("slug", m.slug).field("description", m.description);
  w.strings("assets_ids", m.assets_ids).strings("outcomes", m.outcomes);
  write_event(w, m.event);
  w.field("timestamp", std::to_string(m.timestamp_ms));
  write_type(w, "new_market");
  w.strings("tags", m.tags).field("condition_id", m.condition_id);
  write_flag(w, "active", m.active);
  w.strings("clob_token_ids", m.clob_token_ids);
  w.field("sports_market_type", m.sports_market_type).field("line", m.line);
  w.field("game_start_time", m.game_start_time);
  w.field("order_price_min_tick_size", m.order_price_min_tick_size);
  w.field("group_item_title", m.group_item_title);
  write_nonempty(w, "taker_base_fee", m.taker_base_fee);
  write_flag(w, "fees_enabled", m.fees_enabled);
  if (m.fee_schedule) {
    w.key("fee_schedule").begin_object();
    w.field("exponent", m.fee_schedule->exponent).field("rate", m.fee_schedule->rate);
    write_flag(w, "taker_only", m.fee_schedule->taker_only);
    w.field("rebate_rate", m.fee_schedule->rebate_rate).end_object();
  }
  return w.end_object().take();
}

std::string encode(const market_resolved& m) {
  json_writer w;
  w.begin_object().field("id", m.id).field("market", m.market);
  w.strings("assets_ids", m.assets_ids).field("winning_asset_id", m.winning_asset_id);
  w.field("winning_outcome", m.winning_outcome);
  w.field("timestamp", std::to_string(m.timestamp_ms));
  write_type(w, "market_resolved");
  w.strings("tags", m.tags);
  write_event(w, m.event);
  return w.end_object().take();
}

namespace {

std::string encode(const unknown_message& m) {
  return json_writer{}.begin_object().field("event_type", m.type).end_object().take();
}
std::string encode(const bad_message& m) {
  return json_writer{}.begin_object().field("event_type", m.type).end_object().take();
}

}  // namespace

std::string encode(const message& m) {
  return std::visit([](const auto& each) { return encode(each); }, m);
}

}  // namespace cornice::venue::polymarket::ws
