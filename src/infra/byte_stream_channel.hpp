// Buffered reading and writing over a byte stream, for coroutines that wait on both at once.
#pragma once

#include "cornice/base/time.hpp"
#include "cornice/infra/async.hpp"
#include "infra/byte_stream.hpp"
#include "infra/byte_stream_event.hpp"

#include <array>
#include <functional>
#include <memory>
#include <string>

namespace cornice::infra {

/// Reads and writes run in the background and wake the one coroutine that waits. Held by
/// shared_ptr: a pending operation keeps it alive. Loop thread only.
class byte_channel : public std::enable_shared_from_this<byte_channel> {
 public:
  explicit byte_channel(std::unique_ptr<byte_stream> stream);

  /// Begins a read unless one is pending or reading has ended.
  void arm();
  /// Bytes received and not yet taken; the owner erases what it consumed.
  [[nodiscard]] std::string& input() noexcept { return input_; }
  [[nodiscard]] bool reading() const noexcept { return reading_; }
  /// Why reading ended; no error while it goes on.
  [[nodiscard]] error_code read_error() const noexcept { return read_error_; }

  /// Writes all of `bytes`. One at a time.
  void write(std::string bytes);
  [[nodiscard]] bool writing() const noexcept { return writing_; }
  [[nodiscard]] error_code write_error() const noexcept { return write_error_; }

  /// Begins the stream's handshake; its result is in handshake_error() once handshaking() is false.
  void handshake();
  [[nodiscard]] bool handshaking() const noexcept { return handshaking_; }
  [[nodiscard]] error_code handshake_error() const noexcept { return handshake_error_; }

  /// Until an operation ends, `deadline` passes or the coroutine is cancelled.
  task<wake> wait(instant deadline) { return event_.wait(deadline); }

  /// Runs when a read ends, besides waking the waiter. Cleared by passing nothing.
  void on_read(std::function<void()> callback) { on_read_ = std::move(callback); }

  void finish_writing() noexcept;
  void abort() noexcept;
  /// Hands the stream over. Nothing may be pending.
  [[nodiscard]] std::unique_ptr<byte_stream> release();

 private:
  void continue_write();

  std::unique_ptr<byte_stream> stream_;
  stream_event event_;
  std::array<char, std::size_t{16} << 10> piece_;
  std::string input_;
  std::string output_;
  std::size_t written_ = 0;
  std::function<void()> on_read_;
  error_code read_error_;
  error_code write_error_;
  error_code handshake_error_;
  bool reading_ = false;
  bool writing_ = false;
  bool handshaking_ = false;
};

}  // namespace cornice::infra
