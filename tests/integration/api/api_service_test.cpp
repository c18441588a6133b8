#include "api_world.hpp"
#include "cornice/model/codec.hpp"
#include "cornice/model/signals.hpp"

#include <gmock/gmock.h>

#include <csignal>

namespace cornice::api {
namespace {

using namespace test;
using testing::HasSubstr;

TEST(api_service_test, health_tells_readiness_mode_and_version) {
  const cornice_test::throwaway_database database;
  api_world world{database.config(), no_broker()};
  const json health = world.ok("/health");
  EXPECT_EQ(health["ready"], true);
  EXPECT_EQ(health["mode"], "paper");
  EXPECT_EQ(health["version"], "1.2.3");
  EXPECT_EQ(health["components"][0]["name"], "execution");
  EXPECT_NE(health["broker"], "") << "nothing listens where the broker should be";
  EXPECT_EQ(world.get("/health/ready").status, 200U);
  world.ready = false;
  EXPECT_EQ(world.get("/health/ready").status, 503U);
  EXPECT_EQ(world.get("/health/live").status, 200U) << "alive, though not ready";
  EXPECT_EQ(world.get("/health").status, 200U);
}

TEST(api_service_test, metrics_are_in_the_text_form_of_prometheus) {
  const cornice_test::throwaway_database database;
  api_world world{database.config(), no_broker()};
  (void)world.get("/health");
  const auto r = world.get("/metrics");
  EXPECT_EQ(r.status, 200U);
  EXPECT_THAT(std::string{*r.headers.get("Content-Type")}, HasSubstr("text/plain; version=0.0.4"));
  EXPECT_THAT(r.body, HasSubstr("# TYPE cornice_http_server_requests_total counter"));
}

TEST(api_service_test, what_does_not_exist_is_404_and_other_methods_are_405) {
  const cornice_test::throwaway_database database;
  api_world world{database.config(), no_broker()};
  for (const char* path : {"/nothing", "/api/v1/", "/api/v1/order", "/api/v1/orders/x1", "/api",
                           "/health/", "/api/v1/admin/"})
    EXPECT_EQ(world.get(path).status, 404U) << path;
  for (const auto method : {infra::http_method::post, infra::http_method::put,
                            infra::http_method::del, infra::http_method::patch}) {
    const auto r = world.send(method, "/api/v1/orders");
    EXPECT_EQ(r.status, 405U);
    EXPECT_EQ(*r.headers.get("Allow"), "GET, HEAD");
  }
}

TEST(api_service_test, pages_for_people_are_html_and_need_nothing_from_elsewhere) {
  const cornice_test::throwaway_database database;
  api_world world{database.config(), no_broker()};
  for (const char* path : {"/", "/docs"}) {
    const auto r = world.get(path);
    EXPECT_EQ(r.status, 200U) << path;
    EXPECT_THAT(std::string{*r.headers.get("Content-Type")}, HasSubstr("text/html")) << path;
    EXPECT_THAT(r.body, testing::Not(HasSubstr("src="))) << path;
    EXPECT_TRUE(r.headers.get("Content-Security-Policy").has_value()) << path;
  }
  EXPECT_THAT(world.get("/docs").body, HasSubstr("/api/v1/opportunities"));
}

TEST(api_service_test, the_configuration_is_one_item) {
  const cornice_test::throwaway_database database;
  api_world world{database.config(), no_broker()};
  EXPECT_EQ(world.ok("/api/v1/config"),
            json::parse(R"({"items":[{"mode":"paper"}],"next_cursor":null})"));
}

TEST(api_service_test, books_and_feeds_of_the_bus_are_shown) {
  const cornice_test::throwaway_database database;
  const cornice_test::throwaway_vhost vhost;
  api_world world{database.config(), broker_settings(vhost.settings())};
  const auto up = [&] {
    return world.bus.consume_state() == infra::amqp_state::up &&
           world.bus.publish_state() == infra::amqp_state::up;
  };
  ASSERT_TRUE(run_on_loop(world.io, cornice_test::eventually(up, 10s)));
  book_signal book;
  book.contract = contract_id::parse("kalshi:A:yes").value();
  book.revision = book.epoch = 1;
  book.trace = trace_id::of("t");
  feed_signal feed;
  feed.venue = venue_id::kalshi;
  feed.state = feed_state::live;
  const auto publish = [&](std::string_view type, std::string key, std::string body) {
    infra::amqp_message m;
    m.topic = topic::signal;
    m.routing_key = std::move(key);
    m.type = type;
    m.body = std::move(body);
    ASSERT_TRUE(world.bus.publish(std::move(m)).has_value());
  };
  publish(message_type<book_signal>(), routing_key(book), encode(book));
  publish(message_type<feed_signal>(), routing_key(feed), encode(feed));
  bool shown = false;
  for (int tries = 0; tries < 500 && !shown; ++tries)
    shown =
        world.ok("/api/v1/books")["items"].size() == 1 && world.ok("/health")["feeds"].size() == 1;
  ASSERT_TRUE(shown);
  EXPECT_EQ(world.ok("/api/v1/books?venue=kalshi")["items"][0]["contract"], "kalshi:A:yes");
  EXPECT_EQ(world.ok("/api/v1/books?venue=polymarket")["items"].size(), 0U);
  EXPECT_EQ(world.ok("/health")["feeds"][0]["state"], "live");
}

TEST(api_service_test, beyond_loopback_only_health_and_metrics_are_open) {
  const cornice_test::throwaway_database database;
  api_world world{database.config(), no_broker(), "0.0.0.0"};
  for (const char* path : {"/health", "/health/live", "/health/ready", "/metrics"})
    EXPECT_EQ(world.get(path).status, 200U) << path;
  for (const char* path : {"/", "/docs", "/openapi.json", "/api/v1/config", "/api/v1/orders",
                           "/api/v1/books", "/nothing"})
    EXPECT_EQ(world.get(path).status, 401U) << path;
  const auto with = [&](const std::string& token) {
    return world.send(infra::http_method::get, "/api/v1/config", "", token).status;
  };
  EXPECT_EQ(with("wrong-token"), 401U);
  for (const char* token : {"vera-token", "otto-token", "anna-token"})
    EXPECT_EQ(with(token), 200U) << token;
}

infra::task<> read_orders(api_world& world, std::vector<unsigned>& statuses) {
  infra::http_request r;
  r.url = "http://127.0.0.1:" + std::to_string(world.service.port()) + "/api/v1/orders";
  r.deadline = 20s;
  const auto answer = co_await world.http.send(std::move(r));
  statuses.push_back(answer ? answer->status : 0U);
}

TEST(api_service_test, health_and_metrics_answer_at_once_while_postgresql_is_frozen) {
  const cornice_test::private_services server{"postgres"};
  const cornice_test::throwaway_database database{server.get()};
  api_world world{database.config(), no_broker()};
  const auto connected = [&] { return world.db.connected(); };
  ASSERT_TRUE(run_on_loop(world.io, cornice_test::eventually(connected, 10s)));
  (void)world.get("/health");  // the connection of the client exists from here on
  server.signal_all(SIGSTOP);
  // More reads than the pool has connections are stuck meanwhile.
  std::vector<unsigned> stuck;
  for (int i = 0; i < 5; ++i)
    infra::spawn(world.io.get_executor(), "stuck", read_orders(world, stuck));
  for (int i = 0; i < 20; ++i) {
    for (const char* path : {"/health", "/health/live", "/health/ready", "/metrics"}) {
      const auto begun = std::chrono::steady_clock::now();
      EXPECT_EQ(world.get(path).status, 200U) << path;
      EXPECT_LT(std::chrono::steady_clock::now() - begun, 100ms) << path;
    }
  }
  EXPECT_TRUE(stuck.empty());
  const auto answered = [&stuck] { return stuck.size() == 5; };
  EXPECT_TRUE(run_on_loop(world.io, cornice_test::eventually(answered, 15s)));
  EXPECT_THAT(stuck, testing::Each(testing::AnyOf(503U, 504U)));
  server.signal_all(SIGCONT);
}

}  // namespace
}  // namespace cornice::api
