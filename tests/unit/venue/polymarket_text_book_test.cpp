#include "cornice/venue/polymarket/text_book.hpp"
#include "polymarket_support.hpp"

#include <rapidcheck.h>

#include <map>
#include <random>

namespace cornice::venue::polymarket {
namespace {

using test::lvl;

TEST(polymarket_text_book, keeps_the_text_of_price_and_size) {
  text_book b;
  ASSERT_TRUE(b.set(book_side::bid, lvl("0.50", "100.0")));
  ASSERT_EQ(b.levels(book_side::bid).size(), 1u);
  EXPECT_EQ(b.levels(book_side::bid)[0].price_text(), "0.50");
  EXPECT_EQ(b.levels(book_side::bid)[0].size_text(), "100.0");
  EXPECT_EQ(b.levels(book_side::bid)[0].q(), quantity::contracts(100));
}

TEST(polymarket_text_book, sorts_a_book_that_comes_best_first) {
  const std::vector<wire_level> bids{lvl("0.5", "1"), lvl("0.49", "2"), lvl("0.48", "3")};
  const std::vector<wire_level> asks{lvl("0.51", "1"), lvl("0.9", "2"), lvl("0.52", "3")};
  text_book b;
  ASSERT_TRUE(b.assign(bids, asks));
  EXPECT_EQ(b.levels(book_side::bid).front().price_text(), "0.48");
  EXPECT_EQ(b.levels(book_side::bid).back().price_text(), "0.5");
  EXPECT_EQ(b.levels(book_side::ask).front().price_text(), "0.9");
  EXPECT_EQ(b.levels(book_side::ask).back().price_text(), "0.51");
  EXPECT_EQ(b.best(book_side::bid), price::of_micros(500'000));
  EXPECT_EQ(b.best(book_side::ask), price::of_micros(510'000));
}

TEST(polymarket_text_book, refuses_a_price_twice_and_a_level_without_size) {
  text_book b;
  const std::vector<wire_level> twice{lvl("0.5", "1"), lvl("0.50", "2")};
  const std::vector<wire_level> nothing{lvl("0.5", "0")};
  EXPECT_EQ(b.assign(twice, {}).error().code, errc::malformed);
  EXPECT_TRUE(b.empty());
  EXPECT_EQ(b.assign({}, nothing).error().code, errc::malformed);
  EXPECT_TRUE(b.empty());
}

TEST(polymarket_text_book, refuses_texts_that_are_no_level) {
  EXPECT_EQ(parse_level("0", "1").error().code, errc::out_of_range);
  EXPECT_EQ(parse_level("1", "1").error().code, errc::out_of_range);
  EXPECT_EQ(parse_level("1.5", "1").error().code, errc::out_of_range);
  EXPECT_EQ(parse_level("0.5", "-1").error().code, errc::out_of_range);
  EXPECT_EQ(parse_level("", "1").error().code, errc::malformed);
  EXPECT_EQ(parse_level("0.5", "x").error().code, errc::malformed);
  EXPECT_EQ(parse_level("0.5", ".").error().code, errc::malformed);
  EXPECT_EQ(parse_level("0.5", std::string(40, '1')).error().code, errc::out_of_range);
  EXPECT_EQ(parse_level("0.5000000", "1.0000000000").value().p, price::of_micros(500'000));
}

TEST(polymarket_text_book, zero_removes_and_removing_nothing_is_fine) {
  text_book b;
  ASSERT_TRUE(b.set(book_side::ask, lvl("0.6", "5")));
  ASSERT_TRUE(b.set(book_side::ask, lvl("0.7", "0")));
  EXPECT_EQ(b.size(), 1u);
  ASSERT_TRUE(b.set(book_side::ask, lvl("0.6", "0")));
  EXPECT_TRUE(b.empty());
}

TEST(polymarket_text_book, knows_when_it_is_crossed) {
  text_book b;
  ASSERT_TRUE(b.set(book_side::bid, lvl("0.5", "5")));
  EXPECT_FALSE(b.crossed());
  ASSERT_TRUE(b.set(book_side::ask, lvl("0.5", "5")));
  EXPECT_TRUE(b.crossed());
}

TEST(polymarket_text_book, top_is_best_first) {
  text_book b;
  for (const auto* p : {"0.1", "0.3", "0.2"}) ASSERT_TRUE(b.set(book_side::bid, lvl(p, "7")));
  std::vector<level> top;
  b.top(book_side::bid, 2, top);
  ASSERT_EQ(top.size(), 2u);
  EXPECT_EQ(top[0].p, price::of_micros(300'000));
  EXPECT_EQ(top[1].p, price::of_micros(200'000));
}

TEST(polymarket_text_book, any_sequence_of_changes_equals_a_map) {
  EXPECT_TRUE(
      rc::check([](const std::vector<std::tuple<bool, std::uint8_t, std::uint8_t>>& changes) {
        text_book b;
        std::map<std::pair<book_side, std::int64_t>, std::int64_t> expected;
        for (const auto& [bid, p, q] : changes) {
          const auto side = bid ? book_side::bid : book_side::ask;
          const std::int64_t micros = (p % 99 + 1) * 10'000;
          const std::string price_text = format_millionths(micros, 2);
          const std::string size_text = std::to_string(q % 4);
          RC_ASSERT(b.set(side, lvl(price_text, size_text)).has_value());
          if (q % 4 == 0)
            expected.erase({side, micros});
          else
            expected[{side, micros}] = q % 4;
        }
        RC_ASSERT(b.size() == expected.size());
        for (const auto side : {book_side::bid, book_side::ask}) {
          std::int64_t before = side == book_side::bid ? 0 : price::one;
          for (const text_level& l : b.levels(side)) {
            const bool in_order =
                side == book_side::bid ? l.price_micros() > before : l.price_micros() < before;
            RC_ASSERT(in_order);
            before = l.price_micros();
            RC_ASSERT((expected.at({side, l.price_micros()})) * quantity::one == l.q().micros());
          }
        }
      }));
}

}  // namespace
}  // namespace cornice::venue::polymarket
