// A book feed with a venue of few words around it, for tests: inputs in, actions out as text.
#pragma once

#include "cornice/venue/kalshi/book_feed.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace cornice::venue::kalshi {

inline price at(std::string_view text) {
  return price::parse(text).value();
}
inline quantity of(std::string_view text) {
  return quantity::parse(text).value();
}

// Short name of a sent command: "subscribe#1 A B", "add#2 C", "snapshot#3 A", "unsubscribe#4".
inline std::string name_of(const std::string& text) {
  const auto decoded = ws::decode_command(text);
  const auto& c = std::get<ws::command>(decoded);
  std::string out;
  std::vector<std::string> tickers;
  if (const auto* s = std::get_if<ws::subscribe>(&c.body)) {
    out = "subscribe";
    tickers = s->market_tickers;
  } else if (const auto* u = std::get_if<ws::update_subscription>(&c.body)) {
    out = u->action == ws::subscription_action::add_markets      ? "add"
          : u->action == ws::subscription_action::delete_markets ? "delete"
                                                                 : "snapshot";
    tickers = u->market_tickers;
  } else {
    out = "unsubscribe";
  }
  out += "#" + std::to_string(c.id);
  for (const auto& t : tickers) out += " " + t;
  return out;
}

inline std::vector<std::string> trace(book_feed::actions actions) {
  std::vector<std::string> out;
  for (const auto& a : actions) {
    if (const auto* s = std::get_if<send_command>(&a)) out.push_back(name_of(s->text));
    if (const auto* p = std::get_if<publish_book>(&a))
      out.push_back("publish " + p->book->ticker());
    if (const auto* l = std::get_if<book_lost>(&a))
      out.push_back("lost " + l->book->ticker() + " " + std::string{to_string(l->why)});
    if (std::holds_alternative<reconnect>(a)) out.emplace_back("reconnect");
  }
  return out;
}

// A feed with a venue of few words around it.
struct rig {
  explicit rig(book_feed_options options = {}) : feed{options} {}

  book_feed feed;
  instant now{};
  std::int64_t sid = 1;
  std::int64_t seq = 0;

  using lines = std::vector<std::string>;
  using sides = std::vector<level>;

  lines add(std::vector<std::string> tickers) { return trace(feed.add(tickers, now)); }
  lines remove(std::vector<std::string> tickers) { return trace(feed.remove(tickers, now)); }
  lines connect() {
    seq = 0;
    return trace(feed.on_connected(now));
  }
  lines disconnect() { return trace(feed.on_disconnected(now)); }
  lines pass(std::chrono::milliseconds time) {
    now += time;
    return trace(feed.on_time(now));
  }
  lines take(ws::envelope head, ws::message body) {
    return trace(feed.on_message(ws::frame{head, std::move(body)}, now));
  }
  ws::envelope data() { return {{}, sid, ++seq, {}, {}}; }
  lines ack(std::int64_t id) {
    return take({{}, {}, {}, id, {}}, ws::subscribed{"orderbook_delta", sid});
  }
  lines ok(std::int64_t id) { return take({{}, sid, {}, id, {}}, ws::ok{}); }
  lines error(std::int64_t id, std::int64_t code, std::vector<std::string> tickers = {}) {
    return take({{}, {}, {}, id, {}}, ws::error_reply{code, "no", {}, std::move(tickers)});
  }
  lines snapshot(std::string_view ticker, const sides& yes = {{at("0.30"), of("10")}},
                 const sides& no = {{at("0.33"), of("5")}}) {
    return take(data(), ws::orderbook_snapshot{ticker, "", yes, no});
  }
  lines delta(std::string_view ticker, std::string_view p, std::string_view q,
              outcome side = outcome::yes) {
    return take(data(), ws::orderbook_delta{ticker, "", at(p), of(q), side, 5, "", {}});
  }
  // Connected, subscribed to A and B, both usable.
  rig& ready() {
    add({"A", "B"});
    connect();
    ack(1);
    snapshot("A");
    snapshot("B");
    return *this;
  }
  [[nodiscard]] const tracked_book& book(std::string_view t) const { return *feed.find(t); }
};

}  // namespace cornice::venue::kalshi
