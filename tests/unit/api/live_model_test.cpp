#include "api/live_model.hpp"

#include "cornice/model/codec.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace cornice::api {
namespace {

using nlohmann::json;

infra::amqp_delivery book_of(const std::string& contract, std::uint64_t revision = 1) {
  book_signal b;
  b.contract = contract_id::parse(contract).value();
  b.revision = revision;
  b.epoch = 1;
  b.usable = true;
  b.bids = {{price::of_micros(400'000), quantity::contracts(10)}};
  b.asks = {{price::of_micros(410'000), quantity::contracts(20)}};
  b.venue_time = b.received = b.published = from_unix_s(1'800'000'000);
  b.trace = trace_id::of("trace-1");
  infra::amqp_delivery d;
  d.message.type = message_type<book_signal>();
  d.message.body = encode(b);
  return d;
}

infra::amqp_delivery feed_of(venue_id venue, feed_state state) {
  feed_signal f;
  f.venue = venue;
  f.state = state;
  f.observed = from_unix_s(1'800'000'000);
  infra::amqp_delivery d;
  d.message.type = message_type<feed_signal>();
  d.message.body = encode(f);
  return d;
}

std::vector<std::string> contracts(const json& page) {
  std::vector<std::string> out;
  for (const json& item : page["items"]) out.push_back(item["contract"]);
  return out;
}

TEST(live_model, the_newest_book_of_a_contract_is_shown) {
  live_model m{10};
  m.take(book_of("kalshi:A:yes", 1));
  m.take(book_of("kalshi:A:yes", 2));
  const auto page = json::parse(m.books_page("", "", "", 10));
  ASSERT_EQ(page["items"].size(), 1U);
  EXPECT_EQ(page["items"][0]["revision"], 2);
  EXPECT_EQ(page["items"][0]["venue"], "kalshi");
  EXPECT_TRUE(page["next_cursor"].is_null());
}

TEST(live_model, pages_show_every_contract_once_in_order) {
  live_model m{100};
  for (int i = 24; i >= 0; --i) m.take(book_of("polymarket:" + std::to_string(100 + i)));
  for (const std::size_t limit : {1U, 7U, 24U, 25U, 26U}) {
    std::vector<std::string> seen;
    std::string cursor;
    for (int pages = 0; pages < 30; ++pages) {
      const auto page = json::parse(m.books_page("", "", cursor, limit));
      const auto here = contracts(page);
      EXPECT_LE(here.size(), limit);
      seen.insert(seen.end(), here.begin(), here.end());
      if (page["next_cursor"].is_null()) break;
      cursor = page["next_cursor"];
    }
    ASSERT_EQ(seen.size(), 25U) << limit;
    EXPECT_TRUE(std::ranges::is_sorted(seen));
    EXPECT_EQ(std::ranges::adjacent_find(seen), seen.end());
  }
}

TEST(live_model, filters_select_by_venue_and_by_contract) {
  live_model m{10};
  m.take(book_of("kalshi:A:yes"));
  m.take(book_of("kalshi:B:yes"));
  m.take(book_of("polymarket:77"));
  EXPECT_EQ(contracts(json::parse(m.books_page("polymarket", "", "", 10))),
            std::vector<std::string>{"polymarket:77"});
  EXPECT_EQ(contracts(json::parse(m.books_page("", "kalshi:B:yes", "", 10))),
            std::vector<std::string>{"kalshi:B:yes"});
  EXPECT_TRUE(contracts(json::parse(m.books_page("polymarket", "kalshi:B:yes", "", 10))).empty());
}

TEST(live_model, beyond_its_bound_known_contracts_stay_current_and_new_ones_are_left_out) {
  live_model m{2};
  m.take(book_of("kalshi:A:yes", 1));
  m.take(book_of("kalshi:B:yes", 1));
  m.take(book_of("kalshi:C:yes", 1));
  m.take(book_of("kalshi:B:yes", 5));
  const auto page = json::parse(m.books_page("", "", "", 10));
  EXPECT_EQ(contracts(page), (std::vector<std::string>{"kalshi:A:yes", "kalshi:B:yes"}));
  EXPECT_EQ(page["items"][1]["revision"], 5);
}

TEST(live_model, the_newest_state_of_each_feed_is_kept) {
  live_model m{2};
  m.take(feed_of(venue_id::kalshi, feed_state::down));
  m.take(feed_of(venue_id::kalshi, feed_state::live));
  m.take(feed_of(venue_id::polymarket, feed_state::down));
  ASSERT_EQ(m.feeds().size(), 2U);
  EXPECT_EQ(m.feeds().at(venue_id::kalshi).state, feed_state::live);
}

TEST(live_model, what_is_not_a_signal_changes_nothing) {
  live_model m{10};
  for (const char* type : {"book", "feed", "trade", ""})
    for (const char* body : {"", "{", "[]", "{}", "null", "{\"contract\":\"", "{\"contract\":\"x",
                             "{\"contract\":\"nowhere:1\"}", "{\"contract\":1}", "\xff"}) {
      infra::amqp_delivery d;
      d.message.type = type;
      d.message.body = body;
      m.take(d);
    }
  EXPECT_EQ(json::parse(m.books_page("", "", "", 10))["items"].size(), 0U);
  EXPECT_TRUE(m.feeds().empty());
}

// The key is cheap to find; whether the rest can be read shows when somebody looks.
TEST(live_model, a_book_that_cannot_be_read_is_left_out_of_the_page) {
  live_model m{10};
  m.take(book_of("kalshi:A:yes"));
  infra::amqp_delivery broken;
  broken.message.type = message_type<book_signal>();
  broken.message.body = "{\"contract\":\"kalshi:B:yes\",";
  m.take(broken);
  m.take(book_of("kalshi:C:yes"));
  const auto page = json::parse(m.books_page("", "", "", 1));
  EXPECT_EQ(contracts(page), std::vector<std::string>{"kalshi:A:yes"});
  const auto rest = json::parse(m.books_page("", "", page["next_cursor"].get<std::string>(), 1));
  EXPECT_EQ(contracts(rest), std::vector<std::string>{"kalshi:C:yes"});
  EXPECT_TRUE(rest["next_cursor"].is_null());
}

}  // namespace
}  // namespace cornice::api
