#include "infra/http_rules.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace cornice::infra {
namespace {

std::string path_of(std::string_view target) {
  const auto parsed = normalise_target(target);
  return parsed ? parsed->path : "refused: " + parsed.error().message;
}

TEST(path, query_is_split_off_raw_and_path_is_decoded) {
  const auto parsed = normalise_target("/api/v1/contracts/kalshi%3AX?limit=5&q=%2e%2e");
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->path, "/api/v1/contracts/kalshi:X");
  EXPECT_EQ(parsed->query, "limit=5&q=%2e%2e");
}

TEST(path, empty_segments_are_dropped_and_a_final_slash_is_kept) {
  EXPECT_EQ(path_of("/"), "/");
  EXPECT_EQ(path_of("//"), "/");
  EXPECT_EQ(path_of("//etc//passwd"), "/etc/passwd");
  EXPECT_EQ(path_of("/a/"), "/a/");
  EXPECT_EQ(path_of("/?x"), "/");
}

TEST(path, absolute_form_and_asterisk_are_understood) {
  EXPECT_EQ(path_of("http://host:80/a/b?c"), "/a/b");
  EXPECT_EQ(path_of("http://host"), "/");
  EXPECT_EQ(path_of("http://host?c"), "/");
  EXPECT_EQ(path_of("*"), "/");
}

TEST(path, dots_inside_a_segment_are_ordinary) {
  EXPECT_EQ(path_of("/a..b/.well-known/..."), "/a..b/.well-known/...");
}

class refused_target : public ::testing::TestWithParam<std::string_view> {};

TEST_P(refused_target, is_malformed) {
  const auto parsed = normalise_target(GetParam());
  ASSERT_FALSE(parsed);
  EXPECT_EQ(parsed.error().code, errc::malformed);
}

INSTANTIATE_TEST_SUITE_P(forms, refused_target,
                         ::testing::Values("", "a/b", "/..", "/../etc/passwd", "/a/../b", "/a/.",
                                           "/%2e%2e/x", "/%2E./x", "/a%2f..%2fb", "/a\\b",
                                           "/a%5c..%5cb", "/a%00b", "/a%0ab", "/a%7f", "/a%zz",
                                           "/a#b", "/a b", "/\xff", "/%ff", "/%c0%ae%c0%ae/",
                                           "/%ed%a0%80", "ftp://host/x", "http://user@host/x"));

RC_GTEST_PROP(path, whatever_is_accepted_stays_below_the_root, (const std::string& junk)) {
  for (const auto& target : {"/" + junk, "/" + percent_encode(junk)}) {
    const auto parsed = normalise_target(target);
    if (!parsed) continue;
    const auto bounded = parsed->path + "/";
    RC_ASSERT(parsed->path.front() == '/');
    RC_ASSERT(bounded.find("/../") == std::string::npos);
    RC_ASSERT(bounded.find("/./") == std::string::npos);
    RC_ASSERT(parsed->path.find('\0') == std::string::npos);
    RC_ASSERT(parsed->path.find("//") == std::string::npos);
  }
}

}  // namespace
}  // namespace cornice::infra
