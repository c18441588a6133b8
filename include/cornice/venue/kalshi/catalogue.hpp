// Kalshi REST: series, events, markets and fee changes (reference 3.3, 3.4, 6). Optional fields
// are those that the venue may leave out or send as null, today or in captures a year old; what
// Cornice cannot do without is required. Thread-safe, pure.
#pragma once

#include "cornice/base/result.hpp"
#include "cornice/base/time.hpp"
#include "cornice/model/ids.hpp"
#include "cornice/venue/kalshi/types.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cornice::venue::kalshi {

struct settlement_source {
  std::string name;
  std::string url;
  friend bool operator==(const settlement_source&, const settlement_source&) = default;
};

struct series {
  std::string ticker;
  std::string frequency;
  std::string title;
  std::string category;
  std::vector<std::string> categories;
  std::vector<std::string> tags;
  std::vector<settlement_source> settlement_sources;
  std::string contract_url;
  std::string contract_terms_url;
  std::optional<raw_json> product_metadata;
  kalshi::fee_type fee_type = kalshi::fee_type::unknown;
  ratio fee_multiplier;
  std::vector<std::string> additional_prohibitions;
  std::optional<quantity> volume_fp;
  std::optional<timestamp> last_updated_ts;
  std::optional<std::int64_t> exchange_index;  ///< shard of new events only
  friend bool operator==(const series&, const series&) = default;
};

/// One leg of a combo market.
struct combo_leg {
  std::string event_ticker;
  std::string market_ticker;
  std::string side;
  std::optional<price> yes_settlement_value_dollars;
  friend bool operator==(const combo_leg&, const combo_leg&) = default;
};

struct market {
  std::string ticker;
  std::string event_ticker;
  kalshi::market_type market_type = kalshi::market_type::unknown;
  std::string title;     ///< deprecated by the venue, still sent
  std::string subtitle;  ///< deprecated by the venue, still sent
  std::string yes_sub_title;
  std::string no_sub_title;
  market_status status = market_status::unknown;
  std::optional<timestamp> created_time;
  std::optional<timestamp> updated_time;  ///< of metadata only
  timestamp open_time{};
  timestamp close_time{};
  std::optional<timestamp> expected_expiration_time;
  std::optional<timestamp> latest_expiration_time;
  std::optional<std::int64_t> settlement_timer_seconds;
  std::optional<price> yes_bid_dollars;  ///< 0 with size 0 means no bid
  std::optional<price> yes_ask_dollars;  ///< 0 or 1 with size 0 means no ask
  std::optional<price> no_bid_dollars;
  std::optional<price> no_ask_dollars;
  std::optional<quantity> yes_bid_size_fp;
  std::optional<quantity> yes_ask_size_fp;
  std::optional<price> last_price_dollars;
  std::optional<price> previous_price_dollars;
  std::optional<price> previous_yes_bid_dollars;
  std::optional<price> previous_yes_ask_dollars;
  std::optional<quantity> volume_fp;
  std::optional<quantity> volume_24h_fp;
  std::optional<quantity> open_interest_fp;
  std::optional<money> notional_value_dollars;  ///< payout of one contract
  market_result result = market_result::none;
  std::optional<price> settlement_value_dollars;  ///< what one YES pays, once determined
  std::optional<timestamp> settlement_ts;
  std::optional<settlement_bounds> settlement_bounds_type;
  std::optional<price> settlement_floor_dollars;
  std::string expiration_value;
  std::optional<timestamp> occurrence_datetime;
  std::optional<timestamp> fee_waiver_expiration_time;
  std::optional<bool> can_close_early;
  std::optional<std::string> early_close_condition;
  std::optional<std::string> strike_type;
  std::optional<number_text> floor_strike;
  std::optional<number_text> cap_strike;
  std::optional<std::string> functional_strike;
  std::optional<raw_json> custom_strike;
  std::string rules_primary;
  std::string rules_secondary;
  std::optional<std::string> mve_collection_ticker;
  std::vector<combo_leg> mve_selected_legs;
  std::optional<std::string> primary_participant_key;
  std::string price_level_structure;      ///< a label; the grid is `price_ranges`
  std::vector<price_range> price_ranges;  ///< empty: no price is known to be valid
  std::optional<bool> is_provisional;
  std::int64_t exchange_index = 0;  ///< shard
  friend bool operator==(const market&, const market&) = default;
};

struct event {
  std::string event_ticker;
  std::string series_ticker;
  std::string title;
  std::string sub_title;
  std::string collateral_return_type;
  bool mutually_exclusive = false;  ///< at most one market of the event resolves YES
  std::string category;             ///< deprecated by the venue
  std::optional<timestamp> strike_date;
  std::optional<std::string> strike_period;
  std::vector<market> markets;  ///< only when asked for with nested markets
  std::optional<raw_json> product_metadata;
  std::vector<settlement_source> settlement_sources;
  std::optional<timestamp> last_updated_ts;
  std::optional<kalshi::fee_type> fee_type_override;
  std::optional<ratio> fee_multiplier_override;
  std::int64_t exchange_index = 0;
  /// Nested markets that could not be decoded.
  std::vector<error> rejected;
  friend bool operator==(const event&, const event&) = default;
};

/// `GET /series/{ticker}`.
[[nodiscard]] result<series> decode_series(std::string_view json);
[[nodiscard]] std::string encode_series(const series& s);

/// Lists keep what could be decoded: one malformed item must not hide a thousand good ones. Each
/// item that failed is in `rejected`, with its pointer.
struct series_list {
  std::vector<kalshi::series> series;
  std::vector<error> rejected;
  friend bool operator==(const series_list&, const series_list&) = default;
};
/// `GET /series`: not paged.
[[nodiscard]] result<series_list> decode_series_list(std::string_view json);
[[nodiscard]] std::string encode_series_list(const series_list& l);

/// `GET /events/{ticker}` gives the markets beside the event when they are not nested in it; after
/// decoding they are in `event.markets` either way.
[[nodiscard]] result<event> decode_event(std::string_view json);
[[nodiscard]] std::string encode_event(const event& e);

struct event_page {
  std::vector<event> events;
  std::string cursor;  ///< opaque; empty at the end
  std::vector<error> rejected;
  friend bool operator==(const event_page&, const event_page&) = default;
};
/// `GET /events`, `GET /events/multivariate`.
[[nodiscard]] result<event_page> decode_event_page(std::string_view json);
[[nodiscard]] std::string encode_event_page(const event_page& p);

/// `GET /markets/{ticker}`.
[[nodiscard]] result<market> decode_market(std::string_view json);
[[nodiscard]] std::string encode_market(const market& m);

struct market_page {
  std::vector<market> markets;
  std::string cursor;
  std::vector<error> rejected;
  friend bool operator==(const market_page&, const market_page&) = default;
};
/// `GET /markets`. Also takes a bare array of markets, the form of stored extracts.
[[nodiscard]] result<market_page> decode_market_page(std::string_view json);
[[nodiscard]] std::string encode_market_page(const market_page& p);

struct series_fee_change {
  std::string id;
  std::string series_ticker;
  kalshi::fee_type fee_type = kalshi::fee_type::unknown;
  ratio fee_multiplier;
  timestamp scheduled_ts{};  ///< takes effect then
  friend bool operator==(const series_fee_change&, const series_fee_change&) = default;
};
/// `GET /series/fee_changes`. Strict, unlike the lists above: a fee change that cannot be read must
/// not be overlooked.
[[nodiscard]] result<std::vector<series_fee_change>> decode_series_fee_changes(
    std::string_view json);
[[nodiscard]] std::string encode_series_fee_changes(const std::vector<series_fee_change>& changes);

struct event_fee_change {
  std::string id;
  std::string event_ticker;
  std::string series_ticker;
  std::optional<kalshi::fee_type> fee_type_override;  ///< none: the override is cleared
  std::optional<ratio> fee_multiplier_override;
  timestamp scheduled_ts{};
  friend bool operator==(const event_fee_change&, const event_fee_change&) = default;
};
struct event_fee_change_page {
  std::vector<event_fee_change> changes;
  std::string cursor;
  friend bool operator==(const event_fee_change_page&, const event_fee_change_page&) = default;
};
/// `GET /events/fee_changes`. Strict.
[[nodiscard]] result<event_fee_change_page> decode_event_fee_changes(std::string_view json);
[[nodiscard]] std::string encode_event_fee_changes(const event_fee_change_page& p);

}  // namespace cornice::venue::kalshi
