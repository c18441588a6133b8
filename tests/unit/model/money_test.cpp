#include "cornice/model/money.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <limits>
#include <string>

namespace cornice {
namespace {

constexpr std::int64_t largest = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t smallest = std::numeric_limits<std::int64_t>::min();
constexpr rounding all_roundings[] = {rounding::down, rounding::up, rounding::half_up,
                                      rounding::half_even};

// Rounds by definition: looks for the integer among the neighbours of the exact quotient that the
// rule names. Slow and unlike the implementation on purpose.
int128 rounded_by_definition(int128 n, int128 d, rounding how) {
  int128 below = n / d - 1;  // at most the floor
  while ((below + 1) * d <= n) ++below;
  if (below * d == n) return below;
  const int128 above = below + 1;
  const int128 to_below = n - below * d;
  const int128 to_above = above * d - n;
  switch (how) {
    case rounding::down:
      return below;
    case rounding::up:
      return above;
    case rounding::half_up:
      if (to_below == to_above) return n > 0 ? above : below;
      break;
    case rounding::half_even:
      if (to_below == to_above) return below % 2 == 0 ? below : above;
      break;
  }
  return to_below < to_above ? below : above;
}

TEST(divide, ties_of_both_signs_round_as_named) {
  struct row {
    std::int64_t numerator;
    std::int64_t down, up, half_up, half_even;
  };
  for (const row& r : {row{5, 2, 3, 3, 2}, row{-5, -3, -2, -3, -2}, row{3, 1, 2, 2, 2},
                       row{-3, -2, -1, -2, -2}, row{1, 0, 1, 1, 0}, row{-1, -1, 0, -1, 0},
                       row{4, 2, 2, 2, 2}, row{-4, -2, -2, -2, -2}, row{0, 0, 0, 0, 0}}) {
    EXPECT_EQ(divide(r.numerator, 2, rounding::down), r.down) << r.numerator;
    EXPECT_EQ(divide(r.numerator, 2, rounding::up), r.up) << r.numerator;
    EXPECT_EQ(divide(r.numerator, 2, rounding::half_up), r.half_up) << r.numerator;
    EXPECT_EQ(divide(r.numerator, 2, rounding::half_even), r.half_even) << r.numerator;
  }
}

RC_GTEST_PROP(divide_property, agrees_with_the_definition_of_each_rounding, ()) {
  const auto a = *rc::gen::arbitrary<std::int64_t>();
  const auto b = *rc::gen::inRange<std::int64_t>(-1'000'000, 1'000'001);
  const auto d = *rc::gen::inRange<std::int64_t>(1'000'000, 2'000'000);
  for (const rounding how : all_roundings) {
    const int128 product = int128{a} * b;
    const int128 expected = rounded_by_definition(product, d, how);
    if (expected >= smallest && expected <= largest)
      RC_ASSERT(divide(product, d, how) == static_cast<std::int64_t>(expected));
  }
}

RC_GTEST_PROP(divide_property, small_numbers_meet_many_ties, ()) {
  const auto n = *rc::gen::inRange<std::int64_t>(-200, 201);
  const auto d = *rc::gen::inRange<std::int64_t>(1, 13);
  for (const rounding how : all_roundings)
    RC_ASSERT(divide(n, d, how) == static_cast<std::int64_t>(rounded_by_definition(n, d, how)));
}

RC_GTEST_PROP(divide_property, mirror_of_down_is_up, (std::int64_t n)) {
  RC_PRE(n != smallest);
  const auto d = *rc::gen::inRange<std::int64_t>(1, 1'000'000);
  RC_ASSERT(divide(n, d, rounding::down) == -divide(-int128{n}, d, rounding::up));
  RC_ASSERT(divide(n, d, rounding::half_up) == -divide(-int128{n}, d, rounding::half_up));
  RC_ASSERT(divide(n, d, rounding::half_even) == -divide(-int128{n}, d, rounding::half_even));
}

TEST(divide, limits_of_64_bits_are_reached) {
  EXPECT_EQ(divide(int128{largest} * 3, 3, rounding::up), largest);
  EXPECT_EQ(divide(int128{smallest} * 3, 3, rounding::down), smallest);
}

TEST(divide_death, quotient_beyond_64_bits_aborts) {
  EXPECT_DEATH((void)divide(int128{largest} + 1, 1, rounding::down), "fits 64 bits");
  EXPECT_DEATH((void)divide(int128{smallest} - 1, 1, rounding::down), "fits 64 bits");
  EXPECT_DEATH((void)divide(int128{largest} * 2 + 1, 2, rounding::up), "fits 64 bits");
}

TEST(divide_death, denominator_that_is_not_positive_aborts) {
  EXPECT_DEATH((void)divide(1, 0, rounding::down), "positive denominator");
  EXPECT_DEATH((void)divide(1, -1, rounding::down), "positive denominator");
}

TEST(millionths, digits_beyond_the_sixth_must_be_zero) {
  EXPECT_EQ(parse_millionths("0.1234560000").value(), 123'456);
  EXPECT_EQ(parse_millionths("0.1234561").error().code, errc::out_of_range);
  EXPECT_EQ(parse_millionths("0.0000001").error().code, errc::out_of_range);
}

TEST(millionths, what_needs_more_than_64_bits_is_out_of_range) {
  EXPECT_EQ(parse_millionths("9223372036854.775807").value(), largest);
  EXPECT_EQ(parse_millionths("9223372036854.775808").error().code, errc::out_of_range);
  EXPECT_EQ(parse_millionths("9999999999999999999999999999").error().code, errc::out_of_range);
}

TEST(millionths, what_is_not_a_decimal_is_malformed) {
  for (const char* text : {"", "-", ".", "1e-3", "+1", " 1", "1 ", "1.2.3", "0x1", "1,5", "nan"}) {
    const auto value = parse_millionths(text);
    ASSERT_FALSE(value) << text;
    EXPECT_EQ(value.error().code, errc::malformed) << text;
  }
}

RC_GTEST_PROP(millionths_property, what_was_formatted_parses_back_the_same, (std::int64_t value)) {
  RC_PRE(value != smallest);
  for (int decimals = 0; decimals <= 6; ++decimals)
    RC_ASSERT(parse_millionths(format_millionths(value, decimals)).value() == value);
}

RC_GTEST_PROP(price_property, text_complement_and_range_hold_together, ()) {
  const auto micros = *rc::gen::inRange<std::int64_t>(0, price::one + 1);
  const price p = price::from_micros(micros).value();
  RC_ASSERT(price::parse(p.to_string()).value() == p);
  RC_ASSERT(p.complement().complement() == p);
  RC_ASSERT(p.micros() + p.complement().micros() == price::one);
}

TEST(price, outside_of_a_dollar_is_out_of_range) {
  for (const std::int64_t micros : {std::int64_t{-1}, price::one + 1, largest, smallest})
    EXPECT_EQ(price::from_micros(micros).error().code, errc::out_of_range) << micros;
  EXPECT_EQ(price::parse("1.000001").error().code, errc::out_of_range);
  EXPECT_EQ(price::parse("-0.01").error().code, errc::out_of_range);
  EXPECT_EQ(price::parse("1.00").value().micros(), price::one);
}

TEST(price_death, literal_outside_of_a_dollar_aborts) {
  EXPECT_DEATH((void)price::of_micros(price::one + 1), "within 0..1 dollar");
  EXPECT_DEATH((void)price::of_micros(-1), "within 0..1 dollar");
}

RC_GTEST_PROP(notional_property, price_times_whole_contracts_is_exact, ()) {
  const auto micros = *rc::gen::inRange<std::int64_t>(0, price::one + 1);
  const auto n = *rc::gen::inRange<std::int64_t>(-1'000'000'000, 1'000'000'001);
  const price p = price::from_micros(micros).value();
  for (const rounding how : all_roundings)
    RC_ASSERT(notional(p, quantity::contracts(n), how) == money{micros * n});
}

RC_GTEST_PROP(notional_property, price_and_complement_make_the_payout, ()) {
  // Rounding one leg down and the other up loses and gains nothing, whatever the quantity.
  const auto micros = *rc::gen::inRange<std::int64_t>(0, price::one + 1);
  const quantity q{*rc::gen::inRange<std::int64_t>(0, 1'000'000'000'000'000'000)};
  const price p = price::from_micros(micros).value();
  RC_ASSERT(notional(p, q, rounding::down) + notional(p.complement(), q, rounding::up) ==
            payout(q));
}

RC_GTEST_PROP(notional_property, roundings_are_ordered_and_at_most_a_micro_apart,
              (std::int64_t q)) {
  const auto micros = *rc::gen::inRange<std::int64_t>(0, price::one + 1);
  const price p = price::from_micros(micros).value();
  const money low = notional(p, quantity{q}, rounding::down);
  const money high = notional(p, quantity{q}, rounding::up);
  RC_ASSERT(high.micros() - low.micros() <= 1);
  for (const rounding how : {rounding::half_up, rounding::half_even}) {
    RC_ASSERT(notional(p, quantity{q}, how) >= low);
    RC_ASSERT(notional(p, quantity{q}, how) <= high);
  }
}

TEST(notional, largest_quantity_at_one_dollar_is_exact) {
  EXPECT_EQ(notional(price::of_micros(price::one), quantity{largest}, rounding::down),
            money{largest});
  EXPECT_EQ(notional(price::of_micros(price::one), quantity{smallest}, rounding::up),
            money{smallest});
}

TEST(quantity, truncates_towards_zero_to_its_step) {
  const quantity step{10'000};
  EXPECT_EQ(quantity{19'999}.truncated_to(step), quantity{10'000});
  EXPECT_EQ(quantity{-19'999}.truncated_to(step), quantity{-10'000});
  EXPECT_EQ(quantity{20'000}.truncated_to(step), quantity{20'000});
}

TEST(quantity, arithmetic_and_signs) {
  const quantity two = quantity::contracts(2);
  EXPECT_EQ(two - quantity::contracts(3), -quantity::contracts(1));
  EXPECT_TRUE((two - two).is_zero());
  EXPECT_TRUE(two.is_positive());
  EXPECT_TRUE((-two).is_negative());
  EXPECT_EQ(quantity::parse("25.00").value().to_string(), "25.00");
}

TEST(money, text_keeps_cents_and_shows_finer_steps) {
  EXPECT_EQ(money::dollars(12).to_string(), "12.00");
  EXPECT_EQ(money{-1}.to_string(), "-0.000001");
  EXPECT_EQ(money::parse("-12.345").value(), money{-12'345'000});
}

TEST(ratio, parses_parts_per_million) {
  EXPECT_EQ(ratio::parse("0.07").value().ppm, 70'000);
  EXPECT_EQ(ratio::parse("7%").error().code, errc::malformed);
}

}  // namespace
}  // namespace cornice
