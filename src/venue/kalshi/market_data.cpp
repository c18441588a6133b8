#include "cornice/venue/kalshi/market_data.hpp"

#include "venue/kalshi/json_fields.hpp"

namespace cornice::venue::kalshi {
namespace {

// Only there to prove that the old body is empty: its numbers are cents and its counts integers.
struct legacy_orderbook {
  std::optional<raw_json> yes;
  std::optional<raw_json> no;
  std::optional<raw_json> yes_dollars;
  std::optional<raw_json> no_dollars;
  [[nodiscard]] bool empty() const {
    const auto nothing = [](const std::optional<raw_json>& side) {
      return !side || side->text == "[]";
    };
    return nothing(yes) && nothing(no) && nothing(yes_dollars) && nothing(no_dollars);
  }
};

struct orderbook_body {
  std::optional<rest_orderbook> current;
  std::optional<legacy_orderbook> legacy;
};

struct candles_body {
  std::vector<market_candlesticks> markets;
};

}  // namespace

namespace json {

template <>
struct codec<rest_orderbook> {
  using t = rest_orderbook;
  static constexpr auto table =
      fields<t>(optional<&t::yes>("yes_dollars"), optional<&t::no>("no_dollars"));
};

template <>
struct codec<legacy_orderbook> {
  using t = legacy_orderbook;
  static constexpr auto table =
      fields<t>(optional<&t::yes>("yes"), optional<&t::no>("no"),
                optional<&t::yes_dollars>("yes_dollars"), optional<&t::no_dollars>("no_dollars"));
};

template <>
struct codec<orderbook_body> {
  using t = orderbook_body;
  static constexpr auto table =
      fields<t>(optional<&t::current>("orderbook_fp"), optional<&t::legacy>("orderbook"));
};

template <>
struct codec<ticker_orderbook> {
  using t = ticker_orderbook;
  static constexpr auto table =
      fields<t>(required<&t::ticker>("ticker"), required<&t::orderbook>("orderbook_fp"));
};

template <>
struct codec<orderbook_batch> {
  using t = orderbook_batch;
  static constexpr auto table = fields<t>(list<&t::orderbooks, &t::rejected>("orderbooks"));
};

template <>
struct codec<trade> {
  using t = trade;
  static constexpr auto table = fields<t>(
      required<&t::trade_id>("trade_id"), required<&t::ticker>("ticker"),
      required<&t::count_fp>("count_fp"), required<&t::yes_price_dollars>("yes_price_dollars"),
      optional<&t::no_price_dollars>("no_price_dollars"),
      optional<&t::taker_outcome_side>("taker_outcome_side"),
      optional<&t::taker_book_side>("taker_book_side"), optional<&t::taker_side>("taker_side"),
      required<&t::created_time>("created_time"), optional<&t::is_block_trade>("is_block_trade"));
};

template <>
struct codec<trade_page> {
  using t = trade_page;
  static constexpr auto table =
      fields<t>(list<&t::trades, &t::rejected>("trades"), optional<&t::cursor>("cursor"));
};

template <>
struct codec<quote_candle> {
  using t = quote_candle;
  static constexpr auto table = fields<t>(
      optional<&t::open_dollars>("open_dollars"), optional<&t::low_dollars>("low_dollars"),
      optional<&t::high_dollars>("high_dollars"), optional<&t::close_dollars>("close_dollars"));
};

template <>
struct codec<price_candle> {
  using t = price_candle;
  static constexpr auto table = fields<t>(
      optional<&t::open_dollars>("open_dollars"), optional<&t::low_dollars>("low_dollars"),
      optional<&t::high_dollars>("high_dollars"), optional<&t::close_dollars>("close_dollars"),
      optional<&t::mean_dollars>("mean_dollars"),
      optional<&t::previous_dollars>("previous_dollars"), optional<&t::min_dollars>("min_dollars"),
      optional<&t::max_dollars>("max_dollars"));
};

template <>
struct codec<candlestick> {
  using t = candlestick;
  static constexpr auto table = fields<t>(
      required<&t::end_period_ts>("end_period_ts"), optional<&t::yes_bid>("yes_bid"),
      optional<&t::yes_ask>("yes_ask"), optional<&t::price>("price"),
      optional<&t::volume_fp>("volume_fp"), optional<&t::open_interest_fp>("open_interest_fp"));
};

template <>
struct codec<market_candlesticks> {
  using t = market_candlesticks;
  static constexpr auto table = fields<t>(required<&t::market_ticker>("market_ticker"),
                                          required<&t::candlesticks>("candlesticks"));
};

template <>
struct codec<candles_body> {
  static constexpr auto table = fields<candles_body>(required<&candles_body::markets>("markets"));
};

}  // namespace json

result<order_book> rest_orderbook::to_book() const {
  order_book book;
  const auto put = [&book](book_side side, price p, quantity q) -> result<void> {
    if (!q.is_positive())
      return error{errc::out_of_range, "a level of " + q.to_string() + " contracts at " +
                                           p.to_string() + " is not positive"};
    return book.set(side, p, q);
  };
  for (const auto& l : yes) CORNICE_CHECK_OK(put(book_side::bid, l.p, l.q));
  for (const auto& l : no) CORNICE_CHECK_OK(put(book_side::ask, l.p.complement(), l.q));
  return book;
}

result<rest_orderbook> decode_orderbook(std::string_view body) {
  CORNICE_TRY(decoded, json::decode_object<orderbook_body>(body));
  if (decoded.current) return std::move(*decoded.current);
  if (decoded.legacy && decoded.legacy->empty()) return rest_orderbook{};
  if (decoded.legacy)
    return error{errc::malformed, "/orderbook: is the cents form of before March 2026"};
  return error{errc::missing_field, "/orderbook_fp: is required and absent"};
}
std::string encode_orderbook(const rest_orderbook& b) {
  return json::encode_object(orderbook_body{b, std::nullopt});
}

result<orderbook_batch> decode_orderbooks(std::string_view body) {
  return json::decode_object<orderbook_batch>(body);
}
std::string encode_orderbooks(const orderbook_batch& b) {
  return json::encode_object(b);
}

std::optional<outcome> trade::taker() const noexcept {
  if (taker_outcome_side) return taker_outcome_side;
  if (taker_book_side) return *taker_book_side == book_side::bid ? outcome::yes : outcome::no;
  return taker_side;
}

result<trade_page> decode_trade_page(std::string_view body) {
  return json::decode_object<trade_page>(body);
}
std::string encode_trade_page(const trade_page& p) {
  return json::encode_object(p);
}

result<std::vector<market_candlesticks>> decode_candlesticks(std::string_view body) {
  CORNICE_TRY(decoded, json::decode_object<candles_body>(body));
  return std::move(decoded.markets);
}
std::string encode_candlesticks(const std::vector<market_candlesticks>& markets) {
  return json::encode_object(candles_body{markets});
}

}  // namespace cornice::venue::kalshi
