// Gamma: markets, events and their keyset pages (polymarket.md 2).
#pragma once

#include "cornice/base/result.hpp"
#include "cornice/base/time.hpp"
#include "cornice/model/money.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cornice::venue::polymarket::gamma {

/// Which generation of contracts a market belongs to; decides which ids are its assets.
enum class protocol_version : std::uint8_t { missing, v1, v2, unknown };

/// `feeSchedule`: fee = shares × rate × (p × (1 - p))^exponent.
struct fee_terms {
  ratio rate;
  std::int64_t exponent = 1;
  std::optional<bool> taker_only;
  std::optional<ratio> rebate_rate;
  friend bool operator==(const fee_terms&, const fee_terms&) = default;
};

struct tag {
  std::string id;
  std::string label;
  std::string slug;
  friend bool operator==(const tag&, const tag&) = default;
};

struct series {
  std::string id;
  std::string slug;
  std::string title;
  std::string recurrence;
  friend bool operator==(const series&, const series&) = default;
};

/// An event without its markets, as it stands inside a market. Texts are "" when missing; figures
/// that are only shown (liquidity, volume) stay the text that came.
struct event_info {
  std::string id;
  std::string ticker;
  std::string slug;
  std::string title;
  std::string description;
  std::string resolution_source;
  std::string category;
  std::string series_slug;
  std::string neg_risk_market_id;
  std::string liquidity;
  std::string volume;
  std::string open_interest;
  std::optional<timestamp> start_date;
  std::optional<timestamp> end_date;
  std::optional<timestamp> creation_date;
  std::optional<timestamp> closed_time;
  std::optional<bool> active;
  std::optional<bool> closed;
  std::optional<bool> archived;
  std::optional<bool> restricted;
  std::optional<bool> enable_order_book;
  std::optional<bool> neg_risk;
  std::optional<bool> enable_neg_risk;
  std::optional<bool> neg_risk_augmented;  ///< has placeholders and an "Other": not exhaustive
  std::vector<series> series_list;
  std::vector<tag> tags;
  std::string version;
  friend bool operator==(const event_info&, const event_info&) = default;
};

/// A market with the fields a trader needs. Dates that are no dates are dropped: `endDate` informs,
/// it never decides. Prices that Gamma caches (bestBid, …) are texts, not for execution.
struct market {
  std::string id;
  std::string condition_id;
  std::string question_id;
  std::string neg_risk_request_id;
  std::string neg_risk_market_id;
  std::string slug;
  std::string question;
  std::string group_item_title;
  std::string description;
  std::string resolution_source;
  std::string category;
  std::string market_type;
  std::string sports_market_type;
  std::vector<std::string> outcomes;
  std::vector<std::string> outcome_prices;
  std::vector<std::string> clob_token_ids;  ///< assets of a v1 market
  std::vector<std::string> position_ids;  ///< assets of a v2 market; v1 markets may carry them too
  std::vector<std::string> uma_resolution_statuses;
  std::string uma_resolution_status;
  std::string uma_bond;
  std::string uma_reward;
  std::optional<std::int64_t> custom_liveness_s;
  std::string resolved_by;
  protocol_version version = protocol_version::missing;
  std::string version_text;
  std::optional<bool> active;
  std::optional<bool> closed;
  std::optional<bool> archived;
  std::optional<bool> accepting_orders;
  std::optional<bool> enable_order_book;
  std::optional<bool> restricted;
  std::optional<bool> neg_risk;
  std::optional<bool> neg_risk_other;
  std::optional<bool> fees_enabled;
  std::optional<bool> rfq_enabled;
  std::optional<bool> automatically_active;
  std::optional<bool> clear_book_on_start;
  std::optional<bool> holding_rewards_enabled;
  std::string tick_size;       ///< orderPriceMinTickSize as it came; the CLOB's value wins
  std::string order_min_size;  ///< in shares
  std::optional<timestamp> end_date;
  std::optional<timestamp> start_date;
  std::optional<timestamp> game_start_time;
  std::optional<timestamp> closed_time;
  std::optional<timestamp> accepting_orders_since;
  std::string end_date_iso;
  std::string liquidity;
  std::string volume;
  std::string liquidity_num;
  std::string volume_num;
  std::string volume_24h;
  std::string best_bid;
  std::string best_ask;
  std::string last_trade_price;
  std::string spread;
  std::optional<std::string> fee_type;  ///< nothing: null or missing
  std::optional<fee_terms> fee_schedule;
  std::string maker_base_fee;  ///< remnants of the first generation, never the fee
  std::string taker_base_fee;
  std::optional<std::int64_t> seconds_delay;
  std::string rewards_min_size;
  std::string rewards_max_spread;
  std::vector<event_info> events;
  std::vector<tag> tags;
  friend bool operator==(const market&, const market&) = default;

  /// active && !closed && enableOrderBook && acceptingOrders; a missing flag is "no".
  [[nodiscard]] bool tradable() const noexcept {
    return active.value_or(false) && !closed.value_or(true) && enable_order_book.value_or(false) &&
           accepting_orders.value_or(false);
  }
};

struct event {
  event_info info;
  std::vector<market> markets;
  friend bool operator==(const event&, const event&) = default;
};

/// Why one row of a page was left out: `/markets/3/outcomes …`.
struct row_error {
  std::size_t row = 0;
  error why;
  friend bool operator==(const row_error&, const row_error&) = default;
};

/// A keyset page. A bad row does not take the others along. The end is an empty `next_cursor`,
/// never a short page: the venue clamps the limit silently.
template <class Row>
struct page {
  std::vector<Row> rows;
  std::vector<row_error> errors;
  std::string next_cursor;
  friend bool operator==(const page&, const page&) = default;
};

inline constexpr std::size_t page_rows_max = 1000;

/// Errors of all decoders: malformed, missing_field, out_of_range, with the JSON pointer.
[[nodiscard]] result<market> decode_market(std::string_view json);
/// A bad market inside an event is an error of the event here; pages report it as their own row.
[[nodiscard]] result<event> decode_event(std::string_view json);
/// Keyset pages, and the bare arrays of the older listings (which have no cursor).
[[nodiscard]] result<page<market>> decode_markets_page(std::string_view json);
/// A bad market inside an event is left out and reported with the event's row; the event stays.
[[nodiscard]] result<page<event>> decode_events_page(std::string_view json);

[[nodiscard]] std::string encode(const market& m);
[[nodiscard]] std::string encode(const event& e);
[[nodiscard]] std::string encode_markets_page(const std::vector<market>& rows,
                                              std::string_view next_cursor);
[[nodiscard]] std::string encode_events_page(const std::vector<event>& rows,
                                             std::string_view next_cursor);

/// A decimal uint256 is a position id of the v2 protocol when its bits 40..103 are all zero.
/// Errors: malformed, out_of_range (more than 256 bits).
[[nodiscard]] result<bool> is_position_id(std::string_view decimal);

/// The two asset ids, first and second outcome, chosen by `version` and never by which field is
/// present, then checked against the id's own layout (polymarket.md 0). Errors: refused (version
/// missing or unknown, not a two-outcome market), malformed, conflict (the id is of the other
/// generation).
[[nodiscard]] result<std::array<std::string, 2>> asset_ids(const market& m);

}  // namespace cornice::venue::polymarket::gamma
