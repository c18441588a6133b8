// A venue in the test's hands: one server for WebSocket and REST, and a publisher whose signals
// the test reads.
#pragma once

#include "cornice/infra/clock.hpp"
#include "cornice/infra/http_server.hpp"
#include "cornice/infra/supervisor.hpp"
#include "cornice/model/codec.hpp"
#include "cornice_test/services.hpp"
#include "data/feed_context.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

namespace cornice::data::test {

using namespace std::chrono_literals;
using cornice_test::eventually;
using cornice_test::run_on_loop;

class stream_world : public testing::Test {
 protected:
  stream_world()
      : http{io.get_executor(), {}, metrics},
        signals{{},
                [this](infra::amqp_message m) -> result<void> {
                  if (m.routing_key.starts_with("book."))
                    books.push_back(decode<book_signal>(m.body).value());
                  if (m.routing_key.starts_with("trade."))
                    trades.push_back(decode<trade_signal>(m.body).value());
                  return {};
                },
                [] { return std::size_t{0}; },
                infra::system_clock().now(),
                metrics},
        supervisor{io.get_executor(),
                   infra::system_clock(),
                   metrics,
                   {std::chrono::milliseconds{10}, std::chrono::milliseconds{50}}} {
    infra::http_server_config c;
    c.port = 0;
    server = std::make_unique<infra::http_server>(
        io.get_executor(), c,
        [this](infra::server_request r) -> infra::task<infra::server_response> {
          requests.push_back(r.target);
          co_return answer;
        },
        metrics);
    server->accept_websockets({},
                              [this](infra::server_request, std::unique_ptr<infra::websocket> s) {
                                return serve(this, std::move(s));
                              });
    server->start().value();
    const std::string at = "127.0.0.1:" + std::to_string(server->port());
    config.kalshi.rest_url = "http://" + at;
    config.kalshi.ws_url = "ws://" + at + "/trade-api/ws/v2";
    config.polymarket.clob_url = "http://" + at;
    config.polymarket.ws_url = "ws://" + at + "/ws/market";
    config.witness_ms = 600'000;
  }

  [[nodiscard]] feed_context context() {
    return {io.get_executor(),
            infra::system_clock(),
            config,
            http,
            listings,
            signals,
            metrics,
            [this](const venue::tape::record_view& r) { taped.push_back(r.kind); }};
  }

  static infra::task<> serve(stream_world* w, std::unique_ptr<infra::websocket> s) {
    w->peer = s.get();
    ++w->connections;
    for (;;) {
      auto m = co_await s->read();
      if (!m) break;
      w->heard.push_back(std::move(m->data));
    }
    if (w->peer == s.get()) w->peer = nullptr;
  }

  void say(std::string frame) {
    ASSERT_NE(peer, nullptr);
    ASSERT_TRUE(peer->write(std::move(frame)));
  }
  void hang_up() { infra::spawn(io.get_executor(), "test.close", peer->close(200ms)); }
  bool reach(std::function<bool()> holds, std::chrono::milliseconds limit = 15s) {
    return run_on_loop(io, eventually(std::move(holds), limit));
  }
  [[nodiscard]] const book_signal* last(const contract_id& c) const {
    const auto at = std::ranges::find(books.rbegin(), books.rend(), c, &book_signal::contract);
    return at == books.rend() ? nullptr : &*at;
  }
  bool usable(const contract_id& c) {
    return reach([this, c] { return last(c) != nullptr && last(c)->usable; });
  }
  bool unusable(const contract_id& c, const std::string& why) {
    return reach([this, c, why] {
      return last(c) != nullptr && !last(c)->usable && last(c)->unusable_reason == why;
    });
  }
  void stop() { run_on_loop(io, supervisor.stop(2s)); }

  infra::metrics_registry metrics;
  boost::asio::io_context io;
  ingest_config config;
  catalogue listings;
  std::vector<book_signal> books;
  std::vector<trade_signal> trades;
  std::vector<venue::tape::record_kind> taped;
  std::vector<std::string> heard;     // what the stream's client sent
  std::vector<std::string> requests;  // targets of REST
  infra::server_response answer{503, {}, "{}"};
  int connections = 0;
  infra::websocket* peer = nullptr;
  infra::http_client http;
  signal_publisher signals;
  std::unique_ptr<infra::http_server> server;
  infra::supervisor supervisor;
};

}  // namespace cornice::data::test
