#include "cornice/infra/http.hpp"

#include <gtest/gtest.h>

namespace cornice::infra {
namespace {

using pairs = std::vector<std::pair<std::string, std::string>>;

TEST(query, pairs_come_in_order_and_decoded) {
  const pairs expected{{"b", "2 x"}, {"a", "1&"}, {"b", "3"}};
  EXPECT_EQ(parse_query("b=2+x&a=1%26&b=3").value(), expected);
}

TEST(query, missing_values_and_empty_pieces_are_tolerated) {
  const pairs expected{{"a", ""}, {"b", ""}, {"c", "="}};
  EXPECT_EQ(parse_query("a&&b=&c==&").value(), expected);
  EXPECT_TRUE(parse_query("")->empty());
}

TEST(query, broken_escape_is_malformed) {
  EXPECT_EQ(parse_query("a=%zz").error().code, errc::malformed);
  EXPECT_EQ(parse_query("%z=1").error().code, errc::malformed);
}

TEST(query, sixty_four_pairs_pass_and_one_more_is_out_of_range) {
  std::string text;
  for (int i = 0; i < 64; ++i) text += "k=v&";
  EXPECT_EQ(parse_query(text)->size(), 64u);
  EXPECT_EQ(parse_query(text + "k=v").error().code, errc::out_of_range);
}

TEST(headers, lookup_ignores_case_and_set_replaces_every_field_of_the_name) {
  http_headers headers;
  headers.add("X-One", "1");
  headers.add("x-one", "2");
  headers.add("Other", "o");
  EXPECT_EQ(headers.get("X-ONE"), "1");
  headers.set("x-ONE", "3");
  EXPECT_EQ(headers.get("x-one"), "3");
  EXPECT_EQ(headers.all().size(), 2u);
  headers.set("new", "n");
  EXPECT_EQ(headers.get("NEW"), "n");
  EXPECT_FALSE(headers.get("absent"));
}

}  // namespace
}  // namespace cornice::infra
