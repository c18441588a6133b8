#include "model/enum_table.hpp"

namespace cornice {

std::string_view to_string(venue_id v) noexcept {
  return enum_to_string(v);
}
result<venue_id> parse_venue(std::string_view text) {
  return parse_enum<venue_id>(text);
}

std::string_view to_string(outcome o) noexcept {
  return enum_to_string(o);
}
result<outcome> parse_outcome(std::string_view text) {
  return parse_enum<outcome>(text);
}

std::string_view to_string(order_side s) noexcept {
  return enum_to_string(s);
}
result<order_side> parse_order_side(std::string_view text) {
  return parse_enum<order_side>(text);
}

std::string_view to_string(listing_status s) noexcept {
  return enum_to_string(s);
}
result<listing_status> parse_listing_status(std::string_view text) {
  return parse_enum<listing_status>(text);
}

std::string_view to_string(fee_schedule::model m) noexcept {
  return enum_to_string(m);
}
result<fee_schedule::model> parse_fee_model(std::string_view text) {
  return parse_enum<fee_schedule::model>(text);
}

std::string_view to_string(mapping_relation r) noexcept {
  return enum_to_string(r);
}
result<mapping_relation> parse_mapping_relation(std::string_view text) {
  return parse_enum<mapping_relation>(text);
}

std::string_view to_string(mapping_status s) noexcept {
  return enum_to_string(s);
}
result<mapping_status> parse_mapping_status(std::string_view text) {
  return parse_enum<mapping_status>(text);
}

std::string_view to_string(market_kind k) noexcept {
  return enum_to_string(k);
}
result<market_kind> parse_market_kind(std::string_view text) {
  return parse_enum<market_kind>(text);
}

std::string_view to_string(market_change c) noexcept {
  return enum_to_string(c);
}
result<market_change> parse_market_change(std::string_view text) {
  return parse_enum<market_change>(text);
}

std::string_view to_string(feed_state s) noexcept {
  return enum_to_string(s);
}
result<feed_state> parse_feed_state(std::string_view text) {
  return parse_enum<feed_state>(text);
}

std::string_view to_string(opportunity_kind k) noexcept {
  return enum_to_string(k);
}
result<opportunity_kind> parse_opportunity_kind(std::string_view text) {
  return parse_enum<opportunity_kind>(text);
}

std::string_view to_string(order_report::status s) noexcept {
  return enum_to_string(s);
}
result<order_report::status> parse_order_report_status(std::string_view text) {
  return parse_enum<order_report::status>(text);
}

std::string_view to_string(order_state s) noexcept {
  return enum_to_string(s);
}
result<order_state> parse_order_state(std::string_view text) {
  return parse_enum<order_state>(text);
}

std::string_view to_string(time_in_force t) noexcept {
  return enum_to_string(t);
}
result<time_in_force> parse_time_in_force(std::string_view text) {
  return parse_enum<time_in_force>(text);
}

std::string_view to_string(bundle_state s) noexcept {
  return enum_to_string(s);
}
result<bundle_state> parse_bundle_state(std::string_view text) {
  return parse_enum<bundle_state>(text);
}

std::string_view to_string(breaker_state s) noexcept {
  return enum_to_string(s);
}
result<breaker_state> parse_breaker_state(std::string_view text) {
  return parse_enum<breaker_state>(text);
}

std::string_view to_string(liquidity l) noexcept {
  return enum_to_string(l);
}
result<liquidity> parse_liquidity(std::string_view text) {
  return parse_enum<liquidity>(text);
}

}  // namespace cornice
