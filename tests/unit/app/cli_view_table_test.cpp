#include "app/cli/view_table.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace cornice::app::cli {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(cli_view_table, every_shown_column_exists) {
  for (const api::view& v : api::views()) {
    EXPECT_FALSE(shown_columns(v).empty()) << v.name;
    EXPECT_TRUE(table_of(v, R"({"items":[],"next_cursor":null})").has_value()) << v.name;
  }
}

TEST(cli_view_table, a_page_becomes_rows_for_people) {
  const auto t = table_of(*api::find_view("positions"), R"({"items":[
    {"contract_id":"kalshi:A:yes","venue":"kalshi","quantity":"10.00","cost":"4.00",
     "realised":"0.00","fees":null,"updated":"2026-11-22T16:07:00.123456Z"}],"next_cursor":"abc"})");
  ASSERT_TRUE(t.has_value());
  EXPECT_EQ(t->rows, 1U);
  EXPECT_EQ(t->next_cursor, "abc");
  EXPECT_THAT(t->table, HasSubstr("kalshi:A:yes"));
  EXPECT_THAT(t->table, HasSubstr("2026-11-22 16:07:00Z"));
  EXPECT_THAT(t->table, HasSubstr(" -  "));
}

TEST(cli_view_table, the_last_page_has_no_cursor) {
  EXPECT_EQ(table_of(*api::find_view("pnl"), R"({"items":[],"next_cursor":null})")->next_cursor,
            "");
}

TEST(cli_view_table, what_is_no_page_is_refused) {
  for (const char* bad : {"", "[]", "{}", "{\"items\":1}"})
    EXPECT_FALSE(table_of(*api::find_view("pnl"), bad).has_value()) << bad;
}

}  // namespace
}  // namespace cornice::app::cli
