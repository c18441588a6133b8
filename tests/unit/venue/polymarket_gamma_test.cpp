#include "cornice/venue/polymarket/gamma.hpp"

#include <gtest/gtest.h>

namespace cornice::venue::polymarket::gamma {
namespace {

// A live v1 market with both kinds of ids (2026-10-06), shortened.
constexpr const char* live_market = R"({
  "id": "559651", "question": "Xi Jinping out before 2027?",
  "conditionId": "0xa467b14d51f01b957109d9cbb1d6c124fab2a089d52ed8f471d23c2812e743b7",
  "endDate": "2027-01-01T04:59:00Z", "liquidity": "575009.00497",
  "outcomes": "[\"Yes\", \"No\"]", "outcomePrices": "[\"0.0255\", \"0.9745\"]",
  "volume": "14416088.503321985", "active": true, "closed": false, "enableOrderBook": true,
  "orderPriceMinTickSize": 0.001, "orderMinSize": 5, "volumeNum": 14416088.503321985,
  "volume24hr": 5e-07, "gameStartTime": "2026-09-26 18:45:00+00", "umaBond": "500",
  "clobTokenIds": "[\"32338220190071351435772801779725302244575775216413325951443816017994629993401\", \"25659310674993675562345759665114759892400026242514633218387667107987341231962\"]",
  "positionIds": ["895257453734540292493143124621755605615887197499956109032745153687078305792",
                  "895257453734540292493143124621755605615887197499956109032745153687078305793"],
  "acceptingOrders": true, "negRisk": false, "negRiskRequestID": "", "closedTime": "",
  "events": [{"id": "30828", "title": "T", "negRiskAugmented": false, "volume": 14416088.503321985,
              "series": [{"id": "1", "slug": "s", "title": "S", "recurrence": "5m"}]}],
  "feesEnabled": true, "feeType": "politics_fees",
  "feeSchedule": {"exponent": 1, "rate": 0.04, "takerOnly": true, "rebateRate": 0.25},
  "version": "v1", "somethingNew": {"a": [1, 2]}})";

TEST(polymarket_gamma, reads_a_live_market) {
  const auto m = decode_market(live_market);
  ASSERT_TRUE(m) << m.error().message;
  EXPECT_EQ(m->outcomes, (std::vector<std::string>{"Yes", "No"}));
  EXPECT_EQ(m->outcome_prices, (std::vector<std::string>{"0.0255", "0.9745"}));
  EXPECT_EQ(m->volume, "14416088.503321985");
  EXPECT_EQ(m->volume_num, "14416088.503321985");
  EXPECT_EQ(m->volume_24h, "5e-07");
  EXPECT_EQ(m->tick_size, "0.001");
  EXPECT_EQ(m->version, protocol_version::v1);
  EXPECT_EQ(to_rfc3339(m->game_start_time.value()), "2026-09-26T18:45:00.000000Z");
  EXPECT_FALSE(m->closed_time);
  ASSERT_TRUE(m->fee_schedule);
  EXPECT_EQ(m->fee_schedule->rate.ppm, 40'000);
  EXPECT_TRUE(m->tradable());
  EXPECT_EQ(m->events.at(0).series_list.at(0).recurrence, "5m");
}

TEST(polymarket_gamma, means_the_same_after_encoding) {
  const auto m = decode_market(live_market).value();
  EXPECT_EQ(decode_market(encode(m)).value(), m);
  const event e{m.events.at(0), {m, m}};
  EXPECT_EQ(decode_event(encode(e)).value(), e);
  const auto page = decode_markets_page(encode_markets_page({m}, "cursor")).value();
  EXPECT_EQ(page.rows, std::vector<market>{m});
  EXPECT_EQ(page.next_cursor, "cursor");
}

TEST(polymarket_gamma, missing_null_and_empty_are_tolerated) {
  for (const std::string text :
       {R"({"id":"1"})", R"({"conditionId":"0x1","outcomes":"","clobTokenIds":null})",
        R"({"id":7,"outcomes":"null","outcomePrices":["0.5",0.5],"feeType":null,"active":"true"})",
        R"({"id":"1","endDate":"soon","startDate":"","orderPriceMinTickSize":"0.01"})"}) {
    const auto m = decode_market(text);
    ASSERT_TRUE(m) << text << ": " << m.error().message;
    EXPECT_FALSE(m->tradable());
    EXPECT_EQ(decode_market(encode(*m)).value(), *m) << encode(*m);
  }
}

TEST(polymarket_gamma, what_is_wrong_is_named_with_its_pointer) {
  const std::vector<std::pair<std::string, std::string>> cases{
      {R"({"id":"1","outcomes":"[\"Yes\""})", "/outcomes"},
      {R"({"id":"1","outcomes":"{}"})", "/outcomes"},
      {R"({"id":"1","outcomes":{}})", "/outcomes"},
      {R"({"id":"1","clobTokenIds":"[[1]]"})", "/clobTokenIds"},
      {R"({"id":"1","active":"maybe"})", "/active"},
      {R"({"id":"1","question":{}})", "/question"},
      {R"({"id":"1","orderMinSize":"five"})", "/orderMinSize"},
      {R"({"id":"1","feeSchedule":{"exponent":1}})", "/feeSchedule/rate"},
      {R"({"id":"1","feeSchedule":7})", "/feeSchedule"},
      {R"({"id":"1","events":[5]})", "/events/0"},
      {R"({"slug":"x"})", "/conditionId"},
  };
  for (const auto& [text, pointer] : cases) {
    const auto m = decode_market(text);
    ASSERT_FALSE(m) << text;
    EXPECT_NE(m.error().message.find(pointer), std::string::npos) << m.error().message;
  }
  EXPECT_FALSE(decode_market("[]"));
  EXPECT_FALSE(decode_market("<html>"));
  EXPECT_FALSE(decode_market(R"({"id":"1"} x)"));
  EXPECT_FALSE(decode_market(std::string(100, '[')));
}

TEST(polymarket_gamma, one_bad_market_does_not_lose_the_page) {
  const auto page = decode_markets_page(
      R"({"markets":[{"id":"1"},{"id":"2","outcomes":"oops"},7,{"id":"4"}],"next_cursor":"c"})");
  ASSERT_TRUE(page) << page.error().message;
  ASSERT_EQ(page->rows.size(), 2u);
  EXPECT_EQ(page->rows[1].id, "4");
  ASSERT_EQ(page->errors.size(), 2u);
  EXPECT_EQ(page->errors[0].row, 1u);
  EXPECT_NE(page->errors[0].why.message.find("/markets/1/outcomes"), std::string::npos);
  EXPECT_EQ(page->errors[1].row, 2u);
  EXPECT_EQ(page->next_cursor, "c");
}

TEST(polymarket_gamma, one_bad_market_does_not_lose_its_event) {
  const auto page = decode_events_page(
      R"({"events":[{"id":"9","markets":[{"id":"1"},{"id":"2","active":5}]},{"title":"no id"}]})");
  ASSERT_TRUE(page);
  ASSERT_EQ(page->rows.size(), 1u);
  EXPECT_EQ(page->rows[0].markets.size(), 1u);
  EXPECT_EQ(page->errors.size(), 2u);
  EXPECT_TRUE(page->next_cursor.empty());
  EXPECT_FALSE(decode_events_page(R"({"markets":[]})"));
}

TEST(polymarket_gamma, position_ids_have_zero_bits_40_to_103) {
  EXPECT_TRUE(
      is_position_id("895257453734540292493143124621755605615887197499956109032745153687078305792")
          .value());
  EXPECT_FALSE(is_position_id(
                   "32338220190071351435772801779725302244575775216413325951443816017994629993401")
                   .value());
  EXPECT_TRUE(is_position_id("1099511627775").value());                      // 2^40 - 1
  EXPECT_FALSE(is_position_id("1099511627776").value());                     // 2^40
  EXPECT_FALSE(is_position_id("18446744073709551616").value());              // 2^64
  EXPECT_FALSE(is_position_id("10141204801825835211973625643008").value());  // 2^103
  EXPECT_TRUE(is_position_id("20282409603651670423947251286016").value());   // 2^104
  EXPECT_EQ(is_position_id("0x1").error().code, errc::malformed);
  EXPECT_EQ(is_position_id(std::string(78, '9')).error().code, errc::out_of_range);
}

TEST(polymarket_gamma, the_version_chooses_the_assets_and_never_the_field) {
  auto m = decode_market(live_market).value();
  EXPECT_EQ(asset_ids(m).value()[0], m.clob_token_ids[0]);
  m.version = protocol_version::v2;
  EXPECT_EQ(asset_ids(m).value()[1], m.position_ids[1]);
  std::swap(m.position_ids, m.clob_token_ids);
  EXPECT_EQ(asset_ids(m).error().code, errc::conflict);
  m.version = protocol_version::v1;
  EXPECT_EQ(asset_ids(m).error().code, errc::conflict);
  for (const auto unsure : {protocol_version::missing, protocol_version::unknown}) {
    m.version = unsure;
    EXPECT_EQ(asset_ids(m).error().code, errc::refused);
  }
}

}  // namespace
}  // namespace cornice::venue::polymarket::gamma
