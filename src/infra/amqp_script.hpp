// Requests on one channel that must be answered one after the other: open, declare, bind, consume.
#pragma once

#include "cornice/base/time.hpp"
#include "cornice/infra/amqp.hpp"
#include "infra/amqp_frames.hpp"

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <string>

namespace cornice::infra::amqp {

class channel_script {
 public:
  /// `on_reply` gets rabbitmq-c's struct of the reply; may be empty.
  struct step {
    std::function<void(output&)> send;
    amqp_method_number_t reply = 0;
    std::function<void(const method&)> on_reply;
  };

  /// Sends the first step.
  void begin(std::deque<step> steps, output& out, instant now);
  void reset() { steps_.clear(); }
  /// True when `m` was the awaited reply; the next step is sent then.
  bool on_method(const method& m, output& out, instant now);
  [[nodiscard]] bool done() const noexcept { return steps_.empty(); }
  /// The broker owes an answer for longer than `limit`.
  [[nodiscard]] bool overdue(instant now, std::chrono::milliseconds limit) const noexcept {
    return !steps_.empty() && now - sent_ > limit;
  }

 private:
  std::deque<step> steps_;
  instant sent_{};
};

channel_script::step open_channel(std::uint16_t channel);
channel_script::step select_confirms(std::uint16_t channel);
/// A durable topic exchange.
channel_script::step declare_topic(std::uint16_t channel, std::string name);
/// `declared` receives the queue's name, which the server makes when it is empty.
channel_script::step declare_queue(std::uint16_t channel, amqp_queue queue,
                                   std::function<void(std::string)> declared);
/// `queue` is read when the step is sent.
channel_script::step bind_queue(std::uint16_t channel, const std::string& queue, std::string topic,
                                std::string key);
channel_script::step limit_prefetch(std::uint16_t channel, std::uint16_t count);
channel_script::step start_consuming(std::uint16_t channel, const std::string& queue,
                                     bool auto_ack);
/// Whether clients may declare a topic of that name: not the default one and not `amq.*`.
[[nodiscard]] bool may_declare(const std::string& topic) noexcept;

void write_qos(output& out, std::uint16_t channel, std::uint16_t prefetch);
void write_channel_close_ok(output& out, std::uint16_t channel);
/// What ends a connection whose broker does not answer set-up requests.
[[nodiscard]] error set_up_overdue(std::uint16_t channel, std::chrono::milliseconds limit);
/// `404 NOT_FOUND - no exchange …` as the broker says it.
[[nodiscard]] error channel_error(const method& channel_close);

}  // namespace cornice::infra::amqp
