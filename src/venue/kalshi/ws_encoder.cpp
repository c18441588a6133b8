#include "cornice/venue/kalshi/ws.hpp"
#include "venue/kalshi/ws_codec.hpp"

namespace cornice::venue::kalshi::ws {
namespace {

// The `msg` member of each kind of frame, or nothing.
struct payload_writer {
  json::writer& w;

  template <class T>
  void operator()(const T& body) const {
    w.key("msg");
    json::write_object(w, body);
  }
  void operator()(const unknown_message&) const {}
  void operator()(const unsubscribed&) const {}
  void operator()(const ok& body) const {
    if (body.subscriptions) {
      w.key("msg");
      json::write(w, *body.subscriptions);
    } else if (body.market_tickers || body.market_ids) {
      w.key("msg");
      json::write_object(w, body);
    }
  }
  void operator()(const orderbook_snapshot& body) const {
    w.key("msg");
    w.begin_object();
    json::write_member(w, "market_ticker", body.market_ticker);
    json::write_member(w, "market_id", body.market_id);
    // The venue leaves an empty side out.
    if (!body.yes.empty()) json::write_member(w, "yes_dollars_fp", body.yes);
    if (!body.no.empty()) json::write_member(w, "no_dollars_fp", body.no);
    w.end_object();
  }
  void operator()(const orderbook_delta& body) const {
    w.key("msg");
    w.begin_object();
    json::write_member(w, "market_ticker", body.market_ticker);
    json::write_member(w, "market_id", body.market_id);
    json::write_member(w, "price_dollars", body.price_dollars);
    json::write_member(w, "delta_fp", body.delta_fp);
    json::write_member(w, "side", body.side);
    if (!body.client_order_id.empty())
      json::write_member(w, "client_order_id", body.client_order_id);
    json::write_member(w, "subaccount", body.subaccount);
    json::write_member(w, "ts_ms", body.ts_ms);
    w.end_object();
  }
};

struct type_name {
  std::string_view unknown;
  std::string_view operator()(const unknown_message&) const { return unknown; }
  std::string_view operator()(const orderbook_delta&) const { return "orderbook_delta"; }
  std::string_view operator()(const orderbook_snapshot&) const { return "orderbook_snapshot"; }
  std::string_view operator()(const ticker_update&) const { return "ticker"; }
  std::string_view operator()(const trade&) const { return "trade"; }
  std::string_view operator()(const subscribed&) const { return "subscribed"; }
  std::string_view operator()(const ok&) const { return "ok"; }
  std::string_view operator()(const unsubscribed&) const { return "unsubscribed"; }
  std::string_view operator()(const error_reply&) const { return "error"; }
  std::string_view operator()(const market_lifecycle& m) const {
    return m.combo ? "multivariate_market_lifecycle" : "market_lifecycle_v2";
  }
  std::string_view operator()(const event_lifecycle&) const { return "event_lifecycle"; }
  std::string_view operator()(const event_fee_update&) const { return "event_fee_update"; }
};

}  // namespace

std::string_view type_of(const frame& f) noexcept {
  return std::visit(type_name{f.head.type}, f.body);
}

void encode_to(std::string& out, const frame& f) {
  if (const auto* unknown = std::get_if<unknown_message>(&f.body)) {
    out += unknown->text;
    return;
  }
  json::writer w{out};
  w.begin_object();
  json::write_member(w, "type", type_of(f));
  json::write_member(w, "id", f.head.id);
  json::write_member(w, "sid", f.head.sid);
  json::write_member(w, "seq", f.head.seq);
  json::write_member(w, "sending_ts_ms", f.head.sending_ts_ms);
  std::visit(payload_writer{w}, f.body);
  w.end_object();
}

std::string encode(const frame& f) {
  std::string out;
  encode_to(out, f);
  return out;
}

}  // namespace cornice::venue::kalshi::ws
