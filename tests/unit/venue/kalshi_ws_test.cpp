#include "cornice/venue/kalshi/ws.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace cornice::venue::kalshi::ws {
namespace {

price at(std::string_view text) {
  return price::parse(text).value();
}
quantity of(std::string_view text) {
  return quantity::parse(text).value();
}

constexpr std::string_view delta_text =
    R"({"type":"orderbook_delta","sid":1,"seq":2,"sending_ts_ms":1790000001300,"msg":{)"
    R"("market_ticker":"KXA-2","market_id":"9d0f7e0c-1111-4222-8333-444455556666",)"
    R"("price_dollars":"0.3100","delta_fp":"-20.00","side":"yes",)"
    R"("ts":"2026-11-22T15:00:01.25Z","ts_ms":1790000001250}})";

constexpr std::string_view snapshot_text =
    R"({"type":"orderbook_snapshot","sid":1,"seq":1,"msg":{"market_ticker":"KXA-2",)"
    R"("market_id":"9d0f","yes_dollars_fp":[["0.3000","50.00"],["0.3100","120.00"]],)"
    R"("no_dollars_fp":[["0.3300","45.50"]]}})";

error failure_of(std::string_view text) {
  decoder d;
  const auto decoded = d.decode(text);
  EXPECT_FALSE(decoded);
  return decoded ? error{} : decoded.error();
}

TEST(kalshi_ws, delta_keeps_envelope_and_exact_numbers) {
  decoder d;
  const auto f = d.decode(delta_text);
  ASSERT_TRUE(f) << f.error().message;
  EXPECT_EQ(f->head.sid, 1);
  EXPECT_EQ(f->head.seq, 2);
  EXPECT_EQ(f->head.sending_ts_ms, 1790000001300);
  EXPECT_FALSE(f->head.id);
  const auto& m = std::get<orderbook_delta>(f->body);
  EXPECT_EQ(m.market_ticker, "KXA-2");
  EXPECT_EQ(m.price_dollars, at("0.31"));
  EXPECT_EQ(m.delta_fp, of("-20"));
  EXPECT_EQ(m.side, outcome::yes);
  EXPECT_EQ(m.ts_ms, 1790000001250);
  EXPECT_TRUE(m.client_order_id.empty());
}

TEST(kalshi_ws, snapshot_lists_both_sides_as_sent) {
  decoder d;
  const auto f = d.decode(snapshot_text);
  ASSERT_TRUE(f) << f.error().message;
  const auto& m = std::get<orderbook_snapshot>(f->body);
  ASSERT_EQ(m.yes.size(), 2u);
  EXPECT_EQ(m.yes[1], (level{at("0.31"), of("120")}));
  ASSERT_EQ(m.no.size(), 1u);
  EXPECT_EQ(m.no[0], (level{at("0.33"), of("45.5")}));
}

TEST(kalshi_ws, a_side_that_is_absent_or_null_is_empty_even_after_a_full_one) {
  decoder d;
  ASSERT_TRUE(d.decode(snapshot_text));
  const auto f = d.decode(
      R"({"type":"orderbook_snapshot","sid":1,"seq":3,"msg":{"market_ticker":"KXA-3","no_dollars_fp":null}})");
  ASSERT_TRUE(f) << f.error().message;
  EXPECT_TRUE(std::get<orderbook_snapshot>(f->body).yes.empty());
  EXPECT_TRUE(std::get<orderbook_snapshot>(f->body).no.empty());
}

TEST(kalshi_ws, type_may_follow_the_payload) {
  decoder d;
  const auto f =
      d.decode(R"({"id":123,"sid":456,"seq":222,"msg":{"market_tickers":["A","B"]},"type":"ok"})");
  ASSERT_TRUE(f) << f.error().message;
  const auto& m = std::get<ok>(f->body);
  ASSERT_TRUE(m.market_tickers);
  EXPECT_EQ(*m.market_tickers, (std::vector<std::string>{"A", "B"}));
  EXPECT_EQ(f->head.seq, 222);
}

TEST(kalshi_ws, list_subscriptions_answers_with_an_array) {
  decoder d;
  const auto f = d.decode(R"({"type":"ok","id":7,"msg":[{"channel":"fill","sid":3}]})");
  ASSERT_TRUE(f) << f.error().message;
  const auto& m = std::get<ok>(f->body);
  ASSERT_TRUE(m.subscriptions);
  EXPECT_EQ(m.subscriptions->at(0), (subscription{"fill", 3}));
  EXPECT_FALSE(m.market_tickers);
}

TEST(kalshi_ws, errors_name_their_code_and_market) {
  decoder d;
  const auto f = d.decode(
      R"({"type":"error","id":9,"sid":4,"seq":8,"msg":{"code":25,"msg":"Subscription buffer overflow","market_ticker":"X"}})");
  ASSERT_TRUE(f) << f.error().message;
  const auto& m = std::get<error_reply>(f->body);
  EXPECT_TRUE(m.terminal());
  EXPECT_EQ(m.market_ticker, "X");
  EXPECT_EQ(f->head.sid, 4);
}

TEST(kalshi_ws, unknown_types_are_normal) {
  decoder d;
  constexpr std::string_view text = R"({"type":"brand_new","sid":4,"msg":{"a":[1,{"b":2}]}})";
  const auto f = d.decode(text);
  ASSERT_TRUE(f) << f.error().message;
  EXPECT_EQ(f->head.type, "brand_new");
  EXPECT_EQ(std::get<unknown_message>(f->body).text, text);
  EXPECT_EQ(encode(*f), text);
}

TEST(kalshi_ws, unknown_keys_and_words_are_normal) {
  decoder d;
  const auto f = d.decode(
      R"({"type":"market_lifecycle_v2","sid":1,"seq":2,"x":{},"msg":{"event_type":"frozen","market_ticker":"A","y":[[]]}})");
  ASSERT_TRUE(f) << f.error().message;
  EXPECT_EQ(std::get<market_lifecycle>(f->body).event_type, lifecycle_event::unknown);
}

TEST(kalshi_ws, cleared_fee_override_differs_from_a_missing_one) {
  decoder d;
  const auto f = d.decode(
      R"({"type":"event_fee_update","sid":1,"seq":2,"msg":{"event_ticker":"E","fee_type_override":null,"fee_multiplier_override":null}})");
  ASSERT_TRUE(f) << f.error().message;
  EXPECT_FALSE(std::get<event_fee_update>(f->body).fee_type_override);
  const auto e = failure_of(
      R"({"type":"event_fee_update","sid":1,"seq":2,"msg":{"event_ticker":"E","fee_type_override":null}})");
  EXPECT_EQ(e.code, errc::missing_field);
  EXPECT_TRUE(e.message.starts_with("/msg/fee_multiplier_override:")) << e.message;
}

TEST(kalshi_ws, multiplier_is_taken_from_its_text) {
  decoder d;
  const auto f = d.decode(
      R"({"type":"event_fee_update","sid":1,"seq":2,"msg":{"event_ticker":"E","fee_type_override":"quadratic","fee_multiplier_override":0.1}})");
  ASSERT_TRUE(f) << f.error().message;
  EXPECT_EQ(std::get<event_fee_update>(f->body).fee_multiplier_override, ratio{100'000});
}

TEST(kalshi_ws, failures_point_at_the_offender) {
  const auto check = [](std::string_view text, errc code, std::string_view pointer) {
    const auto e = failure_of(text);
    EXPECT_EQ(e.code, code) << e.message;
    EXPECT_TRUE(e.message.starts_with(std::string{pointer} + ":")) << e.message;
  };
  check(R"([])", errc::malformed, "/");
  check(R"({"sid":1})", errc::missing_field, "/type");
  check(R"({"type":"trade","sid":1})", errc::missing_field, "/msg");
  check(R"({"type":"trade","sid":"x","msg":{}})", errc::malformed, "/sid");
  check(R"({"type":"other","msg":{},"type":"ticker"})", errc::malformed, "/type");
  check(R"({"type":"orderbook_delta","sid":1,"seq":1,"msg":{"market_ticker":"A"}})",
        errc::missing_field, "/msg/price_dollars");
  check(R"({"type":"orderbook_delta","sid":1,"seq":1,"msg":{"price_dollars":"1.5"}})",
        errc::out_of_range, "/msg/price_dollars");
  check(R"({"type":"orderbook_delta","sid":1,"seq":1,"msg":{"price_dollars":0.5}})",
        errc::malformed, "/msg/price_dollars");
  check(R"({"type":"orderbook_delta","sid":1,"seq":1,"msg":{"side":"maybe"}})", errc::malformed,
        "/msg/side");
  check(
      R"({"type":"orderbook_snapshot","sid":1,"seq":1,"msg":{"market_ticker":"A","yes_dollars_fp":[["0.1","1"],["0.2"]]}})",
      errc::malformed, "/msg/yes_dollars_fp/1");
  check(R"({"type":"orderbook_snapshot","sid":1,"seq":1,"msg":{}})", errc::missing_field,
        "/msg/market_ticker");
}

TEST(kalshi_ws, truncated_frames_and_trailing_bytes_are_refused) {
  decoder d;
  for (std::size_t n = 0; n < delta_text.size(); ++n)
    EXPECT_FALSE(d.decode(delta_text.substr(0, n))) << n;
  EXPECT_FALSE(d.decode(std::string{delta_text} + "{}"));
  EXPECT_TRUE(d.decode(std::string{delta_text} + "\n"));
}

TEST(kalshi_ws, a_broken_delta_tells_whose_book_suffers) {
  decoder d;
  EXPECT_FALSE(d.decode(
      R"({"type":"orderbook_delta","sid":1,"seq":7,"msg":{"market_ticker":"KXA-2","price_dollars":"?"}})"));
  EXPECT_EQ(d.broken().head.sid, 1);
  EXPECT_EQ(d.broken().head.seq, 7);
  EXPECT_EQ(d.broken().market_ticker, "KXA-2");
  ASSERT_TRUE(d.decode(delta_text));
}

TEST(kalshi_ws, the_short_way_for_deltas_reads_what_the_long_way_reads) {
  const std::string text{delta_text};
  decoder fast{true};
  decoder thorough{false};
  const auto compare = [&](const std::string& frame_text) {
    EXPECT_TRUE(fast.decode(frame_text) == thorough.decode(frame_text)) << frame_text;
  };
  compare(text);
  // Every frame that differs in one byte: broken, or meaning something else, or the same.
  for (std::size_t i = 0; i < text.size(); ++i)
    for (const char c : {'"', '\\', ' ', '0', '-', 'e', '{', '}', ',', '\0', '\x80', 'x'}) {
      std::string changed = text;
      changed[i] = c;
      compare(changed);
    }
  for (std::size_t i = 0; i < text.size(); ++i) compare(text.substr(0, i) + text.substr(i + 1));
  for (const auto* member :
       {R"("seq":3,)", R"("id":4,)", R"("sid":9223372036854775808,)",
        R"("seq":9223372036854775807,)", R"("sending_ts_ms":null,)", R"("seq":999999999999999999,)",
        R"("seq":99999999999999999999999999999999991,)"}) {
    std::string longer = text;
    longer.insert(longer.find("\"msg\""), member);
    compare(longer);
  }
  for (const auto* member : {R"("client_order_id":"mine",)", R"("subaccount":3,)",
                             R"("subaccount":-3,)", R"("delta_fp":"1",)", R"("new":{"a":[1]},)"}) {
    std::string longer = text;
    longer.insert(longer.find("\"market_ticker\""), member);
    compare(longer);
  }
}

TEST(kalshi_ws, taker_side_comes_from_whichever_field_is_there) {
  const auto taker = [](std::string_view fields) {
    decoder d;
    const auto f = d.decode(R"({"type":"trade","sid":2,"msg":{"trade_id":"t","market_ticker":"A",)"
                            R"("yes_price_dollars":"0.5","count_fp":"1.00")" +
                            std::string{fields} + "}}");
    EXPECT_TRUE(f) << f.error().message;
    return std::get<trade>(f->body).taker();
  };
  EXPECT_EQ(taker(""), std::nullopt);
  EXPECT_EQ(taker(R"(,"taker_side":"no")"), outcome::no);
  EXPECT_EQ(taker(R"(,"taker_book_side":"ask","taker_side":"yes")"), outcome::no);
  EXPECT_EQ(taker(R"(,"taker_outcome_side":"yes","taker_book_side":"ask")"), outcome::yes);
}

frame with(message body, std::optional<std::int64_t> sid, std::optional<std::int64_t> seq) {
  frame f;
  f.head.sid = sid;
  f.head.seq = seq;
  f.body = std::move(body);
  return f;
}

TEST(kalshi_ws, every_kind_of_frame_survives_encoding) {
  const std::vector<level> yes{{at("0.3"), of("50")}, {at("0.31"), of("0.01")}};
  const std::vector<level> no{{at("0.3333"), of("45.5")}};
  market_lifecycle created;
  created.event_type = lifecycle_event::created;
  created.market_ticker = "KXA-2";
  created.exchange_index = 2;
  created.open_ts = 1790000000;
  created.price_level_structure = "linear_cent";
  created.price_ranges = std::vector<price_range>{{at("0"), at("1"), at("0.01")}};
  created.additional_metadata.emplace();
  created.additional_metadata->title = "quote \" slash \\ tab \t é";
  created.additional_metadata->floor_strike = number_text{"-4487.5"};
  created.additional_metadata->custom_strike = raw_json{R"({"a":"b"})"};
  market_lifecycle determined;
  determined.combo = true;
  determined.event_type = lifecycle_event::determined;
  determined.market_ticker = "KXMVE-1";
  determined.result = market_result::scalar;
  determined.settlement_value = at("0.25");
  orderbook_delta delta{"KXA-2", "id", at("0.31"), of("-0.01"), outcome::no, 5, "mine", 3};
  ticker_update ticker;
  ticker.market_ticker = "KXA-2";
  ticker.yes_bid_dollars = at("0.31");
  ticker.dollar_volume = 7;
  trade print{"t",          "KXA-2",        at("0.4"),    at("0.6"), of("7.77"),
              outcome::yes, book_side::bid, outcome::yes, true,      9};
  ok listed;
  listed.subscriptions = std::vector<subscription>{{"fill", 3}};
  ok tickers;
  tickers.market_tickers = std::vector<std::string>{"A", "B"};
  const std::vector<frame> frames{
      with(subscribed{"trade", 4}, {}, {}),
      with(listed, {}, {}),
      with(tickers, 1, 9),
      with(ok{}, 1, 10),
      with(unsubscribed{}, 1, 11),
      with(error_reply{11, "bad", "KXA-2", {}}, 1, 12),
      with(orderbook_snapshot{"KXA-2", "id", yes, no}, 1, 1),
      with(orderbook_snapshot{"KXA-2", "id", {}, {}}, 1, 1),
      with(delta, 1, 2),
      with(ticker, 3, {}),
      with(print, 2, 1),
      with(created, 5, 1),
      with(determined, 5, 2),
      with(event_lifecycle{"E", "S", "t", "s", "MECNET", 1, 1790000000, "week"}, 5, 3),
      with(event_fee_update{"E", fee_type::flat, ratio{1'500'000}}, 5, 4),
      with(event_fee_update{"E", std::nullopt, std::nullopt}, 5, 5),
  };
  decoder d;
  for (const auto& f : frames) {
    const std::string text = encode(f);
    const auto back = d.decode(text);
    ASSERT_TRUE(back) << text << "\n" << back.error().message;
    frame expected = f;
    expected.head.type = type_of(f);
    EXPECT_EQ(*back, expected) << text;
    EXPECT_EQ(encode(*back), text);
  }
}

}  // namespace
}  // namespace cornice::venue::kalshi::ws
