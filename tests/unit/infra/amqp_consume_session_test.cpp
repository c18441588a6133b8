#include "infra/amqp_consume_session.hpp"

#include "amqp_fake_broker.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <stdexcept>
#include <string>
#include <vector>

namespace cornice::infra::amqp {
namespace {

using namespace std::chrono_literals;
using cornice_test::fake_broker;

class amqp_consume_session : public ::testing::Test {
 protected:
  amqp_consume_session() {
    amqp_queue manual;
    manual.name = "manual";
    manual.bindings = {{"t", "#"}, {"amq.topic", "x"}};
    session_.add_queue(manual, [this](amqp_delivery d) { manual_.push_back(std::move(d)); });
    amqp_queue automatic;
    automatic.auto_ack = true;
    session_.add_queue(automatic, [this](amqp_delivery d) {
      automatic_.push_back(std::move(d));
      if (throws_) throw std::runtime_error{"a defect"};
    });
  }
  void open() {
    broker_.open();
    answer_set_up();
    ASSERT_TRUE(session_.ready());
    broker_.frames.clear();
  }
  void answer_set_up() {
    for (int round = 0; round < 12; ++round) {
      for (const auto& f : std::exchange(broker_.frames, {})) {
        if (f.method == AMQP_CHANNEL_OPEN_METHOD)
          broker_.send(f.channel, AMQP_CHANNEL_OPEN_OK_METHOD, amqp_channel_open_ok_t{}).value();
        if (f.method == AMQP_EXCHANGE_DECLARE_METHOD) {
          declared_topics_.push_back(f.text);
          broker_.send(f.channel, AMQP_EXCHANGE_DECLARE_OK_METHOD, amqp_exchange_declare_ok_t{})
              .value();
        }
        if (f.method == AMQP_QUEUE_DECLARE_METHOD) {
          amqp_queue_declare_ok_t ok{};
          const std::string name = "declared-" + std::to_string(f.channel);
          ok.queue = bytes_of(name);
          broker_.send(f.channel, AMQP_QUEUE_DECLARE_OK_METHOD, ok).value();
        }
        if (f.method == AMQP_QUEUE_BIND_METHOD) {
          EXPECT_EQ(f.text, "declared-" + std::to_string(f.channel));
          broker_.send(f.channel, AMQP_QUEUE_BIND_OK_METHOD, amqp_queue_bind_ok_t{}).value();
        }
        if (f.method == AMQP_BASIC_QOS_METHOD)
          broker_.send(f.channel, AMQP_BASIC_QOS_OK_METHOD, amqp_basic_qos_ok_t{}).value();
        if (f.method == AMQP_BASIC_CONSUME_METHOD)
          broker_.send(f.channel, AMQP_BASIC_CONSUME_OK_METHOD, amqp_basic_consume_ok_t{}).value();
      }
    }
  }
  void broker_delivers(std::uint16_t channel, std::uint64_t tag, std::string body = "{}") {
    amqp_basic_deliver_t d{};
    d.delivery_tag = tag;
    d.routing_key = bytes_of("k");
    amqp_message m;
    m.body = std::move(body);
    broker_.send_content(channel, AMQP_BASIC_DELIVER_METHOD, d, m).value();
  }
  std::vector<cornice_test::client_frame> written(amqp_method_number_t method) {
    session_.fill(broker_.now);
    broker_.read();
    return broker_.take_all(method);
  }
  void broker_closes_channel(std::uint16_t channel) {
    amqp_channel_close_t close{};
    close.reply_code = 406;
    close.reply_text = bytes_of("PRECONDITION_FAILED - inequivalent arg 'x-max-length'");
    broker_.send(channel, AMQP_CHANNEL_CLOSE_METHOD, close).value();
  }
  static amqp_config config() {
    amqp_config c;
    c.message_limit = 1000;
    return c;
  }

  output out_;
  metrics_registry metrics_;
  consume_session session_{config(), out_, metrics_, [] { return 0u; }};
  fake_broker broker_{session_, out_};
  std::vector<amqp_delivery> manual_;
  std::vector<amqp_delivery> automatic_;
  std::vector<std::string> declared_topics_;
  bool throws_ = false;
};

TEST_F(amqp_consume_session, declares_the_topics_it_binds_to_except_the_brokers_own) {
  open();
  EXPECT_EQ(declared_topics_, std::vector<std::string>{"t"});
}

TEST_F(amqp_consume_session, deliveries_carry_what_ack_needs) {
  open();
  broker_delivers(1, 1);
  broker_delivers(2, 1);
  ASSERT_EQ(manual_.size(), 1u);
  ASSERT_EQ(automatic_.size(), 1u);
  EXPECT_NE(manual_[0].tag, 0u);
  EXPECT_EQ(automatic_[0].tag, 0u);
  session_.ack(manual_[0]);
  session_.ack(automatic_[0]);
  const auto acks = written(AMQP_BASIC_ACK_METHOD);
  ASSERT_EQ(acks.size(), 1u);
  EXPECT_EQ(acks[0].channel, 1);
  EXPECT_EQ(acks[0].tag, 1u);
}

TEST_F(amqp_consume_session, acks_given_in_one_turn_are_one_frame) {
  open();
  for (std::uint64_t tag = 1; tag <= 10; ++tag) broker_delivers(1, tag);
  for (const auto& d : manual_) session_.ack(d);
  const auto acks = written(AMQP_BASIC_ACK_METHOD);
  ASSERT_EQ(acks.size(), 1u);
  EXPECT_EQ(acks[0].tag, 10u);
  EXPECT_TRUE(acks[0].flag);
}

TEST_F(amqp_consume_session, a_delivery_is_answered_once) {
  open();
  broker_delivers(1, 1);
  session_.reject(manual_[0], true);
  session_.reject(manual_[0], false);
  session_.ack(manual_[0]);
  session_.fill(broker_.now);
  broker_.read();
  ASSERT_EQ(broker_.frames.size(), 1u);
  EXPECT_EQ(broker_.frames[0].method, AMQP_BASIC_REJECT_METHOD);
  EXPECT_TRUE(broker_.frames[0].flag);
}

TEST_F(amqp_consume_session, deliveries_of_an_earlier_connection_are_not_answered) {
  open();
  broker_delivers(1, 1);
  broker_.wire.lost({errc::io, "reset"});
  session_.ack(manual_[0]);
  broker_.expect_greeting();
  open();
  broker_delivers(1, 1);
  session_.ack(manual_[0]);
  session_.reject(manual_[0], false);
  session_.fill(broker_.now);
  broker_.read();
  EXPECT_TRUE(broker_.frames.empty());
  session_.ack(manual_[1]);
  EXPECT_EQ(written(AMQP_BASIC_ACK_METHOD).size(), 1u);
}

TEST_F(amqp_consume_session, a_refused_queue_is_tried_again_and_the_others_go_on) {
  open();
  broker_closes_channel(1);
  EXPECT_FALSE(session_.ready());
  EXPECT_NE(session_.failures().find("queue manual"), std::string::npos);
  EXPECT_NE(session_.failures().find("PRECONDITION_FAILED"), std::string::npos);
  broker_delivers(2, 1);
  EXPECT_EQ(automatic_.size(), 1u);
  broker_.frames.clear();
  ASSERT_TRUE(session_.tick(broker_.now + 10ms));
  broker_.read();
  EXPECT_TRUE(broker_.frames.empty()) << "not before its time";
  ASSERT_TRUE(session_.tick(broker_.now + 100ms));
  broker_.read();
  answer_set_up();
  EXPECT_TRUE(session_.ready());
  EXPECT_TRUE(session_.failures().empty());
}

TEST_F(amqp_consume_session, a_cancelled_consumer_declares_its_queue_again_on_the_same_channel) {
  open();
  broker_delivers(1, 1);
  broker_.send(1, AMQP_BASIC_CANCEL_METHOD, amqp_basic_cancel_t{}).value();
  EXPECT_FALSE(session_.ready());
  broker_.frames.clear();
  ASSERT_TRUE(session_.tick(broker_.now + 1s));
  broker_.read();
  ASSERT_FALSE(broker_.frames.empty());
  EXPECT_NE(broker_.frames.front().method, AMQP_CHANNEL_OPEN_METHOD);
  answer_set_up();
  EXPECT_TRUE(session_.ready());
  session_.ack(manual_[0]);
  EXPECT_EQ(written(AMQP_BASIC_ACK_METHOD).size(), 1u);
}

TEST_F(amqp_consume_session, an_exception_of_a_handler_costs_its_delivery_only) {
  open();
  throws_ = true;
  broker_delivers(2, 1);
  broker_delivers(2, 2);
  EXPECT_EQ(automatic_.size(), 2u);
  EXPECT_TRUE(session_.ready());
}

TEST_F(amqp_consume_session, an_oversized_delivery_goes_to_the_dead_letters_unseen) {
  open();
  broker_delivers(1, 1, std::string(1001, 'x'));
  EXPECT_TRUE(manual_.empty());
  const auto rejects = written(AMQP_BASIC_REJECT_METHOD);
  ASSERT_EQ(rejects.size(), 1u);
  EXPECT_FALSE(rejects[0].flag) << "not back into the queue";
}

TEST_F(amqp_consume_session, after_stopping_nothing_is_handed_over_but_acks_go_out) {
  open();
  broker_delivers(1, 1);
  session_.stop_consuming();
  broker_delivers(1, 2);
  EXPECT_EQ(manual_.size(), 1u);
  session_.ack(manual_[0]);
  session_.fill(broker_.now);
  broker_.read();
  std::size_t cancels = 0;
  std::size_t acks = 0;
  for (const auto& f : broker_.frames) {
    cancels += f.method == AMQP_BASIC_CANCEL_METHOD ? 1 : 0;
    acks += f.method == AMQP_BASIC_ACK_METHOD ? 1 : 0;
  }
  EXPECT_EQ(cancels, 2u);
  EXPECT_EQ(acks, 1u);
}

TEST_F(amqp_consume_session, a_broker_that_does_not_answer_a_declaration_is_given_up) {
  broker_.open();
  EXPECT_TRUE(session_.tick(broker_.now + config().connect_timeout));
  const auto end = session_.tick(broker_.now + config().connect_timeout + 1ms);
  ASSERT_FALSE(end);
  EXPECT_EQ(end.error().code, errc::timed_out);
}

TEST_F(amqp_consume_session, frames_on_an_unknown_channel_end_the_connection) {
  open();
  EXPECT_EQ(broker_.send(9, AMQP_BASIC_CANCEL_METHOD, amqp_basic_cancel_t{}).error().code,
            errc::protocol);
  EXPECT_EQ(broker_.send(1, AMQP_BASIC_QOS_OK_METHOD, amqp_basic_qos_ok_t{}).error().code,
            errc::protocol);
}

}  // namespace
}  // namespace cornice::infra::amqp
