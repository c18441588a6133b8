#include "cornice/venue/polymarket/listing.hpp"

#include <gtest/gtest.h>

#include <functional>

namespace cornice::venue::polymarket {
namespace {

const std::string yes_id =
    "32338220190071351435772801779725302244575775216413325951443816017994629993401";
const std::string no_id =
    "25659310674993675562345759665114759892400026242514633218387667107987341231962";

gamma::market open_market() {
  gamma::market m;
  m.id = "1";
  m.condition_id = "0xa467b14d51f01b957109d9cbb1d6c124fab2a089d52ed8f471d23c2812e743b7";
  m.question = "Will it?";
  m.description = "It resolves to Yes if it does.";
  m.resolution_source = "https://example.org";
  m.outcomes = {"Yes", "No"};
  m.outcome_prices = {"0.4", "0.6"};
  m.clob_token_ids = {yes_id, no_id};
  m.version = gamma::protocol_version::v1;
  m.version_text = "v1";
  m.active = true;
  m.closed = false;
  m.accepting_orders = true;
  m.enable_order_book = true;
  m.fees_enabled = true;
  m.fee_schedule = gamma::fee_terms{ratio{40'000}, 1, true, ratio{250'000}};
  m.tick_size = "0.001";
  m.order_min_size = "5";
  m.end_date = from_unix_s(1'800'000'000);
  gamma::event_info e;
  e.id = "30828";
  e.series_slug = "series";
  e.neg_risk = false;
  m.events = {e};
  return m;
}

listing made(const gamma::market& m, const clob::market_info* facts = nullptr) {
  const auto l = to_listing(m, nullptr, facts);
  EXPECT_TRUE(l) << l.error().message;
  return l ? *l : listing{};
}

TEST(polymarket_listing, an_open_market_is_tradable) {
  const listing l = made(open_market());
  EXPECT_TRUE(l.tradable());
  EXPECT_EQ(l.status, listing_status::open);
  EXPECT_EQ(l.id.str(), open_market().condition_id);
  EXPECT_EQ(l.event.str(), "30828");
  EXPECT_EQ(l.series, "series");
  EXPECT_EQ(l.yes, contract_id::make(venue_id::polymarket, yes_id));
  EXPECT_EQ(l.no, contract_id::make(venue_id::polymarket, no_id));
  EXPECT_EQ(l.outcome_name, "Yes");
  EXPECT_EQ(l.rules, "It resolves to Yes if it does.\n\nResolution source: https://example.org");
  EXPECT_EQ(l.rule_hash, rule_hash_of(l.rules));
  EXPECT_EQ(l.grid.finest_step_micros(), 1000);
  EXPECT_EQ(l.min_size, quantity::contracts(5));
  EXPECT_EQ(l.size_step, quantity{10'000});
  EXPECT_EQ(l.fees.kind, fee_schedule::model::polymarket);
  EXPECT_EQ(l.fees.taker_rate.ppm, 40'000);
  EXPECT_EQ(l.fees.maker_rate.ppm, 0);
  EXPECT_EQ(unix_us(*l.expected_resolution) - unix_us(*l.close_time), 7200 * 1'000'000LL);
}

TEST(polymarket_listing, each_closed_gate_stops_trading) {
  const auto gates = std::vector<std::function<void(gamma::market&)>>{
      [](auto& m) { m.version = gamma::protocol_version::missing; },
      [](auto& m) { m.version = gamma::protocol_version::unknown; },
      [](auto& m) {
        m.clob_token_ids[0] =
            "895257453734540292493143124621755605615887197499956109032745153687078305792";
      },
      [](auto& m) { m.active = false; },
      [](auto& m) { m.active.reset(); },
      [](auto& m) { m.closed = true; },
      [](auto& m) { m.closed.reset(); },
      [](auto& m) { m.accepting_orders = false; },
      [](auto& m) { m.accepting_orders.reset(); },
      [](auto& m) { m.enable_order_book.reset(); },
      [](auto& m) { m.archived = true; },
      [](auto& m) { m.tick_size = ""; },
      [](auto& m) { m.tick_size = "0.3"; },
      [](auto& m) { m.fee_schedule.reset(); },
      [](auto& m) {
        m.fees_enabled.reset();
        m.fee_schedule.reset();
      },
      [](auto& m) { m.uma_resolution_status = "disputed"; },
      [](auto& m) { m.uma_resolution_status = "resolved"; },
  };
  for (std::size_t i = 0; i < gates.size(); ++i) {
    auto m = open_market();
    gates[i](m);
    EXPECT_FALSE(made(m).tradable()) << "gate " << i;
  }
}

TEST(polymarket_listing, no_fees_only_when_the_venue_says_so) {
  auto m = open_market();
  m.fee_schedule.reset();
  EXPECT_EQ(made(m).fees.kind, fee_schedule::model::unknown);
  m.fees_enabled = false;
  EXPECT_EQ(made(m).fees.kind, fee_schedule::model::none);
  m.fees_enabled.reset();
  EXPECT_EQ(made(m).fees.kind, fee_schedule::model::unknown);
  m.fee_type = "zero_fees";
  EXPECT_EQ(made(m).fees.kind, fee_schedule::model::none);
}

TEST(polymarket_listing, the_clobs_facts_win) {
  const auto facts =
      clob::decode_market_info(R"({"mos":15,"mts":0.01,"nr":true,"ao":true,"fd":{"r":0.05,"e":1}})")
          .value();
  const listing l = made(open_market(), &facts);
  EXPECT_EQ(l.grid.finest_step_micros(), 10'000);
  EXPECT_EQ(l.min_size, quantity::contracts(15));
  EXPECT_TRUE(l.neg_risk);
  EXPECT_EQ(l.fees.taker_rate.ppm, 50'000);
  auto halted = facts;
  halted.accepting_orders = false;
  EXPECT_FALSE(made(open_market(), &halted).tradable());
}

TEST(polymarket_listing, only_plain_negative_risk_events_are_exclusive) {
  auto m = open_market();
  m.neg_risk = true;
  m.events[0].neg_risk = true;
  m.group_item_title = "Somebody";
  EXPECT_TRUE(made(m).mutually_exclusive);
  EXPECT_EQ(made(m).outcome_name, "Somebody");
  m.events[0].neg_risk_augmented = true;
  EXPECT_FALSE(made(m).mutually_exclusive);
  m.events[0].neg_risk_augmented = false;
  m.events[0].neg_risk = false;
  EXPECT_FALSE(made(m).mutually_exclusive);
}

TEST(polymarket_listing, only_exact_prices_of_a_closed_market_settle_it) {
  auto m = open_market();
  m.closed = true;
  const auto with = [&m](std::string a, std::string b) {
    m.outcome_prices = {std::move(a), std::move(b)};
    return made(m);
  };
  EXPECT_EQ(with("1", "0").settlement_value, ratio{1'000'000});
  EXPECT_EQ(with("0", "1").settlement_value, ratio{0});
  EXPECT_EQ(with("0", "1").status, listing_status::determined);
  for (const auto& [a, b] : {std::pair{"0.5", "0.5"}, {"0", "0"}, {"0.9995", "0.0005"}}) {
    EXPECT_FALSE(with(a, b).settlement_value);
    EXPECT_EQ(with(a, b).status, listing_status::closed);
  }
  m.uma_resolution_status = "resolved";
  EXPECT_EQ(with("1", "0").status, listing_status::settled);
}

TEST(polymarket_listing, the_clobs_winner_settles_what_gamma_leaves_open) {
  auto m = open_market();
  m.closed = true;
  m.outcome_prices = {"0.5", "0.5"};
  clob::market c;
  c.closed = true;
  c.tokens = {{yes_id, "Yes", "1", true}, {no_id, "No", "0", false}};
  auto l = made(m);
  apply_winner(l, c);
  EXPECT_EQ(l.settlement_value, ratio{1'000'000});
  EXPECT_EQ(l.status, listing_status::determined);
  c.tokens[0].winner = false;
  l = made(m);
  apply_winner(l, c);
  EXPECT_FALSE(l.settlement_value);  // nobody yet
  c.is_50_50_outcome = true;
  apply_winner(l, c);
  EXPECT_EQ(l.settlement_value, ratio{500'000});
  c.tokens[1].token_id = "7";
  l = made(m);
  apply_winner(l, c);
  EXPECT_FALSE(l.settlement_value);  // another market's answer
}

TEST(polymarket_listing, what_cannot_be_listed_is_an_error) {
  auto m = open_market();
  m.condition_id = "";
  EXPECT_EQ(to_listing(m, nullptr, nullptr).error().code, errc::missing_field);
  m = open_market();
  m.outcomes = {"A", "B", "C"};
  EXPECT_EQ(to_listing(m, nullptr, nullptr).error().code, errc::refused);
  m = open_market();
  m.clob_token_ids = {yes_id, yes_id};
  EXPECT_EQ(to_listing(m, nullptr, nullptr).error().code, errc::refused);
  m = open_market();
  m.condition_id = "has \"quotes\"";
  EXPECT_EQ(to_listing(m, nullptr, nullptr).error().code, errc::malformed);
}

}  // namespace
}  // namespace cornice::venue::polymarket
