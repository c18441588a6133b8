#include "cornice/venue/kalshi/rest.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <string>
#include <vector>

namespace cornice::venue::kalshi {
namespace {

price at(std::string_view text) {
  return price::parse(text).value();
}
quantity of(std::string_view text) {
  return quantity::parse(text).value();
}
timestamp when(std::string_view text) {
  return parse_rfc3339(text).value();
}

const std::string small_market =
    R"({"ticker":"KXA-1","event_ticker":"KXA","status":"active",)"
    R"("open_time":"2026-11-22T15:00:00Z","close_time":"2026-11-24T04:59:00Z"})";

template <class T>
void expect_failure(const result<T>& r, errc code, std::string_view pointer) {
  ASSERT_FALSE(r);
  EXPECT_EQ(r.error().code, code) << r.error().message;
  EXPECT_TRUE(r.error().message.starts_with(std::string{pointer} + ":")) << r.error().message;
}

TEST(kalshi_rest, status_of_each_shard_and_of_those_not_listed) {
  const auto s = decode_exchange_status(
      R"({"exchange_active":true,"trading_active":true,"exchange_estimated_resume_time":null,)"
      R"("exchange_index_statuses":[{"exchange_index":2,"description":"crypto",)"
      R"("exchange_active":true,"trading_active":false,"intra_exchange_transfers_active":true}]})");
  ASSERT_TRUE(s) << s.error().message;
  EXPECT_TRUE(s->trading_on(0));
  EXPECT_FALSE(s->trading_on(2));
  EXPECT_TRUE(s->trading_on(9));
  EXPECT_EQ(decode_exchange_status(encode_exchange_status(*s)).value(), *s);
  expect_failure(decode_exchange_status(R"({"exchange_active":true})"), errc::missing_field,
                 "/trading_active");
  expect_failure(decode_exchange_status("<html>"), errc::malformed, "/");
  expect_failure(decode_exchange_status(""), errc::malformed, "/");
}

TEST(kalshi_rest, schedule_keeps_minutes_of_the_day) {
  const auto s = decode_exchange_schedule(
      R"({"schedule":{"standard_hours":[{"start_time":"2024-12-01T00:00:00Z",)"
      R"("end_time":"2200-12-01T00:00:00Z","thursday":[{"open_time":"05:00","close_time":"00:00"}]}],)"
      R"("maintenance_windows":[{"start_datetime":"2026-11-26T08:00:00Z","end_datetime":"2026-11-26T10:00:00Z"}]}})");
  ASSERT_TRUE(s) << s.error().message;
  EXPECT_EQ(s->standard_hours[0].thursday[0].open_time.minutes, 300);
  EXPECT_TRUE(s->standard_hours[0].monday.empty());
  EXPECT_EQ(decode_exchange_schedule(encode_exchange_schedule(*s)).value(), *s);
  for (const std::string bad : {"5:00", "24:00", "05:60", "05-00", "ab:cd"})
    EXPECT_FALSE(decode_exchange_schedule(
        R"({"schedule":{"standard_hours":[{"start_time":"2024-12-01T00:00:00Z","end_time":"2200-12-01T00:00:00Z","monday":[{"open_time":")" +
        bad + R"(","close_time":"00:00"}]}]}})"));
}

TEST(kalshi_rest, endpoint_costs_match_parameters_and_fall_back) {
  const auto c = decode_endpoint_costs(
      R"({"default_cost":10,"endpoint_costs":[)"
      R"({"method":"DELETE","path":"/portfolio/events/orders/:order_id","cost":2},)"
      R"({"method":"GET","path":"/trade-api/v2/portfolio/orders/:order_id","cost":3}]})");
  ASSERT_TRUE(c) << c.error().message;
  EXPECT_EQ(c->cost_of("DELETE", "/trade-api/v2/portfolio/events/orders/abc"), 2);
  EXPECT_EQ(c->cost_of("POST", "/trade-api/v2/portfolio/events/orders/abc"), 10);
  EXPECT_EQ(c->cost_of("GET", "/trade-api/v2/portfolio/orders/abc"), 3);
  EXPECT_EQ(c->cost_of("GET", "/trade-api/v2/portfolio/orders"), 10);
  EXPECT_EQ(c->cost_of("DELETE", "/trade-api/v2/portfolio/events/orders"), 10);
  EXPECT_EQ(decode_endpoint_costs(encode_endpoint_costs(*c)).value(), *c);
}

TEST(kalshi_rest, account_limits_with_grants) {
  const auto l = decode_account_limits(
      R"({"usage_tier":"expert","read":{"refill_rate":600,"bucket_capacity":600},)"
      R"("write":{"refill_rate":600,"bucket_capacity":1800},)"
      R"("grants":[{"exchange_instance":"event_contract","level":"expert","expires_ts":null,"source":"volume"}]})");
  ASSERT_TRUE(l) << l.error().message;
  EXPECT_EQ(l->write.bucket_capacity, 1800);
  EXPECT_FALSE(l->grants[0].expires_ts);
  EXPECT_EQ(decode_account_limits(encode_account_limits(*l)).value(), *l);
}

TEST(kalshi_rest, every_shape_of_error_body) {
  using shape = api_error::body_shape;
  const auto check = [](std::string_view body, shape s, std::string_view code,
                        std::string_view message) {
    const auto e = decode_api_error(body);
    EXPECT_EQ(e.shape, s) << body;
    EXPECT_EQ(e.code, code) << body;
    EXPECT_EQ(e.message, message) << body;
    EXPECT_EQ(decode_api_error(encode_api_error(e)), e) << body;
  };
  check(R"({"error":{"code":"not_found","message":"not found","service":"exchange"}})",
        shape::nested, "not_found", "not found");
  check(R"({"code":"bad_request","message":"bad","details":"json"})", shape::flat, "bad_request",
        "bad");
  check(R"({"msg":"Parameter validation failed"})", shape::message, "",
        "Parameter validation failed");
  check(R"({"error":"too many requests"})", shape::text, "", "too many requests");
  check("<html>403</html>", shape::not_json, "", "<html>403</html>");
  check("", shape::not_json, "", "");
  check("[]", shape::not_json, "", "[]");
  check("{}", shape::not_json, "", "{}");
  EXPECT_TRUE(
      decode_api_error(R"({"error":{"code":"MARKET_NOT_ACTIVE"}})").has_code("market_not_active"));
  EXPECT_FALSE(decode_api_error(R"({"error":{"code":"x"}})").has_code("xy"));
}

TEST(kalshi_rest, long_error_texts_are_cut_between_characters) {
  std::string body;
  while (body.size() < api_error::max_text + 10) body += "ü";
  const auto e = decode_api_error(" " + body);
  EXPECT_LE(e.message.size(), api_error::max_text);
  EXPECT_EQ(e.message.size() % 2, 1u);
}

TEST(kalshi_rest, a_market_needs_little_and_keeps_much) {
  const auto m = decode_market("{\"market\":" + small_market + "}");
  ASSERT_TRUE(m) << m.error().message;
  EXPECT_EQ(m->status, market_status::active);
  EXPECT_EQ(m->close_time, when("2026-11-24T04:59:00Z"));
  EXPECT_FALSE(m->yes_bid_dollars);
  EXPECT_TRUE(m->price_ranges.empty());
  const auto full = decode_market(
      R"({"market":{"ticker":"KXA-1","event_ticker":"KXA","status":"dreaming","market_type":"other",)"
      R"("open_time":"2026-11-22T15:00:00Z","close_time":"2026-11-24T04:59:00Z",)"
      R"("floor_strike":54.50,"cap_strike":-1e3,"custom_strike":{"a": "b" , "c":[1]},)"
      R"("price_ranges":[{"start":"0.0000","end":"1.0000","step":"0.0100"}],"result":"",)"
      R"("settlement_value_dollars":null,"yes_bid_dollars":"0.3100","volume_fp":"5120.25",)"
      R"("settlement_bounds_type":"floor","title":"a \"b\" \u00e9","exchange_index":3}})");
  ASSERT_TRUE(full) << full.error().message;
  EXPECT_EQ(full->status, market_status::unknown);
  EXPECT_EQ(full->market_type, market_type::unknown);
  EXPECT_EQ(full->floor_strike->text, "54.50");
  EXPECT_EQ(full->cap_strike->text, "-1e3");
  EXPECT_EQ(full->custom_strike->text, R"({"a": "b" , "c":[1]})");
  EXPECT_EQ(full->title, "a \"b\" é");
  EXPECT_EQ(full->exchange_index, 3);
  EXPECT_EQ(decode_market(encode_market(*full)).value(), *full);
}

TEST(kalshi_rest, failures_of_a_market_point_at_the_field) {
  const auto with = [](std::string_view fields) {
    return decode_market("{\"market\":" + small_market.substr(0, small_market.size() - 1) +
                         std::string{fields} + "}}");
  };
  expect_failure(decode_market(R"({"market":{"ticker":"A"}})"), errc::missing_field,
                 "/market/event_ticker");
  expect_failure(decode_market(R"({"markets":[]})"), errc::missing_field, "/market");
  expect_failure(with(R"(,"yes_bid_dollars":0.31)"), errc::malformed, "/market/yes_bid_dollars");
  expect_failure(with(R"(,"yes_bid_dollars":"1.01")"), errc::out_of_range,
                 "/market/yes_bid_dollars");
  expect_failure(with(R"(,"volume_fp":"1.2.3")"), errc::malformed, "/market/volume_fp");
  expect_failure(with(R"(,"created_time":"yesterday")"), errc::malformed, "/market/created_time");
  expect_failure(with(R"(,"floor_strike":"54")"), errc::malformed, "/market/floor_strike");
  expect_failure(with(R"(,"floor_strike":01)"), errc::malformed, "/market/floor_strike");
  expect_failure(with(R"(,"price_ranges":[{"start":"0","end":"1"}])"), errc::missing_field,
                 "/market/price_ranges/0/step");
  expect_failure(with(R"(,"ticker":null)"), errc::malformed, "/market/ticker");
}

TEST(kalshi_rest, a_bad_market_does_not_cost_its_page) {
  const auto p = decode_market_page("{\"markets\":[" + small_market +
                                    R"(,{"ticker":"BAD"},7,{"ticker":{"deep":[1,2]}},)" +
                                    small_market + R"(],"cursor":"next"})");
  ASSERT_TRUE(p) << p.error().message;
  EXPECT_EQ(p->markets.size(), 2u);
  EXPECT_EQ(p->cursor, "next");
  ASSERT_EQ(p->rejected.size(), 3u);
  EXPECT_TRUE(p->rejected[0].message.starts_with("/markets/1/event_ticker:"))
      << p->rejected[0].message;
  EXPECT_TRUE(p->rejected[1].message.starts_with("/markets/2:")) << p->rejected[1].message;
  EXPECT_TRUE(p->rejected[2].message.starts_with("/markets/3/ticker:")) << p->rejected[2].message;
}

TEST(kalshi_rest, the_end_of_pages_is_an_empty_absent_or_null_cursor) {
  for (const std::string cursor : {R"(,"cursor":"")", R"(,"cursor":null)", ""}) {
    const auto p = decode_market_page("{\"markets\":[]" + cursor + "}");
    ASSERT_TRUE(p) << p.error().message;
    EXPECT_TRUE(p->cursor.empty());
  }
  expect_failure(decode_market_page(R"({"cursor":""})"), errc::missing_field, "/markets");
}

TEST(kalshi_rest, truncated_pages_are_refused) {
  const std::string page = "{\"markets\":[" + small_market + "],\"cursor\":\"next\"}";
  ASSERT_TRUE(decode_market_page(page));
  for (std::size_t n = 0; n < page.size(); ++n)
    EXPECT_FALSE(decode_market_page(page.substr(0, n))) << n;
  EXPECT_FALSE(decode_market_page(page + "x"));
}

TEST(kalshi_rest, event_takes_its_markets_from_either_place) {
  const std::string head =
      R"({"event":{"event_ticker":"KXA","series_ticker":"KX","mutually_exclusive":true,)"
      R"("fee_type_override":"quadratic_with_maker_fees","fee_multiplier_override":0.5)";
  const auto beside = decode_event(head + "},\"markets\":[" + small_market + "]}");
  const auto nested = decode_event(head + ",\"markets\":[" + small_market + "]},\"markets\":[" +
                                   small_market + "]}");
  ASSERT_TRUE(beside) << beside.error().message;
  ASSERT_TRUE(nested) << nested.error().message;
  EXPECT_EQ(*beside, *nested);
  EXPECT_EQ(beside->markets.size(), 1u);
  EXPECT_EQ(beside->fee_multiplier_override, ratio{500'000});
  EXPECT_EQ(decode_event(encode_event(*beside)).value(), *beside);
}

TEST(kalshi_rest, series_and_events_pages_survive_encoding) {
  const auto l = decode_series_list(
      R"({"series":[{"ticker":"KX","fee_type":"flat","fee_multiplier":1,"tags":null,)"
      R"("categories":["A","B"],"settlement_sources":[{"name":"n","url":"u"}],)"
      R"("product_metadata":{"x":1},"volume_fp":"3.00","last_updated_ts":"2026-11-22T15:00:00Z"},{}]})");
  ASSERT_TRUE(l) << l.error().message;
  EXPECT_EQ(l->series.size(), 1u);
  EXPECT_EQ(l->rejected.size(), 1u);
  EXPECT_EQ(decode_series_list(encode_series_list(*l))->series, l->series);
  const auto p = decode_event_page(
      R"({"events":[{"event_ticker":"E","series_ticker":"S","mutually_exclusive":false,)"
      R"("strike_date":"2026-11-22T15:00:00Z","strike_period":null}],"cursor":"c","milestones":[{}]})");
  ASSERT_TRUE(p) << p.error().message;
  EXPECT_EQ(decode_event_page(encode_event_page(*p)).value(), *p);
}

TEST(kalshi_rest, fee_changes_are_strict) {
  const auto s = decode_series_fee_changes(
      R"({"series_fee_change_arr":[{"id":"1","series_ticker":"KX","fee_type":"quadratic",)"
      R"("fee_multiplier":0.25,"scheduled_ts":"2026-12-01T00:00:00Z"}]})");
  ASSERT_TRUE(s) << s.error().message;
  EXPECT_EQ(s->at(0).fee_multiplier, ratio{250'000});
  EXPECT_EQ(decode_series_fee_changes(encode_series_fee_changes(*s)).value(), *s);
  expect_failure(
      decode_series_fee_changes(R"({"series_fee_change_arr":[{"id":"1","series_ticker":"KX"}]})"),
      errc::missing_field, "/series_fee_change_arr/0/fee_type");
  const auto e = decode_event_fee_changes(
      R"({"event_fee_changes":[{"id":"1","event_ticker":"E","series_ticker":"S",)"
      R"("fee_type_override":null,"fee_multiplier_override":null,)"
      R"("scheduled_ts":"2026-12-01T00:00:00Z"}],"cursor":""})");
  ASSERT_TRUE(e) << e.error().message;
  EXPECT_FALSE(e->changes[0].fee_type_override);
  EXPECT_EQ(decode_event_fee_changes(encode_event_fee_changes(*e)).value(), *e);
}

TEST(kalshi_rest, order_book_turns_no_bids_into_yes_asks) {
  const auto b = decode_orderbook(
      R"({"orderbook_fp":{"yes_dollars":[["0.3000","5.00"],["0.3100","120.00"]],"no_dollars":[["0.6700","45.50"]]}})");
  ASSERT_TRUE(b) << b.error().message;
  const auto book = b->to_book();
  ASSERT_TRUE(book);
  EXPECT_EQ(book->best(book_side::bid), (level{at("0.31"), of("120")}));
  EXPECT_EQ(book->best(book_side::ask), (level{at("0.33"), of("45.5")}));
  EXPECT_EQ(decode_orderbook(encode_orderbook(*b)).value(), *b);
}

TEST(kalshi_rest, empty_order_books_of_every_form) {
  for (const auto* body :
       {R"({"orderbook_fp":{}})", R"({"orderbook_fp":{"yes_dollars":null,"no_dollars":[]}})",
        R"({"orderbook":{"yes":null,"no":null,"yes_dollars":null}})"}) {
    const auto b = decode_orderbook(body);
    ASSERT_TRUE(b) << b.error().message;
    EXPECT_EQ(*b, rest_orderbook{});
  }
  expect_failure(decode_orderbook("{}"), errc::missing_field, "/orderbook_fp");
  expect_failure(decode_orderbook(R"({"orderbook":{"yes":[[6,100]]}})"), errc::malformed,
                 "/orderbook");
  expect_failure(decode_orderbook(R"({"orderbook_fp":{"yes_dollars":[["0.1"]]}})"), errc::malformed,
                 "/orderbook_fp/yes_dollars/0");
}

TEST(kalshi_rest, levels_that_are_not_positive_make_no_book) {
  for (const auto* count : {"0.00", "-1.00"}) {
    const auto b = decode_orderbook(std::string{R"({"orderbook_fp":{"yes_dollars":[["0.1",")"} +
                                    count + R"("]]}})");
    ASSERT_TRUE(b);
    EXPECT_FALSE(b->to_book());
  }
}

TEST(kalshi_rest, order_book_batches_keep_what_is_good) {
  const auto b = decode_orderbooks(
      R"({"orderbooks":[{"ticker":"A","orderbook_fp":{"yes_dollars":[["0.1","1.00"]]}},{"ticker":"B"}]})");
  ASSERT_TRUE(b) << b.error().message;
  EXPECT_EQ(b->orderbooks.size(), 1u);
  EXPECT_EQ(b->rejected.size(), 1u);
  EXPECT_EQ(decode_orderbooks(encode_orderbooks(*b))->orderbooks, b->orderbooks);
}

TEST(kalshi_rest, trades_say_who_took) {
  const auto p = decode_trade_page(
      R"({"trades":[{"trade_id":"t","ticker":"A","count_fp":"7.77","yes_price_dollars":"0.0300",)"
      R"("no_price_dollars":"0.9700","taker_book_side":"ask","created_time":"2026-06-15T15:48:42.609997Z",)"
      R"("is_block_trade":true}],"cursor":""})");
  ASSERT_TRUE(p) << p.error().message;
  EXPECT_EQ(p->trades[0].taker(), outcome::no);
  EXPECT_EQ(p->trades[0].created_time, when("2026-06-15T15:48:42.609997Z"));
  EXPECT_EQ(decode_trade_page(encode_trade_page(*p)).value(), *p);
}

TEST(kalshi_rest, candlesticks_without_trades_have_no_prices) {
  const auto c = decode_candlesticks(
      R"({"markets":[{"market_ticker":"A","candlesticks":[{"end_period_ts":1760500800,)"
      R"("yes_bid":{"open_dollars":"0.0800"},"yes_ask":null,"price":{"open_dollars":null,)"
      R"("previous_dollars":"0.1100"},"volume_fp":"0.00"}]}]})");
  ASSERT_TRUE(c) << c.error().message;
  EXPECT_FALSE(c->at(0).candlesticks[0].price.open_dollars);
  EXPECT_EQ(decode_candlesticks(encode_candlesticks(*c)).value(), *c);
}

RC_GTEST_PROP(kalshi_rest_property, what_is_encoded_decodes_equal, ()) {
  const auto text = [] { return *rc::gen::container<std::string>(rc::gen::inRange<char>(1, 127)); };
  market_page page;
  const auto count = *rc::gen::inRange(0, 4);
  for (int i = 0; i < count; ++i) {
    market m;
    m.ticker = text();
    m.event_ticker = text();
    m.title = text();
    m.rules_primary = text();
    m.status =
        *rc::gen::element(market_status::active, market_status::finalized, market_status::unknown);
    m.open_time = from_unix_us(*rc::gen::inRange<std::int64_t>(0, 4'000'000'000'000'000));
    m.yes_bid_dollars = price::of_micros(*rc::gen::inRange<std::int64_t>(0, price::one + 1));
    m.volume_fp = quantity{*rc::gen::arbitrary<std::int32_t>()};
    m.functional_strike = text();
    page.markets.push_back(std::move(m));
  }
  page.cursor = text();
  const auto back = decode_market_page(encode_market_page(page));
  RC_ASSERT(back.has_value());
  RC_ASSERT(*back == page);
}

}  // namespace
}  // namespace cornice::venue::kalshi
