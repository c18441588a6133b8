#include "cornice/model/ids.hpp"

#include "model_generators.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <regex>
#include <unordered_set>

namespace cornice_test {
namespace {

TEST(text_ids, accept_printable_ascii_up_to_their_size) {
  EXPECT_EQ(market_id::parse("a.b:c/#~!").value().str(), "a.b:c/#~!");
  EXPECT_TRUE(market_id::parse(std::string(200, 'x')));
}

TEST(text_ids, refuse_what_would_need_escaping_or_is_too_long) {
  for (const std::string& text :
       {std::string{}, std::string(201, 'x'), std::string{"a b"}, std::string{"a\"b"},
        std::string{"a\\b"}, std::string{"a\nb"}, std::string{"a\x7f"}, std::string{"\xC3\xA9"},
        std::string("a\0b", 3)}) {
    const auto parsed = market_id::parse(text);
    ASSERT_FALSE(parsed) << text;
    EXPECT_EQ(parsed.error().code, errc::malformed);
  }
}

TEST(text_ids, hash_and_compare_by_text) {
  std::unordered_set<order_id> ids;
  ids.insert(order_id::of("a"));
  ids.insert(order_id::of("a"));
  ids.insert(order_id::of("b"));
  EXPECT_EQ(ids.size(), 2u);
  EXPECT_LT(order_id::of("a"), order_id::of("b"));
  EXPECT_TRUE(order_id{}.empty());
}

TEST(contract_ids, split_into_venue_and_native) {
  const auto id = contract_id::parse("kalshi:KXHIGHNY-26NOV23-B54.5:yes").value();
  EXPECT_EQ(id.venue(), venue_id::kalshi);
  EXPECT_EQ(id.native(), "KXHIGHNY-26NOV23-B54.5:yes");
  EXPECT_EQ(id.routing_word(), "KXHIGHNY-26NOV23-B54%2E5:yes");
}

TEST(contract_ids, refuse_what_has_no_known_venue_or_no_native) {
  EXPECT_EQ(contract_id::parse("").error().code, errc::malformed);
  EXPECT_EQ(contract_id::parse("kalshi").error().code, errc::malformed);
  EXPECT_EQ(contract_id::parse("kalshi:").error().code, errc::malformed);
  EXPECT_EQ(contract_id::parse("kalshi:a b").error().code, errc::malformed);
  EXPECT_EQ(contract_id::parse("nyse:A").error().code, errc::invalid_argument);
  EXPECT_EQ(contract_id::parse(":A").error().code, errc::invalid_argument);
}

TEST(contract_ids, the_empty_one_has_no_native) {
  EXPECT_TRUE(contract_id{}.empty());
  EXPECT_TRUE(contract_id{}.native().empty());
}

RC_GTEST_PROP(contract_ids, parse_gives_back_what_make_made, (const contract_id& id)) {
  const auto parsed = contract_id::parse(id.str());
  RC_ASSERT(parsed.has_value());
  RC_ASSERT(*parsed == id);
  RC_ASSERT(parsed->venue() == id.venue());
  RC_ASSERT(contract_id::make(id.venue(), id.native()) == id);
}

RC_GTEST_PROP(contract_ids, routing_words_are_one_word_and_tell_contracts_apart, ()) {
  const auto a = *some_contract();
  const auto b = *some_contract();
  RC_ASSERT(a.routing_word().find_first_of(".*# ") == std::string::npos);
  RC_ASSERT((a.native() == b.native()) == (a.routing_word() == b.routing_word()));
}

TEST(contract_ids, long_routing_words_are_cut_and_stay_apart) {
  const auto a = contract_id::make(venue_id::kalshi, std::string(190, '.') + "a");
  const auto b = contract_id::make(venue_id::kalshi, std::string(190, '.') + "b");
  EXPECT_LE(a.routing_word().size(), 177u);
  EXPECT_NE(a.routing_word(), b.routing_word());
}

RC_GTEST_PROP(uuids, have_the_layout_of_version_4, (std::uint64_t high, std::uint64_t low)) {
  static const std::regex layout{
      "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"};
  RC_ASSERT(std::regex_match(make_uuid(high, low), layout));
}

TEST(uuids, carry_the_given_bits) {
  EXPECT_EQ(make_uuid(0, 0), "00000000-0000-4000-8000-000000000000");
  EXPECT_EQ(make_uuid(~std::uint64_t{0}, ~std::uint64_t{0}),
            "ffffffff-ffff-4fff-bfff-ffffffffffff");
  EXPECT_EQ(make_uuid(0x0123456789abcdef, 0x0123456789abcdef),
            "01234567-89ab-4def-8123-456789abcdef");
}

}  // namespace
}  // namespace cornice_test
