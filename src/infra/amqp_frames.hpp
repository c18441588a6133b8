// AMQP 0-9-1 frames to and from bytes. rabbitmq-c encodes and decodes what is inside a frame; its
// own socket is not used, because it blocks when the peer does not read.
#pragma once

#include "cornice/base/result.hpp"
#include "infra/amqp_api.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace cornice::infra::amqp {

/// Largest frame we offer and accept; RabbitMQ's own default.
inline constexpr std::uint32_t frame_size_max = 131'072;

/// Bytes waiting for the socket. Keeps its capacity, so that a steady stream does not allocate.
class output {
 public:
  [[nodiscard]] std::size_t size() const noexcept { return tail_ - head_; }
  [[nodiscard]] bool empty() const noexcept { return tail_ == head_; }
  [[nodiscard]] const std::uint8_t* data() const noexcept { return bytes_.data() + head_; }
  void consume(std::size_t n) noexcept;
  /// Room for `n` bytes at the end; valid until the next call.
  std::span<std::uint8_t> prepare(std::size_t n);
  void commit(std::size_t n) noexcept { tail_ += n; }
  void clear() noexcept { head_ = tail_ = 0; }

 private:
  std::vector<std::uint8_t> bytes_;
  std::size_t head_ = 0;
  std::size_t tail_ = 0;
};

void write_protocol_header(output& out);
void write_heartbeat(output& out);
/// `fields` points to rabbitmq-c's struct of method `id`.
void write_method_fields(output& out, std::uint16_t channel, amqp_method_number_t id, void* fields);
template <class Fields>
void write_method(output& out, std::uint16_t channel, amqp_method_number_t id, Fields fields) {
  write_method_fields(out, channel, id, &fields);
}
/// Content header and as many body frames as `frame_max` asks for. `properties_bound` is at least
/// the encoded size of `properties`.
void write_content(output& out, std::uint16_t channel, amqp_basic_properties_t& properties,
                   std::size_t properties_bound, std::string_view body, std::uint32_t frame_max);

/// One frame, borrowed from the reader until its next space().
struct frame {
  std::uint8_t type = 0;
  std::uint16_t channel = 0;
  std::span<const std::uint8_t> payload;
};

/// Cuts a stream of bytes into frames.
class frame_reader {
 public:
  frame_reader();
  /// Where the next bytes of the stream belong. Never empty.
  std::span<std::uint8_t> space();
  void commit(std::size_t n) noexcept { tail_ += n; }
  /// The next complete frame, nothing when more bytes are needed. Errors: protocol.
  result<std::optional<frame>> next();
  void clear() noexcept { head_ = tail_ = 0; }

 private:
  std::vector<std::uint8_t> bytes_;
  std::size_t head_ = 0;
  std::size_t tail_ = 0;
};

struct method {
  amqp_method_number_t id = 0;
  const void* fields = nullptr;  ///< rabbitmq-c's struct of that method

  template <class Fields>
  [[nodiscard]] const Fields& as() const noexcept {
    return *static_cast<const Fields*>(fields);
  }
};

struct content_header {
  std::uint64_t body_size = 0;
  const amqp_basic_properties_t* properties = nullptr;
};

/// Decodes frame payloads. What it returns lives until the next decode and borrows from the frame.
class frame_decoder {
 public:
  frame_decoder();
  ~frame_decoder();
  frame_decoder(const frame_decoder&) = delete;
  frame_decoder& operator=(const frame_decoder&) = delete;

  /// Errors: protocol (unknown method, truncated field).
  result<method> decode_method(const frame& f);
  result<content_header> decode_header(const frame& f);

 private:
  amqp_pool_t pool_;
};

}  // namespace cornice::infra::amqp
