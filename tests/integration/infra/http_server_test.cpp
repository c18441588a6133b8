#include "http_test_world.hpp"

#include <nlohmann/json.hpp>

namespace cornice::infra::test {
namespace {

class http_server_test : public http_world {
 protected:
  http_server& serve(http_server_config config = {}, http_server::handler handler = echo()) {
    config.port = 0;
    server_ =
        std::make_unique<http_server>(loop.get_executor(), config, std::move(handler), metrics);
    server_->start().value();
    return *server_;
  }
  static http_server::handler echo() {
    return [](server_request request) -> task<server_response> {
      server_response response;
      response.content_type = "text/plain";
      response.body = request.method_text + " " + request.path + " " + request.body;
      co_return response;
    };
  }
  [[nodiscard]] std::string url(const std::string& path) const {
    return "http://127.0.0.1:" + std::to_string(server_->port()) + path;
  }
  result<http_response> send(http_request request) {
    http_client client{loop.get_executor(), {}, metrics};
    return run(client.send(std::move(request)));
  }
  /// Sends raw bytes and reads until the server closes.
  std::string raw(std::string bytes) {
    return run(raw_exchange(server_->port(), std::move(bytes)));
  }
  static task<std::string> raw_exchange(std::uint16_t port, std::string bytes) {
    const auto socket = co_await connect_to(port);
    co_await send_text(socket, std::move(bytes));
    co_return co_await read_all(socket);
  }
  static std::size_t count(const std::string& text, const std::string& what) {
    std::size_t found = 0;
    for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) ++found;
    return found;
  }

 private:
  std::unique_ptr<http_server> server_;
};

TEST_F(http_server_test, request_reaches_the_handler_and_its_answer_the_client) {
  serve();
  const auto got = send(post(url("/a%20b?x=1"), "body")).value();
  EXPECT_EQ(got.status, 200u);
  EXPECT_EQ(got.body, "POST /a b body");
  EXPECT_EQ(got.headers.get("content-type"), "text/plain");
  EXPECT_TRUE(got.headers.get("date"));
}

TEST_F(http_server_test, head_is_the_same_without_body) {
  serve();
  auto request = get(url("/x"));
  request.method = http_method::head;
  const auto got = send(request).value();
  EXPECT_EQ(got.body, "");
  EXPECT_EQ(got.headers.get("content-length"), "8");
}

TEST_F(http_server_test, pipelined_requests_are_answered_in_order) {
  serve();
  const auto text =
      raw("GET /1 HTTP/1.1\r\nHost: h\r\n\r\n"
          "POST /2 HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nab"
          "GET /3 HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
  EXPECT_EQ(count(text, "HTTP/1.1 200 OK"), 3u);
  EXPECT_LT(text.find("GET /1"), text.find("POST /2 ab"));
  EXPECT_LT(text.find("POST /2 ab"), text.find("GET /3"));
}

TEST_F(http_server_test, http_1_0_client_gets_an_answer_and_a_close) {
  serve();
  EXPECT_TRUE(raw("GET / HTTP/1.0\r\n\r\n").starts_with("HTTP/1.1 200 OK\r\n"));
}

TEST_F(http_server_test, waiting_client_is_told_to_continue) {
  serve();
  const auto text = run([](std::uint16_t port) -> task<std::string> {
    const auto socket = co_await connect_to(port);
    co_await send_text(socket,
                       "POST /x HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\n"
                       "Connection: close\r\nContent-Length: 4\r\n\r\n");
    auto first = co_await read_header(socket);
    co_await send_text(socket, "body");
    co_return first + co_await read_all(socket);
  }(serve().port()));
  EXPECT_TRUE(text.starts_with("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n"));
  EXPECT_TRUE(text.ends_with("POST /x body"));
}

TEST_F(http_server_test, refusals_are_problem_documents_and_close) {
  int handled = 0;
  serve({}, [&handled](server_request) -> task<server_response> {
    ++handled;
    co_return server_response{};
  });
  const std::vector<std::pair<std::string, int>> cases{
      {"nonsense\r\n\r\n", 400},
      {"GET /%2e%2e/etc/passwd HTTP/1.1\r\nHost: h\r\n\r\n", 400},
      {"TRACE / HTTP/1.1\r\nHost: h\r\n\r\n", 405},
      {"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1048577\r\n\r\n", 413},
      {"GET /" + std::string(20'000, 'a') + " HTTP/1.1\r\n\r\n", 414},
      {"GET / HTTP/1.1\r\nHost: h\r\nA: " + std::string(20'000, 'a') + "\r\n\r\n", 431},
      {"GET / HTTP/3.0\r\nHost: h\r\n\r\n", 505}};
  for (const auto& [bytes, status] : cases) {
    const auto text = raw(bytes);
    EXPECT_TRUE(text.starts_with("HTTP/1.1 " + std::to_string(status) + " ")) << text;
    EXPECT_NE(text.find("Content-Type: application/problem+json\r\n"), std::string::npos);
    EXPECT_NE(text.find("Connection: close\r\n"), std::string::npos);
    const auto body = nlohmann::json::parse(text.substr(text.find("\r\n\r\n") + 4));
    EXPECT_EQ(body["status"], status);
  }
  EXPECT_EQ(handled, 0);
}

TEST_F(http_server_test, large_body_in_flight_does_not_destroy_the_413) {
  serve();
  const auto got = send(post(url("/"), std::string(std::size_t{3} << 20, 'x')));
  ASSERT_TRUE(got) << got.error().message;
  EXPECT_EQ(got->status, 413u);
}

TEST_F(http_server_test, exception_of_the_handler_is_a_500_without_its_text) {
  serve({}, [](server_request request) -> task<server_response> {
    if (request.path == "/bad-header") {
      server_response response;
      response.headers.add("X", "a\r\nSet-Cookie: b");
      co_return response;
    }
    throw std::runtime_error{"secret detail"};
  });
  const auto thrown = send(get(url("/"))).value();
  EXPECT_EQ(thrown.status, 500u);
  EXPECT_EQ(thrown.body.find("secret"), std::string::npos);
  EXPECT_EQ(send(get(url("/bad-header")))->status, 500u);
}

TEST_F(http_server_test, slow_header_is_answered_408_and_silence_is_closed) {
  serve(http_server_config{.header_deadline = 100ms});
  EXPECT_TRUE(raw("GET / HTTP/1.1\r\nHost:").starts_with("HTTP/1.1 408 "));
  EXPECT_EQ(raw(""), "");
}

TEST_F(http_server_test, slow_loris_gets_no_more_time_by_trickling) {
  serve(http_server_config{.header_deadline = 150ms});
  const auto begun = system_clock().monotonic();
  const auto text = run([](std::uint16_t port) -> task<std::string> {
    const auto socket = co_await connect_to(port);
    co_await send_text(socket, "GET / HTTP/1.1\r\n");
    for (bool taken = true; taken && socket->available() == 0;) {
      co_await pause(10ms);
      taken = co_await send_text(socket, "A: b\r\n");
    }
    co_return co_await read_all(socket);
  }(serve(http_server_config{.header_deadline = 150ms}).port()));
  EXPECT_LT(system_clock().monotonic() - begun, 5s);
  EXPECT_TRUE(text.starts_with("HTTP/1.1 408 ")) << text;
}

TEST_F(http_server_test, slow_body_is_answered_408) {
  serve(http_server_config{.body_deadline = 100ms});
  EXPECT_TRUE(raw("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\nhalf")
                  .starts_with("HTTP/1.1 408 "));
}

TEST_F(http_server_test, idle_connection_is_closed_quietly) {
  serve(http_server_config{.idle_limit = 100ms});
  const auto text = raw("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_EQ(count(text, "HTTP/1.1"), 1u);
}

task<server_response> large_on_request(server_request request) {
  server_response response;
  response.body = std::string(request.path == "/large" ? std::size_t{64} << 20 : 1, 'x');
  co_return response;
}

TEST_F(http_server_test, client_that_does_not_read_is_cut_off) {
  serve(http_server_config{.write_deadline = 200ms}, large_on_request);
  const auto slow = run(connect_to(static_cast<std::uint16_t>(std::stoi(url("").substr(17)))));
  ASSERT_TRUE(eventually([&] {
    return metrics.expose().find("cornice_http_server_connections 1") != std::string::npos;
  }));
  run(send_text(slow, "GET /large HTTP/1.1\r\nHost: h\r\n\r\n"));
  EXPECT_TRUE(eventually([&] {
    return metrics.expose().find("cornice_http_server_connections 0") != std::string::npos;
  }));
}

TEST_F(http_server_test, client_that_does_not_read_delays_nobody) {
  // Whoever waited for its answer to be written would wait longer than a client does.
  serve(http_server_config{.write_deadline = 600s}, large_on_request);
  const auto slow = run(connect_to(static_cast<std::uint16_t>(std::stoi(url("").substr(17)))));
  run(send_text(slow, "GET /large HTTP/1.1\r\nHost: h\r\n\r\n"));
  for (int i = 0; i < 20; ++i) EXPECT_EQ(send(get(url("/")))->status, 200u);
}

TEST_F(http_server_test, connection_beyond_the_limit_is_answered_503) {
  const auto port = serve(http_server_config{.connection_limit = 1}).port();
  const auto held = run(connect_to(port));
  ASSERT_TRUE(eventually([&] {
    return metrics.expose().find("cornice_http_server_connections 1") != std::string::npos;
  }));
  EXPECT_TRUE(raw("").starts_with("HTTP/1.1 503 "));
  held->close();
  EXPECT_TRUE(eventually([&] {
    return metrics.expose().find("cornice_http_server_connections 0") != std::string::npos;
  }));
  EXPECT_EQ(send(get(url("/")))->status, 200u);
}

TEST_F(http_server_test, injected_faults_are_chunks_pauses_and_cuts) {
  serve({}, [](server_request request) -> task<server_response> {
    server_response response;
    response.body = "0123456789";
    if (request.path != "/cut") response.inject.chunk_bytes = 3;
    if (request.path == "/slow") response.inject.pause = 20ms;
    if (request.path != "/chunks" && request.path != "/slow") response.inject.truncate_at = 5;
    co_return response;
  });
  const auto whole = send(get(url("/chunks"))).value();
  EXPECT_EQ(whole.body, "0123456789");
  EXPECT_EQ(whole.headers.get("transfer-encoding"), "chunked");
  const auto begun = system_clock().monotonic();
  EXPECT_EQ(send(get(url("/slow")))->body, "0123456789");
  EXPECT_GE(system_clock().monotonic() - begun, 60ms);
  EXPECT_EQ(send(get(url("/cut"))).error().code, errc::io);
  EXPECT_EQ(send(get(url("/cut-chunks"))).error().code, errc::io);
}

TEST_F(http_server_test, shutdown_lets_a_request_end_and_closes_idle_connections) {
  async_event go{loop.get_executor()};
  bool entered = false;
  auto& server = serve({}, [&](server_request) -> task<server_response> {
    entered = true;
    co_await go.wait(patience);
    co_return server_response{};
  });
  const auto idle = run(connect_to(server.port()));
  std::optional<unsigned> status;
  http_client client{loop.get_executor(), {}, metrics};
  asio::co_spawn(loop, client.send(get(url("/"))),
                 [&](std::exception_ptr, result<http_response> r) { status = r ? r->status : 0; });
  ASSERT_TRUE(eventually([&] { return entered; }));
  bool down = false;
  asio::co_spawn(loop, server.shutdown(10s), [&](std::exception_ptr) { down = true; });
  EXPECT_EQ(run(read_all(idle)), "");
  EXPECT_FALSE(down);
  EXPECT_FALSE(status);
  go.notify();
  EXPECT_TRUE(eventually([&] { return down && status == 200u; }));
  EXPECT_EQ(send(get(url("/"))).error().code, errc::unavailable);
}

TEST_F(http_server_test, shutdown_cancels_a_handler_that_does_not_end_in_time) {
  bool ended = false;
  bool entered = false;
  struct on_exit {
    bool* flag;
    ~on_exit() { *flag = true; }
  };
  auto& server = serve({}, [&](server_request) -> task<server_response> {
    const on_exit mark{&ended};
    entered = true;
    co_await pause(std::chrono::hours{1});
    co_return server_response{};
  });
  http_client client{loop.get_executor(), {}, metrics};
  std::optional<errc> code;
  asio::co_spawn(loop, client.send(get(url("/"))),
                 [&](std::exception_ptr, result<http_response> r) { code = r.error().code; });
  ASSERT_TRUE(eventually([&] { return entered; }));
  run(server.shutdown(50ms));
  EXPECT_TRUE(ended);
  EXPECT_TRUE(eventually([&] { return code == errc::io; }));
}

TEST_F(http_server_test, address_in_use_is_an_error) {
  auto& first = serve();
  http_server_config config;
  config.port = first.port();
  http_server second{loop.get_executor(), config, echo(), metrics};
  const auto started = second.start();
  ASSERT_FALSE(started);
  EXPECT_EQ(started.error().code, errc::io);
  config.address = "not an address";
  http_server third{loop.get_executor(), config, echo(), metrics};
  EXPECT_EQ(third.start().error().code, errc::invalid_argument);
}

TEST_F(http_server_test, two_hundred_clients_at_once_are_all_served) {
  serve();
  constexpr int clients = 200;
  int served = 0;
  http_client client{loop.get_executor(), http_client_config{.connections_per_origin = clients},
                     metrics};
  for (int i = 0; i < clients; ++i)
    asio::co_spawn(loop, client.send(post(url("/" + std::to_string(i)), "x")),
                   [&served, i](std::exception_ptr, result<http_response> r) {
                     if (r && r->body == "POST /" + std::to_string(i) + " x") ++served;
                   });
  EXPECT_TRUE(eventually([&] { return served == clients; }));
  EXPECT_NE(metrics.expose().find("cornice_http_server_requests_total{status_class=\"2xx\"} 200"),
            std::string::npos);
}

}  // namespace
}  // namespace cornice::infra::test
