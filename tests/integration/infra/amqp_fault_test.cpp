// amqp_client against a broker of its own that is stopped, killed and starved.
#include "amqp_fixture.hpp"
#include "cornice/infra/amqp.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace cornice_test {
namespace {

using namespace std::chrono_literals;
using namespace cornice;
using namespace cornice::infra;

class amqp_fault_test : public amqp_fixture {
 protected:
  static void SetUpTestSuite() { broker() = std::make_unique<private_services>("rabbitmq"); }
  static void TearDownTestSuite() { broker().reset(); }
  static std::unique_ptr<private_services>& broker() {
    static std::unique_ptr<private_services> instance;
    return instance;
  }

  amqp_fault_test() : amqp_fixture{broker()->get()} {}
  ~amqp_fault_test() override { broker()->signal_all(SIGCONT); }

  static int ctl(std::vector<std::string> words) {
    words.insert(words.begin(), {broker()->get().rabbitmqctl(), "-q"});
    return run_program(words);
  }
  // The longest time the loop was away from its timer.
  task<> watch_loop() {
    auto last = std::chrono::steady_clock::now();
    while (watching_) {
      asio::steady_timer turn{io_, 5ms};
      co_await turn.async_wait(asio::use_awaitable);
      const auto now = std::chrono::steady_clock::now();
      longest_turn_ = std::max(longest_turn_, now - last);
      last = now;
    }
  }

  bool watching_ = true;
  std::chrono::steady_clock::duration longest_turn_{0};
};

TEST_F(amqp_fault_test, a_stopped_broker_blocks_nothing_and_comes_back_by_itself) {
  config_.publish_queue_limit = 100;
  amqp_client client{io_.get_executor(), config_, metrics_};
  client.consume(private_queue(), recorder(client));
  start_and_wait_until_up(client);
  spawn(io_.get_executor(), "watch", watch_loop());

  broker()->signal_all(SIGSTOP);
  const auto stopped = std::chrono::steady_clock::now();
  ASSERT_TRUE(wait_until([&] { return client.publish_state() == amqp_state::blocked; }, 5s));
  EXPECT_LT(std::chrono::steady_clock::now() - stopped, 2500ms);
  EXPECT_NE(client.last_error().find("stopped reading"), std::string::npos) << client.last_error();

  const std::string body(10'000, 'x');
  for (int i = 0; i < 5000; ++i) ASSERT_TRUE(client.publish(message(body)));
  ASSERT_TRUE(client.publish(message("newest")));
  EXPECT_EQ(client.backlog(), 100u);
  EXPECT_EQ(run(client.publish_confirmed(message("x"), 300ms)).error().code, errc::timed_out);
  EXPECT_EQ(run(client.request(message("x"), 300ms)).error().code, errc::timed_out);
  EXPECT_LT(longest_turn_, 500ms) << "the loop was held up";

  broker()->signal_all(SIGCONT);
  ASSERT_TRUE(wait_until([&] { return up(client); }));
  ASSERT_TRUE(wait_until([&] {
    return std::any_of(received_.begin(), received_.end(),
                       [](const auto& d) { return d.message.body == "newest"; });
  }));
  EXPECT_LE(received_.size(), 101u);
  EXPECT_TRUE(run(client.publish_confirmed(message("x"), 5s)));
  watching_ = false;
}

TEST_F(amqp_fault_test, a_broker_silent_for_three_heartbeats_is_given_up_and_rebuilt) {
  config_.heartbeat = 1s;
  config_.connect_timeout = 500ms;
  amqp_client client{io_.get_executor(), config_, metrics_};
  client.consume(private_queue(), recorder(client));
  start_and_wait_until_up(client);
  broker()->signal_all(SIGSTOP);
  // Both sides try again at once, so each has to be seen down, and the first reason, while it
  // lasts.
  bool publish_down = false;
  bool consume_down = false;
  bool heartbeat_named = false;
  ASSERT_TRUE(wait_until(
      [&] {
        publish_down = publish_down || client.publish_state() == amqp_state::down;
        consume_down = consume_down || client.consume_state() == amqp_state::down;
        heartbeat_named =
            heartbeat_named || client.last_error().find("heartbeat") != std::string::npos;
        return publish_down && consume_down && heartbeat_named;
      },
      15s))
      << client.last_error();
  broker()->signal_all(SIGCONT);
  ASSERT_TRUE(wait_until([&] { return up(client); }, 20s)) << client.last_error();
  ASSERT_TRUE(client.publish(message("again")));
  ASSERT_TRUE(wait_until([&] { return !received_.empty(); }));
}

TEST_F(amqp_fault_test, shutdown_and_destruction_are_bounded_when_the_broker_is_stopped) {
  auto client = std::make_unique<amqp_client>(io_.get_executor(), config_, metrics_);
  client->consume(private_queue(), recorder(*client));
  start_and_wait_until_up(*client);
  auto second = std::make_unique<amqp_client>(io_.get_executor(), config_, metrics_);
  start_and_wait_until_up(*second);
  broker()->signal_all(SIGSTOP);
  for (int i = 0; i < 1000; ++i) ASSERT_TRUE(client->publish(message(std::string(5000, 'x'))));
  const auto begin = std::chrono::steady_clock::now();
  run_on_loop(io_, client->shutdown(500ms));
  client.reset();
  second.reset();
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 1500ms);
}

TEST_F(amqp_fault_test, killed_connections_are_rebuilt_and_unanswered_deliveries_come_again) {
  amqp_client client{io_.get_executor(), config_, metrics_};
  amqp_queue q = queue();
  q.durable = true;
  std::vector<amqp_delivery> unanswered;
  client.consume(q, [&](amqp_delivery d) {
    if (d.message.body == "keep" && !d.redelivered) {
      unanswered.push_back(std::move(d));
      return;
    }
    client.ack(d);
    received_.push_back(std::move(d));
  });
  client.consume(private_queue(), [](amqp_delivery) {});
  int changes = 0;
  client.on_state_change([&] { ++changes; });
  start_and_wait_until_up(client);
  ASSERT_TRUE(run(client.publish_confirmed(message("keep"), 5s)));
  ASSERT_TRUE(wait_until([&] { return unanswered.size() == 1; }));

  changes = 0;
  ASSERT_EQ(ctl({"close_all_connections", "test"}), 0);
  ASSERT_TRUE(wait_until([&] { return changes > 0 && up(client); }));
  ASSERT_TRUE(wait_until([&] { return received_.size() == 1; }));
  EXPECT_TRUE(received_[0].redelivered);
  client.ack(unanswered[0]);  // of the connection before: must not disturb this one
  ASSERT_TRUE(run(client.publish_confirmed(message("after"), 5s)));
  ASSERT_TRUE(wait_until([&] { return received_.size() == 2; }));
  EXPECT_EQ(received_[1].message.body, "after");
  EXPECT_TRUE(up(client));
  EXPECT_NE(metrics_.expose().find("cornice_amqp_reconnects_total{side=\"publish\"} 1"),
            std::string::npos);
}

TEST_F(amqp_fault_test, a_memory_alarm_blocks_publishing_and_ends) {
  amqp_client client{io_.get_executor(), config_, metrics_};
  client.consume(private_queue(), recorder(client));
  start_and_wait_until_up(client);
  ASSERT_EQ(ctl({"set_vm_memory_high_watermark", "0.00001"}), 0);
  // The broker says so to those who publish.
  ASSERT_TRUE(wait_until([&] {
    static_cast<void>(client.publish(message("during")));
    return client.publish_state() == amqp_state::blocked;
  }));
  EXPECT_NE(client.last_error().find("memory"), std::string::npos) << client.last_error();
  EXPECT_EQ(client.consume_state(), amqp_state::up);
  EXPECT_EQ(run(client.publish_confirmed(message("x"), 200ms)).error().code, errc::timed_out);
  ASSERT_EQ(ctl({"set_vm_memory_high_watermark", "0.4"}), 0);
  ASSERT_TRUE(wait_until([&] { return up(client); }));
  EXPECT_TRUE(run(client.publish_confirmed(message("after"), 5s)));
  ASSERT_TRUE(
      wait_until([&] { return !received_.empty() && received_.back().message.body == "after"; }));
}

TEST_F(amqp_fault_test, a_broker_that_restarts_finds_its_durable_messages_and_clients) {
  amqp_client client{io_.get_executor(), config_, metrics_};
  amqp_queue q = queue();
  q.durable = true;
  bool answering = false;
  client.consume(q, [&](amqp_delivery d) {
    if (!answering) return;
    client.ack(d);
    received_.push_back(std::move(d));
  });
  start_and_wait_until_up(client);
  ASSERT_TRUE(run(client.publish_confirmed(message("durable"), 5s)));
  answering = true;
  ASSERT_EQ(ctl({"stop_app"}), 0);
  ASSERT_TRUE(wait_until([&] {
    return client.publish_state() != amqp_state::up && client.consume_state() != amqp_state::up;
  }));
  ASSERT_TRUE(client.publish(message("kept while away")));
  ASSERT_EQ(ctl({"start_app"}), 0);
  ASSERT_TRUE(wait_until([&] { return up(client); }, 30s)) << client.last_error();
  ASSERT_TRUE(wait_until([&] { return received_.size() == 2; }, 20s));
  const auto all = bodies();
  EXPECT_EQ(std::count(all.begin(), all.end(), "durable"), 1);
}

}  // namespace
}  // namespace cornice_test
