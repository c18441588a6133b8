// Public REST of the CLOB: books, prices, market facts, errors (polymarket.md 3).
#pragma once

#include "cornice/base/result.hpp"
#include "cornice/base/time.hpp"
#include "cornice/model/ids.hpp"
#include "cornice/model/money.hpp"
#include "cornice/venue/polymarket/book_view.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cornice::venue::polymarket::clob {

/// A level with the text it came in.
struct book_level {
  std::string price_text;
  std::string size_text;
  price p;
  quantity q;
  friend bool operator==(const book_level&, const book_level&) = default;
};

/// GET /book. Levels in wire order, which is worst price first on the live venue; never rely on it.
/// The last four are absent in recordings of the first CLOB generation.
struct book {
  std::string market;
  std::string asset_id;
  std::string timestamp_text;
  std::int64_t timestamp_ms = 0;
  std::string hash;
  std::vector<book_level> bids;
  std::vector<book_level> asks;
  std::optional<std::string> min_order_size;
  std::optional<std::string> tick_size;
  std::optional<bool> neg_risk;
  std::optional<std::string> last_trade_price;  ///< "" when never traded
  friend bool operator==(const book&, const book&) = default;
};

/// Lends a book as the view that book_feed and the hash take.
class borrowed_book {
 public:
  explicit borrowed_book(const book& b);
  [[nodiscard]] const book_view& view() const noexcept { return view_; }

 private:
  std::vector<wire_level> bids_;
  std::vector<wire_level> asks_;
  book_view view_;
};

/// Answer of POST /books: unknown tokens are simply absent, so match by asset_id.
struct book_batch {
  std::vector<book> books;
  std::vector<error> errors;  ///< of books that could not be read
};

/// GET /last-trade-price. Absent when the token never traded.
struct last_trade_price {
  std::optional<price> p;
  std::optional<order_side> side;
  friend bool operator==(const last_trade_price&, const last_trade_price&) = default;
};

struct fee_terms {
  ratio rate;
  std::int64_t exponent = 1;
  bool taker_only = false;
  friend bool operator==(const fee_terms&, const fee_terms&) = default;
};

struct info_token {
  std::string token_id;
  std::string outcome;
  friend bool operator==(const info_token&, const info_token&) = default;
};

struct reward_terms {
  std::string min_size;
  std::string max_spread_cents;
  std::string min_order_age_s;
  friend bool operator==(const reward_terms&, const reward_terms&) = default;
};

/// GET /clob-markets/{condition id}: the best single call before trading. The venue omits falsy
/// keys, so an absent flag is false and absent `fees` is "no fee".
struct market_info {
  std::string condition_id;  ///< "" when omitted: the caller asked for one
  std::vector<info_token> tokens;
  std::string tick_text;
  std::int64_t tick_micros = 0;
  std::string min_order_size_text;
  quantity min_order_size;
  bool neg_risk = false;
  bool accepting_orders = false;
  std::optional<fee_terms> fees;
  std::string maker_base_fee;
  std::string taker_base_fee;
  std::int64_t seconds_delay = 0;
  bool taker_delay = false;
  std::optional<timestamp> game_start;
  bool clear_book_on_start = false;
  std::optional<timestamp> accepting_since;
  bool rfq_enabled = false;
  bool ibce = false;  ///< meaning unpublished; kept for the round trip
  std::int64_t min_order_age_s = 0;
  std::optional<reward_terms> rewards;
  friend bool operator==(const market_info&, const market_info&) = default;
};

struct market_token {
  std::string token_id;
  std::string outcome;
  std::string price_text;
  bool winner = false;
  friend bool operator==(const market_token&, const market_token&) = default;
};

/// GET /markets/{condition id} and the rows of its listing; who won stands here.
struct market {
  std::string condition_id;
  std::string question_id;
  std::string question;
  std::string description;
  std::string market_slug;
  std::optional<bool> enable_order_book;
  std::optional<bool> active;
  std::optional<bool> closed;
  std::optional<bool> archived;
  std::optional<bool> accepting_orders;
  std::optional<timestamp> accepting_since;
  std::string min_order_size;
  std::string min_tick_size;
  std::optional<timestamp> end_date;
  std::optional<timestamp> game_start;
  std::optional<std::int64_t> seconds_delay;
  std::optional<bool> neg_risk;
  std::string neg_risk_market_id;
  std::string neg_risk_request_id;
  std::string maker_base_fee;
  std::string taker_base_fee;
  std::optional<bool> is_50_50_outcome;
  std::vector<market_token> tokens;
  std::vector<std::string> tags;
  friend bool operator==(const market&, const market&) = default;
};

inline constexpr std::string_view first_cursor = "MA==";
inline constexpr std::string_view end_cursor = "LTE=";

struct markets_page {
  std::vector<market> rows;
  std::vector<error> errors;
  std::string next_cursor;
  std::int64_t limit = 0;
  std::int64_t count = 0;
  [[nodiscard]] bool last() const noexcept {
    return next_cursor.empty() || next_cursor == end_cursor;
  }
};

struct history_point {
  std::int64_t time_s = 0;
  std::string price_text;
  friend bool operator==(const history_point&, const history_point&) = default;
};

/// What an error reply says. A body that is no JSON (an HTML page of the network in front, an empty
/// one) gives `html` or just its first characters.
struct api_error {
  std::string message;
  std::string code;  ///< such as post_only_mode
  std::optional<std::int64_t> retry_after_s;
  bool html = false;
  friend bool operator==(const api_error&, const api_error&) = default;
};

/// GET https://polymarket.com/api/geoblock.
struct geoblock {
  bool blocked = true;
  std::string ip;
  std::string country;
  std::string region;
  friend bool operator==(const geoblock&, const geoblock&) = default;
};

/// Errors of all decoders: malformed, missing_field, out_of_range, with the JSON pointer. A reply
/// of the form {"error":…} is `refused` with its text.
[[nodiscard]] result<book> decode_book(std::string_view json);
[[nodiscard]] result<book_batch> decode_books(std::string_view json);
[[nodiscard]] result<price> decode_price(std::string_view json);     ///< text or number
[[nodiscard]] result<price> decode_midpoint(std::string_view json);  ///< may be half a tick
[[nodiscard]] result<price> decode_spread(std::string_view json);
/// POST /midpoints and /spreads: token to price.
[[nodiscard]] result<std::map<std::string, price>> decode_price_map(std::string_view json);
[[nodiscard]] result<last_trade_price> decode_last_trade_price(std::string_view json);
/// In micro-dollars.
[[nodiscard]] result<std::int64_t> decode_tick_size(std::string_view json);
[[nodiscard]] result<bool> decode_neg_risk(std::string_view json);
/// The first generation's base fee, which is not the fee charged.
[[nodiscard]] result<std::int64_t> decode_fee_rate(std::string_view json);
/// A bare integer, or one in a string: seconds.
[[nodiscard]] result<timestamp> decode_time(std::string_view json);
/// 2 when the reply does not say.
[[nodiscard]] result<std::int64_t> decode_version(std::string_view json);
[[nodiscard]] result<market_info> decode_market_info(std::string_view json);
[[nodiscard]] result<market> decode_market(std::string_view json);
/// Also the sampling and simplified listings. A bad row is reported and left out.
[[nodiscard]] result<markets_page> decode_markets_page(std::string_view json);
/// The condition id of GET /markets-by-token.
[[nodiscard]] result<std::string> decode_market_by_token(std::string_view json);
[[nodiscard]] result<std::vector<history_point>> decode_prices_history(std::string_view json);
[[nodiscard]] result<geoblock> decode_geoblock(std::string_view json);
/// Never fails.
[[nodiscard]] api_error decode_error(std::string_view body);

[[nodiscard]] std::string encode(const book& b);
[[nodiscard]] std::string encode_books(const std::vector<book>& books);
[[nodiscard]] std::string encode_price(price p);
[[nodiscard]] std::string encode_midpoint(price p);
[[nodiscard]] std::string encode_spread(price p);
[[nodiscard]] std::string encode(const last_trade_price& p);
[[nodiscard]] std::string encode_tick_size(std::int64_t micros);
[[nodiscard]] std::string encode_neg_risk(bool neg_risk);
[[nodiscard]] std::string encode_fee_rate(std::int64_t base_fee);
[[nodiscard]] std::string encode_time(timestamp t);
[[nodiscard]] std::string encode_version(std::int64_t version);
[[nodiscard]] std::string encode(const market_info& m);
[[nodiscard]] std::string encode(const market& m);
[[nodiscard]] std::string encode(const markets_page& p);
[[nodiscard]] std::string encode_market_by_token(std::string_view condition_id);
[[nodiscard]] std::string encode_prices_history(const std::vector<history_point>& points);
[[nodiscard]] std::string encode(const geoblock& g);
[[nodiscard]] std::string encode(const api_error& e);

}  // namespace cornice::venue::polymarket::clob
