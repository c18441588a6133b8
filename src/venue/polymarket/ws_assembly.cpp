#include "venue/polymarket/ws_assembly.hpp"

namespace cornice::venue::polymarket::ws {

void assembly::clear() noexcept {
  levels.clear();
  changes.clear();
  messages_.clear();
  extents_.clear();
}

void assembly::add_not_an_object() {
  messages_.emplace_back(
      bad_message{"", {}, {errc::malformed, "an element of the frame is not an object"}});
  extents_.emplace_back();
}

void assembly::add_bad(const gathered& g, std::string_view type, error why) {
  bad_message bad;
  bad.type = std::string{type.substr(0, 64)};
  if (g.fields.has(key_id::asset_id)) bad.assets.emplace_back(g.fields[key_id::asset_id]);
  if (g.has_changes)
    for (const level_change& c : g.changes.of(changes)) bad.assets.emplace_back(c.asset_id);
  bad.why = std::move(why);
  messages_.emplace_back(std::move(bad));
}

template <class T>
void assembly::add_made(const gathered& g, std::string_view type, result<T> made) {
  if (made)
    messages_.emplace_back(std::move(*made));
  else
    add_bad(g, type, made.error());
}

void assembly::add_book(const gathered& g) {
  if (!g.has_bids || !g.has_asks)
    return add_bad(g, "book", {errc::missing_field, "/bids or /asks is missing"});
  add_made(g, "book", make_book(g.fields));
}

void assembly::add_price_change(gathered& g) {
  if (!g.has_changes) {  // one level at the top, as the first generation sent it
    level_change single;
    if (const auto why = make_change(g.fields, single))
      return add_bad(g, "price_change",
                     {errc::missing_field,
                      "/price_changes is missing, and as a single change: " + why->message});
    g.changes.begin = changes.size();
    changes.push_back(single);
    g.changes.end = changes.size();
  } else if (g.legacy_changes) {
    const auto asset = required_asset(g.fields);
    if (!asset) return add_bad(g, "price_change", asset.error());
    for (std::size_t i = g.changes.begin; i < g.changes.end; ++i) {
      changes[i].asset_id = *asset;
      changes[i].hash = g.fields[key_id::hash];
    }
  }
  const auto market = required(g.fields, key_id::market, "market");
  if (!market) return add_bad(g, "price_change", market.error());
  const auto time_ms = required_time_ms(g.fields);
  if (!time_ms) return add_bad(g, "price_change", time_ms.error());
  price_change m;
  m.market = *market;
  m.timestamp_text = g.fields[key_id::timestamp];
  m.timestamp_ms = *time_ms;
  messages_.emplace_back(m);
}

void assembly::add(gathered& g, std::string_view object_text) {
  add_message(g, object_text);
  extents_.push_back({g.bids, g.asks, g.changes});
}

void assembly::add_message(gathered& g, std::string_view object_text) {
  std::string_view type = g.fields[key_id::event_type];
  // Recordings without a type exist; the two book messages are recognisable by their arrays.
  if (!g.fields.has(key_id::event_type)) {
    if (g.has_changes) type = "price_change";
    if (g.has_bids && g.has_asks) type = "book";
  }
  if (type == "new_market") return add_made(g, type, decode_new_market(object_text));
  if (type == "market_resolved") return add_made(g, type, decode_market_resolved(object_text));
  const bool known = type == "price_change" || type == "book" || type == "last_trade_price" ||
                     type == "best_bid_ask" || type == "tick_size_change";
  if (known && g.problem) return add_bad(g, type, *g.problem);
  if (type == "price_change") return add_price_change(g);
  if (type == "book") return add_book(g);
  if (type == "last_trade_price") return add_made(g, type, make_last_trade(g.fields));
  if (type == "best_bid_ask") return add_made(g, type, make_best_bid_ask(g.fields));
  if (type == "tick_size_change") return add_made(g, type, make_tick_size_change(g.fields));
  messages_.emplace_back(unknown_message{std::string{type.substr(0, 64)}});
}

std::span<const message> assembly::finish() {
  for (std::size_t i = 0; i < messages_.size(); ++i) {
    const extents& at = extents_[i];
    if (auto* book = std::get_if<book_view>(&messages_[i])) {
      book->bids = at.bids.of(levels);
      book->asks = at.asks.of(levels);
    } else if (auto* change = std::get_if<price_change>(&messages_[i])) {
      change->changes = at.changes.of(changes);
    }
  }
  return messages_;
}

}  // namespace cornice::venue::polymarket::ws
