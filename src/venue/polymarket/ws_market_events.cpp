// new_market and market_resolved: rare, wide messages, read through json_tree.
#include "venue/polymarket/json_fields.hpp"
#include "venue/polymarket/ws_fields.hpp"

namespace cornice::venue::polymarket::ws {
namespace {

std::int64_t time_ms_of(json_fields& f) {
  const auto value = f.integer("timestamp");
  if (!value) f.fail(errc::missing_field, "timestamp", "is missing");
  return value.value_or(0);
}

std::optional<event_message> event_of(json_fields& f) {
  const json_node n = f.node("event_message");
  if (!n.has_value()) return std::nullopt;
  json_fields e{n, f.pointer("event_message")};
  event_message out;
  out.id = e.text("id");
  out.ticker = e.text("ticker");
  out.slug = e.text("slug");
  out.title = e.text("title");
  out.description = e.text("description");
  if (!e.ok()) f.fail(e.problem().code, "event_message", e.problem().message);
  return out;
}

std::optional<fee_terms_text> fees_of(json_fields& f) {
  const json_node n = f.node("fee_schedule");
  if (!n.has_value()) return std::nullopt;
  json_fields e{n, f.pointer("fee_schedule")};
  fee_terms_text out;
  out.exponent = e.number("exponent");
  out.rate = e.number("rate");
  out.taker_only = e.boolean("taker_only");
  out.rebate_rate = e.number("rebate_rate");
  if (!e.ok()) f.fail(e.problem().code, "fee_schedule", e.problem().message);
  return out;
}

}  // namespace

result<new_market> decode_new_market(std::string_view json) {
  return read_object(json, [](json_fields& f) {
    new_market out;
    out.id = f.text("id");
    out.question = f.text("question");
    out.market = f.required_text("market");
    out.slug = f.text("slug");
    out.description = f.text("description");
    out.assets_ids = f.strings("assets_ids");
    out.outcomes = f.strings("outcomes");
    out.event = event_of(f);
    out.timestamp_ms = time_ms_of(f);
    out.tags = f.strings("tags");
    out.condition_id = f.text("condition_id");
    out.active = f.boolean("active");
    out.clob_token_ids = f.strings("clob_token_ids");
    out.sports_market_type = f.text("sports_market_type");
    out.line = f.text("line");
    out.game_start_time = f.text("game_start_time");
    out.order_price_min_tick_size = f.number("order_price_min_tick_size");
    out.group_item_title = f.text("group_item_title");
    out.taker_base_fee = f.text("taker_base_fee");
    out.fees_enabled = f.boolean("fees_enabled");
    out.fee_schedule = fees_of(f);
    return out;
  });
}

result<market_resolved> decode_market_resolved(std::string_view json) {
  return read_object(json, [](json_fields& f) {
    market_resolved out;
    out.id = f.text("id");
    out.market = f.required_text("market");
    out.assets_ids = f.strings("assets_ids");
    out.winning_asset_id = f.required_text("winning_asset_id");
    out.winning_outcome = f.text("winning_outcome");
    out.timestamp_ms = time_ms_of(f);
    out.tags = f.strings("tags");
    out.event = event_of(f);
    return out;
  });
}

}  // namespace cornice::venue::polymarket::ws
