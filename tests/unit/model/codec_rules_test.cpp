// Bounds of single fields, and rules between the fields of a message.
#include "cornice/model/codec.hpp"
#include "model/json_writer.hpp"
#include "model_generators.hpp"
#include "samples.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <rapidcheck/gtest.h>

#include <array>

namespace cornice_test {
namespace {

template <class T>
error refusal_of(const T& m) {
  const auto decoded = decode<T>(encode(m));
  return decoded ? error{errc::internal, "accepted"} : decoded.error();
}

// Decodes the first sample of T with one value replaced.
template <class T>
result<T> with(const char* pointer, const nlohmann::json& value) {
  auto body = nlohmann::json::parse(encode(samples<T>().front()));
  body.at(nlohmann::json::json_pointer{pointer}) = value;
  return decode<T>(body.dump());
}

template <class T>
errc code_with(const char* pointer, const nlohmann::json& value) {
  const auto decoded = with<T>(pointer, value);
  return decoded ? errc::internal : decoded.error().code;
}

book_signal book(std::vector<level> bids, std::vector<level> asks, bool usable) {
  auto m = samples<book_signal>().front();
  m.bids = std::move(bids);
  m.asks = std::move(asks);
  m.usable = usable;
  return m;
}

TEST(book_rules, bids_must_fall_strictly) {
  EXPECT_EQ(refusal_of(book({level_at(30, 1), level_at(31, 1)}, {}, true)).code, errc::malformed);
  const error twice = refusal_of(book({level_at(30, 1), level_at(30, 1)}, {}, false));
  EXPECT_EQ(twice.code, errc::malformed);
  EXPECT_NE(twice.message.find("/bids/1"), std::string::npos) << twice.message;
}

TEST(book_rules, asks_must_rise_strictly) {
  EXPECT_EQ(refusal_of(book({}, {level_at(31, 1), level_at(30, 1)}, true)).code, errc::malformed);
  EXPECT_EQ(refusal_of(book({}, {level_at(31, 1), level_at(31, 1)}, true)).code, errc::malformed);
}

TEST(book_rules, a_usable_book_is_neither_crossed_nor_locked) {
  EXPECT_EQ(refusal_of(book({level_at(33, 1)}, {level_at(32, 1)}, true)).code, errc::malformed);
  EXPECT_EQ(refusal_of(book({level_at(33, 1)}, {level_at(33, 1)}, true)).code, errc::malformed);
  EXPECT_TRUE(decode<book_signal>(encode(book({level_at(33, 1)}, {level_at(32, 1)}, false))));
  EXPECT_TRUE(decode<book_signal>(encode(book({level_at(32, 1)}, {level_at(33, 1)}, true))));
}

TEST(book_rules, an_empty_side_is_a_usable_book) {
  EXPECT_TRUE(decode<book_signal>(encode(book({}, {}, true))));
}

TEST(book_rules, more_levels_than_the_bound_are_refused) {
  std::vector<level> asks;
  for (std::int64_t cents = 1; cents <= 32; ++cents) asks.push_back(level_at(cents, 1));
  EXPECT_TRUE(decode<book_signal>(encode(book({}, asks, true))));
  asks.push_back(level_at(33, 1));
  const error refused = refusal_of(book({}, asks, true));
  EXPECT_EQ(refused.code, errc::out_of_range);
  EXPECT_NE(refused.message.find("/asks"), std::string::npos) << refused.message;
}

TEST(book_rules, a_level_has_a_price_and_a_positive_quantity) {
  EXPECT_EQ(code_with<book_signal>("/bids/0", {"0.31"}), errc::out_of_range);
  EXPECT_EQ(code_with<book_signal>("/bids/0", {"0.31", "1.00", "2"}), errc::out_of_range);
  EXPECT_EQ(code_with<book_signal>("/bids/0/1", "0.00"), errc::out_of_range);
  EXPECT_EQ(code_with<book_signal>("/bids/0/1", "-1.00"), errc::out_of_range);
  EXPECT_EQ(code_with<book_signal>("/bids/0/0", "1.01"), errc::out_of_range);
  EXPECT_EQ(code_with<book_signal>("/bids/0/0", "0.3.1"), errc::malformed);
}

TEST(book_decoder, agrees_with_decode_over_many_messages) {
  book_signal_decoder decoder;
  EXPECT_TRUE(rc::check([&](const book_signal& m) {
    const std::string body = encode(m);
    RC_ASSERT(decoder.decode(body).value() == m);
    RC_ASSERT(!decoder.decode(body.substr(0, body.size() / 2)));
    RC_ASSERT(decoder.decode(body).value() == decode<book_signal>(body).value());
  }));
}

TEST(book_decoder, keeps_its_depth_bound_after_growing) {
  book_signal_decoder decoder;
  std::string body = encode(samples<book_signal>().front());
  ASSERT_TRUE(decoder.decode(body + std::string(1u << 20, ' ')));
  body.pop_back();
  const std::string deep = body + ",\"x\":" + std::string(20, '[') + std::string(20, ']') + "}";
  EXPECT_FALSE(decoder.decode(deep));
  const std::string shallow = body + ",\"x\":" + std::string(10, '[') + std::string(10, ']') + "}";
  EXPECT_TRUE(decoder.decode(shallow));
}

TEST(book_encoder, appends_to_what_is_there) {
  const auto m = samples<book_signal>().front();
  std::string out = "kept";
  encode_to(out, m);
  EXPECT_EQ(out, "kept" + encode(m));
}

TEST(market_signal_rules, carries_exactly_one_of_listing_and_mapping) {
  market_signal both = samples<market_signal>().front();
  both.mapping = full_market();
  EXPECT_EQ(refusal_of(both).code, errc::malformed);
  market_signal none = samples<market_signal>().front();
  none.subject.reset();
  EXPECT_EQ(refusal_of(none).code, errc::malformed);
}

TEST(opportunity_rules, has_two_to_thirty_two_legs) {
  opportunity m = samples<opportunity>().front();
  m.legs.pop_back();
  EXPECT_EQ(refusal_of(m).code, errc::out_of_range);
  m.legs.resize(max_bus_legs, m.legs.front());
  EXPECT_TRUE(decode<opportunity>(encode(m)));
  m.legs.push_back(m.legs.front());
  EXPECT_EQ(refusal_of(m).code, errc::out_of_range);
}

TEST(listing_rules, a_grid_with_a_gap_is_refused) {
  EXPECT_EQ(code_with<listing>("/grid/1/start", "0.20"), errc::malformed);
  EXPECT_EQ(code_with<listing>("/grid/1/step_micros", 0), errc::out_of_range);
  const auto empty = with<listing>("/grid", nlohmann::json::array());
  ASSERT_TRUE(empty);
  EXPECT_TRUE(empty->grid.empty());
}

TEST(field_rules, unknown_words_of_enums_are_refused_with_the_known_ones) {
  const auto decoded = with<feed_signal>("/state", "sleeping");
  ASSERT_FALSE(decoded);
  EXPECT_EQ(decoded.error().code, errc::malformed);
  EXPECT_NE(decoded.error().message.find("syncing"), std::string::npos);
}

TEST(field_rules, ids_keep_their_alphabet_and_size) {
  EXPECT_EQ(code_with<fill_report>("/fill", ""), errc::malformed);
  EXPECT_EQ(code_with<fill_report>("/fill", "a b"), errc::malformed);
  EXPECT_EQ(code_with<fill_report>("/fill", std::string(201, 'x')), errc::out_of_range);
  EXPECT_TRUE(with<fill_report>("/fill", std::string(200, 'x')));
  EXPECT_TRUE(with<fill_report>("/order", ""));
  EXPECT_EQ(code_with<fill_report>("/contract", "nasdaq:X"), errc::malformed);
  EXPECT_EQ(code_with<fill_report>("/contract", "kalshi:"), errc::malformed);
}

TEST(field_rules, a_fill_moves_a_positive_quantity) {
  EXPECT_EQ(code_with<fill_report>("/quantity", "0.00"), errc::out_of_range);
  EXPECT_EQ(code_with<fill_report>("/quantity", "-5.00"), errc::out_of_range);
}

TEST(field_rules, integers_keep_their_range) {
  EXPECT_EQ(code_with<feed_signal>("/connections", -1), errc::out_of_range);
  EXPECT_EQ(code_with<feed_signal>("/connections", 9'223'372'036'854'775'808u), errc::out_of_range);
  EXPECT_EQ(code_with<book_signal>("/revision", -1), errc::out_of_range);
  EXPECT_EQ(code_with<book_signal>("/revision", 1.0), errc::malformed);
}

TEST(field_rules, decimals_mean_what_their_type_parses) {
  EXPECT_TRUE(rc::check([] {
    const auto digits = *rc::gen::oneOf(
        rc::gen::container<std::string>(rc::gen::elementOf(std::string{"0123456789.-"})),
        rc::gen::map(wide_integer(), [](std::int64_t v) { return format_millionths(v, 2); }));
    const auto decoded = with<balance_report>("/cash", digits);
    const auto expected = money::parse(digits);
    RC_ASSERT(decoded.has_value() == expected.has_value());
    if (expected) RC_ASSERT(decoded->cash == *expected);
    if (!expected && digits.size() <= 64) RC_ASSERT(decoded.error().code == expected.error().code);
    const auto p = with<trade_signal>("/price", digits);
    RC_ASSERT(p.has_value() == price::parse(digits).has_value());
    if (p) RC_ASSERT(p->p == price::parse(digits).value());
  }));
}

TEST(field_rules, times_lie_within_four_digit_years) {
  EXPECT_EQ(code_with<balance_report>("/observed", "0000-12-31T23:59:59Z"), errc::out_of_range);
  EXPECT_EQ(code_with<balance_report>("/observed", "9999-12-31T23:59:59-01:00"),
            errc::out_of_range);
  EXPECT_EQ(code_with<balance_report>("/observed", "yesterday"), errc::malformed);
}

TEST(field_rules, words_are_refused_and_texts_cut_beyond_their_size) {
  command_request m = samples<command_request>().front();
  m.request_id = std::string(max_bus_word_bytes, 'r');
  m.reason = std::string(max_bus_text_bytes - 1, 'r') + "\u20AC and more";
  const auto decoded = decode<command_request>(encode(m));
  ASSERT_TRUE(decoded) << decoded.error().message;
  EXPECT_EQ(decoded->request_id, m.request_id);
  EXPECT_EQ(decoded->reason, std::string(max_bus_text_bytes - 1, 'r')) << "cut between characters";
  m.request_id += 'r';
  EXPECT_EQ(refusal_of(m).code, errc::out_of_range);
}

TEST(string_writer, makes_json_of_any_bytes) {
  EXPECT_TRUE(rc::check([](const std::string& bytes) {
    std::string out;
    json::append_string(out, bytes);
    RC_ASSERT(nlohmann::json::accept(out));
  }));
}

TEST(string_writer, replaces_each_byte_that_is_not_utf8) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"a\xFFz", "a\uFFFDz"},
      {"\xC0\x80", "\uFFFD\uFFFD"},                      // overlong
      {"\xED\xA0\x80", "\uFFFD\uFFFD\uFFFD"},            // surrogate
      {"\xF4\x90\x80\x80", "\uFFFD\uFFFD\uFFFD\uFFFD"},  // above U+10FFFF
      {"\xE2\x82", "\uFFFD\uFFFD"},                      // cut short
      {"\xE0\x9F\xBF", "\uFFFD\uFFFD\uFFFD"},
      {"\xF0\x8F\xBF\xBF", "\uFFFD\uFFFD\uFFFD\uFFFD"}};
  for (const auto& [bytes, expected] : cases) {
    std::string out;
    json::append_string(out, bytes);
    EXPECT_EQ(out, '"' + expected + '"');
  }
}

TEST(string_writer, cuts_within_the_budget_whatever_it_replaces) {
  EXPECT_TRUE(rc::check([](const std::string& bytes) {
    const auto budget = *rc::gen::inRange<std::size_t>(0, 20);
    std::string out;
    json::append_string(out, bytes, budget);
    RC_ASSERT(nlohmann::json::parse(out).get<std::string>().size() <= budget);
  }));
}

TEST(number_writer, agrees_with_format_millionths) {
  EXPECT_TRUE(rc::check([] {
    const auto value = *rc::gen::oneOf(wide_integer(), rc::gen::arbitrary<std::int64_t>(),
                                       rc::gen::just(std::numeric_limits<std::int64_t>::min()));
    const auto decimals = *rc::gen::inRange(0, 7);
    std::array<char, json::max_number_chars> text{};
    char* const end = json::put_millionths(text.data(), value, decimals);
    RC_ASSERT(std::string(text.data(), end) == format_millionths(value, decimals));
  }));
}

TEST(time_writer, agrees_with_to_rfc3339) {
  EXPECT_TRUE(rc::check([] {
    const timestamp t = *some_time();
    std::array<char, json::time_chars> text{};
    char* const end = json::put_rfc3339(text.data(), t);
    RC_ASSERT(std::string(text.data(), end) == to_rfc3339(t));
  }));
}

TEST(time_writer, clamps_to_four_digit_years) {
  std::array<char, json::time_chars> text{};
  char* end = json::put_rfc3339(text.data(), timestamp::max());
  EXPECT_EQ(std::string(text.data(), end), "9999-12-31T23:59:59.999999Z");
  end = json::put_rfc3339(text.data(), timestamp::min());
  EXPECT_EQ(std::string(text.data(), end), "0001-01-01T00:00:00.000000Z");
}

}  // namespace
}  // namespace cornice_test
