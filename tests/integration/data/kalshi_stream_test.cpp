#include "data/kalshi_stream.hpp"

#include "../../unit/data/listings.hpp"
#include "stream_world.hpp"

namespace cornice::data {
namespace {

using namespace std::chrono_literals;
namespace ws = venue::kalshi::ws;
using test::make_listing;
using venue::tape::record_kind;

price at(std::string_view text) {
  return price::parse(text).value();
}
quantity of(std::string_view text) {
  return quantity::parse(text).value();
}

class kalshi_stream_test : public test::stream_world {
 protected:
  void watch(std::initializer_list<const char*> tickers) {
    std::vector<listing_id> ids;
    for (const char* t : tickers) {
      (void)listings.apply(make_listing(venue_id::kalshi, t)).value();
      ids.push_back(listing_id::of(t));
    }
    listings.set_streamed(venue_id::kalshi, std::move(ids));
  }
  void start() {
    stream =
        std::make_unique<kalshi_stream>(context(), [](timestamp) { return infra::http_headers{}; });
    listings.on_selection([this](venue_id) { stream->reselect(); });
    supervisor.add(
        {"data.kalshi", true, [this](infra::health_reporter& h) { return stream->run(h); }});
    supervisor.start();
  }
  // The newest command of the book subscription that names `ticker`; waits for it.
  ws::command command_for(const std::string& ticker, std::size_t from = 0) {
    ws::command found;
    EXPECT_TRUE(reach([&] {
      for (std::size_t i = heard.size(); i > from; --i) {
        const auto c = ws::decode_command(heard[i - 1]);
        const auto* command = std::get_if<ws::command>(&c);
        if (command == nullptr || heard[i - 1].find(ticker) == std::string::npos) continue;
        found = *command;
        return true;
      }
      return false;
    }));
    return found;
  }
  void acknowledge(const ws::command& c) {
    seq = 0;
    say(ws::encode({{{}, {}, {}, c.id, {}}, ws::subscribed{"orderbook_delta", 7}}));
  }
  void snapshot(const char* ticker, const char* bid = "0.30") {
    const std::vector<level> yes{{at(bid), of("10")}};
    const std::vector<level> no{{at("0.60"), of("5")}};
    say(ws::encode({{{}, 7, ++seq, {}, {}}, ws::orderbook_snapshot{ticker, "", yes, no}}));
  }
  void delta(const char* ticker, const char* p, const char* q) {
    say(ws::encode({{{}, 7, ++seq, {}, {}},
                    ws::orderbook_delta{ticker, "", at(p), of(q), outcome::yes, 5, "", {}}}));
  }
  static contract_id yes(const char* ticker) {
    return contract_id::make(venue_id::kalshi, std::string{ticker} + ":yes");
  }
  static contract_id no(const char* ticker) {
    return contract_id::make(venue_id::kalshi, std::string{ticker} + ":no");
  }

  std::int64_t seq = 0;
  std::unique_ptr<kalshi_stream> stream;
};

TEST_F(kalshi_stream_test, follows_snapshot_and_delta_on_both_contracts) {
  watch({"A"});
  start();
  acknowledge(command_for("\"A\""));
  snapshot("A");
  ASSERT_TRUE(usable(yes("A")));
  ASSERT_TRUE(usable(no("A")));
  EXPECT_EQ(last(yes("A"))->bids.at(0), (level{at("0.30"), of("10")}));
  EXPECT_EQ(last(yes("A"))->asks.at(0), (level{at("0.60"), of("5")}));
  EXPECT_EQ(last(no("A"))->asks.at(0), (level{at("0.70"), of("10")}));
  const book_signal before = *last(yes("A"));
  delta("A", "0.31", "4");
  ASSERT_TRUE(reach([&] { return last(yes("A"))->revision > before.revision; }));
  EXPECT_EQ(last(yes("A"))->bids.at(0), (level{at("0.31"), of("4")}));
  EXPECT_EQ(last(yes("A"))->epoch, before.epoch);
  EXPECT_EQ(last(no("A"))->asks.at(0), (level{at("0.69"), of("4")}));
  EXPECT_EQ(taped.front(), record_kind::ws_open);
  EXPECT_EQ(taped.back(), record_kind::ws_in);
  stop();
  EXPECT_EQ(taped.back(), record_kind::ws_close);
  EXPECT_FALSE(last(yes("A"))->usable) << "a book without its connection is not traded on";
}

TEST_F(kalshi_stream_test, a_gap_makes_books_unusable_until_their_fresh_snapshot) {
  watch({"A"});
  start();
  acknowledge(command_for("\"A\""));
  snapshot("A");
  ASSERT_TRUE(usable(yes("A")));
  const std::uint64_t epoch = last(yes("A"))->epoch;
  const std::size_t before = heard.size();
  ++seq;  // a frame is lost
  delta("A", "0.31", "4");
  ASSERT_TRUE(unusable(yes("A"), "gap"));
  EXPECT_FALSE(last(no("A"))->usable);
  (void)command_for("\"A\"", before);
  snapshot("A", "0.33");
  ASSERT_TRUE(usable(yes("A")));
  EXPECT_EQ(last(yes("A"))->bids.at(0).p, at("0.33"));
  EXPECT_GT(last(yes("A"))->epoch, epoch);
  stop();
}

TEST_F(kalshi_stream_test, a_lost_connection_is_made_again_and_books_begin_an_epoch) {
  watch({"A"});
  start();
  acknowledge(command_for("\"A\""));
  snapshot("A");
  ASSERT_TRUE(usable(yes("A")));
  const std::uint64_t epoch = last(yes("A"))->epoch;
  const std::size_t before = heard.size();
  hang_up();
  ASSERT_TRUE(reach([&] {
    return last(yes("A"))->unusable_reason == "disconnected" ||
           last(yes("A"))->unusable_reason == "awaiting_snapshot";
  }));
  ASSERT_TRUE(reach([&] { return connections == 2 && peer != nullptr; }));
  acknowledge(command_for("\"A\"", before));
  snapshot("A");
  ASSERT_TRUE(usable(yes("A")));
  EXPECT_GT(last(yes("A"))->epoch, epoch);
  stop();
}

TEST_F(kalshi_stream_test, listings_come_and_go_while_it_runs) {
  watch({"A"});
  start();
  acknowledge(command_for("\"A\""));
  snapshot("A");
  ASSERT_TRUE(usable(yes("A")));
  std::size_t before = heard.size();
  watch({"A", "B"});
  const ws::command added = command_for("\"B\"", before);
  say(ws::encode({{{}, 7, {}, added.id, {}}, ws::ok{}}));
  snapshot("B");
  ASSERT_TRUE(usable(yes("B")));
  const std::uint64_t epoch = last(yes("A"))->epoch;
  before = heard.size();
  watch({"B"});
  ASSERT_TRUE(unusable(yes("A"), "not_streamed"));
  (void)command_for("\"A\"", before);
  EXPECT_TRUE(last(yes("B"))->usable);
  before = heard.size();
  watch({"A", "B"});
  const ws::command again = command_for("\"A\"", before);
  say(ws::encode({{{}, 7, {}, again.id, {}}, ws::ok{}}));
  snapshot("A");
  ASSERT_TRUE(usable(yes("A")));
  EXPECT_GT(last(yes("A"))->epoch, epoch) << "a consumer must not take it for an old one";
  stop();
}

TEST_F(kalshi_stream_test, nonsense_does_not_end_the_connection) {
  watch({"A"});
  start();
  acknowledge(command_for("\"A\""));
  snapshot("A");
  ASSERT_TRUE(usable(yes("A")));
  say("{\"type\":\"something_new\",\"msg\":{}}");
  say(ws::encode({{{}, 9, {}, {}, {}}, [] {
                    ws::trade t;
                    t.market_ticker = "A";
                    t.trade_id = "t-1";
                    t.yes_price_dollars = at("0.31");
                    t.no_price_dollars = at("0.69");
                    t.count_fp = of("3");
                    return t;
                  }()}));
  ASSERT_TRUE(reach([&] { return !trades.empty(); }));
  EXPECT_EQ(trades[0].p, at("0.31"));
  EXPECT_EQ(connections, 1);
  stop();
}

}  // namespace
}  // namespace cornice::data
