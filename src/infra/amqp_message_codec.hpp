// amqp_message to and from AMQP properties and body.
#pragma once

#include "cornice/base/result.hpp"
#include "cornice/infra/amqp.hpp"
#include "infra/amqp_frames.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

namespace cornice::infra::amqp {

/// Whether the message can be put on the wire at all. Errors: out_of_range (a short string over 255
/// bytes, `user` over 1024 bytes, a body over `body_max`), invalid_argument (negative expiration).
[[nodiscard]] result<void> check_message(const amqp_message& m, std::size_t body_max);

/// What is decided at writing time and not by whoever made the message.
struct publish_options {
  bool persistent = false;
  bool mandatory = false;
  std::int64_t expiration_ms = 0;  ///< what is left of it; 0 = none
  std::uint64_t confirm_seq = 0;   ///< sent as a header and found again in a return; 0 = none
  std::uint32_t frame_max = frame_size_max;
};
/// `m` has passed check_message().
void write_publish(output& out, std::uint16_t channel, const amqp_message& m,
                   const publish_options& options);

/// Collects the method, header and body frames of one incoming message on one channel.
class content_assembler {
 public:
  explicit content_assembler(std::size_t body_max) : body_max_{body_max} {}

  /// A deliver or return method came. Errors: protocol (content is still open).
  result<void> begin(std::string_view topic, std::string_view routing_key);
  result<void> header(const content_header& h);
  result<void> body(std::span<const std::uint8_t> piece);
  /// True once everything is there; take() then.
  [[nodiscard]] bool complete() const noexcept { return stage_ == stage::complete; }
  /// The body was larger than body_max: it is empty in the message.
  [[nodiscard]] bool oversized() const noexcept { return oversized_; }
  [[nodiscard]] std::uint64_t confirm_seq() const noexcept { return confirm_seq_; }
  amqp_message take();
  void reset() noexcept { stage_ = stage::idle; }

 private:
  enum class stage : std::uint8_t { idle, header, body, complete };
  std::size_t body_max_;
  stage stage_ = stage::idle;
  bool oversized_ = false;
  std::uint64_t remaining_ = 0;
  std::uint64_t confirm_seq_ = 0;
  amqp_message message_;
};

}  // namespace cornice::infra::amqp
