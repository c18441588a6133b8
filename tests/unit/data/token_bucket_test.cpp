#include "cornice/data/token_bucket.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace cornice::data {
namespace {

using namespace std::chrono_literals;

TEST(token_bucket, begins_full_and_refills_continuously) {
  token_bucket b{10, 20};
  const instant t{};
  EXPECT_TRUE(b.take(20, t));
  EXPECT_FALSE(b.take(1, t));
  EXPECT_FALSE(b.take(1, t + 99ms));
  EXPECT_TRUE(b.take(1, t + 100ms));
}

TEST(token_bucket, says_how_long_to_wait) {
  token_bucket b{10, 10};
  const instant t{};
  ASSERT_TRUE(b.take(10, t));
  const auto wait = b.wait_for(5, t);
  EXPECT_FALSE(b.take(5, t + wait - 2us));
  EXPECT_TRUE(b.take(5, t + wait));
  EXPECT_EQ(token_bucket(10, 10).wait_for(10, t), 0us);
}

TEST(token_bucket, a_cost_above_the_capacity_never_passes) {
  token_bucket b{10, 10};
  EXPECT_FALSE(b.take(11, instant{} + 24h));
}

TEST(token_bucket, drained_it_has_nothing_left) {
  token_bucket b{10, 10};
  (void)b.take(1, instant{});
  b.drain();
  EXPECT_FALSE(b.take(1, instant{}));
}

TEST(token_bucket, a_clock_that_steps_back_gives_nothing_away) {
  token_bucket b{10, 10};
  ASSERT_TRUE(b.take(10, instant{} + 10s));
  EXPECT_FALSE(b.take(1, instant{}));
  EXPECT_FALSE(b.take(1, instant{} + 50ms));
}

RC_GTEST_PROP(token_bucket, never_gives_more_than_capacity_and_rate_allow, ()) {
  const auto rate = *rc::gen::inRange<std::int64_t>(1, 100);
  const auto capacity = *rc::gen::inRange<std::int64_t>(1, 100);
  token_bucket b{rate, capacity};
  instant now{};
  std::int64_t taken = 0;
  const auto steps = *rc::gen::container<std::vector<std::pair<int, int>>>(
      rc::gen::pair(rc::gen::inRange(0, 2'000), rc::gen::inRange(1, 20)));
  for (const auto& [pause_ms, cost] : steps) {
    now += std::chrono::milliseconds{pause_ms};
    if (b.take(cost, now)) taken += cost;
    const auto passed =
        std::chrono::duration_cast<std::chrono::milliseconds>(now.time_since_epoch()).count();
    RC_ASSERT(taken * 1'000 <= capacity * 1'000 + rate * passed);
  }
}

}  // namespace
}  // namespace cornice::data
