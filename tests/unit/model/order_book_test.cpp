#include "cornice/model/order_book.hpp"

#include "model_generators.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <limits>
#include <map>

namespace cornice_test {
namespace {

price cents(std::int64_t n) {
  return price::of_micros(n * 10'000);
}

// What a book is, without any cleverness.
class reference_book {
 public:
  bool set(book_side side, price p, quantity total) {
    if (total.is_negative()) return false;
    auto& levels = sides_[static_cast<std::size_t>(side)];
    if (total.is_zero())
      levels.erase(p);
    else
      levels[p] = total;
    return true;
  }
  bool add(book_side side, price p, quantity delta) { return set(side, p, at(side, p) + delta); }
  quantity at(book_side side, price p) const {
    const auto& levels = sides_[static_cast<std::size_t>(side)];
    const auto found = levels.find(p);
    return found == levels.end() ? quantity{} : found->second;
  }
  std::vector<level> worst_first(book_side side) const {
    std::vector<level> all;
    for (const auto& [p, q] : sides_[static_cast<std::size_t>(side)]) all.push_back({p, q});
    if (side == book_side::ask) std::reverse(all.begin(), all.end());
    return all;
  }

 private:
  std::map<price, quantity> sides_[2];
};

RC_GTEST_PROP(order_books, behave_like_a_map_of_totals, ()) {
  order_book book;
  reference_book reference;
  const auto steps = *rc::gen::inRange(0, 200);
  for (int i = 0; i < steps; ++i) {
    const auto side = *rc::gen::element(book_side::bid, book_side::ask);
    const price p = cents(*rc::gen::inRange(0, 12));
    const quantity q{*rc::gen::inRange<std::int64_t>(-3, 6)};
    if (*rc::gen::arbitrary<bool>())
      RC_ASSERT(book.set(side, p, q).has_value() == reference.set(side, p, q));
    else
      RC_ASSERT(book.add(side, p, q).has_value() == reference.add(side, p, q));
    for (const book_side s : {book_side::bid, book_side::ask}) {
      const auto levels = book.levels(s);
      const auto expected = reference.worst_first(s);
      RC_ASSERT(std::vector<level>(levels.begin(), levels.end()) == expected);
      RC_ASSERT(book.best(s) == (expected.empty() ? std::nullopt : std::optional{expected.back()}));
      RC_ASSERT(book.at(s, p) == reference.at(s, p));
    }
  }
}

RC_GTEST_PROP(order_books, complement_is_its_own_inverse, ()) {
  order_book book;
  const auto drawn = *rc::gen::arbitrary<std::vector<std::pair<price, price>>>();
  for (const auto& [bid, ask] : drawn) {
    RC_ASSERT(book.set(book_side::bid, bid, quantity{1}).has_value());
    RC_ASSERT(book.set(book_side::ask, ask, quantity{2}).has_value());
  }
  const order_book mirrored = book.complement();
  RC_ASSERT(mirrored.complement() == book);
  RC_ASSERT(mirrored.crossed() == book.crossed());
  for (const auto& [bid, ask] : drawn) {
    RC_ASSERT(mirrored.at(book_side::ask, bid.complement()) == book.at(book_side::bid, bid));
    RC_ASSERT(mirrored.at(book_side::bid, ask.complement()) == book.at(book_side::ask, ask));
  }
}

TEST(order_books, keep_their_state_when_a_change_does_not_fit) {
  order_book book;
  ASSERT_TRUE(book.set(book_side::bid, cents(30), quantity{5}));
  const order_book before = book;
  EXPECT_EQ(book.add(book_side::bid, cents(30), quantity{-6}).error().code, errc::out_of_range);
  EXPECT_EQ(book.add(book_side::bid, cents(31), quantity{-1}).error().code, errc::out_of_range);
  EXPECT_EQ(book.set(book_side::ask, cents(30), quantity{-1}).error().code, errc::out_of_range);
  EXPECT_EQ(book.add(book_side::bid, cents(30), quantity{std::numeric_limits<std::int64_t>::max()})
                .error()
                .code,
            errc::out_of_range)
      << "the sum does not fit 64 bits";
  EXPECT_EQ(book, before);
}

TEST(order_books, bound_the_levels_of_a_side) {
  order_book book;
  for (std::size_t i = 0; i < order_book::max_levels; ++i)
    ASSERT_TRUE(
        book.set(book_side::ask, price::of_micros(static_cast<std::int64_t>(i)), quantity{1}));
  const price one_more = cents(99);
  EXPECT_EQ(book.set(book_side::ask, one_more, quantity{1}).error().code, errc::out_of_range);
  EXPECT_TRUE(book.set(book_side::ask, price{}, quantity{7}))
      << "a level that exists still changes";
  EXPECT_TRUE(book.set(book_side::bid, one_more, quantity{1}))
      << "the other side has its own bound";
  ASSERT_TRUE(book.set(book_side::ask, price{}, quantity{}));
  EXPECT_TRUE(book.set(book_side::ask, one_more, quantity{1})) << "after one was removed";
}

TEST(order_books, are_crossed_when_a_bid_reaches_an_ask) {
  order_book book;
  EXPECT_FALSE(book.crossed());
  ASSERT_TRUE(book.set(book_side::bid, cents(30), quantity{1}));
  EXPECT_FALSE(book.crossed());
  ASSERT_TRUE(book.set(book_side::ask, cents(31), quantity{1}));
  EXPECT_FALSE(book.crossed());
  ASSERT_TRUE(book.set(book_side::ask, cents(30), quantity{1}));
  EXPECT_TRUE(book.crossed());
}

TEST(order_books, are_empty_after_clear) {
  order_book book;
  ASSERT_TRUE(book.set(book_side::bid, cents(30), quantity{1}));
  EXPECT_FALSE(book.empty());
  book.clear();
  EXPECT_TRUE(book.empty());
  EXPECT_EQ(book, order_book{});
}

}  // namespace
}  // namespace cornice_test
