// Every fault of the simulator's streams strikes over a real connection, and the daemon's feed
// machines come back from it.
#include "venue_clients.hpp"

namespace cornice::sim {
namespace {

using venue::polymarket::unusable_reason;

TEST_F(kalshi_client, a_gap_loses_the_books_until_fresh_snapshots) {
  start_with_fault("gap:kalshi:at=1s");
  follow();
  live(60);
  EXPECT_EQ(struck("gap"), 1);
  EXPECT_EQ(feed_.gaps(), 1u);
  EXPECT_GT(books_lost_, 0);
  EXPECT_TRUE(recovers());
  EXPECT_EQ(losses_, 0) << "one gap is healed on the same connection";
}

TEST_F(kalshi_client, a_frame_sent_twice_is_a_break_of_the_sequence) {
  start_with_fault("duplicate:kalshi:at=1s");
  follow();
  live(60);
  EXPECT_EQ(struck("duplicate"), 1);
  EXPECT_EQ(feed_.gaps(), 1u);
  EXPECT_TRUE(recovers());
}

TEST_F(kalshi_client, swapped_frames_are_a_break_of_the_sequence) {
  start_with_fault("reorder:kalshi:at=1s");
  follow();
  live(60);
  EXPECT_EQ(struck("reorder"), 1);
  EXPECT_GT(feed_.gaps(), 0u);
  EXPECT_TRUE(recovers());
}

TEST_F(kalshi_client, half_a_frame_costs_what_it_may_have_said) {
  start_with_fault("malformed:kalshi:at=1s");
  follow();
  live(60);
  EXPECT_EQ(struck("malformed"), 1);
  EXPECT_EQ(broken_, 1);
  EXPECT_GT(books_lost_, 0);
  EXPECT_TRUE(recovers());
}

TEST_F(kalshi_client, a_frozen_venue_catches_up_when_it_thaws) {
  start_with_fault("freeze:kalshi:at=500ms,for=3s");
  follow();
  live(50);
  EXPECT_GT(struck("freeze"), 0);
  EXPECT_FALSE(equal());
  EXPECT_TRUE(recovers());
  EXPECT_EQ(feed_.gaps(), 0u);
}

TEST_F(kalshi_client, an_overflowed_subscription_is_made_anew) {
  start_with_fault("overflow:kalshi:at=1s");
  follow();
  live(60);
  EXPECT_EQ(struck("overflow"), 1);
  EXPECT_EQ(losses_, 1);
  EXPECT_TRUE(recovers());
}

TEST_F(kalshi_client, types_and_keys_of_tomorrow_change_nothing) {
  simulator_options o;
  o.faults.push_back(parse_fault("unknown_type:kalshi:at=1s,count=3").value());
  o.faults.push_back(parse_fault("unknown_keys:kalshi:at=1s,count=50").value());
  start(std::move(o));
  follow();
  live(60);
  EXPECT_EQ(unknown_, 3);
  EXPECT_EQ(struck("unknown_keys"), 50);
  EXPECT_TRUE(reached([this] { return equal(); }));
  EXPECT_EQ(feed_.gaps(), 0u);
  EXPECT_EQ(broken_, 0);
}

TEST_F(kalshi_client, a_cut_connection_is_replaced) {
  start_with_fault("drop:kalshi:at=1s");
  follow();
  live(60);
  EXPECT_EQ(struck("drop"), 1);
  EXPECT_EQ(losses_, 1);
  EXPECT_TRUE(recovers());
}

TEST_F(kalshi_client, refused_handshakes_are_tried_again) {
  start_with_fault("refuse:kalshi:count=2");
  follow();
  EXPECT_EQ(refusals_, 2);
  EXPECT_NE(refusal_.message.find("502"), std::string::npos);
}

TEST_F(polymarket_client, a_lost_change_shows_in_the_next_hash) {
  start_with_fault("gap:polymarket:at=1s,count=20");
  follow();
  live(60);
  EXPECT_EQ(struck("gap"), 20);
  EXPECT_TRUE(recovers());
  EXPECT_GT(feed_.counters().resyncs, 0u);
  EXPECT_TRUE(saw(unusable_reason::hash_mismatch) || saw(unusable_reason::best_mismatch));
}

TEST_F(polymarket_client, a_wrong_hash_makes_the_book_be_fetched_anew) {
  start_with_fault("bad_hash:polymarket:at=1s");
  follow();
  live(60);
  EXPECT_EQ(struck("bad_hash"), 1);
  EXPECT_TRUE(saw(unusable_reason::hash_mismatch));
  EXPECT_TRUE(recovers());
  EXPECT_GT(feed_.counters().resyncs, 0u);
}

TEST_F(polymarket_client, a_frame_sent_twice_is_applied_once) {
  start_with_fault("duplicate:polymarket:at=1s,count=10");
  follow();
  live(60);
  EXPECT_EQ(struck("duplicate"), 10);
  EXPECT_TRUE(recovers());
}

TEST_F(polymarket_client, swapped_frames_are_survived) {
  start_with_fault("reorder:polymarket:at=1s,count=10");
  follow();
  live(60);
  EXPECT_EQ(struck("reorder"), 10);
  EXPECT_TRUE(recovers());
}

TEST_F(polymarket_client, half_a_frame_is_counted_and_recovered_from) {
  start_with_fault("malformed:polymarket:at=1s");
  follow();
  live(60);
  EXPECT_EQ(struck("malformed"), 1);
  EXPECT_GT(feed_.counters().bad_messages, 0u);
  EXPECT_TRUE(recovers());
}

TEST_F(polymarket_client, frozen_contracts_are_found_out_by_what_follows) {
  start_with_fault("freeze:polymarket:at=500ms,for=3s");
  follow();
  live(50);
  EXPECT_GT(struck("freeze"), 0);
  EXPECT_FALSE(equal());
  EXPECT_TRUE(recovers());
}

TEST_F(polymarket_client, types_and_keys_of_tomorrow_change_nothing) {
  simulator_options o;
  o.faults.push_back(parse_fault("unknown_type:polymarket:at=1s,count=3").value());
  o.faults.push_back(parse_fault("unknown_keys:polymarket:at=1s,count=20").value());
  start(std::move(o));
  follow();
  live(60);
  EXPECT_EQ(feed_.counters().unknown_messages, 3u);
  EXPECT_EQ(struck("unknown_keys"), 20);
  EXPECT_TRUE(reached([this] { return equal(); }));
  EXPECT_EQ(feed_.counters().bad_messages, 0u);
  EXPECT_EQ(feed_.counters().resyncs, 0u);
}

TEST_F(polymarket_client, a_cut_connection_is_replaced) {
  start_with_fault("drop:polymarket:at=1s");
  follow();
  live(60);
  EXPECT_EQ(struck("drop"), 1);
  EXPECT_EQ(losses_, 1);
  EXPECT_TRUE(recovers());
}

TEST_F(polymarket_client, refused_handshakes_are_tried_again) {
  start_with_fault("refuse:polymarket:count=2");
  follow();
  EXPECT_EQ(refusals_, 2);
}

}  // namespace
}  // namespace cornice::sim
