#include "cornice/venue/kalshi/commands.hpp"
#include "cornice/venue/kalshi/requests.hpp"
#include "cornice/venue/kalshi/ws.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace cornice::venue::kalshi {
namespace {

TEST(kalshi_requests, markets_leave_combos_out_and_take_full_pages) {
  EXPECT_EQ(markets_request({})->target(), "/trade-api/v2/markets?limit=1000&mve_filter=exclude");
  markets_query q;
  q.cursor = "Eh+/ =";
  q.status = "open";
  q.exclude_combos = false;
  const std::vector<std::string> tickers{"A-1", "B-2.5"};
  q.tickers = tickers;
  EXPECT_EQ(markets_request(q)->query,
            "limit=1000&cursor=Eh%2B%2F%20%3D&tickers=A-1%2CB-2.5&status=open");
  EXPECT_EQ(markets_request(q)->path, "/trade-api/v2/markets");
}

TEST(kalshi_requests, what_the_venue_answers_with_400_is_not_sent) {
  markets_query q;
  q.limit = 1'001;
  EXPECT_FALSE(markets_request(q));
  q = {};
  q.status = "open";
  q.max_close_ts = 5;
  EXPECT_FALSE(markets_request(q));
  q.status = "closed";
  EXPECT_TRUE(markets_request(q));
  q = {};
  q.status = "settled";
  q.min_created_ts = 5;
  EXPECT_FALSE(markets_request(q));
  q = {};
  q.min_updated_ts = 5;
  EXPECT_TRUE(markets_request(q));
  q.series_ticker = "KX";
  EXPECT_TRUE(markets_request(q));
  q.status = "open";
  EXPECT_FALSE(markets_request(q));
  events_query e;
  e.limit = 201;
  EXPECT_FALSE(events_request(e));
  trades_query t;
  t.limit = 0;
  EXPECT_FALSE(trades_request(t));
  EXPECT_FALSE(orderbook_request("A", 101));
  EXPECT_FALSE(event_fee_changes_request("E", 0, ""));
  EXPECT_FALSE(orderbooks_request({}));
  EXPECT_FALSE(orderbooks_request(std::vector<std::string>(101, "A")));
  EXPECT_FALSE(candlesticks_request(std::vector<std::string>{"A"}, 0, 1, 5));
}

TEST(kalshi_requests, paths_and_queries_of_the_rest) {
  EXPECT_EQ(exchange_status_request().target(), "/trade-api/v2/exchange/status");
  EXPECT_EQ(exchange_schedule_request().target(), "/trade-api/v2/exchange/schedule");
  EXPECT_EQ(account_limits_request().target(), "/trade-api/v2/account/limits");
  EXPECT_EQ(endpoint_costs_request().target(), "/trade-api/v2/account/endpoint_costs");
  EXPECT_EQ(series_request("KX").target(), "/trade-api/v2/series/KX");
  EXPECT_EQ(series_list_request({"Climate and Weather", "", true, 7}).query,
            "category=Climate%20and%20Weather&include_volume=true&min_updated_ts=7");
  EXPECT_EQ(event_request("KX-1", true).target(),
            "/trade-api/v2/events/KX-1?with_nested_markets=true");
  EXPECT_EQ(market_request("KX/..?1").path, "/trade-api/v2/markets/KX%2F..%3F1");
  EXPECT_EQ(orderbook_request("KX-1", 0)->target(), "/trade-api/v2/markets/KX-1/orderbook");
  EXPECT_EQ(orderbook_request("KX-1", 5)->query, "depth=5");
  EXPECT_EQ(orderbooks_request(std::vector<std::string>{"A", "B"})->query, "tickers=A&tickers=B");
  trades_query t;
  t.limit = 10;
  t.ticker = "A";
  t.min_ts = 3;
  t.is_block_trade = false;
  EXPECT_EQ(trades_request(t)->query, "limit=10&ticker=A&min_ts=3&is_block_trade=false");
  EXPECT_EQ(series_fee_changes_request("KX", true).query, "series_ticker=KX&show_historical=true");
  EXPECT_EQ(series_fee_changes_request("", false).query, "");
  EXPECT_EQ(event_fee_changes_request("E", 100, "c")->query, "event_ticker=E&limit=100&cursor=c");
  EXPECT_EQ(candlesticks_request(std::vector<std::string>{"A", "B"}, 1, 2, 60)->query,
            "market_tickers=A%2CB&start_ts=1&end_ts=2&period_interval=60");
  events_query e;
  e.with_nested_markets = true;
  e.status = "open";
  EXPECT_EQ(events_request(e)->query, "limit=200&with_nested_markets=true&status=open");
}

TEST(kalshi_commands, every_command_survives_encoding) {
  using namespace ws;
  const std::vector<command> commands{
      {1, subscribe{{"orderbook_delta"}, {"A", "B"}, true, {}, {}}},
      {2, subscribe{{"ticker", "trade"}, {}, {}, true, false}},
      {3, update_subscription{1, subscription_action::add_markets, {"C"}}},
      {4, update_subscription{1, subscription_action::delete_markets, {"C"}}},
      {5, update_subscription{1, subscription_action::get_snapshot, {"C", "D"}}},
      {6, unsubscribe{{1, 2}}},
      {7, list_subscriptions{}}};
  for (const auto& c : commands) {
    const auto back = decode_command(encode_command(c));
    ASSERT_TRUE(std::holds_alternative<command>(back)) << encode_command(c);
    EXPECT_EQ(std::get<command>(back), c);
  }
  EXPECT_EQ(
      encode_command(commands[0]),
      R"({"id":1,"cmd":"subscribe","params":{"channels":["orderbook_delta"],"market_tickers":["A","B"],"use_yes_price":true}})");
}

TEST(kalshi_commands, one_ticker_and_one_sid_may_come_in_either_form) {
  const auto c = ws::decode_command(
      R"({"id":4,"cmd":"update_subscription","params":{"sids":[9],"action":"add_markets","market_ticker":"A"}})");
  EXPECT_EQ(
      std::get<ws::command>(c),
      (ws::command{4, ws::update_subscription{9, ws::subscription_action::add_markets, {"A"}}}));
}

TEST(kalshi_commands, refusals_carry_the_codes_of_the_venue) {
  const auto code = [](std::string_view text) {
    const auto c = ws::decode_command(text);
    const auto* refused = std::get_if<ws::command_refusal>(&c);
    return refused ? refused->code : 0;
  };
  EXPECT_EQ(code("nonsense"), 1);
  EXPECT_EQ(code(R"({"id":1,"cmd":"dance"})"), 5);
  EXPECT_EQ(code(R"({"id":1,"cmd":"subscribe"})"), 2);
  EXPECT_EQ(code(R"({"id":1,"cmd":"subscribe","params":{}})"), 3);
  EXPECT_EQ(code(R"({"id":1,"cmd":"subscribe","params":{"channels":["orderbook_delta"]}})"), 14);
  EXPECT_EQ(code(R"({"id":1,"cmd":"unsubscribe","params":{}})"), 4);
  EXPECT_EQ(code(R"({"id":1,"cmd":"update_subscription","params":{"sids":[1,2]}})"), 12);
  EXPECT_EQ(code(R"({"id":1,"cmd":"update_subscription","params":{"sid":1}})"), 15);
  EXPECT_EQ(code(R"({"id":1,"cmd":"update_subscription","params":{"sid":1,"action":"x"}})"), 13);
  EXPECT_EQ(
      code(R"({"id":1,"cmd":"update_subscription","params":{"sid":1,"action":"get_snapshot"}})"),
      14);
}

}  // namespace
}  // namespace cornice::venue::kalshi
