// A venue in miniature: keeps books as Polymarket does and writes its frames with true hashes.
#pragma once

#include "cornice/venue/polymarket/book_feed.hpp"
#include "cornice/venue/polymarket/book_hash.hpp"
#include "cornice/venue/polymarket/ws.hpp"

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

namespace cornice::venue::polymarket::test {

inline wire_level lvl(std::string_view p, std::string_view s) {
  const auto l = parse_level(p, s);
  EXPECT_TRUE(l) << p << " × " << s;
  return l ? *l : wire_level{};
}

/// One asset at the venue.
class venue_asset {
 public:
  explicit venue_asset(std::string id, std::string market = "0xabc")
      : id_{std::move(id)}, market_{std::move(market)} {}

  text_book book;
  std::string min_order_size = "5";
  std::string tick_size = "0.01";
  bool neg_risk = false;
  std::string last_trade_price = "0.500";

  [[nodiscard]] const std::string& id() const { return id_; }
  [[nodiscard]] const std::string& market() const { return market_; }
  [[nodiscard]] asset_metadata metadata() const { return {min_order_size, tick_size, neg_risk}; }
  [[nodiscard]] feed_asset wanted() const { return {id_, market_, metadata()}; }

  void put(book_side side, std::string_view p, std::string_view s) {
    EXPECT_TRUE(book.set(side, lvl(p, s)));
  }
  [[nodiscard]] std::string hash(std::int64_t time_ms) const {
    book_hasher hasher;
    const std::string time = std::to_string(time_ms);
    return std::string{as_text(hasher.hash(
        {market_, id_, time, min_order_size, tick_size, neg_risk, last_trade_price}, book))};
  }

  /// Calls `use` with the book as REST shows it, or as the stream does (without the metadata).
  template <class Use>
  void view(std::int64_t time_ms, bool rest, Use use) const {
    std::vector<wire_level> bids;
    std::vector<wire_level> asks;
    for (const text_level& l : book.levels(book_side::bid)) bids.push_back(l.wire());
    for (const text_level& l : book.levels(book_side::ask)) asks.push_back(l.wire());
    const std::string time = std::to_string(time_ms);
    const std::string digest = hash(time_ms);
    book_view v{market_, id_, time, time_ms, digest, bids, asks, {}, {}, {}, {}};
    v.tick_size = tick_size;
    v.last_trade_price = last_trade_price;
    if (rest) {
      v.min_order_size = min_order_size;
      v.neg_risk = neg_risk;
    }
    use(v);
  }

  [[nodiscard]] std::string book_frame(std::int64_t time_ms) const {
    std::string out;
    view(time_ms, false, [&out](const book_view& v) { out = ws::encode(v); });
    return out;
  }

  /// Changes one level and writes the price_change that tells it.
  std::string change(std::int64_t time_ms, book_side side, std::string_view p, std::string_view s) {
    EXPECT_TRUE(book.set(side, lvl(p, s)));
    return change_frame(time_ms, side, p, s);
  }

  /// The frame for a change that `book` already has.
  [[nodiscard]] std::string change_frame(std::int64_t time_ms, book_side side, std::string_view p,
                                         std::string_view s) const {
    const std::string digest = hash(time_ms);
    const std::string bid = best_text(book_side::bid);
    const std::string ask = best_text(book_side::ask);
    ws::level_change c;
    c.asset_id = id_;
    c.side = side;
    c.level = lvl(p, s);
    c.hash = digest;
    c.best_bid = ws::best_quote{bid, std::nullopt};
    c.best_ask = ws::best_quote{ask, std::nullopt};
    const std::string time = std::to_string(time_ms);
    const std::vector<ws::level_change> changes{c};
    return ws::encode(ws::price_change{market_, time, time_ms, changes});
  }

  [[nodiscard]] std::string best_text(book_side side) const {
    const auto all = book.levels(side);
    return all.empty() ? std::string{} : std::string{all.back().price_text()};
  }

 private:
  std::string id_;
  std::string market_;
};

/// The actions of one kind.
template <class T>
std::vector<T> of(const feed_actions& actions) {
  std::vector<T> out;
  for (const feed::action& a : actions)
    if (const T* match = std::get_if<T>(&a)) out.push_back(*match);
  return out;
}

inline std::string sent(const feed_actions& actions) {
  std::string out;
  for (const auto& s : of<feed::send_text>(actions)) out += s.text + "\n";
  return out;
}

/// True when both sides of the copy equal the venue's, text for text.
inline bool same(const text_book& a, const text_book& b) {
  for (const book_side side : {book_side::bid, book_side::ask}) {
    if (a.levels(side).size() != b.levels(side).size()) return false;
    for (std::size_t i = 0; i < a.levels(side).size(); ++i)
      if (a.levels(side)[i].price_text() != b.levels(side)[i].price_text() ||
          a.levels(side)[i].size_text() != b.levels(side)[i].size_text())
        return false;
  }
  return true;
}

}  // namespace cornice::venue::polymarket::test
