#include "cornice/venue/fees.hpp"
#include "cornice/venue/kalshi/listing.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace cornice::venue::kalshi {
namespace {

using namespace std::chrono_literals;

price at(std::string_view text) {
  return price::parse(text).value();
}

const timestamp fetched = from_unix_s(1'795'000'000);
const timestamp now = fetched + 60s;

struct family {
  market m;
  event e;
  series s;
  std::vector<series_fee_change> series_changes;
  std::vector<event_fee_change> event_changes;

  family() {
    s.ticker = "KXHIGHNY";
    s.category = "Climate";
    s.fee_type = fee_type::quadratic;
    s.fee_multiplier = ratio{1'000'000};
    e.event_ticker = "KXHIGHNY-26NOV23";
    e.series_ticker = "KXHIGHNY";
    e.title = "Highest temperature in New York";
    e.mutually_exclusive = true;
    m.ticker = "KXHIGHNY-26NOV23-B54.5";
    m.event_ticker = e.event_ticker;
    m.market_type = market_type::binary;
    m.status = market_status::active;
    m.yes_sub_title = "54 to 55";
    m.rules_primary = "first";
    m.rules_secondary = "second";
    m.open_time = fetched - 24h;
    m.close_time = fetched + 24h;
    m.settlement_timer_seconds = 3'600;
    m.exchange_index = 3;
    m.price_ranges = {{at("0"), at("1"), at("0.01")}};
  }
  [[nodiscard]] fee_changes changes() const { return {series_changes, event_changes}; }
  [[nodiscard]] result<listing> listed() const {
    return to_listing(m, e, s, changes(), fetched, now);
  }
  [[nodiscard]] effective_fee fee() const { return fee_at(s, e, changes(), fetched, now); }
};

TEST(kalshi_listing, an_active_market_is_tradable) {
  const family f;
  const auto l = f.listed();
  ASSERT_TRUE(l) << l.error().message;
  EXPECT_TRUE(l->tradable());
  EXPECT_EQ(l->venue, venue_id::kalshi);
  EXPECT_EQ(l->id.str(), f.m.ticker);
  EXPECT_EQ(l->event.str(), f.e.event_ticker);
  EXPECT_EQ(l->series, "KXHIGHNY");
  EXPECT_EQ(l->yes.str(), "kalshi:KXHIGHNY-26NOV23-B54.5:yes");
  EXPECT_EQ(l->no.str(), "kalshi:KXHIGHNY-26NOV23-B54.5:no");
  EXPECT_EQ(l->rules, "first\n\nsecond");
  EXPECT_EQ(l->rule_hash, rule_hash_of("first\n\nsecond"));
  EXPECT_EQ(l->exchange_index, 3);
  EXPECT_TRUE(l->mutually_exclusive);
  EXPECT_EQ(l->min_size, quantity{10'000});
  EXPECT_EQ(l->size_step, quantity{10'000});
  EXPECT_TRUE(l->grid.accepts(at("0.54")));
  EXPECT_FALSE(l->grid.accepts(at("0.545")));
  EXPECT_EQ(taker_fee(l->venue, l->fees, at("0.5"), quantity::contracts(100)).to_string(), "1.75");
}

TEST(kalshi_listing, capital_is_back_after_expiration_and_timer) {
  family f;
  EXPECT_EQ(f.listed()->expected_resolution, f.m.close_time + 1h);
  f.m.expected_expiration_time = f.m.close_time - 2h;
  EXPECT_EQ(f.listed()->expected_resolution, f.m.close_time - 1h);
}

TEST(kalshi_listing, every_status_has_its_place) {
  using enum listing_status;
  const std::vector<std::pair<market_status, listing_status>> table{
      {market_status::initialized, pending},   {market_status::inactive, paused},
      {market_status::active, open},           {market_status::closed, closed},
      {market_status::determined, determined}, {market_status::disputed, disputed},
      {market_status::amended, determined},    {market_status::finalized, settled},
      {market_status::unknown, unknown}};
  for (const auto& [theirs, ours] : table) {
    family f;
    f.m.status = theirs;
    EXPECT_EQ(f.listed()->status, ours);
    EXPECT_EQ(f.listed()->tradable(), theirs == market_status::active);
  }
}

TEST(kalshi_listing, scalar_markets_and_markets_without_grid_do_not_trade) {
  family scalar;
  scalar.m.market_type = market_type::scalar;
  EXPECT_FALSE(scalar.listed()->tradable());
  family gridless;
  gridless.m.price_ranges.clear();
  EXPECT_FALSE(gridless.listed()->tradable());
}

TEST(kalshi_listing, a_tapered_grid_comes_in_any_order) {
  family f;
  f.m.price_ranges = {{at("0.90"), at("1"), at("0.001")},
                      {at("0"), at("0.10"), at("0.001")},
                      {at("0.10"), at("0.90"), at("0.01")}};
  const auto l = f.listed();
  ASSERT_TRUE(l) << l.error().message;
  EXPECT_TRUE(l->grid.accepts(at("0.055")));
  EXPECT_FALSE(l->grid.accepts(at("0.555")));
}

TEST(kalshi_listing, settlement_value_comes_from_value_or_result) {
  family f;
  EXPECT_FALSE(f.listed()->settlement_value);
  f.m.result = market_result::no;
  EXPECT_EQ(f.listed()->settlement_value, ratio{0});
  f.m.result = market_result::yes;
  EXPECT_EQ(f.listed()->settlement_value, ratio{1'000'000});
  f.m.result = market_result::scalar;
  f.m.settlement_value_dollars = at("0.25");
  EXPECT_EQ(f.listed()->settlement_value, ratio{250'000});
}

TEST(kalshi_listing, strangers_and_odd_contracts_are_refused) {
  family other_event;
  other_event.m.event_ticker = "KXOTHER";
  EXPECT_EQ(other_event.listed().error().code, errc::conflict);
  family other_series;
  other_series.e.series_ticker = "KXOTHER";
  EXPECT_EQ(other_series.listed().error().code, errc::conflict);
  family odd;
  odd.m.notional_value_dollars = money::dollars(10);
  EXPECT_EQ(odd.listed().error().code, errc::refused);
  family bad_grid;
  bad_grid.m.price_ranges = {{at("0.5"), at("0.4"), at("0.01")}};
  EXPECT_FALSE(bad_grid.listed());
  family bad_name;
  bad_name.m.ticker = "has space";
  EXPECT_FALSE(bad_name.listed());
}

TEST(kalshi_listing, types_without_a_published_formula_never_trade) {
  for (const auto type :
       {fee_type::flat, fee_type::margin_market_maker_program_fees, fee_type::unknown}) {
    family f;
    f.s.fee_type = type;
    EXPECT_EQ(f.listed()->fees.kind, fee_schedule::model::unknown);
    EXPECT_FALSE(f.listed()->tradable());
  }
  family absurd;
  absurd.s.fee_multiplier = ratio{-1};
  EXPECT_FALSE(absurd.listed()->tradable());
}

TEST(kalshi_listing, maker_rates_follow_the_type) {
  const auto rate = [](fee_type type) {
    return to_fee_schedule({type, ratio{1'000'000}}).maker_rate;
  };
  EXPECT_EQ(rate(fee_type::quadratic), ratio{});
  EXPECT_EQ(rate(fee_type::quadratic_with_maker_fees), kalshi_maker_rate);
  EXPECT_EQ(rate(fee_type::quadratic_with_combo_maker_fees), kalshi_combo_maker_rate);
}

TEST(kalshi_fee_at, event_override_wins_over_the_series) {
  family f;
  f.e.fee_type_override = fee_type::quadratic_with_maker_fees;
  f.e.fee_multiplier_override = ratio{500'000};
  EXPECT_EQ(f.fee(), (effective_fee{fee_type::quadratic_with_maker_fees, ratio{500'000}}));
}

TEST(kalshi_fee_at, changes_hold_from_their_date_on_and_the_latest_wins) {
  family f;
  f.series_changes = {{"3", "KXHIGHNY", fee_type::flat, ratio{3}, now + 1s},
                      {"2", "KXHIGHNY", fee_type::quadratic_with_maker_fees, ratio{2'000'000}, now},
                      {"1", "KXHIGHNY", fee_type::flat, ratio{1}, fetched + 1s},
                      {"0", "KXOTHER", fee_type::flat, ratio{9}, now}};
  EXPECT_EQ(f.fee(), (effective_fee{fee_type::quadratic_with_maker_fees, ratio{2'000'000}}));
  EXPECT_EQ(next_fee_change(f.s, f.e, f.changes(), now), now + 1s);
  EXPECT_EQ(next_fee_change(f.s, f.e, f.changes(), now + 1s), std::nullopt);
}

TEST(kalshi_fee_at, changes_older_than_what_was_read_say_nothing_new) {
  family f;
  f.series_changes = {{"1", "KXHIGHNY", fee_type::flat, ratio{1}, fetched}};
  EXPECT_EQ(f.fee(), (effective_fee{fee_type::quadratic, ratio{1'000'000}}));
}

TEST(kalshi_fee_at, a_cleared_override_falls_back_to_the_series) {
  family f;
  f.e.fee_type_override = fee_type::flat;
  f.e.fee_multiplier_override = ratio{9};
  f.event_changes = {{"1", f.e.event_ticker, "KXHIGHNY", std::nullopt, std::nullopt, now}};
  EXPECT_EQ(f.fee(), (effective_fee{fee_type::quadratic, ratio{1'000'000}}));
}

}  // namespace
}  // namespace cornice::venue::kalshi
