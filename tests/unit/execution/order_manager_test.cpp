#include "cornice/execution/order_manager.hpp"

#include "cornice/execution/ids.hpp"
#include "manager_hands.hpp"

namespace cornice::execution::testing {
namespace {

TEST_F(order_manager_test, nothing_is_sent_before_its_commit) {
  begin();
  const auto wanted =
      manager->on_opportunity(make_opportunity("o1", p_yes, p_no, lots(10), now), now);
  EXPECT_TRUE(pick<send_order>(wanted).empty());
  const auto commits = pick<commit>(wanted);
  ASSERT_EQ(commits.size(), 1u);
  EXPECT_EQ(commits[0].what, commit::kind::intent);
  EXPECT_EQ(changes_of<store_order>(wanted).size(), 2u);
  EXPECT_EQ(changes_of<store_bundle>(wanted).size(), 1u);
  const auto sent = manager->on_committed(commits[0].id, now);
  EXPECT_EQ(pick<send_order>(sent).size(), 2u);
  EXPECT_TRUE(pick<send_order>(manager->on_committed(commits[0].id, now)).empty())
      << "a repeated confirmation sends nothing";
}

TEST_F(order_manager_test, intent_confirmed_too_late_is_never_sent) {
  begin();
  const auto wanted =
      manager->on_opportunity(make_opportunity("o1", p_yes, p_no, lots(10), now), now);
  pass(1'001);
  const auto late = manager->on_committed(pick<commit>(wanted)[0].id, now);
  EXPECT_TRUE(pick<send_order>(late).empty());
  for (const auto& o : changes_of<store_order>(late)) EXPECT_EQ(o.row.state, order_state::rejected);
  EXPECT_EQ(manager->status().open_bundles, 0u);
  EXPECT_TRUE(manager->exposure().reservations().empty());
}

TEST_F(order_manager_test, halt_between_intent_and_commit_holds_it_back) {
  begin();
  const auto wanted =
      manager->on_opportunity(make_opportunity("o1", p_yes, p_no, lots(10), now), now);
  manager->on_command(command("halt"), now);
  EXPECT_TRUE(pick<send_order>(commit_all(wanted)).empty());
  EXPECT_EQ(manager->status().open_orders, 0u);
}

TEST_F(order_manager_test, failed_intent_leaves_nothing_behind) {
  begin();
  const auto wanted =
      manager->on_opportunity(make_opportunity("o1", p_yes, p_no, lots(10), now), now);
  const auto failed = manager->on_commit_failed(pick<commit>(wanted)[0].id, "no space", now);
  EXPECT_TRUE(pick<send_order>(failed).empty());
  ASSERT_EQ(changes_of<store_refusal>(failed).size(), 1u);
  EXPECT_EQ(changes_of<store_refusal>(failed)[0].event.check, "not_committed");
  EXPECT_EQ(manager->status().open_bundles, 0u);
  EXPECT_TRUE(manager->exposure().reservations().empty());
}

TEST_F(order_manager_test, fill_is_booked_once_and_published_with_its_position) {
  begin();
  const auto legs = open_pair();
  ASSERT_EQ(legs.size(), 2u);
  const auto first = manager->on_fill_report(fill(legs[0], "f1", lots(10)), now);
  EXPECT_EQ(changes_of<store_fill>(first).size(), 1u);
  ASSERT_EQ(changes_of<store_booking>(first).size(), 1u);
  EXPECT_EQ(changes_of<store_booking>(first)[0].positions[0].q, lots(10));
  EXPECT_TRUE(manager->on_fill_report(fill(legs[0], "f1", lots(10)), now).empty());
  EXPECT_EQ(manager->positions().of(legs[0].contract).q, lots(10));
}

TEST_F(order_manager_test, fill_that_overtakes_the_name_of_its_order_waits_for_it) {
  begin();
  const auto legs = open_pair();
  auto early = fill(legs[0], "f1", lots(10));
  early.order = {};
  early.venue_order = venue_order_id::of("v" + legs[0].id.str());
  EXPECT_TRUE(changes_of<store_fill>(manager->on_fill_report(early, now)).empty());
  const auto named = ack(legs[0], order_report::status::filled, lots(10));
  EXPECT_EQ(changes_of<store_fill>(named).size(), 1u);
  EXPECT_EQ(manager->positions().of(legs[0].contract).q, lots(10));
}

TEST_F(order_manager_test, fill_of_nobody_trips_after_a_while) {
  begin();
  fill_report f;
  f.venue = venue_id::kalshi;
  f.fill = venue_fill_id::of("stranger");
  f.venue_order = venue_order_id::of("unknown");
  f.contract = k_yes;
  f.p = cents(45);
  f.q = lots(1);
  manager->on_fill_report(f, now);
  EXPECT_EQ(manager->breakers().of(venue_id::kalshi).state, breaker_state::closed);
  pass(settings.early_fill_ms_max);
  describe();
  manager->on_tick(now);
  EXPECT_EQ(manager->breakers().of(venue_id::kalshi).cause, breaker_cause::order_anomaly);
}

TEST_F(order_manager_test, doubt_blocks_the_pair_until_the_venue_speaks) {
  begin();
  const auto legs = open_pair();
  manager->on_send_outcome(legs[0].id, {}, now);
  ack(legs[1], order_report::status::cancelled, {});
  EXPECT_EQ(manager->status().in_doubt, 1u);
  EXPECT_EQ(manager->exposure().worst_long(legs[0].contract), lots(10));
  const auto refused =
      manager->on_opportunity(make_opportunity("again", p_yes, p_no, lots(10), now), now);
  ASSERT_EQ(changes_of<store_refusal>(refused).size(), 1u);
  EXPECT_EQ(changes_of<store_refusal>(refused)[0].event.check, "in_doubt_pair");

  pass(16'000);
  describe();
  answer(manager->on_tick(now));
  EXPECT_EQ(manager->find_order(legs[0].id)->state, order_state::rejected);
  EXPECT_EQ(manager->status().in_doubt, 0u);
  EXPECT_EQ(open_pair().size(), 2u);
}

TEST_F(order_manager_test, old_doubt_opens_the_breaker) {
  begin();
  const auto legs = open_pair();
  manager->on_send_outcome(legs[0].id, {}, now);
  for (int i = 0; i < 700; ++i) {
    pass(100);
    describe();
    manager->on_tick(now);  // nobody answers the snapshots
  }
  EXPECT_EQ(manager->breakers().of(venue_id::polymarket).cause, breaker_cause::in_doubt_too_old);
}

TEST_F(order_manager_test, silent_gateway_means_doubt) {
  begin();
  const auto legs = open_pair();
  pass(settings.send_ms_max + 1);
  manager->on_tick(now);
  EXPECT_EQ(manager->find_order(legs[0].id)->state, order_state::in_doubt);
}

TEST_F(order_manager_test, restart_doubts_open_orders_and_sends_nothing_again) {
  begin();
  const auto wanted =
      manager->on_opportunity(make_opportunity("o1", p_yes, p_no, lots(10), now), now);
  loaded_state state;
  for (const auto& b : changes_of<store_bundle>(wanted)) state.bundles.push_back(b.row);
  for (const auto& o : changes_of<store_order>(wanted)) state.orders.push_back(o.row);
  state.balances = manager->books().balances();
  state.opportunities = {opportunity_id::of("o1")};
  pass(100);
  manager = std::make_unique<order_manager>(settings);
  ASSERT_TRUE(manager->restore(state, now));
  const auto started = manager->start(now);
  EXPECT_EQ(manager->status().in_doubt, 2u);
  EXPECT_EQ(manager->exposure().open_orders(), 2u);
  EXPECT_TRUE(pick<send_order>(commit_all(started)).empty());
  for (const auto& o : changes_of<store_order>(started)) EXPECT_EQ(o.event.evidence, "restart");
  answer(started);
  describe();
  EXPECT_EQ(manager->status().in_doubt, 2u) << "too early to be proof";
  pass(16'000);
  describe();
  answer(manager->on_tick(now));
  EXPECT_EQ(manager->status().in_doubt, 0u);
  EXPECT_EQ(manager->status().open_bundles, 0u);
  EXPECT_TRUE(manager->exposure().reservations().empty());
}

TEST_F(order_manager_test, one_filled_leg_is_completed_through_a_new_intent) {
  begin();
  const auto legs = open_pair();
  ack(legs[0], order_report::status::filled, lots(10));
  manager->on_fill_report(fill(legs[0], "f1", lots(10)), now);
  const auto repair = ack(legs[1], order_report::status::cancelled, {});
  EXPECT_TRUE(pick<send_order>(repair).empty());
  ASSERT_EQ(manager->find_bundle(legs[0].bundle)->state, bundle_state::completing);
  const auto sent = pick<send_order>(commit_all(repair));
  ASSERT_EQ(sent.size(), 1u);
  EXPECT_EQ(sent[0].order.terms().purpose, order_purpose::complete);
  EXPECT_EQ(sent[0].order.terms().id, order_id_of(legs[0].bundle, 1, 1));
}

TEST_F(order_manager_test, name_known_before_the_answer_finds_the_fill_of_a_lost_order) {
  begin();
  const auto legs = open_pair();
  manager->on_order_named(legs[0].id, venue_order_id::of("0xhash"), now);
  manager->on_send_outcome(legs[0].id, {}, now);
  auto f = fill(legs[0], "f1", lots(10));
  f.order = {};
  f.venue_order = venue_order_id::of("0xhash");
  EXPECT_EQ(changes_of<store_fill>(manager->on_fill_report(f, now)).size(), 1u);
  EXPECT_EQ(manager->find_order(legs[0].id)->state, order_state::filled);
}

}  // namespace
}  // namespace cornice::execution::testing
