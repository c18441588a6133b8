// What runs on an open AMQP connection: the publishing or the consuming side.
#pragma once

#include "cornice/base/result.hpp"
#include "cornice/base/time.hpp"
#include "infra/amqp_frames.hpp"

#include <cstdint>
#include <span>
#include <string_view>

namespace cornice::infra::amqp {

/// Sans-I/O: writes into the connection's output, is told what came in and what time it is. An
/// error it returns ends the connection.
class session {
 public:
  virtual ~session() = default;
  session() = default;
  session(const session&) = delete;
  session& operator=(const session&) = delete;

  /// The connection is open; `frame_max` holds for all content written from now on.
  virtual void opened(std::uint32_t frame_max, instant now) = 0;
  /// A method on a channel other than 0.
  virtual result<void> on_method(std::uint16_t channel, const method& m, instant now) = 0;
  virtual result<void> on_header(std::uint16_t channel, const content_header& h, instant now) = 0;
  virtual result<void> on_body(std::uint16_t channel, std::span<const std::uint8_t> piece,
                               instant now) = 0;
  /// connection.blocked and connection.unblocked.
  virtual void on_blocked(bool blocked, std::string_view reason) = 0;
  virtual result<void> tick(instant now) = 0;
  /// Called before the socket is written: the moment to move queued work into the output.
  virtual void fill(instant now) = 0;
  /// The connection is gone.
  virtual void lost(const error& why) = 0;
  /// Channels are open and topology is declared.
  [[nodiscard]] virtual bool ready() const noexcept = 0;
};

}  // namespace cornice::infra::amqp
