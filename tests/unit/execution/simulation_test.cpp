#include "simulation.hpp"

#include <algorithm>
#include <cstdlib>

namespace cornice::execution::testing {
namespace {

/// Worlds a case; a longer search is `CORNICE_SIM_SEEDS=1000 unit_execution --gtest_filter=*sim*`.
std::uint64_t worlds() {
  const char* text = std::getenv("CORNICE_SIM_SEEDS");
  const std::uint64_t wanted = text == nullptr ? 0 : std::strtoull(text, nullptr, 10);
  return std::max<std::uint64_t>(wanted, 15);
}

class order_manager_simulation : public ::testing::TestWithParam<std::uint64_t> {};

TEST_P(order_manager_simulation, comes_to_rest_in_agreement_with_the_venues) {
  std::uint64_t crashes = 0;
  std::uint64_t sent = 0;
  std::uint64_t filled = 0;
  for (std::uint64_t i = 0; i < worlds() && !HasFailure(); ++i) {
    const std::uint64_t seed = GetParam() * 1'000'000 + i;
    SCOPED_TRACE("seed " + std::to_string(seed));
    simulation world{seed};
    if (HasFatalFailure()) return;
    world.run(120);
    if (HasFatalFailure()) return;
    world.drain();
    if (HasFatalFailure()) return;
    world.check_agreement();
    crashes += world.crashes;
    sent += world.sent;
    filled += world.filled();
  }
  // A simulation in which nothing happens proves nothing.
  EXPECT_GT(crashes, 25u);
  EXPECT_GT(sent, 300u);
  EXPECT_GT(filled, 200u);
}

INSTANTIATE_TEST_SUITE_P(seeds, order_manager_simulation, ::testing::Range<std::uint64_t>(1, 5));

}  // namespace
}  // namespace cornice::execution::testing
