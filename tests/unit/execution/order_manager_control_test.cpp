#include "cornice/execution/order_manager.hpp"
#include "manager_hands.hpp"

namespace cornice::execution::testing {
namespace {

class order_manager_control_test : public order_manager_test {};

TEST_F(order_manager_control_test, admission_is_closed_until_each_account_is_reconciled) {
  manager = std::make_unique<order_manager>(settings);
  ASSERT_TRUE(manager->restore({}, now));
  const auto asked = manager->start(now);
  EXPECT_EQ(pick<request_snapshot>(asked).size(), 2u);
  describe();
  const auto refused =
      manager->on_opportunity(make_opportunity("o1", p_yes, p_no, lots(10), now), now);
  ASSERT_EQ(changes_of<store_refusal>(refused).size(), 1u);
  EXPECT_EQ(changes_of<store_refusal>(refused)[0].event.check, "reconciled");
}

TEST_F(order_manager_control_test, corrupt_state_does_not_start) {
  order_manager m{settings};
  loaded_state unbalanced;
  unbalanced.balances = {{"cash:sim", usd(1)}};
  EXPECT_EQ(m.restore(unbalanced, now).error().code, errc::corrupt);
  order_manager n{settings};
  loaded_state mismatch;
  mismatch.positions = {{p_yes, {lots(1), usd(45), {}, {}}}};
  EXPECT_EQ(n.restore(mismatch, now).error().code, errc::corrupt);
}

TEST_F(order_manager_control_test, halt_cancels_what_is_open_and_resume_needs_the_person) {
  settings.bundles.tif = time_in_force::gtc;
  begin();
  const auto legs = open_pair();
  for (const auto& t : legs) ack(t, order_report::status::resting, {});
  const auto halted = manager->on_command(command("halt"), now);
  EXPECT_EQ(pick<send_cancel>(halted).size(), 2u);
  EXPECT_EQ(pick<cancel_everything>(halted).size(), 2u);
  ASSERT_EQ(pick<answer_command>(halted).size(), 1u);
  EXPECT_TRUE(pick<answer_command>(halted)[0].reply.accepted);
  EXPECT_EQ(changes_of<store_breaker>(halted).size(), 1u);
  pass(settings.cancel_retry_ms);
  EXPECT_EQ(pick<send_cancel>(manager->on_tick(now)).size(), 2u) << "cancels are repeated";
  for (const auto& t : legs) manager->on_cancel_outcome(t.id, {proof::done, quantity{}, ""}, now);
  EXPECT_EQ(manager->status().open_orders, 0u);
  const auto resumed = manager->on_command(command("resume"), now);
  EXPECT_TRUE(pick<answer_command>(resumed)[0].reply.accepted);
  describe();
  EXPECT_EQ(open_pair().size(), 2u);
}

TEST_F(order_manager_control_test, cancel_waits_until_the_venue_has_the_order) {
  settings.bundles.tif = time_in_force::gtc;
  begin();
  const auto legs = open_pair();
  EXPECT_TRUE(pick<send_cancel>(manager->on_command(command("cancel-all"), now)).empty());
  EXPECT_EQ(pick<send_cancel>(ack(legs[0], order_report::status::resting, {})).size(), 1u);
}

TEST_F(order_manager_control_test, repeated_command_is_answered_but_not_done_again) {
  begin();
  const auto c = command("halt");
  manager->on_command(c, now);
  manager->on_command(command("resume"), now);
  const auto again = manager->on_command(c, now);
  EXPECT_TRUE(pick<answer_command>(again)[0].reply.accepted);
  EXPECT_EQ(manager->breakers().of(global_scope).state, breaker_state::closed);
}

TEST_F(order_manager_control_test, commands_that_make_no_sense_are_refused_with_a_reason) {
  begin();
  auto late = command("resume");
  late.expires = now - std::chrono::seconds{1};
  for (const auto& c : {late, command("dance"), command("halt", "moon")}) {
    const auto reply = pick<answer_command>(manager->on_command(c, now))[0].reply;
    EXPECT_FALSE(reply.accepted);
    EXPECT_FALSE(reply.message.empty());
  }
  EXPECT_EQ(manager->breakers().of(global_scope).state, breaker_state::closed);
}

TEST_F(order_manager_control_test, unexplained_difference_trips_and_a_person_may_adopt_it) {
  begin();
  account[venue_id::kalshi].positions = {{k_yes, lots(7)}};
  for (int i = 0; i < 100; ++i) {
    pass(1'000);
    describe();
    answer(manager->on_tick(now));
  }
  EXPECT_EQ(manager->breakers().of(venue_id::kalshi).cause, breaker_cause::reconcile_difference);
  EXPECT_FALSE(manager->status().reconciled.contains(venue_id::kalshi));
  auto adopt = command("reconcile", "kalshi");
  adopt.argument = "adopt";
  EXPECT_TRUE(pick<answer_command>(manager->on_command(adopt, now))[0].reply.accepted);
  pass(3'000);
  describe();
  answer(manager->on_tick(now));
  EXPECT_EQ(manager->positions().of(k_yes).q, lots(7));
  EXPECT_TRUE(manager->books().sum().is_zero());
  EXPECT_TRUE(manager->status().reconciled.contains(venue_id::kalshi));
  EXPECT_TRUE(pick<answer_command>(manager->on_command(command("resume", "kalshi"), now))[0]
                  .reply.accepted);
}

TEST_F(order_manager_control_test, adopted_strangers_are_not_differences_again) {
  begin();
  fill_report f;
  f.venue = venue_id::kalshi;
  f.fill = venue_fill_id::of("stranger");
  f.venue_order = venue_order_id::of("by-hand");
  f.contract = k_yes;
  f.p = cents(45);
  f.q = lots(7);
  account[venue_id::kalshi].fills = {f};
  account[venue_id::kalshi].positions = {{k_yes, lots(7)}};
  account[venue_id::kalshi].cash = usd(100'000 - 315);
  auto adopt = command("reconcile", "kalshi");
  adopt.argument = "adopt";
  manager->on_command(adopt, now);
  manager->on_fill_report(f, now);
  for (int i = 0; i < 200; ++i) {
    pass(1'000);
    describe();
    answer(manager->on_tick(now));
  }
  EXPECT_EQ(manager->breakers().of(venue_id::kalshi).state, breaker_state::closed);
  EXPECT_EQ(manager->positions().of(k_yes).q, lots(7));
  EXPECT_EQ(manager->books().cash(venue_id::kalshi), usd(100'000 - 315));
}

TEST_F(order_manager_control_test, first_snapshot_opens_the_books) {
  begin();
  EXPECT_EQ(manager->books().cash(venue_id::kalshi), usd(100'000));
  EXPECT_TRUE(manager->books().sum().is_zero());
  EXPECT_EQ(manager->status().reconciled.size(), 2u);
}

TEST_F(order_manager_control_test, settlement_pays_into_receivable_and_the_payout_into_cash) {
  begin();
  const auto legs = open_pair();
  for (const auto& t : legs) {
    ack(t, order_report::status::filled, lots(10));
    manager->on_fill_report(fill(t, "f" + t.contract.str(), lots(10)), now);
  }
  auto l = make_listing(venue_id::polymarket);
  l.status = listing_status::settled;
  l.settlement_value = ratio{1'000'000};
  const auto settled = manager->on_market(listing_signal(l), now);
  EXPECT_EQ(changes_of<store_booking>(settled).size(), 2u);
  EXPECT_TRUE(manager->positions().of(p_yes).q.is_zero());
  EXPECT_EQ(manager->books().balance(receivable_account(venue_id::polymarket)), usd(1'000));
  EXPECT_TRUE(changes_of<store_booking>(manager->on_market(listing_signal(l), now)).empty());

  account[venue_id::polymarket].cash = usd(100'000 - 900 + 1'000);
  pass(70'000);
  describe();
  answer(manager->on_tick(now));
  EXPECT_EQ(manager->books().cash(venue_id::polymarket), usd(100'100));
  EXPECT_TRUE(manager->books().balance(receivable_account(venue_id::polymarket)).is_zero());
}

TEST_F(order_manager_control_test, loss_of_the_day_trips_with_what_is_not_realised_yet) {
  settings.limits.daily_loss_max = usd(300);
  begin();
  manager->on_tick(now);
  const auto legs = open_pair();
  ack(legs[0], order_report::status::filled, lots(10));
  manager->on_fill_report(fill(legs[0], "f1", lots(10)), now);
  manager->on_book(make_book(legs[0].contract, now, 16, 20, 2));
  manager->on_tick(now);
  EXPECT_EQ(manager->breakers().of(global_scope).state, breaker_state::closed);
  manager->on_book(make_book(legs[0].contract, now, 15, 20, 3));
  manager->on_tick(now);
  EXPECT_EQ(manager->breakers().of(global_scope).cause, breaker_cause::daily_loss);
}

TEST_F(order_manager_control_test, silent_feed_trips_and_recovers_by_itself) {
  begin();
  pass(settings.feed_silence_ms_max + 1);
  manager->on_tick(now);
  EXPECT_EQ(manager->breakers().of(venue_id::kalshi).cause, breaker_cause::feed_down);
  describe();
  pass(settings.breakers.cool_down_ms);
  describe();
  manager->on_tick(now);
  EXPECT_EQ(manager->breakers().of(venue_id::kalshi).state, breaker_state::half_open);
}

TEST_F(order_manager_control_test, lost_lease_disarms) {
  begin();
  manager->on_trip(global_scope, breaker_cause::lease_lost, "gone", "lease", now);
  manager->on_command(command("resume"), now);
  const auto refused =
      manager->on_opportunity(make_opportunity("o1", p_yes, p_no, lots(10), now), now);
  EXPECT_EQ(changes_of<store_refusal>(refused).at(0).event.check, "armed");
}

TEST_F(order_manager_control_test, flood_of_refusals_is_counted_but_not_all_written) {
  settings.armed = false;
  begin();
  std::size_t written = 0;
  for (int i = 0; i < 1'000; ++i)
    written += changes_of<store_refusal>(
                   manager->on_opportunity(
                       make_opportunity("r" + std::to_string(i), p_yes, p_no, lots(10), now), now))
                   .size();
  EXPECT_EQ(manager->status().refusals, 1'000u);
  EXPECT_LE(written, 50u);
  pass(1'000);
  const auto next =
      manager->on_opportunity(make_opportunity("next", p_yes, p_no, lots(10), now), now);
  EXPECT_NE(changes_of<store_refusal>(next).at(0).event.detail.find("950"), std::string::npos);
}

}  // namespace
}  // namespace cornice::execution::testing
