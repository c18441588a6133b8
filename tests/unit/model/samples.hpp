// One full sample of every message: no list empty, no optional absent, every text with something in
// it. The reference for the rejection tests and for docs/asyncapi.yaml.
#pragma once

#include "cornice/model/codec.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace cornice_test {

using namespace cornice;

inline timestamp at_ms(std::int64_t ms) {
  return from_unix_ms(1'795'363'200'000 + ms);
}

inline contract_id kalshi_yes() {
  return contract_id::make(venue_id::kalshi, "KXHIGHNY-26NOV23-B54.5:yes");
}
inline contract_id polymarket_token() {
  return contract_id::make(
      venue_id::polymarket,
      "71321045679252212594626385532706912750332728571942532289631379312455583992563");
}

inline level level_at(std::int64_t cents, std::int64_t contracts) {
  return {price::of_micros(cents * 10'000), quantity::contracts(contracts)};
}

inline listing full_listing() {
  listing m;
  m.venue = venue_id::kalshi;
  m.id = listing_id::of("KXHIGHNY-26NOV23-B54.5");
  m.event = event_id::of("KXHIGHNY-26NOV23");
  m.series = "KXHIGHNY";
  m.category = "Climate and Weather";
  m.title = "Highest temperature in New York, 54\u00B0 to 55\u00B0?";
  m.outcome_name = "54\u00B0 to 55\u00B0";
  m.rules = "If the highest temperature is \"54\" or \"55\",\nthe market resolves to Yes.";
  m.rule_hash = rule_hash_of(m.rules);
  m.status = listing_status::open;
  m.accepting_orders = true;
  m.mutually_exclusive = true;
  m.exchange_index = 2;
  m.grid = tick_grid::from_bands({{price{}, price::of_micros(100'000), 1'000},
                                  {price::of_micros(100'000), price::of_micros(900'000), 10'000},
                                  {price::of_micros(900'000), price::of_micros(1'000'000), 1'000}})
               .value();
  m.fees.kind = fee_schedule::model::kalshi;
  m.fees.taker_rate = ratio{70'000};
  m.fees.maker_rate = ratio{17'500};
  m.open_time = at_ms(0);
  m.close_time = at_ms(86'400'000);
  m.expected_resolution = at_ms(90'000'000);
  m.settlement_value = ratio{1'000'000};
  m.yes = kalshi_yes();
  m.no = contract_id::make(venue_id::kalshi, "KXHIGHNY-26NOV23-B54.5:no");
  return m;
}

inline market full_market() {
  return {market_id::of("ny-high-2026-11-23"),
          market_kind::binary,
          "New York high",
          {{kalshi_yes(), mapping_relation::same, mapping_status::approved, rule_hash_of("a")},
           {polymarket_token(), mapping_relation::complement, mapping_status::proposed,
            rule_hash_of("b")}}};
}

inline fill_report full_fill() {
  return {venue_id::kalshi,
          venue_fill_id::of("2f6e1f0e-trade"),
          venue_order_id::of("7d7f-order"),
          order_id::of("0f3c0000-0000-4000-8000-000000000001"),
          kalshi_yes(),
          order_side::buy,
          price::of_micros(320'000),
          quantity::contracts(5),
          money{15'200},
          liquidity::maker,
          at_ms(10),
          trace_id::of("t-1")};
}

inline order_report full_order_report() {
  return {venue_id::polymarket,        order_id::of("0f3c0000-0000-4000-8000-000000000002"),
          venue_order_id::of("0xabc"), order_report::status::rejected,
          quantity::contracts(1),      quantity::contracts(4),
          "not enough balance",        at_ms(11),
          trace_id::of("t-2")};
}

template <class T>
std::vector<T> samples();

template <>
inline std::vector<book_signal> samples() {
  book_signal m;
  m.contract = kalshi_yes();
  m.revision = 18'446'744'073'709'551'615u;
  m.epoch = 7;
  m.usable = true;
  m.bids = {level_at(31, 120), level_at(30, 45)};
  m.asks = {level_at(33, 10), level_at(34, 1'000'000)};
  m.venue_time = at_ms(1);
  m.received = at_ms(2);
  m.published = at_ms(3);
  m.trace = trace_id::of("t-3");
  book_signal lost = m;
  lost.usable = false;
  lost.unusable_reason = "gap";
  lost.venue_time = {};
  return {m, lost};
}
template <>
inline std::vector<trade_signal> samples() {
  return {{polymarket_token(), "0xdeadbeef", price::of_micros(123'400), quantity{1'500'000},
           order_side::sell, at_ms(1), at_ms(2)}};
}
template <>
inline std::vector<market_signal> samples() {
  return {{market_change::grid_changed, full_listing(), std::nullopt, at_ms(4)},
          {market_change::mapping_changed, std::nullopt, full_market(), at_ms(5)}};
}
template <>
inline std::vector<feed_signal> samples() {
  return {{venue_id::polymarket, feed_state::degraded, "2 of 3 connections", 1'000, 900, 2, true,
           at_ms(6)}};
}
template <>
inline std::vector<opportunity> samples() {
  opportunity m;
  m.id = opportunity_id::of("op-1");
  m.kind = opportunity_kind::cross_venue;
  m.market = market_id::of("ny-high-2026-11-23");
  m.legs = {{kalshi_yes(), order_side::buy, price::of_micros(310'000), quantity::contracts(10),
             money{3'100'000}, money{150'000}, 7, 41},
            {polymarket_token(), order_side::buy, price::of_micros(600'000),
             quantity::contracts(10), money{6'000'000}, money{}, 2, 99}};
  m.size = quantity::contracts(10);
  m.payoff = money::dollars(10);
  m.cost = money{9'100'000};
  m.fees = money{150'000};
  m.edge = money{750'000};
  m.annual_return_ppm = -1;
  m.resolves = at_ms(90'000'000);
  m.created = at_ms(7);
  m.expires = at_ms(507);
  m.trace = trace_id::of("t-4");
  m.reasons = {"pays 10.00 for 9.25"};
  return {m};
}
template <>
inline std::vector<opportunity_refusal> samples() {
  return {{opportunity_kind::complement,
           market_id::of("m-1"),
           {kalshi_yes(), polymarket_token()},
           "below_min_edge",
           -1'234,
           "micro_dollars",
           at_ms(8),
           trace_id::of("t-5")}};
}
template <>
inline std::vector<fill_report> samples() {
  return {full_fill()};
}
template <>
inline std::vector<order_report> samples() {
  return {full_order_report()};
}
template <>
inline std::vector<balance_report> samples() {
  return {{venue_id::kalshi, money{-1}, at_ms(12)}};
}
template <>
inline std::vector<account_snapshot> samples() {
  return {{venue_id::kalshi,
           "r-1",
           {full_order_report()},
           {full_fill()},
           {{kalshi_yes(), quantity::contracts(-3)}},
           money::dollars(1'000),
           at_ms(13)}};
}
template <>
inline std::vector<order_event> samples() {
  return {{order_id::of("o-1"), bundle_id::of("b-1"), kalshi_yes(), order_side::sell,
           order_state::in_doubt, "journal", price::of_micros(310'000), quantity::contracts(10),
           quantity::contracts(2), "timed out", at_ms(14), trace_id::of("t-6")}};
}
template <>
inline std::vector<bundle_event> samples() {
  return {{bundle_id::of("b-1"), opportunity_id::of("op-1"), bundle_state::unwinding,
           "leg 2 rejected", money{3'100'000}, at_ms(15), trace_id::of("t-7")}};
}
template <>
inline std::vector<refusal_event> samples() {
  return {{opportunity_id::of("op-1"), "max_position", "would hold 120.00, limit 100.00", at_ms(16),
           trace_id::of("t-8")}};
}
template <>
inline std::vector<position_event> samples() {
  return {{kalshi_yes(), quantity::contracts(-1), money{1}, money{-2}, money{3}, at_ms(17),
           trace_id::of("t-9")}};
}
template <>
inline std::vector<pnl_event> samples() {
  return {{venue_id::sim, money{1}, money{-2}, money{3}, money{-4}, money{5}, at_ms(18)}};
}
template <>
inline std::vector<breaker_event> samples() {
  return {{"global", breaker_state::half_open, "heartbeat lost", true, "cli:anna", at_ms(19)}};
}
template <>
inline std::vector<command_request> samples() {
  return {{"halt", "kalshi", "now", "maintenance", "cli:anna", "r-2", at_ms(20), at_ms(5'020)},
          {"reconcile", "kalshi", "", "start-up", "execution", "r-3", at_ms(21), at_ms(5'021)}};
}
template <>
inline std::vector<command_reply> samples() {
  return {{"r-2", true, "halted kalshi"}};
}
template <>
inline std::vector<listing> samples() {
  return {full_listing()};
}
template <>
inline std::vector<market> samples() {
  return {full_market()};
}

/// What travels on the bus by itself.
using bus_messages =
    ::testing::Types<book_signal, trade_signal, market_signal, feed_signal, opportunity,
                     opportunity_refusal, fill_report, order_report, balance_report,
                     account_snapshot, order_event, bundle_event, refusal_event, position_event,
                     pnl_event, breaker_event, command_request, command_reply>;

/// And what is stored and served in the same form.
using coded_types =
    ::testing::Types<book_signal, trade_signal, market_signal, feed_signal, opportunity,
                     opportunity_refusal, fill_report, order_report, balance_report,
                     account_snapshot, order_event, bundle_event, refusal_event, position_event,
                     pnl_event, breaker_event, command_request, command_reply, listing, market>;

}  // namespace cornice_test
