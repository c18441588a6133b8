// HTTP/1.1 client: TLS verified against the system store with SNI, keep-alive pool per origin,
// deadlines, limits.
#pragma once

#include "cornice/infra/async.hpp"
#include "cornice/infra/http.hpp"
#include "cornice/infra/metrics.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <chrono>
#include <memory>
#include <string>

namespace cornice::infra {

/// TLS trust. Default: the system store. `ca_file` adds a private authority (the simulator's), it
/// never disables checks.
struct tls_config {
  std::string ca_file;
};

struct http_client_config {
  tls_config tls;
  std::string user_agent = "cornice";
  std::size_t connections_per_origin = 8;  ///< beyond it requests wait, within their deadline
  std::size_t waiting_limit =
      1024;  ///< requests waiting for a connection, per origin; beyond it: overloaded
  std::size_t body_limit = 32u << 20;  ///< decoded bytes of an answer
  std::chrono::seconds idle_limit{
      30};  ///< a pooled connection older than this is closed, not reused
};

struct http_request {
  http_method method = http_method::get;
  std::string url;  ///< absolute
  http_headers headers;
  std::string body;
  std::chrono::milliseconds deadline{
      10000};  ///< for everything: waiting, connecting, sending, receiving
};

struct http_response {
  unsigned status = 0;
  http_headers headers;
  std::string body;  ///< gzip and deflate are already undone
  bool reused_connection = false;
};

/// All calls from the loop thread. Cancellable: terminal cancellation closes the connection in use.
class http_client {
 public:
  http_client(asio::any_io_executor loop, http_client_config config, metrics_registry& metrics);
  ~http_client();
  http_client(const http_client&) = delete;
  http_client& operator=(const http_client&) = delete;
  /// Any complete answer is a success, whatever its status; redirects are answers, never followed.
  /// Errors: malformed (URL), timed_out, unavailable (resolve, connect, TLS: nothing was sent), io
  /// (broken after sending began: outcome unknown), protocol, out_of_range (body limit),
  /// overloaded, cancelled. A pooled connection that turns out dead before any byte of an answer is
  /// replaced once, for GET and HEAD only.
  task<result<http_response>> send(http_request request);
  /// Opens up to `n` connections to the origin of `url` ahead of need.
  task<> warm(std::string url, std::size_t n);

 private:
  struct state;
  std::shared_ptr<state> state_;
};

}  // namespace cornice::infra
