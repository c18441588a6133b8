// What a feed does while the venue keeps its word, and how it notices lost frames.
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

TEST(kalshi_book_feed, subscribes_once_and_publishes_each_snapshot) {
  rig r;
  EXPECT_THAT(r.add({"B", "A"}), IsEmpty());
  EXPECT_EQ(r.book("A").trouble(), book_trouble::disconnected);
  EXPECT_THAT(r.connect(), ElementsAre("lost A awaiting_snapshot", "lost B awaiting_snapshot",
                                       "subscribe#1 A B"));
  EXPECT_THAT(r.ack(1), IsEmpty());
  EXPECT_THAT(r.snapshot("A"), ElementsAre("publish A"));
  EXPECT_TRUE(r.book("A").usable());
  EXPECT_FALSE(r.book("B").usable());
  EXPECT_THAT(r.snapshot("B"), ElementsAre("publish B"));
  EXPECT_EQ(r.book("A").book().best(book_side::ask)->p, at("0.33"));
}

TEST(kalshi_book_feed, asks_for_the_yes_scale_and_converts_when_told_not_to) {
  rig yes;
  yes.add({"A"});
  const auto sent = std::get<send_command>(yes.feed.on_connected(yes.now).back());
  EXPECT_NE(sent.text.find(R"("use_yes_price":true)"), std::string::npos);

  book_feed_options options;
  options.use_yes_price = false;
  rig no{options};
  no.add({"A"});
  const auto asked = std::get<send_command>(no.feed.on_connected(no.now).back());
  EXPECT_NE(asked.text.find(R"("use_yes_price":false)"), std::string::npos);
  no.ack(1);
  no.snapshot("A", {{at("0.47"), of("3")}}, {{at("0.48"), of("2")}});
  EXPECT_EQ(no.book("A").book().best(book_side::ask), (level{at("0.52"), of("2")}));
  no.delta("A", "0.49", "1", outcome::no);
  EXPECT_EQ(no.book("A").book().best(book_side::ask), (level{at("0.51"), of("1")}));
}

TEST(kalshi_book_feed, deltas_change_levels_and_remove_them_at_zero) {
  rig r;
  r.ready();
  const auto before = r.book("A").revision();
  r.now += 5ms;
  EXPECT_THAT(r.delta("A", "0.31", "7"), ElementsAre("publish A"));
  EXPECT_EQ(r.book("A").book().best(book_side::bid), (level{at("0.31"), of("7")}));
  EXPECT_THAT(r.delta("A", "0.31", "-7"), ElementsAre("publish A"));
  EXPECT_EQ(r.book("A").book().best(book_side::bid)->p, at("0.30"));
  EXPECT_EQ(r.book("A").revision(), before + 2);
  EXPECT_EQ(r.book("A").last_frame(), r.now);
  EXPECT_EQ(r.book("A").venue_time(), from_unix_ms(5));
}

TEST(kalshi_book_feed, delta_before_its_snapshot_is_dropped) {
  rig r;
  r.add({"A"});
  r.connect();
  r.ack(1);
  EXPECT_THAT(r.delta("A", "0.31", "7"), IsEmpty());
  EXPECT_THAT(r.snapshot("A"), ElementsAre("publish A"));
  EXPECT_EQ(r.book("A").book().best(book_side::bid)->p, at("0.30"));
}

TEST(kalshi_book_feed, frames_of_other_subscriptions_do_not_count) {
  rig r;
  r.ready();
  EXPECT_THAT(r.take({{}, 9, 55, {}, {}},
                     ws::orderbook_delta{"A", "", at("0.31"), of("7"), outcome::yes, {}, "", {}}),
              IsEmpty());
  EXPECT_THAT(r.take({{}, 9, 56, {}, {}}, ws::trade{}), IsEmpty());
  EXPECT_THAT(r.take({{}, {}, {}, 77, {}}, ws::subscribed{"trade", 9}), IsEmpty());
  EXPECT_THAT(r.delta("A", "0.31", "7"), ElementsAre("publish A"));
}

TEST(kalshi_book_feed, gap_makes_every_book_unusable_until_its_own_snapshot) {
  rig r;
  r.ready();
  ++r.seq;  // one frame is lost
  EXPECT_THAT(r.delta("A", "0.31", "7"), ElementsAre("lost A gap", "lost B gap", "snapshot#2 A B"));
  EXPECT_EQ(r.feed.gaps(), 1u);
  EXPECT_THAT(r.delta("B", "0.31", "7"), IsEmpty());
  EXPECT_THAT(r.snapshot("B"), ElementsAre("publish B"));
  EXPECT_FALSE(r.book("A").usable());
  EXPECT_THAT(r.delta("B", "0.31", "7"), ElementsAre("publish B"));
  EXPECT_THAT(r.snapshot("A"), ElementsAre("publish A"));
  EXPECT_EQ(r.book("A").epoch(), 2u);
}

TEST(kalshi_book_feed, gap_seen_at_a_snapshot_keeps_that_snapshot) {
  rig r;
  r.ready();
  ++r.seq;
  EXPECT_THAT(r.snapshot("A"),
              ElementsAre("lost A gap", "lost B gap", "publish A", "snapshot#2 B"));
}

TEST(kalshi_book_feed, a_frame_seen_twice_is_a_gap_too) {
  rig r;
  r.ready();
  --r.seq;
  EXPECT_THAT(r.delta("A", "0.31", "7"), ElementsAre("lost A gap", "lost B gap", "snapshot#2 A B"));
}

TEST(kalshi_book_feed, a_data_frame_without_sequence_is_a_gap) {
  rig r;
  r.ready();
  EXPECT_THAT(r.take({{}, 1, {}, {}, {}},
                     ws::orderbook_delta{"A", "", at("0.31"), of("7"), outcome::yes, {}, "", {}}),
              ElementsAre("lost A gap", "lost B gap", "snapshot#2 A B"));
  EXPECT_THAT(r.snapshot("A"), ElementsAre("publish A"));
}

TEST(kalshi_book_feed, second_gap_before_recovery_reconnects) {
  rig r;
  r.ready();
  ++r.seq;
  r.delta("A", "0.31", "7");
  r.snapshot("A");
  ++r.seq;
  EXPECT_THAT(r.delta("A", "0.31", "7"),
              ElementsAre("lost A disconnected", "lost B disconnected", "reconnect"));
  EXPECT_THAT(r.snapshot("A"), IsEmpty()) << "frames are ignored until the new connection";
  r.disconnect();
  EXPECT_THAT(r.connect(), ElementsAre("lost A awaiting_snapshot", "lost B awaiting_snapshot",
                                       "subscribe#3 A B"));
}

TEST(kalshi_book_feed, gap_after_recovery_is_a_first_gap_again) {
  rig r;
  r.ready();
  for (int i = 0; i < 3; ++i) {
    ++r.seq;
    EXPECT_THAT(r.delta("A", "0.31", "7"), testing::Not(testing::Contains("reconnect")));
    r.snapshot("A");
    r.snapshot("B");
  }
  EXPECT_EQ(r.feed.gaps(), 3u);
  EXPECT_TRUE(r.book("A").usable());
}

TEST(kalshi_book_feed, gap_asks_in_chunks_and_keeps_few_commands_in_flight) {
  book_feed_options options;
  options.tickers_per_snapshot = 2;
  options.commands_in_flight = 2;
  rig r{options};
  r.add({"A", "B", "C", "D", "E"});
  r.connect();
  r.ack(1);
  for (const auto* t : {"A", "B", "C", "D", "E"}) r.snapshot(t);
  ++r.seq;
  EXPECT_THAT(r.delta("A", "0.31", "7"),
              ElementsAre("lost A gap", "lost B gap", "lost C gap", "lost D gap", "lost E gap",
                          "snapshot#2 A B", "snapshot#3 C D"));
  EXPECT_THAT(r.snapshot("A"), ElementsAre("publish A"));
  EXPECT_THAT(r.snapshot("B"), ElementsAre("publish B", "snapshot#4 E"));
}

TEST(kalshi_book_feed, control_frames_may_share_the_sequence_or_not) {
  rig shared;
  shared.ready();
  shared.add({"C"});
  shared.take(ws::envelope{{}, 1, ++shared.seq, 2, {}}, ws::ok{});
  EXPECT_THAT(shared.delta("A", "0.31", "7"), ElementsAre("publish A"));

  rig own;
  own.ready();
  own.add({"C"});
  own.take(ws::envelope{{}, 1, own.seq + 1, 2, {}}, ws::ok{});
  EXPECT_THAT(own.delta("A", "0.31", "7"), ElementsAre("publish A"));

  rig low;
  low.ready();
  low.add({"C"});
  low.take(ws::envelope{{}, 1, 1, 2, {}}, ws::ok{});
  EXPECT_THAT(low.delta("A", "0.31", "7"), ElementsAre("publish A"));
}

}  // namespace
}  // namespace cornice::venue::kalshi
