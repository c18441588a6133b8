#include "cornice/execution/breaker.hpp"

#include "market_world.hpp"

namespace cornice::execution::testing {
namespace {

breaker_policy policy() {
  breaker_policy p;
  p.cool_down_ms = 1'000;
  p.cool_down_ms_max = 3'000;
  p.probes = 2;
  p.refusals_max = 3;
  p.refusal_window_ms = 1'000;
  return p;
}

TEST(breaker, transient_cause_heals_through_half_open) {
  breaker b{"kalshi", policy()};
  ASSERT_TRUE(b.trip(breaker_cause::refusal_burst, "three", "execution", after_ms(0)));
  EXPECT_EQ(b.get().state, breaker_state::open);
  EXPECT_FALSE(b.tick(after_ms(999)));
  ASSERT_TRUE(b.tick(after_ms(1'000)));
  EXPECT_EQ(b.get().state, breaker_state::half_open);
  EXPECT_FALSE(b.on_probe(true, after_ms(1'100)));
  ASSERT_TRUE(b.on_probe(true, after_ms(1'200)));
  EXPECT_EQ(b.get().state, breaker_state::closed);
}

TEST(breaker, failed_probe_opens_again_and_waits_longer) {
  breaker b{"kalshi", policy()};
  b.trip(breaker_cause::refusal_burst, "", "execution", after_ms(0));
  b.tick(after_ms(1'000));
  ASSERT_TRUE(b.on_probe(false, after_ms(1'100)));
  EXPECT_EQ(b.get().state, breaker_state::open);
  EXPECT_FALSE(b.tick(after_ms(3'000)));
  EXPECT_TRUE(b.tick(after_ms(3'100)));
}

TEST(breaker, serious_cause_waits_for_a_person) {
  for (const auto cause : all_breaker_causes) {
    if (!needs_person(cause)) continue;
    SCOPED_TRACE(to_string(cause));
    breaker b{"global", policy()};
    b.trip(cause, "", "execution", after_ms(0));
    EXPECT_FALSE(b.tick(after_ms(100'000'000)));
    EXPECT_FALSE(b.on_probe(true, after_ms(100'000'001)));
    EXPECT_EQ(b.get().state, breaker_state::open);
    ASSERT_TRUE(b.resume("cli:ann", "checked", after_ms(100'000'002)));
    EXPECT_EQ(b.get().state, breaker_state::closed);
    EXPECT_FALSE(b.get().needs_person);
  }
}

TEST(breaker, severity_only_rises) {
  breaker b{"global", policy()};
  b.trip(breaker_cause::refusal_burst, "", "execution", after_ms(0));
  ASSERT_TRUE(b.trip(breaker_cause::stuck_bundle, "", "execution", after_ms(1)));
  EXPECT_TRUE(b.get().needs_person);
  EXPECT_FALSE(b.trip(breaker_cause::refusal_burst, "", "execution", after_ms(2)));
  EXPECT_EQ(b.get().cause, breaker_cause::stuck_bundle);
  ASSERT_TRUE(b.trip(breaker_cause::kill, "", "cli:ann", after_ms(3))) << "kill stops repairs too";
  EXPECT_EQ(b.get().cause, breaker_cause::kill);
  EXPECT_FALSE(b.trip(breaker_cause::daily_loss, "", "execution", after_ms(4)));
  EXPECT_EQ(b.get().cause, breaker_cause::kill);
}

TEST(breaker, standing_condition_holds_it_open_even_against_a_person) {
  breaker b{"global", policy()};
  b.trip(breaker_cause::database_down, "", "store", after_ms(0));
  EXPECT_FALSE(b.tick(after_ms(50'000)));
  const auto refused = b.resume("cli:ann", "", after_ms(50'000));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, errc::refused);
  EXPECT_TRUE(b.clear(breaker_cause::database_down, after_ms(60'000)));
  EXPECT_FALSE(b.tick(after_ms(60'999))) << "the cool-down counts from the end of the condition";
  EXPECT_TRUE(b.tick(after_ms(61'000)));
}

TEST(breaker, restored_one_stays_open_but_finds_conditions_out_by_itself) {
  breaker b{"global", policy()};
  b.trip(breaker_cause::database_down, "", "store", after_ms(0));
  breaker next{"global", policy()};
  next.restore(b.get());
  EXPECT_EQ(next.get().state, breaker_state::open);
  EXPECT_TRUE(next.get().conditions.empty());
  EXPECT_TRUE(next.tick(after_ms(2'000)));
}

TEST(breaker_panel, burst_of_refusals_trips_the_venue_only) {
  breaker_panel panel{policy()};
  EXPECT_FALSE(panel.on_refusal(venue_id::kalshi, "no", after_ms(0)));
  EXPECT_FALSE(panel.on_refusal(venue_id::kalshi, "no", after_ms(10)));
  EXPECT_FALSE(panel.on_refusal(venue_id::polymarket, "no", after_ms(15)));
  EXPECT_TRUE(panel.on_refusal(venue_id::kalshi, "no", after_ms(20)));
  EXPECT_EQ(panel.state_for(venue_id::kalshi), breaker_state::open);
  EXPECT_EQ(panel.state_for(venue_id::polymarket), breaker_state::closed);
}

TEST(breaker_panel, spread_refusals_do_not_trip) {
  breaker_panel panel{policy()};
  for (int i = 0; i < 20; ++i)
    EXPECT_FALSE(panel.on_refusal(venue_id::kalshi, "no", after_ms(i * 600)));
}

TEST(breaker_panel, global_state_rules_every_venue) {
  breaker_panel panel{policy()};
  panel.trip(global_scope, breaker_cause::kill, "", "file", after_ms(0));
  for (const auto v : all_venues) {
    EXPECT_EQ(panel.state_for(v), breaker_state::open);
    EXPECT_NE(panel.blocking(v, true), nullptr) << "a kill stops repairs";
  }
  EXPECT_FALSE(panel.resume("moon", "cli:ann", "", after_ms(1)));
}

TEST(breaker_panel, stuck_bundle_still_lets_others_be_repaired) {
  breaker_panel panel{policy()};
  panel.trip(global_scope, breaker_cause::stuck_bundle, "", "execution", after_ms(0));
  EXPECT_NE(panel.blocking(venue_id::kalshi, false), nullptr);
  EXPECT_EQ(panel.blocking(venue_id::kalshi, true), nullptr);
  panel.trip(global_scope, breaker_cause::database_down, "", "store", after_ms(1));
  EXPECT_NE(panel.blocking(venue_id::kalshi, true), nullptr);
}

TEST(breaker_causes, names_read_back) {
  for (const auto c : all_breaker_causes) EXPECT_EQ(parse_breaker_cause(to_string(c)).value(), c);
  EXPECT_FALSE(parse_breaker_cause("boredom"));
}

}  // namespace
}  // namespace cornice::execution::testing
