#include "infra/amqp_publish_session.hpp"

#include "amqp_fake_broker.hpp"

#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <memory>
#include <string>
#include <vector>

namespace cornice::infra::amqp {
namespace {

using namespace std::chrono_literals;
using cornice_test::fake_broker;

amqp_config small_limits() {
  amqp_config c;
  c.publish_queue_limit = 3;
  c.unconfirmed_limit = 2;
  c.request_limit = 2;
  return c;
}

amqp_message message(std::string key, std::int64_t expiration_ms = 0) {
  amqp_message m;
  m.topic = "t";
  m.routing_key = std::move(key);
  m.expiration_ms = expiration_ms;
  m.body = "{}";
  return m;
}

class amqp_publish_session : public ::testing::Test {
 protected:
  void open() {
    broker_.open();
    answer_set_up();
    ASSERT_TRUE(session_.ready());
    broker_.frames.clear();
  }
  // Plays the broker until all three channels are set up.
  void answer_set_up() {
    for (int round = 0; round < 8; ++round) {
      for (const auto& f : std::exchange(broker_.frames, {})) {
        if (f.method == AMQP_CHANNEL_OPEN_METHOD)
          broker_.send(f.channel, AMQP_CHANNEL_OPEN_OK_METHOD, amqp_channel_open_ok_t{}).value();
        if (f.method == AMQP_EXCHANGE_DECLARE_METHOD)
          broker_.send(f.channel, AMQP_EXCHANGE_DECLARE_OK_METHOD, amqp_exchange_declare_ok_t{})
              .value();
        if (f.method == AMQP_CONFIRM_SELECT_METHOD)
          broker_.send(f.channel, AMQP_CONFIRM_SELECT_OK_METHOD, amqp_confirm_select_ok_t{})
              .value();
        if (f.method == AMQP_BASIC_CONSUME_METHOD)
          broker_.send(f.channel, AMQP_BASIC_CONSUME_OK_METHOD, amqp_basic_consume_ok_t{}).value();
      }
    }
  }
  std::vector<std::string> written_keys() {
    session_.fill(broker_.now);
    broker_.read();
    std::vector<std::string> keys;
    for (const auto& f : broker_.take_all(AMQP_BASIC_PUBLISH_METHOD)) keys.push_back(f.text);
    return keys;
  }
  std::shared_ptr<confirm_batch> confirmed(const std::vector<std::string>& keys,
                                           bool mandatory = false) {
    auto batch = std::make_shared<confirm_batch>(keys.size());
    std::vector<amqp_message> messages;
    for (const auto& k : keys) messages.push_back(message(k));
    session_.publish_confirmed(std::move(messages), mandatory, batch).value();
    return batch;
  }
  void broker_acks(std::uint64_t tag, bool multiple) {
    amqp_basic_ack_t ack{};
    ack.delivery_tag = tag;
    ack.multiple = multiple ? 1 : 0;
    broker_.send(2, AMQP_BASIC_ACK_METHOD, ack).value();
  }

  output out_;
  metrics_registry metrics_;
  publish_session session_{small_limits(), out_, metrics_};
  fake_broker broker_{session_, out_};
};

TEST_F(amqp_publish_session, declares_its_topics_before_it_is_ready) {
  session_.add_topic("cornice.signal");
  session_.add_topic("cornice.signal");
  session_.add_topic("amq.topic");
  broker_.open();
  EXPECT_FALSE(session_.ready());
  broker_.frames.clear();
  for (const std::uint16_t ch : std::array<std::uint16_t, 3>{1, 2, 3})
    broker_.send(ch, AMQP_CHANNEL_OPEN_OK_METHOD, amqp_channel_open_ok_t{}).value();
  std::vector<std::string> declared;
  for (const auto& f : broker_.frames)
    if (f.method == AMQP_EXCHANGE_DECLARE_METHOD) declared.push_back(f.text);
  EXPECT_EQ(declared, std::vector<std::string>{"cornice.signal"})
      << "once, and nothing that belongs to the broker";
  answer_set_up();
  EXPECT_TRUE(session_.ready());
}

TEST_F(amqp_publish_session, messages_wait_for_the_connection_and_keep_their_order) {
  for (const char* k : {"a", "b", "c"}) ASSERT_TRUE(session_.publish(message(k), broker_.now));
  EXPECT_EQ(session_.backlog(), 3u);
  open();
  EXPECT_EQ(written_keys(), (std::vector<std::string>{"a", "b", "c"}));
  EXPECT_EQ(session_.backlog(), 0u);
}

TEST_F(amqp_publish_session, without_a_broker_the_oldest_makes_room) {
  for (const char* k : {"a", "b", "c", "d"}) ASSERT_TRUE(session_.publish(message(k), broker_.now));
  open();
  EXPECT_EQ(written_keys(), (std::vector<std::string>{"b", "c", "d"}));
  EXPECT_NE(metrics_.expose().find("reason=\"oldest\""), std::string::npos);
}

TEST_F(amqp_publish_session, with_a_broker_that_takes_messages_a_full_queue_is_overload) {
  open();
  for (const char* k : {"a", "b", "c"}) ASSERT_TRUE(session_.publish(message(k), broker_.now));
  const auto fourth = session_.publish(message("d"), broker_.now);
  ASSERT_FALSE(fourth);
  EXPECT_EQ(fourth.error().code, errc::overloaded);
  EXPECT_EQ(written_keys(), (std::vector<std::string>{"a", "b", "c"}));
}

TEST_F(amqp_publish_session, an_expiry_that_passes_in_the_queue_drops_the_message) {
  ASSERT_TRUE(session_.publish(message("short", 100), broker_.now));
  ASSERT_TRUE(session_.publish(message("long", 1000), broker_.now));
  open();
  broker_.now += 100ms;
  EXPECT_EQ(written_keys(), std::vector<std::string>{"long"});
}

TEST_F(amqp_publish_session, nothing_is_written_while_the_broker_says_blocked) {
  open();
  broker_.send(0, AMQP_CONNECTION_BLOCKED_METHOD, amqp_connection_blocked_t{}).value();
  EXPECT_TRUE(session_.blocked());
  ASSERT_TRUE(session_.publish(message("a"), broker_.now));
  EXPECT_TRUE(written_keys().empty());
  broker_.send(0, AMQP_CONNECTION_UNBLOCKED_METHOD, amqp_connection_unblocked_t{}).value();
  EXPECT_FALSE(session_.blocked());
  EXPECT_EQ(written_keys(), std::vector<std::string>{"a"});
}

TEST_F(amqp_publish_session, a_probe_without_answer_for_a_second_means_blocked) {
  open();
  broker_.now += 250ms;
  session_.fill(broker_.now);
  broker_.read();
  ASSERT_EQ(broker_.take_all(AMQP_BASIC_QOS_METHOD).size(), 1u);
  broker_.now += 1s;
  ASSERT_TRUE(session_.tick(broker_.now));
  EXPECT_TRUE(session_.blocked());
  ASSERT_TRUE(session_.publish(message("a"), broker_.now));
  EXPECT_TRUE(written_keys().empty()) << "what waits here can still be dropped";
  broker_.send(1, AMQP_BASIC_QOS_OK_METHOD, amqp_basic_qos_ok_t{}).value();
  EXPECT_FALSE(session_.blocked());
  EXPECT_EQ(written_keys(), std::vector<std::string>{"a"});
}

TEST_F(amqp_publish_session, a_confirm_settles_its_message) {
  open();
  const auto batch = confirmed({"a"});
  written_keys();
  EXPECT_FALSE(batch->done());
  broker_acks(1, false);
  EXPECT_TRUE(batch->done());
  EXPECT_EQ(batch->confirmed_prefix(), 1u);
}

TEST_F(amqp_publish_session, the_window_holds_back_what_exceeds_it) {
  open();
  const auto batch = confirmed({"a", "b", "c"});
  EXPECT_EQ(written_keys(), (std::vector<std::string>{"a", "b"}));
  EXPECT_TRUE(written_keys().empty());
  broker_acks(2, true);
  EXPECT_EQ(written_keys(), std::vector<std::string>{"c"});
  broker_acks(3, false);
  EXPECT_EQ(batch->confirmed_prefix(), 3u);
}

TEST_F(amqp_publish_session, a_nack_is_a_refusal_of_that_message_only) {
  open();
  const auto batch = confirmed({"a", "b"});
  written_keys();
  amqp_basic_nack_t nack{};
  nack.delivery_tag = 2;
  broker_.send(2, AMQP_BASIC_NACK_METHOD, nack).value();
  broker_acks(1, false);
  EXPECT_TRUE(batch->done());
  EXPECT_EQ(batch->confirmed_prefix(), 1u);
  EXPECT_EQ(batch->first_failure().value().code, errc::refused);
}

TEST_F(amqp_publish_session, a_returned_message_is_refused_although_it_is_acknowledged) {
  open();
  const auto batch = confirmed({"a", "b"}, true);
  written_keys();
  amqp_basic_return_t returned{};
  returned.reply_code = 312;
  returned.routing_key = bytes_of("b");
  broker_.send_content(2, AMQP_BASIC_RETURN_METHOD, returned, message("b"), {true, true, 0, 2})
      .value();
  EXPECT_FALSE(batch->done());
  broker_acks(2, true);
  EXPECT_EQ(batch->confirmed_prefix(), 1u);
  EXPECT_EQ(batch->first_failure().value().code, errc::refused);
}

TEST_F(amqp_publish_session, a_lost_connection_leaves_sent_messages_unknown_and_keeps_queued_ones) {
  open();
  const auto sent = confirmed({"a", "b"});
  written_keys();
  const auto queued = confirmed({"c"});
  broker_.wire.lost({errc::io, "reset"});
  EXPECT_TRUE(sent->done());
  EXPECT_EQ(sent->first_failure().value().code, errc::unavailable);
  EXPECT_FALSE(queued->done());
  broker_.expect_greeting();
  open();
  EXPECT_EQ(written_keys(), std::vector<std::string>{"c"});
  broker_acks(1, false);
  EXPECT_EQ(queued->confirmed_prefix(), 1u) << "delivery tags count from one again";
}

TEST_F(amqp_publish_session, abandoned_messages_are_neither_sent_nor_in_the_way) {
  const auto given_up = confirmed({"a", "b", "c"});
  auto batch = std::make_shared<confirm_batch>(1);
  EXPECT_EQ(session_.publish_confirmed({message("d")}, false, batch).error().code,
            errc::overloaded);
  given_up->abandoned = true;
  EXPECT_TRUE(session_.publish_confirmed({message("d")}, false, batch));
  open();
  EXPECT_EQ(written_keys(), std::vector<std::string>{"d"});
}

TEST_F(amqp_publish_session, a_closed_channel_is_opened_again_and_its_messages_are_unknown) {
  open();
  const auto batch = confirmed({"a"});
  written_keys();
  amqp_channel_close_t close{};
  close.reply_code = 404;
  close.reply_text = bytes_of("NOT_FOUND - no exchange 't'");
  broker_.send(2, AMQP_CHANNEL_CLOSE_METHOD, close).value();
  EXPECT_EQ(broker_.take_all(AMQP_CHANNEL_CLOSE_OK_METHOD).size(), 1u);
  EXPECT_EQ(batch->first_failure().value().code, errc::unavailable);
  EXPECT_NE(session_.channel_failure().find("no exchange 't'"), std::string::npos);
  EXPECT_FALSE(session_.ready());
  broker_.now += 10s;
  ASSERT_TRUE(session_.tick(broker_.now));
  broker_.read();
  answer_set_up();
  EXPECT_TRUE(session_.ready());
  EXPECT_TRUE(session_.channel_failure().empty());
}

TEST_F(amqp_publish_session, a_confirm_that_fits_nothing_ends_the_connection) {
  open();
  amqp_basic_ack_t ack{};
  ack.delivery_tag = 1;
  EXPECT_EQ(broker_.send(2, AMQP_BASIC_ACK_METHOD, ack).error().code, errc::protocol);
}

TEST_F(amqp_publish_session, a_reply_finds_its_request) {
  open();
  auto first = std::make_shared<pending_request>();
  auto second = std::make_shared<pending_request>();
  ASSERT_TRUE(session_.request(message("r1"), first, broker_.now));
  ASSERT_TRUE(session_.request(message("r2"), second, broker_.now));
  session_.fill(broker_.now);
  broker_.read();
  std::vector<std::string> ids;
  for (const auto& f : broker_.frames)
    if (f.type == AMQP_FRAME_HEADER) ids.push_back(f.text);
  ASSERT_EQ(ids.size(), 2u);
  EXPECT_NE(ids[0], ids[1]);
  for (const auto& [id, body] : {std::pair{std::string{"stranger"}, "?"}, {ids[1], "two"}}) {
    amqp_message reply = message("k");
    reply.correlation_id = id;
    reply.body = body;
    broker_.send_content(3, AMQP_BASIC_DELIVER_METHOD, amqp_basic_deliver_t{}, reply).value();
  }
  EXPECT_FALSE(first->answer);
  ASSERT_TRUE(second->answer);
  EXPECT_EQ(second->answer->value().body, "two");
}

TEST_F(amqp_publish_session, requests_are_bounded_until_their_callers_give_up) {
  open();
  auto first = std::make_shared<pending_request>();
  auto second = std::make_shared<pending_request>();
  auto third = std::make_shared<pending_request>();
  ASSERT_TRUE(session_.request(message("r1"), first, broker_.now));
  written_keys();
  ASSERT_TRUE(session_.request(message("r2"), second, broker_.now));
  EXPECT_EQ(session_.request(message("r3"), third, broker_.now).error().code, errc::overloaded);
  first->abandoned = true;
  EXPECT_TRUE(session_.request(message("r3"), third, broker_.now));
}

TEST_F(amqp_publish_session, a_request_that_nobody_serves_fails_at_once) {
  open();
  auto pending = std::make_shared<pending_request>();
  ASSERT_TRUE(session_.request(message("r1"), pending, broker_.now));
  session_.fill(broker_.now);
  broker_.read();
  amqp_message back = message("r1");
  for (const auto& f : broker_.frames)
    if (f.type == AMQP_FRAME_HEADER) back.correlation_id = f.text;
  broker_.send_content(3, AMQP_BASIC_RETURN_METHOD, amqp_basic_return_t{}, back).value();
  ASSERT_TRUE(pending->answer);
  EXPECT_EQ(pending->answer->error().code, errc::unavailable);
}

TEST_F(amqp_publish_session, a_lost_connection_answers_sent_requests) {
  open();
  auto pending = std::make_shared<pending_request>();
  ASSERT_TRUE(session_.request(message("r1"), pending, broker_.now));
  written_keys();
  broker_.wire.lost({errc::io, "reset"});
  ASSERT_TRUE(pending->answer);
  EXPECT_EQ(pending->answer->error().code, errc::unavailable);
}

TEST_F(amqp_publish_session, after_shutting_everybody_has_an_answer) {
  open();
  const auto batch = confirmed({"a", "b", "c"});
  written_keys();
  auto pending = std::make_shared<pending_request>();
  ASSERT_TRUE(session_.request(message("r1"), pending, broker_.now));
  session_.shut({errc::unavailable, "shut"});
  EXPECT_TRUE(batch->done());
  EXPECT_EQ(batch->first_failure().value().code, errc::unavailable);
  EXPECT_EQ(pending->answer.value().error().code, errc::unavailable);
  EXPECT_EQ(session_.publish(message("d"), broker_.now).error().code, errc::unavailable);
  EXPECT_EQ(session_.backlog(), 0u);
}

TEST_F(amqp_publish_session, drained_only_when_the_broker_has_read_everything) {
  open();
  EXPECT_TRUE(session_.drained());
  ASSERT_TRUE(session_.publish(message("a"), broker_.now));
  session_.drain();
  session_.fill(broker_.now);
  broker_.read();
  EXPECT_FALSE(session_.drained());
  ASSERT_EQ(broker_.take_all(AMQP_BASIC_QOS_METHOD).size(), 1u) << "asked at once";
  broker_.send(1, AMQP_BASIC_QOS_OK_METHOD, amqp_basic_qos_ok_t{}).value();
  EXPECT_TRUE(session_.drained());
}

}  // namespace
}  // namespace cornice::infra::amqp
