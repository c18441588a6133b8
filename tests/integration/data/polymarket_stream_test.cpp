#include "data/polymarket_stream.hpp"

#include "../../unit/data/listings.hpp"
#include "../../unit/venue/polymarket_support.hpp"
#include "cornice/venue/polymarket/clob.hpp"
#include "stream_world.hpp"

namespace cornice::data {
namespace {

using namespace std::chrono_literals;
namespace pm = venue::polymarket;
using pm::test::venue_asset;

constexpr std::int64_t t0 = 1'790'000'000'000;

class polymarket_stream_test : public test::stream_world {
 protected:
  polymarket_stream_test() {
    for (venue_asset* a : {&yes, &no}) {
      a->put(book_side::bid, "0.4", "100");
      a->put(book_side::ask, "0.6", "50.5");
    }
    listing l = test::make_listing(venue_id::polymarket, "0xabc");
    l.yes = yes_id;
    l.no = no_id;
    l.min_size = quantity::parse("5").value();
    (void)listings.apply(l).value();
    listings.set_streamed(venue_id::polymarket, {l.id});
  }
  void start() {
    stream = std::make_unique<polymarket_stream>(context());
    listings.on_selection([this](venue_id) { stream->reselect(); });
    supervisor.add(
        {"data.polymarket", true, [this](infra::health_reporter& h) { return stream->run(h); }});
    supervisor.start();
  }
  // Waits for a subscription on connection `number` and answers it.
  void dump(int number, std::int64_t time_ms) {
    ASSERT_TRUE(reach([&] {
      return connections == number && peer != nullptr && !heard.empty() &&
             heard.back().find("111") != std::string::npos;
    }));
    say("[" + yes.book_frame(time_ms) + "," + no.book_frame(time_ms) + "]");
    ASSERT_TRUE(usable(yes_id));
    ASSERT_TRUE(usable(no_id));
  }

  venue_asset yes{"111"};
  venue_asset no{"222"};
  contract_id yes_id = contract_id::make(venue_id::polymarket, "111");
  contract_id no_id = contract_id::make(venue_id::polymarket, "222");
  std::unique_ptr<polymarket_stream> stream;
};

TEST_F(polymarket_stream_test, follows_books_and_changes) {
  start();
  dump(1, t0);
  const book_signal before = *last(yes_id);
  EXPECT_EQ(before.bids.at(0).p, price::parse("0.4").value());
  say(yes.change(t0 + 1, book_side::bid, "0.45", "10"));
  ASSERT_TRUE(reach([&] { return last(yes_id)->revision > before.revision; }));
  EXPECT_EQ(last(yes_id)->bids.at(0).p, price::parse("0.45").value());
  EXPECT_EQ(last(yes_id)->epoch, before.epoch);
  EXPECT_EQ(last(yes_id)->venue_time, from_unix_ms(t0 + 1));
  stop();
  EXPECT_FALSE(last(yes_id)->usable);
}

TEST_F(polymarket_stream_test, a_wrong_hash_makes_the_book_unusable_until_a_proved_one_comes) {
  start();
  dump(1, t0);
  const std::uint64_t epoch = last(yes_id)->epoch;
  std::string frame = yes.change(t0 + 1, book_side::bid, "0.45", "10");
  const std::string good = yes.hash(t0 + 1);
  frame.replace(frame.find(good), good.size(), std::string(good.size(), '0'));
  heard.clear();
  say(frame);
  ASSERT_TRUE(reach([&] { return !last(yes_id)->usable; }));
  EXPECT_EQ(last(yes_id)->unusable_reason, "hash_mismatch");
  EXPECT_TRUE(last(no_id)->usable);
  // The venue answers the stream's own attempt, and REST any other.
  answer.status = 200;
  yes.view(t0 + 2, true,
           [&](const pm::book_view& v) { answer.body = "[" + pm::ws::encode(v) + "]"; });
  if (reach([&] { return !heard.empty(); }, 2s)) say(yes.book_frame(t0 + 2));
  ASSERT_TRUE(usable(yes_id));
  EXPECT_GT(last(yes_id)->epoch, epoch);
  stop();
}

TEST_F(polymarket_stream_test, a_new_tick_size_changes_the_grid_and_the_epoch) {
  start();
  dump(1, t0);
  const std::uint64_t epoch = last(yes_id)->epoch;
  say(R"({"event_type":"tick_size_change","asset_id":"111","market":"0xabc",)"
      R"("old_tick_size":"0.01","new_tick_size":"0.001","timestamp":")" +
      std::to_string(t0 + 1) + R"("})");
  ASSERT_TRUE(reach([&] { return !last(yes_id)->usable; }));
  EXPECT_EQ(last(yes_id)->unusable_reason, "tick_size_changed");
  EXPECT_EQ(listings.by_contract(yes_id)->grid, tick_grid::uniform(1'000).value());
  yes.tick_size = "0.001";
  say(yes.book_frame(t0 + 2));
  ASSERT_TRUE(usable(yes_id));
  EXPECT_GT(last(yes_id)->epoch, epoch);
  stop();
}

TEST_F(polymarket_stream_test, a_lost_connection_is_made_again) {
  start();
  dump(1, t0);
  const std::uint64_t epoch = last(yes_id)->epoch;
  hang_up();
  ASSERT_TRUE(unusable(yes_id, "disconnected"));
  dump(2, t0 + 10);
  EXPECT_GT(last(yes_id)->epoch, epoch);
  stop();
}

TEST_F(polymarket_stream_test, nonsense_does_not_end_the_connection) {
  start();
  dump(1, t0);
  say("{\"event_type\":\"something_new\"}");
  say("not json");
  const std::uint64_t before = last(no_id)->revision;
  say(no.change(t0 + 1, book_side::bid, "0.41", "7"));
  ASSERT_TRUE(reach([&] { return last(no_id)->revision > before; }));
  EXPECT_EQ(connections, 1);
  stop();
}

TEST_F(polymarket_stream_test, a_silent_stream_is_found_out_by_the_second_witness) {
  config.witness_ms = 200;
  start();
  venue_asset other = yes;
  other.put(book_side::bid, "0.55", "1000");
  dump(1, t0);
  answer.status = 200;
  other.view(t0 + 5'000, true,
             [&](const pm::book_view& v) { answer.body = "[" + pm::ws::encode(v) + "]"; });
  ASSERT_TRUE(reach([&] { return last(yes_id)->unusable_reason == "frozen"; }, 30s));
  EXPECT_FALSE(requests.empty());
  stop();
}

TEST_F(polymarket_stream_test, listings_come_and_go_while_it_runs) {
  start();
  dump(1, t0);
  const std::uint64_t epoch = last(yes_id)->epoch;
  listings.set_streamed(venue_id::polymarket, {});
  ASSERT_TRUE(unusable(yes_id, "not_streamed"));
  ASSERT_TRUE(unusable(no_id, "not_streamed"));
  heard.clear();
  listings.set_streamed(venue_id::polymarket, {listing_id::of("0xabc")});
  dump(1, t0 + 10);
  EXPECT_GT(last(yes_id)->epoch, epoch);
  stop();
}

}  // namespace
}  // namespace cornice::data
