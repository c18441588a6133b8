#include "cornice/model/tick_grid.hpp"

#include "model_generators.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace cornice_test {
namespace {

price at(std::int64_t micros) {
  return price::of_micros(micros);
}

tick_grid tapered() {
  return tick_grid::from_bands({{at(0), at(100'000), 1'000},
                                {at(100'000), at(900'000), 10'000},
                                {at(900'000), at(1'000'000), 1'000}})
      .value();
}

// The definition, word for word: on the step of a band that contains it, strictly inside (0, 1).
bool valid_by_definition(const tick_grid& grid, std::int64_t micros) {
  if (micros <= 0 || micros >= price::one) return false;
  for (const tick_band& band : grid.bands())
    if (band.start.micros() <= micros && micros <= band.end.micros() &&
        (micros - band.start.micros()) % band.step_micros == 0)
      return true;
  return false;
}

// Every micro of the dollar, once upwards for floor and once downwards for ceil.
void expect_agrees_with_definition(const tick_grid& grid) {
  std::optional<price> below;
  std::int64_t wrong = 0;
  for (std::int64_t micros = 0; micros <= price::one; ++micros) {
    const bool valid = valid_by_definition(grid, micros);
    if (valid) below = at(micros);
    wrong += grid.accepts(at(micros)) != valid || grid.floor(at(micros)) != below;
  }
  std::optional<price> above;
  for (std::int64_t micros = price::one; micros >= 0; --micros) {
    if (valid_by_definition(grid, micros)) above = at(micros);
    wrong += grid.ceil(at(micros)) != above;
  }
  EXPECT_EQ(wrong, 0);
}

TEST(tick_grids, of_one_step_agree_with_their_definition_at_every_micro) {
  expect_agrees_with_definition(tick_grid::uniform(10'000).value());
  expect_agrees_with_definition(tick_grid::uniform(250'000).value());
  expect_agrees_with_definition(tick_grid::uniform(500'000).value());
}

TEST(tick_grids, of_several_bands_agree_with_their_definition_at_every_micro) {
  expect_agrees_with_definition(tapered());
  expect_agrees_with_definition(tick_grid::from_bands({{at(0), at(300'000), 100'000},
                                                       {at(300'000), at(370'000), 70'000},
                                                       {at(370'000), at(1'000'000), 210'000}})
                                    .value());
}

TEST(tick_grids, whose_only_steps_are_the_ends_accept_nothing) {
  const auto grid = tick_grid::uniform(1'000'000).value();
  EXPECT_FALSE(grid.floor(at(999'999)));
  EXPECT_FALSE(grid.ceil(at(1)));
  EXPECT_FALSE(grid.accepts(at(500'000)));
}

TEST(tick_grids, without_bands_accept_nothing) {
  const tick_grid none;
  EXPECT_TRUE(none.empty());
  EXPECT_FALSE(none.accepts(at(500'000)));
  EXPECT_FALSE(none.floor(at(500'000)));
  EXPECT_FALSE(none.ceil(at(500'000)));
  EXPECT_EQ(none.finest_step_micros(), 0);
  EXPECT_EQ(none.complement(), none);
}

TEST(tick_grids, know_their_finest_step) {
  EXPECT_EQ(tapered().finest_step_micros(), 1'000);
  EXPECT_EQ(tick_grid::uniform(100).value().finest_step_micros(), 100);
}

TEST(tick_grids, that_break_a_rule_are_refused) {
  const std::vector<std::vector<tick_band>> wrong = {
      {},
      {{at(0), at(1'000'000), 0}},
      {{at(0), at(1'000'000), -10'000}},
      {{at(0), at(1'000'000), 300'000}},                                      // does not divide
      {{at(0), at(990'000), 10'000}},                                         // ends too early
      {{at(10'000), at(1'000'000), 10'000}},                                  // starts too late
      {{at(0), at(100'000), 10'000}, {at(200'000), at(1'000'000), 10'000}},   // gap
      {{at(0), at(300'000), 10'000}, {at(200'000), at(1'000'000), 10'000}},   // overlap
      {{at(0), at(0), 10'000}, {at(0), at(1'000'000), 10'000}},               // empty band
      {{at(500'000), at(1'000'000), 10'000}, {at(0), at(500'000), 10'000}}};  // not ascending
  for (const auto& bands : wrong) {
    const auto grid = tick_grid::from_bands(bands);
    ASSERT_FALSE(grid);
    EXPECT_EQ(grid.error().code, errc::invalid_argument);
  }
  EXPECT_EQ(tick_grid::uniform(0).error().code, errc::invalid_argument);
  EXPECT_EQ(tick_grid::uniform(7).error().code, errc::invalid_argument);
}

TEST(tick_grids, take_at_most_64_bands) {
  const auto of_bands = [](std::int64_t n) {
    std::vector<tick_band> bands;
    for (std::int64_t i = 0; i < n; ++i)
      bands.push_back({at(i * 1'000), at(i + 1 == n ? price::one : (i + 1) * 1'000), 1'000});
    return tick_grid::from_bands(bands);
  };
  EXPECT_TRUE(of_bands(64));
  EXPECT_FALSE(of_bands(65));
}

RC_GTEST_PROP(tick_grids, complement_is_its_own_inverse, (const tick_grid& grid)) {
  RC_ASSERT(grid.complement().complement() == grid);
}

RC_GTEST_PROP(tick_grids, complement_accepts_the_mirrored_prices,
              (const tick_grid& grid, price p)) {
  const auto mirrored = [](std::optional<price> q) {
    return q ? std::optional{q->complement()} : std::nullopt;
  };
  RC_ASSERT(grid.complement().accepts(p.complement()) == grid.accepts(p));
  RC_ASSERT(grid.complement().ceil(p.complement()) == mirrored(grid.floor(p)));
  RC_ASSERT(grid.complement().floor(p.complement()) == mirrored(grid.ceil(p)));
}

}  // namespace
}  // namespace cornice_test
