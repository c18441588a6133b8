#include "cornice/infra/websocket_client.hpp"
#include "http_test_world.hpp"
#include "websocket_test_frames.hpp"

namespace cornice::infra::test {
namespace {

class websocket_misbehaviour_test : public http_world {
 protected:
  /// A peer that upgrades and then says `bytes`; what the client sends afterwards is kept.
  std::unique_ptr<scripted_peer> peer_saying(std::string bytes, bool close_after = false) {
    return std::make_unique<scripted_peer>(loop,
                                           [this, bytes = std::move(bytes), close_after](
                                               std::shared_ptr<tcp::socket> socket, int) -> task<> {
                                             const auto request = co_await read_header(socket);
                                             co_await send_text(socket,
                                                                upgrade_answer(request) + bytes);
                                             if (!close_after) heard = co_await read_all(socket);
                                           });
  }
  result<std::unique_ptr<websocket>> connect(const scripted_peer& peer,
                                             std::chrono::milliseconds deadline = 10000ms) {
    websocket_options options;
    options.url = peer.url("/", "ws");
    options.connect_deadline = deadline;
    return run(websocket::connect(loop.get_executor(), options));
  }
  result<websocket_message> first_message(const scripted_peer& peer) {
    const auto socket = connect(peer).value();
    return run(socket->read());
  }

  std::string heard;
};

TEST_F(websocket_misbehaviour_test, fragments_with_a_ping_between_them_are_one_message) {
  const auto peer = peer_saying(frame(text_first, "frag") + frame(ping_frame, "still there?") +
                                frame(more, "men") + frame(more_final, "ted"));
  {
    const auto socket = connect(*peer).value();
    EXPECT_EQ(run(socket->read())->data, "fragmented");
    run(socket->close(200ms));
  }
  ASSERT_TRUE(eventually([&] { return !heard.empty(); }));
  // A masked pong of twelve bytes comes first.
  EXPECT_EQ(static_cast<unsigned char>(heard[0]), 0x8au);
  EXPECT_EQ(static_cast<unsigned char>(heard[1]), 0x80u + 12u);
}

TEST_F(websocket_misbehaviour_test, close_code_and_reason_are_reported) {
  const auto peer = peer_saying(frame(close_frame, std::string{"\x0f\xa1"} + "session expired"));
  const auto end = first_message(*peer);
  ASSERT_FALSE(end);
  EXPECT_EQ(end.error().code, errc::io);
  EXPECT_NE(end.error().message.find("code 4001, reason 'session expired'"), std::string::npos)
      << end.error().message;
}

TEST_F(websocket_misbehaviour_test, connection_that_breaks_is_io_at_every_byte_of_a_frame) {
  const auto whole = frame(text_final, "message");
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const auto peer = peer_saying(whole.substr(0, size), true);
    EXPECT_EQ(first_message(*peer).error().code, errc::io) << size;
  }
}

TEST_F(websocket_misbehaviour_test, broken_frames_are_protocol_errors) {
  const std::vector<std::string> frames{frame(0xf1, "reserved bits"),
                                        frame(0x83, "reserved opcode"),
                                        frame(more_final, "continues nothing"),
                                        frame(0x09, "fragmented ping"),
                                        frame(text_final, "\xff\xfe not UTF-8"),
                                        std::string{"\x81\x84mask"} + "data",
                                        frame(close_frame, "\x01")};
  for (const auto& bytes : frames) {
    const auto peer = peer_saying(bytes);
    const auto end = first_message(*peer);
    ASSERT_FALSE(end);
    EXPECT_EQ(end.error().code, errc::protocol) << end.error().message;
  }
}

TEST_F(websocket_misbehaviour_test, handshake_failures_are_told_apart) {
  const auto saying = [this](std::string text) {
    return std::make_unique<scripted_peer>(
        loop, [text = std::move(text)](std::shared_ptr<tcp::socket> socket, int) -> task<> {
          co_await read_header(socket);
          co_await send_text(socket, text);
        });
  };
  const auto code = [&](const std::string& text) {
    const auto peer = saying(text);
    const auto got = connect(*peer);
    return got ? errc::internal : got.error().code;
  };
  EXPECT_EQ(code(""), errc::unavailable);
  EXPECT_EQ(code("HTTP/1.1 101 Swit"), errc::unavailable);
  EXPECT_EQ(code(answer("", "", "503 Service Unavailable")), errc::refused);
  EXPECT_EQ(code(answer("moved", "Location: /\r\n", "302 Found")), errc::refused);
  EXPECT_NE(code("SSH-2.0-OpenSSH_9.2\r\n\r\n"), errc::internal);
  EXPECT_NE(code("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                 "Sec-WebSocket-Accept: AAAA\r\n\r\n"),
            errc::internal);
}

TEST_F(websocket_misbehaviour_test, silent_handshake_is_timed_out) {
  scripted_peer peer{
      loop, [](std::shared_ptr<tcp::socket> socket, int) -> task<> { co_await read_all(socket); }};
  EXPECT_EQ(connect(peer, 100ms).error().code, errc::timed_out);
}

TEST_F(websocket_misbehaviour_test, cancelling_the_handshake_closes_the_connection) {
  bool closed = false;
  scripted_peer peer{loop, [&closed](std::shared_ptr<tcp::socket> socket, int) -> task<> {
                       co_await read_all(socket);
                       closed = true;
                     }};
  std::optional<errc> code;
  const auto attempt = [](asio::any_io_executor ex, std::string where,
                          std::optional<errc>* out) -> task<> {
    websocket_options options;
    options.url = std::move(where);
    const auto got = co_await websocket::connect(ex, std::move(options));
    if (!got) *out = got.error().code;
  };
  stop_source stop{loop.get_executor()};
  stop.spawn("connect", attempt(loop.get_executor(), peer.url("/", "ws"), &code));
  ASSERT_TRUE(eventually([&] { return peer.accepted() == 1; }));
  stop.request();
  run(stop.drained());
  EXPECT_EQ(code, errc::cancelled);
  EXPECT_TRUE(eventually([&] { return closed; }));
}

TEST_F(websocket_misbehaviour_test, peer_that_ignores_the_close_does_not_hold_it_up) {
  const auto peer = peer_saying("");
  const auto socket = connect(*peer).value();
  const auto begun = system_clock().monotonic();
  run(socket->close(100ms));
  EXPECT_LT(system_clock().monotonic() - begun, 5s);
  EXPECT_TRUE(eventually([&] { return !heard.empty(); }));
}

TEST_F(websocket_misbehaviour_test, bad_urls_and_headers_are_refused_before_connecting) {
  websocket_options options;
  options.url = "http://127.0.0.1/";
  EXPECT_EQ(run(websocket::connect(loop.get_executor(), options)).error().code, errc::malformed);
  options.url = "ws://127.0.0.1:1/";
  options.headers.add("A", "b\r\nc: d");
  EXPECT_EQ(run(websocket::connect(loop.get_executor(), options)).error().code,
            errc::invalid_argument);
  options.headers = {};
  EXPECT_EQ(run(websocket::connect(loop.get_executor(), options)).error().code, errc::unavailable);
}

}  // namespace
}  // namespace cornice::infra::test
