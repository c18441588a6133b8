// An error, a silence or a disconnection at every step of the feed.
#include "kalshi_feed_rig.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace cornice::venue::kalshi {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

TEST(kalshi_book_feed_trouble, missing_first_snapshot_is_asked_for_then_reconnects_then_parks) {
  rig r;
  r.add({"A", "B"});
  r.connect();
  r.ack(1);
  r.snapshot("A");
  EXPECT_THAT(r.pass(9'999ms), IsEmpty());
  EXPECT_THAT(r.pass(1ms), ElementsAre("snapshot#2 B"));
  EXPECT_THAT(r.pass(10'000ms),
              ElementsAre("lost A disconnected", "lost B disconnected", "reconnect"));
  r.connect();
  r.ack(3);
  r.snapshot("A");
  EXPECT_THAT(r.pass(10'000ms), ElementsAre("snapshot#4 B"));
  EXPECT_THAT(r.pass(10'000ms), ElementsAre("lost B silent"));
  EXPECT_TRUE(r.book("A").usable()) << "one closed market does not cost the others";
  EXPECT_THAT(r.pass(300'000ms), ElementsAre("snapshot#5 B"));
  EXPECT_THAT(r.pass(10'000ms), IsEmpty());
  EXPECT_THAT(r.snapshot("B"), ElementsAre("publish B"));
}

TEST(kalshi_book_feed_trouble, missing_snapshot_after_a_gap_reconnects) {
  rig r;
  r.ready();
  ++r.seq;
  r.delta("A", "0.31", "7");
  r.snapshot("A");
  EXPECT_THAT(r.pass(10'000ms),
              ElementsAre("lost A disconnected", "lost B disconnected", "reconnect"));
}

TEST(kalshi_book_feed_trouble, subscribe_that_is_not_answered_reconnects) {
  rig r;
  r.add({"A"});
  r.connect();
  EXPECT_EQ(r.feed.next_deadline(), r.now + 10'000ms);
  EXPECT_THAT(r.pass(10'000ms), ElementsAre("lost A disconnected", "reconnect"));
  EXPECT_EQ(r.feed.next_deadline(), std::nullopt);
}

TEST(kalshi_book_feed_trouble, terminal_errors_reconnect_at_any_step) {
  for (const std::int64_t code : {10, 25}) {
    rig r;
    r.ready();
    EXPECT_THAT(r.take({{}, 1, {}, {}, {}}, ws::error_reply{code, "", {}, {}}),
                ElementsAre("lost A disconnected", "lost B disconnected", "reconnect"));
    rig subscribing;
    subscribing.add({"A"});
    subscribing.connect();
    EXPECT_THAT(subscribing.error(1, code), ElementsAre("lost A disconnected", "reconnect"));
  }
}

TEST(kalshi_book_feed_trouble, errors_of_other_commands_are_not_ours) {
  rig r;
  r.ready();
  EXPECT_THAT(r.error(99, 10), IsEmpty());
  EXPECT_THAT(r.take({{}, 7, {}, {}, {}}, ws::error_reply{10, "", {}, {}}), IsEmpty());
}

TEST(kalshi_book_feed_trouble, refusals_that_concern_the_session_reconnect) {
  for (const std::int64_t code : {5, 7, 8, 9}) {
    rig r;
    r.add({"A"});
    r.connect();
    EXPECT_THAT(r.error(1, code), ElementsAre("lost A disconnected", "reconnect")) << code;
  }
}

TEST(kalshi_book_feed_trouble, too_many_requests_is_repeated_after_a_pause_and_then_given_up) {
  rig r;
  r.add({"A"});
  r.connect();
  std::int64_t id = 1;
  for (const auto pause : {1'000ms, 2'000ms, 3'000ms}) {
    EXPECT_THAT(r.error(id, 27), IsEmpty());
    EXPECT_THAT(r.pass(pause - 1ms), IsEmpty());
    ++id;
    EXPECT_THAT(r.pass(1ms), ElementsAre("subscribe#" + std::to_string(id) + " A"));
  }
  EXPECT_THAT(r.error(id, 27), ElementsAre("lost A disconnected", "reconnect"));
}

TEST(kalshi_book_feed_trouble, a_refused_snapshot_request_is_repeated_without_a_stale_deadline) {
  rig r;
  r.ready();
  ++r.seq;
  r.delta("A", "0.31", "7");
  r.now += 9'500ms;
  EXPECT_THAT(r.error(2, 27), IsEmpty());
  EXPECT_THAT(r.pass(1'000ms), ElementsAre("snapshot#3 A B"));
  EXPECT_THAT(r.pass(9'000ms), IsEmpty());
  r.snapshot("A");
  EXPECT_THAT(r.snapshot("B"), ElementsAre("publish B"));
}

TEST(kalshi_book_feed_trouble, a_named_bad_ticker_is_refused_and_the_rest_goes_on) {
  rig r;
  r.add({"A", "BAD", "C"});
  r.connect();
  EXPECT_THAT(r.error(1, 11, {"BAD"}), ElementsAre("lost BAD refused", "subscribe#2 A C"));
  EXPECT_EQ(r.book("BAD").trouble(), book_trouble::refused);
}

TEST(kalshi_book_feed_trouble, an_unnamed_bad_ticker_is_found_by_halving) {
  rig r;
  r.add({"A", "B", "BAD", "D"});
  r.connect();
  EXPECT_THAT(r.error(1, 11), ElementsAre("subscribe#2 A B"));
  EXPECT_THAT(r.ack(2), ElementsAre("add#3 BAD D"));
  EXPECT_THAT(r.error(3, 11), ElementsAre("add#4 BAD", "add#5 D"));
  EXPECT_THAT(r.error(4, 11), ElementsAre("lost BAD refused"));
  EXPECT_THAT(r.ok(5), IsEmpty());
  EXPECT_THAT(r.snapshot("D"), ElementsAre("publish D"));
}

TEST(kalshi_book_feed_trouble, tickers_over_the_limit_of_the_subscription_are_refused) {
  rig r;
  r.ready();
  r.add({"C", "D"});
  EXPECT_THAT(r.error(2, 26), ElementsAre("lost C refused", "lost D refused"));
  EXPECT_TRUE(r.book("A").usable());
}

TEST(kalshi_book_feed_trouble, a_merged_subscription_is_answered_with_ok) {
  rig r;
  r.add({"A"});
  r.connect();
  EXPECT_THAT(r.ok(1), IsEmpty());
  EXPECT_EQ(r.feed.sid(), 1);
  EXPECT_THAT(r.snapshot("A"), ElementsAre("publish A"));
  rig lost;
  lost.add({"A"});
  lost.connect();
  EXPECT_THAT(lost.take({{}, {}, {}, 1, {}}, ws::ok{}),
              ElementsAre("lost A disconnected", "reconnect"));
}

TEST(kalshi_book_feed_trouble, more_tickers_than_one_command_takes_are_added_after_the_first) {
  book_feed_options options;
  options.tickers_per_command = 2;
  rig r{options};
  r.add({"A", "B", "C", "D", "E"});
  const auto sent = r.connect();
  EXPECT_EQ(sent.back(), "subscribe#1 A B");
  EXPECT_THAT(r.ack(1), ElementsAre("add#2 C D", "add#3 E"));
  EXPECT_THAT(r.ok(2), IsEmpty());
  EXPECT_THAT(r.snapshot("C"), ElementsAre("publish C"));
}

TEST(kalshi_book_feed_trouble, markets_come_and_go_while_running) {
  rig r;
  r.ready();
  EXPECT_THAT(r.add({"C"}), ElementsAre("add#2 C"));
  EXPECT_THAT(r.add({"C"}), IsEmpty());
  EXPECT_THAT(r.ok(2), IsEmpty());
  EXPECT_THAT(r.snapshot("C"), ElementsAre("publish C"));
  EXPECT_THAT(r.remove({"A"}), ElementsAre("delete#3 A"));
  EXPECT_EQ(r.feed.find("A"), nullptr);
  EXPECT_THAT(r.delta("A", "0.31", "7"), IsEmpty()) << "it still counts in the sequence";
  EXPECT_THAT(r.ok(3), IsEmpty());
  EXPECT_THAT(r.delta("B", "0.31", "7"), ElementsAre("publish B"));
  EXPECT_THAT(r.remove({"B", "C"}), ElementsAre("unsubscribe#4"));
  EXPECT_THAT(r.add({"D"}), IsEmpty()) << "waits for the end of the old subscription";
  r.sid = 2;
  EXPECT_THAT(r.take({{}, 1, 9, 4, {}}, ws::unsubscribed{}), ElementsAre("subscribe#5 D"));
}

TEST(kalshi_book_feed_trouble, a_ticker_removed_before_it_was_asked_for_is_never_sent) {
  rig r;
  r.add({"A"});
  r.connect();
  EXPECT_THAT(r.add({"B", "C"}), IsEmpty()) << "the subscription is not acknowledged yet";
  EXPECT_THAT(r.remove({"B"}), IsEmpty());
  EXPECT_THAT(r.ack(1), ElementsAre("add#2 C"));
}

TEST(kalshi_book_feed_trouble, a_refused_delete_is_harmless) {
  rig r;
  r.ready();
  r.remove({"A"});
  EXPECT_THAT(r.error(2, 11), IsEmpty());
  EXPECT_THAT(r.delta("B", "0.31", "7"), ElementsAre("publish B"));
}

TEST(kalshi_book_feed_trouble, end_of_subscription_by_the_venue_reconnects) {
  rig r;
  r.ready();
  EXPECT_THAT(r.take({{}, 1, 3, {}, {}}, ws::unsubscribed{}),
              ElementsAre("lost A disconnected", "lost B disconnected", "reconnect"));
}

TEST(kalshi_book_feed_trouble, negative_level_fetches_that_book_alone) {
  rig r;
  r.ready();
  EXPECT_THAT(r.delta("A", "0.30", "-10.01"), ElementsAre("lost A negative_level", "snapshot#2 A"));
  EXPECT_TRUE(r.book("B").usable());
  EXPECT_THAT(r.delta("A", "0.30", "1"), IsEmpty());
  EXPECT_THAT(r.snapshot("A"), ElementsAre("publish A"));
}

TEST(kalshi_book_feed_trouble, a_snapshot_with_a_negative_level_is_not_believed) {
  rig r;
  r.ready();
  EXPECT_THAT(r.snapshot("A", {{at("0.30"), of("-1")}}),
              ElementsAre("lost A broken_frame", "snapshot#2 A"));
}

TEST(kalshi_book_feed_trouble, a_broken_delta_costs_its_own_book) {
  rig r;
  r.ready();
  const auto broken = [&](ws::envelope head, std::string_view ticker) {
    return trace(r.feed.on_broken_frame({head, ticker}, r.now));
  };
  EXPECT_THAT(broken(r.data(), "A"), ElementsAre("lost A broken_frame", "snapshot#2 A"));
  EXPECT_THAT(r.delta("B", "0.31", "7"), ElementsAre("publish B"));
  EXPECT_THAT(broken(r.data(), "STRANGER"), IsEmpty());
  EXPECT_THAT(broken({{}, 9, 1, {}, {}}, "A"), IsEmpty());
  EXPECT_THAT(broken(r.data(), ""), ElementsAre("lost B gap", "snapshot#3 B"));
}

TEST(kalshi_book_feed_trouble, a_frame_that_cannot_be_read_at_all_may_have_been_any) {
  rig r;
  r.ready();
  EXPECT_THAT(trace(r.feed.on_broken_frame({}, r.now)),
              ElementsAre("lost A gap", "lost B gap", "snapshot#2 A B"));
  ++r.seq;
  EXPECT_THAT(r.snapshot("A"), ElementsAre("publish A"));
}

TEST(kalshi_book_feed_trouble, crossing_between_deltas_is_unusable_and_heals) {
  rig r;
  r.ready();
  EXPECT_THAT(r.delta("A", "0.33", "7"), ElementsAre("lost A crossed"));
  EXPECT_THAT(r.delta("A", "0.33", "-5", outcome::no), ElementsAre("publish A"));
}

TEST(kalshi_book_feed_trouble, a_book_that_stays_crossed_is_fetched_anew) {
  rig r;
  r.ready();
  r.delta("A", "0.33", "7");
  EXPECT_THAT(r.pass(999ms), IsEmpty());
  EXPECT_THAT(r.pass(1ms), ElementsAre("snapshot#2 A"));
  EXPECT_THAT(r.delta("A", "0.33", "-7"), IsEmpty());
  EXPECT_THAT(r.snapshot("A"), ElementsAre("publish A"));
}

TEST(kalshi_book_feed_trouble, a_crossed_snapshot_is_mis_scaled_and_tried_again_later) {
  rig r;
  r.ready();
  r.add({"C"});
  r.ok(2);
  EXPECT_THAT(r.snapshot("C", {{at("0.60"), of("1")}}, {{at("0.37"), of("1")}}),
              ElementsAre("lost C mis_scaled"));
  EXPECT_THAT(r.delta("C", "0.60", "-1"), IsEmpty());
  EXPECT_TRUE(r.book("A").usable());
  EXPECT_THAT(r.pass(300'000ms), ElementsAre("snapshot#3 C"));
  EXPECT_THAT(r.snapshot("C"), ElementsAre("publish C"));
}

TEST(kalshi_book_feed_trouble, many_crossed_snapshots_condemn_the_scale_until_someone_has_looked) {
  rig r;
  r.add({"A", "B", "C", "D"});
  r.connect();
  r.ack(1);
  const rig::sides high{{at("0.60"), of("1")}};
  const rig::sides low{{at("0.37"), of("1")}};
  r.snapshot("A");
  r.snapshot("B", high, low);
  r.snapshot("C", high, low);
  EXPECT_TRUE(r.book("A").usable());
  EXPECT_THAT(r.snapshot("D", high, low), ElementsAre("lost A mis_scaled", "lost D mis_scaled"));
  EXPECT_TRUE(r.feed.scale_suspect());
  EXPECT_THAT(r.snapshot("A"), IsEmpty());
  r.disconnect();
  r.connect();
  r.ack(2);
  EXPECT_THAT(r.snapshot("A"), ElementsAre("lost A mis_scaled"));
  EXPECT_THAT(trace(r.feed.trust_scale_again(r.now)), ElementsAre("snapshot#3 A"));
  EXPECT_THAT(r.snapshot("A"), ElementsAre("publish A"));
}

TEST(kalshi_book_feed_trouble, disconnection_at_any_step_loses_every_book_and_starts_over) {
  for (int step = 0; step < 5; ++step) {
    rig r;
    r.add({"A", "B"});
    r.connect();
    if (step > 0) r.ack(1);
    if (step > 1) r.snapshot("A");
    if (step > 2) r.snapshot("B");
    if (step > 3) {
      ++r.seq;
      r.delta("A", "0.31", "1");
    }
    r.disconnect();
    EXPECT_FALSE(r.book("A").usable());
    EXPECT_FALSE(r.book("B").usable());
    EXPECT_EQ(r.feed.next_deadline(), std::nullopt);
    const auto sent = r.connect();
    ASSERT_FALSE(sent.empty());
    EXPECT_TRUE(sent.back().starts_with("subscribe#")) << step;
    r.ack(r.feed.sid() ? 0 : std::stoll(sent.back().substr(10)));
    r.snapshot("A");
    EXPECT_THAT(r.snapshot("B"), ElementsAre("publish B")) << step;
  }
}

TEST(kalshi_book_feed_trouble, tickers_over_its_own_bound_are_counted_and_left_out) {
  book_feed_options options;
  options.max_tickers = 2;
  rig r{options};
  r.add({"A", "B", "C"});
  EXPECT_EQ(r.feed.books().size(), 2u);
  EXPECT_EQ(r.feed.overflow(), 1u);
}

TEST(kalshi_book_feed_trouble, an_empty_feed_sends_nothing) {
  rig r;
  EXPECT_THAT(r.connect(), IsEmpty());
  EXPECT_THAT(r.pass(60'000ms), IsEmpty());
  EXPECT_THAT(r.add({"A"}), ElementsAre("subscribe#1 A"));
}

}  // namespace
}  // namespace cornice::venue::kalshi
