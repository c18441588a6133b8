#include "cornice/sim/world.hpp"

#include "cornice/sim/faults.hpp"
#include "cornice/sim/polymarket_books.hpp"

#include <gtest/gtest.h>

#include <set>

namespace cornice::sim {
namespace {

constexpr timestamp begin = from_unix_s(1'795'000'000);

world make(std::string_view scenario, std::uint64_t seed) {
  return world{make_scenario(scenario, begin).value(), seed, begin};
}

std::string history(std::uint64_t seed) {
  world w = make("default", seed);
  std::string out;
  w.advance(begin + std::chrono::seconds{20}, [&](const world_event& e) {
    out += std::to_string(e.index());
    if (const auto* c = std::get_if<book_changed>(&e))
      for (const level_update& u : c->levels)
        out += std::to_string(c->listing) + u.p.to_string() + u.total.to_string();
  });
  return out;
}

TEST(world, same_seed_gives_the_same_events_and_another_seed_others) {
  EXPECT_EQ(history(7), history(7));
  EXPECT_NE(history(7), history(8));
}

TEST(world, lists_enough_pairs_and_look_alikes_with_unique_ids) {
  const world w = make("default", 1);
  std::set<std::string> ids;
  std::size_t paired = 0;
  std::size_t alone = 0;
  for (const sim_listing& l : w.listings()) {
    EXPECT_TRUE(ids.insert(l.id).second) << l.id;
    (w.question_of(l).paired() ? paired : alone) += 1;
  }
  EXPECT_GE(paired / 2, 24u);
  EXPECT_GE(alone, 6u);
}

TEST(world, books_never_cross_and_stay_on_their_grids) {
  world w = make("default", 3);
  w.advance(begin + std::chrono::seconds{90}, [&](const world_event& e) {
    const auto* c = std::get_if<book_changed>(&e);
    if (c == nullptr) return;
    const sim_listing& l = w.at(c->listing);
    ASSERT_FALSE(l.book.crossed()) << l.id;
    for (const level_update& u : c->levels)
      ASSERT_TRUE(u.total.is_zero() || l.grid.accepts(u.p)) << l.id << u.p.to_string();
  });
}

TEST(world, tokens_mirror_each_other_and_their_hashes_hold) {
  const world w = make("default", 1);
  polymarket_books books;
  for (const sim_listing& l : w.listings()) {
    if (l.venue != venue_id::polymarket) continue;
    const auto yes = books.book_of(l, outcome::yes);
    const auto no = books.book_of(l, outcome::no);
    ASSERT_EQ(yes.bids.size(), no.asks.size());
    for (std::size_t i = 0; i < yes.bids.size(); ++i)
      EXPECT_EQ(yes.bids[i].p, no.asks[i].p.complement());
    EXPECT_NE(yes.hash, no.hash);
  }
}

TEST(world, quiet_scenario_is_never_mispriced_and_the_default_often_is) {
  world quiet = make("quiet", 1);
  world busy = make("default", 1);
  const auto ignore = [](const world_event&) {};
  quiet.advance(begin + std::chrono::minutes{1}, ignore);
  busy.advance(begin + std::chrono::minutes{1}, ignore);
  EXPECT_EQ(quiet.counters().mispricings, 0u);
  EXPECT_GE(busy.counters().mispricings, 12u);
}

TEST(world, short_lived_markets_close_are_determined_and_settle) {
  world w = make("churn", 1);
  std::set<listing_phase> seen;
  w.advance(begin + std::chrono::seconds{50}, [&](const world_event& e) {
    if (const auto* p = std::get_if<phase_changed>(&e)) seen.insert(w.at(p->listing).phase);
  });
  EXPECT_TRUE(seen.contains(listing_phase::closed));
  EXPECT_TRUE(seen.contains(listing_phase::determined));
  EXPECT_TRUE(seen.contains(listing_phase::settled));
}

TEST(faults, words_become_a_fault_and_wrong_ones_are_named) {
  const fault f = parse_fault("freeze:polymarket:at=20s,for=10s,contracts=2").value();
  EXPECT_EQ(f.kind, fault_kind::freeze);
  EXPECT_EQ(f.venue, venue_id::polymarket);
  EXPECT_EQ(f.at, std::chrono::seconds{20});
  EXPECT_EQ(f.hold, std::chrono::seconds{10});
  EXPECT_EQ(f.contracts, 2);
  for (const char* wrong : {"flood", "gap:nasdaq", "gap:kalshi:every=x", "gap:kalshi:often=1"})
    EXPECT_EQ(parse_fault(wrong).error().code, errc::invalid_argument) << wrong;
}

TEST(faults, a_gap_strikes_once_each_period) {
  fault_schedule s;
  s.add(parse_fault("gap:kalshi:at=1s,every=10s").value(), begin).value();
  const auto at = [&](int seconds) {
    return s.strike(fault_kind::gap, venue_id::kalshi, begin + std::chrono::seconds{seconds}, "X");
  };
  EXPECT_FALSE(at(0));
  EXPECT_TRUE(at(1));
  EXPECT_FALSE(at(2));
  EXPECT_TRUE(at(11));
  EXPECT_FALSE(
      s.strike(fault_kind::gap, venue_id::polymarket, begin + std::chrono::seconds{21}, "X"));
}

TEST(faults, a_freeze_of_two_contracts_holds_the_same_two) {
  fault_schedule s;
  s.add(parse_fault("freeze:kalshi:for=5s,contracts=2").value(), begin).value();
  const auto frozen = [&](const char* ticker, int seconds) {
    return s.strike(fault_kind::freeze, venue_id::kalshi, begin + std::chrono::seconds{seconds},
                    ticker);
  };
  EXPECT_TRUE(frozen("A", 0));
  EXPECT_TRUE(frozen("B", 1));
  EXPECT_FALSE(frozen("C", 2));
  EXPECT_TRUE(frozen("A", 3));
  EXPECT_FALSE(frozen("A", 6));
}

}  // namespace
}  // namespace cornice::sim
