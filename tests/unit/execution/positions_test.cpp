#include "cornice/execution/positions.hpp"

#include "market_world.hpp"

#include <rapidcheck/gtest.h>

namespace cornice::execution::testing {
namespace {

fill_report fill(const contract_id& c, order_side side, std::int64_t price_cents, quantity q,
                 money fee = {}) {
  static int n = 0;
  fill_report f;
  f.venue = c.venue();
  f.fill = venue_fill_id::of("p" + std::to_string(++n));
  f.contract = c;
  f.side = side;
  f.p = cents(price_cents);
  f.q = q;
  f.fee = fee;
  return f;
}

TEST(position_book, part_of_a_holding_takes_its_share_of_the_cost) {
  position_book book;
  book.apply(fill(p_yes, order_side::buy, 40, lots(10)), std::nullopt);
  book.apply(fill(p_yes, order_side::sell, 50, lots(4), usd(1)), std::nullopt);
  const position p = book.of(p_yes);
  EXPECT_EQ(p.q, lots(6));
  EXPECT_EQ(p.cost, usd(240));
  EXPECT_EQ(p.realised, usd(40));
  EXPECT_EQ(p.fees, usd(1));
}

TEST(position_book, yes_and_no_become_a_dollar_where_the_venue_nets) {
  position_book book;
  ledger books;
  books.post(book.apply(fill(k_yes, order_side::buy, 45, lots(10)), k_no).entry);
  const booking b = book.apply(fill(k_no, order_side::buy, 50, lots(4)), k_yes);
  books.post(b.entry);
  EXPECT_EQ(book.of(k_yes).q, lots(6));
  EXPECT_TRUE(book.of(k_no).q.is_zero());
  EXPECT_EQ(b.touched.size(), 2u);
  EXPECT_EQ(book.of(k_yes).realised + book.of(k_no).realised, usd(20));
  EXPECT_EQ(books.cash(venue_id::kalshi), usd(-450 - 200 + 400));
}

TEST(position_book, selling_yes_and_buying_no_are_one_trade_on_a_netting_venue) {
  const auto run = [](bool turned) {
    position_book book;
    ledger books;
    books.post(book.apply(fill(k_yes, order_side::buy, 45, lots(10)), k_no).entry);
    auto sale = fill(k_yes, order_side::sell, 60, lots(15));
    sale.fill = venue_fill_id::of("same");
    const auto b = turned ? book.apply(as_opposite(sale, k_no), k_yes) : book.apply(sale, k_no);
    books.post(b.entry);
    return std::tuple{book.of(k_yes).q, book.of(k_no).q, book.of(k_no).cost,
                      book.totals(venue_id::kalshi).realised, books.cash(venue_id::kalshi)};
  };
  EXPECT_EQ(run(false), run(true));
  EXPECT_EQ(std::get<1>(run(false)), lots(5));
}

TEST(position_book, selling_what_is_not_held_is_told) {
  position_book book;
  const auto b = book.apply(fill(p_yes, order_side::sell, 50, lots(3)), std::nullopt);
  EXPECT_TRUE(b.oversold);
  EXPECT_EQ(book.of(p_yes).q, lots(-3));
}

TEST(position_book, settlement_pays_and_closes) {
  position_book book;
  book.apply(fill(p_yes, order_side::buy, 40, lots(10)), std::nullopt);
  const auto b = book.settle(p_yes, ratio{1'000'000}, "settle:1", start_time);
  EXPECT_TRUE(b.entry.sum().is_zero());
  EXPECT_TRUE(book.of(p_yes).q.is_zero());
  EXPECT_TRUE(book.of(p_yes).cost.is_zero());
  EXPECT_EQ(book.of(p_yes).realised, usd(600));
  EXPECT_TRUE(book.settle(p_yes, ratio{0}, "settle:2", start_time).entry.postings.empty());
}

TEST(position_book, adopting_takes_the_venues_quantity) {
  position_book book;
  book.apply(fill(p_yes, order_side::buy, 40, lots(10)), std::nullopt);
  const auto less = book.adopt(p_yes, lots(4), cents(50), "adopt:1", start_time);
  EXPECT_TRUE(less.entry.sum().is_zero());
  EXPECT_EQ(book.of(p_yes).q, lots(4));
  EXPECT_EQ(book.of(p_yes).cost, usd(160));
  const auto more = book.adopt(p_yes, lots(5), cents(50), "adopt:2", start_time);
  EXPECT_TRUE(more.entry.sum().is_zero());
  EXPECT_EQ(book.of(p_yes).cost, usd(210));
}

// Whatever the sequence: every transaction balances, the ledger's contract accounts are the costs,
// cash is what flowed, and the quantity is the sum of the fills.
RC_GTEST_PROP(position_property, nothing_appears_or_vanishes,
              (const std::vector<std::tuple<std::uint8_t, std::uint8_t, std::uint32_t>>& raw)) {
  position_book book;
  ledger books;
  money cash;
  std::map<contract_id, quantity> traded;
  quantity netted;
  for (const auto& [what, p, q] : raw) {
    const contract_id& c = all_contracts[what % 4];
    const auto side = what & 4 ? order_side::sell : order_side::buy;
    const auto f =
        fill(c, side, p % 99 + 1, quantity{static_cast<std::int64_t>(q % 5'000'000) + 1}, money{p});
    const auto other = c == k_yes  ? std::optional{k_no}
                       : c == k_no ? std::optional{k_yes}
                                   : std::nullopt;
    const booking b = book.apply(f, other);
    RC_ASSERT(b.entry.sum().is_zero());
    books.post(b.entry);
    traded[c] += side == order_side::buy ? f.q : -f.q;
    for (const auto& posting : b.entry.postings)
      if (posting.account.starts_with("cash:")) cash += posting.amount;
  }
  RC_ASSERT(books.sum().is_zero());
  RC_ASSERT(books.cash(venue_id::kalshi) + books.cash(venue_id::polymarket) == cash);
  for (const auto& c : all_contracts)
    RC_ASSERT(books.balance(contracts_account(c)) == book.of(c).cost);
  for (const auto& c : {p_yes, p_no}) RC_ASSERT(book.of(c).q == traded[c]);
  RC_ASSERT(book.of(k_yes).q - book.of(k_no).q == traded[k_yes] - traded[k_no]);
  for (const auto v : {venue_id::kalshi, venue_id::polymarket}) {
    const position total = book.totals(v);
    RC_ASSERT(books.balance(realised_account(v)) == -total.realised);
    RC_ASSERT(books.balance(fees_account(v)) == total.fees);
    RC_ASSERT(books.cash(v) == total.realised - total.fees - total.cost);
  }
}

RC_GTEST_PROP(position_property, closing_everything_leaves_no_cost,
              (const std::vector<std::uint32_t>& buys)) {
  position_book book;
  quantity held;
  for (const auto q : buys) {
    const quantity size{static_cast<std::int64_t>(q % 900'000) + 1};
    book.apply(fill(p_yes, order_side::buy, 1 + q % 98, size), std::nullopt);
    held += size;
  }
  while (held.is_positive()) {
    const quantity part = std::min(held, quantity{333'333});
    book.apply(fill(p_yes, order_side::sell, 50, part), std::nullopt);
    held -= part;
  }
  RC_ASSERT(book.of(p_yes).cost.is_zero());
}

TEST(ledger_transaction, deposit_and_payout_balance) {
  ledger books;
  books.post(cash_movement("d1", ledger_kind::deposit, venue_id::sim, usd(500), "", start_time));
  books.post(payout_received("p1", venue_id::sim, usd(100), start_time));
  EXPECT_EQ(books.cash(venue_id::sim), usd(600));
  EXPECT_EQ(books.balance(equity_account(venue_id::sim)), usd(-500));
  EXPECT_EQ(books.balance(receivable_account(venue_id::sim)), usd(-100));
  EXPECT_TRUE(books.sum().is_zero());
}

TEST(ledger_death, unbalanced_transaction_ends_the_process) {
  ledger books;
  ledger_transaction t;
  t.postings = {{"cash:sim", usd(1)}};
  EXPECT_DEATH(books.post(t), "Invariant");
}

TEST(ledger_kinds, names_read_back) {
  for (const auto k : all_ledger_kinds) EXPECT_EQ(parse_ledger_kind(to_string(k)).value(), k);
  EXPECT_FALSE(parse_ledger_kind("gift"));
}

}  // namespace
}  // namespace cornice::execution::testing
