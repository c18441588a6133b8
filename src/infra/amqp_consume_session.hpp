// The consuming connection: queues declared, bound and consumed, deliveries, acknowledgements.
#pragma once

#include "cornice/infra/amqp.hpp"
#include "infra/amqp_ack_window.hpp"
#include "infra/amqp_message_codec.hpp"
#include "infra/amqp_script.hpp"
#include "infra/amqp_session.hpp"
#include "infra/backoff.hpp"

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace cornice::infra::amqp {

/// Sans-I/O. One channel per queue: what the broker refuses for one queue (other arguments, a
/// missing topic) must not disturb the others, and each has its own prefetch.
class consume_session final : public session {
 public:
  /// `random` jitters the retries of a queue that the broker refuses.
  consume_session(const amqp_config& config, output& out, metrics_registry& metrics,
                  std::function<std::uint64_t()> random);

  void add_queue(amqp_queue queue, std::function<void(amqp_delivery)> handler);
  [[nodiscard]] bool has_queues() const noexcept { return !consumers_.empty(); }

  void ack(const amqp_delivery& d);
  void reject(const amqp_delivery& d, bool requeue);
  /// Deliveries stop; acknowledgements still go out.
  void stop_consuming();
  /// No handler is called any more, not even for what was already read.
  void halt() noexcept { halted_ = true; }

  /// Text of the errors of queues that are not consumed at the moment, empty when all are.
  [[nodiscard]] std::string failures() const;

  void opened(std::uint32_t frame_max, instant now) override;
  result<void> on_method(std::uint16_t channel, const method& m, instant now) override;
  result<void> on_header(std::uint16_t channel, const content_header& h, instant now) override;
  result<void> on_body(std::uint16_t channel, std::span<const std::uint8_t> piece,
                       instant now) override;
  void on_blocked(bool, std::string_view) override {}
  result<void> tick(instant now) override;
  void fill(instant now) override;
  void lost(const error& why) override;
  [[nodiscard]] bool ready() const noexcept override;

 private:
  struct consumer {
    consumer(amqp_queue q, std::function<void(amqp_delivery)> h, counter d,
             const amqp_config& config)
        : queue{std::move(q)},
          handler{std::move(h)},
          delivered{d},
          content{config.message_limit},
          retry{config.reconnect_min, config.reconnect_max} {}
    amqp_queue queue;
    std::function<void(amqp_delivery)> handler;
    counter delivered;
    channel_script script;
    content_assembler content;
    ack_window acks;
    exponential_backoff retry;
    std::string name;  ///< the declared one, made by the server when the queue has none
    std::string failure;
    std::optional<instant> retry_at;
    std::uint64_t epoch = 0;
    std::uint64_t current_tag = 0;
    bool current_redelivered = false;
    bool channel_open = false;
    bool consuming = false;
  };

  consumer* at(std::uint16_t channel) noexcept;
  consumer* consumer_of(const amqp_delivery& d) noexcept;
  void begin(std::uint16_t channel, instant now);
  void fail(consumer& c, std::string why, instant now);
  result<void> on_content(std::uint16_t channel, consumer& c, instant now);

  const amqp_config config_;
  output& out_;
  metrics_registry& metrics_;
  std::function<std::uint64_t()> random_;
  counter oversized_;
  counter handler_failures_;
  std::deque<consumer> consumers_;  // channel n serves element n - 1; addresses are stable
  std::uint64_t epochs_ = 0;
  bool open_ = false;
  bool stopping_ = false;
  bool halted_ = false;
};

}  // namespace cornice::infra::amqp
