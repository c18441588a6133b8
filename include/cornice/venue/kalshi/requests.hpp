// Requests of Kalshi's public REST endpoints (reference 3, 4.13). Builders check what the venue
// would answer with a hard 400; signing, which covers the path without the query, comes on top.
#pragma once

#include "cornice/base/result.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace cornice::venue::kalshi {

/// Everything under the host root begins with this, and it is part of the signed text.
inline constexpr std::string_view rest_base = "/trade-api/v2";
inline constexpr std::string_view ws_path = "/trade-api/ws/v2";

/// A GET request.
struct rest_request {
  std::string path;   ///< with `rest_base`; what is signed
  std::string query;  ///< percent-encoded, without `?`; may be empty
  [[nodiscard]] std::string target() const { return query.empty() ? path : path + "?" + query; }
  friend bool operator==(const rest_request&, const rest_request&) = default;
};

[[nodiscard]] rest_request exchange_status_request();
[[nodiscard]] rest_request exchange_schedule_request();
[[nodiscard]] rest_request account_limits_request();  ///< signed
[[nodiscard]] rest_request endpoint_costs_request();

struct series_query {
  std::string category;
  std::string tags;  ///< comma separated
  bool include_volume = false;
  std::optional<std::int64_t> min_updated_ts;  ///< seconds
};
[[nodiscard]] rest_request series_list_request(const series_query& q);
[[nodiscard]] rest_request series_request(std::string_view series_ticker);

struct events_query {
  static constexpr std::int64_t max_limit = 200;
  std::int64_t limit = max_limit;
  std::string cursor;
  bool with_nested_markets = false;
  std::string status;  ///< unopened, open, closed, settled; empty for any
  std::string series_ticker;
  std::optional<std::int64_t> min_close_ts;
  std::optional<std::int64_t> min_updated_ts;
};
/// Errors: invalid_argument when the limit is outside 1..200.
[[nodiscard]] result<rest_request> events_request(const events_query& q);
[[nodiscard]] rest_request event_request(std::string_view event_ticker, bool with_nested_markets);

/// Filters of `/markets`. The venue combines timestamp filters only with some statuses.
struct markets_query {
  static constexpr std::int64_t max_limit = 1'000;
  std::int64_t limit = max_limit;
  std::string cursor;
  std::string event_ticker;
  std::string series_ticker;
  std::span<const std::string> tickers;
  std::string status;  ///< unopened, open, paused, closed, settled; empty for any
  /// Combo markets flood the list otherwise.
  bool exclude_combos = true;
  std::optional<std::int64_t> min_created_ts;  ///< with status unopened, open or none
  std::optional<std::int64_t> max_created_ts;
  std::optional<std::int64_t> min_close_ts;  ///< with status closed or none
  std::optional<std::int64_t> max_close_ts;
  std::optional<std::int64_t> min_settled_ts;  ///< with status settled or none
  std::optional<std::int64_t> max_settled_ts;
  /// Alone, or with the exclusion of combos and a series.
  std::optional<std::int64_t> min_updated_ts;
};
/// Errors: invalid_argument, naming the filter that the venue would refuse.
[[nodiscard]] result<rest_request> markets_request(const markets_query& q);
[[nodiscard]] rest_request market_request(std::string_view ticker);

/// `depth` 0 asks for all levels. Errors: invalid_argument outside 0..100. To be signed.
[[nodiscard]] result<rest_request> orderbook_request(std::string_view ticker, std::int64_t depth);
/// Errors: invalid_argument unless there are 1 to 100 tickers. To be signed.
[[nodiscard]] result<rest_request> orderbooks_request(std::span<const std::string> tickers);

struct trades_query {
  static constexpr std::int64_t max_limit = 1'000;
  std::int64_t limit = max_limit;
  std::string cursor;
  std::string ticker;
  std::optional<std::int64_t> min_ts;
  std::optional<std::int64_t> max_ts;
  std::optional<bool> is_block_trade;
};
/// Errors: invalid_argument when the limit is outside 1..1000.
[[nodiscard]] result<rest_request> trades_request(const trades_query& q);

/// Scheduled changes, of one series or of all (empty).
[[nodiscard]] rest_request series_fee_changes_request(std::string_view series_ticker,
                                                      bool show_historical);
/// Errors: invalid_argument when the limit is outside 1..1000.
[[nodiscard]] result<rest_request> event_fee_changes_request(std::string_view event_ticker,
                                                             std::int64_t limit,
                                                             std::string_view cursor);

/// Errors: invalid_argument unless there are 1 to 100 tickers and the interval is 1, 60 or 1440
/// minutes.
[[nodiscard]] result<rest_request> candlesticks_request(std::span<const std::string> tickers,
                                                        std::int64_t start_ts, std::int64_t end_ts,
                                                        std::int64_t interval_min);

}  // namespace cornice::venue::kalshi
