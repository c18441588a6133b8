#include "cornice/execution/marks.hpp"

#include "market_world.hpp"

#include <rapidcheck/gtest.h>

#include <string>
#include <vector>

namespace cornice::execution::testing {
namespace {

class marks_test : public ::testing::Test {
 protected:
  marks_test() {
    markets.on_market(listing_signal(make_listing(venue_id::kalshi)));
    markets.on_market(listing_signal(make_listing(venue_id::polymarket)));
  }

  void hold(const contract_id& c, std::int64_t contracts, std::int64_t cost_cents) {
    positions.restore(c, {lots(contracts), usd(cost_cents), {}, {}});
  }
  void bid(const contract_id& c, std::int64_t bid_cents) {
    markets.on_book(make_book(c, start_time, bid_cents, 99, ++revision));
  }
  money at(venue_id v) const { return unrealised_by_venue(positions, markets).at(v); }
  money both() const { return at(venue_id::kalshi) + at(venue_id::polymarket); }

  position_book positions;
  market_view markets;
  std::uint64_t revision = 0;
};

TEST_F(marks_test, what_is_held_alone_is_worth_its_best_bid) {
  hold(p_yes, 6, 240);
  bid(p_yes, 45);
  EXPECT_EQ(at(venue_id::polymarket), usd(30));
  EXPECT_TRUE(at(venue_id::kalshi).is_zero());
}

TEST_F(marks_test, without_any_book_cost_is_the_mark) {
  hold(p_yes, 6, 240);
  EXPECT_TRUE(at(venue_id::polymarket).is_zero());
}

TEST_F(marks_test, a_book_without_bids_is_worth_nothing) {
  hold(p_yes, 6, 240);
  bid(p_yes, 0);
  EXPECT_EQ(at(venue_id::polymarket), -usd(240));
}

TEST_F(marks_test, yes_and_no_of_a_listing_are_worth_their_dollar_under_low_bids) {
  hold(p_yes, 10, 450);
  hold(p_no, 8, 400);
  bid(p_yes, 40);
  bid(p_no, 45);
  EXPECT_EQ(at(venue_id::polymarket), usd(8 * 100 + 2 * 40 - 450 - 400));
}

TEST_F(marks_test, bids_above_the_dollar_are_what_a_pair_is_worth) {
  hold(p_yes, 10, 450);
  hold(p_no, 10, 400);
  bid(p_yes, 55);
  bid(p_no, 50);
  EXPECT_EQ(at(venue_id::polymarket), usd(10 * 105 - 450 - 400));
}

TEST_F(marks_test, a_pair_across_venues_is_worth_its_dollar_once_its_market_is_approved) {
  hold(k_yes, 10, 450);
  hold(p_no, 10, 480);
  bid(k_yes, 40);
  bid(p_no, 44);
  EXPECT_EQ(both(), usd(10 * 84 - 930));
  markets.on_market(mapping_signal(mapping_status::proposed));
  EXPECT_EQ(both(), usd(10 * 84 - 930));
  markets.on_market(mapping_signal());
  EXPECT_EQ(both(), usd(10 * 100 - 930));
  EXPECT_EQ(at(venue_id::kalshi), usd(10 * 48 - 450)) << "half of what is missing to the dollar";
  markets.on_market(mapping_signal(mapping_status::suspended));
  EXPECT_EQ(both(), usd(10 * 84 - 930));
}

TEST_F(marks_test, two_contracts_that_win_together_hedge_nothing) {
  hold(k_yes, 10, 450);
  hold(p_yes, 10, 480);
  bid(k_yes, 40);
  bid(p_yes, 44);
  markets.on_market(mapping_signal());
  EXPECT_EQ(both(), usd(10 * 84 - 930));
}

struct outcome_set {
  std::vector<contract_id> yes;
  std::vector<contract_id> no;
};

outcome_set list_set(market_view& markets, market_kind kind, int members) {
  outcome_set set;
  market_signal mapping;
  mapping.mapping = market{};
  mapping.mapping->id = market_id::of("set");
  mapping.mapping->kind = kind;
  for (int i = 0; i < members; ++i) {
    listing l = make_listing(venue_id::polymarket);
    l.id = listing_id::of("0xs" + std::to_string(i));
    l.yes = contract_id::make(venue_id::polymarket, "80" + std::to_string(i));
    l.no = contract_id::make(venue_id::polymarket, "90" + std::to_string(i));
    set.yes.push_back(l.yes);
    set.no.push_back(l.no);
    mapping.mapping->contracts.push_back(
        {l.yes, mapping_relation::member, mapping_status::approved, l.rule_hash});
    markets.on_market(listing_signal(l));
  }
  markets.on_market(mapping);
  return set;
}

TEST_F(marks_test, a_full_exhaustive_set_is_worth_one_dollar) {
  const auto set = list_set(markets, market_kind::exhaustive_set, 3);
  for (const auto& c : set.yes) {
    hold(c, 5, 150);
    bid(c, 25);
  }
  EXPECT_EQ(at(venue_id::polymarket), usd(5 * 100 - 3 * 150));
}

TEST_F(marks_test, a_full_exclusive_set_of_yes_is_worth_its_bids_only) {
  const auto set = list_set(markets, market_kind::exclusive_set, 3);
  for (const auto& c : set.yes) {
    hold(c, 5, 150);
    bid(c, 25);
  }
  EXPECT_EQ(at(venue_id::polymarket), usd(3 * (5 * 25 - 150)));
}

TEST_F(marks_test, all_no_of_n_members_are_worth_all_but_one_dollar) {
  const auto set = list_set(markets, market_kind::exclusive_set, 3);
  for (const auto& c : set.no) {
    hold(c, 5, 320);
    bid(c, 60);
  }
  EXPECT_EQ(at(venue_id::polymarket), usd(5 * 200 - 3 * 320));
}

RC_GTEST_PROP(marks, never_fall_below_the_bids_nor_promise_more_than_a_hedge_pays, ()) {
  market_view markets;
  for (const venue_id v : {venue_id::kalshi, venue_id::polymarket})
    markets.on_market(listing_signal(make_listing(v)));
  markets.on_market(mapping_signal());
  position_book positions;
  money at_bids;
  money most;
  for (const contract_id& c : all_contracts) {
    const auto contracts = *rc::gen::inRange<std::int64_t>(0, 1'000);
    const auto cost = *rc::gen::inRange<std::int64_t>(0, 100'000);
    const auto bid = *rc::gen::inRange<std::int64_t>(0, 99);
    positions.restore(c, {lots(contracts), usd(cost), {}, {}});
    markets.on_book(make_book(c, start_time, bid, 99));
    if (contracts == 0) continue;
    at_bids += usd(contracts * bid) - usd(cost);
    most += usd(contracts * 100) - usd(cost);
  }
  money marked;
  for (const auto& [v, m] : unrealised_by_venue(positions, markets)) marked += m;
  RC_ASSERT(marked >= at_bids);
  RC_ASSERT(marked <= most);
}

}  // namespace
}  // namespace cornice::execution::testing
