#include "infra/amqp_flow_meter.hpp"
#include "infra/amqp_publish_queue.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>

namespace cornice::infra::amqp {
namespace {

using namespace std::chrono_literals;

TEST(amqp_flow_meter, an_idle_connection_is_probed_at_intervals) {
  instant now{};
  flow_meter f;
  f.reset(now);
  EXPECT_FALSE(f.probe_due(now, false));
  now += flow_meter::probe_every;
  EXPECT_TRUE(f.probe_due(now, false));
  f.probe_sent(now);
  EXPECT_FALSE(f.probe_due(now + 10s, false)) << "one unanswered probe is enough";
}

TEST(amqp_flow_meter, a_broker_that_does_not_answer_within_a_second_is_overdue) {
  const instant begin{};
  flow_meter f;
  f.reset(begin);
  f.probe_sent(begin);
  EXPECT_FALSE(f.overdue(begin + 999ms));
  EXPECT_TRUE(f.overdue(begin + 1000ms));
  EXPECT_TRUE(f.answered());
  EXPECT_FALSE(f.overdue(begin + 1000ms));
  EXPECT_FALSE(f.answered()) << "nothing was asked";
}

TEST(amqp_flow_meter, bytes_are_in_flight_until_the_probe_behind_them_is_answered) {
  const instant now{};
  flow_meter f;
  f.reset(now);
  f.wrote(100);
  f.probe_sent(now);
  f.wrote(50);
  f.probe_sent(now);
  EXPECT_EQ(f.in_flight(), 150u);
  f.answered();
  EXPECT_EQ(f.in_flight(), 50u);
  f.answered();
  EXPECT_EQ(f.in_flight(), 0u);
}

TEST(amqp_flow_meter, a_flood_is_probed_by_bytes_and_stops_at_the_limit) {
  const instant now{};
  flow_meter f;
  f.reset(now);
  f.wrote(flow_meter::probe_every_bytes - 1);
  EXPECT_FALSE(f.probe_due(now, false));
  EXPECT_TRUE(f.probe_due(now, true)) << "someone waits for the end";
  f.wrote(1);
  EXPECT_TRUE(f.probe_due(now, false));
  f.probe_sent(now);
  EXPECT_FALSE(f.full());
  f.wrote(flow_meter::in_flight_max);
  EXPECT_TRUE(f.full());
  f.answered();
  EXPECT_TRUE(f.full()) << "the answer only covers what was written before its probe";
  f.reset(now);
  EXPECT_FALSE(f.full());
}

TEST(amqp_publish_queue, a_full_queue_refuses) {
  publish_queue<int> q{2};
  EXPECT_TRUE(q.push(1, when_full::refuse).accepted);
  EXPECT_TRUE(q.push(2, when_full::refuse).accepted);
  EXPECT_FALSE(q.push(3, when_full::refuse).accepted);
  EXPECT_EQ(q.pop(), 1);
  EXPECT_EQ(q.pop(), 2);
  EXPECT_TRUE(q.empty());
}

TEST(amqp_publish_queue, a_full_queue_drops_the_oldest) {
  publish_queue<int> q{2};
  q.push(1, when_full::drop_oldest);
  q.push(2, when_full::drop_oldest);
  const auto third = q.push(3, when_full::drop_oldest);
  EXPECT_TRUE(third.accepted);
  EXPECT_EQ(third.dropped, 1);
  EXPECT_EQ(q.size(), 2u);
  EXPECT_EQ(q.pop(), 2);
}

TEST(amqp_publish_queue, room_for_a_batch_is_all_or_nothing) {
  publish_queue<int> q{3};
  q.push(1, when_full::refuse);
  EXPECT_TRUE(q.has_room(2));
  EXPECT_FALSE(q.has_room(3));
  EXPECT_FALSE(q.has_room(SIZE_MAX));
}

}  // namespace
}  // namespace cornice::infra::amqp
