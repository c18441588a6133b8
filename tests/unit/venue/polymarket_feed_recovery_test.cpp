#include "cornice/venue/polymarket/book_feed.hpp"
#include "polymarket_feed_world.hpp"

namespace cornice::venue::polymarket {
namespace {

using namespace std::chrono_literals;
using test::of;
using test::sent;
using test::t0;
using test::venue_asset;

class polymarket_feed_recovery : public test::feed_world {};

TEST_F(polymarket_feed_recovery, a_rest_book_is_spliced_with_the_changes_seen_meanwhile) {
  connect();
  frame(no.book_frame(t0));
  pass(5s);
  ASSERT_EQ(of<feed::fetch_book>(out).size(), 1u);
  frame(yes.change(t0 + 1, book_side::bid, "0.41", "1"));
  frame(yes.change(t0 + 2, book_side::bid, "0.42", "1"));
  venue_asset at_rest = yes;  // what REST answers: the state after the second change
  frame(yes.change(t0 + 3, book_side::bid, "0.43", "1"));
  snapshot(at_rest, t0 + 2);
  EXPECT_TRUE(feed.usable(yes_slot));
  EXPECT_TRUE(test::same(feed.asset(yes_slot).book(), yes.book));
  frame(yes.change(t0 + 4, book_side::bid, "0.43", "0"));
  EXPECT_TRUE(feed.usable(yes_slot));
  EXPECT_TRUE(test::same(feed.asset(yes_slot).book(), yes.book));
}

TEST_F(polymarket_feed_recovery, a_rest_book_older_than_what_was_dropped_is_fetched_again) {
  go_live();
  venue_asset old = yes;
  frame(yes.change(t0 + 5, book_side::bid, "0.41", "1"));
  feed.distrust(yes_slot, unusable_reason::requested, now, out);
  pass(5s);
  ASSERT_EQ(of<feed::fetch_book>(out).size(), 1u);
  snapshot(old, t0 + 1);
  EXPECT_FALSE(feed.usable(yes_slot));
  EXPECT_EQ(of<feed::fetch_book>(out).size(), 1u);
  snapshot(yes, t0 + 5);
  EXPECT_TRUE(feed.usable(yes_slot));
}

TEST_F(polymarket_feed_recovery, kept_changes_are_bounded) {
  feed_options options;
  options.pending_max = 4;
  feed = book_feed{options};
  connect();
  for (int i = 1; i <= 10; ++i)
    frame(yes.change(t0 + i, book_side::bid, "0.41", std::to_string(i)));
  EXPECT_GE(feed.counters().pending_overflows, 1u);
  venue_asset old{"111"};
  snapshot(old, t0);  // lacks changes that were dropped
  EXPECT_FALSE(feed.usable(yes_slot));
  snapshot(yes, t0 + 10);
  EXPECT_TRUE(feed.usable(yes_slot));
}

TEST_F(polymarket_feed_recovery, outdated_metadata_is_repaired_by_rest) {
  yes.min_order_size = "15";
  ASSERT_TRUE(feed.subscribe({{"111", "0xabc", {"5", "0.01", false}}}, now, out));
  feed.on_connected(now, out);
  yes_slot = feed.find("111").value();
  frame(yes.book_frame(t0));
  EXPECT_EQ(told(yes_slot), unusable_reason::hash_mismatch);
  ASSERT_EQ(of<feed::fetch_book>(out).size(), 1u);
  snapshot(yes, t0);
  EXPECT_TRUE(feed.usable(yes_slot));
  frame(yes.change(t0 + 1, book_side::bid, "0.41", "1"));
  EXPECT_TRUE(feed.usable(yes_slot));
  EXPECT_EQ(feed.asset(yes_slot).metadata().min_order_size, "15");
}

TEST_F(polymarket_feed_recovery, snapshots_whose_own_hash_fails_are_accepted_only_on_request) {
  for (const bool accept : {false, true}) {
    feed_options options;
    options.accept_unproven_snapshots = accept;
    book_feed f{options};
    feed_actions actions;
    ASSERT_TRUE(f.subscribe({yes.wanted()}, now, actions));
    f.on_connected(now, actions);
    std::string text = yes.book_frame(t0);
    text.replace(text.find(yes.hash(t0)), 40, std::string(40, '0'));
    f.on_frame(text, now, actions);
    EXPECT_FALSE(f.usable(0));
    yes.view(t0, true, [&](book_view b) {
      const std::string zeros(40, '0');
      b.hash = zeros;
      f.on_snapshot(b, now, actions);
    });
    EXPECT_EQ(f.usable(0), accept);
    if (!accept) continue;
    venue_asset moved = yes;
    f.on_frame(moved.change(t0 + 1, book_side::bid, "0.41", "1"), now, actions);
    EXPECT_TRUE(f.usable(0));
  }
}

TEST_F(polymarket_feed_recovery, endless_mismatches_end_in_parking_not_in_a_storm) {
  go_live();
  std::size_t asked = 0;
  for (int i = 1; i <= 50; ++i) {
    yes.put(book_side::bid, "0.2", std::to_string(i));  // never told
    frame(yes.change(t0 + 10 * i, book_side::bid, "0.3", std::to_string(i)));
    asked += of<feed::send_text>(out).size() + of<feed::fetch_book>(out).size();
    frame(yes.book_frame(t0 + 10 * i));
  }
  EXPECT_LE(asked, 2u * feed_options{}.attempts_max);
}

TEST_F(polymarket_feed_recovery, an_asset_without_any_book_is_parked_and_tried_again_slowly) {
  connect();
  frame(no.book_frame(t0));
  pass(60s);
  EXPECT_EQ(feed.reason(yes_slot), unusable_reason::no_snapshot);
  EXPECT_TRUE(feed.usable(no_slot));
  EXPECT_TRUE(of<feed::reconnect>(out).empty());
  pass(61s);
  EXPECT_NE(sent(out).find("111"), std::string::npos);
  frame(yes.book_frame(t0 + 1));
  EXPECT_TRUE(feed.usable(yes_slot));
}

TEST_F(polymarket_feed_recovery, a_connection_where_most_assets_get_nothing_is_replaced) {
  connect();
  pass(400s);
  EXPECT_EQ(of<feed::reconnect>(out).size(), 1u);
}

TEST_F(polymarket_feed_recovery, pings_every_ten_seconds_and_silence_reconnects) {
  go_live();
  advance(9s);
  EXPECT_TRUE(sent(out).empty());
  advance(1s);
  EXPECT_EQ(sent(out), "PING\n");
  frame("PONG");
  advance(10s);
  EXPECT_EQ(sent(out), "PING\n");
  advance(10s);
  advance(5s);
  ASSERT_EQ(of<feed::reconnect>(out).size(), 1u);
  EXPECT_FALSE(feed.usable(yes_slot));
  EXPECT_EQ(told(yes_slot), unusable_reason::disconnected);
  advance(60s);
  EXPECT_TRUE(out.empty());  // asked once
}

TEST_F(polymarket_feed_recovery, a_lost_connection_makes_all_unusable_and_the_next_starts_afresh) {
  go_live();
  out.clear();
  feed.on_disconnected(out);
  EXPECT_EQ(of<feed::book_unusable>(out).size(), 2u);
  EXPECT_FALSE(feed.usable(no_slot));
  frame(yes.change(t0 + 1, book_side::bid, "0.41", "1"));
  EXPECT_TRUE(out.empty());
  feed.on_connected(now, out);
  EXPECT_NE(sent(out).find(R"("type":"market")"), std::string::npos);
  frame(yes.book_frame(t0 + 1));
  EXPECT_TRUE(feed.usable(yes_slot));
}

TEST_F(polymarket_feed_recovery, an_unreadable_frame_condemns_the_connection) {
  go_live();
  frame(R"({"event_type":"price_change")");
  EXPECT_EQ(of<feed::reconnect>(out).size(), 1u);
  EXPECT_FALSE(feed.usable(yes_slot));
}

TEST_F(polymarket_feed_recovery, a_bad_book_message_condemns_only_its_own_book) {
  go_live();
  frame(R"({"event_type":"price_change","market":"0xabc","timestamp":"1790000000005",)"
        R"("price_changes":[{"asset_id":"222","price":"0.5","size":"1","side":"SIDEWAYS"}]})");
  EXPECT_TRUE(feed.usable(yes_slot));
  EXPECT_EQ(told(no_slot), unusable_reason::bad_message);
  EXPECT_EQ(of<feed::complaint>(out).size(), 1u);
  frame(R"({"event_type":"last_trade_price"})");
  EXPECT_TRUE(feed.usable(yes_slot));
  frame(R"({"event_type":"price_change","price_changes":[{}]})");
  EXPECT_EQ(of<feed::reconnect>(out).size(), 1u);
}

TEST_F(polymarket_feed_recovery, unknown_types_are_complained_about_once) {
  go_live();
  frame(R"({"event_type":"weather"})");
  EXPECT_EQ(of<feed::complaint>(out).size(), 1u);
  frame(R"({"event_type":"weather"})");
  EXPECT_TRUE(out.empty());
  EXPECT_EQ(feed.counters().unknown_messages, 2u);
}

TEST_F(polymarket_feed_recovery, trades_and_market_events_pass_through) {
  go_live();
  frame(R"({"event_type":"last_trade_price","market":"0xabc","asset_id":"111",)"
        R"("timestamp":"1790000000005","price":"0.6","size":"2.5","side":"BUY"})");
  const auto trades = of<feed::trade>(out);
  ASSERT_EQ(trades.size(), 1u);
  EXPECT_EQ(trades[0].asset, yes_slot);
  EXPECT_EQ(trades[0].p, price::of_micros(600'000));
  EXPECT_EQ(trades[0].q, quantity{2'500'000});
  frame(R"({"event_type":"market_resolved","id":"7","market":"0xabc","assets_ids":["111","222"],)"
        R"("winning_asset_id":"111","winning_outcome":"Yes","timestamp":"1790000000006"})");
  ASSERT_EQ(of<feed::market_ended>(out).size(), 1u);
  EXPECT_EQ(of<feed::market_ended>(out)[0].market.winning_asset_id, "111");
}

TEST_F(polymarket_feed_recovery, subscribing_and_unsubscribing_while_running) {
  go_live();
  venue_asset third{"333"};
  third.put(book_side::ask, "0.9", "1");
  out.clear();
  ASSERT_TRUE(feed.subscribe({third.wanted(), yes.wanted()}, now, out));
  EXPECT_EQ(sent(out),
            R"({"operation":"subscribe","assets_ids":["333"],"custom_feature_enabled":true})"
            "\n");
  frame(third.book_frame(t0 + 1));
  EXPECT_TRUE(feed.usable(feed.find("333").value()));
  out.clear();
  feed.unsubscribe({"111", "999"}, out);
  EXPECT_EQ(sent(out), R"({"operation":"unsubscribe","assets_ids":["111"]})"
                       "\n");
  EXPECT_FALSE(feed.find("111"));
  frame(yes.change(t0 + 2, book_side::bid, "0.41", "1"));
  EXPECT_TRUE(of<feed::book_changed>(out).empty());
  EXPECT_EQ(feed.slots().size(), 2u);
}

TEST_F(polymarket_feed_recovery, too_many_assets_and_bad_ids_are_refused_whole) {
  std::vector<feed_asset> many;
  for (int i = 1; i <= 201; ++i) many.push_back({std::to_string(i), "", {}});
  EXPECT_EQ(feed.subscribe(many, now, out).error().code, errc::overloaded);
  EXPECT_EQ(feed.subscribe({{"1", "", {}}, {"0x1", "", {}}}, now, out).error().code,
            errc::invalid_argument);
  EXPECT_EQ(feed.size(), 0u);
}

TEST_F(polymarket_feed_recovery, an_audit_finds_a_silent_freeze) {
  go_live();
  venue_asset elsewhere = yes;
  elsewhere.put(book_side::bid, "0.45", "3");
  snapshot(elsewhere, t0 + 100);
  EXPECT_TRUE(feed.usable(yes_slot));  // the stream may be a moment behind
  pass(6s);
  EXPECT_EQ(told(yes_slot), unusable_reason::frozen);
}

TEST_F(polymarket_feed_recovery, audits_that_come_often_do_not_prolong_a_freeze) {
  go_live();
  venue_asset elsewhere = yes;
  elsewhere.put(book_side::bid, "0.45", "3");
  for (int second = 0; second < 5; ++second) {
    snapshot(elsewhere, t0 + 100 + second * 1'000);
    pass(1s);
  }
  EXPECT_EQ(told(yes_slot), unusable_reason::frozen);
}

TEST_F(polymarket_feed_recovery, an_audit_that_agrees_ends_the_doubt_of_an_older_one) {
  go_live();
  venue_asset elsewhere = yes;
  elsewhere.put(book_side::bid, "0.45", "3");
  snapshot(elsewhere, t0 + 100);
  pass(1s);
  snapshot(yes, t0 + 1'100);
  pass(6s);
  EXPECT_TRUE(feed.usable(yes_slot));
}

TEST_F(polymarket_feed_recovery, an_audit_is_satisfied_when_the_stream_moves) {
  go_live();
  venue_asset elsewhere = yes;
  elsewhere.put(book_side::bid, "0.45", "3");
  snapshot(elsewhere, t0 + 100);
  now += 1s;
  frame(yes.change(t0 + 100, book_side::bid, "0.45", "3"));
  pass(6s);
  EXPECT_TRUE(feed.usable(yes_slot));
}

TEST_F(polymarket_feed_recovery, books_without_hash_or_metadata_still_agree_on_the_best_price) {
  ASSERT_TRUE(feed.subscribe({{"111", "", {}}}, now, out));
  feed.on_connected(now, out);
  yes_slot = feed.find("111").value();
  frame(yes.book_frame(t0));
  EXPECT_TRUE(feed.usable(yes_slot));
  EXPECT_EQ(feed.counters().proofs.hash_checked, 0u);
  EXPECT_EQ(feed.counters().proofs.hash_unchecked, 1u);
  yes.put(book_side::bid, "0.5", "1");
  frame(yes.change(t0 + 1, book_side::bid, "0.3", "1"));
  EXPECT_EQ(told(yes_slot), unusable_reason::best_mismatch);
}

}  // namespace
}  // namespace cornice::venue::polymarket
