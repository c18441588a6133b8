#include "cornice/strategy/engine.hpp"

#include "cornice_test/strategy_world.hpp"

#include <gtest/gtest.h>

namespace {

using namespace cornice;
using namespace cornice::strategy;
using namespace cornice_test;
using std::chrono::milliseconds;
using std::chrono::seconds;

strategy_limits open_limits() {
  strategy_limits l;
  l.min_edge = money{1};
  l.min_edge_on_cost = ratio{0};
  l.min_annual_return = ratio{0};
  l.max_bundle_cost = money::dollars(100'000);
  l.max_bundle_size = quantity::contracts(100'000);
  l.max_cash_share = ratio{1'000'000};
  return l;
}

// An engine with live feeds and plenty of cash, one listing on each venue, mapped as the same
// market.
class two_venues : public ::testing::Test {
 protected:
  explicit two_venues(strategy_limits limits = open_limits()) : e{limits} {
    for (const venue_id v : {venue_id::kalshi, venue_id::polymarket}) {
      e.update_feed(live_feed(v));
      e.update_cash(v, money::dollars(1'000'000));
    }
    e.update_listing(k);
    e.update_listing(p);
  }
  void map(mapping_status status = mapping_status::approved) {
    e.update_market(
        make_market("m1", market_kind::binary, mapping_relation::same, {k.yes, p.yes}, status));
  }
  static const opportunity_refusal& only_refusal(const evaluation& out, opportunity_kind kind) {
    static const opportunity_refusal none;
    for (const auto& r : out.refusals)
      if (r.kind == kind) return r;
    return none;
  }

  listing k = make_listing(venue_id::kalshi, "K");
  listing p = make_listing(venue_id::polymarket, "P");
  engine e;
};

TEST_F(two_venues, yes_here_and_no_there_below_a_dollar_is_an_opportunity) {
  map();
  (void)e.update_book(make_book(k.yes, {{"0.40", "100"}}), noon);
  const evaluation out = e.update_book(make_book(p.no, {{"0.55", "60"}}), noon);
  ASSERT_EQ(out.opportunities.size(), 1u);
  const opportunity& o = out.opportunities[0];
  EXPECT_EQ(o.kind, opportunity_kind::cross_venue);
  EXPECT_EQ(o.market.str(), "m1");
  EXPECT_EQ(o.size, contracts("60"));
  EXPECT_EQ(o.cost, dollars("57"));
  EXPECT_EQ(o.payoff, dollars("60"));
  EXPECT_EQ(o.edge, dollars("3"));
  ASSERT_EQ(o.legs.size(), 2u);
  EXPECT_EQ(o.legs[0].contract, p.no) << "the thinnest leg goes first";
  EXPECT_EQ(o.legs[1].contract, k.yes);
}

TEST_F(two_venues, depth_is_walked_while_the_next_level_earns) {
  map();
  (void)e.update_book(make_book(k.yes, {{"0.40", "10"}, {"0.43", "20"}, {"0.50", "1000"}}), noon);
  const evaluation out = e.update_book(make_book(p.no, {{"0.55", "25"}, {"0.58", "500"}}), noon);
  ASSERT_EQ(out.opportunities.size(), 1u);
  const opportunity& o = out.opportunities[0];
  // 10 at .40+.55, 15 at .43+.55; then .43+.58 loses.
  EXPECT_EQ(o.size, contracts("25"));
  EXPECT_EQ(o.cost, dollars("24.20"));
  EXPECT_EQ(o.edge, dollars("0.80"));
}

TEST_F(two_venues, fees_count_against_the_edge) {
  k.fees = {fee_schedule::model::kalshi, ratio{70'000}, ratio{0}, ratio{1'000'000}, 1};
  e.update_listing(k);
  map();
  (void)e.update_book(make_book(k.yes, {{"0.50", "100"}}), noon);
  const evaluation out = e.update_book(make_book(p.no, {{"0.49", "100"}}), noon);
  EXPECT_TRUE(out.opportunities.empty()) << "0.01 gross is less than the 0.0175 fee";
  const auto& r = only_refusal(out, opportunity_kind::cross_venue);
  EXPECT_EQ(r.gate, "no_edge");
  EXPECT_EQ(r.margin, -7'500);
  EXPECT_EQ(r.margin_unit, "micro_dollars");
}

TEST_F(two_venues, an_unapproved_mapping_never_trades) {
  map(mapping_status::proposed);
  (void)e.update_book(make_book(k.yes, {{"0.40", "100"}}), noon);
  const evaluation out = e.update_book(make_book(p.no, {{"0.40", "100"}}), noon + seconds{1});
  EXPECT_TRUE(out.opportunities.empty());
  EXPECT_EQ(only_refusal(out, opportunity_kind::cross_venue).gate, "not_approved");
}

TEST_F(two_venues, suspending_a_mapping_stops_it) {
  map();
  map(mapping_status::suspended);
  (void)e.update_book(make_book(k.yes, {{"0.40", "100"}}), noon);
  EXPECT_TRUE(e.update_book(make_book(p.no, {{"0.40", "100"}}), noon).opportunities.empty());
}

TEST_F(two_venues, a_stale_book_never_qualifies) {
  map();
  (void)e.update_book(make_book(k.yes, {{"0.40", "100"}}), noon);
  book_signal late = make_book(p.no, {{"0.40", "100"}});
  const timestamp later = noon + seconds{16};
  late.received = later;
  for (const venue_id v : {venue_id::kalshi, venue_id::polymarket}) {
    feed_signal f = live_feed(v);
    f.observed = later;
    e.update_feed(f);
  }
  const evaluation out = e.update_book(late, later);
  EXPECT_TRUE(out.opportunities.empty());
  const auto& r = only_refusal(out, opportunity_kind::cross_venue);
  EXPECT_EQ(r.gate, "stale_book");
  EXPECT_EQ(r.margin, -1000);
}

TEST_F(two_venues, an_unusable_book_never_qualifies) {
  map();
  book_signal b = make_book(k.yes, {{"0.40", "100"}});
  b.usable = false;
  b.unusable_reason = "gap";
  EXPECT_EQ(only_refusal(e.update_book(b, noon), opportunity_kind::cross_venue).gate,
            "unusable_book");
  const evaluation out = e.update_book(make_book(p.no, {{"0.40", "100"}}), noon + seconds{1});
  EXPECT_TRUE(out.opportunities.empty());
  EXPECT_EQ(only_refusal(out, opportunity_kind::cross_venue).gate, "unusable_book");
}

TEST_F(two_venues, a_dead_feed_stops_both_sides) {
  map();
  feed_signal f = live_feed(venue_id::kalshi);
  f.state = feed_state::down;
  e.update_feed(f);
  const evaluation out = e.update_book(make_book(k.yes, {{"0.40", "100"}}), noon);
  EXPECT_EQ(only_refusal(out, opportunity_kind::cross_venue).gate, "feed_down");
}

TEST_F(two_venues, a_taken_candidate_rests_before_it_is_offered_again) {
  map();
  (void)e.update_book(make_book(k.yes, {{"0.40", "100"}}), noon);
  ASSERT_EQ(e.update_book(make_book(p.no, {{"0.40", "100"}}), noon).opportunities.size(), 1u);
  const evaluation soon =
      e.update_book(make_book(p.no, {{"0.41", "100"}}, 2), noon + milliseconds{100});
  EXPECT_TRUE(soon.opportunities.empty());
  EXPECT_EQ(only_refusal(soon, opportunity_kind::cross_venue).gate, "cooling_down");
  EXPECT_EQ(
      e.update_book(make_book(p.no, {{"0.42", "100"}}, 3), noon + seconds{4}).opportunities.size(),
      1u);
}

TEST_F(two_venues, an_older_revision_is_no_news) {
  map();
  (void)e.update_book(make_book(k.yes, {{"0.40", "100"}}), noon);
  (void)e.update_book(make_book(p.no, {{"0.90", "100"}}, 5), noon);
  EXPECT_TRUE(e.update_book(make_book(p.no, {{"0.40", "100"}}, 4), noon).opportunities.empty());
}

TEST_F(two_venues, size_is_bounded_by_the_cash_of_the_poorest_venue_less_a_cent_for_rounding) {
  map();
  e.update_cash(venue_id::kalshi, dollars("4.01"));
  (void)e.update_book(make_book(k.yes, {{"0.40", "100"}}), noon);
  const evaluation out = e.update_book(make_book(p.no, {{"0.50", "100"}}), noon);
  ASSERT_EQ(out.opportunities.size(), 1u);
  EXPECT_EQ(out.opportunities[0].size, contracts("10"));
}

TEST_F(two_venues, a_mapping_that_arrives_before_its_listing_waits_for_it) {
  const listing late = make_listing(venue_id::polymarket, "LATE");
  e.update_market(
      make_market("m2", market_kind::binary, mapping_relation::same, {k.yes, late.yes}));
  (void)e.update_book(make_book(k.yes, {{"0.40", "100"}}), noon);
  e.update_listing(late);
  EXPECT_EQ(e.update_book(make_book(late.no, {{"0.40", "100"}}), noon).opportunities.size(), 1u);
}

TEST_F(two_venues, a_market_that_names_both_outcomes_of_a_listing_is_found_once) {
  market m = make_market("m4", market_kind::binary, mapping_relation::same, {k.yes, p.yes});
  m.contracts.push_back({k.no, mapping_relation::complement, mapping_status::approved, ""});
  m.contracts.push_back({p.no, mapping_relation::complement, mapping_status::approved, ""});
  e.update_market(m);
  (void)e.update_book(make_book(k.yes, {{"0.40", "100"}}), noon);
  EXPECT_EQ(e.update_book(make_book(p.no, {{"0.40", "100"}}), noon).opportunities.size(), 1u);
}

TEST_F(two_venues, a_complement_relation_swaps_the_outcomes) {
  market m = make_market("m3", market_kind::binary, mapping_relation::same, {k.yes});
  m.contracts.push_back({p.yes, mapping_relation::complement, mapping_status::approved, ""});
  e.update_market(m);
  (void)e.update_book(make_book(k.yes, {{"0.40", "100"}}), noon);
  const evaluation out = e.update_book(make_book(p.yes, {{"0.40", "100"}}), noon);
  ASSERT_EQ(out.opportunities.size(), 1u);
  EXPECT_EQ(out.opportunities[0].kind, opportunity_kind::cross_venue);
}

TEST_F(two_venues, yes_and_no_of_one_listing_below_a_dollar_is_a_complement) {
  (void)e.update_book(make_book(p.yes, {{"0.40", "50"}}), noon);
  const evaluation out = e.update_book(make_book(p.no, {{"0.55", "50"}}), noon);
  ASSERT_EQ(out.opportunities.size(), 1u);
  EXPECT_EQ(out.opportunities[0].kind, opportunity_kind::complement);
  EXPECT_EQ(out.opportunities[0].edge, dollars("2.50"));
}

TEST_F(two_venues, yes_and_no_of_two_different_frames_are_no_complement) {
  (void)e.update_book(make_book(p.yes, {{"0.40", "50"}}, 1), noon);
  const evaluation out = e.update_book(make_book(p.no, {{"0.55", "50"}}, 2), noon);
  EXPECT_TRUE(out.opportunities.empty());
  EXPECT_EQ(only_refusal(out, opportunity_kind::complement).gate, "books_of_two_moments");
}

TEST_F(two_venues, same_inputs_give_the_same_bytes) {
  const auto run = [this] {
    engine fresh{open_limits()};
    for (const venue_id v : {venue_id::kalshi, venue_id::polymarket}) {
      fresh.update_feed(live_feed(v));
      fresh.update_cash(v, money::dollars(1'000));
    }
    fresh.update_listing(k);
    fresh.update_listing(p);
    fresh.update_market(
        make_market("m1", market_kind::binary, mapping_relation::same, {k.yes, p.yes}));
    (void)fresh.update_book(make_book(k.yes, {{"0.40", "100"}}), noon);
    return fresh.update_book(make_book(p.no, {{"0.40", "100"}}), noon);
  };
  EXPECT_EQ(run().opportunities, run().opportunities);
}

class outcome_sets : public ::testing::Test {
 protected:
  outcome_sets() : e{open_limits()} {
    e.update_feed(live_feed(venue_id::kalshi));
    e.update_cash(venue_id::kalshi, money::dollars(1'000'000));
    for (const char* name : {"A", "B", "C"}) {
      members.push_back(make_listing(venue_id::kalshi, name));
      e.update_listing(members.back());
      yes.push_back(members.back().yes);
    }
  }
  std::vector<listing> members;
  std::vector<contract_id> yes;
  engine e;
};

TEST_F(outcome_sets, every_member_of_an_exhaustive_set_together_pays_one) {
  e.update_market(make_market("set", market_kind::exhaustive_set, mapping_relation::member, yes));
  (void)e.update_book(make_book(members[0].yes, {{"0.30", "10"}}), noon);
  (void)e.update_book(make_book(members[1].yes, {{"0.30", "10"}}), noon);
  const evaluation out = e.update_book(make_book(members[2].yes, {{"0.30", "10"}}), noon);
  ASSERT_EQ(out.opportunities.size(), 1u);
  EXPECT_EQ(out.opportunities[0].payoff, dollars("10"));
  EXPECT_EQ(out.opportunities[0].edge, dollars("1"));
}

TEST_F(outcome_sets, all_members_of_a_set_that_is_only_exclusive_are_no_bundle) {
  e.update_market(make_market("set", market_kind::exclusive_set, mapping_relation::member, yes));
  for (const listing& l : members)
    EXPECT_TRUE(e.update_book(make_book(l.yes, {{"0.10", "10"}}), noon).opportunities.empty());
}

TEST_F(outcome_sets, all_complements_pay_one_less_than_the_members) {
  e.update_market(make_market("set", market_kind::exclusive_set, mapping_relation::member, yes));
  (void)e.update_book(make_book(members[0].no, {{"0.60", "10"}}), noon);
  (void)e.update_book(make_book(members[1].no, {{"0.60", "10"}}), noon);
  const evaluation out = e.update_book(make_book(members[2].no, {{"0.60", "10"}}), noon);
  ASSERT_EQ(out.opportunities.size(), 1u);
  EXPECT_EQ(out.opportunities[0].payoff, dollars("20"));
  EXPECT_EQ(out.opportunities[0].edge, dollars("2"));
}

TEST_F(outcome_sets, a_set_with_an_unlisted_member_is_no_set) {
  auto incomplete = yes;
  incomplete.push_back(contract_id::make(venue_id::kalshi, "D:yes"));
  e.update_market(
      make_market("set", market_kind::exhaustive_set, mapping_relation::member, incomplete));
  for (const listing& l : members)
    EXPECT_TRUE(e.update_book(make_book(l.yes, {{"0.10", "10"}}), noon).opportunities.empty());
}

}  // namespace
