// The control endpoint: what tests and people ask the simulator for happens on the streams.
#include "venue_clients.hpp"

namespace cornice::sim {
namespace {

std::string pausable_question(const nlohmann::json& listings) {
  for (const auto& l : listings)
    if (l["paired"].get<bool>()) return l["question"];
  return "";
}

TEST_F(kalshi_client, faults_are_asked_for_and_called_off) {
  start();
  follow();
  EXPECT_EQ(command("/fault", {{"spec", "flood:kalshi"}}), 400u);
  EXPECT_EQ(command("/fault", {{"spec", "drop:kalshi:at=10s"}}), 200u);
  EXPECT_EQ(command("/fault", {{"clear", true}}), 200u);
  live(250);
  EXPECT_EQ(losses_, 0);
  EXPECT_EQ(command("/fault", {{"spec", "drop:kalshi"}}), 200u);
  live(20);
  EXPECT_EQ(losses_, 1);
  EXPECT_TRUE(recovers());
}

TEST_F(kalshi_client, a_paused_market_is_told_and_resumes_with_a_fresh_book) {
  simulator_options o;
  o.scenario = "still";
  start(std::move(o));
  follow();
  const std::string q = pausable_question(listings("kalshi"));
  ASSERT_EQ(command("/scenario-event", {{"kind", "pause"}, {"question", q}}), 200u);
  ASSERT_TRUE(reached([this] { return news_.size() == 1; }));
  EXPECT_EQ(news_[0].event_type, venue::kalshi::lifecycle_event::deactivated);
  const std::string ticker = news_[0].market_ticker;
  EXPECT_EQ(command("/scenario-event", {{"kind", "pause"}, {"question", q}}), 409u)
      << "it is paused already";
  ASSERT_EQ(command("/scenario-event", {{"kind", "resume"}, {"question", q}}), 200u);
  ASSERT_TRUE(reached([this] { return news_.size() == 2; }));
  EXPECT_EQ(news_[1].event_type, venue::kalshi::lifecycle_event::activated);
  EXPECT_EQ(news_[1].market_ticker, ticker);
  EXPECT_TRUE(reached([this] { return equal(); }));
}

TEST_F(kalshi_client, a_new_market_is_announced_and_a_determined_one_told_with_its_result) {
  simulator_options o;
  o.scenario = "still";
  start(std::move(o));
  follow();
  ASSERT_EQ(command("/scenario-event", {{"kind", "list"}}), 200u);
  ASSERT_TRUE(reached([this] { return news_.size() == 1; }));
  EXPECT_EQ(news_[0].event_type, venue::kalshi::lifecycle_event::created);
  const std::string q = pausable_question(listings("kalshi"));
  ASSERT_EQ(command("/scenario-event", {{"kind", "determine"}, {"question", q}}), 200u);
  ASSERT_TRUE(reached([this] { return news_.size() == 2; }));
  EXPECT_EQ(news_[1].event_type, venue::kalshi::lifecycle_event::determined);
  EXPECT_TRUE(news_[1].settlement_value.has_value());
}

TEST_F(polymarket_client, a_new_market_and_a_resolved_one_are_told) {
  simulator_options o;
  o.scenario = "still";
  start(std::move(o));
  follow();
  ASSERT_EQ(command("/scenario-event", {{"kind", "list"}}), 200u);
  ASSERT_TRUE(reached([this] { return added_.size() == 1; }));
  EXPECT_EQ(added_[0].clob_token_ids.size(), 2u);
  const json before = listings("polymarket");
  const std::string q = pausable_question(before);
  ASSERT_EQ(command("/scenario-event", {{"kind", "determine"}, {"question", q}}), 200u);
  ASSERT_TRUE(reached([this] { return ended_.size() == 1; }));
  const auto known = std::find_if(before.begin(), before.end(),
                                  [this](const json& l) { return l["id"] == ended_[0].market; });
  ASSERT_NE(known, before.end());
  EXPECT_EQ((*known)["question"], q);
  EXPECT_TRUE((*known)["tokens"][0] == ended_[0].winning_asset_id ||
              (*known)["tokens"][1] == ended_[0].winning_asset_id);
}

TEST_F(venues_test, what_cannot_be_done_is_refused_with_a_reason) {
  start();
  EXPECT_EQ(command("/scenario-event", {{"kind", "explode"}}), 400u);
  EXPECT_EQ(command("/scenario-event", {{"kind", "pause"}, {"question", "no-such"}}), 409u);
  EXPECT_EQ(command("/nothing", json::object()), 404u);
  EXPECT_EQ(command("/fault", json::array()), 400u);
  EXPECT_EQ(get(addresses_["control"]["url"].get<std::string>() + "/nothing")->status, 404u);
  const auto mappings = get(addresses_["control"]["url"].get<std::string>() + "/mappings");
  EXPECT_FALSE(json::parse(mappings->body)["markets"].empty());
}

}  // namespace
}  // namespace cornice::sim
