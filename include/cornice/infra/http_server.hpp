// HTTP/1.1 server with WebSocket upgrade. Limits on everything a stranger may send.
#pragma once

#include "cornice/infra/async.hpp"
#include "cornice/infra/http.hpp"
#include "cornice/infra/metrics.hpp"
#include "cornice/infra/websocket_client.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <string>

namespace cornice::infra {

struct http_server_config {
  std::string address = "127.0.0.1";
  std::uint16_t port = 8080;     ///< 0 = any free one, see port()
  std::string certificate_file;  ///< PEM; with private_key_file: TLS
  std::string private_key_file;
  std::size_t connection_limit = 1024;
  std::size_t header_limit = 16u << 10;
  std::size_t body_limit = 1u << 20;
  std::chrono::milliseconds header_deadline{
      10000};  ///< from accept or the previous answer to a complete header
  std::chrono::milliseconds body_deadline{10000};
  std::chrono::milliseconds write_deadline{10000};
  std::chrono::milliseconds idle_limit{60000};
};

struct server_request {
  http_method method = http_method::get;
  std::string method_text;
  std::string target;  ///< as sent
  std::string path;    ///< decoded path without query; always starts with '/', contains no "." or
                       ///< ".." segment
  std::string query;   ///< raw, without '?'
  http_headers headers;
  std::string body;
  std::string remote_address;
};

struct server_response {
  unsigned status = 200;
  http_headers headers;
  std::string body;
  std::string content_type = "application/json";
  /// Writes the body as `Transfer-Encoding: chunked` in pieces of this size, with `pause` between
  /// them, and cuts the connection after `truncate_at` bytes when that is not 0. For the
  /// simulator's faults.
  struct faults {
    std::size_t chunk_bytes = 0;
    std::chrono::milliseconds pause{0};
    std::size_t truncate_at = 0;
  } inject;
};

/// Loop thread only. A malformed request is answered with 400/405/408/413/414/431 as a problem
/// document and never reaches the handler. HEAD is answered as GET without a body. An exception
/// from the handler is a logged 500.
class http_server {
 public:
  using handler = std::function<task<server_response>(server_request)>;
  /// Called for a WebSocket upgrade; returning a response refuses it, returning nothing accepts it
  /// and hands over the connection to `on_websocket`.
  using upgrade_check = std::function<std::optional<server_response>(const server_request&)>;
  using websocket_handler = std::function<task<>(server_request, std::unique_ptr<websocket>)>;

  http_server(asio::any_io_executor loop, http_server_config config, handler on_request,
              metrics_registry& metrics);
  ~http_server();
  http_server(const http_server&) = delete;
  http_server& operator=(const http_server&) = delete;
  /// Before start(). `permessage_deflate` is offered when the client asks for it.
  void accept_websockets(upgrade_check check, websocket_handler on_websocket,
                         bool permessage_deflate = true);
  /// Binds and listens. Errors: io (address in use, not permitted), invalid_argument (certificate).
  result<void> start();
  /// The port it listens on, after start().
  [[nodiscard]] std::uint16_t port() const noexcept;
  /// Stops accepting, lets requests in progress end (at most `limit`), closes the rest.
  task<> shutdown(std::chrono::milliseconds limit);

 private:
  struct state;
  std::shared_ptr<state> state_;
};

}  // namespace cornice::infra
