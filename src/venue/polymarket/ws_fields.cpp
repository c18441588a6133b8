#include "venue/polymarket/ws_fields.hpp"

#include "venue/polymarket/decimal.hpp"
#include "venue/polymarket/short_level.hpp"

namespace cornice::venue::polymarket::ws {
namespace {

std::string shown(std::string_view text) {
  return "\"" + std::string{text.substr(0, 60)} + "\"";
}

result<std::int64_t> tick_micros(std::string_view text, std::string_view name) {
  const auto micros = parse_decimal(text);
  if (!micros) return micros.error().within(name);
  if (*micros <= 0 || *micros >= price::one)
    return error{errc::out_of_range, std::string{name} + " " + shown(text) + " is not inside 0..1"};
  return *micros;
}

}  // namespace

key_id key_of(std::string_view key) noexcept {
  switch (key.size()) {
    case 4:
      if (key == "size") return key_id::size;
      if (key == "side") return key_id::side;
      if (key == "hash") return key_id::hash;
      if (key == "bids") return key_id::bids;
      if (key == "asks") return key_id::asks;
      break;
    case 5:
      if (key == "price") return key_id::price;
      break;
    case 6:
      if (key == "market") return key_id::market;
      if (key == "spread") return key_id::spread;
      break;
    case 7:
      if (key == "changes") return key_id::changes;
      break;
    case 8:
      if (key == "asset_id") return key_id::asset_id;
      if (key == "best_bid") return key_id::best_bid;
      if (key == "best_ask") return key_id::best_ask;
      if (key == "neg_risk") return key_id::neg_risk;
      break;
    case 9:
      if (key == "timestamp") return key_id::timestamp;
      if (key == "tick_size") return key_id::tick_size;
      break;
    case 10:
      if (key == "event_type") return key_id::event_type;
      break;
    case 12:
      if (key == "fee_rate_bps") return key_id::fee_rate_bps;
      break;
    case 13:
      if (key == "price_changes") return key_id::price_changes;
      if (key == "old_tick_size") return key_id::old_tick_size;
      if (key == "new_tick_size") return key_id::new_tick_size;
      break;
    case 14:
      if (key == "min_order_size") return key_id::min_order_size;
      break;
    case 16:
      if (key == "last_trade_price") return key_id::last_trade_price;
      if (key == "transaction_hash") return key_id::transaction_hash;
      break;
    default:
      break;
  }
  return key_id::other;
}

result<std::string_view> required(const scalar_fields& f, key_id k, std::string_view name) {
  if (!f.has(k)) return error{errc::missing_field, "/" + std::string{name} + " is missing"};
  return f[k];
}

result<std::string_view> required_asset(const scalar_fields& f) {
  CORNICE_TRY(text, required(f, key_id::asset_id, "asset_id"));
  if (!is_asset_id(text))
    return error{errc::malformed, "/asset_id " + shown(text) + " is not a decimal uint256"};
  return text;
}

result<std::int64_t> required_time_ms(const scalar_fields& f) {
  // Times since 1973 in either unit; smaller numbers are no times of this venue and stay as they
  // are.
  constexpr std::int64_t first_second = 100'000'000;
  constexpr std::int64_t first_millisecond = 100'000'000'000;
  constexpr std::int64_t last_millisecond = 100'000'000'000'000;  // year 5138
  CORNICE_TRY(text, required(f, key_id::timestamp, "timestamp"));
  const auto value = parse_integer(text);
  if (!value) return value.error().within("/timestamp");
  if (*value > last_millisecond)
    return error{errc::out_of_range, "/timestamp " + shown(text) + " is not in milliseconds"};
  return *value >= first_second && *value < first_millisecond ? *value * 1000 : *value;
}

result<order_side> required_side(const scalar_fields& f) {
  CORNICE_TRY(text, required(f, key_id::side, "side"));
  if (text == "BUY") return order_side::buy;
  if (text == "SELL") return order_side::sell;
  return error{errc::malformed, "/side " + shown(text) + " is neither BUY nor SELL"};
}

result<std::optional<best_quote>> optional_quote(const scalar_fields& f, key_id k,
                                                 std::string_view name) {
  if (!f.has(k)) return std::optional<best_quote>{};
  if (f[k].empty()) return std::optional{best_quote{f[k], std::nullopt}};
  const auto p = parse_price(f[k]);
  if (!p) return p.error().within("/" + std::string{name});
  return std::optional{best_quote{f[k], *p}};
}

namespace {

// False when the text needs the careful reading of optional_quote.
bool quick_quote(const scalar_fields& f, key_id k, std::optional<best_quote>& out) {
  if (!f.has(k)) {
    out.reset();
    return true;
  }
  std::int64_t micros = 0;
  if (!parse_short_decimal(f[k], micros) || micros > price::one) return false;
  out = best_quote{f[k], price::of_micros(micros)};
  return true;
}

bool quick_change(const scalar_fields& f, level_change& out) {
  const std::string_view side = f[key_id::side];
  const bool bid = side == "BUY";
  if (!bid && side != "SELL") return false;
  if (!is_asset_id(f[key_id::asset_id]) ||
      !parse_short_level(f[key_id::price], f[key_id::size], out.level))
    return false;
  if (!quick_quote(f, key_id::best_bid, out.best_bid) ||
      !quick_quote(f, key_id::best_ask, out.best_ask))
    return false;
  out.asset_id = f[key_id::asset_id];
  out.side = bid ? book_side::bid : book_side::ask;
  out.hash = f[key_id::hash];
  return true;
}

result<level_change> careful_change(const scalar_fields& f) {
  level_change out;
  CORNICE_TRY(asset, required_asset(f));
  CORNICE_TRY(price_text, required(f, key_id::price, "price"));
  CORNICE_TRY(size_text, required(f, key_id::size, "size"));
  CORNICE_TRY(side, required_side(f));
  CORNICE_TRY(level, parse_level(price_text, size_text));
  CORNICE_TRY(best_bid, optional_quote(f, key_id::best_bid, "best_bid"));
  CORNICE_TRY(best_ask, optional_quote(f, key_id::best_ask, "best_ask"));
  out.asset_id = asset;
  out.side = side == order_side::buy ? book_side::bid : book_side::ask;
  out.level = level;
  out.hash = f[key_id::hash];
  out.best_bid = best_bid;
  out.best_ask = best_ask;
  return out;
}

}  // namespace

// The quick reading takes the form that every live change has; whatever it declines, good or bad,
// is read again by the one that can say what is wrong.
std::optional<error> make_change(const scalar_fields& f, level_change& out) {
  if (quick_change(f, out)) return std::nullopt;
  auto careful = careful_change(f);
  if (!careful) return careful.error();
  out = *careful;
  return std::nullopt;
}

result<book_view> make_book(const scalar_fields& f) {
  book_view out;
  CORNICE_TRY(market, required(f, key_id::market, "market"));
  CORNICE_TRY(asset, required_asset(f));
  CORNICE_TRY(time_ms, required_time_ms(f));
  out.market = market;
  out.asset_id = asset;
  out.timestamp_text = f[key_id::timestamp];
  out.timestamp_ms = time_ms;
  out.hash = f[key_id::hash];
  out.min_order_size = f.optional(key_id::min_order_size);
  out.tick_size = f.optional(key_id::tick_size);
  out.last_trade_price = f.optional(key_id::last_trade_price);
  if (f.has(key_id::neg_risk)) {
    const std::string_view text = f[key_id::neg_risk];
    if (text != "true" && text != "false")
      return error{errc::malformed, "/neg_risk " + shown(text) + " is neither true nor false"};
    out.neg_risk = text == "true";
  }
  return out;
}

result<tick_size_change> make_tick_size_change(const scalar_fields& f) {
  tick_size_change out;
  CORNICE_TRY(market, required(f, key_id::market, "market"));
  CORNICE_TRY(asset, required_asset(f));
  CORNICE_TRY(old_text, required(f, key_id::old_tick_size, "old_tick_size"));
  CORNICE_TRY(new_text, required(f, key_id::new_tick_size, "new_tick_size"));
  CORNICE_TRY(old_micros, tick_micros(old_text, "/old_tick_size"));
  CORNICE_TRY(new_micros, tick_micros(new_text, "/new_tick_size"));
  CORNICE_TRY(time_ms, required_time_ms(f));
  out.market = market;
  out.asset_id = asset;
  out.old_tick_size = old_text;
  out.new_tick_size = new_text;
  out.old_tick_micros = old_micros;
  out.new_tick_micros = new_micros;
  out.timestamp_ms = time_ms;
  return out;
}

result<last_trade> make_last_trade(const scalar_fields& f) {
  last_trade out;
  CORNICE_TRY(market, required(f, key_id::market, "market"));
  CORNICE_TRY(asset, required_asset(f));
  CORNICE_TRY(price_text, required(f, key_id::price, "price"));
  CORNICE_TRY(size_text, required(f, key_id::size, "size"));
  CORNICE_TRY(side, required_side(f));
  CORNICE_TRY(time_ms, required_time_ms(f));
  const auto p = parse_price(price_text);
  if (!p) return p.error().within("/price");
  const auto q = parse_size(size_text);
  if (!q) return q.error().within("/size");
  out.market = market;
  out.asset_id = asset;
  out.price_text = price_text;
  out.size_text = size_text;
  out.p = *p;
  out.q = *q;
  out.taker_side = side;
  out.fee_rate_bps = f[key_id::fee_rate_bps];
  out.transaction_hash = f[key_id::transaction_hash];
  out.timestamp_ms = time_ms;
  return out;
}

result<best_bid_ask> make_best_bid_ask(const scalar_fields& f) {
  best_bid_ask out;
  CORNICE_TRY(market, required(f, key_id::market, "market"));
  CORNICE_TRY(asset, required_asset(f));
  CORNICE_CHECK_OK(required(f, key_id::best_bid, "best_bid"));
  CORNICE_CHECK_OK(required(f, key_id::best_ask, "best_ask"));
  CORNICE_TRY(best_bid, optional_quote(f, key_id::best_bid, "best_bid"));
  CORNICE_TRY(best_ask, optional_quote(f, key_id::best_ask, "best_ask"));
  CORNICE_TRY(time_ms, required_time_ms(f));
  out.market = market;
  out.asset_id = asset;
  out.best_bid = *best_bid;
  out.best_ask = *best_ask;
  out.spread = f[key_id::spread];
  out.timestamp_ms = time_ms;
  return out;
}

}  // namespace cornice::venue::polymarket::ws
