#include "cornice/api/views.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <charconv>
#include <set>

namespace cornice::api {
namespace {

using pairs = std::vector<std::pair<std::string, std::string>>;
using testing::HasSubstr;

const view& orders() {
  return *find_view("orders");
}

std::string hex_of(const std::string& text) {
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    out += "0123456789abcdef"[byte >> 4U];
    out += "0123456789abcdef"[byte & 15U];
  }
  return out;
}

std::string message_of(const view& v, const pairs& p) {
  const auto q = parse_view_query(v, p);
  EXPECT_FALSE(q.has_value());
  if (q) return "";
  EXPECT_EQ(q.error().code, errc::invalid_argument);
  return q.error().message;
}

// The highest $n of a statement.
std::size_t placeholders(const std::string& sql) {
  std::size_t highest = 0;
  for (std::size_t at = sql.find('$'); at != std::string::npos; at = sql.find('$', at + 1)) {
    std::size_t n = 0;
    std::from_chars(sql.data() + at + 1, sql.data() + sql.size(), n);
    highest = std::max(highest, n);
  }
  return highest;
}

TEST(views, every_view_is_consistent_in_itself) {
  std::set<std::string_view> names;
  for (const view& v : views()) {
    EXPECT_TRUE(names.insert(v.name).second) << v.name;
    EXPECT_EQ(find_view(v.name), &v);
    ASSERT_FALSE(v.key.empty()) << v.name;
    EXPECT_EQ(v.key.size(), v.key_type.size()) << v.name;
    std::set<std::string_view> columns;
    for (const view_column& c : v.columns)
      EXPECT_TRUE(columns.insert(c.name).second) << v.name << "." << c.name;
    std::set<std::string_view> filters{"limit", "cursor"};
    for (const view_filter& f : v.filters) {
      EXPECT_TRUE(filters.insert(f.name).second) << v.name << "?" << f.name;
      EXPECT_EQ(std::ranges::count(f.condition, '?'), 1) << v.name << "?" << f.name;
    }
  }
}

TEST(views, every_row_with_a_contract_or_an_order_says_its_venue) {
  for (const view& v : views()) {
    const auto has = [&v](std::string_view name) {
      return std::ranges::find(v.columns, name, &view_column::name) != v.columns.end();
    };
    EXPECT_TRUE(has("venue") || !(has("contract_id") || has("listing_id"))) << v.name;
  }
}

TEST(views, an_unknown_name_is_no_view) {
  EXPECT_EQ(find_view("order"), nullptr);
  EXPECT_EQ(find_view(""), nullptr);
}

TEST(view_query, a_limit_that_is_not_1_to_1000_is_refused_by_name) {
  for (const char* bad : {"0", "1001", "-1", "5x", "", " 5", "1e2", "99999999999999999999"})
    EXPECT_THAT(message_of(orders(), {{"limit", bad}}), HasSubstr("limit:")) << bad;
  for (const char* good : {"1", "1000"})
    EXPECT_TRUE(parse_view_query(orders(), {{"limit", good}}).has_value()) << good;
}

TEST(view_query, an_unknown_parameter_is_refused_naming_the_known_ones) {
  const std::string m = message_of(orders(), {{"colour", "red"}});
  EXPECT_THAT(m, HasSubstr("\"colour\""));
  for (const view_filter& f : orders().filters) EXPECT_THAT(m, HasSubstr(std::string{f.name}));
}

TEST(view_query, a_filter_given_twice_is_refused) {
  EXPECT_THAT(message_of(orders(), {{"venue", "kalshi"}, {"venue", "sim"}}), HasSubstr("venue:"));
}

TEST(view_query, times_must_be_rfc_3339) {
  EXPECT_THAT(message_of(orders(), {{"since", "yesterday"}}), HasSubstr("since:"));
  EXPECT_TRUE(parse_view_query(orders(), {{"since", "2026-11-22T00:00:00Z"}}).has_value());
}

TEST(view_query, values_that_postgresql_cannot_take_are_refused) {
  EXPECT_THAT(message_of(orders(), {{"state", std::string{"a\0b", 3}}}), HasSubstr("state:"));
  EXPECT_THAT(message_of(orders(), {{"state", std::string(513, 'a')}}), HasSubstr("state:"));
  EXPECT_TRUE(parse_view_query(orders(), {{"state", std::string(512, 'a')}}).has_value());
}

TEST(view_query, a_cursor_of_another_view_or_of_nobody_is_refused) {
  const std::vector<std::string> bad = {
      "x",
      "abc",
      "ABCD",
      hex_of("[]"),
      hex_of("[1,2]"),
      hex_of(R"(["2026-11-22T00:00:00Z"])"),
      hex_of(R"(["not a time","id"])"),
      hex_of("{\"a\":1}"),
      hex_of("not json"),
  };
  for (const std::string& cursor : bad)
    EXPECT_THAT(message_of(orders(), {{"cursor", cursor}}), HasSubstr("cursor")) << cursor;
  EXPECT_TRUE(parse_view_query(orders(), {{"cursor", hex_of(R"(["2026-11-22T00:00:00Z","id"])")}})
                  .has_value());
  for (const char* number : {"", "1x", "x", "1 or true", "99999999999999999999"})
    EXPECT_THAT(
        message_of(*find_view("audit"), {{"cursor", hex_of("[\"" + std::string{number} + "\"]")}}),
        HasSubstr("cursor"))
        << number;
}

TEST(view_statement, one_row_more_than_the_limit_is_asked_for) {
  view_query q;
  q.limit = 7;
  const auto s = statement_of(*find_view("contracts"), q);
  ASSERT_TRUE(s.has_value());
  ASSERT_EQ(s->params.values().size(), 1U);
  EXPECT_EQ(s->params.values()[0], "8");
}

TEST(view_statement, rows_of_another_mode_are_never_read) {
  for (const view& v : views()) {
    view_query q;
    q.mode = "the-mode";
    const auto s = statement_of(v, q);
    ASSERT_TRUE(s.has_value());
    const bool asked =
        std::ranges::find(s->params.values(), std::optional<std::string>{"the-mode"}) !=
        s->params.values().end();
    EXPECT_EQ(asked, v.by_mode) << v.name;
  }
}

RC_GTEST_PROP(view_statement, values_are_parameters_whatever_they_contain, ()) {
  const auto all = views();
  const view& v = all[*rc::gen::inRange<std::size_t>(0, all.size())];
  view_query q;
  for (const view_filter& f : v.filters)
    if (*rc::gen::arbitrary<bool>())
      q.filters[std::string{f.name}] =
          "@@" + *rc::gen::container<std::string>(rc::gen::element('\'', '"', ';', '$', '1', '-'));
  const auto s = statement_of(v, q);
  RC_ASSERT(s.has_value());
  RC_ASSERT(placeholders(s->sql) == s->params.values().size());
  RC_ASSERT(s->params.values().size() == q.filters.size() + (v.by_mode ? 2U : 1U));
  for (const auto& [name, value] : q.filters) RC_ASSERT(s->sql.find(value) == std::string::npos);
}

}  // namespace
}  // namespace cornice::api
