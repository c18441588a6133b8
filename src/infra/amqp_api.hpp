// The one place that includes rabbitmq-c, whose headers moved between 0.11 and 0.12.
#pragma once

#if __has_include(<rabbitmq-c/amqp.h>)
#include <rabbitmq-c/amqp.h>
#include <rabbitmq-c/framing.h>
#else
#include <amqp.h>
#include <amqp_framing.h>
#endif

#include <string_view>

namespace cornice::infra::amqp {

[[nodiscard]] inline std::string_view text_of(const amqp_bytes_t& b) noexcept {
  return b.len == 0 ? std::string_view{}
                    : std::string_view{static_cast<const char*>(b.bytes), b.len};
}

/// Borrows `s`. rabbitmq-c has no pointer to const, but its encoders only read.
[[nodiscard]] inline amqp_bytes_t bytes_of(std::string_view s) noexcept {
  amqp_bytes_t b;
  b.len = s.size();
  b.bytes = const_cast<char*>(s.data());
  return b;
}

}  // namespace cornice::infra::amqp
