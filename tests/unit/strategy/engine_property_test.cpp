#include "cornice/strategy/engine.hpp"
#include "cornice/venue/fees.hpp"
#include "cornice_test/strategy_world.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

namespace {

using namespace cornice;
using namespace cornice::strategy;
using namespace cornice_test;

std::vector<level> arbitrary_asks() {
  const auto prices = *rc::gen::unique<std::vector<int>>(rc::gen::inRange(1, 100));
  std::vector<int> sorted = prices;
  std::ranges::sort(sorted);
  std::vector<level> out;
  for (const int cents : sorted) {
    if (out.size() == 8) break;
    out.push_back({price::of_micros(cents * 10'000),
                   quantity{*rc::gen::inRange<std::int64_t>(1, 40'000) * 10'000}});
  }
  return out;
}

fee_schedule arbitrary_fees(venue_id v) {
  fee_schedule f;
  f.kind = *rc::gen::arbitrary<bool>() ? fee_schedule::model::none
           : v == venue_id::kalshi     ? fee_schedule::model::kalshi
                                       : fee_schedule::model::polymarket;
  f.taker_rate = ratio{*rc::gen::inRange<std::int64_t>(0, 100'000)};
  return f;
}

strategy_limits arbitrary_limits() {
  strategy_limits l;
  l.min_edge = money{*rc::gen::inRange<std::int64_t>(1, 500'000)};
  l.min_edge_on_cost = ratio{*rc::gen::inRange<std::int64_t>(0, 50'000)};
  l.min_annual_return = ratio{0};
  l.max_bundle_cost = money{*rc::gen::inRange<std::int64_t>(100'000, 500'000'000)};
  l.max_bundle_size = quantity{*rc::gen::inRange<std::int64_t>(1, 50'000) * 10'000};
  return l;
}

RC_GTEST_PROP(engine_property, an_opportunity_keeps_every_bound_and_its_sums_are_exact, ()) {
  const strategy_limits limits = arbitrary_limits();
  engine e{limits};
  listing k = make_listing(venue_id::kalshi, "K");
  listing p = make_listing(venue_id::polymarket, "P");
  k.fees = arbitrary_fees(venue_id::kalshi);
  p.fees = arbitrary_fees(venue_id::polymarket);
  const money cash{*rc::gen::inRange<std::int64_t>(0, 1'000'000'000)};
  for (const venue_id v : {venue_id::kalshi, venue_id::polymarket}) {
    e.update_feed(live_feed(v));
    e.update_cash(v, cash);
  }
  e.update_listing(k);
  e.update_listing(p);
  e.update_market(make_market("m", market_kind::binary, mapping_relation::same, {k.yes, p.yes}));
  book_signal kb = make_book(k.yes, {});
  kb.asks = arbitrary_asks();
  book_signal pb = make_book(p.no, {});
  pb.asks = arbitrary_asks();
  (void)e.update_book(kb, noon);
  const evaluation out = e.update_book(pb, noon);
  RC_ASSERT(out.opportunities.size() + out.refusals.size() > 0u);
  for (const opportunity& o : out.opportunities) {
    money cost;
    money fees;
    for (const opportunity_leg& leg : o.legs) {
      const book_signal& book = leg.contract == k.yes ? kb : pb;
      const listing& l = leg.contract == k.yes ? k : p;
      quantity left = o.size;
      money leg_cost;
      money leg_fee;
      for (const level& offered : book.asks) {
        const quantity taken = std::min(left, offered.q);
        if (taken.is_zero()) break;
        RC_ASSERT(offered.p <= leg.limit);
        leg_cost += notional(offered.p, taken, rounding::up);
        leg_fee += venue::taker_fee(l.venue, l.fees, offered.p, taken);
        left -= taken;
      }
      RC_ASSERT(left.is_zero());
      RC_ASSERT(leg_cost == leg.cost);
      RC_ASSERT(leg_fee == leg.fee);
      cost += leg_cost;
      fees += leg_fee;
      RC_ASSERT(leg_cost + leg_fee <= cash);
    }
    RC_ASSERT(o.cost == cost);
    RC_ASSERT(o.fees == fees);
    RC_ASSERT(o.edge == o.payoff - cost - fees);
    RC_ASSERT(o.payoff == payout(o.size));
    RC_ASSERT(o.edge >= limits.min_edge);
    RC_ASSERT(o.size <= limits.max_bundle_size);
    RC_ASSERT(o.size.micros() % 10'000 == 0);
    RC_ASSERT(cost + fees <= limits.max_bundle_cost);
  }
}

RC_GTEST_PROP(engine_property, no_opportunity_is_missed_when_the_best_levels_alone_would_pay, ()) {
  strategy_limits limits;
  limits.min_edge = money{1};
  limits.min_edge_on_cost = ratio{0};
  limits.min_annual_return = ratio{0};
  limits.max_cash_share = ratio{1'000'000};
  engine e{limits};
  const listing k = make_listing(venue_id::kalshi, "K");
  const listing p = make_listing(venue_id::polymarket, "P");
  for (const venue_id v : {venue_id::kalshi, venue_id::polymarket}) {
    e.update_feed(live_feed(v));
    e.update_cash(v, money::dollars(1'000'000));
  }
  e.update_listing(k);
  e.update_listing(p);
  e.update_market(make_market("m", market_kind::binary, mapping_relation::same, {k.yes, p.yes}));
  const int a = *rc::gen::inRange(10, 90);
  const int b = *rc::gen::inRange(10, 90);
  book_signal kb = make_book(k.yes, {});
  kb.asks = {{price::of_micros(a * 10'000), quantity::contracts(20)}};
  book_signal pb = make_book(p.no, {});
  pb.asks = {{price::of_micros(b * 10'000), quantity::contracts(20)}};
  (void)e.update_book(kb, noon);
  RC_ASSERT(e.update_book(pb, noon).opportunities.size() == (a + b < 100 ? 1u : 0u));
}

}  // namespace
