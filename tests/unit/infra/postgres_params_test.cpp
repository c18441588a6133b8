#include "cornice/infra/postgres.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace cornice::infra {
namespace {

TEST(postgres_params, values_keep_their_order_and_text) {
  pg_params params;
  params.add("text").add(std::int64_t{-5}).add(7U).add(true).add(false).add_null();
  params.add(from_unix_us(1'000'001)).add(std::numeric_limits<std::uint64_t>::max());
  params.add_optional(std::optional<std::string>{}).add_optional(std::optional<int>{3});
  const std::vector<std::optional<std::string>> expected{"text",
                                                         "-5",
                                                         "7",
                                                         "true",
                                                         "false",
                                                         std::nullopt,
                                                         "1970-01-01T00:00:01.000001Z",
                                                         "18446744073709551615",
                                                         std::nullopt,
                                                         "3"};
  EXPECT_EQ(params.values(), expected);
}

TEST(postgres_params, arrays_quote_every_element) {
  pg_params params;
  params.add_array({}).add_array({"a", "", "NULL", R"(q"b\c)", "x,y"});
  EXPECT_EQ(params.values()[0], "{}");
  EXPECT_EQ(params.values()[1], R"({"a","","NULL","q\"b\\c","x,y"})");
}

}  // namespace
}  // namespace cornice::infra
