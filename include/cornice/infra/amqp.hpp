// RabbitMQ. rabbitmq-c blocks when its socket is full, so it never runs on the loop thread.
#pragma once

#include "cornice/base/result.hpp"
#include "cornice/base/time.hpp"
#include "cornice/infra/async.hpp"
#include "cornice/infra/metrics.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace cornice::infra {

struct amqp_config {
  std::string host = "127.0.0.1";
  std::uint16_t port = 5672;
  std::string vhost = "/";
  std::string user;
  std::string password;
  std::string connection_name = "cornice";
  std::chrono::seconds heartbeat{10};
  std::chrono::milliseconds connect_timeout{5000};
  std::chrono::milliseconds reconnect_min{100};
  std::chrono::milliseconds reconnect_max{5000};
  std::size_t publish_queue_limit =
      8192;  ///< messages waiting to be written; beyond it publish() answers `overloaded`
  std::size_t unconfirmed_limit = 1024;  ///< durable messages on the wire without confirm
};

/// Properties and body of one message.
struct amqp_message {
  std::string topic;        ///< AMQP exchange
  std::string routing_key;  ///< at most 255 bytes
  std::string type;
  std::string message_id;
  std::string app_id = "cornice";
  std::string correlation_id;
  std::string reply_to;
  std::string user;                 ///< header `user`: the caller's identity on cornice.command
  std::uint64_t timestamp_s = 0;    ///< AMQP basic property, whole seconds
  std::int64_t schema_version = 1;  ///< header `schema`
  std::int64_t expiration_ms = 0;   ///< 0 = none
  bool persistent = false;
  std::string body;  ///< application/json
};

/// One queue and how it is consumed.
struct amqp_queue {
  std::string name;  ///< empty = server-named, exclusive, auto-delete
  std::vector<std::pair<std::string, std::string>> bindings;  ///< topic, binding key
  bool durable = false;
  bool quorum = false;            ///< x-queue-type quorum (implies durable)
  std::int64_t max_length = 0;    ///< x-max-length, 0 = none; overflow drops the oldest (drop-head)
  std::string dead_letter_topic;  ///< x-dead-letter-exchange, empty = none
  bool auto_ack = false;
  std::uint16_t prefetch = 256;  ///< unacknowledged deliveries at most (ignored with auto_ack)
};

struct amqp_delivery {
  std::uint64_t tag = 0;  ///< for ack(); 0 with auto_ack
  std::uint64_t epoch =
      0;  ///< connection generation: acks of an earlier generation are ignored by the client
  bool redelivered = false;
  amqp_message message;
  instant received{};  ///< when the bytes left the socket
};

enum class amqp_state : std::uint8_t { connecting, up, blocked, down };

/// Client with one connection for publishing and one for consuming, each on a thread of its own,
/// both reconnecting for ever with backoff and jitter, re-declaring topology every time. All calls
/// from the loop thread; handlers run on it.
class amqp_client {
 public:
  amqp_client(asio::any_io_executor loop, amqp_config config, metrics_registry& metrics);
  /// Drops what is queued. Use shutdown() first for an orderly end.
  ~amqp_client();
  amqp_client(const amqp_client&) = delete;
  amqp_client& operator=(const amqp_client&) = delete;

  /// Durable topic exchanges to declare on every connect. Before start().
  void declare_topic(const std::string& name);
  /// Queues declared, bound and consumed on every connect. `handler` runs on the loop thread for
  /// each delivery, in order. Before start(). The hand-over to the loop is bounded by `prefetch`
  /// (manual ack) or, with auto_ack, by 4096 deliveries: beyond it the oldest is dropped and
  /// counted.
  void consume(amqp_queue queue, std::function<void(amqp_delivery)> handler);
  void start();

  /// Queues a message without waiting. Never blocks. Errors: overloaded (queue full), out_of_range
  /// (routing key over 255 bytes). A transient message accepted while the broker is away is dropped
  /// after `publish_queue_limit` is reached, oldest first (counted), so that what arrives after an
  /// outage is fresh.
  result<void> publish(amqp_message message);
  /// Publishes persistent with a publisher confirm. Success means the broker has it. Errors:
  /// timed_out, unavailable, overloaded, refused (nack or unroutable when `mandatory`). On
  /// timed_out and unavailable the message may still arrive.
  task<result<void>> publish_confirmed(amqp_message message, std::chrono::milliseconds deadline,
                                       bool mandatory = false);
  /// Publishes a batch in order and waits for all confirms; answers how many from the front are
  /// confirmed.
  task<result<std::size_t>> publish_confirmed_batch(std::vector<amqp_message> messages,
                                                    std::chrono::milliseconds deadline);

  /// Acknowledges a delivery. Ignored if its connection is gone (the broker will redeliver).
  void ack(const amqp_delivery& delivery);
  /// Rejects: `requue` false sends it to the queue's dead-letter topic.
  void reject(const amqp_delivery& delivery, bool requeue);

  /// Request/reply over a direct-reply queue. Errors: timed_out, unavailable, overloaded.
  task<result<amqp_message>> request(amqp_message message, std::chrono::milliseconds deadline);

  /// `blocked` = the broker sent connection.blocked or stopped reading (queue older than 1 s is not
  /// draining).
  [[nodiscard]] amqp_state publish_state() const noexcept;
  [[nodiscard]] amqp_state consume_state() const noexcept;
  [[nodiscard]] std::string last_error() const;
  /// Messages waiting to be written: what conflation looks at.
  [[nodiscard]] std::size_t backlog() const noexcept;
  /// Called on the loop thread whenever publish_state or consume_state changes. Before start().
  void on_state_change(std::function<void()> handler);

  /// Stops consuming, flushes what is queued (at most `limit`), closes.
  task<> shutdown(std::chrono::milliseconds limit);

 private:
  struct state;
  std::shared_ptr<state> state_;
};

}  // namespace cornice::infra
