#include "cornice/base/check.hpp"

#include <gtest/gtest.h>

#include <csignal>

namespace cornice {
namespace {

TEST(invariant, that_holds_does_nothing) {
  invariant(true, "is not shown");
}

TEST(invariant_death, that_is_broken_aborts_with_text_and_place) {
  EXPECT_EXIT(invariant(1 + 1 == 3, "sums add up"), testing::KilledBySignal(SIGABRT),
              "Invariant: sums add up \\(.*check_test\\.cpp:[0-9]+");
}

}  // namespace
}  // namespace cornice
