#include "cornice/data/signal_publisher.hpp"

#include "cornice/model/codec.hpp"
#include "listings.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace cornice::data {
namespace {

using namespace std::chrono_literals;
using test::at_second;

// A broker that takes what it is given, and a backlog that the test sets.
struct bench {
  explicit bench(publisher_options options = {})
      : out{options,
            [this](infra::amqp_message m) -> result<void> {
              if (m.routing_key.starts_with("book."))
                books.push_back(decode<book_signal>(m.body).value());
              else
                others.push_back(m.routing_key);
              return {};
            },
            [this] { return backlog; }, at_second(0), metrics} {}

  void book(const std::string& native, std::int64_t bid, bool usable = true, bool rebuilt = false,
            std::int64_t second = 1) {
    const std::vector<level> bids{{price::of_micros(bid), quantity{1'000'000}}};
    book_state s;
    if (usable) s.bids = bids;
    s.usable = usable;
    s.unusable_reason = usable ? "" : "gap";
    s.rebuilt = rebuilt;
    s.received = at_second(second);
    out.book(contract(native), s, trace_id::of("t"), at_second(second));
  }
  static contract_id contract(const std::string& native) {
    return contract_id::make(venue_id::kalshi, native);
  }

  infra::metrics_registry metrics;
  std::vector<book_signal> books;
  std::vector<std::string> others;
  std::size_t backlog = 0;
  signal_publisher out;
};

TEST(signal_publisher, only_changes_are_published) {
  bench b;
  b.book("A:yes", 500'000);
  b.book("A:yes", 500'000);
  b.book("A:yes", 510'000);
  ASSERT_EQ(b.books.size(), 2u);
  EXPECT_EQ(b.books[1].bids[0].p, price::of_micros(510'000));
  EXPECT_LT(b.books[0].revision, b.books[1].revision);
  EXPECT_EQ(b.books[0].epoch, b.books[1].epoch);
}

TEST(signal_publisher, levels_below_the_depth_are_no_news) {
  publisher_options o;
  o.depth = 1;
  bench b{o};
  book_state s;
  s.usable = true;
  std::vector<level> bids{{price::of_micros(100'000), quantity{1}},
                          {price::of_micros(400'000), quantity{2}}};
  s.bids = bids;
  b.out.book(b.contract("A:yes"), s, trace_id::of("t"), at_second(1));
  bids[0].q = quantity{7};
  s.bids = bids;
  b.out.book(b.contract("A:yes"), s, trace_id::of("t"), at_second(2));
  ASSERT_EQ(b.books.size(), 1u);
  ASSERT_EQ(b.books[0].bids.size(), 1u);
  EXPECT_EQ(b.books[0].bids[0].p, price::of_micros(400'000)) << "the best level, not the first";
}

TEST(signal_publisher, a_rebuilt_book_begins_an_epoch_even_when_it_looks_the_same) {
  bench b;
  b.book("A:yes", 500'000);
  b.book("A:yes", 500'000, true, true);
  ASSERT_EQ(b.books.size(), 2u);
  EXPECT_GT(b.books[1].epoch, b.books[0].epoch);
}

TEST(signal_publisher, becoming_unusable_is_news_and_says_why) {
  bench b;
  b.book("A:yes", 500'000);
  b.book("A:yes", 500'000, false);
  ASSERT_EQ(b.books.size(), 2u);
  EXPECT_FALSE(b.books[1].usable);
  EXPECT_EQ(b.books[1].unusable_reason, "gap");
}

TEST(signal_publisher, a_slow_broker_gets_the_newest_state_only) {
  publisher_options o;
  o.backlog_max = 10;
  bench b{o};
  b.backlog = 10;
  for (const std::int64_t p : {100'000, 200'000, 300'000}) b.book("A:yes", p);
  b.book("B:yes", 700'000);
  EXPECT_TRUE(b.books.empty());
  b.backlog = 0;
  b.out.flush(at_second(2));
  ASSERT_EQ(b.books.size(), 2u);
  EXPECT_EQ(b.books[0].bids[0].p, price::of_micros(300'000));
  EXPECT_EQ(b.books[1].contract, bench::contract("B:yes"));
}

TEST(signal_publisher, what_waits_goes_out_with_the_next_book) {
  publisher_options o;
  o.backlog_max = 10;
  bench b{o};
  b.backlog = 10;
  b.book("A:yes", 100'000);
  b.backlog = 0;
  b.book("A:yes", 200'000);
  b.book("B:yes", 300'000);
  ASSERT_EQ(b.books.size(), 3u);
  EXPECT_EQ(b.books[1].bids[0].p, price::of_micros(200'000));
  EXPECT_LT(b.books[0].revision, b.books[1].revision);
}

TEST(signal_publisher, quiet_books_are_confirmed_while_their_feed_vouches_for_them) {
  publisher_options o;
  o.refresh = 5s;
  bench b{o};
  b.book("A:yes", 500'000);
  b.book("B:yes", 500'000, false);
  b.out.confirm(venue_id::kalshi, at_second(4), at_second(4));
  EXPECT_EQ(b.books.size(), 2u) << "too early";
  b.out.confirm(venue_id::polymarket, at_second(9), at_second(9));
  EXPECT_EQ(b.books.size(), 2u) << "another venue";
  b.out.confirm(venue_id::kalshi, at_second(9), at_second(9));
  ASSERT_EQ(b.books.size(), 3u) << "the unusable one is not confirmed";
  EXPECT_EQ(b.books[2].received, at_second(9));
  EXPECT_GT(b.books[2].revision, b.books[0].revision);
}

TEST(signal_publisher, a_polled_book_keeps_its_age_when_it_is_confirmed) {
  bench b;
  b.book("A:yes", 500'000, true, false, 3);
  b.out.confirm(venue_id::kalshi, timestamp{}, at_second(60));
  ASSERT_EQ(b.books.size(), 2u);
  EXPECT_EQ(b.books[1].received, at_second(3));
}

TEST(signal_publisher, a_forgotten_contract_comes_back_in_a_later_epoch) {
  bench b;
  b.book("A:yes", 500'000);
  b.book("A:yes", 500'000, true, true);
  b.out.forget(bench::contract("A:yes"), at_second(2));
  ASSERT_EQ(b.books.size(), 3u);
  EXPECT_FALSE(b.books[2].usable);
  EXPECT_EQ(b.out.last(bench::contract("A:yes")), nullptr);
  b.book("A:yes", 500'000);
  ASSERT_EQ(b.books.size(), 4u);
  EXPECT_GT(b.books[3].epoch, b.books[2].epoch);
}

TEST(signal_publisher, forgetting_while_the_broker_is_slow_still_tells_everyone) {
  publisher_options o;
  o.backlog_max = 1;
  bench b{o};
  b.book("A:yes", 500'000);
  b.backlog = 1;
  b.out.forget(bench::contract("A:yes"), at_second(2));
  b.backlog = 0;
  b.out.flush(at_second(3));
  ASSERT_EQ(b.books.size(), 2u);
  EXPECT_EQ(b.books[1].unusable_reason, "not_streamed");
  EXPECT_EQ(b.out.last(bench::contract("A:yes")), nullptr);
}

TEST(signal_publisher, forgetting_again_what_still_waits_to_be_forgotten_tells_it_once_more) {
  publisher_options o;
  o.backlog_max = 1;
  bench b{o};
  b.book("A:yes", 500'000);
  b.backlog = 1;
  b.out.forget(bench::contract("A:yes"), at_second(2));
  b.backlog = 0;
  b.out.forget(bench::contract("A:yes"), at_second(3));
  EXPECT_EQ(b.out.last(bench::contract("A:yes")), nullptr);
  ASSERT_EQ(b.books.size(), 3u);
  EXPECT_GT(b.books[2].epoch, b.books[1].epoch);
}

TEST(signal_publisher, everything_is_sent_again_to_a_broker_that_was_away) {
  bench b;
  b.book("A:yes", 500'000);
  b.book("B:yes", 500'000);
  b.out.resend_all(at_second(5));
  ASSERT_EQ(b.books.size(), 4u);
}

TEST(signal_publisher, one_call_sends_no_more_than_a_turn_holds) {
  publisher_options o;
  o.turn_max = 3;
  o.refresh = 5s;
  bench b{o};
  for (const char* name : {"A:yes", "B:yes", "C:yes", "D:yes", "E:yes"}) b.book(name, 500'000);
  b.out.resend_all(at_second(5));
  EXPECT_EQ(b.books.size(), 5u + 3u);
  b.out.flush(at_second(6));
  EXPECT_EQ(b.books.size(), 5u + 5u);
  b.out.confirm(venue_id::kalshi, at_second(20), at_second(20));
  EXPECT_EQ(b.books.size(), 10u + 3u);
  b.out.confirm(venue_id::kalshi, at_second(20), at_second(20));
  EXPECT_EQ(b.books.size(), 10u + 5u) << "the others, and none twice";
}

TEST(signal_publisher, traces_differ) {
  bench b;
  EXPECT_NE(b.out.next_trace(venue_id::kalshi), b.out.next_trace(venue_id::kalshi));
  EXPECT_EQ(b.out.next_trace(venue_id::polymarket).str()[0], 'p');
}

// Whatever happens, a consumer that keeps the highest (epoch, revision) keeps the newest state.
RC_GTEST_PROP(signal_publisher, epoch_and_revision_only_grow_and_the_last_one_is_the_newest, ()) {
  publisher_options o;
  o.backlog_max = 4;
  bench b{o};
  const auto steps = *rc::gen::container<std::vector<std::pair<int, int>>>(
      rc::gen::pair(rc::gen::inRange(0, 7), rc::gen::inRange(1, 9)));
  std::map<std::string, std::pair<bool, std::int64_t>> newest;
  std::int64_t second = 1;
  for (const auto& [what, n] : steps) {
    ++second;
    const std::string name = n % 2 == 0 ? "A:yes" : "B:yes";
    if (what <= 2) {
      b.book(name, n * 100'000, true, what == 0, second);
      newest[name] = {true, n * 100'000};
    } else if (what == 3) {
      b.book(name, 0, false, false, second);
      newest[name] = {false, 0};
    } else if (what == 4) {
      b.out.forget(bench::contract(name), at_second(second));
      if (newest.contains(name)) newest[name] = {false, 0};
    } else if (what == 5) {
      b.backlog = b.backlog == 0 ? 4 : 0;
    } else {
      b.out.flush(at_second(second));
      b.out.confirm(venue_id::kalshi, at_second(second), at_second(second));
    }
  }
  b.backlog = 0;
  b.out.flush(at_second(second + 1));
  std::map<std::string, book_signal> last;
  for (const book_signal& s : b.books) {
    const std::string name{s.contract.native()};
    if (last.contains(name))
      RC_ASSERT(std::pair(s.epoch, s.revision) >
                std::pair(last.at(name).epoch, last.at(name).revision));
    last[name] = s;
  }
  for (const auto& [name, state] : newest) {
    RC_ASSERT(last.contains(name));
    RC_ASSERT(last.at(name).usable == state.first);
    if (state.first) RC_ASSERT(last.at(name).bids.at(0).p == price::of_micros(state.second));
  }
}

}  // namespace
}  // namespace cornice::data
