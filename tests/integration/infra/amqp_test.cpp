// amqp_client against a real broker that behaves.
#include "cornice/infra/amqp.hpp"

#include "amqp_fixture.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace cornice_test {
namespace {

using namespace std::chrono_literals;
using namespace cornice;
using namespace cornice::infra;

class amqp_client_test : public amqp_fixture {
 protected:
  amqp_client_test() : amqp_fixture{services::get()} {}
  // Deletes a named queue when the test ends: these are durable.
  void delete_later(const std::string& queue) { queues_.push_back(queue); }
  ~amqp_client_test() override {
    for (const auto& q : queues_)
      run_program({services::get().rabbitmqctl(), "-q", "delete_queue", q});
  }

 private:
  std::vector<std::string> queues_;
};

TEST_F(amqp_client_test, messages_arrive_in_order_with_all_their_properties) {
  amqp_client client{io_.get_executor(), config_, metrics_};
  client.declare_topic(topic_);
  client.consume(private_queue(), recorder(client));
  start_and_wait_until_up(client);

  amqp_message m = message(R"({"bid":1})", "book.kalshi.X");
  m.type = "book";
  m.message_id = "id-1";
  m.correlation_id = "corr-1";
  m.reply_to = "somewhere";
  m.user = "operator";
  m.timestamp_s = 1'769'000'000;
  m.schema_version = 3;
  m.expiration_ms = 60'000;
  m.persistent = true;
  ASSERT_TRUE(client.publish(m));
  for (int i = 1; i < 500; ++i) ASSERT_TRUE(client.publish(message(std::to_string(i))));
  ASSERT_TRUE(wait_until([&] { return received_.size() == 500; }));

  const amqp_message& got = received_[0].message;
  EXPECT_EQ(got.topic, topic_);
  EXPECT_EQ(got.routing_key, m.routing_key);
  EXPECT_EQ(got.type, m.type);
  EXPECT_EQ(got.message_id, m.message_id);
  EXPECT_EQ(got.app_id, "cornice");
  EXPECT_EQ(got.correlation_id, m.correlation_id);
  EXPECT_EQ(got.reply_to, m.reply_to);
  EXPECT_EQ(got.user, m.user);
  EXPECT_EQ(got.timestamp_s, m.timestamp_s);
  EXPECT_EQ(got.schema_version, m.schema_version);
  EXPECT_GT(got.expiration_ms, 0);
  EXPECT_LE(got.expiration_ms, m.expiration_ms);
  EXPECT_TRUE(got.persistent);
  EXPECT_EQ(got.body, m.body);
  EXPECT_FALSE(received_[0].redelivered);
  for (int i = 1; i < 500; ++i)
    EXPECT_EQ(received_[static_cast<std::size_t>(i)].message.body, std::to_string(i));
  EXPECT_TRUE(client.last_error().empty()) << client.last_error();
}

TEST_F(amqp_client_test, bodies_from_empty_to_many_frames_arrive_whole) {
  amqp_client client{io_.get_executor(), config_, metrics_};
  client.consume(private_queue(), recorder(client));
  start_and_wait_until_up(client);
  std::vector<std::string> sent;
  for (const std::size_t size : {0u, 1u, 131'064u, 131'065u, 1'000'000u})
    sent.emplace_back(size, static_cast<char>('a' + size % 26));
  for (const auto& body : sent) ASSERT_TRUE(client.publish(message(body)));
  ASSERT_TRUE(wait_until([&] { return received_.size() == sent.size(); }));
  EXPECT_EQ(bodies(), sent);
}

TEST_F(amqp_client_test, only_what_matches_the_binding_is_delivered) {
  amqp_client client{io_.get_executor(), config_, metrics_};
  amqp_queue q = private_queue();
  q.bindings = {{topic_, "book.kalshi.*"}};
  client.consume(q, recorder(client));
  start_and_wait_until_up(client);
  ASSERT_TRUE(client.publish(message("no", "book.polymarket.X")));
  ASSERT_TRUE(client.publish(message("yes", "book.kalshi.X")));
  ASSERT_TRUE(wait_until([&] { return !received_.empty(); }));
  EXPECT_EQ(bodies(), std::vector<std::string>{"yes"});
}

TEST_F(amqp_client_test, confirmed_publishing_to_a_quorum_queue) {
  amqp_client client{io_.get_executor(), config_, metrics_};
  amqp_queue q = queue();
  q.quorum = true;
  q.max_length = 1000;
  delete_later(q.name);
  client.consume(q, recorder(client));
  start_and_wait_until_up(client);
  EXPECT_TRUE(run(client.publish_confirmed(message("one"), 5s)));
  std::vector<amqp_message> batch;
  for (int i = 0; i < 100; ++i) batch.push_back(message(std::to_string(i)));
  const auto confirmed = run(client.publish_confirmed_batch(std::move(batch), 5s));
  ASSERT_TRUE(confirmed) << confirmed.error().message;
  EXPECT_EQ(*confirmed, 100u);
  ASSERT_TRUE(wait_until([&] { return received_.size() == 101; }));
  EXPECT_EQ(received_.back().message.body, "99");
  EXPECT_TRUE(received_.back().message.persistent);
}

TEST_F(amqp_client_test, unroutable_is_refused_only_when_mandatory) {
  amqp_client client{io_.get_executor(), config_, metrics_};
  client.declare_topic(topic_);
  start_and_wait_until_up(client);
  EXPECT_TRUE(run(client.publish_confirmed(message("x"), 5s)));
  const auto mandatory = run(client.publish_confirmed(message("x"), 5s, true));
  ASSERT_FALSE(mandatory);
  EXPECT_EQ(mandatory.error().code, errc::refused);
}

TEST_F(amqp_client_test, an_unknown_topic_fails_its_confirm_and_the_client_recovers) {
  amqp_client client{io_.get_executor(), config_, metrics_};
  client.declare_topic(topic_);
  start_and_wait_until_up(client);
  amqp_message lost = message("x");
  lost.topic = unique_name("nowhere");
  const auto outcome = run(client.publish_confirmed(lost, 5s));
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, errc::unavailable);
  EXPECT_NE(outcome.error().message.find("NOT_FOUND"), std::string::npos);
  ASSERT_TRUE(wait_until([&] { return up(client); }));
  EXPECT_TRUE(run(client.publish_confirmed(message("x"), 5s)));
}

TEST_F(amqp_client_test, a_request_gets_the_reply_of_whoever_serves_it) {
  amqp_client server{io_.get_executor(), config_, metrics_};
  server.consume(private_queue(), [&](amqp_delivery d) {
    if (d.message.routing_key == "silence") return;
    amqp_message reply;
    reply.routing_key = d.message.reply_to;
    reply.correlation_id = d.message.correlation_id;
    reply.body = "re: " + d.message.body;
    ASSERT_TRUE(server.publish(reply));
  });
  start_and_wait_until_up(server);
  amqp_client client{io_.get_executor(), config_, metrics_};
  client.declare_topic(topic_);
  start_and_wait_until_up(client);

  for (const char* question : {"one", "two"}) {
    const auto answer = run(client.request(message(question), 5s));
    ASSERT_TRUE(answer) << answer.error().message;
    EXPECT_EQ(answer->body, std::string{"re: "} + question);
  }
  const auto silence = run(client.request(message("x", "silence"), 200ms));
  ASSERT_FALSE(silence);
  EXPECT_EQ(silence.error().code, errc::timed_out);
}

TEST_F(amqp_client_test, a_request_that_nobody_serves_fails_at_once) {
  amqp_client client{io_.get_executor(), config_, metrics_};
  client.declare_topic(topic_);
  start_and_wait_until_up(client);
  const auto begin = std::chrono::steady_clock::now();
  const auto answer = run(client.request(message("x"), 10s));
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, errc::unavailable);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 5s);
}

TEST_F(amqp_client_test, rejected_messages_go_to_the_dead_topic) {
  const std::string dead = unique_name("dead");
  amqp_client client{io_.get_executor(), config_, metrics_};
  amqp_queue q = queue();
  q.durable = true;
  q.dead_letter_topic = dead;
  delete_later(q.name);
  client.consume(q, [&](amqp_delivery d) {
    if (d.message.body == "bad") {
      client.reject(d, false);
    } else {
      client.reject(d, !d.redelivered);
      if (!d.redelivered) return;
    }
  });
  amqp_queue grave = private_queue();
  grave.bindings = {{dead, "#"}};
  client.consume(grave, recorder(client));
  start_and_wait_until_up(client);
  ASSERT_TRUE(client.publish(message("bad", "the.key")));
  ASSERT_TRUE(client.publish(message("second chance")));
  ASSERT_TRUE(wait_until([&] { return received_.size() == 2; }));
  EXPECT_EQ(received_[0].message.body, "bad");
  EXPECT_EQ(received_[0].message.routing_key, "the.key");
  EXPECT_EQ(received_[1].message.body, "second chance");
}

TEST_F(amqp_client_test, an_expired_message_is_not_delivered) {
  amqp_queue q = queue();
  q.durable = true;
  delete_later(q.name);
  {
    amqp_client first{io_.get_executor(), config_, metrics_};
    first.consume(q, [](amqp_delivery) {});
    start_and_wait_until_up(first);
    run_on_loop(io_, first.shutdown(5s));
  }
  amqp_client publisher{io_.get_executor(), config_, metrics_};
  publisher.declare_topic(topic_);
  start_and_wait_until_up(publisher);
  amqp_message late = message("late");
  late.expiration_ms = 1;
  ASSERT_TRUE(run(publisher.publish_confirmed(late, 5s)));
  ASSERT_TRUE(run(publisher.publish_confirmed(message("lasting"), 5s)));
  amqp_client second{io_.get_executor(), config_, metrics_};
  second.consume(q, recorder(second));
  start_and_wait_until_up(second);
  ASSERT_TRUE(wait_until([&] { return !received_.empty(); }));
  EXPECT_EQ(bodies(), std::vector<std::string>{"lasting"});
}

TEST_F(amqp_client_test, a_full_queue_at_the_broker_drops_its_oldest) {
  amqp_queue q = queue();
  q.durable = true;
  q.max_length = 3;
  q.prefetch = 1;
  delete_later(q.name);
  amqp_client client{io_.get_executor(), config_, metrics_};
  std::vector<amqp_delivery> held;
  client.consume(q, [&](amqp_delivery d) { held.push_back(std::move(d)); });
  start_and_wait_until_up(client);
  ASSERT_TRUE(run(client.publish_confirmed(message("held"), 5s)));
  ASSERT_TRUE(wait_until([&] { return held.size() == 1; }));
  for (int i = 0; i < 10; ++i)
    ASSERT_TRUE(run(client.publish_confirmed(message(std::to_string(i)), 5s)));
  for (std::size_t i = 0; i < 4; ++i) {
    ASSERT_TRUE(wait_until([&] { return held.size() == i + 1; }));
    client.ack(held[i]);
  }
  std::vector<std::string> seen;
  for (const auto& d : held) seen.push_back(d.message.body);
  EXPECT_EQ(seen, (std::vector<std::string>{"held", "7", "8", "9"}));
}

TEST_F(amqp_client_test, prefetch_bounds_what_is_not_acknowledged) {
  amqp_queue q = queue();
  q.prefetch = 5;
  delete_later(q.name);
  amqp_client client{io_.get_executor(), config_, metrics_};
  client.consume(q, [&](amqp_delivery d) { received_.push_back(std::move(d)); });
  start_and_wait_until_up(client);
  for (int i = 0; i < 20; ++i)
    ASSERT_TRUE(run(client.publish_confirmed(message(std::to_string(i)), 5s)));
  ASSERT_TRUE(wait_until([&] { return received_.size() == 5; }));
  client.ack(received_[0]);
  ASSERT_TRUE(wait_until([&] { return received_.size() == 6; }));
  EXPECT_FALSE(wait_until([&] { return received_.size() > 6; }, 200ms));
}

TEST_F(amqp_client_test, a_queue_with_other_arguments_is_reported_and_the_others_work) {
  amqp_queue q = queue();
  q.durable = true;
  delete_later(q.name);
  {
    amqp_client first{io_.get_executor(), config_, metrics_};
    first.consume(q, [](amqp_delivery) {});
    start_and_wait_until_up(first);
  }
  q.max_length = 10;
  amqp_client client{io_.get_executor(), config_, metrics_};
  client.consume(q, [](amqp_delivery) {});
  client.consume(private_queue(), recorder(client));
  client.start();
  ASSERT_TRUE(wait_until(
      [&] { return client.last_error().find("PRECONDITION_FAILED") != std::string::npos; }));
  EXPECT_NE(client.last_error().find(q.name), std::string::npos);
  EXPECT_NE(client.consume_state(), amqp_state::up);
  ASSERT_TRUE(wait_until([&] { return client.publish_state() == amqp_state::up; }));
  ASSERT_TRUE(wait_until([&] {
    static_cast<void>(client.publish(message("x")));
    return !received_.empty();
  }));
  // Someone removes the old queue: the client notices by itself.
  ASSERT_EQ(run_program({services::get().rabbitmqctl(), "-q", "delete_queue", q.name}), 0);
  ASSERT_TRUE(wait_until([&] { return up(client); }));
  EXPECT_TRUE(client.last_error().empty()) << client.last_error();
}

TEST_F(amqp_client_test, a_deleted_queue_comes_back) {
  amqp_queue q = queue();
  q.durable = true;
  delete_later(q.name);
  amqp_client client{io_.get_executor(), config_, metrics_};
  client.consume(q, recorder(client));
  start_and_wait_until_up(client);
  ASSERT_EQ(run_program({services::get().rabbitmqctl(), "-q", "delete_queue", q.name}), 0);
  ASSERT_TRUE(wait_until([&] {
    static_cast<void>(client.publish(message("x")));
    return !received_.empty();
  }));
  EXPECT_TRUE(up(client));
}

TEST_F(amqp_client_test, a_wrong_password_is_said_clearly) {
  config_.password = "certainly-wrong";
  amqp_client client{io_.get_executor(), config_, metrics_};
  client.consume(private_queue(), recorder(client));
  int changes = 0;
  client.on_state_change([&] { ++changes; });
  client.start();
  ASSERT_TRUE(wait_until([&] {
    return client.last_error().find("publish: ") != std::string::npos &&
           client.last_error().find("consume: ") != std::string::npos;
  }));
  EXPECT_NE(client.last_error().find("ACCESS_REFUSED"), std::string::npos) << client.last_error();
  EXPECT_EQ(client.last_error().find("certainly-wrong"), std::string::npos);
  EXPECT_NE(client.publish_state(), amqp_state::up);
  EXPECT_GT(changes, 0);
  EXPECT_EQ(run(client.publish_confirmed(message("x"), 50ms)).error().code, errc::timed_out);
  EXPECT_EQ(run(client.request(message("x"), 50ms)).error().code, errc::unavailable);
}

TEST_F(amqp_client_test, a_host_that_does_not_resolve_and_a_port_nobody_serves_are_said_clearly) {
  config_.host = "no-such-host.invalid";
  amqp_client unknown{io_.get_executor(), config_, metrics_};
  unknown.start();
  config_.host = "localhost";
  config_.port = 1;
  amqp_client refused{io_.get_executor(), config_, metrics_};
  refused.start();
  EXPECT_TRUE(wait_until([&] {
    return unknown.last_error().find("no-such-host.invalid") != std::string::npos &&
           refused.last_error().find("localhost:1") != std::string::npos;
  })) << unknown.last_error()
      << refused.last_error();
}

TEST_F(amqp_client_test, full_queues_are_overload_and_bad_messages_are_named) {
  config_.publish_queue_limit = 10;
  amqp_client client{io_.get_executor(), config_, metrics_};
  client.declare_topic(topic_);
  start_and_wait_until_up(client);
  int accepted = 0;
  for (int i = 0; i < 100; ++i) accepted += client.publish(message("x")) ? 1 : 0;
  EXPECT_EQ(accepted, 10) << "nothing is written before the loop turns";
  EXPECT_EQ(client.backlog(), 10u);
  EXPECT_EQ(client.publish(message("x")).error().code, errc::overloaded);
  EXPECT_EQ(client.publish(message("x", std::string(256, 'k'))).error().code, errc::out_of_range);
  std::vector<amqp_message> batch(11, message("x"));
  EXPECT_EQ(run(client.publish_confirmed_batch(batch, 5s)).error().code, errc::overloaded);
  ASSERT_TRUE(wait_until([&] { return client.backlog() == 0; }));
  EXPECT_TRUE(client.publish(message("x")));
}

TEST_F(amqp_client_test, a_flood_through_a_durable_queue_keeps_its_order) {
  constexpr std::size_t messages = 50'000;
  amqp_queue q = queue();
  q.durable = true;
  delete_later(q.name);
  amqp_client client{io_.get_executor(), config_, metrics_};
  std::size_t received = 0;
  std::size_t out_of_order = 0;
  client.consume(q, [&](amqp_delivery d) {
    if (d.message.body != std::to_string(received)) ++out_of_order;
    ++received;
    client.ack(d);
  });
  start_and_wait_until_up(client);
  std::size_t sent = 0;
  ASSERT_TRUE(wait_until(
      [&] {
        while (sent < messages && client.publish(message(std::to_string(sent)))) ++sent;
        return received == messages;
      },
      60s));
  EXPECT_EQ(out_of_order, 0u);
}

TEST_F(amqp_client_test, shutdown_flushes_what_is_queued) {
  amqp_queue q = queue();
  q.durable = true;
  delete_later(q.name);
  amqp_client receiver{io_.get_executor(), config_, metrics_};
  receiver.consume(q, recorder(receiver));
  start_and_wait_until_up(receiver);
  amqp_client client{io_.get_executor(), config_, metrics_};
  client.declare_topic(topic_);
  start_and_wait_until_up(client);
  for (int i = 0; i < 1000; ++i) ASSERT_TRUE(client.publish(message(std::to_string(i))));
  run_on_loop(io_, client.shutdown(10s));
  EXPECT_EQ(client.publish_state(), amqp_state::down);
  EXPECT_EQ(client.publish(message("late")).error().code, errc::unavailable);
  ASSERT_TRUE(wait_until([&] { return received_.size() == 1000; }));
}

TEST_F(amqp_client_test, destroying_a_client_answers_those_who_wait) {
  config_.port = 1;
  auto client = std::make_unique<amqp_client>(io_.get_executor(), config_, metrics_);
  client->start();
  std::optional<result<void>> outcome;
  asio::co_spawn(io_, client->publish_confirmed(message("x"), 60s),
                 [&](std::exception_ptr, result<void> r) { outcome.emplace(std::move(r)); });
  asio::post(io_, [&] { client.reset(); });
  ASSERT_TRUE(wait_until([&] { return outcome.has_value(); }));
  EXPECT_EQ(outcome->error().code, errc::unavailable);
}

TEST_F(amqp_client_test, a_handler_may_destroy_its_client) {
  auto client = std::make_unique<amqp_client>(io_.get_executor(), config_, metrics_);
  int deliveries = 0;
  client->consume(private_queue(), [&](amqp_delivery) {
    ++deliveries;
    client.reset();
  });
  start_and_wait_until_up(*client);
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(client->publish(message("x")));
  ASSERT_TRUE(wait_until([&] { return client == nullptr; }));
  EXPECT_FALSE(wait_until([&] { return deliveries > 1; }, 100ms));
}

}  // namespace
}  // namespace cornice_test
