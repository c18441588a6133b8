// Kalshi REST: order books, trades and candlesticks (reference 3.6, 3.7, 3.8). Thread-safe, pure.
#pragma once

#include "cornice/base/result.hpp"
#include "cornice/base/time.hpp"
#include "cornice/model/ids.hpp"
#include "cornice/model/order_book.hpp"
#include "cornice/venue/kalshi/types.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cornice::venue::kalshi {

/// Bids of both legs, each in its own leg's price: a NO bid of 0.67 is a YES ask of 0.33. Without
/// sequence or time, so it can be compared with a streamed book but never spliced into one.
struct rest_orderbook {
  std::vector<level> yes;  ///< ascending on the wire; do not rely on it
  std::vector<level> no;
  /// The YES contract's book. Errors: out_of_range (a level that is not positive, or too many).
  [[nodiscard]] result<order_book> to_book() const;
  friend bool operator==(const rest_orderbook&, const rest_orderbook&) = default;
};
/// `GET /markets/{ticker}/orderbook`. A side that is empty may be an empty array, null or absent.
/// The body of before March 2026 (`orderbook`) is accepted only when empty: its numbers are cents.
[[nodiscard]] result<rest_orderbook> decode_orderbook(std::string_view json);
[[nodiscard]] std::string encode_orderbook(const rest_orderbook& b);

struct ticker_orderbook {
  std::string ticker;
  rest_orderbook orderbook;
  friend bool operator==(const ticker_orderbook&, const ticker_orderbook&) = default;
};
struct orderbook_batch {
  std::vector<ticker_orderbook> orderbooks;
  std::vector<error> rejected;
  friend bool operator==(const orderbook_batch&, const orderbook_batch&) = default;
};
/// `GET /markets/orderbooks`.
[[nodiscard]] result<orderbook_batch> decode_orderbooks(std::string_view json);
[[nodiscard]] std::string encode_orderbooks(const orderbook_batch& b);

struct trade {
  std::string trade_id;
  std::string ticker;
  quantity count_fp;
  price yes_price_dollars;
  std::optional<price> no_price_dollars;
  std::optional<outcome> taker_outcome_side;
  std::optional<book_side> taker_book_side;
  std::optional<outcome> taker_side;  ///< deprecated twin of taker_outcome_side
  timestamp created_time{};
  bool is_block_trade = false;  ///< off-book: not part of the tape
  /// The YES-leg side of the taker, from whichever of the three fields is there.
  [[nodiscard]] std::optional<outcome> taker() const noexcept;
  friend bool operator==(const trade&, const trade&) = default;
};
struct trade_page {
  std::vector<trade> trades;  ///< newest first
  std::string cursor;
  std::vector<error> rejected;
  friend bool operator==(const trade_page&, const trade_page&) = default;
};
/// `GET /markets/trades`.
[[nodiscard]] result<trade_page> decode_trade_page(std::string_view json);
[[nodiscard]] std::string encode_trade_page(const trade_page& p);

struct quote_candle {
  std::optional<price> open_dollars;
  std::optional<price> low_dollars;
  std::optional<price> high_dollars;
  std::optional<price> close_dollars;
  friend bool operator==(const quote_candle&, const quote_candle&) = default;
};
/// All empty when nothing traded in the period.
struct price_candle {
  std::optional<price> open_dollars;
  std::optional<price> low_dollars;
  std::optional<price> high_dollars;
  std::optional<price> close_dollars;
  std::optional<price> mean_dollars;
  std::optional<price> previous_dollars;
  std::optional<price> min_dollars;
  std::optional<price> max_dollars;
  friend bool operator==(const price_candle&, const price_candle&) = default;
};
struct candlestick {
  std::int64_t end_period_ts = 0;  ///< seconds, inclusive end
  quote_candle yes_bid;
  quote_candle yes_ask;
  price_candle price;
  std::optional<quantity> volume_fp;
  std::optional<quantity> open_interest_fp;
  friend bool operator==(const candlestick&, const candlestick&) = default;
};
struct market_candlesticks {
  std::string market_ticker;
  std::vector<candlestick> candlesticks;
  friend bool operator==(const market_candlesticks&, const market_candlesticks&) = default;
};
/// `GET /markets/candlesticks`: one entry a market.
[[nodiscard]] result<std::vector<market_candlesticks>> decode_candlesticks(std::string_view json);
[[nodiscard]] std::string encode_candlesticks(const std::vector<market_candlesticks>& markets);

}  // namespace cornice::venue::kalshi
