// Fields of series, events and markets.
#pragma once

#include "cornice/venue/kalshi/catalogue.hpp"
#include "venue/kalshi/json_fields.hpp"

namespace cornice::venue::kalshi::json {

template <>
struct codec<settlement_source> {
  using t = settlement_source;
  static constexpr auto table = fields<t>(optional<&t::name>("name"), optional<&t::url>("url"));
};

template <>
struct codec<series> {
  using t = series;
  static constexpr auto table = fields<t>(
      required<&t::ticker>("ticker"), optional<&t::frequency>("frequency"),
      optional<&t::title>("title"), optional<&t::category>("category"),
      optional<&t::categories>("categories"), optional<&t::tags>("tags"),
      optional<&t::settlement_sources>("settlement_sources"),
      optional<&t::contract_url>("contract_url"),
      optional<&t::contract_terms_url>("contract_terms_url"),
      optional<&t::product_metadata>("product_metadata"), required<&t::fee_type>("fee_type"),
      required<&t::fee_multiplier>("fee_multiplier"),
      optional<&t::additional_prohibitions>("additional_prohibitions"),
      optional<&t::volume_fp>("volume_fp"), optional<&t::last_updated_ts>("last_updated_ts"),
      optional<&t::exchange_index>("exchange_index"));
};

template <>
struct codec<combo_leg> {
  using t = combo_leg;
  static constexpr auto table =
      fields<t>(optional<&t::event_ticker>("event_ticker"),
                optional<&t::market_ticker>("market_ticker"), optional<&t::side>("side"),
                optional<&t::yes_settlement_value_dollars>("yes_settlement_value_dollars"));
};

template <>
struct codec<market> {
  using t = market;
  static constexpr auto table = fields<t>(
      required<&t::ticker>("ticker"), required<&t::event_ticker>("event_ticker"),
      optional<&t::market_type>("market_type"), optional<&t::title>("title"),
      optional<&t::subtitle>("subtitle"), optional<&t::yes_sub_title>("yes_sub_title"),
      optional<&t::no_sub_title>("no_sub_title"), required<&t::status>("status"),
      optional<&t::created_time>("created_time"), optional<&t::updated_time>("updated_time"),
      required<&t::open_time>("open_time"), required<&t::close_time>("close_time"),
      optional<&t::expected_expiration_time>("expected_expiration_time"),
      optional<&t::latest_expiration_time>("latest_expiration_time"),
      optional<&t::settlement_timer_seconds>("settlement_timer_seconds"),
      optional<&t::yes_bid_dollars>("yes_bid_dollars"),
      optional<&t::yes_ask_dollars>("yes_ask_dollars"),
      optional<&t::no_bid_dollars>("no_bid_dollars"),
      optional<&t::no_ask_dollars>("no_ask_dollars"),
      optional<&t::yes_bid_size_fp>("yes_bid_size_fp"),
      optional<&t::yes_ask_size_fp>("yes_ask_size_fp"),
      optional<&t::last_price_dollars>("last_price_dollars"),
      optional<&t::previous_price_dollars>("previous_price_dollars"),
      optional<&t::previous_yes_bid_dollars>("previous_yes_bid_dollars"),
      optional<&t::previous_yes_ask_dollars>("previous_yes_ask_dollars"),
      optional<&t::volume_fp>("volume_fp"), optional<&t::volume_24h_fp>("volume_24h_fp"),
      optional<&t::open_interest_fp>("open_interest_fp"),
      optional<&t::notional_value_dollars>("notional_value_dollars"),
      optional<&t::result>("result"),
      optional<&t::settlement_value_dollars>("settlement_value_dollars"),
      optional<&t::settlement_ts>("settlement_ts"),
      optional<&t::settlement_bounds_type>("settlement_bounds_type"),
      optional<&t::settlement_floor_dollars>("settlement_floor_dollars"),
      optional<&t::expiration_value>("expiration_value"),
      optional<&t::occurrence_datetime>("occurrence_datetime"),
      optional<&t::fee_waiver_expiration_time>("fee_waiver_expiration_time"),
      optional<&t::can_close_early>("can_close_early"),
      optional<&t::early_close_condition>("early_close_condition"),
      optional<&t::strike_type>("strike_type"), optional<&t::floor_strike>("floor_strike"),
      optional<&t::cap_strike>("cap_strike"), optional<&t::functional_strike>("functional_strike"),
      optional<&t::custom_strike>("custom_strike"), optional<&t::rules_primary>("rules_primary"),
      optional<&t::rules_secondary>("rules_secondary"),
      optional<&t::mve_collection_ticker>("mve_collection_ticker"),
      optional<&t::mve_selected_legs>("mve_selected_legs"),
      optional<&t::primary_participant_key>("primary_participant_key"),
      optional<&t::price_level_structure>("price_level_structure"),
      optional<&t::price_ranges>("price_ranges"), optional<&t::is_provisional>("is_provisional"),
      optional<&t::exchange_index>("exchange_index"));
};

template <>
struct codec<event> {
  using t = event;
  static constexpr auto table = fields<t>(
      required<&t::event_ticker>("event_ticker"), required<&t::series_ticker>("series_ticker"),
      optional<&t::title>("title"), optional<&t::sub_title>("sub_title"),
      optional<&t::collateral_return_type>("collateral_return_type"),
      required<&t::mutually_exclusive>("mutually_exclusive"), optional<&t::category>("category"),
      optional<&t::strike_date>("strike_date"), optional<&t::strike_period>("strike_period"),
      list<&t::markets, &t::rejected>("markets", false),
      optional<&t::product_metadata>("product_metadata"),
      optional<&t::settlement_sources>("settlement_sources"),
      optional<&t::last_updated_ts>("last_updated_ts"),
      optional<&t::fee_type_override>("fee_type_override"),
      optional<&t::fee_multiplier_override>("fee_multiplier_override"),
      optional<&t::exchange_index>("exchange_index"));
};

}  // namespace cornice::venue::kalshi::json
