#include "model/routing_word.hpp"
#include "model_generators.hpp"
#include "samples.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace cornice_test {
namespace {

template <class T>
class routing : public ::testing::Test {};
TYPED_TEST_SUITE(routing, bus_messages);

TYPED_TEST(routing, keys_fit_amqp_and_hold_no_pattern) {
  EXPECT_TRUE(holds_for_all<TypeParam>([](const TypeParam& m) {
    const std::string key = routing_key(m);
    RC_ASSERT(key.size() <= 255u);
    RC_ASSERT(key.find_first_of("*#") == std::string::npos);
    RC_ASSERT(key.find("..") == std::string::npos);
    RC_ASSERT(key.front() != '.' && key.back() != '.');
  }));
}

TYPED_TEST(routing, topics_are_ours_and_types_are_named) {
  EXPECT_EQ(message_topic<TypeParam>().substr(0, 8), "cornice.");
  EXPECT_FALSE(message_type<TypeParam>().empty());
}

TEST(routing_keys, are_those_of_the_documented_patterns) {
  EXPECT_EQ(routing_key(samples<book_signal>()[0]), "book.kalshi.KXHIGHNY-26NOV23-B54%2E5:yes");
  EXPECT_EQ(routing_key(samples<trade_signal>()[0]),
            "trade.polymarket."
            "71321045679252212594626385532706912750332728571942532289631379312455583992563");
  EXPECT_EQ(routing_key(samples<market_signal>()[0]), "market.kalshi.KXHIGHNY-26NOV23-B54%2E5");
  EXPECT_EQ(routing_key(samples<market_signal>()[1]), "market.mapping.ny-high-2026-11-23");
  EXPECT_EQ(routing_key(samples<feed_signal>()[0]), "feed.polymarket");
  EXPECT_EQ(routing_key(samples<opportunity>()[0]), "opportunity.cross_venue");
  EXPECT_EQ(routing_key(samples<opportunity_refusal>()[0]), "opportunity_refusal.complement");
  EXPECT_EQ(routing_key(samples<fill_report>()[0]), "fill.kalshi");
  EXPECT_EQ(routing_key(samples<order_report>()[0]), "order.polymarket");
  EXPECT_EQ(routing_key(samples<balance_report>()[0]), "balance.kalshi");
  EXPECT_EQ(routing_key(samples<account_snapshot>()[0]), "snapshot.kalshi");
  EXPECT_EQ(routing_key(samples<order_event>()[0]), "order.in_doubt");
  EXPECT_EQ(routing_key(samples<bundle_event>()[0]), "bundle.unwinding");
  EXPECT_EQ(routing_key(samples<refusal_event>()[0]), "refusal.max_position");
  EXPECT_EQ(routing_key(samples<position_event>()[0]),
            "position.kalshi.KXHIGHNY-26NOV23-B54%2E5:yes");
  EXPECT_EQ(routing_key(samples<pnl_event>()[0]), "pnl.sim");
  EXPECT_EQ(routing_key(samples<breaker_event>()[0]), "breaker.global");
  EXPECT_EQ(routing_key(samples<command_request>()[0]), "halt");
  EXPECT_EQ(routing_key(samples<command_request>()[1]), "reconcile.kalshi");
  EXPECT_EQ(routing_key(samples<command_reply>()[0]), "reply.r-2");
}

TEST(routing_words, encode_what_a_topic_key_cannot_hold) {
  EXPECT_EQ(routing_word("a.b*c#d%e f"), "a%2Eb%2Ac%23d%25e%20f");
  EXPECT_EQ(routing_word("\xC3\xA9\n"), "%C3%A9%0A");
  EXPECT_EQ(routing_word(""), "%");
}

RC_GTEST_PROP(routing_words, of_different_texts_differ,
              (const std::string& a, const std::string& b)) {
  RC_ASSERT((a == b) == (routing_word(a) == routing_word(b)));
}

TEST(routing_words, are_cut_at_their_bound_only) {
  EXPECT_EQ(routing_word(std::string(160, 'a')), std::string(160, 'a'));
  EXPECT_EQ(routing_word(std::string(161, 'a')).size(), max_routing_word);
  EXPECT_EQ(routing_word(std::string(100'000, '.')).size(), max_routing_word);
}

}  // namespace
}  // namespace cornice_test
