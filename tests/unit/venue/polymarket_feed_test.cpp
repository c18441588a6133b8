#include "cornice/venue/polymarket/book_feed.hpp"
#include "polymarket_feed_world.hpp"

namespace cornice::venue::polymarket {
namespace {

using namespace std::chrono_literals;
using test::of;
using test::sent;
using test::t0;
using test::venue_asset;

class polymarket_feed : public test::feed_world {};

TEST_F(polymarket_feed, connecting_sends_one_first_frame_with_all_assets) {
  connect();
  const auto texts = of<feed::send_text>(out);
  ASSERT_EQ(texts.size(), 1u);
  const auto decoded = ws::decode_client_frame(texts[0].text);
  ASSERT_TRUE(decoded) << decoded.error().message;
  const auto& first = std::get<ws::market_subscription>(*decoded);
  EXPECT_EQ(first.assets_ids, (std::vector<std::string>{"111", "222"}));
  EXPECT_TRUE(first.custom_features);
  EXPECT_FALSE(feed.usable(yes_slot));
}

TEST_F(polymarket_feed, the_initial_dump_makes_both_books_usable_and_proved) {
  go_live();
  EXPECT_EQ(of<feed::book_changed>(out).size(), 2u);
  EXPECT_TRUE(test::same(feed.asset(yes_slot).book(), yes.book));
  EXPECT_EQ(feed.counters().proofs.hash_checked, 2u);
}

TEST_F(polymarket_feed, changes_are_followed_and_proved) {
  go_live();
  frame(yes.change(t0 + 1, book_side::bid, "0.45", "10"));
  EXPECT_EQ(of<feed::book_changed>(out).size(), 1u);
  frame(yes.change(t0 + 2, book_side::bid, "0.45", "0"));
  frame(yes.change(t0 + 2, book_side::ask, "0.55", "3.25"));
  EXPECT_TRUE(test::same(feed.asset(yes_slot).book(), yes.book));
  EXPECT_TRUE(feed.usable(yes_slot));
  EXPECT_EQ(feed.counters().proofs.hash_checked, 5u);
  EXPECT_EQ(feed.asset(yes_slot).venue_time_ms(), t0 + 2);
  EXPECT_EQ(feed.epoch(yes_slot), feed.epoch(no_slot));
}

TEST_F(polymarket_feed, a_change_before_the_book_is_not_applied) {
  connect();
  frame(yes.change(t0 + 1, book_side::bid, "0.45", "10"));
  EXPECT_TRUE(of<feed::book_changed>(out).empty());
  EXPECT_FALSE(feed.usable(yes_slot));
}

TEST_F(polymarket_feed, entries_of_other_assets_are_ignored) {
  go_live();
  venue_asset other{"333"};
  frame(other.change(t0 + 1, book_side::bid, "0.45", "10"));
  EXPECT_TRUE(out.empty());
  EXPECT_EQ(feed.counters().other_assets, 1u);
}

TEST_F(polymarket_feed, a_lost_change_shows_in_the_hash_and_is_repaired_by_resubscribing) {
  go_live();
  yes.put(book_side::bid, "0.2", "9");  // its frame is lost
  const auto epoch = feed.epoch(yes_slot);
  frame(yes.change(t0 + 5, book_side::bid, "0.3", "1"));
  EXPECT_EQ(told(yes_slot), unusable_reason::hash_mismatch);
  EXPECT_FALSE(feed.usable(yes_slot));
  EXPECT_TRUE(feed.usable(no_slot));
  const auto texts = of<feed::send_text>(out);
  ASSERT_EQ(texts.size(), 2u);
  EXPECT_EQ(std::get<ws::market_operation>(*ws::decode_client_frame(texts[0].text)),
            (ws::market_operation{false, {"111"}, false}));
  EXPECT_EQ(std::get<ws::market_operation>(*ws::decode_client_frame(texts[1].text)),
            (ws::market_operation{true, {"111"}, true}));
  frame(yes.book_frame(t0 + 6));
  EXPECT_TRUE(feed.usable(yes_slot));
  EXPECT_NE(feed.epoch(yes_slot), epoch);
  EXPECT_TRUE(test::same(feed.asset(yes_slot).book(), yes.book));
}

TEST_F(polymarket_feed, another_best_price_makes_the_book_unusable) {
  feed_options options;
  options.hashing.every_small = 0;
  feed = book_feed{options};
  go_live();
  yes.put(book_side::bid, "0.45", "9");
  frame(yes.change(t0 + 5, book_side::bid, "0.3", "1"));
  EXPECT_EQ(told(yes_slot), unusable_reason::best_mismatch);
}

TEST_F(polymarket_feed, time_going_backwards_makes_the_book_unusable) {
  go_live();
  frame(yes.change(t0 + 9, book_side::bid, "0.3", "1"));
  frame(yes.change(t0 + 8, book_side::bid, "0.3", "2"));
  EXPECT_EQ(told(yes_slot), unusable_reason::time_backwards);
}

TEST_F(polymarket_feed, an_older_book_event_makes_the_book_unusable) {
  go_live();
  frame(yes.change(t0 + 9, book_side::bid, "0.3", "1"));
  frame(yes.book_frame(t0 + 8));
  EXPECT_EQ(told(yes_slot), unusable_reason::time_backwards);
}

TEST_F(polymarket_feed, a_crossed_book_is_unusable) {
  go_live();
  frame(yes.change(t0 + 1, book_side::bid, "0.7", "1"));
  EXPECT_EQ(told(yes_slot), unusable_reason::crossed);
}

TEST_F(polymarket_feed, changes_older_than_the_snapshot_are_left_out) {
  go_live();
  frame(yes.change_frame(t0 - 5, book_side::bid, "0.4", "1"));
  EXPECT_TRUE(out.empty());
  EXPECT_EQ(feed.counters().stale, 1u);
  EXPECT_TRUE(test::same(feed.asset(yes_slot).book(), yes.book));
}

TEST_F(polymarket_feed, several_entries_of_one_asset_are_judged_by_the_last) {
  go_live();
  // Moving an order up passes through a state that the best prices of the message do not describe.
  yes.put(book_side::bid, "0.4", "0");
  const std::string first = yes.change_frame(t0 + 1, book_side::bid, "0.4", "0");
  yes.put(book_side::bid, "0.5", "100");
  const std::string second = yes.change_frame(t0 + 1, book_side::bid, "0.5", "100");
  ws::decoder a;
  ws::decoder b;
  const auto fa = a.decode(first);
  const auto fb = b.decode(second);
  const auto& ca = std::get<ws::price_change>(fa->messages[0]);
  const auto& cb = std::get<ws::price_change>(fb->messages[0]);
  ws::level_change early = ca.changes[0];
  early.best_bid = cb.changes[0].best_bid;
  const std::vector<ws::level_change> both{early, cb.changes[0]};
  frame(ws::encode(ws::price_change{cb.market, cb.timestamp_text, cb.timestamp_ms, both}));
  EXPECT_TRUE(feed.usable(yes_slot));
  EXPECT_EQ(of<feed::book_changed>(out).size(), 1u);
  EXPECT_TRUE(test::same(feed.asset(yes_slot).book(), yes.book));
}

TEST_F(polymarket_feed, a_tick_size_change_drops_the_book_until_the_fresh_one) {
  go_live();
  yes.tick_size = "0.001";
  frame(R"({"event_type":"tick_size_change","market":"0xabc","asset_id":"111",)"
        R"("old_tick_size":"0.01","new_tick_size":"0.001","timestamp":"1790000000001"})");
  EXPECT_EQ(told(yes_slot), unusable_reason::tick_size_changed);
  ASSERT_EQ(of<feed::tick_changed>(out).size(), 1u);
  EXPECT_EQ(of<feed::tick_changed>(out)[0].tick_micros, 1000);
  EXPECT_TRUE(sent(out).empty());
  frame(yes.book_frame(t0 + 2));
  EXPECT_TRUE(feed.usable(yes_slot));
  EXPECT_EQ(feed.asset(yes_slot).metadata().tick_size, "0.001");
}

TEST_F(polymarket_feed, a_rest_book_from_before_the_tick_change_is_not_taken) {
  go_live();
  venue_asset before = yes;
  yes.tick_size = "0.001";
  frame(R"({"event_type":"tick_size_change","market":"0xabc","asset_id":"111",)"
        R"("old_tick_size":"0.01","new_tick_size":"0.001","timestamp":"1790000000001"})");
  advance(5s);
  snapshot(before, t0);
  EXPECT_FALSE(feed.usable(yes_slot));
  EXPECT_EQ(of<feed::fetch_book>(out).size(), 1u);
  snapshot(yes, t0);
  EXPECT_TRUE(feed.usable(yes_slot));
}

TEST_F(polymarket_feed, no_fresh_book_after_a_tick_change_asks_rest_then_resubscribes) {
  go_live();
  frame(R"({"event_type":"tick_size_change","market":"0xabc","asset_id":"111",)"
        R"("old_tick_size":"0.01","new_tick_size":"0.001","timestamp":"1790000000001"})");
  advance(5s);
  ASSERT_EQ(of<feed::fetch_book>(out).size(), 1u);
  EXPECT_EQ(of<feed::fetch_book>(out)[0].asset, yes_slot);
  out.clear();
  feed.on_snapshot_failed("111", now, out);
  EXPECT_NE(sent(out).find("unsubscribe"), std::string::npos);
}

}  // namespace
}  // namespace cornice::venue::polymarket
