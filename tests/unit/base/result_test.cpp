#include "cornice/base/result.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <iterator>
#include <set>
#include <stdexcept>

namespace cornice {
namespace {

TEST(errc, every_value_is_listed_once_with_a_name_of_its_own) {
  std::set<errc> listed;
  std::set<std::string_view> names;
  for (const errc code : all_errc) {
    EXPECT_TRUE(listed.insert(code).second);
    EXPECT_TRUE(names.insert(to_string(code)).second) << to_string(code);
    EXPECT_NE(to_string(code), "unknown");
  }
}

TEST(errc, no_value_is_left_out_of_the_list) {
  // The underlying byte is tried exhaustively: what has a name must be listed, and the other way.
  for (int raw = 0; raw <= 0xff; ++raw) {
    const auto code = static_cast<errc>(raw);
    const bool listed =
        std::find(std::begin(all_errc), std::end(all_errc), code) != std::end(all_errc);
    EXPECT_EQ(listed, to_string(code) != "unknown") << raw;
  }
}

TEST(errc, names_are_lower_snake_case) {
  for (const errc code : all_errc)
    for (const char c : to_string(code))
      EXPECT_TRUE((c >= 'a' && c <= 'z') || c == '_') << to_string(code);
}

TEST(error, within_puts_the_outer_place_in_front) {
  const error inner{errc::malformed, "bad price"};
  EXPECT_EQ(inner.within("book"), (error{errc::malformed, "book: bad price"}));
}

TEST(result, value_of_an_error_throws_its_text) {
  const result<int> failed = error{errc::timed_out, "no answer"};
  try {
    (void)failed.value();
    FAIL() << "value() returned";
  } catch (const std::runtime_error& e) {
    EXPECT_STREQ(e.what(), "timed_out: no answer");
  }
}

result<int> half(int n) {
  if (n % 2 != 0) return error{errc::invalid_argument, "odd"};
  return n / 2;
}

result<std::string> quarter(int n) {
  CORNICE_TRY(first, half(n));
  CORNICE_TRY(second, half(first));
  return std::to_string(second);
}

result<void> check_half(int n) {
  CORNICE_CHECK_OK(half(n));
  return {};
}

TEST(result, try_hands_on_the_value_or_the_first_error) {
  EXPECT_EQ(quarter(12).value(), "3");
  EXPECT_EQ(quarter(6).error().message, "odd");
  EXPECT_EQ(quarter(3).error().code, errc::invalid_argument);
}

TEST(result, check_ok_returns_early_on_an_error_only) {
  EXPECT_TRUE(check_half(2));
  EXPECT_EQ(check_half(1).error().message, "odd");
}

}  // namespace
}  // namespace cornice
