#include "cornice/execution/paper_matcher.hpp"

#include "cornice_test/strategy_world.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace {

using namespace cornice;
using namespace cornice::execution;
using namespace cornice_test;
using std::chrono::seconds;

class paper : public ::testing::Test {
 protected:
  paper() {
    market_signal s;
    s.subject = l;
    matcher.markets().on_market(s);
    matcher.restore(venue_id::polymarket, money::dollars(100));
  }
  void show(const contract_id& c, std::initializer_list<std::pair<const char*, const char*>> asks,
            bool usable = true) {
    book_signal b = make_book(c, asks, ++revision);
    b.usable = usable;
    matcher.markets().on_book(b);
  }
  order_terms buy(const char* limit, const char* size, time_in_force tif = time_in_force::ioc) {
    order_terms t;
    t.id = order_id::of("o-" + std::to_string(++orders));
    t.contract = l.yes;
    t.limit = usd(limit);
    t.size = contracts(size);
    t.tif = tif;
    t.created = noon;
    return t;
  }

  listing l = make_listing(venue_id::polymarket, "P");
  paper_matcher matcher{seconds{5}};
  std::uint64_t revision = 0;
  int orders = 0;
};

TEST_F(paper, walks_the_book_up_to_its_limit_and_cancels_the_rest) {
  show(l.yes, {{"0.40", "10"}, {"0.41", "5"}, {"0.50", "100"}});
  const paper_result r = matcher.place(buy("0.45", "20"), noon);
  ASSERT_EQ(r.fills.size(), 2u);
  EXPECT_EQ(r.fills[0].p, usd("0.40")) << "price improvement is kept";
  EXPECT_EQ(r.fills[1].p, usd("0.41"));
  EXPECT_EQ(r.order.filled, contracts("15"));
  EXPECT_EQ(r.order.status, order_report::status::cancelled);
  EXPECT_EQ(r.cash, dollars("93.95"));
}

TEST_F(paper, all_or_nothing_takes_nothing_when_there_is_too_little) {
  show(l.yes, {{"0.40", "10"}});
  const paper_result r = matcher.place(buy("0.45", "20", time_in_force::fok), noon);
  EXPECT_TRUE(r.fills.empty());
  EXPECT_EQ(r.cash, dollars("100"));
  EXPECT_EQ(r.order.status, order_report::status::cancelled);
}

TEST_F(paper, what_was_taken_is_gone_until_the_level_changes) {
  show(l.yes, {{"0.40", "10"}});
  matcher.apply(matcher.place(buy("0.40", "10"), noon), noon);
  EXPECT_TRUE(matcher.place(buy("0.40", "10"), noon).fills.empty());
  show(l.yes, {{"0.40", "12"}});
  EXPECT_EQ(matcher.place(buy("0.40", "10"), noon).order.filled, contracts("10"));
}

TEST_F(paper, an_unusable_book_fills_nothing) {
  show(l.yes, {{"0.40", "10"}}, false);
  const paper_result r = matcher.place(buy("0.40", "10"), noon);
  EXPECT_TRUE(r.fills.empty());
  EXPECT_EQ(r.order.reason, "no usable book");
}

TEST_F(paper, refuses_like_a_venue) {
  show(l.yes, {{"0.40", "10"}});
  EXPECT_EQ(matcher.place(buy("0.405", "10"), noon).order.status, order_report::status::rejected);
  EXPECT_EQ(matcher.place(buy("0.40", "0.5"), noon).order.status, order_report::status::rejected);
  order_terms sale = buy("0.40", "1");
  sale.side = order_side::sell;
  EXPECT_EQ(matcher.place(sale, noon).order.status, order_report::status::rejected)
      << "nothing is held";
}

TEST_F(paper, a_resting_order_fills_at_its_own_limit_when_the_book_comes_to_it) {
  matcher.apply(matcher.place(buy("0.40", "10", time_in_force::gtc), noon), noon);
  show(l.yes, {{"0.38", "4"}});
  const auto r = matcher.cross(l.yes, noon);
  ASSERT_TRUE(r.has_value());
  ASSERT_EQ(r->fills.size(), 1u);
  EXPECT_EQ(r->fills[0].p, usd("0.40"));
  EXPECT_EQ(r->fills[0].role, liquidity::maker);
  EXPECT_EQ(r->order.status, order_report::status::resting);
  EXPECT_EQ(matcher.cancel(r->order.terms.id)->order.status, order_report::status::cancelled);
}

TEST_F(paper, settlement_pays_the_winner_and_closes_both) {
  show(l.yes, {{"0.40", "10"}});
  matcher.apply(matcher.place(buy("0.40", "10"), noon), noon);
  listing settled = l;
  settled.status = listing_status::settled;
  settled.settlement_value = ratio{1'000'000};
  const auto r = matcher.settle(settled);
  ASSERT_TRUE(r.has_value());
  EXPECT_EQ(r->cash, dollars("106"));
  matcher.apply(*r, noon);
  EXPECT_TRUE(matcher.held(l.yes).is_zero());
  EXPECT_FALSE(matcher.settle(settled).has_value()) << "paid once";
}

RC_GTEST_PROP(paper_property, cash_and_holdings_are_what_the_fills_say, ()) {
  const venue_id v = *rc::gen::element(venue_id::kalshi, venue_id::polymarket);
  const listing l = make_listing(v, "X");
  paper_matcher m{seconds{0}};
  market_signal s;
  s.subject = l;
  m.markets().on_market(s);
  money cash = money::dollars(50);
  m.restore(v, cash);
  std::map<contract_id, quantity> held;
  std::uint64_t revision = 0;
  for (int step = 0; step < 30; ++step) {
    const contract_id& c = *rc::gen::arbitrary<bool>() ? l.yes : l.no;
    const int cents = *rc::gen::inRange(2, 98);
    book_signal b = make_book(c, {}, ++revision);
    b.asks = {{price::of_micros(cents * 10'000),
               quantity{*rc::gen::inRange<std::int64_t>(1, 5'000) * 10'000}}};
    b.bids = {{price::of_micros((cents - 1) * 10'000), quantity::contracts(3)}};
    m.markets().on_book(b);
    order_terms t;
    t.id = order_id::of("o-" + std::to_string(step));
    t.contract = c;
    t.side = *rc::gen::arbitrary<bool>() ? order_side::buy : order_side::sell;
    t.limit = price::of_micros((t.side == order_side::buy ? cents : cents - 1) * 10'000);
    t.size = quantity{*rc::gen::inRange<std::int64_t>(100, 3'000) * 10'000};
    const timestamp at = noon + seconds{step};
    const paper_result r = m.place(t, at);
    quantity filled;
    for (const fill_report& f : r.fills) {
      filled += f.q;
      const bool bought = f.side == order_side::buy;
      const bool within_limit = bought ? f.p <= t.limit : f.p >= t.limit;
      RC_ASSERT(within_limit);
      cash -= f.fee;
      cash += bought ? -notional(f.p, f.q, rounding::up) : notional(f.p, f.q, rounding::down);
      held[f.contract] += bought ? f.q : -f.q;
    }
    if (nets_pairs(v)) {
      const quantity pairs = std::min(held[l.yes], held[l.no]);
      held[l.yes] -= pairs;
      held[l.no] -= pairs;
      cash += payout(pairs);
    }
    RC_ASSERT(filled == r.order.filled);
    RC_ASSERT(filled <= t.size);
    m.apply(r, at);
    RC_ASSERT(m.cash(v) == cash);
    RC_ASSERT(!cash.is_negative());
    for (const contract_id* each : {&l.yes, &l.no}) {
      RC_ASSERT(m.held(*each) == held[*each]);
      RC_ASSERT(!held[*each].is_negative());
    }
  }
}

}  // namespace
