#include "cornice/data/catalogue.hpp"

#include "listings.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace cornice::data {
namespace {

using test::at_second;
using test::make_listing;
using test::make_market;

struct heard {
  explicit heard(catalogue& c) {
    c.on_change([this](const listing& l, market_change m) { changes.emplace_back(l.id.str(), m); });
    c.on_hint([this](venue_id, const listing_id& id) { hints.push_back(id.str()); });
    c.on_market([this](const market& m) { markets.push_back(m.id.str()); });
    c.on_selection([this](venue_id v) { selections.push_back(v); });
  }
  std::vector<std::pair<std::string, market_change>> changes;
  std::vector<std::string> hints;
  std::vector<std::string> markets;
  std::vector<venue_id> selections;
};

TEST(catalogue, a_new_listing_is_added_and_an_equal_one_says_nothing) {
  catalogue c;
  heard h{c};
  const listing l = make_listing(venue_id::kalshi, "A");
  EXPECT_EQ(c.apply(l).value(), market_change::added);
  EXPECT_EQ(c.apply(l).value(), std::nullopt);
  EXPECT_EQ(h.changes.size(), 1u);
  EXPECT_EQ(*c.find(venue_id::kalshi, l.id), l);
  EXPECT_EQ(c.by_contract(l.no)->id, l.id);
  EXPECT_EQ(c.find(venue_id::polymarket, l.id), nullptr);
}

TEST(catalogue, the_gravest_difference_wins) {
  const listing a = make_listing(venue_id::kalshi, "A");
  listing b = a;
  EXPECT_EQ(difference(a, b), std::nullopt);
  b.category = "Other";
  EXPECT_EQ(difference(a, b), market_change::changed);
  b.accepting_orders = false;
  EXPECT_EQ(difference(a, b), market_change::status_changed);
  b.grid = tick_grid::uniform(1'000).value();
  EXPECT_EQ(difference(a, b), market_change::grid_changed);
  b.rule_hash = rule_hash_of("Other rules.");
  EXPECT_EQ(difference(a, b), market_change::rules_changed);
}

TEST(catalogue, the_bound_refuses_new_listings_only) {
  catalogue c{1};
  listing a = make_listing(venue_id::kalshi, "A");
  ASSERT_TRUE(c.apply(a));
  EXPECT_EQ(c.apply(make_listing(venue_id::kalshi, "B")).error().code, errc::overloaded);
  a.category = "Other";
  EXPECT_EQ(c.apply(a).value(), market_change::changed);
}

TEST(catalogue, a_contract_belongs_to_one_listing) {
  catalogue c;
  const listing a = make_listing(venue_id::polymarket, "A");
  ASSERT_TRUE(c.apply(a));
  listing b = make_listing(venue_id::polymarket, "B");
  b.no = a.yes;
  EXPECT_EQ(c.apply(b).error().code, errc::conflict);
  listing moved = a;
  moved.yes = contract_id::make(venue_id::polymarket, "99");
  EXPECT_EQ(c.apply(moved).error().code, errc::conflict);
  EXPECT_EQ(*c.find(venue_id::polymarket, a.id), a);
  EXPECT_EQ(c.size(), 1u);
}

TEST(catalogue, a_patch_changes_what_it_names_and_hints_at_strangers) {
  catalogue c;
  heard h{c};
  const listing l = make_listing(venue_id::kalshi, "A");
  ASSERT_TRUE(c.apply(l));
  listing_patch p;
  p.status = listing_status::paused;
  EXPECT_EQ(c.patch(venue_id::kalshi, l.id, p).value(), market_change::status_changed);
  listing expected = l;
  expected.status = listing_status::paused;
  EXPECT_EQ(*c.find(venue_id::kalshi, l.id), expected);
  EXPECT_EQ(c.patch(venue_id::kalshi, listing_id::of("B"), p).error().code, errc::not_found);
  EXPECT_EQ(h.hints, std::vector<std::string>{"B"});
}

TEST(catalogue, kalshi_opens_and_closes_silently_by_the_clock) {
  catalogue c;
  listing l = make_listing(venue_id::kalshi, "A");
  l.status = listing_status::pending;
  l.accepting_orders = false;
  l.open_time = at_second(10);
  l.close_time = at_second(20);
  ASSERT_TRUE(c.apply(l));
  c.due(at_second(9));
  EXPECT_EQ(c.find(l.venue, l.id)->status, listing_status::pending);
  c.due(at_second(10));
  EXPECT_EQ(c.find(l.venue, l.id)->status, listing_status::open);
  EXPECT_TRUE(c.find(l.venue, l.id)->accepting_orders);
  c.due(at_second(20));
  EXPECT_EQ(c.find(l.venue, l.id)->status, listing_status::closed);
  EXPECT_FALSE(c.find(l.venue, l.id)->accepting_orders);
}

TEST(catalogue, a_moved_close_time_counts) {
  catalogue c;
  listing l = make_listing(venue_id::kalshi, "A");
  l.close_time = at_second(20);
  ASSERT_TRUE(c.apply(l));
  listing_patch p;
  p.close_time = at_second(30);
  ASSERT_TRUE(c.patch(l.venue, l.id, p));
  c.due(at_second(20));
  EXPECT_EQ(c.find(l.venue, l.id)->status, listing_status::open);
  c.due(at_second(31));
  EXPECT_EQ(c.find(l.venue, l.id)->status, listing_status::closed);
}

TEST(catalogue, polymarket_closes_only_when_the_venue_says_so) {
  catalogue c;
  listing l = make_listing(venue_id::polymarket, "A");
  l.close_time = at_second(20);
  ASSERT_TRUE(c.apply(l));
  c.due(at_second(1'000));
  EXPECT_EQ(c.find(l.venue, l.id)->status, listing_status::open);
}

TEST(catalogue, restoring_tells_nobody) {
  catalogue c;
  heard h{c};
  const listing l = make_listing(venue_id::kalshi, "A");
  c.restore({l}, {make_market("m", {l.yes})});
  EXPECT_TRUE(h.changes.empty());
  EXPECT_TRUE(h.markets.empty());
  EXPECT_EQ(c.markets_of(l.yes).size(), 1u);
  EXPECT_EQ(c.by_contract(l.yes)->id, l.id);
}

TEST(catalogue, a_market_that_loses_a_member_is_no_longer_its_market) {
  catalogue c;
  heard h{c};
  const contract_id a = contract_id::make(venue_id::kalshi, "A:yes");
  const contract_id b = contract_id::make(venue_id::polymarket, "7");
  c.set_market(make_market("m", {a, b}));
  c.set_market(make_market("m", {a, b}));
  EXPECT_EQ(h.markets.size(), 1u) << "an equal market is no news";
  c.set_market(make_market("m", {a}));
  EXPECT_EQ(c.markets_of(a).size(), 1u);
  EXPECT_TRUE(c.markets_of(b).empty());
}

TEST(catalogue, a_selection_is_told_once) {
  catalogue c;
  heard h{c};
  c.set_streamed(venue_id::kalshi, {listing_id::of("A"), listing_id::of("B")});
  c.set_streamed(venue_id::kalshi, {listing_id::of("A"), listing_id::of("B")});
  EXPECT_EQ(h.selections, std::vector<venue_id>{venue_id::kalshi});
  EXPECT_TRUE(c.is_streamed(venue_id::kalshi, listing_id::of("B")));
  EXPECT_FALSE(c.is_streamed(venue_id::kalshi, listing_id::of("C")));
  EXPECT_FALSE(c.is_streamed(venue_id::polymarket, listing_id::of("A")));
}

RC_GTEST_PROP(catalogue, what_was_applied_last_is_what_is_found, ()) {
  catalogue c;
  std::map<std::string, listing> model;
  const auto steps = *rc::gen::container<std::vector<std::pair<int, int>>>(
      rc::gen::pair(rc::gen::inRange(0, 5), rc::gen::inRange(0, 4)));
  for (const auto& [which, state] : steps) {
    listing l = make_listing(venue_id::kalshi, "L" + std::to_string(which));
    l.status = static_cast<listing_status>(state);
    const bool known = model.contains(l.id.str());
    const bool equal = known && model.at(l.id.str()) == l;
    const auto done = c.apply(l);
    RC_ASSERT(done.has_value());
    RC_ASSERT(done->has_value() != equal);
    model[l.id.str()] = l;
  }
  RC_ASSERT(c.size() == model.size());
  for (const listing* l : c.of_venue(venue_id::kalshi)) RC_ASSERT(model.at(l->id.str()) == *l);
}

}  // namespace
}  // namespace cornice::data
