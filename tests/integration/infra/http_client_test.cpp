#include "http_test_world.hpp"

#include <zlib.h>

#include <algorithm>

namespace cornice::infra::test {
namespace {

std::string gzip(std::string text) {
  z_stream stream{};
  deflateInit2(&stream, 9, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY);
  std::string out(deflateBound(&stream, text.size()) + 64, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(text.data());
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(out.size() - stream.avail_out);
  deflateEnd(&stream);
  return out;
}

class http_client_test : public http_world {
 protected:
  http_client& client(http_client_config config = {}) {
    if (!client_)
      client_ = std::make_unique<http_client>(loop.get_executor(), std::move(config), metrics);
    return *client_;
  }
  result<http_response> send(http_request request) {
    return run(client().send(std::move(request)));
  }
  errc failure(http_request request) {
    const auto answer = send(std::move(request));
    EXPECT_FALSE(answer);
    return answer ? errc::conflict : answer.error().code;
  }

  /// A peer that reads the header of each request and says `text`; then closes when told.
  std::unique_ptr<scripted_peer> peer_saying(std::string text, bool close_after) {
    return std::make_unique<scripted_peer>(
        loop,
        [text = std::move(text), close_after](std::shared_ptr<tcp::socket> socket, int) -> task<> {
          for (;;) {
            const auto header = co_await read_header(socket);
            if (header.empty()) co_return;
            co_await send_text(socket, text);
            if (close_after) co_return;
          }
        });
  }

 private:
  std::unique_ptr<http_client> client_;
};

std::uint16_t closed_port(asio::io_context& loop) {
  const tcp::acceptor acceptor{loop, tcp::endpoint{asio::ip::make_address("127.0.0.1"), 0}};
  return acceptor.local_endpoint().port();
}

TEST_F(http_client_test, answers_of_every_status_are_successes_and_redirects_are_not_followed) {
  for (const auto* status : {"200 OK", "302 Found", "404 Not Found", "429 Slow", "503 Busy"}) {
    const auto peer = peer_saying(answer("x", "Location: /elsewhere\r\n", status), false);
    const auto got = send(get(peer->url()));
    ASSERT_TRUE(got) << got.error().message;
    EXPECT_EQ(std::to_string(got->status), std::string{status}.substr(0, 3));
    EXPECT_EQ(got->body, "x");
    EXPECT_EQ(got->headers.get("location"), "/elsewhere");
    EXPECT_EQ(peer->accepted(), 1);
  }
}

TEST_F(http_client_test, connection_is_kept_and_reused) {
  const auto peer = peer_saying(answer("x"), false);
  EXPECT_FALSE(send(get(peer->url()))->reused_connection);
  EXPECT_TRUE(send(get(peer->url()))->reused_connection);
  EXPECT_TRUE(send(post(peer->url(), ""))->reused_connection);
  EXPECT_EQ(peer->accepted(), 1);
}

TEST_F(http_client_test, connection_is_not_reused_when_the_peer_says_close) {
  const auto peer = peer_saying(answer("x", "Connection: close\r\n"), false);
  send(get(peer->url())).value();
  EXPECT_FALSE(send(get(peer->url()))->reused_connection);
  EXPECT_EQ(peer->accepted(), 2);
}

TEST_F(http_client_test, closed_pooled_connection_is_noticed_before_it_is_used) {
  const auto peer = peer_saying(answer("x"), true);
  send(get(peer->url())).value();
  run(pause(50ms));  // the peer's close has to arrive
  const auto second = send(post(peer->url(), "order"));
  ASSERT_TRUE(second) << second.error().message;
  EXPECT_FALSE(second->reused_connection);
}

TEST_F(http_client_test, nobody_listens_is_unavailable) {
  const auto port = closed_port(loop);
  EXPECT_EQ(failure(post("http://127.0.0.1:" + std::to_string(port) + "/", "order")),
            errc::unavailable);
  EXPECT_EQ(failure(get("http://no-such-host.invalid/")), errc::unavailable);
}

TEST_F(http_client_test, bad_arguments_are_refused_before_anything_is_opened) {
  EXPECT_EQ(failure(get("ftp://127.0.0.1/")), errc::malformed);
  EXPECT_EQ(failure(get("ws://127.0.0.1/")), errc::malformed);
  auto request = get("http://127.0.0.1/");
  request.headers.add("A", "b\r\nc: d");
  EXPECT_EQ(failure(request), errc::invalid_argument);
}

TEST_F(http_client_test, close_at_every_byte_of_the_answer_is_io) {
  const auto whole = answer("body");
  for (std::size_t size = 0; size < whole.size(); size += 7) {
    const auto peer = peer_saying(whole.substr(0, size), true);
    EXPECT_EQ(failure(post(peer->url(), "order")), errc::io) << size;
    EXPECT_EQ(peer->accepted(), 1) << size;
  }
}

TEST_F(http_client_test, close_inside_a_chunk_is_io) {
  const auto peer =
      peer_saying("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel", true);
  EXPECT_EQ(failure(get(peer->url())), errc::io);
}

TEST_F(http_client_test, chunked_answer_is_put_together) {
  const auto peer = peer_saying(
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n",
      false);
  EXPECT_EQ(send(get(peer->url()))->body, "hello world");
  EXPECT_TRUE(send(get(peer->url()))->reused_connection);
}

TEST_F(http_client_test, answer_without_length_ends_with_the_connection) {
  const auto peer = peer_saying("HTTP/1.1 200 OK\r\n\r\nuntil the end", true);
  EXPECT_EQ(send(get(peer->url()))->body, "until the end");
}

TEST_F(http_client_test, something_else_than_http_is_a_protocol_error) {
  const auto peer = peer_saying("SSH-2.0-OpenSSH_9.2\r\n", false);
  EXPECT_EQ(failure(get(peer->url())), errc::protocol);
}

TEST_F(http_client_test, gzip_is_undone_and_a_bomb_is_out_of_range) {
  const auto small = gzip("a market or two");
  const auto peer = peer_saying(answer(small, "Content-Encoding: gzip\r\n"), false);
  client(http_client_config{.body_limit = 1u << 20});
  EXPECT_EQ(send(get(peer->url()))->body, "a market or two");
  const auto bomb = peer_saying(
      answer(gzip(std::string(std::size_t{16} << 20, 'x')), "Content-Encoding: gzip\r\n"), false);
  EXPECT_EQ(failure(get(bomb->url())), errc::out_of_range);
}

TEST_F(http_client_test, body_over_the_limit_is_out_of_range) {
  client(http_client_config{.body_limit = 10});
  const auto fits = peer_saying(answer("0123456789"), false);
  EXPECT_EQ(send(get(fits->url()))->body, "0123456789");
  const auto larger = peer_saying(answer("0123456789a"), false);
  EXPECT_EQ(failure(get(larger->url())), errc::out_of_range);
}

TEST_F(http_client_test, silent_peer_is_timed_out_at_the_deadline) {
  const auto peer = peer_saying("", false);
  const auto begun = system_clock().monotonic();
  EXPECT_EQ(failure(get(peer->url(), 100ms)), errc::timed_out);
  const auto took = system_clock().monotonic() - begun;
  EXPECT_GE(took, 100ms);
  EXPECT_LT(took, 5s);
}

TEST_F(http_client_test, body_that_trickles_past_the_deadline_is_timed_out) {
  scripted_peer peer{loop, [](std::shared_ptr<tcp::socket> socket, int) -> task<> {
                       co_await read_header(socket);
                       co_await send_text(socket,
                                          "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n");
                       bool taken = true;
                       while (taken) {
                         co_await pause(20ms);
                         taken = co_await send_text(socket, "x");
                       }
                     }};
  EXPECT_EQ(failure(get(peer.url(), 200ms)), errc::timed_out);
}

TEST_F(http_client_test, deadline_before_anything_was_sent_is_unavailable) {
  // With its only connection taken, the second request cannot begin in time.
  const auto peer = peer_saying("", false);
  client(http_client_config{.connections_per_origin = 1});
  std::optional<errc> first;
  asio::co_spawn(loop, client().send(get(peer->url(), 5000ms)),
                 [&](std::exception_ptr, result<http_response> r) { first = r.error().code; });
  ASSERT_TRUE(eventually([&] { return peer->accepted() == 1; }));
  EXPECT_EQ(failure(get(peer->url(), 50ms)), errc::unavailable);
  EXPECT_FALSE(first);
}

TEST_F(http_client_test, get_on_a_connection_that_dies_when_used_is_sent_once_more) {
  // Each connection answers once and hangs up on the second request without a byte.
  scripted_peer peer{loop, [](std::shared_ptr<tcp::socket> socket, int) -> task<> {
                       co_await read_header(socket);
                       co_await send_text(socket, answer("x"));
                       co_await read_header(socket);
                     }};
  EXPECT_FALSE(send(get(peer.url()))->reused_connection);
  const auto second = send(get(peer.url()));
  ASSERT_TRUE(second) << second.error().message;
  EXPECT_FALSE(second->reused_connection);
  EXPECT_EQ(peer.accepted(), 2);
}

TEST_F(http_client_test, post_on_a_connection_that_dies_when_used_is_not_repeated) {
  int requests = 0;
  scripted_peer peer{loop, [&requests](std::shared_ptr<tcp::socket> socket, int) -> task<> {
                       co_await read_header(socket);
                       ++requests;
                       co_await send_text(socket, answer("x"));
                       co_await read_header(socket);
                       ++requests;
                     }};
  send(get(peer.url())).value();
  EXPECT_EQ(failure(post(peer.url(), "order")), errc::io);
  EXPECT_EQ(requests, 2);
  EXPECT_EQ(peer.accepted(), 1);
}

TEST_F(http_client_test, get_is_repeated_only_once) {
  scripted_peer peer{loop, [](std::shared_ptr<tcp::socket> socket, int number) -> task<> {
                       co_await read_header(socket);
                       if (number > 0) co_return;
                       co_await send_text(socket, answer("x"));
                       co_await read_header(socket);
                     }};
  send(get(peer.url())).value();
  EXPECT_EQ(failure(get(peer.url())), errc::io);
  EXPECT_EQ(peer.accepted(), 2);
}

TEST_F(http_client_test, delete_with_a_body_arrives_whole) {
  std::string seen;
  scripted_peer peer{loop, [&seen](std::shared_ptr<tcp::socket> socket, int) -> task<> {
                       seen = co_await read_until(socket, "{\"id\":7}");
                       co_await send_text(socket, answer("{}"));
                     }};
  auto request = post(peer.url("/orders"), "{\"id\":7}");
  request.method = http_method::del;
  EXPECT_EQ(send(request)->body, "{}");
  EXPECT_TRUE(seen.starts_with("DELETE /orders HTTP/1.1\r\n"));
  EXPECT_NE(seen.find("Content-Length: 8\r\n"), std::string::npos);
}

TEST_F(http_client_test, early_refusal_of_a_large_body_is_an_answer) {
  scripted_peer peer{loop, [](std::shared_ptr<tcp::socket> socket, int) -> task<> {
                       co_await read_header(socket);
                       co_await send_text(socket, answer("no", "", "413 Content Too Large"));
                       co_await read_all(socket);
                     }};
  const auto got = send(post(peer.url(), std::string(std::size_t{32} << 20, 'x')));
  ASSERT_TRUE(got) << got.error().message;
  EXPECT_EQ(got->status, 413u);
  EXPECT_FALSE(send(post(peer.url(), ""))->reused_connection);
}

TEST_F(http_client_test, pool_is_bounded_and_its_queue_too) {
  int open = 0;
  int open_max = 0;
  scripted_peer peer{loop, [&](std::shared_ptr<tcp::socket> socket, int) -> task<> {
                       open_max = std::max(open_max, ++open);
                       for (;;) {
                         const auto header = co_await read_header(socket);
                         if (header.empty()) break;
                         co_await pause(20ms);
                         co_await send_text(socket, answer("x"));
                       }
                       --open;
                     }};
  client(http_client_config{.connections_per_origin = 2, .waiting_limit = 3});
  int successes = 0;
  int overloaded = 0;
  for (int i = 0; i < 7; ++i)
    asio::co_spawn(loop, client().send(get(peer.url())),
                   [&](std::exception_ptr, result<http_response> r) {
                     if (r) ++successes;
                     if (!r && r.error().code == errc::overloaded) ++overloaded;
                   });
  ASSERT_TRUE(eventually([&] { return successes + overloaded == 7; }));
  EXPECT_EQ(successes, 5);
  EXPECT_EQ(overloaded, 2);
  EXPECT_EQ(open_max, 2);
}

TEST_F(http_client_test, cancelling_closes_the_connection_and_frees_its_place) {
  int closed = 0;
  scripted_peer peer{loop, [&closed](std::shared_ptr<tcp::socket> socket, int number) -> task<> {
                       co_await read_header(socket);
                       if (number > 0) co_await send_text(socket, answer("x"));
                       co_await read_header(socket);
                       ++closed;
                     }};
  client(http_client_config{.connections_per_origin = 1});
  std::optional<errc> code;
  const auto ask = [](http_client* c, std::string where, std::optional<errc>* out) -> task<> {
    auto request = get(std::move(where));
    const auto got = co_await c->send(std::move(request));
    if (!got) *out = got.error().code;
  };
  stop_source stop{loop.get_executor()};
  stop.spawn("ask", ask(&client(), peer.url(), &code));
  ASSERT_TRUE(eventually([&] { return peer.accepted() == 1; }));
  stop.request();
  run(stop.drained());
  EXPECT_EQ(code, errc::cancelled);
  EXPECT_TRUE(eventually([&] { return closed == 1; }));
  EXPECT_EQ(send(get(peer.url()))->body, "x");
}

TEST_F(http_client_test, cancelling_a_waiting_request_leaves_the_queue_in_order) {
  const auto peer = peer_saying("", false);
  client(http_client_config{.connections_per_origin = 1, .waiting_limit = 1});
  std::optional<errc> first;
  asio::co_spawn(loop, client().send(get(peer->url(), 300ms)),
                 [&](std::exception_ptr, result<http_response> r) { first = r.error().code; });
  stop_source stop{loop.get_executor()};
  const auto ask = [](http_client* c, std::string where) -> task<> {
    auto request = get(std::move(where));
    const auto ignored = co_await c->send(std::move(request));
    EXPECT_FALSE(ignored);
  };
  stop.spawn("waits", ask(&client(), peer->url()));
  ASSERT_TRUE(eventually([&] { return peer->accepted() == 1; }));
  stop.request();
  run(stop.drained());
  // Its place in the queue (of one) is free again.
  EXPECT_EQ(failure(get(peer->url(), 50ms)), errc::unavailable);
  EXPECT_TRUE(eventually([&] { return first == errc::timed_out; }));
}

TEST_F(http_client_test, warm_connections_serve_the_first_requests) {
  const auto peer = peer_saying(answer("x"), false);
  run(client().warm(peer->url(), 3));
  ASSERT_TRUE(eventually([&] { return peer->accepted() == 3; }));
  EXPECT_TRUE(send(get(peer->url()))->reused_connection);
  EXPECT_EQ(peer->accepted(), 3);
}

TEST_F(http_client_test, idle_connections_are_closed_after_their_limit) {
  int closed = 0;
  scripted_peer peer{loop, [&closed](std::shared_ptr<tcp::socket> socket, int) -> task<> {
                       co_await read_header(socket);
                       co_await send_text(socket, answer("x"));
                       co_await read_header(socket);
                       ++closed;
                     }};
  client(http_client_config{.idle_limit = std::chrono::seconds{1}});
  send(get(peer.url())).value();
  EXPECT_TRUE(eventually([&] { return closed == 1; }));
}

TEST_F(http_client_test, failures_are_counted_by_code) {
  EXPECT_EQ(failure(get("http://127.0.0.1:" + std::to_string(closed_port(loop)))),
            errc::unavailable);
  EXPECT_NE(metrics.expose().find("cornice_http_client_failures_total{code=\"unavailable\"} 1"),
            std::string::npos);
}

}  // namespace
}  // namespace cornice::infra::test
