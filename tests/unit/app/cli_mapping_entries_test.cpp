#include "app/cli/mapping_entries.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace cornice::app::cli {
namespace {

using testing::HasSubstr;

TEST(cli_mapping_entries, good_entries_survive_bad_ones) {
  const auto entries = read_entries(R"({"markets":[
    {"market_id":"m1","kind":"binary","title":"One","contracts":[
      {"contract_id":"kalshi:A:yes","relation":"same"},
      {"contract_id":"polymarket:1","relation":"same"}]},
    {"market_id":"m2","kind":"circular","title":"Two","contracts":[]},
    7,
    {"market_id":"m4","kind":"binary","title":"Four","contracts":[
      {"contract_id":"mars:A","relation":"same"}]}]})");
  ASSERT_TRUE(entries.has_value());
  ASSERT_EQ(entries->size(), 4U);
  ASSERT_TRUE((*entries)[0].what.has_value());
  EXPECT_EQ((*entries)[0].what->contracts.size(), 2U);
  EXPECT_EQ((*entries)[1].name, "m2");
  EXPECT_THAT((*entries)[1].what.error().message, HasSubstr("/markets/1/kind"));
  EXPECT_EQ((*entries)[2].name, "/markets/2");
  EXPECT_THAT((*entries)[2].what.error().message, HasSubstr("/markets/2"));
  EXPECT_THAT((*entries)[3].what.error().message, HasSubstr("/markets/3/contracts/0/contract_id"));
}

TEST(cli_mapping_entries, a_file_that_is_no_mapping_file_is_refused_as_a_whole) {
  for (const char* bad : {"", "{", "[]", "{}", "{\"markets\":{}}", "null"})
    EXPECT_FALSE(read_entries(bad).has_value()) << bad;
}

TEST(cli_mapping_entries, an_empty_list_is_fine) {
  EXPECT_TRUE(read_entries("{\"markets\":[]}")->empty());
}

}  // namespace
}  // namespace cornice::app::cli
