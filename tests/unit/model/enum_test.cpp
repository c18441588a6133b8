#include "model/enum_table.hpp"

#include <gtest/gtest.h>

#include <set>

namespace cornice {
namespace {

template <class E>
struct words_of;

// The public parser of each enum, next to its table.
#define CORNICE_WORDS(enumeration, parser)                                           \
  template <>                                                                        \
  struct words_of<enumeration> {                                                     \
    static result<enumeration> parse(std::string_view text) { return parser(text); } \
  }
CORNICE_WORDS(venue_id, parse_venue);
CORNICE_WORDS(outcome, parse_outcome);
CORNICE_WORDS(order_side, parse_order_side);
CORNICE_WORDS(listing_status, parse_listing_status);
CORNICE_WORDS(fee_schedule::model, parse_fee_model);
CORNICE_WORDS(mapping_relation, parse_mapping_relation);
CORNICE_WORDS(mapping_status, parse_mapping_status);
CORNICE_WORDS(market_kind, parse_market_kind);
CORNICE_WORDS(market_change, parse_market_change);
CORNICE_WORDS(feed_state, parse_feed_state);
CORNICE_WORDS(opportunity_kind, parse_opportunity_kind);
CORNICE_WORDS(order_report::status, parse_order_report_status);
CORNICE_WORDS(order_state, parse_order_state);
CORNICE_WORDS(time_in_force, parse_time_in_force);
CORNICE_WORDS(bundle_state, parse_bundle_state);
CORNICE_WORDS(breaker_state, parse_breaker_state);
CORNICE_WORDS(liquidity, parse_liquidity);
#undef CORNICE_WORDS

template <class E>
class enum_words : public ::testing::Test {};
using enums = ::testing::Types<venue_id, outcome, order_side, listing_status, fee_schedule::model,
                               mapping_relation, mapping_status, market_kind, market_change,
                               feed_state, opportunity_kind, order_report::status, order_state,
                               time_in_force, bundle_state, breaker_state, liquidity>;
TYPED_TEST_SUITE(enum_words, enums);

TYPED_TEST(enum_words, every_enumerator_parses_back_from_its_name) {
  std::set<std::string_view> seen;
  for (const auto& entry : names_of<TypeParam>.entries) {
    EXPECT_EQ(to_string(entry.value), entry.name);
    const auto parsed = words_of<TypeParam>::parse(entry.name);
    ASSERT_TRUE(parsed) << entry.name;
    EXPECT_EQ(*parsed, entry.value);
    EXPECT_TRUE(seen.insert(entry.name).second) << entry.name << " names two enumerators";
  }
}

TYPED_TEST(enum_words, names_are_lower_case_words) {
  for (const auto& entry : names_of<TypeParam>.entries)
    EXPECT_EQ(entry.name.find_first_not_of("abcdefghijklmnopqrstuvwxyz_"), std::string_view::npos)
        << entry.name;
}

TYPED_TEST(enum_words, an_unknown_word_is_refused_with_every_known_one) {
  for (const std::string_view text : {"", "YES", "buy ", "nothing"}) {
    const auto parsed = words_of<TypeParam>::parse(text);
    ASSERT_FALSE(parsed) << text;
    EXPECT_EQ(parsed.error().code, errc::invalid_argument);
    for (const auto& entry : names_of<TypeParam>.entries)
      EXPECT_NE(parsed.error().message.find(entry.name), std::string::npos) << entry.name;
  }
}

TYPED_TEST(enum_words, a_long_unknown_word_is_not_repeated_in_full) {
  const auto parsed = words_of<TypeParam>::parse(std::string(10'000, 'x'));
  ASSERT_FALSE(parsed);
  EXPECT_LT(parsed.error().message.size(), 500u);
}

TYPED_TEST(enum_words, a_value_outside_the_table_ends_the_process) {
  const auto beyond = static_cast<TypeParam>(names_of<TypeParam>.entries.size());
  EXPECT_DEATH(static_cast<void>(to_string(beyond)), "Invariant");
}

// An enumerator added without a name would be one past the end of its table; the published lists
// and the opposites cross-check the tables that have them.
TEST(enum_lists, agree_with_the_tables) {
  EXPECT_EQ(std::size(all_venues), names_of<venue_id>.entries.size());
  EXPECT_EQ(std::size(all_order_states), names_of<order_state>.entries.size());
  EXPECT_EQ(std::size(all_bundle_states), names_of<bundle_state>.entries.size());
}

TEST(outcome_words, opposites_are_involutions) {
  for (const outcome o : {outcome::yes, outcome::no}) {
    EXPECT_NE(opposite(o), o);
    EXPECT_EQ(opposite(opposite(o)), o);
  }
  for (const order_side s : {order_side::buy, order_side::sell}) {
    EXPECT_NE(opposite(s), s);
    EXPECT_EQ(opposite(opposite(s)), s);
  }
}

}  // namespace
}  // namespace cornice
