#include "cornice/venue/fees.hpp"

#include <boost/multiprecision/cpp_int.hpp>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace cornice::venue {
namespace {

using boost::multiprecision::cpp_int;
using boost::multiprecision::cpp_rational;

constexpr auto direct = kalshi_membership::direct;
const timestamp before_september = from_unix_s(1'780'000'000);  // 2026-05-28
const timestamp now = from_unix_s(1'795'000'000);               // 2026-11-18

fee_schedule kalshi(std::int64_t multiplier_ppm = 1'000'000, ratio maker = {}) {
  return {fee_schedule::model::kalshi, kalshi_taker_rate, maker, ratio{multiplier_ppm}, 1};
}

fee_schedule polymarket(std::int64_t rate_ppm, std::int64_t exponent = 1) {
  return {fee_schedule::model::polymarket, ratio{rate_ppm}, ratio{}, ratio{1'000'000}, exponent};
}

price at(std::string_view text) {
  return price::parse(text).value();
}
quantity of(std::string_view text) {
  return quantity::parse(text).value();
}
money usd(std::string_view text) {
  return money::parse(text).value();
}

cpp_rational ppm(std::int64_t n) {
  return {n, 1'000'000};
}

// The model in dollars, without any rounding.
cpp_rational exact_model(const fee_schedule& s, price p, quantity q) {
  cpp_rational out = ppm(s.taker_rate.ppm) * ppm(q.micros());
  if (s.kind == fee_schedule::model::kalshi) out *= ppm(s.multiplier.ppm);
  for (std::int64_t i = 0; i < s.exponent; ++i)
    out *= ppm(p.micros()) * ppm(p.complement().micros());
  return out;
}

cpp_int floor_of(const cpp_rational& x) {  // of a number that is not negative
  return numerator(x) / denominator(x);
}

cpp_int ceil_of(const cpp_rational& x) {
  const cpp_int down = floor_of(x);
  return cpp_rational{down} == x ? down : cpp_int{down + 1};
}

rc::Gen<price> any_price() {
  return rc::gen::map(rc::gen::inRange<std::int64_t>(0, price::one + 1), price::of_micros);
}

rc::Gen<quantity> any_quantity() {
  return rc::gen::map(rc::gen::inRange<std::int64_t>(1, 1'000'000'000'000),
                      [](std::int64_t micros) { return quantity{micros}; });
}

rc::Gen<quantity> venue_quantity() {
  return rc::gen::map(rc::gen::inRange<std::int64_t>(1, 100'000),
                      [](std::int64_t hundredths) { return quantity{hundredths * 10'000}; });
}

rc::Gen<price> venue_price(std::int64_t step) {
  return rc::gen::map(rc::gen::inRange<std::int64_t>(1, price::one / step),
                      [step](std::int64_t n) { return price::of_micros(n * step); });
}

TEST(fees, kalshi_taker_table_per_hundred_contracts) {
  const auto fee = [](std::string_view p) {
    return taker_fee(venue_id::kalshi, kalshi(), at(p), of("100")).to_string();
  };
  EXPECT_EQ(fee("0.50"), "1.75");
  EXPECT_EQ(fee("0.25"), "1.3125");
  EXPECT_EQ(fee("0.75"), "1.3125");
  EXPECT_EQ(fee("0.10"), "0.63");
  EXPECT_EQ(fee("0.90"), "0.63");
  EXPECT_EQ(fee("0.05"), "0.3325");
  EXPECT_EQ(fee("0.95"), "0.3325");
  EXPECT_EQ(fee("0.01"), "0.0693");
  EXPECT_EQ(fee("0.99"), "0.0693");
}

TEST(fees, kalshi_single_contracts_as_the_venue_charged_them) {
  kalshi_order_fees order{kalshi(), kalshi_terms(direct, now)};
  const auto first = order.on_fill(order_side::buy, liquidity::taker, at("0.52"), of("1"));
  EXPECT_EQ(first.trade, usd("0.017472"));
  EXPECT_EQ(first.rounding, usd("0.000028"));
  EXPECT_EQ(first.net, usd("0.0175"));
  EXPECT_EQ(taker_fee(venue_id::kalshi, kalshi(), at("0.99"), of("1")), usd("0.0007"));
}

TEST(fees, kalshi_trade_fee_had_four_decimals_before_september_2026) {
  const auto fee = [](timestamp when) {
    return trade_fee(kalshi(), liquidity::taker, at("0.52"), of("1"), kalshi_terms(direct, when));
  };
  EXPECT_EQ(fee(before_september), usd("0.0175"));
  EXPECT_EQ(fee(now), usd("0.017472"));
  EXPECT_EQ(fee(kalshi_six_decimals_since - std::chrono::microseconds{1}), usd("0.0175"));
  EXPECT_EQ(fee(kalshi_six_decimals_since), usd("0.017472"));
}

TEST(fees, kalshi_through_a_broker_is_charged_in_cents) {
  const auto terms = kalshi_terms(kalshi_membership::intermediated, now);
  EXPECT_EQ(taker_fee(venue_id::kalshi, kalshi(), at("0.50"), of("1"), terms), usd("0.02"));
  EXPECT_EQ(taker_fee(venue_id::kalshi, kalshi(), at("0.99"), of("1"), terms), usd("0.01"));
}

TEST(fees, kalshi_maker_pays_by_the_type_of_its_series) {
  const auto fee = [](ratio rate) {
    return maker_fee(venue_id::kalshi, kalshi(1'000'000, rate), at("0.50"), of("100"));
  };
  EXPECT_EQ(fee(ratio{}), money{});
  EXPECT_EQ(fee(kalshi_maker_rate), usd("0.4375"));
  EXPECT_EQ(fee(kalshi_combo_maker_rate), usd("0.875"));
}

TEST(fees, kalshi_multiplier_scales_and_zero_is_free) {
  EXPECT_EQ(taker_fee(venue_id::kalshi, kalshi(500'000), at("0.50"), of("100")), usd("0.875"));
  EXPECT_EQ(taker_fee(venue_id::kalshi, kalshi(0), at("0.50"), of("100")), money{});
}

TEST(fees, kalshi_rounding_comes_back_within_the_order) {
  // 0.0693 per hundred at 0.01: each contract is 0.000693, so each fill takes 0.000007 too much
  // and after fifteen of them a whole step has come together.
  kalshi_order_fees order{kalshi(), kalshi_terms(direct, now)};
  money total;
  int rebates = 0;
  for (int i = 0; i < 100; ++i) {
    const auto fee = order.on_fill(order_side::buy, liquidity::taker, at("0.01"), of("1"));
    total += fee.net;
    rebates += fee.rebate.is_zero() ? 0 : 1;
  }
  EXPECT_EQ(total, usd("0.0693"));
  EXPECT_EQ(order.total(), total);
  EXPECT_EQ(order.held(), money{});
  EXPECT_EQ(rebates, 7);
}

TEST(fees, polymarket_published_vectors) {
  struct vector {
    std::string_view shares, price, fee;
    std::int64_t rate_ppm, exponent;
  };
  const std::vector<vector> vectors{
      {"100", "0.01", "0.0693", 70'000, 1},      {"100", "0.30", "1.47", 70'000, 1},
      {"100", "0.50", "1.75", 70'000, 1},        {"100", "0.50", "1.25", 50'000, 1},
      {"100", "0.25", "0.75", 40'000, 1},        {"100", "0.50", "0", 0, 1},
      {"12.34", "0.0025", "0.00215", 70'000, 1}, {"0.1", "0.0001", "0", 70'000, 1},
      {"100", "0.5", "1.5625", 250'000, 2}};
  for (const auto& v : vectors)
    EXPECT_EQ(taker_fee(venue_id::polymarket, polymarket(v.rate_ppm, v.exponent), at(v.price),
                        of(v.shares)),
              usd(v.fee))
        << v.shares << " at " << v.price;
}

TEST(fees, polymarket_charges_nothing_below_its_smallest_step) {
  // 0.04 × C × 0.25: 0.001 shares are exactly 0.00001, a little less is nothing.
  const auto s = polymarket(40'000);
  EXPECT_EQ(taker_fee(venue_id::polymarket, s, at("0.5"), of("0.001")), usd("0.00001"));
  EXPECT_EQ(taker_fee(venue_id::polymarket, s, at("0.5"), of("0.000999")), money{});
  EXPECT_EQ(taker_fee(venue_id::polymarket, s, at("0.5"), of("0.0015")), usd("0.00002"));
  EXPECT_EQ(taker_fee(venue_id::polymarket, s, at("0.5"), of("0.001499")), usd("0.00001"));
}

TEST(fees, polymarket_makers_pay_nothing) {
  EXPECT_EQ(maker_fee(venue_id::polymarket, polymarket(70'000), at("0.5"), of("100")), money{});
}

TEST(fees, a_schedule_that_is_not_known_costs_the_whole_payout) {
  const fee_schedule unknown;
  EXPECT_EQ(taker_fee(venue_id::kalshi, unknown, at("0.5"), of("3")), usd("3"));
  EXPECT_EQ(fee_bound(venue_id::kalshi, unknown, order_side::buy, at("0.5"), of("3")), usd("3"));
  EXPECT_EQ(taker_fee(venue_id::polymarket, polymarket(70'000, 9), at("0.5"), of("3")), usd("3"));
}

TEST(fees, nothing_is_charged_for_nothing) {
  EXPECT_EQ(taker_fee(venue_id::kalshi, kalshi(), at("0.5"), quantity{}), money{});
  EXPECT_EQ(taker_fee(venue_id::kalshi, kalshi(), at("0.5"), of("-5")), money{});
  EXPECT_EQ(fee_bound(venue_id::kalshi, kalshi(), order_side::buy, at("0.5"), of("-5")), money{});
  const fee_schedule free{fee_schedule::model::none, {}, {}, ratio{1'000'000}, 1};
  EXPECT_EQ(taker_fee(venue_id::sim, free, at("0.5"), of("5")), money{});
}

TEST(fees, absurd_numbers_are_cut_instead_of_wrapping) {
  constexpr std::int64_t huge = 9'000'000'000'000'000'000;
  auto s = kalshi(huge);
  s.taker_rate = ratio{huge};
  const money fee = trade_fee(s, liquidity::taker, at("0.5"), quantity{huge});
  EXPECT_GE(fee, money{900'000'000'000'000'000});
  EXPECT_LE(fee, money{900'000'000'000'000'001});
}

RC_GTEST_PROP(fees_property, kalshi_equals_the_rational_reference, ()) {
  const auto p = *any_price();
  const auto q = *any_quantity();
  const auto multiplier = *rc::gen::inRange<std::int64_t>(0, 20'000'000);
  const auto step = *rc::gen::element<std::int64_t>(1, 100);
  fee_terms terms;
  terms.trade_fee_step_micros = step;
  const auto s = kalshi(multiplier);
  const cpp_rational steps = exact_model(s, p, q) * 1'000'000 / step;
  const cpp_int expected = ceil_of(steps) * step;
  RC_ASSERT(cpp_int{trade_fee(s, liquidity::taker, p, q, terms).micros()} == expected);
}

RC_GTEST_PROP(fees_property, polymarket_equals_the_rational_reference, ()) {
  const auto p = *any_price();
  const auto q = *any_quantity();
  const auto s = polymarket(*rc::gen::inRange<std::int64_t>(0, 1'000'001),
                            *rc::gen::inRange<std::int64_t>(0, 5));
  const cpp_rational steps = exact_model(s, p, q) * 100'000;
  const cpp_int expected =
      steps < 1 ? cpp_int{0} : cpp_int{floor_of(steps + cpp_rational{1, 2}) * 10};
  RC_ASSERT(cpp_int{trade_fee(s, liquidity::taker, p, q).micros()} == expected);
}

RC_GTEST_PROP(fees_property, never_negative_symmetric_and_growing_with_quantity, ()) {
  const auto s = *rc::gen::arbitrary<bool>() ? kalshi() : polymarket(70'000, 2);
  const auto p = *any_price();
  const auto q = *any_quantity();
  const auto more = q + *any_quantity();
  const money fee = trade_fee(s, liquidity::taker, p, q);
  RC_ASSERT(!fee.is_negative());
  RC_ASSERT(fee == trade_fee(s, liquidity::taker, p.complement(), q));
  RC_ASSERT(trade_fee(s, liquidity::taker, p, more) >= fee);
}

RC_GTEST_PROP(fees_property, one_kalshi_fill_keeps_the_balance_on_its_step, ()) {
  const auto p = *venue_price(100);
  const auto q = *venue_quantity();
  const auto side = *rc::gen::element(order_side::buy, order_side::sell);
  kalshi_order_fees order{kalshi(), kalshi_terms(direct, now)};
  const auto fee = order.on_fill(side, liquidity::taker, p, q);
  const money revenue =
      side == order_side::buy ? -notional(p, q, rounding::up) : notional(p, q, rounding::down);
  RC_ASSERT((revenue - fee.net).micros() % 100 == 0);
  RC_ASSERT(fee.net >= fee.trade);
  RC_ASSERT(fee.net - fee.trade < money{100});
  RC_ASSERT(taker_fee(venue_id::kalshi, kalshi(), p, q) >= fee.net);
  RC_ASSERT(taker_fee(venue_id::kalshi, kalshi(), p, q) ==
            taker_fee(venue_id::kalshi, kalshi(), p.complement(), q));
}

RC_GTEST_PROP(fees_property, kalshi_fills_of_one_order_cost_at_most_a_step_more_than_one_fill, ()) {
  const auto p = *venue_price(10'000);
  const auto sizes = *rc::gen::container<std::vector<quantity>>(venue_quantity());
  RC_PRE(!sizes.empty());
  kalshi_order_fees order{kalshi(), kalshi_terms(direct, now)};
  quantity whole;
  for (const auto q : sizes) {
    const auto fee = order.on_fill(order_side::buy, liquidity::taker, p, q);
    RC_ASSERT(!fee.net.is_negative());
    whole += q;
  }
  const money once = trade_fee(kalshi(), liquidity::taker, p, whole);
  const auto fills = static_cast<std::int64_t>(sizes.size());
  RC_ASSERT(order.total() >= once);
  RC_ASSERT(order.total() <= once + money{fills + 100});
  RC_ASSERT(order.held() < money{100});
}

RC_GTEST_PROP(fees_property, the_bound_holds_however_a_kalshi_order_fills, ()) {
  const auto step = *rc::gen::element<std::int64_t>(10'000, 1'000, 100);
  const auto limit = *venue_price(step);
  const auto side = *rc::gen::element(order_side::buy, order_side::sell);
  const auto s = kalshi(*rc::gen::inRange<std::int64_t>(0, 3'000'000), kalshi_maker_rate);
  auto terms = kalshi_terms(*rc::gen::element(direct, kalshi_membership::intermediated),
                            *rc::gen::element(before_september, now));
  kalshi_order_fees order{s, terms};
  quantity whole;
  const auto fills = *rc::gen::inRange(1, 40);
  for (int i = 0; i < fills; ++i) {
    const auto p = *rc::gen::suchThat(venue_price(step), [&](price x) {
      return side == order_side::buy ? x <= limit : x >= limit;
    });
    const auto q = *rc::gen::map(rc::gen::inRange<std::int64_t>(1, 300),
                                 [](std::int64_t n) { return quantity{n * 10'000}; });
    order.on_fill(side, *rc::gen::element(liquidity::maker, liquidity::taker), p, q);
    whole += q;
  }
  RC_ASSERT(order.total() <= fee_bound(venue_id::kalshi, s, side, limit, whole, terms));
  terms.price_step_micros = step;
  RC_ASSERT(order.total() <= fee_bound(venue_id::kalshi, s, side, limit, whole, terms));
}

RC_GTEST_PROP(fees_property, the_bound_holds_however_a_polymarket_order_fills, ()) {
  const auto s = polymarket(70'000, *rc::gen::inRange<std::int64_t>(1, 3));
  const auto limit = *venue_price(100);
  const auto side = *rc::gen::element(order_side::buy, order_side::sell);
  money total;
  quantity whole;
  const auto fills = *rc::gen::inRange(1, 40);
  for (int i = 0; i < fills; ++i) {
    const auto p = *rc::gen::suchThat(venue_price(100), [&](price x) {
      return side == order_side::buy ? x <= limit : x >= limit;
    });
    const auto q = *venue_quantity();
    total += taker_fee(venue_id::polymarket, s, p, q);
    whole += q;
  }
  RC_ASSERT(total <= fee_bound(venue_id::polymarket, s, side, limit, whole));
}

}  // namespace
}  // namespace cornice::venue
