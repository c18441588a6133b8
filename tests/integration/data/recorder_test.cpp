#include "cornice/data/recorder.hpp"

#include "../../unit/data/listings.hpp"
#include "cornice/model/codec.hpp"
#include "cornice_test/services.hpp"

#include <gtest/gtest.h>

namespace cornice::data {
namespace {

using namespace std::chrono_literals;
using cornice_test::eventually;
using cornice_test::run_on_loop;

TEST(recorder, books_on_the_bus_become_rows_of_their_day) {
  cornice_test::throwaway_database database;
  infra::apply_migrations(database.config(), std::string{CORNICE_SOURCE_DIR} + "/migrations")
      .value();
  cornice_test::throwaway_vhost vhost;
  infra::metrics_registry metrics;
  boost::asio::io_context io;
  infra::amqp_config broker;
  broker.host = vhost.settings().host;
  broker.port = vhost.settings().port;
  broker.user = vhost.settings().user;
  broker.password = vhost.settings().password;
  broker.vhost = vhost.settings().vhost;
  infra::amqp_client bus{io.get_executor(), broker, metrics};
  infra::pg_pool db{io.get_executor(), database.config(), metrics};
  recorder_config config;
  config.enabled = true;
  config.batch_ms = 50;
  recorder r{config, infra::system_clock(), bus, db, metrics};
  bus.declare_topic(std::string{topic::signal});
  r.declare();
  bus.start();
  infra::supervisor supervisor{io.get_executor(), infra::system_clock(), metrics, {10ms, 50ms}};
  for (infra::component& c : r.components()) supervisor.add(std::move(c));
  supervisor.start();
  ASSERT_TRUE(run_on_loop(io, eventually(
                                  [&] {
                                    return bus.consume_state() == infra::amqp_state::up &&
                                           bus.publish_state() == infra::amqp_state::up &&
                                           supervisor.snapshot().at(0).state == infra::health::up;
                                  },
                                  20s)));
  const auto publish = [&](std::uint64_t revision, timestamp received) {
    book_signal b;
    b.contract = contract_id::make(venue_id::kalshi, "A:yes");
    b.revision = revision;
    b.epoch = 7;
    b.usable = true;
    b.bids = {{price::of_micros(310'000), quantity{2'500'000}}};
    b.received = received;
    b.published = received;
    b.trace = trace_id::of("t");
    infra::amqp_message m;
    m.topic = topic::signal;
    m.routing_key = routing_key(b);
    m.type = message_type<book_signal>();
    m.body = encode(b);
    ASSERT_TRUE(bus.publish(std::move(m)));
  };
  const timestamp now = infra::system_clock().now();
  publish(1, from_unix_s(0));  // no partition for it: dropped, and the others are not held up
  publish(2, now);
  publish(3, now);
  const auto rows = [&] {
    return database.exec("SELECT count(*) FROM book_snapshot").integer(0, 0);
  };
  ASSERT_TRUE(run_on_loop(io, eventually([&] { return rows() == 2; }, 20s)));
  const auto row = database.exec(
      "SELECT contract_id, epoch, revision, usable, bids::text, asks::text, venue_time IS NULL "
      "FROM "
      "book_snapshot ORDER BY revision");
  EXPECT_EQ(row.text(0, 0), "kalshi:A:yes");
  EXPECT_EQ(row.integer(0, 1), 7);
  EXPECT_EQ(row.integer(0, 2), 2);
  EXPECT_TRUE(row.boolean(0, 3));
  EXPECT_EQ(row.text(0, 4), R"([["0.31", "2.5"]])");
  EXPECT_EQ(row.text(0, 5), "[]");
  EXPECT_TRUE(row.boolean(0, 6));
  EXPECT_NE(metrics.expose().find("cornice_recorder_rows_dropped_total 1"), std::string::npos);
  run_on_loop(io, supervisor.stop(2s));
  run_on_loop(io, bus.shutdown(500ms));
}

TEST(recorder, off_it_has_no_part) {
  infra::metrics_registry metrics;
  boost::asio::io_context io;
  infra::amqp_client bus{io.get_executor(), {}, metrics};
  infra::pg_config nowhere;
  nowhere.conninfo = "host=127.0.0.1 port=1";
  infra::pg_pool db{io.get_executor(), nowhere, metrics};
  recorder r{{}, infra::system_clock(), bus, db, metrics};
  r.declare();
  EXPECT_TRUE(r.components().empty());
}

}  // namespace
}  // namespace cornice::data
