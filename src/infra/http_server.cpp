#include "cornice/infra/http_server.hpp"

#include "infra/http_rules.hpp"
#include "infra/http_server_state.hpp"

#include <boost/asio/dispatch.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/socket_base.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <utility>

namespace cornice::infra {

namespace {

using asio::ip::tcp;
using state_pointer = std::shared_ptr<http_server::state>;

/// Wait after an accept that failed because the process is out of descriptors or memory.
constexpr std::chrono::milliseconds accept_backoff{100};

/// Answers a connection beyond the limit without giving it a coroutine. All calls are non-blocking:
/// what the kernel does not take at once is not sent.
void turn_away(tcp::socket socket, const http_server::state& server) {
  server.count_answer(503);
  if (server.tls) return;
  const auto body = problem_document(503, "too many connections are open");
  http_headers headers;
  headers.add("Retry-After", "1");
  const auto head =
      write_response_head(503, headers, "application/problem+json", body_framing::content_length,
                          body.size(), false, system_clock().now());
  error_code ec;
  socket.non_blocking(true, ec);
  if (ec) return;
  // Closing with unread bytes would reset the connection and take the answer away from the client.
  std::array<char, 4096> unread;
  socket.read_some(asio::buffer(unread), ec);
  socket.write_some(asio::buffer(head + body), ec);
  socket.shutdown(tcp::socket::shutdown_send, ec);
}

task<> accept_connections(state_pointer server) {
  while (server->acceptor.is_open()) {
    error_code ec;
    tcp::socket socket{server->loop};
    co_await server->acceptor.async_accept(socket, asio::redirect_error(asio::use_awaitable, ec));
    if (ec == asio::error::operation_aborted || server->draining) co_return;
    if (ec == asio::error::connection_aborted) continue;
    if (ec) {
      server->log.warn("accept_failed", {{"reason", ec.message()}});
      co_await sleep_for(accept_backoff);
      continue;
    }
    if (server->connections.size() >= server->config.connection_limit) {
      turn_away(std::move(socket), *server);
      continue;
    }
    const auto peer = socket.remote_endpoint(ec);
    if (ec) continue;  // gone already
    socket.set_option(tcp::no_delay{true}, ec);
    server->tasks.spawn("http_connection",
                        serve_connection(server, std::move(socket), peer.address().to_string()));
  }
}

error cannot_listen(const http_server_config& config, std::string_view step, error_code ec) {
  return {errc::io, "listening on " + config.address + ":" + std::to_string(config.port) + ": " +
                        std::string{step} + ": " + ec.message()};
}

/// Closes what nothing is in progress on.
void close_idle(http_server::state& server) {
  for (auto& connection : server.connections) {
    if (connection.go_away) {
      connection.go_away();
    } else if (!connection.in_request) {
      connection.channel->abort();
    }
  }
}

void close_everything(const state_pointer& server) {
  error_code nothing_open;
  server->draining = true;
  server->acceptor.close(nothing_open);
  for (auto& connection : server->connections) connection.channel->abort();
  // From inside the loop, so that every coroutine sees its cancellation before its connection's
  // end; the destructor may run outside.
  asio::dispatch(server->loop, [server] { server->tasks.request(); });
}

task<> drain(state_pointer server, std::chrono::milliseconds limit) {
  error_code nothing_open;
  server->draining = true;
  server->acceptor.close(nothing_open);
  close_idle(*server);
  const auto deadline = system_clock().monotonic() + limit;
  while (!server->connections.empty()) {
    const auto left = deadline - system_clock().monotonic();
    if (left <= instant::duration::zero()) break;
    co_await server->connection_ended.wait(
        std::chrono::duration_cast<std::chrono::microseconds>(left));
  }
  if (!server->connections.empty())
    server->log.warn("shutdown_cut_off", {{"connections", server->connections.size()}});
  close_everything(server);
  co_await server->tasks.drained();
}

}  // namespace

http_server::state::state(asio::any_io_executor ex, http_server_config c, handler h,
                          metrics_registry& metrics)
    : loop{ex},
      config{std::move(c)},
      on_request{std::move(h)},
      acceptor{ex},
      connection_ended{ex},
      tasks{ex} {
  for (std::size_t i = 0; i < answers.size(); ++i)
    answers[i] = metrics.make_counter("cornice_http_server_requests_total", "Answers sent.",
                                      {{"status_class", std::to_string(i + 1) + "xx"}});
  seconds = metrics.make_histogram("cornice_http_server_seconds",
                                   "Time from a complete request to its answer being sent.");
  open_connections =
      metrics.make_gauge("cornice_http_server_connections", "Connections open at the moment.");
}

void http_server::state::count_answer(unsigned status) const {
  answers[std::clamp(status / 100, 1u, 5u) - 1].add();
}

http_server::http_server(asio::any_io_executor loop, http_server_config config, handler on_request,
                         metrics_registry& metrics)
    : state_{std::make_shared<state>(std::move(loop), std::move(config), std::move(on_request),
                                     metrics)} {}

http_server::~http_server() {
  close_everything(state_);
}

void http_server::accept_websockets(upgrade_check check, websocket_handler on_websocket,
                                    bool permessage_deflate) {
  state_->check_upgrade = std::move(check);
  state_->on_websocket = std::move(on_websocket);
  state_->permessage_deflate = permessage_deflate;
}

result<void> http_server::start() {
  const auto& config = state_->config;
  auto& acceptor = state_->acceptor;
  if (config.certificate_file.empty() != config.private_key_file.empty())
    return error{errc::invalid_argument,
                 "TLS: certificate_file and private_key_file must be given together"};
  if (!config.certificate_file.empty()) {
    CORNICE_TRY(context, make_server_context(config.certificate_file, config.private_key_file));
    state_->tls = context;
  }
  error_code ec;
  const auto address = asio::ip::make_address(config.address, ec);
  if (ec)
    return error{errc::invalid_argument,
                 "address '" + config.address + "' must be an IPv4 or IPv6 address"};
  const tcp::endpoint endpoint{address, config.port};
  acceptor.open(endpoint.protocol(), ec);
  if (ec) return cannot_listen(config, "socket", ec);
  acceptor.set_option(asio::socket_base::reuse_address{true}, ec);
  if (ec) return cannot_listen(config, "SO_REUSEADDR", ec);
  acceptor.bind(endpoint, ec);
  if (ec) return cannot_listen(config, "bind", ec);
  acceptor.listen(asio::socket_base::max_listen_connections, ec);
  if (ec) return cannot_listen(config, "listen", ec);
  const auto bound = acceptor.local_endpoint(ec);
  if (ec) return cannot_listen(config, "local endpoint", ec);
  state_->port = bound.port();
  state_->tasks.spawn("http_accept", accept_connections(state_));
  return {};
}

std::uint16_t http_server::port() const noexcept {
  return state_->port;
}

task<> http_server::shutdown(std::chrono::milliseconds limit) {
  return drain(state_, limit);
}

}  // namespace cornice::infra
