#include "data/kalshi_poller.hpp"

#include "../../unit/data/listings.hpp"
#include "stream_world.hpp"

namespace cornice::data {
namespace {

using namespace std::chrono_literals;
using venue::tape::record_kind;

class kalshi_poller_test : public test::stream_world {
 protected:
  kalshi_poller_test() {
    (void)listings.apply(test::make_listing(venue_id::kalshi, "A")).value();
    listings.set_streamed(venue_id::kalshi, {listing_id::of("A")});
  }
  void start() {
    poller = std::make_unique<kalshi_poller>(context());
    listings.on_selection([this](venue_id) { poller->reselect(); });
    supervisor.add(
        {"data.kalshi", true, [this](infra::health_reporter& h) { return poller->run(h); }});
    supervisor.start();
  }
  void show(const std::string& bid, const std::string& no_bid) {
    answer.status = 200;
    answer.body = R"({"orderbooks":[{"ticker":"A","orderbook_fp":{"yes_dollars":[[")" + bid +
                  R"(","10.00"]],"no_dollars":[[")" + no_bid + R"(","5.00"]]}}]})";
  }
  contract_id yes = contract_id::make(venue_id::kalshi, "A:yes");
  std::unique_ptr<kalshi_poller> poller;
};

TEST_F(kalshi_poller_test, publishes_what_rest_answers) {
  show("0.3000", "0.4000");
  start();
  ASSERT_TRUE(usable(yes));
  EXPECT_EQ(last(yes)->bids.at(0).p, price::parse("0.3").value());
  EXPECT_EQ(last(yes)->asks.at(0).p, price::parse("0.6").value());
  EXPECT_EQ(poller->counts().usable, 2);
  EXPECT_EQ(taped.at(0), record_kind::rest);
  stop();
}

TEST_F(kalshi_poller_test, too_many_requests_is_waited_out) {
  answer.status = 429;
  start();
  ASSERT_TRUE(reach([&] { return requests.size() >= 2; }));
  EXPECT_TRUE(books.empty());
  EXPECT_EQ(poller->counts().connections, 0);
  show("0.3000", "0.4000");
  ASSERT_TRUE(usable(yes));
  stop();
}

TEST_F(kalshi_poller_test, a_crossed_book_is_not_traded_on) {
  show("0.3000", "0.4000");
  start();
  ASSERT_TRUE(usable(yes));
  const std::uint64_t epoch = last(yes)->epoch;
  show("0.7000", "0.4000");
  ASSERT_TRUE(unusable(yes, "crossed"));
  show("0.3500", "0.4000");
  ASSERT_TRUE(usable(yes));
  EXPECT_GT(last(yes)->epoch, epoch);
  stop();
}

TEST_F(kalshi_poller_test, a_listing_that_is_not_wanted_any_more_is_forgotten) {
  show("0.3000", "0.4000");
  start();
  ASSERT_TRUE(usable(yes));
  listings.set_streamed(venue_id::kalshi, {});
  EXPECT_TRUE(unusable(yes, "not_streamed"));
  EXPECT_EQ(poller->counts().wanted, 0);
  stop();
}

}  // namespace
}  // namespace cornice::data
