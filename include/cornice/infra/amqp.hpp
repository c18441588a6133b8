// RabbitMQ client. rabbitmq-c encodes and decodes; its own socket blocks when the broker does not
// read, so the sockets are ours: non-blocking, on the loop, with what they do not take queued.
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
#include <string_view>
#include <utility>
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
  /// Messages waiting to be written, transient and durable ones each; beyond it publish() answers
  /// `overloaded`.
  std::size_t publish_queue_limit = 8192;
  std::size_t unconfirmed_limit = 1024;   ///< durable messages on the wire without confirm
  std::size_t request_limit = 256;        ///< requests waiting for their reply
  std::size_t message_limit = 16u << 20;  ///< bytes of one body, in and out
};

/// Properties and body of one message.
struct amqp_message {
  std::string topic;        ///< AMQP exchange; empty addresses a queue by its name (replies do)
  std::string routing_key;  ///< at most 255 bytes
  std::string type;
  std::string message_id;
  std::string app_id = "cornice";
  std::string correlation_id;
  std::string reply_to;
  std::string user;                 ///< header `user`: the caller's identity on cornice.command
  std::uint64_t timestamp_s = 0;    ///< AMQP basic property, whole seconds
  std::int64_t schema_version = 1;  ///< header `schema`
  /// 0 = none. Time spent in the queue of the publisher counts.
  std::int64_t expiration_ms = 0;
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
  std::uint64_t tag = 0;  ///< for ack(), opaque; 0 with auto_ack
  /// Channel generation: the client ignores acks of an earlier one.
  std::uint64_t epoch = 0;
  bool redelivered = false;
  amqp_message message;
  instant received{};  ///< when the bytes left the socket
};

enum class amqp_state : std::uint8_t { connecting, up, blocked, down };
[[nodiscard]] std::string_view to_string(amqp_state s) noexcept;

/// Client with one connection for publishing and one for consuming (made only when consume() was
/// called), both reconnecting for ever with backoff and jitter and declaring topology every time.
/// Runs on the loop and never blocks it: all calls from the loop thread, handlers run on it. A
/// broker that is stopped, out of memory or gone shows as a state and as a growing backlog.
///
/// Order is kept among the messages of publish(), and among those of the confirmed calls, not
/// between the two.
///
/// What the broker has not read is bounded to about 1 MiB: it is asked several times a second how
/// far it has read. So a stopped broker is noticed within about a second although the kernel would
/// take megabytes for it, and what it has not read can still be dropped.
class amqp_client {
 public:
  amqp_client(asio::any_io_executor loop, amqp_config config, metrics_registry& metrics);
  /// Drops what is queued. Use shutdown() first for an orderly end.
  ~amqp_client();
  amqp_client(const amqp_client&) = delete;
  amqp_client& operator=(const amqp_client&) = delete;

  /// Durable topic exchanges to declare on every connect. Before start().
  void declare_topic(const std::string& name);
  /// Queues declared, bound and consumed on every connect; topics they name are declared with them.
  /// `handler` runs on the loop thread for each delivery, in order, as soon as it is read: nothing
  /// is buffered in between, so a slow loop makes the messages wait at the broker. A queue that the
  /// broker refuses (it exists with other arguments, say) is tried again with backoff without
  /// disturbing the others; last_error() says why. Before start().
  void consume(amqp_queue queue, std::function<void(amqp_delivery)> handler);
  void start();

  /// Queues a message without waiting. Never blocks, promises nothing about arrival. Errors:
  /// overloaded (queue full although the broker takes messages), out_of_range (a field over its
  /// limit), invalid_argument, unavailable (after shutdown()). While the broker is away or blocked
  /// the oldest queued message makes room instead (counted), so that what arrives after an outage
  /// is fresh; one whose expiration passes in the queue is dropped (counted).
  result<void> publish(amqp_message message);
  /// Publishes persistent with a publisher confirm. Success means the broker has it. Errors:
  /// timed_out, unavailable, overloaded, refused (nack or unroutable when `mandatory`),
  /// out_of_range, cancelled. On timed_out, unavailable and cancelled the message may still arrive.
  task<result<void>> publish_confirmed(amqp_message message, std::chrono::milliseconds deadline,
                                       bool mandatory = false);
  /// Publishes a batch in order and waits for all confirms; answers how many from the front are
  /// confirmed. Errors as publish_confirmed(), only when not even the first one is; nothing is
  /// published after out_of_range, invalid_argument and overloaded.
  task<result<std::size_t>> publish_confirmed_batch(std::vector<amqp_message> messages,
                                                    std::chrono::milliseconds deadline);

  /// Acknowledges a delivery. Ignored if its connection is gone (the broker will redeliver).
  void ack(const amqp_delivery& delivery);
  /// Rejects: `requeue` false sends it to the queue's dead-letter topic.
  void reject(const amqp_delivery& delivery, bool requeue);

  /// Request/reply over RabbitMQ's direct reply-to; sets correlation_id, reply_to and, unless
  /// given, the expiration. The other side publishes its reply with topic "", routing_key =
  /// reply_to and the same correlation_id. Errors: timed_out, unavailable (no connection by the
  /// deadline, lost meanwhile, or no queue is bound for it), overloaded, out_of_range.
  task<result<amqp_message>> request(amqp_message message, std::chrono::milliseconds deadline);

  /// `blocked` = the broker sent connection.blocked (memory or disk alarm), or has read nothing for
  /// a second.
  [[nodiscard]] amqp_state publish_state() const noexcept;
  /// `up` = every queue is consumed, also when there is none to consume.
  [[nodiscard]] amqp_state consume_state() const noexcept;
  /// Why something does not work at the moment; empty when all is well.
  [[nodiscard]] std::string last_error() const;
  /// Messages waiting to be written: what conflation looks at.
  [[nodiscard]] std::size_t backlog() const noexcept;
  /// Called on the loop thread whenever publish_state or consume_state changed. Before start().
  void on_state_change(std::function<void()> handler);

  /// Stops consuming, flushes what is queued, closes: at most `limit`, whatever the broker does.
  /// Deliveries not acknowledged by the end of it come again.
  task<> shutdown(std::chrono::milliseconds limit);

 private:
  struct state;
  std::shared_ptr<state> state_;
};

}  // namespace cornice::infra
