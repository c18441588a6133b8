#include "cornice/data/mapping.hpp"

#include "listings.hpp"

#include <gtest/gtest.h>

#include <ostream>

namespace cornice::data {
namespace {

using test::make_listing;
using test::make_market;

struct words {
  const char* title;
  const char* outcome_name;
  const char* rules;
};
struct look_alike {
  const char* why;
  words kalshi;
  words polymarket;
};
void PrintTo(const look_alike& l, std::ostream* out) {
  *out << l.why;
}

listing kalshi(const words& w, const std::string& id = "KX") {
  return make_listing(venue_id::kalshi, id, w.title, w.outcome_name, w.rules);
}
listing polymarket(const words& w, const std::string& id = "0x1") {
  return make_listing(venue_id::polymarket, id, w.title, w.outcome_name, w.rules);
}

const look_alike must_not_pair[] = {
    {"another threshold",
     {"Bitcoin price on Dec 1, 2026", "Above 95,000", "above $95,000 on Dec 1, 2026"},
     {"Will the price of Bitcoin be above $100,000 on Dec 1, 2026?", "Yes", ""}},
    {"another day",
     {"Bitcoin price on Dec 1, 2026", "Above 95,000", ""},
     {"Will the price of Bitcoin be above $95,000 on Dec 2, 2026?", "Yes", ""}},
    {"another year",
     {"Recession in 2026", "Yes", "real GDP in 2026"},
     {"Recession in 2027?", "Yes", "real GDP in 2027"}},
    {"another coin",
     {"Bitcoin price on Dec 1, 2026", "Above 5,000", ""},
     {"Will the price of Ethereum be above $5,000 on Dec 1, 2026?", "Yes", ""}},
    {"above against below",
     {"Bitcoin price on Dec 1, 2026", "Above 95,000", ""},
     {"Will the price of Bitcoin be below $95,000 on Dec 1, 2026?", "Yes", ""}},
    {"above against at least, which differs on a whole degree",
     {"Highest temperature in New York on Dec 1, 2026", "Above 52", ""},
     {"Will the highest temperature in New York City be 52\xc2\xb0"
      "F or higher on Dec 1, 2026?",
      "Yes", ""}},
    {"a range against a threshold",
     {"Bitcoin price on Dec 1, 2026", "Above 95,000", ""},
     {"Will the price of Bitcoin be between $95,000 and $100,000 on Dec 1, 2026?", "Yes", ""}},
    {"at a time against at any time until then",
     {"Bitcoin price on Dec 31, 2026", "Above 100,000", ""},
     {"Bitcoin above $100,000 by Dec 31, 2026?", "Yes", ""}},
    {"touching against closing above",
     {"Bitcoin price on Dec 31, 2026", "Above 100,000", ""},
     {"Will Bitcoin reach above $100,000 on Dec 31, 2026?", "Yes", ""}},
    {"core inflation",
     {"Annual inflation", "Above 3.0", "CPI-U in the release of Dec 10, 2026"},
     {"Will annual core inflation be above 3.0%?", "Yes", "CPI less food and energy"}},
    {"one month against twelve",
     {"Inflation in one month", "Above 0.3", "the CPI-U in one month"},
     {"Will annual inflation be above 0.3%?", "Yes", "twelve-month change of the CPI-U"}},
    {"another index",
     {"PCE inflation", "Above 3.0", ""},
     {"Will inflation be above 3.0%?", "Yes", "the CPI-U"}},
    {"by a margin",
     {"Harbor City against Twin Peaks on Dec 1, 2026", "Harbor City", "Harbor City win the game"},
     {"Will Harbor City beat Twin Peaks by six points or more on Dec 1, 2026?", "Yes", ""}},
    {"the return match",
     {"Three Rivers against Falcons on Dec 2, 2026", "Three Rivers", "Three Rivers win the game"},
     {"Will Three Rivers beat Falcons on Dec 9, 2026?", "Yes", ""}},
    {"the other side of the game",
     {"Harbor City against Twin Peaks on Dec 1, 2026", "Harbor City", "Harbor City win the game"},
     {"Will Twin Peaks beat Harbor City on Dec 1, 2026?", "Yes", ""}},
    {"the first half",
     {"Harbor City against Twin Peaks on Dec 1, 2026", "Harbor City", "Harbor City win the game"},
     {"Will Harbor City win the first half against Twin Peaks on Dec 1, 2026?", "Yes", ""}},
    {"announced against in effect",
     {"Ceasefire agreement", "Yes", "a ceasefire agreement is announced by Dec 31, 2026"},
     {"Ceasefire in effect by Dec 31, 2026?", "Yes", ""}},
    {"another country",
     {"Recession", "Yes", "two quarters of negative growth of real GDP by Dec 31, 2027"},
     {"Euro area recession by Dec 31, 2027?", "Yes", "real GDP of the euro area"}},
    {"nominee against president",
     {"Next president of Atlantis", "Jane Smith", "Jane Smith wins the election"},
     {"Will Jane Smith be the nominee for president of Atlantis?", "Yes", ""}},
    {"another candidate whom the rules mention",
     {"Next president of Atlantis", "Jane Smith", "Jane Smith or John Jones wins"},
     {"Will John Jones be the next president of Atlantis?", "Yes", "Jane Smith or John Jones"}},
    {"senate against governor",
     {"Atlantis senate election", "Republican", ""},
     {"Will the Republican win the Atlantis governor election?", "Yes", ""}},
    {"popular vote against the office",
     {"Winner of the presidential election", "Jane Smith", ""},
     {"Will Jane Smith win the popular vote in the presidential election?", "Yes", ""}},
    {"negation",
     {"Budget vote passes", "Yes", "the budget vote passes by Dec 31, 2026"},
     {"Budget vote not passed by Dec 31, 2026?", "Yes", ""}},
    {"another size of the cut",
     {"Fed decision on Dec 16, 2026", "Cut of 25 basis points", ""},
     {"Fed decision on Dec 16, 2026: 50+ bps decrease?", "50+ bps decrease", ""}},
    {"exactly so much against more than that",
     {"Fed decision on Dec 16, 2026", "Cut of more than 25 basis points", ""},
     {"Fed decision on Dec 16, 2026: 25 bps decrease?", "25 bps decrease", ""}},
    {"cut against hike",
     {"Fed decision on Dec 16, 2026", "Cut of 25 basis points", ""},
     {"Fed decision on Dec 16, 2026: 25 bps increase?", "25 bps increase", ""}},
    {"another film",
     {"Best film of the year", "Paper Lanterns", "Paper Lanterns is announced as best picture"},
     {"Will Salt and Iron win best picture?", "Salt and Iron", ""}},
    {"best director of the film",
     {"Best film of the year", "Northbound", "Northbound is announced as best film"},
     {"Will Northbound win best director?", "Northbound", "the best film or director"}},
    {"another time of day",
     {"Bitcoin up at 14:05 UTC", "Up", "the price of Bitcoin at 14:05 UTC"},
     {"Bitcoin up at 14:10 UTC?", "Up", "the price of Bitcoin at 14:10 UTC"}},
    {"highest against lowest",
     {"Highest temperature in New York on Dec 1, 2026", "Above 40", ""},
     {"Will the lowest temperature in New York be above 40 on Dec 1, 2026?", "Yes", ""}},
    {"another city",
     {"Highest temperature in New York on Dec 1, 2026", "Above 40", ""},
     {"Will the highest temperature in Chicago be above 40 on Dec 1, 2026?", "Yes", ""}},
};

class look_alikes : public testing::TestWithParam<look_alike> {};

TEST_P(look_alikes, are_vetoed_both_ways_round_and_say_why) {
  const listing a = kalshi(GetParam().kalshi);
  const listing b = polymarket(GetParam().polymarket);
  for (const mapping_verdict& v : {compare(a, b), compare(b, a)}) {
    EXPECT_EQ(v.score_ppm, 0) << v.evidence;
    EXPECT_FALSE(v.veto.empty());
  }
}

INSTANTIATE_TEST_SUITE_P(mapping, look_alikes, testing::ValuesIn(must_not_pair));

const look_alike same_question[] = {
    {"a price at a time",
     {"Bitcoin price on Dec 1, 2026", "Above 90,000",
      "If the average price of Bitcoin before 5 PM ET on Dec 1, 2026 is above $90,000"},
     {"Will the price of Bitcoin be above $90,000 on December 1, 2026?", "90,000",
      "the price of one Bitcoin at 17:00 ET on Dec 1, 2026 is higher than $90,000"}},
    {"a price in thousands",
     {"Bitcoin price on Dec 1, 2026", "Above 90,000", ""},
     {"Will BTC be above $90k on Dec 1?", "Yes", ""}},
    {"an index under two names",
     {"Inflation in the twelve months to last month", "Above 2.8",
      "the CPI-U rises by more than 2.8 percent in twelve months in the release of Dec 10, 2026"},
     {"Will annual inflation be above 2.8%?", "2.8",
      "the twelve-month change of the CPI-U is above 2.8% in the release of Dec 10, 2026"}},
    {"a temperature",
     {"Highest temperature in New York on Dec 1, 2026", "Above 52", ""},
     {"Will the highest temperature in New York City be above 52\xc2\xb0"
      "F on Dec 1, 2026?",
      "52", ""}},
    {"a game",
     {"Harbor City against Twin Peaks on Dec 1, 2026", "Harbor City",
      "Harbor City win the game against Twin Peaks on Dec 1, 2026"},
     {"Will Harbor City beat Twin Peaks on Dec 1, 2026?", "Yes",
      "Harbor City are the winner of the game against Twin Peaks"}},
    {"an event by a date",
     {"Speaker leaves office", "Speaker leaves office", "leaves the office by Dec 31, 2026"},
     {"Speaker out by Dec 31, 2026?", "Yes", "the Speaker leaves the office"}},
    {"a decision",
     {"Fed decision on Dec 16, 2026", "Cut of 25 basis points", ""},
     {"Fed decision on Dec 16, 2026: 25 bps decrease?", "25 bps decrease", ""}},
};

class same_questions : public testing::TestWithParam<look_alike> {};

TEST_P(same_questions, are_worth_a_persons_look) {
  const mapping_verdict v = compare(kalshi(GetParam().kalshi), polymarket(GetParam().polymarket));
  EXPECT_EQ(v.veto, "");
  EXPECT_GE(v.score_ppm, proposal_score_ppm_min) << v.evidence;
  EXPECT_LE(v.score_ppm, 1'000'000);
  EXPECT_FALSE(v.evidence.empty());
}

INSTANTIATE_TEST_SUITE_P(mapping, same_questions, testing::ValuesIn(same_question));

TEST(mapping, closing_weeks_apart_is_another_question) {
  const words w{"Speaker leaves office", "Yes", ""};
  const listing a = kalshi(w);
  listing b = polymarket(w);
  ASSERT_GT(compare(a, b).score_ppm, 0);
  b.close_time = *a.close_time + std::chrono::days{20};
  EXPECT_EQ(compare(a, b).score_ppm, 0);
}

TEST(mapping, a_pair_is_proposed_with_both_contracts_of_both_sides) {
  catalogue c;
  const listing a = kalshi({"Bitcoin price on Dec 1, 2026", "Above 90,000", ""}, "KXBTC-90");
  const listing b =
      polymarket({"Will Bitcoin be above $90,000 on Dec 1, 2026?", "Yes", ""}, "0x90");
  ASSERT_TRUE(c.apply(a));
  ASSERT_TRUE(c.apply(b));
  const auto found = propose_markets(c);
  ASSERT_EQ(found.size(), 1u);
  const market& m = found[0].m;
  EXPECT_EQ(m.kind, market_kind::binary);
  ASSERT_EQ(m.contracts.size(), 4u);
  for (const market_contract& member : m.contracts) {
    EXPECT_EQ(member.status, mapping_status::proposed);
    const bool yes = member.contract == a.yes || member.contract == b.yes;
    EXPECT_EQ(member.relation, yes ? mapping_relation::same : mapping_relation::complement);
  }
  EXPECT_EQ(propose_markets(c)[0].m, m) << "the same catalogue gives the same proposal";
}

TEST(mapping, each_rung_of_a_ladder_finds_its_own) {
  catalogue c;
  for (const char* strike : {"90,000", "95,000", "100,000", "105,000"}) {
    const std::string s = strike;
    ASSERT_TRUE(c.apply(make_listing(venue_id::kalshi, "KX-" + s, "Bitcoin price on Dec 1, 2026",
                                     "Above " + s, "above $" + s)));
    ASSERT_TRUE(c.apply(make_listing(venue_id::polymarket, "0x" + s,
                                     "Will Bitcoin be above $" + s + " on Dec 1, 2026?")));
  }
  const auto found = propose_markets(c);
  ASSERT_EQ(found.size(), 4u);
  for (const proposal& p : found) {
    const listing* a = c.by_contract(p.m.contracts[0].contract);
    const listing* b = c.by_contract(p.m.contracts[2].contract);
    EXPECT_EQ(a->id.str().substr(3), b->id.str().substr(2));
  }
}

TEST(mapping, two_equally_good_partners_are_none) {
  catalogue c;
  const words w{"Speaker leaves office by Dec 31, 2026", "Yes", ""};
  ASSERT_TRUE(c.apply(kalshi(w)));
  ASSERT_TRUE(c.apply(polymarket(w, "0x1")));
  ASSERT_TRUE(c.apply(polymarket(w, "0x2")));
  EXPECT_TRUE(propose_markets(c).empty());
}

TEST(mapping, what_a_person_has_decided_is_not_proposed_again) {
  catalogue c;
  const words w{"Speaker leaves office by Dec 31, 2026", "Yes", ""};
  const listing a = kalshi(w);
  const listing b = polymarket(w);
  ASSERT_TRUE(c.apply(a));
  ASSERT_TRUE(c.apply(b));
  ASSERT_EQ(propose_markets(c).size(), 1u);
  c.set_market(make_market("by-hand", {a.yes, b.yes}, mapping_status::rejected));
  EXPECT_TRUE(propose_markets(c).empty());
}

TEST(mapping, closed_listings_are_left_alone) {
  catalogue c;
  const words w{"Speaker leaves office by Dec 31, 2026", "Yes", ""};
  listing a = kalshi(w);
  a.status = listing_status::closed;
  ASSERT_TRUE(c.apply(a));
  ASSERT_TRUE(c.apply(polymarket(w)));
  EXPECT_TRUE(propose_markets(c).empty());
}

TEST(mapping, a_mutually_exclusive_event_is_an_exclusive_set_never_an_exhaustive_one) {
  catalogue c;
  for (const char* id : {"A", "B", "C"}) {
    listing l = make_listing(venue_id::kalshi, id, "Best film", id);
    l.event = event_id::of("films");
    l.mutually_exclusive = true;
    ASSERT_TRUE(c.apply(l));
  }
  const auto found = propose_markets(c);
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].m.kind, market_kind::exclusive_set);
  EXPECT_EQ(found[0].m.contracts.size(), 3u);
  for (const market_contract& m : found[0].m.contracts)
    EXPECT_EQ(m.relation, mapping_relation::member);
  c.set_market(found[0].m);
  EXPECT_TRUE(propose_markets(c).empty());
}

}  // namespace
}  // namespace cornice::data
