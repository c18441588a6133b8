#include "cornice/execution/exposure.hpp"

#include "market_world.hpp"

#include <rapidcheck/gtest.h>

namespace cornice::execution::testing {
namespace {

order_id id(std::uint32_t n) {
  return order_id::of("o" + std::to_string(n));
}

TEST(exposure_book, buys_count_with_their_cost_and_sales_only_against_the_holding) {
  exposure_book book;
  book.set_position(p_yes, lots(10), usd(400));
  book.reserve(id(1), {p_yes, order_side::buy, lots(5), usd(230)});
  book.reserve(id(2), {p_yes, order_side::sell, lots(4), money{}});
  EXPECT_EQ(book.worst_long(p_yes), lots(15));
  EXPECT_EQ(book.open_sells(p_yes), lots(4));
  EXPECT_EQ(book.held(p_yes), lots(10));
  EXPECT_EQ(book.at_risk(p_yes), usd(630));
  EXPECT_EQ(book.reserved_cash(venue_id::polymarket), usd(230));
  EXPECT_EQ(book.open_orders(venue_id::polymarket), 2u);
  EXPECT_EQ(book.open_orders(venue_id::kalshi), 0u);
}

TEST(exposure_book, reservation_is_replaced_by_name) {
  exposure_book book;
  book.reserve(id(1), {p_yes, order_side::buy, lots(5), usd(230)});
  book.reserve(id(1), {p_yes, order_side::buy, lots(2), usd(90)});
  EXPECT_EQ(book.gross(), usd(90));
  book.reserve(id(1), {p_yes, order_side::buy, quantity{}, money{}});
  EXPECT_TRUE(book.reservations().empty());
  EXPECT_EQ(book.gross(), money{});
  book.release(id(1));
  EXPECT_EQ(book.open_orders(), 0u);
}

TEST(exposure_book, a_short_makes_no_room) {
  exposure_book book;
  book.set_position(p_yes, lots(-5), usd(-200));
  EXPECT_EQ(book.gross(), money{});
  EXPECT_TRUE(book.held(p_yes).is_zero());
}

// The running sums are what adding everything up would give.
RC_GTEST_PROP(exposure_property, sums_equal_recomputation,
              (const std::vector<std::tuple<std::uint8_t, std::uint8_t, std::uint16_t>>& steps)) {
  exposure_book book;
  std::map<order_id, reservation> open;
  std::map<contract_id, std::pair<quantity, money>> held;
  for (const auto& [what, which, amount] : steps) {
    const contract_id& c = all_contracts[what % 4];
    if (what & 16) {
      held[c] = {quantity{amount}, money{amount * 2}};
      book.set_position(c, quantity{amount}, money{amount * 2});
    } else if (what & 32) {
      open.erase(id(which % 16));
      book.release(id(which % 16));
    } else {
      const bool buy = (what & 4) != 0;
      const reservation r{c, buy ? order_side::buy : order_side::sell, quantity{amount},
                          buy ? money{amount} : money{}};
      open.erase(id(which % 16));
      if (amount > 0) open.emplace(id(which % 16), r);
      book.reserve(id(which % 16), r);
    }
  }
  money gross;
  std::map<contract_id, quantity> worst;
  for (const auto& [c, h] : held) {
    worst[c] += h.first;
    gross += h.second;
  }
  for (const auto& [name, r] : open) {
    if (r.side == order_side::buy) worst[r.contract] += r.q;
    gross += r.cost;
  }
  RC_ASSERT(book.gross() == gross);
  RC_ASSERT(book.reservations() == open);
  for (const auto& c : all_contracts) RC_ASSERT(book.worst_long(c) == worst[c]);
  RC_ASSERT(book.at_risk(venue_id::kalshi) + book.at_risk(venue_id::polymarket) == gross);
}

}  // namespace
}  // namespace cornice::execution::testing
