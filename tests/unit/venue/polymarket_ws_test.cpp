#include "cornice/venue/polymarket/ws.hpp"

#include <gtest/gtest.h>

namespace cornice::venue::polymarket::ws {
namespace {

const std::string token = "71321045679252212594626385532706912750332728571942532289631379312455";

template <class T>
const T* only(const result<frame>& f) {
  if (!f || f->messages.size() != 1) return nullptr;
  return std::get_if<T>(&f->messages[0]);
}

TEST(polymarket_ws, pong_notice_and_empty_array_are_no_errors) {
  decoder d;
  EXPECT_EQ(d.decode("PONG").value().kind, frame_kind::pong);
  EXPECT_EQ(d.decode(" PONG\n").value().kind, frame_kind::pong);
  EXPECT_EQ(d.decode("INVALID OPERATION").value().kind, frame_kind::notice);
  EXPECT_EQ(d.decode("INVALID OPERATION").value().notice, "INVALID OPERATION");
  EXPECT_EQ(d.decode("").value().kind, frame_kind::notice);
  const auto empty = d.decode("[]");
  ASSERT_TRUE(empty);
  EXPECT_EQ(empty->kind, frame_kind::messages);
  EXPECT_TRUE(empty->messages.empty());
}

TEST(polymarket_ws, event_type_may_come_last_and_blanks_vary) {
  decoder d;
  const auto f = d.decode(R"({ "price_changes" : [ {"asset_id": "12", "price": "0.5",
      "size": "0", "side": "SELL", "hash": "h", "best_bid": "", "best_ask": "0.6"} ],
      "extra": {"deep": [1, {"x": null}]}, "timestamp": "1778204225252", "market": "0x1",
      "event_type": "price_change" })");
  const auto* m = only<price_change>(f);
  ASSERT_NE(m, nullptr);
  ASSERT_EQ(m->changes.size(), 1u);
  EXPECT_EQ(m->market, "0x1");
  EXPECT_EQ(m->timestamp_ms, 1778204225252);
  EXPECT_EQ(m->changes[0].side, book_side::ask);
  EXPECT_TRUE(m->changes[0].level.q.is_zero());
  ASSERT_TRUE(m->changes[0].best_bid);
  EXPECT_FALSE(m->changes[0].best_bid->p);
  EXPECT_EQ(m->changes[0].best_ask->p, price::of_micros(600'000));
}

TEST(polymarket_ws, a_bad_message_does_not_take_the_others_along) {
  decoder d;
  const auto f =
      d.decode(R"([{"event_type":"book","market":"0x1","asset_id":"1","timestamp":"1790908667676",)"
               R"("bids":[{"price":"0.1","size":"1"}],"asks":[]},)"
               R"({"event_type":"book","market":"0x1","asset_id":"2","timestamp":"1790908667676",)"
               R"("bids":[{"price":"0.1"}],"asks":[]},)"
               R"(7,)"
               R"({"event_type":"book","market":"0x1","asset_id":"3","timestamp":"1790908667676",)"
               R"("bids":[],"asks":[{"price":"0.9","size":"4"},{"price":"0.8","size":"2"}]}])");
  ASSERT_TRUE(f) << f.error().message;
  ASSERT_EQ(f->messages.size(), 4u);
  ASSERT_TRUE(std::holds_alternative<book_view>(f->messages[0]));
  const auto* bad = std::get_if<bad_message>(&f->messages[1]);
  ASSERT_NE(bad, nullptr);
  EXPECT_EQ(bad->assets, std::vector<std::string>{"2"});
  EXPECT_EQ(bad->why.code, errc::missing_field);
  EXPECT_TRUE(std::holds_alternative<bad_message>(f->messages[2]));
  const auto& last = std::get<book_view>(f->messages[3]);
  ASSERT_EQ(last.asks.size(), 2u);
  EXPECT_EQ(last.asks[1].price_text, "0.8");
}

TEST(polymarket_ws, each_missing_or_wrong_member_is_an_error_of_its_message) {
  const std::vector<std::string> frames{
      R"({"event_type":"book","asset_id":"1","timestamp":"1","bids":[],"asks":[]})",
      R"({"event_type":"book","market":"0x1","timestamp":"1","bids":[],"asks":[]})",
      R"({"event_type":"book","market":"0x1","asset_id":"1","bids":[],"asks":[]})",
      R"({"event_type":"book","market":"0x1","asset_id":"1","timestamp":"1","asks":[]})",
      R"({"event_type":"book","market":"0x1","asset_id":"1","timestamp":"1","bids":[]})",
      R"({"event_type":"book","market":"0x1","asset_id":"x","timestamp":"1","bids":[],"asks":[]})",
      R"({"event_type":"book","market":"0x1","asset_id":"1","timestamp":"z","bids":[],"asks":[]})",
      R"({"event_type":"book","market":"0x1","asset_id":"1","timestamp":"1","bids":{},"asks":[]})",
      R"({"event_type":"book","market":"0x1","asset_id":"1","timestamp":"1","bids":[4],"asks":[]})",
      R"({"event_type":"book","market":{},"asset_id":"1","timestamp":"1","bids":[],"asks":[]})",
      R"({"event_type":"price_change","market":"0x1","timestamp":"1"})",
      R"({"event_type":"price_change","market":"0x1","timestamp":"1","price_changes":4})",
      R"({"event_type":"price_change","market":"0x1","timestamp":"1","price_changes":[{}]})",
      R"({"event_type":"price_change","market":"0x1","timestamp":"1","price_changes":[)"
      R"({"asset_id":"1","price":"0.5","size":"1","side":"UP"}]})",
      R"({"event_type":"price_change","market":"0x1","timestamp":"1","price_changes":[)"
      R"({"asset_id":"1","price":"2","size":"1","side":"BUY"}]})",
      R"({"event_type":"price_change","market":"0x1","timestamp":"1","price_changes":[)"
      R"({"asset_id":"1","price":"0.2","size":"1","side":"BUY","best_bid":"abc"}]})",
      R"({"event_type":"tick_size_change","market":"0x1","asset_id":"1","timestamp":"1",)"
      R"("old_tick_size":"0.01"})",
      R"({"event_type":"tick_size_change","market":"0x1","asset_id":"1","timestamp":"1",)"
      R"("old_tick_size":"0.01","new_tick_size":"0"})",
      R"({"event_type":"last_trade_price","market":"0x1","asset_id":"1","timestamp":"1",)"
      R"("price":"0.4","size":"1"})",
      R"({"event_type":"best_bid_ask","market":"0x1","asset_id":"1","timestamp":"1",)"
      R"("best_bid":"0.4"})",
      R"({"event_type":"new_market","id":"1"})",
      R"({"event_type":"market_resolved","market":"0x1","timestamp":"1"})",
  };
  decoder d;
  for (const std::string& text : frames) {
    const auto f = d.decode(text);
    ASSERT_TRUE(f) << text;
    ASSERT_EQ(f->messages.size(), 1u) << text;
    EXPECT_TRUE(std::holds_alternative<bad_message>(f->messages[0])) << text;
  }
}

TEST(polymarket_ws, broken_json_is_an_error_of_the_frame) {
  decoder d;
  for (const std::string text :
       {R"({"event_type":"book")", R"([{"a":1},)", R"({"a":1}{"b":2})", R"([1,2)", "{",
        R"({"event_type":"book","bids":[{"price":"0.1","size":"1"})", "[}"}) {
    EXPECT_FALSE(d.decode(text)) << text;
  }
  // A failed frame leaves nothing behind.
  EXPECT_TRUE(d.decode("[]"));
}

TEST(polymarket_ws, unknown_types_are_kept_as_unknown) {
  decoder d;
  const auto f = d.decode(R"({"event_type":"weather","bids":3,"market":[]})");
  const auto* m = only<unknown_message>(f);
  ASSERT_NE(m, nullptr);
  EXPECT_EQ(m->type, "weather");
}

TEST(polymarket_ws, members_of_another_type_do_not_confuse_the_extents) {
  decoder d;
  const auto f =
      d.decode(R"({"price_changes":[{"asset_id":"1","price":"0.5","size":"1","side":"BUY"}],)"
               R"("event_type":"book","market":"0x1","asset_id":"1","timestamp":"1","bids":[],)"
               R"("asks":[{"price":"0.7","size":"2"}],"asks":[]})");
  const auto* m = only<book_view>(f);
  ASSERT_NE(m, nullptr);
  EXPECT_TRUE(m->bids.empty());
  EXPECT_TRUE(m->asks.empty());
}

TEST(polymarket_ws, the_first_generations_changes_are_read) {
  decoder d;
  const auto single = d.decode(
      R"({"event_type":"price_change","market":"0x1","asset_id":"5","price":"0.5","side":"BUY",)"
      R"("size":"3","hash":"aa","timestamp":"1723967931411"})");
  const auto* m = only<price_change>(single);
  ASSERT_NE(m, nullptr);
  ASSERT_EQ(m->changes.size(), 1u);
  EXPECT_EQ(m->changes[0].asset_id, "5");
  EXPECT_FALSE(m->changes[0].best_bid);
  const auto listed = d.decode(
      R"({"changes":[{"price":"0.5","side":"BUY","size":"3"},{"price":"0.4","side":"SELL",)"
      R"("size":"3"}],"event_type":"price_change","market":"0x1","asset_id":"5","hash":"aa",)"
      R"("timestamp":"1723967931411"})");
  m = only<price_change>(listed);
  ASSERT_NE(m, nullptr);
  ASSERT_EQ(m->changes.size(), 2u);
  EXPECT_EQ(m->changes[1].asset_id, "5");
  EXPECT_EQ(m->changes[1].hash, "aa");
}

TEST(polymarket_ws, every_message_means_the_same_after_encoding) {
  const std::vector<std::string> frames{
      R"({"event_type":"book","market":"0x1","asset_id":"1","timestamp":"1790908667676",)"
      R"("hash":"ab","bids":[{"price":"0.10","size":"1.0"}],"asks":[{"price":"0.9","size":"2"}],)"
      R"("tick_size":"0.01","last_trade_price":"","neg_risk":true,"min_order_size":"5"})",
      R"({"event_type":"price_change","market":"0x1","timestamp":"1790908667676",)"
      R"("price_changes":[{"asset_id":"1","price":"0.5","size":"1","side":"BUY","hash":"cd",)"
      R"("best_bid":"0.5","best_ask":""}]})",
      R"({"event_type":"tick_size_change","market":"0x1","asset_id":"1",)"
      R"("timestamp":"1790908667676","old_tick_size":"0.01","new_tick_size":"0.001"})",
      R"({"event_type":"last_trade_price","market":"0x1","asset_id":"1",)"
      R"("timestamp":"1790908667676","price":"0.4","size":"1","side":"SELL","fee_rate_bps":"0",)"
      R"("transaction_hash":"0xff"})",
      R"({"event_type":"best_bid_ask","market":"0x1","asset_id":"1",)"
      R"("timestamp":"1790908667676","best_bid":"0.4","best_ask":"","spread":""})",
      R"({"event_type":"new_market","id":"7","question":"Q \"x\"?","market":"0x1","slug":"s",)"
      R"("description":"a\nb","assets_ids":["1","2"],"outcomes":["Yes","No"],)"
      R"("event_message":{"id":"3","title":"T"},"timestamp":"1790908667676","tags":["a"],)"
      R"("condition_id":"0x1","active":false,"clob_token_ids":["1","2"],)"
      R"("order_price_min_tick_size":"0.01","fees_enabled":true,)"
      R"("fee_schedule":{"exponent":"1","rate":"0.07","taker_only":true,"rebate_rate":"0.2"}})",
      R"({"event_type":"market_resolved","id":"7","market":"0x1","assets_ids":["1","2"],)"
      R"("winning_asset_id":"1","winning_outcome":"Yes","timestamp":"1790908667676","tags":[]})",
  };
  decoder d;
  for (const std::string& text : frames) {
    const auto first = d.decode(text);
    ASSERT_TRUE(first && first->messages.size() == 1u) << text;
    ASSERT_FALSE(std::holds_alternative<bad_message>(first->messages[0])) << text;
    const auto kind = first->messages[0].index();
    const std::string once = encode(first->messages[0]);
    const auto second = d.decode(once);
    ASSERT_TRUE(second && second->messages.size() == 1u) << once;
    EXPECT_EQ(second->messages[0].index(), kind) << once;
    EXPECT_EQ(encode(second->messages[0]), once);
  }
}

TEST(polymarket_ws, the_quick_and_the_careful_reading_agree) {
  const std::string change =
      R"({"market":"0x1","price_changes":[{"asset_id":"12","price":"0.5","size":"3","side":"BUY",)"
      R"("hash":"h","best_bid":"0.5","best_ask":"0.6"}],"timestamp":"1790908667676",)"
      R"("event_type":"price_change"})";
  std::vector<std::string> frames{
      change, "[" + change + " , " + change + "]", change + " ", change + "x", "[]", "[ ]", "{}",
      "[{}]"};
  // Every cut and every replaced character of a good frame.
  for (std::size_t i = 0; i < change.size(); ++i) {
    frames.push_back(change.substr(0, i));
    for (const char c : {'"', '\\', '\n', 'x', '9', '{', ']', ',', '\xc3', ' '}) {
      frames.push_back(change);
      frames.back()[i] = c;
    }
  }
  decoder quick;
  decoder careful{decoder::reading::careful};
  for (const std::string& text : frames) {
    const auto a = quick.decode(text);
    const auto b = careful.decode(text);
    ASSERT_EQ(a.has_value(), b.has_value()) << text;
    if (!a) continue;
    ASSERT_EQ(a->kind, b->kind) << text;
    ASSERT_EQ(a->messages.size(), b->messages.size()) << text;
    for (std::size_t i = 0; i < a->messages.size(); ++i)
      ASSERT_EQ(encode(a->messages[i]), encode(b->messages[i])) << text;
  }
}

TEST(polymarket_ws, a_large_array_keeps_every_level_in_place) {
  std::string text = "[";
  for (int i = 1; i <= 150; ++i) {
    if (i > 1) text += ",";
    text += R"({"event_type":"book","market":"0x1","asset_id":")" + std::to_string(i) +
            R"(","timestamp":"1790908667676","bids":[)";
    for (int l = 1; l <= 40; ++l)
      text += std::string{l > 1 ? "," : ""} + R"({"price":"0.)" + (l < 10 ? "0" : "") +
              std::to_string(l) + R"(","size":")" + std::to_string(i) + R"("})";
    text += R"(],"asks":[]})";
  }
  text += "]";
  decoder d;
  const auto f = d.decode(text);
  ASSERT_TRUE(f);
  ASSERT_EQ(f->messages.size(), 150u);
  for (std::size_t i = 0; i < 150; ++i) {
    const auto& b = std::get<book_view>(f->messages[i]);
    ASSERT_EQ(b.bids.size(), 40u);
    EXPECT_EQ(b.bids[39].size_text, std::to_string(i + 1));
    EXPECT_EQ(b.bids[39].p, price::of_micros(400'000));
  }
}

}  // namespace
}  // namespace cornice::venue::polymarket::ws
