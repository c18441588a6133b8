// What the RabbitMQ tests share: a loop, a unique topic, and clients that record what they get.
#pragma once

#include "cornice/infra/amqp.hpp"
#include "cornice/infra/metrics.hpp"
#include "cornice_test/services.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace cornice_test {

using namespace std::chrono_literals;

inline cornice::infra::amqp_config amqp_config_of(const services& where) {
  const auto broker = where.rabbitmq();
  cornice::infra::amqp_config c;
  c.host = broker.host;
  c.port = broker.port;
  c.user = broker.user;
  c.password = broker.password;
  c.vhost = broker.vhost;
  c.connection_name = "cornice-test";
  c.reconnect_min = 20ms;
  c.reconnect_max = 200ms;
  return c;
}

class amqp_fixture : public ::testing::Test {
 protected:
  using amqp_client = cornice::infra::amqp_client;
  using amqp_message = cornice::infra::amqp_message;
  using amqp_delivery = cornice::infra::amqp_delivery;
  using amqp_queue = cornice::infra::amqp_queue;
  using amqp_state = cornice::infra::amqp_state;

  explicit amqp_fixture(const services& where) : config_{amqp_config_of(where)} {}

  amqp_message message(std::string body, std::string key = "k") const {
    amqp_message m;
    m.topic = topic_;
    m.routing_key = std::move(key);
    m.body = std::move(body);
    return m;
  }
  // A queue of a unique name that gets everything of the topic.
  amqp_queue queue() const {
    amqp_queue q;
    q.name = unique_name("queue");
    q.bindings = {{topic_, "#"}};
    return q;
  }
  amqp_queue private_queue() const {
    amqp_queue q = queue();
    q.name.clear();
    q.auto_ack = true;
    return q;
  }
  // Records deliveries in received_ and acknowledges them.
  std::function<void(amqp_delivery)> recorder(amqp_client& client) {
    return [this, &client](amqp_delivery d) {
      client.ack(d);
      received_.push_back(std::move(d));
    };
  }
  void start_and_wait_until_up(amqp_client& client) {
    client.start();
    ASSERT_TRUE(wait_until([&] { return up(client); })) << client.last_error();
  }
  static bool up(const amqp_client& client) {
    return client.publish_state() == amqp_state::up && client.consume_state() == amqp_state::up;
  }
  bool wait_until(std::function<bool()> holds, std::chrono::milliseconds limit = 10s) {
    return run_on_loop(io_, eventually(std::move(holds), limit), limit + 10s);
  }
  template <class T>
  T run(cornice::infra::task<T> work, std::chrono::milliseconds limit = 30s) {
    return run_on_loop(io_, std::move(work), limit);
  }
  std::vector<std::string> bodies() const {
    std::vector<std::string> all;
    for (const auto& d : received_) all.push_back(d.message.body);
    return all;
  }

  asio::io_context io_{1};
  cornice::infra::metrics_registry metrics_;
  cornice::infra::amqp_config config_;
  const std::string topic_ = unique_name("topic");
  std::vector<amqp_delivery> received_;
};

}  // namespace cornice_test
