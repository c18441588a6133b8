#include "cornice/infra/websocket_client.hpp"
#include "cornice_test/tls.hpp"
#include "http_test_world.hpp"

namespace cornice::infra::test {
namespace {

using socket_pointer = std::unique_ptr<websocket>;

/// Our client against our server.
class websocket_test : public http_world {
 protected:
  using talk = http_server::websocket_handler;

  void serve(talk handler, http_server_config config = {}, http_server::upgrade_check check = {}) {
    config.port = 0;
    server = std::make_unique<http_server>(
        loop.get_executor(), config,
        [](server_request) -> task<server_response> {
          server_response response;
          response.status = 404;
          co_return response;
        },
        metrics);
    server->accept_websockets(std::move(check), std::move(handler));
    server->start().value();
  }

  static talk echo() {
    return [](server_request, socket_pointer socket) -> task<> {
      for (;;) {
        auto message = co_await socket->read();
        if (!message) co_return;
        if (!socket->write(std::move(message->data))) co_return;
      }
    };
  }

  [[nodiscard]] websocket_options options(const std::string& path = "/") const {
    websocket_options out;
    out.url = "ws://127.0.0.1:" + std::to_string(server->port()) + path;
    return out;
  }
  result<socket_pointer> connect(websocket_options o) {
    return run(websocket::connect(loop.get_executor(), std::move(o)));
  }
  result<websocket_message> read(websocket& socket) { return run(socket.read()); }

  std::unique_ptr<http_server> server;
};

TEST_F(websocket_test, messages_come_back_in_order_with_and_without_deflate) {
  serve(echo());
  for (const bool deflate : {true, false}) {
    auto o = options();
    o.permessage_deflate = deflate;
    const auto socket = connect(o).value();
    const std::string large(300'000, 'x');
    for (const auto& text : {std::string{"one"}, std::string{}, large, std::string{"four"}})
      ASSERT_TRUE(socket->write(text));
    for (const auto& text : {std::string{"one"}, std::string{}, large, std::string{"four"}}) {
      const auto got = read(*socket);
      ASSERT_TRUE(got) << got.error().message;
      EXPECT_TRUE(got->data == text);
      EXPECT_FALSE(got->binary);
      EXPECT_LE(got->received, system_clock().monotonic());
      EXPECT_GT(got->received, instant{});
    }
  }
}

TEST_F(websocket_test, tls_carries_it_too) {
  cornice::test::certificate_authority authority;
  const auto certificate = authority.issue("IP:127.0.0.1");
  http_server_config config;
  config.certificate_file = certificate.certificate;
  config.private_key_file = certificate.private_key;
  serve(echo(), config);
  auto o = options();
  o.url.replace(0, 2, "wss");
  EXPECT_EQ(connect(o).error().code, errc::unavailable);
  o.tls.ca_file = authority.ca_file();
  const auto socket = connect(o).value();
  ASSERT_TRUE(socket->write(std::string(100'000, 'y')));
  EXPECT_EQ(read(*socket)->data.size(), 100'000u);
}

TEST_F(websocket_test, request_of_the_upgrade_reaches_check_and_handler) {
  std::string checked;
  std::string path;
  serve(
      [&path](server_request request, socket_pointer socket) -> task<> {
        path = request.path + "?" + request.query;
        socket->write(std::string{request.headers.get("x-key").value_or("")});
        co_await socket->read();
      },
      {},
      [&checked](const server_request& request) {
        checked = request.path;
        return std::nullopt;
      });
  auto o = options("/socket.io/?EIO=4");
  o.headers.add("X-Key", "value");
  const auto socket = connect(o).value();
  EXPECT_EQ(read(*socket)->data, "value");
  EXPECT_EQ(checked, "/socket.io/");
  EXPECT_EQ(path, "/socket.io/?EIO=4");
}

TEST_F(websocket_test, refused_handshake_names_the_status) {
  serve(echo(), {}, [](const server_request&) {
    server_response response;
    response.status = 401;
    return std::optional{response};
  });
  const auto refused = connect(options());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, errc::refused);
  EXPECT_NE(refused.error().message.find("answered 401"), std::string::npos);
}

/// The header that answers an upgrade request made by hand.
task<std::string> upgrade_by_hand(std::uint16_t port, std::string fields, std::string behind) {
  const auto socket = co_await connect_to(port);
  co_await send_text(socket,
                     "GET / HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                     "Sec-WebSocket-Version: 13\r\n"
                     "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n" +
                         fields + "\r\n" + behind);
  co_return co_await read_header(socket);
}

TEST_F(websocket_test, deflate_is_negotiated_when_the_client_asks_for_it) {
  serve(echo());
  const auto plain = run(upgrade_by_hand(server->port(), "", ""));
  EXPECT_TRUE(plain.starts_with("HTTP/1.1 101 ")) << plain;
  EXPECT_NE(plain.find("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo="), std::string::npos);
  EXPECT_EQ(plain.find("permessage-deflate"), std::string::npos);
  const auto deflated = run(upgrade_by_hand(
      server->port(), "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n",
      ""));
  EXPECT_NE(deflated.find("permessage-deflate"), std::string::npos) << deflated;
}

TEST_F(websocket_test, upgrade_with_anything_behind_it_is_refused) {
  serve(echo());
  EXPECT_TRUE(run(upgrade_by_hand(server->port(), "", "early")).starts_with("HTTP/1.1 400 "));
  EXPECT_TRUE(run(upgrade_by_hand(server->port(), "Content-Length: 4\r\n", "body"))
                  .starts_with("HTTP/1.1 400 "));
}

TEST_F(websocket_test, close_handshake_ends_both_sides) {
  std::string seen;
  serve([&seen](server_request, socket_pointer socket) -> task<> {
    const auto first = co_await socket->read();
    const auto end = co_await socket->read();
    if (first && !end) seen = first->data + ": " + end.error().message;
  });
  const auto socket = connect(options()).value();
  ASSERT_TRUE(socket->write("queued before the close"));
  run(socket->close(5s));
  EXPECT_TRUE(eventually([&] { return !seen.empty(); }));
  EXPECT_TRUE(seen.starts_with("queued before the close: closed by the peer: code 1000")) << seen;
  EXPECT_EQ(socket->write("late").error().code, errc::io);
  EXPECT_EQ(read(*socket).error().code, errc::io);
}

TEST_F(websocket_test, pending_read_ends_when_this_side_closes) {
  serve(echo());
  const auto socket = connect(options()).value();
  std::optional<errc> code;
  asio::co_spawn(loop, socket->read(),
                 [&](std::exception_ptr, result<websocket_message> r) { code = r.error().code; });
  run(socket->close(5s));
  EXPECT_TRUE(eventually([&] { return code == errc::io; }));
}

TEST_F(websocket_test, server_shutdown_tells_clients_to_go_away) {
  serve(echo());
  const auto socket = connect(options()).value();
  bool down = false;
  ASSERT_TRUE(socket->write("x"));
  ASSERT_TRUE(read(*socket));
  asio::co_spawn(loop, server->shutdown(10s), [&](std::exception_ptr) { down = true; });
  const auto end = read(*socket);
  ASSERT_FALSE(end);
  EXPECT_EQ(end.error().code, errc::io);
  EXPECT_NE(end.error().message.find("code 1001"), std::string::npos) << end.error().message;
  EXPECT_TRUE(eventually([&] { return down; }));
}

TEST_F(websocket_test, message_over_the_limit_is_out_of_range_compressed_or_not) {
  serve([](server_request, socket_pointer socket) -> task<> {
    socket->write(std::string(10'000, 'z'));
    co_await socket->read();
  });
  for (const bool deflate : {true, false}) {
    auto o = options();
    o.permessage_deflate = deflate;
    o.message_limit = 9'999;
    const auto socket = connect(o).value();
    EXPECT_EQ(read(*socket).error().code, errc::out_of_range);
    EXPECT_EQ(read(*socket).error().code, errc::out_of_range);
    o.message_limit = 10'000;
    EXPECT_EQ(read(*connect(o).value())->data.size(), 10'000u);
  }
}

TEST_F(websocket_test, write_queue_is_bounded) {
  serve([](server_request, socket_pointer) -> task<> { co_await pause(std::chrono::hours{1}); });
  auto o = options();
  o.write_queue_limit = 3;
  o.permessage_deflate = false;
  const auto socket = connect(o).value();
  const std::string large(std::size_t{32} << 20, 'x');
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(socket->write(large));
  EXPECT_EQ(socket->write("one more").error().code, errc::overloaded);
  EXPECT_EQ(socket->ping("").error().code, errc::overloaded);
}

TEST_F(websocket_test, peer_that_stops_reading_ends_the_connection) {
  serve([](server_request, socket_pointer) -> task<> { co_await pause(std::chrono::hours{1}); });
  auto o = options();
  o.idle_limit = 200ms;
  o.permessage_deflate = false;
  const auto socket = connect(o).value();
  ASSERT_TRUE(socket->write(std::string(std::size_t{32} << 20, 'x')));
  EXPECT_TRUE(eventually([&] { return !socket->write("x"); }));
  EXPECT_EQ(read(*socket).error().code, errc::timed_out);
}

TEST_F(websocket_test, ping_is_answered_and_counts_against_idleness) {
  serve([](server_request, socket_pointer socket) -> task<> {
    for (int i = 0; i < 10; ++i) {
      if (!socket->ping("p" + std::to_string(i))) co_return;
      co_await pause(50ms);
    }
    socket->write("done");
    co_await socket->read();
  });
  auto o = options();
  o.idle_limit = 200ms;
  const auto socket = connect(o).value();
  EXPECT_EQ(read(*socket)->data, "done");
  EXPECT_EQ(socket->ping(std::string(126, 'p')).error().code, errc::invalid_argument);
}

TEST_F(websocket_test, silence_beyond_the_idle_limit_is_timed_out) {
  serve([](server_request, socket_pointer socket) -> task<> { co_await socket->read(); });
  auto o = options();
  o.idle_limit = 100ms;
  const auto socket = connect(o).value();
  EXPECT_EQ(read(*socket).error().code, errc::timed_out);
  EXPECT_FALSE(socket->write("x"));
}

TEST_F(websocket_test, cancelled_read_loses_nothing) {
  async_event go{loop.get_executor()};
  serve([&go](server_request, socket_pointer socket) -> task<> {
    co_await go.wait(patience);
    socket->write("one");
    socket->write("two");
    co_await socket->read();
  });
  const auto socket = connect(options()).value();
  std::optional<errc> code;
  const auto read_once = [](websocket* s, std::optional<errc>* out) -> task<> {
    const auto got = co_await s->read();
    if (!got) *out = got.error().code;
  };
  stop_source stop{loop.get_executor()};
  stop.spawn("reader", read_once(socket.get(), &code));
  run(pause(20ms));
  stop.request();
  run(stop.drained());
  EXPECT_EQ(code, errc::cancelled);
  go.notify();
  EXPECT_EQ(read(*socket)->data, "one");
  EXPECT_EQ(read(*socket)->data, "two");
}

TEST_F(websocket_test, destroying_the_socket_closes_the_connection) {
  bool ended = false;
  serve([&ended](server_request, socket_pointer socket) -> task<> {
    co_await socket->read();
    ended = true;
  });
  { const auto socket = connect(options()).value(); }
  EXPECT_TRUE(eventually([&] { return ended; }));
}

}  // namespace
}  // namespace cornice::infra::test
