#include "infra/postgres_conninfo.hpp"

#include <gtest/gtest.h>

namespace cornice::infra {
namespace {

TEST(postgres_conninfo, a_missing_setting_is_added_to_pairs) {
  EXPECT_EQ(with_default_setting("host=db", "connect_timeout", "5"), "host=db connect_timeout='5'");
  EXPECT_EQ(with_default_setting("", "application_name", "cornice"), " application_name='cornice'");
}

TEST(postgres_conninfo, a_named_setting_is_left_alone) {
  for (const char* given : {"connect_timeout=9 host=db", "host=db connect_timeout = 9",
                            "host='a b' connect_timeout='9'"})
    EXPECT_EQ(with_default_setting(given, "connect_timeout", "5"), given);
}

TEST(postgres_conninfo, a_name_inside_a_value_is_no_setting) {
  const std::string given = R"(password='it\'s connect_timeout=1' host=a\ connect_timeout=2)";
  EXPECT_EQ(with_default_setting(given, "connect_timeout", "5"), given + " connect_timeout='5'");
}

TEST(postgres_conninfo, values_are_quoted_in_pairs_and_encoded_in_uris) {
  EXPECT_EQ(with_default_setting("host=db", "application_name", R"(a'b\c)"),
            R"(host=db application_name='a\'b\\c')");
  EXPECT_EQ(with_default_setting("postgresql://db/x", "application_name", "a b&c"),
            "postgresql://db/x?application_name=a%20b%26c");
}

TEST(postgres_conninfo, uris_take_settings_in_their_query) {
  EXPECT_EQ(with_default_setting("postgres://db/x?sslmode=require", "connect_timeout", "5"),
            "postgres://db/x?sslmode=require&connect_timeout=5");
  const std::string given = "postgres://db/x?sslmode=require&connect_timeout=9";
  EXPECT_EQ(with_default_setting(given, "connect_timeout", "5"), given);
  EXPECT_EQ(with_default_setting("postgres://connect_timeout=1@db/x", "connect_timeout", "5"),
            "postgres://connect_timeout=1@db/x?connect_timeout=5");
}

}  // namespace
}  // namespace cornice::infra
