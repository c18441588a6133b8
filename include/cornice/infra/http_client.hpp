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
/// never disables checks. Certificates must name the host of the URL; for an address in the URL,
/// they must list it as an IP subjectAltName.
struct tls_config {
  std::string ca_file{};  ///< PEM; empty = none. Read once, when the client is made.
};

struct http_client_config {
  tls_config tls{};
  std::string user_agent = "cornice";
  std::size_t connections_per_origin = 8;  ///< beyond it requests wait, within their deadline
  std::size_t waiting_limit =
      1024;  ///< requests waiting for a connection, per origin; beyond it: overloaded
  std::size_t body_limit = 32u << 20;  ///< bytes of an answer, both encoded and decoded
  std::chrono::seconds idle_limit{
      30};  ///< a pooled connection that nobody used for so long is closed
};

struct http_request {
  http_method method = http_method::get;
  std::string url{};  ///< absolute, http or https
  /// Content-Length, Transfer-Encoding and Connection are the client's own: given here, they are
  /// left out. Host, User-Agent and Accept-Encoding may be replaced.
  http_headers headers{};
  std::string body{};
  std::chrono::milliseconds deadline{
      10000};  ///< for everything: waiting, connecting, sending, receiving
};

struct http_response {
  unsigned status = 0;
  http_headers headers{};
  std::string body{};  ///< gzip and deflate are already undone
  bool reused_connection = false;
};

/// All calls from the loop thread. Cancellable: terminal cancellation closes the connection in use.
/// Pooled connections keep a read pending, by which a peer's close is noticed at once; they keep
/// io_context::run() from returning until idle_limit or the client's destructor. Requests in
/// progress survive the client.
/// Metrics: cornice_http_client_seconds{origin} (successes and failures; beyond 32 origins all
/// others are `other`), cornice_http_client_failures_total{code}.
class http_client {
 public:
  http_client(asio::any_io_executor loop, http_client_config config, metrics_registry& metrics);
  ~http_client();
  http_client(const http_client&) = delete;
  http_client& operator=(const http_client&) = delete;
  /// Any complete answer is a success, whatever its status; redirects are answers, never followed.
  /// Errors, by what is known of the request:
  ///   nothing was sent: malformed (URL), invalid_argument (method `other`, illegal characters in a
  ///     header), overloaded (too many are waiting), unavailable (resolve, connect, TLS, or the
  ///     deadline passed before the first byte could be sent);
  ///   outcome unknown: io (broken after sending began), timed_out (deadline after sending began),
  ///     protocol (the answer is not HTTP or its encoding is damaged), out_of_range (the answer
  ///     exceeds a limit), cancelled.
  /// A pooled connection that turns out dead before any byte of an answer is replaced once, for GET
  /// and HEAD only.
  task<result<http_response>> send(http_request request);
  /// Opens connections to the origin of `url` ahead of need, until `n` are open (at most
  /// connections_per_origin). Gives up silently at the first failure: the next request will tell.
  task<> warm(std::string url, std::size_t n);

 private:
  struct state;
  std::shared_ptr<state> state_;
};

}  // namespace cornice::infra
