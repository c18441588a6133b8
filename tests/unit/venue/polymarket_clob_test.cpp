#include "cornice/venue/polymarket/clob.hpp"
#include "cornice/venue/polymarket/data_api.hpp"
#include "cornice/venue/polymarket/requests.hpp"

#include <gtest/gtest.h>

namespace cornice::venue::polymarket {
namespace {

TEST(polymarket_clob, reads_and_writes_a_book) {
  const std::string text =
      R"({"market":"0x1","asset_id":"12","timestamp":"1791285558236","hash":"ab",)"
      R"("bids":[{"price":"0.001","size":"16057385.26"},{"price":"0.02","size":"5"}],)"
      R"("asks":[{"price":"0.999","size":"1"}],"min_order_size":"5","tick_size":"0.001",)"
      R"("neg_risk":false,"last_trade_price":""})";
  const auto b = clob::decode_book(text);
  ASSERT_TRUE(b) << b.error().message;
  EXPECT_EQ(clob::encode(*b), text);
  EXPECT_EQ(b->bids[0].q, quantity{16'057'385'260'000});
  EXPECT_EQ(clob::borrowed_book{*b}.view().asks[0].price_text, "0.999");
}

TEST(polymarket_clob, a_bad_book_does_not_lose_the_batch) {
  const auto batch = clob::decode_books(
      R"([{"market":"0x1","asset_id":"1","timestamp":"1","bids":[],"asks":[]},)"
      R"({"market":"0x1","asset_id":"2","timestamp":"1","bids":[{"price":"2","size":"1"}],)"
      R"("asks":[]},7])");
  ASSERT_TRUE(batch);
  EXPECT_EQ(batch->books.size(), 1u);
  EXPECT_EQ(batch->errors.size(), 2u);
  EXPECT_EQ(clob::decode_books(clob::encode_books(batch->books)).value().books, batch->books);
}

TEST(polymarket_clob, refusals_are_told_from_malformed_answers) {
  const std::string refusal = R"({"error":"No orderbook exists for the requested token id"})";
  EXPECT_EQ(clob::decode_book(refusal).error().code, errc::refused);
  EXPECT_EQ(clob::decode_books(refusal).error().code, errc::refused);
  EXPECT_EQ(clob::decode_price(refusal).error().code, errc::refused);
  EXPECT_EQ(clob::decode_tick_size(refusal).error().code, errc::refused);
  EXPECT_EQ(clob::decode_market_info(refusal).error().code, errc::refused);
  EXPECT_EQ(clob::decode_market(refusal).error().code, errc::refused);
  EXPECT_EQ(clob::decode_book("<html></html>").error().code, errc::malformed);
  EXPECT_EQ(clob::decode_price("{}").error().code, errc::missing_field);
}

TEST(polymarket_clob, small_answers_as_text_and_number) {
  EXPECT_EQ(clob::decode_price(R"({"price":"0.52"})").value().micros(), 520'000);
  EXPECT_EQ(clob::decode_price(R"({"price":0.52})").value().micros(), 520'000);
  EXPECT_EQ(clob::decode_price(clob::encode_price(price::of_micros(525'000))).value().micros(),
            525'000);
  EXPECT_EQ(clob::decode_midpoint(R"({"mid":"0.525"})").value().micros(), 525'000);
  EXPECT_EQ(clob::decode_spread(R"({"spread":"0.01"})").value().micros(), 10'000);
  EXPECT_EQ(clob::decode_price_map(R"({"1":"0.5","2":0.25})").value().at("2").micros(), 250'000);
  EXPECT_EQ(clob::decode_tick_size(R"({"minimum_tick_size":0.01})").value(), 10'000);
  EXPECT_EQ(clob::encode_tick_size(2'500), R"({"minimum_tick_size":0.0025})");
  EXPECT_TRUE(clob::decode_neg_risk(R"({"neg_risk":true})").value());
  EXPECT_EQ(clob::decode_fee_rate(R"({"base_fee":"150"})").value(), 150);
  EXPECT_EQ(clob::decode_version("{}").value(), 2);
  EXPECT_EQ(clob::decode_version(clob::encode_version(3)).value(), 3);
  EXPECT_EQ(clob::decode_time("1790000000").value(), from_unix_s(1'790'000'000));
  EXPECT_FALSE(clob::decode_time("1790000000000"));
  EXPECT_EQ(clob::decode_market_by_token(R"({"condition_id":"0x1","x":1})").value(), "0x1");
}

TEST(polymarket_clob, a_token_without_trades_has_no_last_price) {
  const auto never = clob::decode_last_trade_price(R"({"price":"","side":""})");
  ASSERT_TRUE(never);
  EXPECT_FALSE(never->p);
  EXPECT_FALSE(clob::decode_last_trade_price("{}").value().side);
  const auto once = clob::decode_last_trade_price(R"({"price":"0.5","side":"SELL"})").value();
  EXPECT_EQ(once.side, order_side::sell);
  EXPECT_EQ(clob::decode_last_trade_price(clob::encode(once)).value(), once);
}

TEST(polymarket_clob, the_compact_market_of_the_live_venue) {
  const auto m = clob::decode_market_info(
      R"({"gst":"2026-09-26T18:45:00Z","r":{"mi":50,"ma":4.5,"moas":30},"sd":1,"mos":5,)"
      R"("mts":0.01,"mbf":1000,"tbf":1000,"nr":true,"fd":{"r":0.05,"e":1,"to":true},)"
      R"("t":[{"t":"1","o":"Yes"},{"t":"2","o":"No"}],"ao":true,"itode":true})");
  ASSERT_TRUE(m) << m.error().message;
  EXPECT_EQ(m->tick_micros, 10'000);
  EXPECT_EQ(m->min_order_size, quantity::contracts(5));
  EXPECT_TRUE(m->neg_risk);
  EXPECT_EQ(m->seconds_delay, 1);
  EXPECT_EQ(m->fees->rate.ppm, 50'000);
  EXPECT_EQ(m->rewards->max_spread_cents, "4.5");
  EXPECT_FALSE(m->clear_book_on_start);
  EXPECT_EQ(clob::decode_market_info(clob::encode(*m)).value(), *m);
  EXPECT_FALSE(clob::decode_market_info(R"({"mos":5})"));
}

TEST(polymarket_clob, errors_come_as_objects_strings_and_html) {
  const auto mode = clob::decode_error(
      R"({"error":"post only","code":"post_only_mode","retry_after_seconds":90})");
  EXPECT_EQ(mode.code, "post_only_mode");
  EXPECT_EQ(mode.retry_after_s, 90);
  EXPECT_EQ(clob::decode_error(clob::encode(mode)), mode);
  EXPECT_EQ(clob::decode_error(R"("Invalid token id")").message, "Invalid token id");
  EXPECT_TRUE(clob::decode_error(" <!DOCTYPE html>").html);
  EXPECT_EQ(clob::decode_error("error code: 1015").message, "error code: 1015");
  EXPECT_EQ(clob::decode_error("").message, "");
}

TEST(polymarket_clob, history_and_geoblock) {
  const auto points =
      clob::decode_prices_history(R"({"history":[{"t":1790000000,"p":0.52}]})").value();
  ASSERT_EQ(points.size(), 1u);
  EXPECT_EQ(points[0].price_text, "0.52");
  EXPECT_EQ(clob::decode_prices_history(clob::encode_prices_history(points)).value(), points);
  EXPECT_FALSE(clob::decode_prices_history(R"({"history":[{"p":0.5}]})"));
  const auto g = clob::decode_geoblock(R"({"blocked":true,"country":"US"})").value();
  EXPECT_TRUE(g.blocked);
  EXPECT_FALSE(clob::decode_geoblock(R"({"country":"US"})"));
}

TEST(polymarket_clob, pages_end_with_their_own_cursor) {
  const auto page = clob::decode_markets_page(
      R"({"limit":1,"count":1,"next_cursor":"LTE=","data":[{"condition_id":"0x1"},{"x":1}]})");
  ASSERT_TRUE(page);
  EXPECT_TRUE(page->last());
  EXPECT_EQ(page->rows.size(), 1u);
  EXPECT_EQ(page->errors.size(), 1u);
}

TEST(polymarket_requests, targets_are_escaped_and_bounded) {
  keyset_query q;
  q.after_cursor = "a+b/c=";
  q.closed = false;
  q.condition_ids = {"0x1", "0x2"};
  EXPECT_EQ(gamma_markets_page(q).value().target,
            "/markets/keyset?limit=100&after_cursor=a%2Bb%2Fc%3D&closed=false"
            "&condition_ids=0x1&condition_ids=0x2");
  q.limit = 101;
  EXPECT_EQ(gamma_markets_page(q).error().code, errc::invalid_argument);
  q.limit = 1;
  q.condition_ids.assign(101, "0x1");
  EXPECT_EQ(gamma_events_page(q).error().code, errc::invalid_argument);
  EXPECT_EQ(clob_price("12", order_side::buy).target, "/price?token_id=12&side=BUY");
  EXPECT_EQ(clob_market("0x1/..").target, "/markets/0x1%2F..");
  EXPECT_EQ(clob_markets("").target, "/markets?next_cursor=MA%3D%3D");
}

TEST(polymarket_requests, a_books_body_is_what_a_server_reads) {
  const std::vector<std::string> ids{"1", "2"};
  const auto request = clob_books(ids);
  ASSERT_TRUE(request);
  EXPECT_EQ(request->method, "POST");
  EXPECT_EQ(request->body, R"([{"token_id":"1"},{"token_id":"2"}])");
  EXPECT_EQ(decode_books_body(request->body).value(), ids);
  EXPECT_FALSE(decode_books_body(R"([{}])"));
  EXPECT_EQ(clob_books(std::vector<std::string>(501, "1")).error().code, errc::invalid_argument);
  EXPECT_FALSE(clob_books({}));
}

TEST(polymarket_requests, client_frames_round_trip) {
  using namespace ws;
  const market_subscription first{{"1", "2"}, true, false, 2};
  const market_operation drop{false, {"1"}, false};
  EXPECT_EQ(std::get<market_subscription>(*decode_client_frame(encode(first))), first);
  EXPECT_EQ(std::get<market_operation>(*decode_client_frame(encode(drop))), drop);
  EXPECT_TRUE(std::holds_alternative<ping_frame>(*decode_client_frame("PING")));
  for (const char* bad :
       {"", "{}", R"({"type":"user","assets_ids":[]})", R"({"type":"market"})",
        R"({"operation":"shout","assets_ids":[]})", R"({"operation":"subscribe"})",
        R"({"type":"market","assets_ids":[],"level":9})"})
    EXPECT_FALSE(decode_client_frame(bad)) << bad;
}

TEST(polymarket_data_api, pages_rows_and_errors) {
  const auto page = data_api::decode_trades(
      R"({"data":[{"token_id":"1","condition_id":"0x1","side":"BUY","price":0.99,"size":1.0101,)"
      R"("timestamp":1791285433},{"side":"BUY"}],"pagination":{"next_cursor":"c"}})");
  ASSERT_TRUE(page);
  ASSERT_EQ(page->rows.size(), 1u);
  EXPECT_EQ(page->rows[0].size, "1.0101");
  EXPECT_EQ(page->errors.size(), 1u);
  EXPECT_EQ(page->next_cursor, "c");
  EXPECT_EQ(data_api::decode_trades(data_api::encode(*page)).value().rows, page->rows);
  EXPECT_EQ(data_api::decode_positions(R"({"error":"x","code":"y"})").error().code, errc::refused);
}

}  // namespace
}  // namespace cornice::venue::polymarket
