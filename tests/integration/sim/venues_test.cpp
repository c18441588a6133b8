// Both simulated venues over real sockets, read by the daemon's own feed machines. The clock stands
// still until told, so the client's books can be compared with the simulator's at rest.
#include "cornice/infra/clock.hpp"
#include "cornice/infra/websocket_client.hpp"
#include "cornice/sim/simulator.hpp"
#include "cornice/venue/kalshi/book_feed.hpp"
#include "cornice/venue/polymarket/book_feed.hpp"

#include <boost/asio/io_context.hpp>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <memory>

namespace cornice::sim {
namespace {

using json = nlohmann::json;
namespace pm = venue::polymarket;
namespace ks = venue::kalshi;

json side_of(const order_book& book, book_side side) {
  json out = json::array();
  for (const level& l : book.levels(side)) out.push_back({l.p.to_string(), l.q.to_string()});
  return out;
}

class venues_test : public testing::Test {
 protected:
  void start(simulator_options options = {}) {
    simulator_ =
        std::make_unique<simulator>(loop_.get_executor(), std::move(options), clock_, metrics_);
    simulator_->start().value();
    addresses_ = json::parse(simulator_->credentials_json());
  }
  void TearDown() override {
    infra::spawn(loop_.get_executor(), "end", end());
    loop_.restart();
    loop_.run_for(std::chrono::seconds{3});
  }
  infra::task<> end() {
    if (socket_) co_await socket_->close(std::chrono::milliseconds{200});
    co_await simulator_->shutdown(std::chrono::milliseconds{500});
  }
  /// Lets the world live for `steps` × 50 ms.
  void live(int steps) {
    for (int i = 0; i < steps; ++i) {
      clock_.advance(std::chrono::milliseconds{50});
      turn();
    }
  }
  void turn() {
    loop_.restart();
    loop_.run_for(std::chrono::milliseconds{12});
  }
  template <class Condition>
  bool reached(Condition condition) {
    for (int i = 0; i < 400 && !condition(); ++i) turn();
    return condition();
  }
  [[nodiscard]] json listings(const char* venue) const {
    json out = json::array();
    for (const json& l : json::parse(simulator_->truth_json())["listings"])
      if (l["venue"] == venue && l["phase"] == "open") out.push_back(l);
    return out;
  }

  // A client of either venue: frames go to `on_frame`.
  void connect(std::string url, std::function<void(const std::string&)> on_frame) {
    infra::spawn(loop_.get_executor(), "client", client(std::move(url), std::move(on_frame)));
    ASSERT_TRUE(reached([this] { return socket_ != nullptr || closed_; }));
  }
  infra::task<> client(std::string url, std::function<void(const std::string&)> on_frame) {
    infra::websocket_options o;
    o.url = std::move(url);
    auto made = co_await infra::websocket::connect(loop_.get_executor(), std::move(o));
    if (!made) {
      refusal_ = made.error();
      closed_ = true;
      co_return;
    }
    socket_ = std::move(*made);
    for (;;) {
      const auto message = co_await socket_->read();
      if (!message) break;
      on_frame(message->data);
    }
    closed_ = true;
  }

  boost::asio::io_context loop_{1};
  infra::metrics_registry metrics_;
  infra::manual_clock clock_{from_unix_s(1'795'000'000)};
  std::unique_ptr<simulator> simulator_;
  json addresses_;
  std::unique_ptr<infra::websocket> socket_;
  bool closed_ = false;
  error refusal_;
};

class kalshi_client : public venues_test {
 protected:
  void follow() {
    connect(addresses_["kalshi"]["ws_url"], [this](const std::string& text) {
      const auto f = decoder_.decode(text);
      act(f ? feed_.on_message(*f, clock_.monotonic())
            : feed_.on_broken_frame(decoder_.broken(), clock_.monotonic()));
    });
    std::vector<std::string> tickers;
    for (const json& l : listings("kalshi")) tickers.push_back(l["id"]);
    act(feed_.add(tickers, clock_.monotonic()));
    act(feed_.on_connected(clock_.monotonic()));
  }
  void act(ks::book_feed::actions actions) {
    for (const auto& a : actions)
      if (const auto* s = std::get_if<ks::send_command>(&a)) socket_->write(s->text).value();
  }
  [[nodiscard]] bool equal() const {
    for (const json& l : listings("kalshi")) {
      const ks::tracked_book* b = feed_.find(l["id"].get<std::string>());
      if (b == nullptr) continue;
      if (!b->usable() || side_of(b->book(), book_side::bid) != l["bids"] ||
          side_of(b->book(), book_side::ask) != l["asks"])
        return false;
    }
    return true;
  }
  ks::ws::decoder decoder_;
  ks::book_feed feed_;
};

TEST_F(kalshi_client, books_equal_the_venues_after_traffic) {
  start();
  follow();
  live(100);
  EXPECT_TRUE(reached([this] { return equal(); }));
  EXPECT_EQ(feed_.gaps(), 0u);
  EXPECT_GT(json::parse(simulator_->truth_json())["world"]["mispricings"], 0);
}

TEST_F(kalshi_client, unsigned_handshake_is_refused_when_keys_are_demanded) {
  simulator_options o;
  o.kalshi_require_auth = true;
  start(std::move(o));
  connect(addresses_["kalshi"]["ws_url"], [](const std::string&) {});
  EXPECT_EQ(refusal_.code, errc::refused);
  EXPECT_NE(refusal_.message.find("401"), std::string::npos);
}

class polymarket_client : public venues_test {
 protected:
  void follow() {
    connect(addresses_["polymarket"]["ws_url"], [this](const std::string& text) {
      pm::feed_actions out;
      feed_.on_frame(text, clock_.monotonic(), out);
      act(out);
    });
    std::vector<pm::feed_asset> assets;
    for (const json& l : listings("polymarket"))
      for (const json& t : l["tokens"]) assets.push_back({t, l["id"], {"5", "", std::nullopt}});
    pm::feed_actions out;
    feed_.subscribe(assets, clock_.monotonic(), out).value();
    feed_.on_connected(clock_.monotonic(), out);
    act(out);
  }
  void act(const pm::feed_actions& actions) {
    for (const auto& a : actions)
      if (const auto* s = std::get_if<pm::feed::send_text>(&a)) socket_->write(s->text).value();
  }
  [[nodiscard]] bool equal() const {
    for (const json& l : listings("polymarket")) {
      const auto slot = feed_.find(l["tokens"][0].get<std::string>());
      const auto no = feed_.find(l["tokens"][1].get<std::string>());
      if (!slot || !no) continue;
      if (!feed_.usable(*slot) || !feed_.usable(*no)) return false;
      const order_book book = feed_.asset(*slot).book().to_order_book();
      if (side_of(book, book_side::bid) != l["bids"] || side_of(book, book_side::ask) != l["asks"])
        return false;
      if (feed_.asset(*no).book().to_order_book() != book.complement()) return false;
    }
    return true;
  }
  pm::book_feed feed_;
};

TEST_F(polymarket_client, books_equal_the_venues_after_traffic) {
  start();
  follow();
  live(100);
  EXPECT_TRUE(reached([this] { return equal(); }));
  EXPECT_EQ(feed_.counters().resyncs, 0u);
  EXPECT_EQ(feed_.counters().bad_messages, 0u);
}

TEST_F(polymarket_client, cut_connection_ends_without_a_close_frame) {
  simulator_options o;
  o.faults.push_back(parse_fault("drop:polymarket:at=1s").value());
  start(std::move(o));
  follow();
  live(40);
  EXPECT_TRUE(reached([this] { return closed_; }));
}

}  // namespace
}  // namespace cornice::sim
