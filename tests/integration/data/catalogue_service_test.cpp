// Discovery over REST, the tables and the announcements, together: a Kalshi of one event.
#include "cornice/data/catalogue_service.hpp"

#include "cornice/data/mapping_store.hpp"
#include "cornice/infra/http_server.hpp"
#include "cornice/venue/kalshi/catalogue.hpp"
#include "cornice_test/services.hpp"
#include "data/catalogue_store.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace cornice::data {
namespace {

using namespace std::chrono_literals;
namespace kalshi = venue::kalshi;
using cornice_test::eventually;
using cornice_test::run_on_loop;

const std::string ticker = "KXRAIN-27-A";

class catalogue_service_test : public testing::Test {
 protected:
  catalogue_service_test()
      : http{io.get_executor(), {}, metrics},
        bus{io.get_executor(), {}, metrics},
        supervisor{io.get_executor(), infra::system_clock(), metrics, {10ms, 50ms}} {
    infra::apply_migrations(database.config(), std::string{CORNICE_SOURCE_DIR} + "/migrations")
        .value();
    series.ticker = "KXRAIN";
    series.category = "Climate";
    series.fee_type = kalshi::fee_type::quadratic;
    series.fee_multiplier = ratio{1'000'000};
    event.event_ticker = "KXRAIN-27";
    event.series_ticker = "KXRAIN";
    event.title = "Rain";
    market.ticker = ticker;
    market.event_ticker = event.event_ticker;
    market.market_type = kalshi::market_type::binary;
    market.status = kalshi::market_status::active;
    market.yes_sub_title = "Yes";
    market.rules_primary = "It rains.";
    market.close_time = infra::system_clock().now() + 24h;
    market.open_time = infra::system_clock().now() - 24h;
    market.price_ranges = {
        {price::of_micros(0), price::of_micros(1'000'000), price::of_micros(10'000)}};
    infra::http_server_config c;
    c.port = 0;
    server = std::make_unique<infra::http_server>(
        io.get_executor(), c,
        [this](infra::server_request r) -> infra::task<infra::server_response> {
          co_return respond(r);
        },
        metrics);
    server->start().value();
    venues.kalshi.rest_url = "http://127.0.0.1:" + std::to_string(server->port());
    venues.polymarket.enabled = false;
    config.refresh_ms = 1'000;
    auto settings = database.config();
    settings.connections = 2;
    db = std::make_unique<infra::pg_pool>(io.get_executor(), settings, metrics);
  }

  infra::server_response respond(const infra::server_request& r) {
    infra::server_response out;
    if (overloaded > 0 && r.path.ends_with("/events")) {
      --overloaded;
      out.status = 429;
    } else if (r.path.ends_with("/series")) {
      out.body = kalshi::encode_series_list({{series}, {}});
    } else if (r.path.ends_with("/fee_changes")) {
      out.body = kalshi::encode_series_fee_changes({});
    } else if (r.path.ends_with("/events")) {
      kalshi::event e = event;
      if (listed) e.markets.push_back(market);
      out.body = kalshi::encode_event_page({{e}, "", {}});
    } else if (r.path.ends_with("/markets")) {
      out.body = kalshi::encode_market_page({{market}, "", {}});
    } else if (r.path.find("/events/") != std::string::npos) {
      out.body = kalshi::encode_event(event);
    } else {
      out.status = 404;
    }
    return out;
  }
  void start() {
    service = std::make_unique<catalogue_service>(
        config, catalogue_environment{
                    io.get_executor(), infra::system_clock(), metrics, http, *db, bus, listings,
                    venues, [this](const market_signal& m) { announced.push_back(m); },
                    [this](const venue::tape::record_view& r) { taped.emplace_back(r.target); }});
    for (infra::component& c : service->components()) supervisor.add(std::move(c));
    supervisor.start();
  }
  bool reach(std::function<bool()> holds) {
    return run_on_loop(io, eventually(std::move(holds), 20s));
  }
  bool told(market_change change) {
    return reach([this, change] {
      return std::ranges::any_of(announced,
                                 [&](const market_signal& m) { return m.change == change; });
    });
  }
  void stop() { run_on_loop(io, supervisor.stop(5s)); }
  void write(const std::function<void(infra::pg_transaction&)>& body) {
    const auto done = infra::run_blocking(database.config(), body);
    ASSERT_TRUE(done) << done.error().message;
  }

  infra::metrics_registry metrics;
  boost::asio::io_context io;
  cornice_test::throwaway_database database;
  kalshi::series series;
  kalshi::event event;
  kalshi::market market;
  bool listed = true;
  int overloaded = 0;
  std::vector<market_signal> announced;
  std::vector<std::string> taped;
  catalogue listings;
  ingest_config venues;
  discovery_config config;
  infra::http_client http;
  infra::amqp_client bus;
  std::unique_ptr<infra::pg_pool> db;
  std::unique_ptr<infra::http_server> server;
  infra::supervisor supervisor;
  std::unique_ptr<catalogue_service> service;
};

TEST_F(catalogue_service_test, what_is_discovered_is_stored_selected_and_announced) {
  start();
  ASSERT_TRUE(told(market_change::added));
  EXPECT_EQ(announced[0].subject->id.str(), ticker);
  EXPECT_EQ(database.exec("SELECT title FROM listing").text(0, 0), "Rain") << "durable before told";
  EXPECT_EQ(database.exec("SELECT count(*) FROM contract").integer(0, 0), 2);
  ASSERT_TRUE(reach([&] { return !listings.streamed(venue_id::kalshi).empty(); }));
  EXPECT_TRUE(std::ranges::any_of(
      taped, [](const std::string& t) { return t.find("/events?") != std::string::npos; }));
  stop();
}

TEST_F(catalogue_service_test, too_many_requests_is_waited_out) {
  overloaded = 2;
  start();
  EXPECT_TRUE(told(market_change::added));
  EXPECT_EQ(overloaded, 0);
  stop();
}

TEST_F(catalogue_service_test, a_changed_rule_text_suspends_the_approved_mapping_first) {
  start();
  ASSERT_TRUE(told(market_change::added));
  stop();
  listing other = *listings.find(venue_id::kalshi, listing_id::of(ticker));
  other.venue = venue_id::polymarket;
  other.id = listing_id::of("0x1");
  other.yes = contract_id::make(venue_id::polymarket, "1");
  other.no = contract_id::make(venue_id::polymarket, "2");
  cornice::market m;
  m.id = market_id::of("rain");
  m.title = "Rain";
  m.contracts = {{contract_id::make(venue_id::kalshi, ticker + ":yes"), {}, {}, ""},
                 {other.yes, {}, {}, ""}};
  write([&](infra::pg_transaction& tx) {
    store_listings(tx, {other}, infra::system_clock().now());
    propose(tx, m, "", "ada", infra::system_clock().now());
    approve(tx, m.id, "ada", "read", infra::system_clock().now());
  });
  // As after a restart, with another text at the venue.
  catalogue fresh;
  std::vector<market_signal> heard;
  catalogue_service again{
      config, catalogue_environment{io.get_executor(), infra::system_clock(), metrics, http, *db,
                                    bus, fresh, venues,
                                    [&heard](const market_signal& s) { heard.push_back(s); }}};
  market.rules_primary = "It rains or snows.";
  infra::supervisor second{io.get_executor(), infra::system_clock(), metrics, {10ms, 50ms}};
  for (infra::component& c : again.components()) second.add(std::move(c));
  second.start();
  ASSERT_TRUE(reach([&] {
    return std::ranges::any_of(
        heard, [](const market_signal& s) { return s.change == market_change::rules_changed; });
  }));
  const auto at = std::ranges::find_if(
      heard, [](const market_signal& s) { return s.change == market_change::rules_changed; });
  const auto suspended = std::ranges::find_if(heard, [](const market_signal& s) {
    return s.mapping && s.mapping->contracts.at(0).status == mapping_status::suspended;
  });
  EXPECT_LT(suspended, at) << "nobody sees the new text beside an approved mapping";
  EXPECT_EQ(database.exec("SELECT count(*) FROM market_contract WHERE status = 'suspended'")
                .integer(0, 0),
            2);
  run_on_loop(io, second.stop(5s));
}

TEST_F(catalogue_service_test, a_listing_that_is_no_longer_listed_is_asked_for_by_name) {
  start();
  ASSERT_TRUE(told(market_change::added));
  listed = false;
  market.status = kalshi::market_status::closed;
  ASSERT_TRUE(told(market_change::status_changed));
  EXPECT_NE(listings.find(venue_id::kalshi, listing_id::of(ticker))->status, listing_status::open);
  stop();
}

TEST_F(catalogue_service_test, a_hint_brings_the_listing_before_the_next_pass) {
  config.refresh_ms = 86'400'000;
  listed = false;
  start();
  ASSERT_TRUE(reach([&] { return !taped.empty(); }));
  listings.hint(venue_id::kalshi, listing_id::of(ticker));
  EXPECT_TRUE(told(market_change::added));
  stop();
}

}  // namespace
}  // namespace cornice::data
