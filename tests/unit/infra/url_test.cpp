#include "cornice/infra/http.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace cornice::infra {
namespace {

TEST(url, https_without_port_or_path_gets_443_and_a_slash) {
  const auto parsed = url::parse("https://Api.Example.COM");
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->scheme, "https");
  EXPECT_EQ(parsed->host, "api.example.com");
  EXPECT_EQ(parsed->port, 443);
  EXPECT_EQ(parsed->target, "/");
  EXPECT_TRUE(parsed->tls());
  EXPECT_EQ(parsed->origin(), "https://api.example.com");
  EXPECT_EQ(parsed->authority(), "api.example.com");
}

TEST(url, path_and_query_are_kept_byte_for_byte) {
  const auto parsed = url::parse("http://127.0.0.1:8080/a%2Fb/c?x=1&y=%20");
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->target, "/a%2Fb/c?x=1&y=%20");
  EXPECT_EQ(parsed->authority(), "127.0.0.1:8080");
  EXPECT_FALSE(parsed->tls());
}

TEST(url, query_without_path_gets_a_slash) {
  EXPECT_EQ(url::parse("http://h?a=1")->target, "/?a=1");
}

TEST(url, websocket_schemes_have_the_web_ports) {
  EXPECT_EQ(url::parse("ws://h/x")->port, 80);
  EXPECT_EQ(url::parse("wss://h/x")->port, 443);
  EXPECT_TRUE(url::parse("wss://h/x")->tls());
}

TEST(url, ipv6_literal_loses_its_brackets_and_gets_them_back) {
  const auto parsed = url::parse("https://[::1]:8443/x");
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->host, "::1");
  EXPECT_EQ(parsed->port, 8443);
  EXPECT_EQ(parsed->authority(), "[::1]:8443");
}

class bad_url : public ::testing::TestWithParam<const char*> {};

TEST_P(bad_url, is_malformed) {
  const auto parsed = url::parse(GetParam());
  ASSERT_FALSE(parsed);
  EXPECT_EQ(parsed.error().code, errc::malformed);
}

INSTANTIATE_TEST_SUITE_P(forms, bad_url,
                         ::testing::Values("", "host", "//host/", "ftp://host/", "http://",
                                           "http:///path", "http://user@host/",
                                           "http://user:pw@host/", "http://host/#fragment",
                                           "http://host/a b", "http://host/\r\nX: y",
                                           "http://host:0/", "http://host:65536/", "http://host:/",
                                           "http://host:80x/", "http://[::1/", "http://[::1]x/",
                                           "http://[host]/", "http://ho%73t/",
                                           "http://h\xc3\xb6st/", "http://host\\x/"));

RC_GTEST_PROP(url, what_parses_prints_back_to_an_equal_url, (const std::string& junk)) {
  const auto parsed = url::parse("http://h/" + percent_encode(junk) + "?" + percent_encode(junk));
  if (junk.size() > 1000) return;
  RC_ASSERT(parsed.has_value());
  const auto again = url::parse(parsed->origin() + parsed->target);
  RC_ASSERT(again.has_value());
  RC_ASSERT(again->host == parsed->host);
  RC_ASSERT(again->target == parsed->target);
}

RC_GTEST_PROP(url, arbitrary_bytes_never_yield_a_target_with_a_line_break,
              (const std::string& junk)) {
  const auto parsed = url::parse("http://h/" + junk);
  if (!parsed) return;
  RC_ASSERT(parsed->target.find_first_of("\r\n #") == std::string::npos);
}

RC_GTEST_PROP(percent, decode_undoes_encode, (const std::string& text)) {
  RC_ASSERT(percent_decode(percent_encode(text), true).value() == text);
}

TEST(percent, plus_is_a_space_only_in_queries) {
  EXPECT_EQ(percent_decode("a+b", true).value(), "a b");
  EXPECT_EQ(percent_decode("a+b", false).value(), "a+b");
}

TEST(percent, broken_escapes_are_malformed) {
  for (const auto* text : {"%", "%4", "%4g", "%%41", "a%"})
    EXPECT_EQ(percent_decode(text, false).error().code, errc::malformed) << text;
}

}  // namespace
}  // namespace cornice::infra
