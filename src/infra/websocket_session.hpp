// WebSocket over a byte stream that is open already, in either role.
#pragma once

#include "cornice/base/result.hpp"
#include "cornice/base/time.hpp"
#include "cornice/infra/websocket_client.hpp"
#include "infra/byte_stream.hpp"

#include <functional>
#include <memory>

namespace cornice::infra {

struct websocket_limits {
  std::size_t message = 0;
  std::size_t write_queue = 0;
  std::chrono::milliseconds idle{0};
  bool permessage_deflate = true;
};

/// Client handshake. Errors: refused, protocol, unavailable, timed_out, cancelled.
task<result<std::unique_ptr<websocket>>> open_websocket(std::unique_ptr<byte_stream> stream,
                                                        url where, http_headers headers,
                                                        websocket_limits limits, instant deadline);

struct accepted_websocket {
  std::unique_ptr<websocket> socket;
  /// Begins the close handshake with code 1001, whoever holds `socket` now and whether or not it is
  /// still there.
  std::function<void()> go_away;
};

/// Server handshake that answers `upgrade`, a request that is_websocket_upgrade() found good.
/// Errors: protocol, io, timed_out, cancelled.
task<result<accepted_websocket>> accept_websocket(std::unique_ptr<byte_stream> stream,
                                                  std::string target, http_headers upgrade,
                                                  websocket_limits limits, instant deadline);

}  // namespace cornice::infra
