#include "infra/amqp_connection.hpp"

#include "amqp_fake_broker.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

namespace cornice::infra::amqp {
namespace {

using namespace std::chrono_literals;
using cornice_test::fake_broker;

class recording_session final : public session {
 public:
  void opened(std::uint32_t frame_max, instant) override { opened_frame_max = frame_max; }
  result<void> on_method(std::uint16_t, const method&, instant) override {
    ++methods;
    return {};
  }
  result<void> on_header(std::uint16_t, const content_header&, instant) override { return {}; }
  result<void> on_body(std::uint16_t, std::span<const std::uint8_t>, instant) override {
    return {};
  }
  void on_blocked(bool b, std::string_view why) override {
    blocked = b;
    reason = why;
  }
  result<void> tick(instant) override {
    ++ticks;
    return {};
  }
  void fill(instant) override {}
  void lost(const error& why) override { losses.push_back(why); }
  [[nodiscard]] bool ready() const noexcept override { return true; }

  std::uint32_t opened_frame_max = 0;
  int methods = 0;
  int ticks = 0;
  bool blocked = false;
  std::string reason;
  std::vector<error> losses;
};

amqp_config config_of_user() {
  amqp_config c;
  c.user = "me";
  c.password = "secret";
  c.vhost = "v";
  c.heartbeat = 10s;
  return c;
}

class amqp_connection : public ::testing::Test {
 protected:
  output out_;
  recording_session session_;
  fake_broker broker_{session_, out_, config_of_user()};
};

TEST_F(amqp_connection, logs_in_with_plain_and_opens) {
  broker_.wire.open(broker_.now);
  broker_.read();
  EXPECT_FALSE(broker_.wire.is_open());
  ASSERT_TRUE(broker_.send(0, AMQP_CONNECTION_START_METHOD, fake_broker::start()));
  EXPECT_EQ(broker_.take().text, std::string("\0me\0secret", 10));
  amqp_connection_tune_t tune{};
  tune.frame_max = 4096;
  ASSERT_TRUE(broker_.send(0, AMQP_CONNECTION_TUNE_METHOD, tune));
  EXPECT_EQ(session_.opened_frame_max, 0u);
  ASSERT_TRUE(broker_.send(0, AMQP_CONNECTION_OPEN_OK_METHOD, amqp_connection_open_ok_t{}));
  EXPECT_TRUE(broker_.wire.is_ready());
  EXPECT_EQ(session_.opened_frame_max, 4096u) << "the smaller limit holds";
  EXPECT_EQ(broker_.wire.heartbeat(), 10s) << "the broker has none, so ours holds";
}

TEST_F(amqp_connection, refused_login_is_unauthorized_and_answered) {
  broker_.wire.open(broker_.now);
  broker_.read();
  ASSERT_TRUE(broker_.send(0, AMQP_CONNECTION_START_METHOD, fake_broker::start()));
  broker_.frames.clear();
  amqp_connection_close_t refusal{};
  refusal.reply_code = 403;
  refusal.reply_text = bytes_of("ACCESS_REFUSED - Login was refused");
  const auto end = broker_.send(0, AMQP_CONNECTION_CLOSE_METHOD, refusal);
  ASSERT_FALSE(end);
  EXPECT_EQ(end.error().code, errc::unauthorized);
  EXPECT_NE(end.error().message.find("Login was refused"), std::string::npos);
  EXPECT_EQ(end.error().message.find("secret"), std::string::npos);
  EXPECT_EQ(broker_.next_method(), AMQP_CONNECTION_CLOSE_OK_METHOD);
}

TEST_F(amqp_connection, methods_out_of_place_end_the_connection) {
  broker_.wire.open(broker_.now);
  broker_.read();
  EXPECT_EQ(
      broker_.send(0, AMQP_CONNECTION_OPEN_OK_METHOD, amqp_connection_open_ok_t{}).error().code,
      errc::protocol);
  EXPECT_EQ(broker_.send(1, AMQP_CHANNEL_OPEN_OK_METHOD, amqp_channel_open_ok_t{}).error().code,
            errc::protocol)
      << "no channel before the login";
  EXPECT_EQ(session_.methods, 0);
}

TEST_F(amqp_connection, a_heartbeat_goes_out_after_half_an_interval_of_silence) {
  broker_.open();
  broker_.frames.clear();
  ASSERT_TRUE(broker_.wire.tick(broker_.now + 4999ms));
  EXPECT_TRUE(out_.empty());
  ASSERT_TRUE(broker_.wire.tick(broker_.now + 5s));
  broker_.read();
  ASSERT_EQ(broker_.frames.size(), 1u);
  EXPECT_EQ(broker_.frames.front().type, AMQP_FRAME_HEARTBEAT);
}

TEST_F(amqp_connection, unwritten_bytes_are_not_joined_by_heartbeats) {
  broker_.open();
  write_heartbeat(out_);
  const std::size_t before = out_.size();
  for (int s = 5; s < 25; ++s)
    ASSERT_TRUE(broker_.wire.tick(broker_.now + std::chrono::seconds{s}));
  EXPECT_EQ(out_.size(), before);
}

TEST_F(amqp_connection, three_silent_heartbeats_end_the_connection) {
  broker_.open();
  EXPECT_TRUE(broker_.wire.tick(broker_.now + 30s));
  const auto end = broker_.wire.tick(broker_.now + 30'001ms);
  ASSERT_FALSE(end);
  EXPECT_EQ(end.error().code, errc::timed_out);
}

TEST_F(amqp_connection, anything_heard_starts_the_silence_anew) {
  broker_.open();
  broker_.now += 29s;
  output heartbeat;
  write_heartbeat(heartbeat);
  ASSERT_TRUE(broker_.deliver(heartbeat));
  EXPECT_TRUE(broker_.wire.tick(broker_.now + 30s));
}

TEST_F(amqp_connection, blocked_and_unblocked_reach_the_session) {
  broker_.open();
  amqp_connection_blocked_t blocked{};
  blocked.reason = bytes_of("low on memory");
  ASSERT_TRUE(broker_.send(0, AMQP_CONNECTION_BLOCKED_METHOD, blocked));
  EXPECT_TRUE(session_.blocked);
  EXPECT_EQ(session_.reason, "low on memory");
  ASSERT_TRUE(broker_.send(0, AMQP_CONNECTION_UNBLOCKED_METHOD, amqp_connection_unblocked_t{}));
  EXPECT_FALSE(session_.blocked);
}

TEST_F(amqp_connection, closing_ends_with_the_brokers_answer) {
  broker_.open();
  broker_.wire.close();
  broker_.read();
  EXPECT_EQ(broker_.take_all(AMQP_CONNECTION_CLOSE_METHOD).size(), 1u);
  const auto end = broker_.send(0, AMQP_CONNECTION_CLOSE_OK_METHOD, amqp_connection_close_ok_t{});
  ASSERT_FALSE(end);
  EXPECT_EQ(end.error().code, errc::cancelled);
}

TEST_F(amqp_connection, the_session_hears_of_a_loss_once_and_only_of_an_open_connection) {
  broker_.wire.open(broker_.now);
  broker_.wire.lost({errc::io, "connect failed"});
  EXPECT_TRUE(session_.losses.empty());
  broker_.expect_greeting();
  broker_.open();
  broker_.wire.lost({errc::io, "reset"});
  broker_.wire.lost({errc::io, "reset"});
  ASSERT_EQ(session_.losses.size(), 1u);
  EXPECT_EQ(session_.losses.front().message, "reset");
}

}  // namespace
}  // namespace cornice::infra::amqp
