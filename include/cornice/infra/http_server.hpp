// HTTP/1.1 server with WebSocket upgrade. Limits on everything a stranger may send.
#pragma once

#include "cornice/infra/async.hpp"
#include "cornice/infra/http.hpp"
#include "cornice/infra/metrics.hpp"
#include "cornice/infra/websocket_client.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace cornice::infra {

struct http_server_config {
  std::string address = "127.0.0.1";
  std::uint16_t port = 8080;       ///< 0 = any free one, see port()
  std::string certificate_file{};  ///< PEM; with private_key_file: TLS
  std::string private_key_file{};
  std::size_t connection_limit = 1024;   ///< beyond it: 503 and closed (TLS: closed)
  std::size_t header_limit = 16u << 10;  ///< bytes of request line and fields
  std::size_t body_limit = 1u << 20;     ///< bytes; also of one WebSocket message
  std::chrono::milliseconds header_deadline{
      10000};  ///< from accept, later from the first byte of a request, to a complete header
  std::chrono::milliseconds body_deadline{10000};   ///< from the header to the complete body
  std::chrono::milliseconds write_deadline{10000};  ///< for each 256 KiB of an answer
  std::chrono::milliseconds idle_limit{
      60000};  ///< between requests; on a WebSocket, without a byte from the client
  std::size_t websocket_queue_limit = 1024;  ///< messages to one client, see websocket::write
};

struct server_request {
  http_method method = http_method::get;
  std::string method_text;
  std::string target;  ///< as sent
  std::string path;    ///< decoded path without query; always starts with '/', contains no "." or
                       ///< ".." segment
  std::string query;   ///< raw, without '?'
  http_headers headers{};
  std::string body{};
  std::string remote_address;  ///< without the port
};

struct server_response {
  unsigned status = 200;
  http_headers headers{};  ///< framing fields (Content-Length) are the server's own
  std::string body{};
  std::string content_type = "application/json";  ///< empty = none
  /// Writes the body as `Transfer-Encoding: chunked` in pieces of this size, with `pause` between
  /// them, and cuts the connection after `truncate_at` bytes of the body when that is not 0. For
  /// the simulator's faults.
  struct faults {
    std::size_t chunk_bytes = 0;
    std::chrono::milliseconds pause{0};
    std::size_t truncate_at = 0;
  } inject{};
};

/// Loop thread only. A request that breaks a rule is answered with 400, 405 (CONNECT, TRACE), 408,
/// 413, 414, 417, 431, 501 or 505 as an RFC 9457 problem document, its connection is closed, and it
/// never reaches the handler. HEAD reaches the handler as `head` and is answered without a body.
/// Pipelined requests are answered one after the other. An exception from the handler is a logged
/// 500. Every connection is a coroutine of its own: none waits for another.
/// Metrics: cornice_http_server_requests_total{status_class}, cornice_http_server_seconds,
/// cornice_http_server_connections.
class http_server {
 public:
  using handler = std::function<task<server_response>(server_request)>;
  /// Called for a WebSocket upgrade; returning a response refuses it, returning nothing accepts it
  /// and hands over the connection to `on_websocket`. The connection counts as one of this server
  /// until that returns.
  using upgrade_check = std::function<std::optional<server_response>(const server_request&)>;
  using websocket_handler = std::function<task<>(server_request, std::unique_ptr<websocket>)>;

  http_server(asio::any_io_executor loop, http_server_config config, handler on_request,
              metrics_registry& metrics);
  /// Closes everything and cancels the handlers; use shutdown() for an orderly end.
  ~http_server();
  http_server(const http_server&) = delete;
  http_server& operator=(const http_server&) = delete;
  /// Before start(). `permessage_deflate`: clients that ask for it may compress
  /// what they send; the server itself sends uncompressed.
  void accept_websockets(upgrade_check check, websocket_handler on_websocket,
                         bool permessage_deflate = true);
  /// Binds and listens. Errors: io (address in use, not permitted), invalid_argument (certificate).
  result<void> start();
  /// The port it listens on, after start().
  [[nodiscard]] std::uint16_t port() const noexcept;
  /// Stops accepting, closes idle connections, tells WebSockets to go away (code 1001), lets
  /// requests in progress end (at most `limit`), then cancels the handlers that still run.
  task<> shutdown(std::chrono::milliseconds limit);

  /// The library's own; defined in its sources only.
  struct state;

 private:
  std::shared_ptr<state> state_;
};

}  // namespace cornice::infra
