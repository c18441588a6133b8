#include "cornice/execution/risk.hpp"

#include "cornice/execution/bundle_machine.hpp"
#include "market_world.hpp"

#include <algorithm>

namespace cornice::execution::testing {
namespace {

/// Everything is well; each test breaks one thing.
class risk_gate_test : public ::testing::Test {
 protected:
  risk_gate_test() {
    describe_world(markets, start_time);
    books.post(
        cash_movement("d1", ledger_kind::deposit, venue_id::kalshi, usd(100'000), "", start_time));
    books.post(cash_movement("d2", ledger_kind::deposit, venue_id::polymarket, usd(100'000), "",
                             start_time));
    view.armed = true;
    view.reconciled = {venue_id::kalshi, venue_id::polymarket};
    view.opportunity_known = [](const opportunity_id&) { return false; };
    view.order_known = [](const order_id&) { return false; };
  }

  std::variant<std::vector<approved_order>, refusal> admit(const opportunity& o,
                                                           timestamp now = start_time) {
    gate.set_limits(limits);
    const bundle_machine machine{o, {}, now};
    bundle_request r{&o, {}};
    std::size_t leg = 0;
    for (auto& t : machine.all_legs()) r.legs.push_back({t, o.legs[leg++].book_epoch});
    return gate.admit(r, view, exposure, now);
  }
  std::string refused(const opportunity& o, timestamp now = start_time) {
    const auto before = exposure.reservations();
    const auto outcome = admit(o, now);
    const auto* r = std::get_if<refusal>(&outcome);
    EXPECT_EQ(exposure.reservations() == before, r != nullptr)
        << "a refused bundle leaves no reservation, an approved one does";
    if (r != nullptr) {
      EXPECT_FALSE(r->text.empty());
    }
    return r == nullptr ? "" : r->check;
  }
  std::string refused_order(order_terms t, timestamp now = start_time) {
    gate.set_limits(limits);
    const auto outcome = gate.admit(order_request{std::move(t), std::nullopt}, view, exposure, now);
    const auto* r = std::get_if<refusal>(&outcome);
    return r == nullptr ? "" : r->check;
  }
  static opportunity pair(quantity size = lots(10), std::string id = "o1") {
    return make_opportunity(std::move(id), p_yes, p_no, size, start_time);
  }
  static opportunity cross(quantity size = lots(10)) {
    return make_opportunity("x1", k_yes, p_no, size, start_time);
  }

  risk_limits limits;
  market_view markets;
  position_book positions;
  ledger books;
  breaker_panel breakers{breaker_policy{}};
  std::set<contract_id> in_doubt;
  exposure_book exposure;
  risk_gate gate{limits};
  risk_view view{markets, positions, books, breakers, true, {}, 0, 0, {}, in_doubt, {}, {}};
};

TEST_F(risk_gate_test, good_bundle_is_approved_as_a_whole_and_reserved) {
  auto outcome = admit(cross());
  ASSERT_TRUE(std::holds_alternative<std::vector<approved_order>>(outcome));
  EXPECT_EQ(std::get<std::vector<approved_order>>(outcome).size(), 2u);
  EXPECT_EQ(exposure.open_orders(), 2u);
  EXPECT_GE(exposure.reserved_cash(venue_id::kalshi), usd(450)) << "price and fee bound";
}

TEST_F(risk_gate_test, refuses_when_not_armed) {
  view.armed = false;
  EXPECT_EQ(refused(pair()), "armed");
}

TEST_F(risk_gate_test, refuses_an_expired_opportunity) {
  EXPECT_EQ(refused(pair(), after_ms(1'000)), "opportunity_expired");
  EXPECT_EQ(refused(pair(), after_ms(999)), "");
}

TEST_F(risk_gate_test, refuses_what_was_handled_before) {
  view.opportunity_known = [](const opportunity_id&) { return true; };
  EXPECT_EQ(refused(pair()), "duplicate_opportunity");
  view.opportunity_known = [](const opportunity_id&) { return false; };
  view.order_known = [](const order_id&) { return true; };
  EXPECT_EQ(refused(pair()), "duplicate_order");
}

TEST_F(risk_gate_test, refuses_a_misshapen_plan) {
  auto one = pair();
  one.legs.pop_back();
  EXPECT_EQ(refused(one), "plan_shape");
  auto uneven = pair();
  uneven.legs[0].size = lots(9);
  EXPECT_EQ(refused(uneven), "plan_shape");
  auto sale = pair();
  sale.legs[0].side = order_side::sell;
  EXPECT_EQ(refused(sale), "plan_shape");
  auto twice = pair();
  twice.legs[1].contract = twice.legs[0].contract;
  EXPECT_EQ(refused(twice), "plan_shape");
}

TEST_F(risk_gate_test, refuses_an_edge_that_does_not_add_up) {
  auto wrong = pair();
  wrong.edge += usd(1);
  EXPECT_EQ(refused(wrong), "edge_positive");
  auto loss = pair();
  loss.payoff = loss.cost;
  loss.edge = -loss.fees;
  EXPECT_EQ(refused(loss), "edge_positive");
}

TEST_F(risk_gate_test, refuses_while_the_store_lags) {
  view.pending_commits = limits.pending_commits_max + 1;
  EXPECT_EQ(refused(pair()), "store_backlog");
}

TEST_F(risk_gate_test, refuses_at_the_daily_loss) {
  view.day_result = -limits.daily_loss_max + money{1};
  EXPECT_EQ(refused(pair()), "");
  view.day_result = -limits.daily_loss_max;
  EXPECT_EQ(refused(pair(lots(10), "o2")), "daily_loss");
}

TEST_F(risk_gate_test, refuses_too_many_bundles) {
  view.open_bundles = limits.open_bundles_max;
  EXPECT_EQ(refused(pair()), "open_bundles");
}

TEST_F(risk_gate_test, refuses_without_an_approved_mapping) {
  for (const auto s :
       {mapping_status::proposed, mapping_status::suspended, mapping_status::rejected}) {
    markets.on_market(mapping_signal(s));
    EXPECT_EQ(refused(cross()), "mapping_approved");
  }
  auto no_market = cross();
  no_market.market = {};
  EXPECT_EQ(refused(no_market), "mapping_approved");
}

TEST_F(risk_gate_test, refuses_when_the_rules_changed_after_the_mapping) {
  auto l = make_listing(venue_id::kalshi);
  l.rule_hash = "another";
  markets.on_market(listing_signal(l));
  EXPECT_EQ(refused(cross()), "mapping_approved");
}

TEST_F(risk_gate_test, refuses_the_whole_family_of_a_doubtful_order) {
  in_doubt.insert(k_no);
  EXPECT_EQ(refused(pair()), "in_doubt_pair") << "mapped to the same market";
}

TEST_F(risk_gate_test, refuses_a_leg_too_large_to_stand_alone) {
  limits.unhedged_max = usd(449);
  EXPECT_EQ(refused(pair()), "unhedged");
}

TEST_F(risk_gate_test, refuses_behind_an_open_breaker) {
  breakers.trip("polymarket", breaker_cause::feed_down, "", "feed", start_time);
  EXPECT_EQ(refused(cross()), "breaker_open");
  breakers.trip(global_scope, breaker_cause::kill, "", "file", start_time);
  EXPECT_EQ(refused(make_opportunity("k", k_yes, k_no, lots(5), start_time)), "breaker_open");
}

TEST_F(risk_gate_test, half_open_lets_one_bundle_at_a_time_through) {
  breakers.trip("polymarket", breaker_cause::refusal_burst, "", "x", start_time);
  breakers.tick(after_ms(10'000));
  for (const auto& c : all_contracts) markets.on_book(make_book(c, after_ms(10'000)));
  markets.on_feed(make_feed(venue_id::polymarket, after_ms(10'000)));
  auto o = pair();
  o.expires = after_ms(20'000);
  view.open_bundles = 1;
  EXPECT_EQ(refused(o, after_ms(10'000)), "breaker_half_open");
  view.open_bundles = 0;
  EXPECT_EQ(refused(o, after_ms(10'000)), "");
}

TEST_F(risk_gate_test, refuses_before_the_account_is_reconciled) {
  view.reconciled.erase(venue_id::kalshi);
  EXPECT_EQ(refused(cross()), "reconciled");
}

TEST_F(risk_gate_test, refuses_while_the_venue_does_not_trade) {
  markets.on_feed(make_feed(venue_id::polymarket, start_time, feed_state::degraded));
  EXPECT_EQ(refused(pair()), "venue_trading");
  auto off = make_feed(venue_id::polymarket, start_time);
  off.trading_active = false;
  markets.on_feed(off);
  EXPECT_EQ(refused(pair()), "venue_trading");
  markets.on_feed(make_feed(venue_id::polymarket, after_ms(-3'001)));
  EXPECT_EQ(refused(pair()), "feed_fresh");
}

TEST_F(risk_gate_test, refuses_a_listing_that_does_not_trade) {
  auto l = make_listing(venue_id::polymarket);
  l.status = listing_status::paused;
  markets.on_market(listing_signal(l));
  EXPECT_EQ(refused(pair()), "contract_tradable");
}

TEST_F(risk_gate_test, refuses_on_a_bad_book) {
  auto b = make_book(p_yes, start_time, 44, 45, 2);
  b.usable = false;
  markets.on_book(b);
  EXPECT_EQ(refused(pair()), "book_usable");
  b.usable = true;
  b.received = after_ms(-60'001);
  b.revision = 3;
  markets.on_book(b);
  EXPECT_EQ(refused(pair()), "book_fresh");
  b.received = start_time;
  b.epoch = 2;
  markets.on_book(b);
  EXPECT_EQ(refused(pair()), "book_epoch");
}

TEST_F(risk_gate_test, refuses_prices_off_the_grid_or_far_away) {
  auto off = make_opportunity("a", p_yes, p_no, lots(10), start_time, price::of_micros(451'000));
  EXPECT_EQ(refused(off), "price_on_grid");
  markets.on_book(make_book(p_yes, start_time, 30, 39, 2));
  EXPECT_EQ(refused(pair()), "price_collar");
  markets.on_book(make_book(p_yes, start_time, 30, 0, 3));
  EXPECT_EQ(refused(pair()), "price_collar");
}

TEST_F(risk_gate_test, refuses_sizes_that_the_venue_or_we_do_not_take) {
  EXPECT_EQ(refused(pair(lots(4))), "size_min");
  EXPECT_EQ(refused(pair(lots(5) + quantity{5'000})), "size_step");
  limits.defaults.order_size_max = lots(9);
  EXPECT_EQ(refused(pair()), "order_size");
  limits.defaults.order_size_max = lots(1'000);
  limits.defaults.order_notional_max = usd(449);
  EXPECT_EQ(refused(pair()), "order_notional");
}

TEST_F(risk_gate_test, venue_override_replaces_the_default) {
  limits.defaults.order_size_max = lots(1);
  limits.venues[venue_id::polymarket] = venue_limits{};
  EXPECT_EQ(refused(pair()), "");
  EXPECT_EQ(refused(cross()), "order_size");
}

TEST_F(risk_gate_test, positions_and_open_orders_count_together) {
  limits.defaults.contract_position_max = lots(25);
  exposure.set_position(p_yes, lots(8), usd(300));
  exposure.reserve(order_id::of("other"), {p_yes, order_side::buy, lots(8), usd(300)});
  EXPECT_EQ(refused(pair()), "contract_position");
}

TEST_F(risk_gate_test, exposure_limits_by_market_venue_and_in_all) {
  exposure.set_position(k_no, lots(10), usd(5'000));
  limits.market_exposure_max = usd(5'800);
  EXPECT_EQ(refused(pair()), "market_exposure") << "the second leg goes over";
  limits.market_exposure_max = usd(50'000);
  limits.gross_exposure_max = usd(5'800);
  EXPECT_EQ(refused(pair()), "gross_exposure");
  limits.gross_exposure_max = usd(50'000);
  limits.defaults.venue_exposure_max = usd(800);
  EXPECT_EQ(refused(pair()), "venue_exposure");
}

TEST_F(risk_gate_test, refuses_too_many_open_orders) {
  limits.defaults.open_orders_max = 1;
  EXPECT_EQ(refused(pair()), "open_orders_venue");
  limits.defaults.open_orders_max = 10;
  limits.open_orders_max = 1;
  EXPECT_EQ(refused(pair()), "open_orders");
}

TEST_F(risk_gate_test, refuses_the_same_order_again_and_again) {
  limits.repeats_max = 2;
  EXPECT_EQ(refused(pair(lots(10), "o1")), "");
  EXPECT_EQ(refused(pair(lots(10), "o2")), "");
  EXPECT_EQ(refused(pair(lots(10), "o3")), "repeated_order");
  EXPECT_EQ(refused(pair(lots(11), "o4")), "");
}

TEST_F(risk_gate_test, rate_is_limited_and_refills) {
  limits.defaults.orders_burst = 3;
  limits.defaults.orders_per_second = 4;
  EXPECT_EQ(refused(pair(lots(10), "o1")), "");
  EXPECT_EQ(refused(pair(lots(11), "o2")), "order_rate") << "one token is left, two are needed";
  EXPECT_EQ(refused(pair(lots(12), "o3"), after_ms(250)), "");
}

TEST_F(risk_gate_test, cash_counts_reservations_and_fees) {
  books.post(cash_movement("w", ledger_kind::deposit, venue_id::polymarket, usd(900 - 100'000), "",
                           start_time));
  EXPECT_EQ(refused(pair()), "cash") << "two legs of 4.50 fit, their fees do not";
  books.post(
      cash_movement("w2", ledger_kind::deposit, venue_id::polymarket, usd(50), "", start_time));
  EXPECT_EQ(refused(pair()), "");
}

TEST_F(risk_gate_test, sale_needs_a_holding_where_nothing_is_netted) {
  order_terms t;
  t.id = order_id::of("u1");
  t.purpose = order_purpose::unwind;
  t.side = order_side::sell;
  t.contract = p_yes;
  t.limit = cents(44);
  t.size = lots(6);
  EXPECT_EQ(refused_order(t), "holding");
  exposure.set_position(p_yes, lots(10), usd(450));
  EXPECT_EQ(refused_order(t), "");
  t.id = order_id::of("u2");
  EXPECT_EQ(refused_order(t), "holding") << "the first sale already takes six of the ten";
  t.contract = k_yes;
  EXPECT_EQ(refused_order(t), "") << "Kalshi nets: it reduces the pair";
}

TEST_F(risk_gate_test, sale_beyond_the_holding_counts_as_the_purchase_that_it_is) {
  order_terms t;
  t.id = order_id::of("u1");
  t.purpose = order_purpose::unwind;
  t.side = order_side::sell;
  t.contract = k_yes;
  t.limit = cents(44);
  t.size = lots(10);
  exposure.set_position(k_yes, lots(4), usd(180));
  EXPECT_EQ(refused_order(t), "");
  const money reserved = exposure.reserved_cash(venue_id::kalshi);
  EXPECT_GE(reserved, usd(6 * 56)) << "six NO at 0.56";
  EXPECT_LT(reserved, usd(7 * 56));
  limits.gross_exposure_max = usd(180 + 6 * 56);
  exposure.release(t.id);
  EXPECT_EQ(refused_order(t), "gross_exposure") << "the fees no longer fit";
}

TEST_F(risk_gate_test, repair_is_admitted_past_bundle_limits_but_not_past_a_kill) {
  order_terms t;
  t.id = order_id::of("c1");
  t.purpose = order_purpose::complete;
  t.contract = p_yes;
  t.limit = cents(46);
  t.size = lots(6);
  view.open_bundles = 1'000;
  view.day_result = -limits.daily_loss_max;
  EXPECT_EQ(refused_order(t), "");
  breakers.trip(global_scope, breaker_cause::kill, "", "file", start_time);
  t.id = order_id::of("c2");
  EXPECT_EQ(refused_order(t), "breaker_open");
}

TEST_F(risk_gate_test, names_of_checks_are_unique) {
  const auto names = risk_checks();
  EXPECT_EQ((std::set<std::string_view>{names.begin(), names.end()}).size(), names.size());
  EXPECT_GT(names.size(), 30u);
}

}  // namespace
}  // namespace cornice::execution::testing
