#include "cornice/execution/bundle_machine.hpp"

#include "cornice/execution/ids.hpp"
#include "market_world.hpp"

namespace cornice::execution::testing {
namespace {

/// Drives one bundle by hand: orders are plain values that a test sets.
class bundle_machine_test : public ::testing::Test {
 protected:
  bundle_machine_test() { describe_world(markets, start_time); }

  void begin(quantity size = lots(10)) {
    machine = std::make_unique<bundle_machine>(
        make_opportunity("o1", p_yes, p_no, size, start_time), policy, start_time);
    for (const auto& t : machine->opening_orders()) add(t);
  }
  order& add(const order_terms& t) {
    order o;
    o.terms = t;
    o.state = order_state::sent;
    orders.push_back(o);
    return orders.back();
  }
  void end(std::size_t i, quantity filled) {
    orders[i].filled = filled;
    orders[i].claimed = filled;
    orders[i].fill_notional = notional(orders[i].terms.limit, filled, rounding::up);
    orders[i].state = filled == orders[i].terms.size ? order_state::filled : order_state::cancelled;
  }
  std::vector<bundle_action> step(std::int64_t at_ms) {
    std::vector<const order*> list;
    for (const auto& o : orders) list.push_back(&o);
    for (const auto& c : all_contracts) {
      auto b = make_book(c, after_ms(at_ms), bid, ask, ++revision);
      markets.on_book(b);
    }
    return machine->step(list, markets, after_ms(at_ms));
  }
  static std::vector<order_terms> placed(const std::vector<bundle_action>& list) {
    std::vector<order_terms> found;
    for (const auto& a : list)
      if (const auto* p = std::get_if<place_order>(&a)) found.push_back(p->terms);
    return found;
  }
  static bool tripped(const std::vector<bundle_action>& list) {
    return std::ranges::any_of(
        list, [](const auto& a) { return std::holds_alternative<trip_breaker>(a); });
  }
  bundle_state state() const { return machine->get().state; }

  bundle_policy policy;
  market_view markets;
  std::unique_ptr<bundle_machine> machine;
  std::vector<order> orders;
  std::int64_t bid = 44;
  std::int64_t ask = 45;
  std::uint64_t revision = 1;
};

TEST_F(bundle_machine_test, both_legs_filled_is_done) {
  begin();
  ASSERT_EQ(orders.size(), 2u);
  EXPECT_TRUE(step(10).empty());
  EXPECT_EQ(state(), bundle_state::working);
  end(0, lots(10));
  EXPECT_TRUE(step(20).empty()) << "the other leg is still open";
  end(1, lots(10));
  step(30);
  EXPECT_EQ(state(), bundle_state::done);
  EXPECT_TRUE(step(40).empty()) << "an end is final";
}

TEST_F(bundle_machine_test, no_fill_is_abandoned_and_equal_fills_are_done) {
  begin();
  end(0, {});
  end(1, {});
  step(10);
  EXPECT_EQ(state(), bundle_state::abandoned);
  orders.clear();
  begin();
  end(0, lots(6));
  end(1, lots(6));
  step(10);
  EXPECT_EQ(state(), bundle_state::done);
}

TEST_F(bundle_machine_test, missing_quantity_is_bought_within_the_price_budget) {
  begin();
  end(0, lots(10));
  end(1, lots(3));
  ask = 46;
  const auto again = placed(step(10));
  ASSERT_EQ(again.size(), 1u);
  EXPECT_EQ(again[0].contract, p_no);
  EXPECT_EQ(again[0].size, lots(7));
  EXPECT_EQ(again[0].limit, cents(47)) << "two cents above the leg's limit";
  EXPECT_EQ(again[0].tif, time_in_force::ioc);
  EXPECT_EQ(again[0].purpose, order_purpose::complete);
  EXPECT_EQ(again[0].id, order_id_of(machine->get().id, 1, 1));
  EXPECT_EQ(state(), bundle_state::completing);
  add(again[0]);
  EXPECT_TRUE(step(20).empty()) << "one attempt at a time";
  end(2, lots(7));
  step(30);
  EXPECT_EQ(state(), bundle_state::done);
}

TEST_F(bundle_machine_test, too_expensive_is_waited_for_and_then_sold) {
  begin();
  end(0, lots(10));
  end(1, {});
  ask = 48;
  EXPECT_TRUE(placed(step(10)).empty());
  EXPECT_EQ(state(), bundle_state::completing);
  const auto sale = placed(step(10 + policy.completion_ms_max));
  EXPECT_EQ(state(), bundle_state::unwinding);
  ASSERT_EQ(sale.size(), 1u);
  EXPECT_EQ(sale[0].contract, p_yes);
  EXPECT_EQ(sale[0].side, order_side::sell);
  EXPECT_EQ(sale[0].size, lots(10));
  EXPECT_EQ(sale[0].limit, cents(39)) << "the best bid minus the collar";
  add(sale[0]);
  end(2, lots(10));
  step(4'000);
  EXPECT_EQ(state(), bundle_state::unwound);
}

TEST_F(bundle_machine_test, attempts_to_complete_are_bounded) {
  begin();
  end(0, lots(10));
  end(1, {});
  std::int64_t now = 10;
  std::int64_t attempts = 0;
  while (state() != bundle_state::unwinding && now < 10'000) {
    for (const auto& t : placed(step(now))) {
      if (t.purpose != order_purpose::complete) continue;
      ++attempts;
      add(t);
      end(orders.size() - 1, {});
    }
    now += 100;
  }
  EXPECT_EQ(attempts, policy.completion_attempts_max);
  EXPECT_EQ(state(), bundle_state::unwinding);
}

TEST_F(bundle_machine_test, loss_budget_is_a_floor_under_the_sale) {
  policy.unwind_loss_max = usd(10);
  policy.completion_attempts_max = 0;
  begin();
  end(0, lots(10));
  end(1, {});
  const auto sale = placed(step(10));
  ASSERT_EQ(sale.size(), 1u);
  EXPECT_EQ(sale[0].limit, cents(44)) << "ten contracts may lose one cent each";
  add(sale[0]);
  end(2, lots(6));  // lost 6 cents
  orders[2].fill_notional = notional(cents(44), lots(6), rounding::down);
  const auto rest = placed(step(400));
  ASSERT_EQ(rest.size(), 0u) << "four contracts are below the venue's minimum of five";
  EXPECT_EQ(state(), bundle_state::unwound) << "and small enough to be kept";
}

TEST_F(bundle_machine_test, no_bid_within_the_budget_ends_stuck_and_trips) {
  policy.completion_attempts_max = 0;
  policy.unwind_loss_max = usd(1);
  policy.residual_max = usd(100);
  begin();
  end(0, lots(10));
  end(1, {});
  bid = 40;
  EXPECT_TRUE(step(10).empty());
  EXPECT_EQ(state(), bundle_state::unwinding);
  EXPECT_TRUE(step(10 + policy.unwind_ms_max - 1).empty());
  const auto last = step(10 + policy.unwind_ms_max);
  EXPECT_TRUE(tripped(last));
  EXPECT_EQ(state(), bundle_state::stuck);
}

TEST_F(bundle_machine_test, doubt_blocks_everything) {
  begin();
  end(0, lots(10));
  orders[1].state = order_state::in_doubt;
  EXPECT_TRUE(step(60'000).empty());
  EXPECT_EQ(state(), bundle_state::working);
}

TEST_F(bundle_machine_test, resting_leg_is_cancelled_in_time) {
  policy.tif = time_in_force::gtc;
  begin();
  end(0, lots(10));
  orders[1].state = order_state::live;
  EXPECT_TRUE(step(policy.rest_ms_max - 1).empty());
  const auto late = step(policy.rest_ms_max);
  ASSERT_EQ(late.size(), 1u);
  EXPECT_TRUE(std::holds_alternative<cancel_order>(late[0]));
}

TEST_F(bundle_machine_test, thinnest_first_sends_the_next_leg_for_what_the_first_got) {
  policy.order = leg_order::thinnest_first;
  begin();
  ASSERT_EQ(orders.size(), 1u);
  EXPECT_EQ(machine->all_legs().size(), 2u);
  end(0, lots(6));
  const auto next = placed(step(10));
  ASSERT_EQ(next.size(), 1u);
  EXPECT_EQ(next[0].contract, p_no);
  EXPECT_EQ(next[0].size, lots(6));
  EXPECT_EQ(next[0].purpose, order_purpose::open);
}

TEST_F(bundle_machine_test, thinnest_first_stops_when_the_first_leg_gets_nothing) {
  policy.order = leg_order::thinnest_first;
  begin();
  end(0, {});
  EXPECT_TRUE(placed(step(10)).empty());
  EXPECT_EQ(state(), bundle_state::abandoned);
}

TEST_F(bundle_machine_test, refused_second_leg_leads_to_an_unwind) {
  policy.order = leg_order::thinnest_first;
  begin();
  end(0, lots(10));
  ASSERT_EQ(placed(step(10)).size(), 1u);
  machine->on_refused(order_purpose::open, "cash", after_ms(10));
  const auto sale = placed(step(300));
  ASSERT_EQ(sale.size(), 1u);
  EXPECT_EQ(sale[0].side, order_side::sell);
}

TEST_F(bundle_machine_test, refused_repair_is_tried_again_after_a_pause) {
  begin();
  end(0, lots(10));
  end(1, {});
  ASSERT_EQ(placed(step(10)).size(), 1u);
  machine->on_refused(order_purpose::complete, "order_rate", after_ms(10));
  EXPECT_TRUE(placed(step(10 + policy.retry_ms - 1)).empty());
  EXPECT_EQ(placed(step(10 + policy.retry_ms)).size(), 1u);
}

TEST_F(bundle_machine_test, unhedged_is_the_cost_of_the_longer_side) {
  begin();
  end(0, lots(10));
  end(1, lots(4));
  const order* list[] = {&orders[0], &orders[1]};
  EXPECT_EQ(bundle_machine::unhedged(machine->get(), list), usd(270));
}

TEST_F(bundle_machine_test, record_is_all_that_a_restart_needs) {
  begin();
  end(0, lots(10));
  end(1, {});
  ask = 48;
  step(10);
  bundle_machine again{machine->get()};
  machine = std::make_unique<bundle_machine>(again.get());
  EXPECT_EQ(placed(step(10 + policy.completion_ms_max)).size(), 1u);
  EXPECT_EQ(state(), bundle_state::unwinding);
}

TEST(leg_orders, names_read_back) {
  for (const auto o : {leg_order::simultaneous, leg_order::thinnest_first})
    EXPECT_EQ(parse_leg_order(to_string(o)).value(), o);
  EXPECT_FALSE(parse_leg_order("random"));
}

}  // namespace
}  // namespace cornice::execution::testing
