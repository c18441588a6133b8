// One AMQP connection without its socket: login, heartbeats, blocked notices, orderly close.
#pragma once

#include "cornice/base/result.hpp"
#include "cornice/base/time.hpp"
#include "cornice/infra/amqp.hpp"
#include "infra/amqp_frames.hpp"
#include "infra/amqp_session.hpp"

#include <chrono>
#include <cstdint>
#include <span>
#include <string>

namespace cornice::infra::amqp {

/// Sans-I/O. Bytes from the peer go into space()/received(), bytes for it come out of out(). Every
/// error is the end of the connection; open() begins the next one.
class connection {
 public:
  /// `name` is what the broker lists the connection as. `out` outlives this and is shared with the
  /// session.
  connection(const amqp_config& config, std::string name, session& user, output& out);

  /// A socket is connected.
  void open(instant now);
  std::span<std::uint8_t> space() { return reader_.space(); }
  /// Errors: unauthorized (login refused), refused (the broker closed the connection), protocol,
  /// cancelled (the close() of ours is confirmed).
  result<void> received(std::size_t bytes, instant now);
  /// Heartbeats; call at least every 100 ms. Errors: timed_out (nothing heard for three
  /// heartbeats, or a set-up request not answered).
  result<void> tick(instant now);
  /// Bytes went out.
  void sent(instant now) noexcept { last_sent_ = now; }
  /// Begins an orderly close.
  void close();
  /// The socket is gone.
  void lost(const error& why);

  [[nodiscard]] bool is_open() const noexcept { return stage_ == stage::open; }
  /// Open, and the session has all it needs.
  [[nodiscard]] bool is_ready() const noexcept { return is_open() && session_.ready(); }
  [[nodiscard]] std::chrono::seconds heartbeat() const noexcept { return heartbeat_; }

 private:
  enum class stage : std::uint8_t { closed, start, tune, opening, open, closing };

  result<void> on_frame(const frame& f, instant now);
  result<void> on_connection_method(const method& m, instant now);
  void send_start_ok();
  void send_tune_ok(const amqp_connection_tune_t& offer);
  result<void> on_peer_close(const amqp_connection_close_t& c);

  const amqp_config config_;
  const std::string name_;
  session& session_;
  output& out_;
  frame_reader reader_;
  frame_decoder decoder_;
  stage stage_ = stage::closed;
  std::uint32_t frame_max_ = frame_size_max;
  std::chrono::seconds heartbeat_{0};
  instant last_sent_{};
  instant last_received_{};
};

}  // namespace cornice::infra::amqp
