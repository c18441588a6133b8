#include "cornice/execution/reconcile.hpp"

#include "cornice/execution/order_machine.hpp"
#include "market_world.hpp"

namespace cornice::execution::testing {
namespace {

class reconcile_test : public ::testing::Test {
 protected:
  reconcile_test() {
    describe_world(markets, start_time);
    request = {venue_id::kalshi, "r1", after_ms(-60'000), start_time};
    snapshot.venue = venue_id::kalshi;
    snapshot.cash = usd(10'000);
    snapshot.observed = after_ms(60'000);
  }
  order& ours(std::string id, order_state s, quantity filled = {}) {
    auto o = std::make_unique<order>();
    o->terms.id = order_id::of(id);
    o->terms.contract = k_yes;
    o->terms.limit = cents(45);
    o->terms.size = lots(10);
    o->terms.created = start_time;
    o->state = s;
    o->filled = filled;
    o->claimed = filled;
    o->sent_at = start_time;
    o->venue_order = venue_order_id::of("v-" + id);
    owned.push_back(std::move(o));
    return *owned.back();
  }
  order_report theirs(std::string id, order_report::status s, quantity filled = {}) {
    order_report r;
    r.venue = venue_id::kalshi;
    r.order = order_id::of(id);
    r.venue_order = venue_order_id::of("v-" + id);
    r.state = s;
    r.filled = filled;
    return r;
  }
  fill_report fill(std::string id, std::string of, quantity q) {
    fill_report f;
    f.venue = venue_id::kalshi;
    f.fill = venue_fill_id::of(std::move(id));
    f.venue_order = venue_order_id::of("v-" + of);
    f.contract = k_yes;
    f.p = cents(45);
    f.q = q;
    f.venue_time = after_ms(1);
    return f;
  }
  reconcile_result run() {
    std::vector<const order*> list;
    for (const auto& o : owned) list.push_back(o.get());
    const auto find = [&](const order_id& id, const venue_order_id& name) -> const order* {
      for (const auto& o : owned)
        if (o->terms.id == id || o->venue_order == name) return o.get();
      return nullptr;
    };
    const auto never = [](const contract_id&) { return timestamp{}; };
    return reconcile({list, find, positions, cash, markets, never}, snapshot, request, policy);
  }

  market_view markets;
  position_book positions;
  money cash = usd(10'000);
  std::vector<std::unique_ptr<order>> owned;
  snapshot_request request;
  account_snapshot snapshot;
  reconcile_policy policy;
};

TEST_F(reconcile_test, equal_accounts_are_explained) {
  const auto r = run();
  EXPECT_TRUE(r.explained());
  EXPECT_EQ(r.summary(), "no difference");
}

TEST_F(reconcile_test, missed_fill_explains_position_and_cash) {
  ours("a", order_state::filled, {}).claimed = lots(10);
  snapshot.fills = {fill("f1", "a", lots(10))};
  snapshot.positions = {{k_yes, lots(10)}};
  snapshot.cash = usd(10'000 - 450);
  const auto r = run();
  ASSERT_EQ(r.fills.size(), 1u);
  EXPECT_EQ(r.fills[0].order, order_id::of("a"));
  EXPECT_TRUE(r.explained()) << r.summary();
}

TEST_F(reconcile_test, known_fill_is_not_applied_again) {
  ours("a", order_state::filled, lots(10)).fills = {venue_fill_id::of("f1")};
  positions.restore(k_yes, {lots(10), usd(450), {}, {}});
  snapshot.fills = {fill("f1", "a", lots(10)), fill("f1", "a", lots(10))};
  snapshot.positions = {{k_yes, lots(10)}};
  const auto r = run();
  EXPECT_TRUE(r.fills.empty());
  EXPECT_TRUE(r.explained());
}

TEST_F(reconcile_test, fill_reported_as_the_opposite_contract_is_recognised) {
  auto& o = ours("a", order_state::live);
  o.terms.side = order_side::sell;
  auto f = fill("f1", "a", lots(2));
  f.contract = k_no;
  f.side = order_side::buy;
  f.p = cents(55);
  snapshot.fills = {f};
  snapshot.orders = {theirs("a", order_report::status::resting, lots(2))};
  const auto r = run();
  ASSERT_EQ(r.fills.size(), 1u);
  EXPECT_EQ(r.fills[0].contract, k_yes);
  EXPECT_EQ(r.fills[0].side, order_side::sell);
  EXPECT_EQ(r.fills[0].p, cents(45));
}

TEST_F(reconcile_test, absent_order_is_resolved_only_late_enough_and_when_asked_for) {
  auto& o = ours("a", order_state::in_doubt);
  o.in_doubt_since = start_time;
  snapshot.observed = after_ms(policy.absent_after_ms - 1);
  EXPECT_TRUE(run().orders.empty());
  EXPECT_EQ(run().unresolved.size(), 1u);
  snapshot.observed = after_ms(policy.absent_after_ms);
  ASSERT_EQ(run().orders.size(), 1u);
  EXPECT_EQ(run().orders[0].report.state, order_report::status::not_found);
  request.since = after_ms(1);
  EXPECT_TRUE(run().orders.empty()) << "the snapshot does not reach back to it";
}

TEST_F(reconcile_test, explicit_not_found_is_no_faster) {
  auto& o = ours("a", order_state::in_doubt);
  o.in_doubt_since = start_time;
  snapshot.orders = {theirs("a", order_report::status::not_found)};
  snapshot.observed = after_ms(100);
  EXPECT_TRUE(run().orders.empty());
}

TEST_F(reconcile_test, absent_order_that_the_venue_had_is_never_rejected) {
  for (const auto s : {order_state::live, order_state::cancel_pending}) {
    owned.clear();
    ours("a", s);
    const auto r = run();
    EXPECT_TRUE(r.orders.empty());
    EXPECT_EQ(r.unresolved.size(), 1u);
  }
}

TEST_F(reconcile_test, position_of_a_moving_contract_is_not_compared) {
  ours("a", order_state::live);
  snapshot.orders = {theirs("a", order_report::status::resting)};
  snapshot.positions = {{k_yes, lots(3)}};
  EXPECT_TRUE(run().explained());
  owned.clear();
  snapshot.orders.clear();
  const auto r = run();
  ASSERT_EQ(r.positions.size(), 1u);
  EXPECT_EQ(r.positions[0].venue, lots(3));
  EXPECT_FALSE(r.explained());
}

TEST_F(reconcile_test, strangers_are_differences) {
  snapshot.orders = {theirs("x", order_report::status::resting)};
  snapshot.fills = {fill("f9", "x", lots(1))};
  const auto r = run();
  EXPECT_EQ(r.foreign.size(), 1u);
  EXPECT_EQ(r.foreign_fills.size(), 1u);
  EXPECT_NE(r.summary().find("not ours"), std::string::npos);
}

TEST_F(reconcile_test, cash_is_compared_beyond_the_tolerance_and_without_open_orders) {
  snapshot.cash = usd(10'000) + policy.cash_tolerance;
  EXPECT_TRUE(run().explained());
  snapshot.cash += money{1};
  ASSERT_TRUE(run().cash_difference);
  ours("a", order_state::live);
  snapshot.orders = {theirs("a", order_report::status::resting)};
  EXPECT_FALSE(run().cash_difference);
}

TEST_F(reconcile_test, settled_holdings_may_linger_at_the_venue) {
  auto l = make_listing(venue_id::kalshi);
  l.status = listing_status::settled;
  markets.on_market(listing_signal(l));
  snapshot.positions = {{k_yes, lots(3)}};
  EXPECT_TRUE(run().explained());
}

}  // namespace
}  // namespace cornice::execution::testing
