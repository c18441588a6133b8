// A byte stream in the shape that Beast's algorithms ask for (AsyncStream). Include it only where
// Beast is instantiated.
#pragma once

#include "cornice/infra/clock.hpp"
#include "infra/byte_stream.hpp"

#include <boost/asio/async_result.hpp>
#include <boost/asio/post.hpp>
#include <boost/beast/core/bind_handler.hpp>
#include <boost/beast/core/role.hpp>

#include <memory>
#include <utility>

namespace cornice::infra {

/// Completion handlers run where the byte stream's do, on the loop; executors and cancellation
/// slots that are bound to them are not looked at. Every caller is in this folder, runs on the one
/// loop, and ends operations by closing the stream.
class beast_stream {
 public:
  using executor_type = asio::any_io_executor;

  explicit beast_stream(std::unique_ptr<byte_stream> stream)
      : stream_{std::move(stream)}, last_read_{std::make_shared<instant>(now())} {}

  executor_type get_executor() { return stream_->executor(); }

  template <class Buffers, class Token>
  auto async_read_some(const Buffers& into, Token&& token) {
    return asio::async_initiate<Token, void(error_code, std::size_t)>(
        [this](auto handler, asio::mutable_buffer buffer) {
          auto held = std::make_shared<decltype(handler)>(std::move(handler));
          stream_->read_some(buffer, [held, last = last_read_](error_code ec, std::size_t count) {
            if (!ec) *last = now();
            std::move (*held)(ec, count);
          });
        },
        token, first_of(into));
  }

  template <class Buffers, class Token>
  auto async_write_some(const Buffers& from, Token&& token) {
    return asio::async_initiate<Token, void(error_code, std::size_t)>(
        [this](auto handler, const_buffers buffers) {
          auto held = std::make_shared<decltype(handler)>(std::move(handler));
          stream_->write_some(
              buffers, [held](error_code ec, std::size_t count) { std::move (*held)(ec, count); });
        },
        token, const_buffers::of(from));
  }

  void finish_writing() noexcept { stream_->finish_writing(); }
  void abort() noexcept { stream_->abort(); }
  /// When the peer was last heard of; before the first byte, when this object was made.
  [[nodiscard]] instant last_read() const noexcept { return *last_read_; }

 private:
  static instant now() noexcept { return system_clock().monotonic(); }

  template <class Buffers>
  static asio::mutable_buffer first_of(const Buffers& buffers) {
    auto at = asio::buffer_sequence_begin(buffers);
    const auto end = asio::buffer_sequence_end(buffers);
    for (; at != end; ++at)
      if (const asio::mutable_buffer buffer{*at}; buffer.size() != 0) return buffer;
    return {};
  }

  std::unique_ptr<byte_stream> stream_;
  std::shared_ptr<instant> last_read_;
};

/// Customisation points by which Beast ends a WebSocket once its close handshake is done.
inline void teardown(boost::beast::role_type, beast_stream& stream, error_code& ec) {
  stream.abort();
  ec = {};
}

template <class Handler>
void async_teardown(boost::beast::role_type, beast_stream& stream, Handler&& handler) {
  stream.finish_writing();
  asio::post(stream.get_executor(),
             boost::beast::bind_front_handler(std::forward<Handler>(handler), error_code{}));
}

inline void beast_close_socket(beast_stream& stream) {
  stream.abort();
}

}  // namespace cornice::infra
