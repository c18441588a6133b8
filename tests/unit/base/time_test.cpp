#include "cornice/base/time.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace cornice {
namespace {

using namespace std::chrono_literals;

// 2026-11-22T16:07:00Z
constexpr std::int64_t sample_s = 1'795'363'620;

TEST(rfc3339, prints_six_fraction_digits_in_utc) {
  EXPECT_EQ(to_rfc3339(from_unix_us(sample_s * 1'000'000 + 123'456)),
            "2026-11-22T16:07:00.123456Z");
  EXPECT_EQ(to_rfc3339(from_unix_us(0)), "1970-01-01T00:00:00.000000Z");
  EXPECT_EQ(to_rfc3339(from_unix_us(-1)), "1969-12-31T23:59:59.999999Z");
}

struct form {
  const char* text;
  std::int64_t unix_us;
};

class rfc3339_form : public testing::TestWithParam<form> {};

TEST_P(rfc3339_form, is_understood) {
  const auto read = parse_rfc3339(GetParam().text);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(unix_us(*read), GetParam().unix_us);
}

INSTANTIATE_TEST_SUITE_P(
    venues, rfc3339_form,
    testing::Values(form{"2026-11-22T16:07:00Z", sample_s * 1'000'000},
                    form{"2026-11-22t16:07:00z", sample_s * 1'000'000},
                    form{"2026-11-22T16:07:00.5Z", sample_s * 1'000'000 + 500'000},
                    form{"2026-11-22T16:07:00.123456789Z", sample_s * 1'000'000 + 123'456},
                    form{"2026-11-22 16:07:00+00", sample_s * 1'000'000},
                    form{"2026-11-22 11:07:00-05", sample_s * 1'000'000},
                    form{"2026-11-22T21:37:00+05:30", sample_s * 1'000'000},
                    form{"2026-11-22T11:37:00-0430", sample_s * 1'000'000},
                    form{"2024-02-29T00:00:00Z", 1'709'164'800'000'000},
                    form{"2016-12-31T23:59:60Z", 1'483'228'800'000'000}));

TEST(rfc3339, what_is_not_a_time_is_malformed) {
  for (const char* text :
       {"", "2026-11-22", "2026-11-22T16:07", "2026-11-22T16:07:00", "2026-13-01T00:00:00Z",
        "2026-02-29T00:00:00Z", "2026-11-22T24:00:00Z", "2026-11-22T23:60:00Z",
        "2026-11-22T23:59:61Z", "2026-11-22T16:07:00Zx", "2026-11-22T16:07:00+24:00",
        "2026-11-22T16:07:00.Z", "-026-11-22T16:07:00Z", "2026-+1-22T16:07:00Z",
        "2026-11-22T16:07:00 Z", "1795363620"}) {
    const auto read = parse_rfc3339(text);
    ASSERT_FALSE(read) << text;
    EXPECT_EQ(read.error().code, errc::malformed) << text;
  }
}

RC_GTEST_PROP(rfc3339_property, what_was_printed_parses_back_the_same, ()) {
  // 0001-01-01 .. 9999-12-31
  const auto us = *rc::gen::inRange<std::int64_t>(-62'135'596'800'000'000, 253'402'300'800'000'000);
  const timestamp t = from_unix_us(us);
  RC_ASSERT(parse_rfc3339(to_rfc3339(t)).value() == t);
}

RC_GTEST_PROP(rfc3339_property, offset_shifts_the_time, ()) {
  const auto minutes = *rc::gen::inRange(0, 24 * 60);
  const auto digits = [](int n) { return (n < 10 ? "0" : "") + std::to_string(n); };
  const std::string offset = digits(minutes / 60) + ":" + digits(minutes % 60);
  const timestamp utc = from_unix_s(sample_s);
  RC_ASSERT(parse_rfc3339("2026-11-22T16:07:00+" + offset).value() ==
            utc - std::chrono::minutes{minutes});
  RC_ASSERT(parse_rfc3339("2026-11-22T16:07:00-" + offset).value() ==
            utc + std::chrono::minutes{minutes});
}

TEST(timestamp, units_convert_and_floor) {
  EXPECT_EQ(from_unix_ms(1500), from_unix_us(1'500'000));
  EXPECT_EQ(from_unix_s(2), from_unix_ms(2000));
  EXPECT_EQ(unix_ms(from_unix_us(1999)), 1);
  EXPECT_EQ(unix_ms(from_unix_us(-1)), -1);
}

}  // namespace
}  // namespace cornice
