// Clients of the simulated venues over real sockets, driven by the daemon's own feed machines. The
// clock stands still until told, so a client's books can be compared with the simulator's at rest.
#pragma once

#include "cornice/infra/clock.hpp"
#include "cornice/infra/http_client.hpp"
#include "cornice/infra/websocket_client.hpp"
#include "cornice/sim/simulator.hpp"
#include "cornice/venue/kalshi/book_feed.hpp"
#include "cornice/venue/polymarket/book_feed.hpp"
#include "cornice/venue/polymarket/clob.hpp"
#include "cornice/venue/polymarket/requests.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace cornice::sim {

inline nlohmann::json side_of(const order_book& book, book_side side) {
  nlohmann::json out = nlohmann::json::array();
  for (const level& l : book.levels(side)) out.push_back({l.p.to_string(), l.q.to_string()});
  return out;
}

class venues_test : public testing::Test {
 protected:
  using json = nlohmann::json;

  void start(simulator_options options = {}) {
    simulator_ =
        std::make_unique<simulator>(loop_.get_executor(), std::move(options), clock_, metrics_);
    simulator_->start().value();
    addresses_ = json::parse(simulator_->credentials_json());
  }
  void start_with_fault(std::string_view spec) {
    simulator_options o;
    o.faults.push_back(parse_fault(spec).value());
    start(std::move(o));
  }
  void TearDown() override {
    ending_ = true;
    infra::spawn(loop_.get_executor(), "end", end());
    loop_.restart();
    loop_.run_for(std::chrono::seconds{3});
  }
  infra::task<> end() {
    if (socket_) co_await socket_->close(std::chrono::milliseconds{200});
    http_.reset();
    co_await simulator_->shutdown(std::chrono::milliseconds{500});
    // Nothing is left that could keep the loop busy.
    loop_.stop();
  }
  /// Lets the world live for `steps` × 50 ms.
  void live(int steps) {
    for (int i = 0; i < steps; ++i) {
      clock_.advance(std::chrono::milliseconds{50});
      turn();
      on_time();
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
  /// As reached(), while the world lives on: for what a feed does by its deadlines.
  template <class Condition>
  bool reached_alive(Condition condition, int steps = 600) {
    for (int i = 0; i < steps && !condition(); ++i) live(1);
    return condition();
  }
  [[nodiscard]] json truth() const { return json::parse(simulator_->truth_json()); }
  [[nodiscard]] std::int64_t struck(const char* fault) const {
    return truth()["faults"].value(fault, std::int64_t{0});
  }
  [[nodiscard]] json listings(const char* venue) const {
    json out = json::array();
    const json whole = truth();
    for (const json& l : whole["listings"])
      if (l["venue"] == venue && l["phase"] == "open") out.push_back(l);
    return out;
  }

  // One WebSocket after another until the end of the test, as the daemon does it.
  void connect(std::string url) {
    infra::spawn(loop_.get_executor(), "client", client(std::move(url)));
    ASSERT_TRUE(reached([this] { return socket_ != nullptr || refusals_ > 0; }));
  }
  infra::task<> client(std::string url) {
    while (!ending_) {
      infra::websocket_options o;
      o.url = url;
      auto made = co_await infra::websocket::connect(loop_.get_executor(), std::move(o));
      if (!made) {
        refusal_ = made.error();
        ++refusals_;
        if (refusal_.message.find("401") != std::string::npos) co_return;
        boost::asio::steady_timer pause{loop_, std::chrono::milliseconds{5}};
        co_await pause.async_wait(boost::asio::use_awaitable);
      } else {
        socket_ = std::move(*made);
        hang_up_ = false;
        opened();
        bool open = true;
        while (open) {
          const auto message = co_await socket_->read();
          open = message.has_value();
          if (open && !hang_up_) heard(message->data);
        }
        ++losses_;
        socket_.reset();
        lost();
      }
    }
  }
  void send(const std::string& text) {
    if (socket_) (void)socket_->write(text);  // a connection that was just cut: lost() follows
  }
  void hang_up() {
    if (hang_up_ || !socket_) return;
    hang_up_ = true;
    infra::spawn(loop_.get_executor(), "hang_up", socket_->close(std::chrono::milliseconds{20}));
  }
  virtual void opened() {}
  virtual void heard(const std::string&) {}
  virtual void lost() {}
  virtual void on_time() {}

  /// One request, waiting for its end while the clock stands.
  result<infra::http_response> ask(infra::http_method method, std::string url,
                                   std::string body = {},
                                   std::chrono::milliseconds deadline = std::chrono::seconds{2}) {
    infra::http_request r;
    r.method = method;
    r.url = std::move(url);
    r.body = std::move(body);
    r.deadline = deadline;
    std::optional<result<infra::http_response>> answer;
    infra::spawn(loop_.get_executor(), "ask", ask_into(std::move(r), answer));
    reached([&] { return answer.has_value(); });
    return answer ? *answer : result<infra::http_response>{error{errc::timed_out, "no answer"}};
  }
  infra::task<> ask_into(infra::http_request r, std::optional<result<infra::http_response>>& into) {
    into = co_await http_->send(std::move(r));
  }
  result<infra::http_response> get(std::string url) {
    return ask(infra::http_method::get, std::move(url));
  }
  /// A POST to the control endpoint; its status.
  unsigned command(const std::string& path, const json& body) {
    const auto answer = ask(infra::http_method::post,
                            addresses_["control"]["url"].get<std::string>() + path, body.dump());
    return answer ? answer->status : 0;
  }

  boost::asio::io_context loop_{1};
  infra::metrics_registry metrics_;
  infra::manual_clock clock_{from_unix_s(1'795'000'000)};
  std::unique_ptr<infra::http_client> http_ = std::make_unique<infra::http_client>(
      loop_.get_executor(), infra::http_client_config{}, metrics_);
  std::unique_ptr<simulator> simulator_;
  json addresses_;
  std::unique_ptr<infra::websocket> socket_;
  bool ending_ = false;
  bool hang_up_ = false;
  int losses_ = 0;    // connections that ended
  int refusals_ = 0;  // handshakes that failed
  error refusal_;
};

class kalshi_client : public venues_test {
 protected:
  void follow() {
    std::vector<std::string> tickers;
    for (const json& l : listings("kalshi")) tickers.push_back(l["id"]);
    act(feed_.add(tickers, clock_.monotonic()));
    connect(addresses_["kalshi"]["ws_url"]);
    ASSERT_TRUE(reached([this] { return equal(); })) << "the books did not come at all";
  }
  void opened() override {
    venue::kalshi::ws::subscribe news;
    news.channels = {std::string{venue::kalshi::ws::channel::market_lifecycle}};
    send(venue::kalshi::ws::encode_command({1, news}));
    act(feed_.on_connected(clock_.monotonic()));
  }
  void heard(const std::string& text) override {
    const auto f = decoder_.decode(text);
    if (!f) {
      ++broken_;
      return act(feed_.on_broken_frame(decoder_.broken(), clock_.monotonic()));
    }
    if (std::holds_alternative<venue::kalshi::ws::unknown_message>(f->body)) ++unknown_;
    if (const auto* m = std::get_if<venue::kalshi::ws::market_lifecycle>(&f->body))
      news_.push_back(*m);
    act(feed_.on_message(*f, clock_.monotonic()));
  }
  void lost() override { act(feed_.on_disconnected(clock_.monotonic())); }
  void on_time() override {
    const auto due = feed_.next_deadline();
    if (due && *due <= clock_.monotonic()) act(feed_.on_time(clock_.monotonic()));
  }
  void act(venue::kalshi::book_feed::actions actions) {
    for (const auto& a : actions) {
      if (const auto* s = std::get_if<venue::kalshi::send_command>(&a)) send(s->text);
      if (std::holds_alternative<venue::kalshi::book_lost>(a)) ++books_lost_;
      if (std::holds_alternative<venue::kalshi::reconnect>(a)) hang_up();
    }
  }
  [[nodiscard]] bool equal() const {
    int compared = 0;
    for (const json& l : listings("kalshi")) {
      const venue::kalshi::tracked_book* b = feed_.find(l["id"].get<std::string>());
      if (b == nullptr) continue;  // listed after follow()
      ++compared;
      if (!b->usable() || side_of(b->book(), book_side::bid) != l["bids"] ||
          side_of(b->book(), book_side::ask) != l["asks"])
        return false;
    }
    return compared > 0;
  }
  /// Whether every book is right again, with the world alive until then.
  bool recovers() {
    return reached_alive([this] { return equal(); });
  }
  venue::kalshi::ws::decoder decoder_;
  venue::kalshi::book_feed feed_;
  std::vector<venue::kalshi::ws::market_lifecycle> news_;
  int broken_ = 0;
  int unknown_ = 0;
  int books_lost_ = 0;
};

class polymarket_client : public venues_test {
 protected:
  void follow() {
    std::vector<venue::polymarket::feed_asset> assets;
    for (const json& l : listings("polymarket"))
      for (const json& t : l["tokens"])
        assets.push_back({t, l["id"], {"5", "", l["neg_risk"].get<bool>()}});
    venue::polymarket::feed_actions out;
    feed_.subscribe(assets, clock_.monotonic(), out).value();
    act(out);
    connect(addresses_["polymarket"]["ws_url"]);
    ASSERT_TRUE(reached([this] { return equal(); })) << "the books did not come at all";
  }
  void opened() override {
    venue::polymarket::feed_actions out;
    feed_.on_connected(clock_.monotonic(), out);
    act(out);
  }
  void heard(const std::string& text) override {
    venue::polymarket::feed_actions out;
    feed_.on_frame(text, clock_.monotonic(), out);
    act(out);
  }
  void lost() override {
    venue::polymarket::feed_actions out;
    feed_.on_disconnected(out);
    act(out);
  }
  void on_time() override {
    venue::polymarket::feed_actions out;
    feed_.on_tick(clock_.monotonic(), out);
    act(out);
  }
  void act(const venue::polymarket::feed_actions& actions) {
    namespace feed = venue::polymarket::feed;
    for (const auto& a : actions) {
      if (const auto* s = std::get_if<feed::send_text>(&a)) send(s->text);
      if (const auto* f = std::get_if<feed::fetch_book>(&a))
        infra::spawn(loop_.get_executor(), "fetch", fetch(feed_.asset(f->asset).asset_id()));
      if (const auto* u = std::get_if<feed::book_unusable>(&a)) reasons_.push_back(u->reason);
      if (std::holds_alternative<feed::reconnect>(a)) hang_up();
      if (const auto* n = std::get_if<feed::market_added>(&a)) added_.push_back(n->market);
      if (const auto* e = std::get_if<feed::market_ended>(&a)) ended_.push_back(e->market);
    }
  }
  infra::task<> fetch(std::string asset) {
    const std::vector<std::string> wanted{asset};
    const auto books = venue::polymarket::clob_books(wanted).value();
    infra::http_request r;
    r.method = infra::http_method::post;
    r.url = addresses_["polymarket"]["clob_url"].get<std::string>() + books.target;
    r.body = books.body;
    const auto answer = co_await http_->send(std::move(r));
    venue::polymarket::feed_actions out;
    const auto batch = venue::polymarket::clob::decode_books(answer ? answer->body : "");
    if (batch && batch->books.size() == 1) {
      const venue::polymarket::clob::borrowed_book lent{batch->books[0]};
      feed_.on_snapshot(lent.view(), clock_.monotonic(), out);
    } else {
      feed_.on_snapshot_failed(asset, clock_.monotonic(), out);
    }
    act(out);
  }
  [[nodiscard]] bool equal() const {
    int compared = 0;
    for (const json& l : listings("polymarket")) {
      const auto slot = feed_.find(l["tokens"][0].get<std::string>());
      const auto no = feed_.find(l["tokens"][1].get<std::string>());
      if (!slot || !no) continue;  // listed after follow()
      ++compared;
      if (!feed_.usable(*slot) || !feed_.usable(*no)) return false;
      const order_book book = feed_.asset(*slot).book().to_order_book();
      if (side_of(book, book_side::bid) != l["bids"] || side_of(book, book_side::ask) != l["asks"])
        return false;
      if (feed_.asset(*no).book().to_order_book() != book.complement()) return false;
    }
    return compared > 0;
  }
  bool recovers() {
    return reached_alive([this] { return equal(); });
  }
  [[nodiscard]] bool saw(venue::polymarket::unusable_reason r) const {
    return std::find(reasons_.begin(), reasons_.end(), r) != reasons_.end();
  }
  venue::polymarket::book_feed feed_;
  std::vector<venue::polymarket::unusable_reason> reasons_;
  std::vector<venue::polymarket::ws::new_market> added_;
  std::vector<venue::polymarket::ws::market_resolved> ended_;
};

}  // namespace cornice::sim
