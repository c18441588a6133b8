// One connection as a stream of bytes, TCP or TLS behind the same virtual interface. Everything
// above it (HTTP, WebSocket) is compiled once instead of once per kind of stream.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/system/error_code.hpp>

#include <array>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>

namespace boost::asio::ssl {
class context;
}

namespace cornice::infra {

namespace asio = boost::asio;
using boost::system::error_code;

/// A short sequence of buffers by value; satisfies ConstBufferSequence.
class const_buffers {
 public:
  static constexpr std::size_t capacity = 4;
  /// Takes what fits; a stream may write less than it was given anyway.
  template <class Sequence>
  static const_buffers of(const Sequence& sequence) {
    const_buffers out;
    auto at = asio::buffer_sequence_begin(sequence);
    const auto end = asio::buffer_sequence_end(sequence);
    for (; at != end && out.count_ < capacity; ++at) {
      const asio::const_buffer piece{*at};
      if (piece.size() != 0) out.items_[out.count_++] = piece;
    }
    return out;
  }
  [[nodiscard]] const asio::const_buffer* begin() const noexcept { return items_.data(); }
  [[nodiscard]] const asio::const_buffer* end() const noexcept { return items_.data() + count_; }

 private:
  std::array<asio::const_buffer, capacity> items_{};
  std::size_t count_ = 0;
};

/// Loop thread only. A started operation keeps no reference to the stream: whoever starts it keeps
/// the stream and the buffers alive until the handler has run, by holding them in the handler.
/// Handlers never run inside the call that takes them. At most one read and one write at a time.
class byte_stream {
 public:
  using io_handler = std::function<void(error_code, std::size_t)>;
  using done_handler = std::function<void(error_code)>;

  virtual ~byte_stream() = default;
  [[nodiscard]] virtual asio::any_io_executor executor() = 0;
  virtual void read_some(asio::mutable_buffer into, io_handler handler) = 0;
  virtual void write_some(const_buffers from, io_handler handler) = 0;
  /// Handshake of TLS in the role the stream was made for; succeeds at once on plain TCP.
  virtual void handshake(done_handler handler) = 0;
  /// Says more about a failed handshake than its error code does; empty when there is nothing.
  [[nodiscard]] virtual std::string handshake_failure() const = 0;
  /// Tells the peer that nothing more will come; reading goes on. Errors do not matter here.
  virtual void finish_writing() noexcept = 0;
  /// Closes the socket. What is pending completes with operation_aborted. Idempotent.
  virtual void abort() noexcept = 0;
};

[[nodiscard]] std::unique_ptr<byte_stream> make_plain_stream(asio::ip::tcp::socket socket);
/// Client side: sends SNI for names and verifies that the certificate names `host` (name or
/// address). Null when OpenSSL refuses `host` as a name.
[[nodiscard]] std::unique_ptr<byte_stream> make_tls_client_stream(
    asio::ip::tcp::socket socket, std::shared_ptr<asio::ssl::context> context,
    const std::string& host);
[[nodiscard]] std::unique_ptr<byte_stream> make_tls_server_stream(
    asio::ip::tcp::socket socket, std::shared_ptr<asio::ssl::context> context);

}  // namespace cornice::infra
