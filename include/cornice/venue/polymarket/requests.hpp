// Public requests and client frames: what Cornice sends, and their decoders for a server.
#pragma once

#include "cornice/base/result.hpp"
#include "cornice/base/time.hpp"
#include "cornice/model/ids.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace cornice::venue::polymarket {

/// Which base URL a request belongs to (polymarket.md 1).
enum class api_host : std::uint8_t { gamma, clob, data, site };

/// Requests of one kind share a bucket at the venue: at most `requests` in a sliding `window_s`.
/// Figures: polymarket.md 7.2; the host's general limit applies besides.
struct rate_limit {
  std::string_view name;
  std::int64_t requests;
  std::int64_t window_s;
};
inline constexpr rate_limit gamma_markets_limit{"gamma_markets", 300, 10};
inline constexpr rate_limit gamma_events_limit{"gamma_events", 500, 10};
inline constexpr rate_limit gamma_limit{"gamma", 4000, 10};
inline constexpr rate_limit clob_limit{"clob", 9000, 10};
inline constexpr rate_limit clob_single_limit{"clob_single", 1500, 10};
inline constexpr rate_limit clob_batch_limit{"clob_batch", 500, 10};
inline constexpr rate_limit clob_history_limit{"clob_history", 1000, 10};
inline constexpr rate_limit clob_tick_size_limit{"clob_tick_size", 200, 10};
inline constexpr rate_limit clob_ok_limit{"clob_ok", 100, 10};
inline constexpr rate_limit data_trades_limit{"data_trades", 300, 10};
inline constexpr rate_limit data_positions_limit{"data_positions", 200, 10};
inline constexpr rate_limit data_limit{"data", 800, 10};
inline constexpr rate_limit site_limit{"site", 10, 10};

/// A request without its base URL. `target` is path and query; `body` is JSON or empty.
struct api_request {
  api_host host = api_host::clob;
  std::string method = "GET";
  std::string target;
  std::string body;
  rate_limit limit = clob_limit;
};

/// Percent-encodes everything outside RFC 3986 "unreserved".
[[nodiscard]] std::string query_escape(std::string_view text);

/// Filters of the keyset listings. Unset ones are not sent. The venue clamps `limit` to 100.
struct keyset_query {
  static constexpr std::int64_t limit_max = 100;
  static constexpr std::size_t condition_ids_max = 100;
  std::int64_t limit = limit_max;
  std::string after_cursor;  ///< `next_cursor` of the page before, unchanged; empty starts
  std::optional<bool> closed;
  std::vector<std::string> ids;
  std::vector<std::string> slugs;
  std::vector<std::string> condition_ids;   ///< markets only
  std::vector<std::string> clob_token_ids;  ///< markets only
  std::vector<std::string> tag_ids;
  std::optional<bool> related_tags;
  std::string liquidity_num_min;  ///< decimal
  std::string volume_num_min;     ///< decimal
  std::optional<timestamp> end_date_min;
  std::optional<timestamp> end_date_max;
  std::string order;  ///< such as volumeNum; `volume` sorts as text
  std::optional<bool> ascending;
  std::optional<bool> include_tag;      ///< markets only
  std::optional<bool> include_markets;  ///< events only; false drops the `markets` key
  std::string tag_slug;                 ///< events only
  std::string series_id;                ///< events only
};

/// Errors: invalid_argument (limit outside 1..100, more than 100 condition ids).
[[nodiscard]] result<api_request> gamma_markets_page(const keyset_query& query);
[[nodiscard]] result<api_request> gamma_events_page(const keyset_query& query);
[[nodiscard]] api_request gamma_market(std::string_view id);
[[nodiscard]] api_request gamma_market_by_slug(std::string_view slug);
[[nodiscard]] api_request gamma_event(std::string_view id);
[[nodiscard]] api_request gamma_event_by_slug(std::string_view slug);

inline constexpr std::size_t books_max = 500;

[[nodiscard]] api_request clob_book(std::string_view token_id);
/// Errors: invalid_argument (none, or more than books_max).
[[nodiscard]] result<api_request> clob_books(std::span<const std::string> token_ids);
[[nodiscard]] api_request clob_price(std::string_view token_id, order_side side);
[[nodiscard]] api_request clob_midpoint(std::string_view token_id);
[[nodiscard]] api_request clob_spread(std::string_view token_id);
[[nodiscard]] api_request clob_last_trade_price(std::string_view token_id);
[[nodiscard]] api_request clob_tick_size(std::string_view token_id);
[[nodiscard]] api_request clob_neg_risk(std::string_view token_id);
[[nodiscard]] api_request clob_fee_rate(std::string_view token_id);
[[nodiscard]] api_request clob_market_info(std::string_view condition_id);
[[nodiscard]] api_request clob_market(std::string_view condition_id);
/// First cursor "MA==", which an empty one becomes; the page that answers "LTE=" is the last.
[[nodiscard]] api_request clob_markets(std::string_view next_cursor);
[[nodiscard]] api_request clob_market_by_token(std::string_view token_id);
[[nodiscard]] api_request clob_time();
[[nodiscard]] api_request clob_version();
[[nodiscard]] api_request clob_ok();
/// Times in seconds; the venue allows 15 days. Errors: invalid_argument.
[[nodiscard]] result<api_request> clob_prices_history(std::string_view token_id,
                                                      std::int64_t start_s, std::int64_t end_s,
                                                      std::int64_t fidelity_min);
[[nodiscard]] api_request data_positions(std::string_view wallet, std::string_view cursor);
[[nodiscard]] api_request data_trades(std::string_view condition_id, std::string_view cursor);
[[nodiscard]] api_request data_resolutions(std::string_view condition_id);
/// Whether this address may trade; on the web site's host, not an API host.
[[nodiscard]] api_request geoblock();

/// For a server: the token ids of a POST /books body. Errors: malformed, out_of_range.
[[nodiscard]] result<std::vector<std::string>> decode_books_body(std::string_view body);

namespace ws {

inline constexpr std::string_view ping_text = "PING";
inline constexpr std::string_view pong_text = "PONG";

/// The first frame of a connection.
struct market_subscription {
  std::vector<std::string> assets_ids;
  bool custom_features = true;  ///< best_bid_ask, new_market, market_resolved
  bool initial_dump = true;
  std::int64_t level = 2;
  friend bool operator==(const market_subscription&, const market_subscription&) = default;
};

/// Any later change. `custom_features` matters on subscribe only.
struct market_operation {
  bool subscribe = true;
  std::vector<std::string> assets_ids;
  bool custom_features = true;
  friend bool operator==(const market_operation&, const market_operation&) = default;
};

struct ping_frame {
  friend bool operator==(const ping_frame&, const ping_frame&) = default;
};

using client_frame = std::variant<market_subscription, market_operation, ping_frame>;

[[nodiscard]] std::string encode(const market_subscription& m);
[[nodiscard]] std::string encode(const market_operation& m);
/// Errors: malformed, missing_field.
[[nodiscard]] result<client_frame> decode_client_frame(std::string_view text);

}  // namespace ws

}  // namespace cornice::venue::polymarket
