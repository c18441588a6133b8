#include "cornice/base/decimal.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <limits>

namespace cornice::decimal {
namespace {

constexpr std::int64_t largest = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t smallest = std::numeric_limits<std::int64_t>::min();

TEST(decimal, forms_that_venues_and_people_write) {
  EXPECT_EQ(parse_millionths("0.31").value(), 310'000);
  EXPECT_EQ(parse_millionths(".48").value(), 480'000);
  EXPECT_EQ(parse_millionths("5").value(), 5'000'000);
  EXPECT_EQ(parse_millionths("-20.00").value(), -20'000'000);
  EXPECT_EQ(parse_millionths("-0").value(), 0);
  EXPECT_EQ(parse_millionths("0.000001").value(), 1);
  EXPECT_EQ(parse_millionths("0.1230000000").value(), 123'000);
  EXPECT_EQ(parse_millionths("9223372036854.775807").value(), largest);
  EXPECT_EQ(parse_millionths("-9223372036854.775808").value(), smallest);
}

TEST(decimal, what_is_not_a_decimal_is_malformed) {
  for (const char* text :
       {"", "-", ".", "-.", "1e-3", "+1", " 1", "1 ", "1.2.3", "0x10", "1,5", "NaN", "--1", "1-"}) {
    const auto value = parse_millionths(text);
    ASSERT_FALSE(value) << text;
    EXPECT_EQ(value.error().code, errc::malformed) << text;
  }
  EXPECT_EQ(parse_millionths(std::string(65, '0')).error().code, errc::malformed);
}

TEST(decimal, what_does_not_fit_is_out_of_range) {
  for (const char* text : {"0.0000001", "9223372036854.775808", "-9223372036854.775809",
                           "99999999999999999999999999999999", "1.0000000000000001"}) {
    const auto value = parse_millionths(text);
    ASSERT_FALSE(value) << text;
    EXPECT_EQ(value.error().code, errc::out_of_range) << text;
  }
}

TEST(decimal, format_keeps_at_least_the_asked_decimals) {
  EXPECT_EQ(format_millionths(310'000, 2), "0.31");
  EXPECT_EQ(format_millionths(5'000'000, 0), "5");
  EXPECT_EQ(format_millionths(5'000'000, 2), "5.00");
  EXPECT_EQ(format_millionths(-1, 2), "-0.000001");
  EXPECT_EQ(format_millionths(1'050'000, 0), "1.05");
  EXPECT_EQ(format_millionths(smallest, 0), "-9223372036854.775808");
}

RC_GTEST_PROP(decimal_property, what_was_formatted_parses_back_the_same, (std::int64_t value)) {
  for (const std::int64_t v : {value, value % 1'000'000, value / 1'000'000'000})
    for (int decimals = 0; decimals <= 6; ++decimals)
      RC_ASSERT(parse_millionths(format_millionths(v, decimals)).value() == v);
}

RC_GTEST_PROP(decimal_property, any_text_is_parsed_or_refused, (const std::string& text)) {
  const auto value = parse_millionths(text);
  RC_ASSERT(value.has_value() || !value.error().message.empty());
}

}  // namespace
}  // namespace cornice::decimal
