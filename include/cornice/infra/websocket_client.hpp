// WebSocket client over TCP or TLS, with permessage-deflate.
#pragma once

#include "cornice/base/time.hpp"
#include "cornice/infra/async.hpp"
#include "cornice/infra/http.hpp"
#include "cornice/infra/http_client.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <chrono>
#include <memory>
#include <string>

namespace cornice::infra {

struct websocket_options {
  std::string url{};  ///< ws:// or wss://
  http_headers headers{};
  tls_config tls{};
  std::string user_agent = "cornice";
  bool permessage_deflate = true;  ///< offered for what the peer sends; we send uncompressed
  std::size_t message_limit =
      64u << 20;  ///< a larger message ends the connection with `out_of_range`
  std::size_t write_queue_limit = 1024;  ///< messages; beyond it write() answers `overloaded`
  std::chrono::milliseconds connect_deadline{10000};
  std::chrono::milliseconds idle_limit{
      30000};  ///< no frame at all (control frames count): `timed_out`
};

/// One message from the peer.
struct websocket_message {
  std::string data;
  bool binary = false;
  instant received{};  ///< when the last byte of the message was read
};

/// One connection, from connect to close; never reconnects by itself. Loop thread only. Pings of
/// the peer are answered while a read is pending; nothing is read ahead of read(), so a reader that
/// falls behind slows the peer down. Destroying it closes the socket.
class websocket {
 public:
  /// Errors: malformed (URL), invalid_argument (illegal characters in a header), unavailable
  /// (resolve, connect, TLS, connection lost in the handshake), refused (the server answered the
  /// handshake with an HTTP status, which the message names: "… answered 401 …"), protocol,
  /// timed_out, cancelled.
  static task<result<std::unique_ptr<websocket>>> connect(asio::any_io_executor loop,
                                                          websocket_options options);
  virtual ~websocket() = default;
  /// Next message, put together from its fragments and decompressed. Errors: cancelled, timed_out
  /// (idle; no byte came for idle_limit while a read was pending), out_of_range (message limit),
  /// protocol, io (closed; the text carries the close code and reason). After cancelled the
  /// connection is as before and nothing is lost: the next read goes on where this one was. After
  /// any other error it is dead, and every later call answers that error. One read at a time.
  virtual task<result<websocket_message>> read() = 0;
  /// Queues one text message; writes are done in order by the connection itself. A write that makes
  /// no progress for idle_limit ends the connection with `timed_out`. Errors: overloaded, io
  /// (closed).
  virtual result<void> write(std::string text) = 0;
  /// Sends a ping frame after what is queued. Errors: as write(); invalid_argument (over 125
  /// bytes).
  virtual result<void> ping(std::string payload) = 0;
  /// Writes what is queued, then the close handshake (code 1000), both at most `limit`; then the
  /// socket is shut. A pending read ends with `io`.
  virtual task<> close(std::chrono::milliseconds limit) = 0;
};

}  // namespace cornice::infra
