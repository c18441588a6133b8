// The bytes of one server connection: requests in, answers out, each within its deadline.
#pragma once

#include "cornice/infra/http_server.hpp"
#include "infra/byte_stream_channel.hpp"
#include "infra/http_parse.hpp"

#include <cstdint>
#include <memory>

namespace cornice::infra {

enum class request_end : std::uint8_t {
  complete,
  refused,    ///< the reader says why
  timed_out,  ///< begun and not finished in time
  closed      ///< by the peer, by shutdown, or nothing came within the limit
};

/// Reads into `reader`, which outlives the call like `in_request`; that is set at the first byte.
/// `first`: nothing has been served on this connection yet.
task<request_end> read_request(std::shared_ptr<byte_channel> channel, request_reader* reader,
                               http_server_config config, bool first, bool* in_request);

struct answer_shape {
  bool head_request = false;
  bool keep_alive = false;
};

/// Writes one answer, with the faults it asks for. False when the connection is to be closed at
/// once: it is broken, too slow, or the answer was cut off on purpose.
task<bool> write_answer(std::shared_ptr<byte_channel> channel, server_response response,
                        answer_shape shape, std::chrono::milliseconds deadline);

task<bool> handshake_in_time(std::shared_ptr<byte_channel> channel,
                             std::chrono::milliseconds limit);

/// Gives the peer a moment to read the last answer: closing while its bytes are still arriving
/// would reset the connection and destroy the answer on its way.
task<> linger(std::shared_ptr<byte_channel> channel);

}  // namespace cornice::infra
