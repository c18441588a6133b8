#include "infra/backoff.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <limits>
#include <vector>

namespace cornice::infra {
namespace {

using std::chrono::milliseconds;

TEST(backoff, ceiling_doubles_up_to_the_maximum_when_there_is_no_jitter) {
  exponential_backoff backoff{milliseconds{200}, milliseconds{1500}};
  std::vector<std::int64_t> waits_ms;
  for (int i = 0; i < 6; ++i) waits_ms.push_back(backoff.next(0).count());
  EXPECT_EQ(waits_ms, (std::vector<std::int64_t>{200, 400, 800, 1500, 1500, 1500}));
}

TEST(backoff, reset_begins_anew) {
  exponential_backoff backoff{milliseconds{100}, milliseconds{10'000}};
  (void)backoff.next(0);
  (void)backoff.next(0);
  backoff.reset();
  EXPECT_EQ(backoff.next(0), milliseconds{100});
}

TEST(backoff, one_millisecond_has_no_room_for_jitter) {
  exponential_backoff backoff{milliseconds{1}, milliseconds{1}};
  EXPECT_EQ(backoff.next(12345), milliseconds{1});
}

TEST(backoff, largest_duration_does_not_overflow) {
  exponential_backoff backoff{milliseconds{1}, milliseconds::max()};
  milliseconds last{0};
  for (int i = 0; i < 100; ++i) last = backoff.next(0);
  EXPECT_EQ(last, milliseconds::max());
}

TEST(backoff_death, minimum_above_maximum_aborts) {
  EXPECT_DEATH((exponential_backoff{milliseconds{2}, milliseconds{1}}), "0 < min <= max");
  EXPECT_DEATH((exponential_backoff{milliseconds{0}, milliseconds{1}}), "0 < min <= max");
}

RC_GTEST_PROP(backoff_property, wait_lies_in_the_upper_half_below_the_ceiling, ()) {
  const auto min = *rc::gen::inRange<std::int64_t>(1, 5'000);
  const auto max = *rc::gen::inRange<std::int64_t>(min, 60'000);
  const auto randoms =
      *rc::gen::container<std::vector<std::uint64_t>>(rc::gen::arbitrary<std::uint64_t>());
  exponential_backoff jittered{milliseconds{min}, milliseconds{max}};
  exponential_backoff ceiling{milliseconds{min}, milliseconds{max}};
  for (const std::uint64_t random : randoms) {
    const auto most = ceiling.next(0).count();
    const auto wait = jittered.next(random).count();
    RC_ASSERT(wait <= most);
    RC_ASSERT(wait >= most - most / 2);
    RC_ASSERT(wait >= 1);
    RC_ASSERT(most <= max);
  }
}

}  // namespace
}  // namespace cornice::infra
