// The configuration files that come with the project.
#include "app/cli/maintenance.hpp"
#include "app/daemon_config.hpp"
#include "scratch_folder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace cornice::app {
namespace {

using cornice_test::scratch_folder;
using testing::HasSubstr;

const std::string config_folder = std::string{CORNICE_SOURCE_DIR} + "/config/";

TEST(config_files, the_schema_is_the_one_of_the_descriptors) {
  EXPECT_EQ(scratch_folder::read(config_folder + "cornice.schema.json"), cli::schema_text())
      << "cornice check-config --print-schema > config/cornice.schema.json";
}

TEST(config_files, the_default_is_paper_trading_on_loopback) {
  const auto c = load_config(config_folder + "cornice.json", "");
  ASSERT_TRUE(c.has_value()) << c.error().message;
  EXPECT_EQ(c->mode, "paper");
  EXPECT_EQ(c->api.address, "127.0.0.1");
  EXPECT_EQ(c->api.port, 8080);
  for (const std::string& url :
       {c->ingest.kalshi.rest_url, c->ingest.kalshi.ws_url, c->ingest.polymarket.gamma_url,
        c->ingest.polymarket.clob_url, c->ingest.polymarket.ws_url, c->ingest.polymarket.data_url})
    EXPECT_THAT(url, HasSubstr("//127.0.0.1:"));
}

TEST(config_files, live_data_is_paper_trading_without_keys) {
  const auto c = load_config(config_folder + "live-data.json", "");
  ASSERT_TRUE(c.has_value()) << c.error().message;
  EXPECT_EQ(c->mode, "paper");
  EXPECT_TRUE(c->ingest.kalshi.key_id.empty());
  EXPECT_TRUE(c->ingest.polymarket.private_key_file.empty());
  EXPECT_FALSE(c->ingest.kalshi.public_websocket) << "books are polled";
  for (const std::string& url :
       {c->ingest.kalshi.rest_url, c->ingest.polymarket.gamma_url, c->ingest.polymarket.clob_url})
    EXPECT_THAT(url, testing::StartsWith("https://"));
}

TEST(config, effective_values_can_be_read_back) {
  const scratch_folder folder;
  auto c = load_config(config_folder + "cornice.json", "");
  ASSERT_TRUE(c.has_value()) << c.error().message;
  const std::string values =
      infra::config_values([&c](infra::config_section& s) { describe(s, *c); });
  auto again = load_config(folder.write("values.json", values), "");
  ASSERT_TRUE(again.has_value()) << again.error().message;
  EXPECT_EQ(infra::config_values([&again](infra::config_section& s) { describe(s, *again); }),
            values);
}

TEST(config, live_mode_is_refused) {
  const scratch_folder folder;
  const auto c = load_config(folder.write("live.json", R"({"mode":"live"})"), "");
  ASSERT_FALSE(c.has_value());
  EXPECT_THAT(c.error().message, HasSubstr("/mode"));
}

TEST(config, without_a_venue_there_is_nothing_to_do) {
  const scratch_folder folder;
  const auto c = load_config(
      folder.write("none.json",
                   R"({"venues":{"kalshi":{"enabled":false},"polymarket":{"enabled":false}}})"),
      "");
  ASSERT_FALSE(c.has_value());
  EXPECT_THAT(c.error().message, HasSubstr("/venues"));
}

TEST(config, a_password_never_shows_among_the_values) {
  const scratch_folder folder;
  const std::string secret = folder.write("password", "hunter2-hunter2");
  const std::string file =
      folder.write("c.json", "{\"postgres\":{\"password_file\":\"" + secret + "\"}}");
  std::filesystem::permissions(secret, std::filesystem::perms::owner_read);
  auto c = load_config(file, "");
  ASSERT_TRUE(c.has_value()) << c.error().message;
  const auto db = connection_of(c->postgres, 1, "test");
  ASSERT_TRUE(db.has_value()) << db.error().message;
  EXPECT_THAT(db->conninfo, HasSubstr("hunter2-hunter2"));
  EXPECT_THAT(infra::config_values([&c](infra::config_section& s) { describe(s, *c); }),
              testing::Not(HasSubstr("hunter2")));
}

TEST(config, odd_characters_in_a_connection_string_stay_inside_their_value) {
  postgres_config p;
  p.user = R"(o'brien\ host=evil)";
  const auto db = connection_of(p, 1, "test");
  ASSERT_TRUE(db.has_value());
  EXPECT_THAT(db->conninfo, HasSubstr(R"(user='o\'brien\\ host=evil')"));
}

}  // namespace
}  // namespace cornice::app
