// The peer and the limit on the broker: rabbitmq-c as its examples use it, blocking.
#pragma once

#include "bench.hpp"
#include "cornice/infra/amqp.hpp"
#include "infra/amqp_api.hpp"

#if __has_include(<rabbitmq-c/tcp_socket.h>)
#include <rabbitmq-c/tcp_socket.h>
#else
#include <amqp_tcp_socket.h>
#endif

#include <string>

namespace cornice_bench {

namespace amqp = cornice::infra::amqp;

class bare_connection {
 public:
  explicit bare_connection(const cornice::infra::amqp_config& c) : state_{amqp_new_connection()} {
    amqp_socket_t* socket = amqp_tcp_socket_new(state_);
    require(amqp_socket_open(socket, c.host.c_str(), c.port) == AMQP_STATUS_OK, "connect");
    require(amqp_login(state_, c.vhost.c_str(), 0, 131'072, 0, AMQP_SASL_METHOD_PLAIN,
                       c.user.c_str(), c.password.c_str())
                    .reply_type == AMQP_RESPONSE_NORMAL,
            "login");
    require(amqp_channel_open(state_, 1) != nullptr, "channel");
  }
  ~bare_connection() { amqp_destroy_connection(state_); }
  bare_connection(const bare_connection&) = delete;
  bare_connection& operator=(const bare_connection&) = delete;
  [[nodiscard]] amqp_connection_state_t get() const noexcept { return state_; }

 private:
  amqp_connection_state_t state_;
};

/// A connection that publishes transient messages to one topic exchange.
class bare_publisher {
 public:
  bare_publisher(const cornice::infra::amqp_config& c, std::string topic)
      : connection_{c}, topic_{std::move(topic)} {
    require(amqp_exchange_declare(connection_.get(), 1, amqp::bytes_of(topic_),
                                  amqp::bytes_of("topic"), 0, 1, 0, 0, amqp_empty_table) != nullptr,
            "exchange");
  }
  void publish(const std::string& body) {
    amqp_basic_properties_t p{};
    p._flags = AMQP_BASIC_CONTENT_TYPE_FLAG | AMQP_BASIC_DELIVERY_MODE_FLAG;
    p.content_type = amqp::bytes_of("application/json");
    p.delivery_mode = 1;
    require(amqp_basic_publish(connection_.get(), 1, amqp::bytes_of(topic_),
                               amqp::bytes_of("book.kalshi.X"), 0, 0, &p,
                               amqp::bytes_of(body)) == AMQP_STATUS_OK,
            "publish");
  }

 private:
  bare_connection connection_;
  std::string topic_;
};

/// A connection with one queue of its own that gets everything of a topic, without
/// acknowledgements.
class bare_consumer {
 public:
  bare_consumer(const cornice::infra::amqp_config& c, const std::string& topic) : connection_{c} {
    const auto* q =
        amqp_queue_declare(connection_.get(), 1, amqp_empty_bytes, 0, 0, 1, 1, amqp_empty_table);
    require(q != nullptr, "queue");
    const std::string name{amqp::text_of(q->queue)};
    require(amqp_queue_bind(connection_.get(), 1, amqp::bytes_of(name), amqp::bytes_of(topic),
                            amqp::bytes_of("#"), amqp_empty_table) != nullptr,
            "bind");
    require(amqp_basic_consume(connection_.get(), 1, amqp::bytes_of(name), amqp_empty_bytes, 0, 1,
                               0, amqp_empty_table) != nullptr,
            "consume");
  }
  void receive() {
    amqp_envelope_t envelope;
    amqp_maybe_release_buffers(connection_.get());
    require(amqp_consume_message(connection_.get(), &envelope, nullptr, 0).reply_type ==
                AMQP_RESPONSE_NORMAL,
            "consume message");
    amqp_destroy_envelope(&envelope);
  }

 private:
  bare_connection connection_;
};

}  // namespace cornice_bench
