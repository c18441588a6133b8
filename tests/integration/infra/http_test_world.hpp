// A loop with a bounded run, and a peer that misbehaves exactly as a test says.
#pragma once

#include "cornice/infra/async.hpp"
#include "cornice/infra/clock.hpp"
#include "cornice/infra/http_client.hpp"
#include "cornice/infra/http_server.hpp"
#include "cornice/infra/metrics.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <gtest/gtest.h>

#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>

namespace cornice::infra::test {

using asio::ip::tcp;
using namespace std::chrono_literals;

/// No test waits longer than this for anything.
inline constexpr std::chrono::seconds patience{30};

class http_world : public ::testing::Test {
 protected:
  /// Runs the loop until `work` has ended.
  template <class T>
  T run(task<T> work) {
    std::optional<T> outcome;
    std::exception_ptr failure;
    bool done = false;
    asio::co_spawn(loop, std::move(work), [&](std::exception_ptr e, T value) {
      done = true;
      failure = e;
      if (!e) outcome.emplace(std::move(value));
    });
    turn_until(done);
    if (failure) std::rethrow_exception(failure);
    return std::move(*outcome);
  }
  void run(task<> work) {
    std::exception_ptr failure;
    bool done = false;
    asio::co_spawn(loop, std::move(work), [&](std::exception_ptr e) {
      done = true;
      failure = e;
    });
    turn_until(done);
    if (failure) std::rethrow_exception(failure);
  }
  /// Runs the loop until `condition` holds.
  bool eventually(const std::function<bool()>& condition) {
    const auto end = system_clock().monotonic() + patience;
    while (!condition()) {
      if (system_clock().monotonic() > end) return false;
      loop.restart();
      loop.run_one_for(10ms);
    }
    return true;
  }

  // Before the loop: what is left on the loop at the end still counts.
  metrics_registry metrics;
  asio::io_context loop;

 private:
  void turn_until(const bool& done) {
    if (!eventually([&done] { return done; })) throw std::runtime_error{"the work did not end"};
  }
};

/// Listens on loopback and runs `script` for each connection, numbered from 0. What its coroutines
/// use is shared with them: they end on a later turn of the loop than the peer itself.
class scripted_peer {
 public:
  using script = std::function<task<>(std::shared_ptr<tcp::socket>, int)>;

  scripted_peer(asio::io_context& loop, script what)
      : state_{std::make_shared<state>(loop, std::move(what))} {
    state_->tasks.spawn("scripted_peer", accept(state_));
  }
  ~scripted_peer() { state_->tasks.request(); }
  scripted_peer(const scripted_peer&) = delete;
  scripted_peer& operator=(const scripted_peer&) = delete;

  [[nodiscard]] std::uint16_t port() const { return state_->acceptor.local_endpoint().port(); }
  [[nodiscard]] int accepted() const { return state_->accepted; }
  [[nodiscard]] std::string url(const std::string& target = "/",
                                const std::string& scheme = "http") const {
    return scheme + "://127.0.0.1:" + std::to_string(port()) + target;
  }

 private:
  struct state {
    state(asio::io_context& loop, script w)
        : what{std::move(w)},
          acceptor{loop, tcp::endpoint{asio::ip::make_address("127.0.0.1"), 0}},
          tasks{loop.get_executor()} {}
    script what;
    tcp::acceptor acceptor;
    stop_source tasks;
    int accepted = 0;
  };

  static task<> accept(std::shared_ptr<state> s) {
    for (;;) {
      auto socket = std::make_shared<tcp::socket>(s->acceptor.get_executor());
      co_await s->acceptor.async_accept(*socket, asio::use_awaitable);
      s->tasks.spawn("scripted_connection", play(s, std::move(socket), s->accepted++));
    }
  }
  static task<> play(std::shared_ptr<state> s, std::shared_ptr<tcp::socket> socket, int number) {
    co_await s->what(std::move(socket), number);
  }

  std::shared_ptr<state> state_;
};

/// Suspends the coroutine; for peers that are slow on purpose.
inline task<> pause(std::chrono::milliseconds how_long) {
  asio::steady_timer timer{co_await asio::this_coro::executor, how_long};
  co_await timer.async_wait(asio::use_awaitable);
}

/// Everything up to and including `end`, or what came before the connection closed.
inline task<std::string> read_until(std::shared_ptr<tcp::socket> socket, std::string end) {
  std::string text;
  while (!text.ends_with(end)) {
    char c = 0;
    boost::system::error_code ec;
    auto buffer = asio::buffer(&c, 1);
    co_await asio::async_read(*socket, buffer, asio::redirect_error(asio::use_awaitable, ec));
    if (ec) break;
    text.push_back(c);
  }
  co_return text;
}

inline task<std::string> read_header(std::shared_ptr<tcp::socket> socket) {
  return read_until(std::move(socket), "\r\n\r\n");
}

inline task<std::string> read_all(std::shared_ptr<tcp::socket> socket) {
  return read_until(std::move(socket), "\x01 no answer contains this \x01");
}

inline task<bool> send_text(std::shared_ptr<tcp::socket> socket, std::string text) {
  boost::system::error_code ec;
  auto buffer = asio::buffer(text);
  co_await asio::async_write(*socket, buffer, asio::redirect_error(asio::use_awaitable, ec));
  co_return !ec;
}

inline task<std::shared_ptr<tcp::socket>> connect_to(std::uint16_t port) {
  auto socket = std::make_shared<tcp::socket>(co_await asio::this_coro::executor);
  const tcp::endpoint endpoint{asio::ip::make_address("127.0.0.1"), port};
  co_await socket->async_connect(endpoint, asio::use_awaitable);
  co_return socket;
}

inline http_request get(std::string url, std::chrono::milliseconds deadline = 10000ms) {
  http_request request;
  request.url = std::move(url);
  request.deadline = deadline;
  return request;
}

inline http_request post(std::string url, std::string body) {
  http_request request;
  request.method = http_method::post;
  request.url = std::move(url);
  request.body = std::move(body);
  return request;
}

/// An answer with its length.
inline std::string answer(const std::string& body, const std::string& fields = {},
                          const std::string& status = "200 OK") {
  return "HTTP/1.1 " + status + "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" +
         fields + "\r\n" + body;
}

}  // namespace cornice::infra::test
