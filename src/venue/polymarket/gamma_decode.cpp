#include "cornice/venue/polymarket/gamma.hpp"
#include "venue/polymarket/decimal.hpp"
#include "venue/polymarket/json_fields.hpp"

namespace cornice::venue::polymarket::gamma {
namespace {

std::optional<ratio> ratio_of(json_fields& f, std::string_view name) {
  const auto ppm = f.millionths(name);
  if (!ppm) return std::nullopt;
  return ratio{*ppm};
}

std::optional<fee_terms> fees_of(json_fields& f) {
  const json_node n = f.node("feeSchedule");
  if (!n.has_value()) return std::nullopt;
  json_fields e{n, f.pointer("feeSchedule")};
  fee_terms out;
  const auto rate = ratio_of(e, "rate");
  const auto exponent = e.integer("exponent");
  if (!rate) e.fail(errc::missing_field, "rate", "is missing");
  if (!exponent) e.fail(errc::missing_field, "exponent", "is missing");
  out.rate = rate.value_or(ratio{});
  out.exponent = exponent.value_or(0);
  out.taker_only = e.boolean("takerOnly");
  out.rebate_rate = ratio_of(e, "rebateRate");
  if (!e.ok()) f.fail(e.problem().code, "feeSchedule", e.problem().message);
  return out;
}

// Reads an array of objects; null and absence are an empty one.
template <class T, class Read>
std::vector<T> list_of(json_fields& f, std::string_view name, Read read) {
  std::vector<T> out;
  const json_node array = f.node(name);
  if (!array.has_value()) return out;
  if (!array.is_array()) {
    f.fail(errc::malformed, name, "is not an array");
    return out;
  }
  for (json_node n = array.first_child(); n.present(); n = n.next_sibling()) {
    json_fields e{n, f.pointer(name) + "/" + std::to_string(out.size())};
    T value = e.ok() ? read(e) : T{};
    if (!e.ok()) {
      f.fail(e.problem().code, name, e.problem().message);
      return {};
    }
    out.push_back(std::move(value));
  }
  return out;
}

std::vector<tag> tags_of(json_fields& f) {
  return list_of<tag>(f, "tags", [](json_fields& e) {
    return tag{e.text("id"), e.text("label"), e.text("slug")};
  });
}

event_info read_event_info(json_fields& f) {
  event_info out;
  out.id = f.text("id");
  out.ticker = f.text("ticker");
  out.slug = f.text("slug");
  out.title = f.text("title");
  out.description = f.text("description");
  out.resolution_source = f.text("resolutionSource");
  out.category = f.text("category");
  out.series_slug = f.text("seriesSlug");
  out.neg_risk_market_id = f.text("negRiskMarketID");
  out.liquidity = f.number("liquidity");
  out.volume = f.number("volume");
  out.open_interest = f.number("openInterest");
  out.start_date = f.time("startDate");
  out.end_date = f.time("endDate");
  out.creation_date = f.time("creationDate");
  out.closed_time = f.time("closedTime");
  out.active = f.boolean("active");
  out.closed = f.boolean("closed");
  out.archived = f.boolean("archived");
  out.restricted = f.boolean("restricted");
  out.enable_order_book = f.boolean("enableOrderBook");
  out.neg_risk = f.boolean("negRisk");
  out.enable_neg_risk = f.boolean("enableNegRisk");
  out.neg_risk_augmented = f.boolean("negRiskAugmented");
  out.series_list = list_of<series>(f, "series", [](json_fields& e) {
    return series{e.text("id"), e.text("slug"), e.text("title"), e.text("recurrence")};
  });
  out.tags = tags_of(f);
  out.version = f.text("version");
  return out;
}

protocol_version version_of(std::string_view text) {
  if (text.empty()) return protocol_version::missing;
  if (text == "v1") return protocol_version::v1;
  if (text == "v2") return protocol_version::v2;
  return protocol_version::unknown;
}

void read_identity(json_fields& f, market& out) {
  out.id = f.text("id");
  out.condition_id = f.text("conditionId");
  if (out.id.empty() && out.condition_id.empty())
    f.fail(errc::missing_field, "conditionId", "and id are both missing");
  out.question_id = f.text("questionID");
  out.neg_risk_request_id = f.text("negRiskRequestID");
  out.neg_risk_market_id = f.text("negRiskMarketID");
  out.slug = f.text("slug");
  out.question = f.text("question");
  out.group_item_title = f.text("groupItemTitle");
  out.description = f.text("description");
  out.resolution_source = f.text("resolutionSource");
  out.category = f.text("category");
  out.market_type = f.text("marketType");
  out.sports_market_type = f.text("sportsMarketType");
  out.version_text = f.text("version");
  out.version = version_of(out.version_text);
}

void read_outcomes(json_fields& f, market& out) {
  out.outcomes = f.stringified("outcomes");
  out.outcome_prices = f.stringified("outcomePrices");
  out.clob_token_ids = f.stringified("clobTokenIds");
  out.position_ids = f.stringified("positionIds");
  out.uma_resolution_statuses = f.stringified("umaResolutionStatuses");
  out.uma_resolution_status = f.text("umaResolutionStatus");
  out.uma_bond = f.text("umaBond");
  out.uma_reward = f.text("umaReward");
  out.custom_liveness_s = f.integer("customLiveness");
  out.resolved_by = f.text("resolvedBy");
}

void read_flags(json_fields& f, market& out) {
  out.active = f.boolean("active");
  out.closed = f.boolean("closed");
  out.archived = f.boolean("archived");
  out.accepting_orders = f.boolean("acceptingOrders");
  out.enable_order_book = f.boolean("enableOrderBook");
  out.restricted = f.boolean("restricted");
  out.neg_risk = f.boolean("negRisk");
  out.neg_risk_other = f.boolean("negRiskOther");
  out.fees_enabled = f.boolean("feesEnabled");
  out.rfq_enabled = f.boolean("rfqEnabled");
  out.automatically_active = f.boolean("automaticallyActive");
  out.clear_book_on_start = f.boolean("clearBookOnStart");
  out.holding_rewards_enabled = f.boolean("holdingRewardsEnabled");
}

void read_figures(json_fields& f, market& out) {
  out.tick_size = f.number("orderPriceMinTickSize");
  out.order_min_size = f.number("orderMinSize");
  out.liquidity = f.number("liquidity");
  out.volume = f.number("volume");
  out.liquidity_num = f.number("liquidityNum");
  out.volume_num = f.number("volumeNum");
  out.volume_24h = f.number("volume24hr");
  out.best_bid = f.number("bestBid");
  out.best_ask = f.number("bestAsk");
  out.last_trade_price = f.number("lastTradePrice");
  out.spread = f.number("spread");
  out.maker_base_fee = f.number("makerBaseFee");
  out.taker_base_fee = f.number("takerBaseFee");
  out.rewards_min_size = f.number("rewardsMinSize");
  out.rewards_max_spread = f.number("rewardsMaxSpread");
  out.seconds_delay = f.integer("secondsDelay");
  out.fee_type = f.optional_text("feeType");
  out.fee_schedule = fees_of(f);
}

market read_market(json_fields& f) {
  market out;
  read_identity(f, out);
  read_outcomes(f, out);
  read_flags(f, out);
  read_figures(f, out);
  out.end_date = f.time("endDate");
  out.start_date = f.time("startDate");
  out.game_start_time = f.time("gameStartTime");
  out.closed_time = f.time("closedTime");
  out.accepting_orders_since = f.time("acceptingOrdersTimestamp");
  out.end_date_iso = f.text("endDateIso");
  out.events = list_of<event_info>(f, "events", read_event_info);
  out.tags = tags_of(f);
  return out;
}

// Reads what can be read; each market that cannot is reported and left out.
event read_event(json_fields& f, std::size_t row, std::vector<row_error>& errors) {
  event out;
  out.info = read_event_info(f);
  if (out.info.id.empty()) f.fail(errc::missing_field, "id", "is missing");
  const json_node markets = f.node("markets");
  if (!markets.has_value()) return out;
  if (!markets.is_array()) {
    f.fail(errc::malformed, "markets", "is not an array");
    return out;
  }
  std::size_t index = 0;
  for (json_node n = markets.first_child(); n.present(); n = n.next_sibling(), ++index) {
    json_fields e{n, f.pointer("markets") + "/" + std::to_string(index)};
    market m = e.ok() ? read_market(e) : market{};
    if (e.ok())
      out.markets.push_back(std::move(m));
    else
      errors.push_back({row, e.problem()});
  }
  return out;
}

template <class Row, class Read>
result<page<Row>> decode_page(std::string_view json, std::string_view list_name, Read read) {
  json_tree tree;
  CORNICE_TRY(root, tree.parse(json));
  page<Row> out;
  json_node list = root;
  std::string pointer;
  if (root.is_object()) {
    json_fields f{root, ""};
    list = f.node(list_name);
    pointer = f.pointer(list_name);
    out.next_cursor = f.text("next_cursor");
    if (!f.ok()) return f.problem();
    if (!list.present()) return error{errc::missing_field, pointer + " is missing"};
  }
  if (!list.is_array()) return error{errc::malformed, pointer + " is not an array"};
  if (list.size() > page_rows_max)
    return error{errc::out_of_range, pointer + " has " + std::to_string(list.size()) +
                                         " rows, more than " + std::to_string(page_rows_max)};
  std::size_t row = 0;
  for (json_node n = list.first_child(); n.present(); n = n.next_sibling(), ++row) {
    json_fields f{n, pointer + "/" + std::to_string(row)};
    Row value = f.ok() ? read(f, row, out.errors) : Row{};
    if (f.ok())
      out.rows.push_back(std::move(value));
    else
      out.errors.push_back({row, f.problem()});
  }
  return out;
}

}  // namespace

result<market> decode_market(std::string_view json) {
  return read_object(json, read_market);
}

result<event> decode_event(std::string_view json) {
  std::vector<row_error> errors;
  auto out = read_object(json, [&errors](json_fields& f) { return read_event(f, 0, errors); });
  if (out && !errors.empty()) return errors.front().why;
  return out;
}

result<page<market>> decode_markets_page(std::string_view json) {
  return decode_page<market>(
      json, "markets",
      [](json_fields& f, std::size_t, std::vector<row_error>&) { return read_market(f); });
}

result<page<event>> decode_events_page(std::string_view json) {
  return decode_page<event>(json, "events", read_event);
}

}  // namespace cornice::venue::polymarket::gamma
