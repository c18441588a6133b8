// Opening a connection: resolve, connect, TLS handshake, all within one deadline.
#pragma once

#include "cornice/base/result.hpp"
#include "cornice/base/time.hpp"
#include "cornice/infra/async.hpp"
#include "infra/byte_stream.hpp"
#include "infra/tls.hpp"

#include <cstdint>
#include <memory>
#include <string>

namespace cornice::infra {

struct stream_target {
  std::string host;
  std::uint16_t port = 0;
  tls_context tls;  ///< null for plain TCP
};

/// Errors, all of them before any byte of ours was sent: unavailable (resolve, connect, TLS),
/// timed_out, cancelled. Addresses are tried in the order the resolver gives them, each with its
/// share of the time that is left, so that one dead address does not use it all up.
task<result<std::unique_ptr<byte_stream>>> open_stream(asio::any_io_executor loop,
                                                       stream_target target, instant deadline);

}  // namespace cornice::infra
