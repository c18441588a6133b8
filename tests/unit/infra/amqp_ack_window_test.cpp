#include "infra/amqp_ack_window.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cstdint>
#include <set>
#include <utility>
#include <vector>

namespace cornice::infra::amqp {
namespace {

using sent_acks = std::vector<std::pair<std::uint64_t, bool>>;

sent_acks flush(ack_window& w) {
  sent_acks sent;
  w.flush([&](std::uint64_t tag, bool multiple) { sent.emplace_back(tag, multiple); });
  return sent;
}

ack_window delivered_up_to(std::uint64_t last) {
  ack_window w;
  for (std::uint64_t tag = 1; tag <= last; ++tag) w.delivered(tag);
  return w;
}

TEST(amqp_ack_window, acks_in_order_become_one_frame) {
  ack_window w = delivered_up_to(5);
  for (std::uint64_t tag : {1u, 2u, 3u}) EXPECT_TRUE(w.ack(tag));
  EXPECT_EQ(flush(w), (sent_acks{{3, true}}));
  EXPECT_EQ(w.open(), 2u);
}

TEST(amqp_ack_window, a_single_ack_is_not_multiple) {
  ack_window w = delivered_up_to(2);
  w.ack(1);
  EXPECT_EQ(flush(w), (sent_acks{{1, false}}));
}

TEST(amqp_ack_window, acks_behind_an_open_delivery_go_one_by_one) {
  ack_window w = delivered_up_to(5);
  for (std::uint64_t tag : {4u, 1u, 3u}) w.ack(tag);
  EXPECT_EQ(flush(w), (sent_acks{{1, false}, {3, false}, {4, false}}));
}

TEST(amqp_ack_window, a_gap_that_closes_later_is_covered) {
  ack_window w = delivered_up_to(3);
  w.ack(2);
  flush(w);
  w.ack(1);
  w.ack(3);
  EXPECT_EQ(flush(w), (sent_acks{{3, true}}));
  EXPECT_EQ(w.open(), 0u);
}

TEST(amqp_ack_window, answering_twice_or_out_of_thin_air_is_refused) {
  ack_window w = delivered_up_to(1);
  EXPECT_TRUE(w.ack(1));
  EXPECT_FALSE(w.ack(1));
  EXPECT_FALSE(w.reject(1));
  flush(w);
  EXPECT_FALSE(w.ack(1));
  EXPECT_FALSE(w.ack(2));
  EXPECT_FALSE(w.pending());
}

TEST(amqp_ack_window, a_rejected_delivery_is_no_gap) {
  ack_window w = delivered_up_to(3);
  w.ack(1);
  EXPECT_TRUE(w.reject(2));
  w.ack(3);
  EXPECT_EQ(flush(w), (sent_acks{{3, true}}));
}

// The broker's view: `multiple` takes every delivery up to the tag that is still unanswered.
RC_GTEST_PROP(amqp_ack_window, the_broker_ends_up_with_exactly_what_was_acknowledged, ()) {
  ack_window w;
  std::set<std::uint64_t> unanswered_by_caller;
  std::set<std::uint64_t> unanswered_at_broker;
  std::uint64_t last = 0;
  const auto numbers =
      *rc::gen::container<std::vector<std::uint8_t>>(rc::gen::arbitrary<std::uint8_t>());
  for (const std::uint8_t number : numbers) {
    if (number < 100) {
      w.delivered(++last);
      unanswered_by_caller.insert(last);
      unanswered_at_broker.insert(last);
    } else if (number < 200 && last > 0) {
      const std::uint64_t tag = 1 + number % last;
      RC_ASSERT(w.ack(tag) == unanswered_by_caller.contains(tag));
      unanswered_by_caller.erase(tag);
    } else if (number < 220 && last > 0) {
      const std::uint64_t tag = 1 + number % last;
      RC_ASSERT(w.reject(tag) == unanswered_by_caller.contains(tag));
      if (unanswered_by_caller.erase(tag) == 1) unanswered_at_broker.erase(tag);
    } else {
      w.flush([&](std::uint64_t tag, bool multiple) {
        RC_ASSERT(unanswered_at_broker.contains(tag));
        const auto from = multiple ? unanswered_at_broker.begin() : unanswered_at_broker.find(tag);
        unanswered_at_broker.erase(from, unanswered_at_broker.upper_bound(tag));
      });
      RC_ASSERT(unanswered_at_broker == unanswered_by_caller);
    }
  }
}

}  // namespace
}  // namespace cornice::infra::amqp
