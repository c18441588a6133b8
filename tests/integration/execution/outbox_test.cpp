#include "cornice/execution/outbox.hpp"

#include "cornice/model/codec.hpp"
#include "execution_database.hpp"

#include <signal.h>

#include <set>
#include <string>
#include <vector>

namespace cornice::execution::testing {
namespace {

// Rows in, messages out, with a consumer that notes what it gets.
class outbox_world {
 public:
  outbox_world(infra::asio::io_context& io, const execution_database& database,
               const infra::amqp_config& broker, infra::metrics_registry& metrics)
      : io_{io},
        database_{database},
        db_{io.get_executor(), database.config(), metrics},
        bus_{io.get_executor(), broker, metrics},
        pump_{io.get_executor(), bus_, db_, metrics},
        tasks_{io.get_executor()} {
    infra::amqp_queue q;
    q.name = cornice_test::unique_name("reader");
    q.bindings = {{std::string{topic::execution}, "#"}};
    q.durable = true;
    bus_.consume(std::move(q), [this](infra::amqp_delivery d) {
      bus_.ack(d);
      if (!seen_.insert(d.message.message_id).second) return;
      first_seen.push_back(d.message.body);
      messages.push_back(std::move(d.message));
    });
    bus_.start();
  }
  ~outbox_world() {
    tasks_.request();
    run_on_loop(io_, tasks_.drained());
    run_on_loop(io_, bus_.shutdown(200ms));
  }
  void run() { tasks_.spawn("outbox", pump_.run()); }
  void wake() { pump_.wake(); }
  [[nodiscard]] bool connected() const { return up(bus_); }
  void add(int from, int to) const {
    database_.exec(
        "INSERT INTO outbox (routing_key, type, message_id, body, created) SELECT 'order.sent', "
        "'order', 'm-' || n, n::text, '2026-09-21T12:00:00Z' FROM generate_series(" +
        std::to_string(from) + ", " + std::to_string(to) + ") AS r(n) ORDER BY r.n");
  }
  [[nodiscard]] bool empty() const { return database_.count("outbox") == 0; }
  static std::vector<std::string> numbers(int to) {
    std::vector<std::string> out;
    for (int i = 1; i <= to; ++i) out.push_back(std::to_string(i));
    return out;
  }

  std::vector<std::string> first_seen;
  std::vector<infra::amqp_message> messages;

 private:
  infra::asio::io_context& io_;
  const execution_database& database_;
  infra::pg_pool db_;
  infra::amqp_client bus_;
  outbox_pump pump_;
  infra::stop_source tasks_;
  std::set<std::string> seen_;
};

class outbox_test : public database_test {};

TEST_F(outbox_test, rows_are_published_in_order_and_go_once_they_are_confirmed) {
  const cornice_test::throwaway_vhost vhost;
  outbox_world world{io, database, broker_settings(vhost.settings()), metrics};
  ASSERT_TRUE(reach([&] { return world.connected(); }));
  world.add(1, 700);
  world.run();
  ASSERT_TRUE(reach([&] { return world.first_seen.size() == 700 && world.empty(); }));
  EXPECT_EQ(world.first_seen, outbox_world::numbers(700));
  const infra::amqp_message& m = world.messages.front();
  EXPECT_EQ(m.type, "order");
  EXPECT_EQ(m.routing_key, "order.sent");
  EXPECT_EQ(m.timestamp_s, 1'789'992'000u);
  EXPECT_TRUE(m.persistent);
}

TEST_F(outbox_test, what_comes_while_the_broker_stands_still_is_published_afterwards) {
  cornice_test::private_services broker{"rabbitmq"};
  outbox_world world{io, database, broker_settings(broker.get().rabbitmq()), metrics};
  ASSERT_TRUE(reach([&] { return world.connected(); }, 30s));
  world.run();
  world.add(1, 10);
  world.wake();
  ASSERT_TRUE(reach([&] { return world.first_seen.size() == 10 && world.empty(); }));
  broker.signal_all(SIGSTOP);
  world.add(11, 400);
  world.wake();
  // Nothing can be confirmed, so nothing may go.
  EXPECT_FALSE(reach([&] { return database.count("outbox") < 390; }, 2s));
  broker.signal_all(SIGCONT);
  ASSERT_TRUE(reach([&] { return world.first_seen.size() == 400 && world.empty(); }, 60s));
  EXPECT_EQ(world.first_seen, outbox_world::numbers(400));
}

TEST_F(outbox_test, a_killed_broker_loses_no_row) {
  cornice_test::private_services broker{"rabbitmq"};
  outbox_world world{io, database, broker_settings(broker.get().rabbitmq()), metrics};
  ASSERT_TRUE(reach([&] { return world.connected(); }, 30s));
  world.add(1, 300);
  world.run();
  ASSERT_TRUE(reach([&] { return !world.first_seen.empty(); }));
  broker.signal_all(SIGKILL);
  world.add(301, 400);
  ASSERT_TRUE(reach([&] { return !world.connected(); }));
  broker.start();
  ASSERT_TRUE(reach([&] { return world.first_seen.size() == 400 && world.empty(); }, 60s));
  EXPECT_EQ(world.first_seen.size(), 400u);
}

}  // namespace
}  // namespace cornice::execution::testing
