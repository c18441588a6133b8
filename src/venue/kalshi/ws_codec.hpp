// Fields of the WebSocket payloads.
#pragma once

#include "cornice/venue/kalshi/ws.hpp"
#include "venue/kalshi/json_fields.hpp"

namespace cornice::venue::kalshi::json {

template <>
struct codec<ws::subscribed> {
  using t = ws::subscribed;
  static constexpr auto table =
      fields<t>(required<&t::channel>("channel"), required<&t::sid>("sid"));
};

template <>
struct codec<ws::subscription> {
  using t = ws::subscription;
  static constexpr auto table =
      fields<t>(required<&t::channel>("channel"), required<&t::sid>("sid"));
};

template <>
struct codec<ws::ok> {
  using t = ws::ok;
  static constexpr auto table = fields<t>(optional<&t::market_tickers>("market_tickers"),
                                          optional<&t::market_ids>("market_ids"));
};

template <>
struct codec<ws::error_reply> {
  using t = ws::error_reply;
  static constexpr auto table = fields<t>(required<&t::code>("code"), optional<&t::msg>("msg"),
                                          optional<&t::market_ticker>("market_ticker"),
                                          optional<&t::market_tickers>("market_tickers"));
};

template <>
struct codec<ws::orderbook_delta> {
  using t = ws::orderbook_delta;
  static constexpr auto table = fields<t>(
      required<&t::market_ticker>("market_ticker"), optional<&t::market_id>("market_id"),
      required<&t::price_dollars>("price_dollars"), required<&t::delta_fp>("delta_fp"),
      required<&t::side>("side"), optional<&t::ts_ms>("ts_ms"),
      optional<&t::client_order_id>("client_order_id"), optional<&t::subaccount>("subaccount"));
};

template <>
struct codec<ws::ticker_update> {
  using t = ws::ticker_update;
  static constexpr auto table = fields<t>(
      required<&t::market_ticker>("market_ticker"), optional<&t::market_id>("market_id"),
      optional<&t::price_dollars>("price_dollars"),
      optional<&t::yes_bid_dollars>("yes_bid_dollars"),
      optional<&t::yes_ask_dollars>("yes_ask_dollars"),
      optional<&t::yes_bid_size_fp>("yes_bid_size_fp"),
      optional<&t::yes_ask_size_fp>("yes_ask_size_fp"),
      optional<&t::last_trade_size_fp>("last_trade_size_fp"), optional<&t::volume_fp>("volume_fp"),
      optional<&t::open_interest_fp>("open_interest_fp"),
      optional<&t::dollar_volume>("dollar_volume"),
      optional<&t::dollar_open_interest>("dollar_open_interest"), optional<&t::ts_ms>("ts_ms"));
};

template <>
struct codec<ws::trade> {
  using t = ws::trade;
  static constexpr auto table = fields<t>(
      required<&t::trade_id>("trade_id"), required<&t::market_ticker>("market_ticker"),
      required<&t::yes_price_dollars>("yes_price_dollars"),
      optional<&t::no_price_dollars>("no_price_dollars"), required<&t::count_fp>("count_fp"),
      optional<&t::taker_outcome_side>("taker_outcome_side"),
      optional<&t::taker_book_side>("taker_book_side"), optional<&t::taker_side>("taker_side"),
      optional<&t::is_block_trade>("is_block_trade"), optional<&t::ts_ms>("ts_ms"));
};

template <>
struct codec<ws::market_metadata> {
  using t = ws::market_metadata;
  static constexpr auto table = fields<t>(
      optional<&t::name>("name"), optional<&t::title>("title"),
      optional<&t::yes_sub_title>("yes_sub_title"), optional<&t::no_sub_title>("no_sub_title"),
      optional<&t::rules_primary>("rules_primary"),
      optional<&t::rules_secondary>("rules_secondary"),
      optional<&t::can_close_early>("can_close_early"), optional<&t::event_ticker>("event_ticker"),
      optional<&t::expected_expiration_ts>("expected_expiration_ts"),
      optional<&t::strike_type>("strike_type"), optional<&t::floor_strike>("floor_strike"),
      optional<&t::cap_strike>("cap_strike"), optional<&t::custom_strike>("custom_strike"));
};

template <>
struct codec<ws::market_lifecycle> {
  using t = ws::market_lifecycle;
  static constexpr auto table = fields<t>(
      required<&t::event_type>("event_type"), required<&t::market_ticker>("market_ticker"),
      optional<&t::exchange_index>("exchange_index"), optional<&t::open_ts>("open_ts"),
      optional<&t::close_ts>("close_ts"), optional<&t::result>("result"),
      optional<&t::determination_ts>("determination_ts"),
      optional<&t::settlement_value>("settlement_value"), optional<&t::settled_ts>("settled_ts"),
      optional<&t::is_deactivated>("is_deactivated"),
      optional<&t::price_level_structure>("price_level_structure"),
      optional<&t::price_ranges>("price_ranges"), optional<&t::strike_type>("strike_type"),
      optional<&t::floor_strike>("floor_strike"), optional<&t::cap_strike>("cap_strike"),
      optional<&t::custom_strike>("custom_strike"), optional<&t::yes_sub_title>("yes_sub_title"),
      optional<&t::additional_metadata>("additional_metadata"));
};

template <>
struct codec<ws::event_lifecycle> {
  using t = ws::event_lifecycle;
  static constexpr auto table = fields<t>(
      required<&t::event_ticker>("event_ticker"), optional<&t::series_ticker>("series_ticker"),
      optional<&t::title>("title"), optional<&t::subtitle>("subtitle"),
      optional<&t::collateral_return_type>("collateral_return_type"),
      optional<&t::exchange_index>("exchange_index"), optional<&t::strike_date>("strike_date"),
      optional<&t::strike_period>("strike_period"));
};

template <>
struct codec<ws::event_fee_update> {
  using t = ws::event_fee_update;
  static constexpr auto table =
      fields<t>(required<&t::event_ticker>("event_ticker"),
                nullable<&t::fee_type_override>("fee_type_override"),
                nullable<&t::fee_multiplier_override>("fee_multiplier_override"));
};

}  // namespace cornice::venue::kalshi::json
