// WebSocket client over TCP or TLS, with permessage-deflate.
#pragma once

#include "cornice/infra/async.hpp"
#include "cornice/infra/http.hpp"
#include "cornice/infra/http_client.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <chrono>
#include <memory>
#include <string>

namespace cornice::infra {

struct websocket_options {
  std::string url;  ///< ws:// or wss://
  http_headers headers;
  tls_config tls;
  std::string user_agent = "cornice";
  bool permessage_deflate = true;
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
/// the peer are answered while a read is pending. Destroying it closes the socket.
class websocket {
 public:
  /// Errors: malformed (URL), unavailable (resolve, connect, TLS), refused (the server answered the
  /// handshake with an HTTP status, which the message names), timed_out.
  static task<result<std::unique_ptr<websocket>>> connect(asio::any_io_executor loop,
                                                          websocket_options options);
  virtual ~websocket() = default;
  /// Next message. Errors: cancelled, timed_out (idle), out_of_range (message limit), protocol, io
  /// (closed; the text carries the close code and reason). After an error the connection is dead.
  /// One read at a time.
  virtual task<result<websocket_message>> read() = 0;
  /// Queues one text message; writes are done in order by the connection itself. Errors:
  /// overloaded, io (closed).
  virtual result<void> write(std::string text) = 0;
  /// Sends a ping frame.
  virtual result<void> ping(std::string payload) = 0;
  /// Close handshake, at most `limit`; then the socket is shut.
  virtual task<> close(std::chrono::milliseconds limit) = 0;
};

}  // namespace cornice::infra
