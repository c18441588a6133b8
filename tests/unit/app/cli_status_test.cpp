#include "app/cli/status.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace cornice::app::cli {
namespace {

using testing::HasSubstr;
using testing::Not;

api::api_config listening(const std::string& address, std::int64_t port) {
  api::api_config c;
  c.address = address;
  c.port = port;
  return c;
}

TEST(cli_status, the_daemon_is_looked_for_where_it_listens) {
  EXPECT_EQ(base_url_of(listening("127.0.0.1", 8080)), "http://127.0.0.1:8080");
  EXPECT_EQ(base_url_of(listening("0.0.0.0", 80)), "http://127.0.0.1:80");
  EXPECT_EQ(base_url_of(listening("::", 8080)), "http://[::1]:8080");
  EXPECT_EQ(base_url_of(listening("fd00::1", 8080)), "http://[fd00::1]:8080");
  api::api_config tls = listening("cornice.example", 443);
  tls.certificate_file = "c.pem";
  EXPECT_EQ(base_url_of(tls), "https://cornice.example:443");
}

TEST(cli_status, a_ready_daemon_is_described) {
  const auto h = describe_health(
      R"({"ready":true,"mode":"paper","version":"1.2.3","database":"","broker":"",
      "components":[{"name":"execution","state":"up","reason":"","restarts":2,
        "since":"2026-11-22T16:07:00.000000Z","required":true}],
      "feeds":[{"venue":"kalshi","state":"live","contracts_usable":7,"contracts_wanted":8,
        "connections":1,"trading_active":true,"reason":""}]})");
  ASSERT_TRUE(h.has_value());
  EXPECT_TRUE(h->ready);
  for (const char* part : {"1.2.3", "paper", "ready", "execution", "up", "kalshi", "live"})
    EXPECT_THAT(h->text, HasSubstr(part));
  EXPECT_THAT(h->text, Not(HasSubstr("NOT")));
  EXPECT_THAT(h->text, Not(HasSubstr("database")));
}

TEST(cli_status, trouble_is_said) {
  const auto h = describe_health(
      R"({"ready":false,"mode":"paper","version":"1","database":"connection refused",
      "broker":"no route"})");
  ASSERT_TRUE(h.has_value());
  EXPECT_FALSE(h->ready);
  EXPECT_THAT(h->text, HasSubstr("NOT READY"));
  EXPECT_THAT(h->text, HasSubstr("connection refused"));
  EXPECT_THAT(h->text, HasSubstr("no route"));
}

TEST(cli_status, the_answer_of_another_program_is_refused) {
  for (const char* bad : {"", "<html>", "[]", "{}", "{\"ready\":\"yes\"}", "{\"ready\":1}"})
    EXPECT_FALSE(describe_health(bad).has_value()) << bad;
  EXPECT_TRUE(
      describe_health(R"({"ready":true,"components":[1,null],"feeds":{"a":1}})").has_value());
}

}  // namespace
}  // namespace cornice::app::cli
