// A server that freezes, dies and comes back. Each test has a server of its own.
#include "postgres_fixture.hpp"

#include <boost/asio/steady_timer.hpp>

#include <signal.h>

#include <algorithm>
#include <chrono>

namespace cornice::infra {
namespace {

using clock_type = std::chrono::steady_clock;

// Measures how long the loop has ever stood still.
class heartbeat {
 public:
  explicit heartbeat(asio::io_context& io) : timer_{io}, last_{clock_type::now()} { arm(); }
  [[nodiscard]] std::chrono::milliseconds longest_gap() const {
    return std::chrono::duration_cast<std::chrono::milliseconds>(longest_);
  }
  void stop() { timer_.cancel(); }

 private:
  void arm() {
    timer_.expires_after(5ms);
    timer_.async_wait([this](boost::system::error_code failed) {
      if (failed) return;
      const auto now = clock_type::now();
      longest_ = std::max(longest_, now - last_);
      last_ = now;
      arm();
    });
  }

  asio::steady_timer timer_;
  clock_type::time_point last_;
  clock_type::duration longest_{};
};

class postgres_faults_test : public testing::Test {
 protected:
  std::unique_ptr<pg_pool> make_pool(std::chrono::milliseconds statement_timeout) {
    auto config = server.get().postgres();
    config.connections = 2;
    config.statement_timeout = statement_timeout;
    config.shutdown_grace = 100ms;
    return std::make_unique<pg_pool>(io.get_executor(), config, metrics);
  }
  result<pg_rows> exec(pg_pool& pool, std::chrono::milliseconds deadline, const std::string& sql) {
    return run_on_loop(io, pool.exec(deadline, sql));
  }
  // Calls until one succeeds.
  bool works_again(pg_pool& pool, std::chrono::milliseconds limit) {
    const auto deadline = clock_type::now() + limit;
    while (clock_type::now() < deadline)
      if (exec(pool, 500ms, "SELECT 1")) return true;
    return false;
  }
  // Makes calls for `how_long` and counts those that succeeded; every one must answer in time.
  int calls_during(pg_pool& pool, std::chrono::milliseconds how_long) {
    int succeeded = 0;
    const auto deadline = clock_type::now() + how_long;
    while (clock_type::now() < deadline) {
      const auto begun = clock_type::now();
      if (exec(pool, 200ms, "INSERT INTO t VALUES (2)")) ++succeeded;
      EXPECT_LT(clock_type::now() - begun, 1s);
    }
    return succeeded;
  }

  cornice_test::private_services server{"postgres"};
  metrics_registry metrics;
  asio::io_context io;
};

TEST_F(postgres_faults_test, a_frozen_server_stops_neither_the_loop_nor_the_recovery) {
  auto pool = make_pool(5s);
  ASSERT_TRUE(exec(*pool, 5s, "CREATE TABLE t (a bigint)"));
  heartbeat beat{io};
  server.signal_all(SIGSTOP);
  EXPECT_EQ(calls_during(*pool, 1s), 0);
  EXPECT_LT(beat.longest_gap(), 500ms);
  server.signal_all(SIGCONT);
  EXPECT_TRUE(works_again(*pool, 10s));
  beat.stop();
}

TEST_F(postgres_faults_test, connections_silent_beyond_the_statement_timeout_are_replaced) {
  auto pool = make_pool(200ms);
  ASSERT_TRUE(exec(*pool, 5s, "CREATE TABLE t (a bigint)"));
  server.signal_all(SIGSTOP);
  EXPECT_EQ(calls_during(*pool, 2s), 0);
  EXPECT_TRUE(pool->connected()) << "not yet longer than the margin";
  EXPECT_EQ(calls_during(*pool, 2s), 0);
  EXPECT_FALSE(pool->connected());
  server.signal_all(SIGCONT);
  EXPECT_TRUE(works_again(*pool, 15s));
}

TEST_F(postgres_faults_test, a_pool_on_a_frozen_server_is_destroyed_in_bounded_time) {
  auto pool = make_pool(5s);
  ASSERT_TRUE(exec(*pool, 5s, "CREATE TABLE t (a bigint)"));
  server.signal_all(SIGSTOP);
  EXPECT_EQ(calls_during(*pool, 500ms), 0);
  // One more that hangs in connecting, which no socket of ours can cut short.
  auto connecting = make_pool(5s);
  const auto begun = clock_type::now();
  pool.reset();
  connecting.reset();
  EXPECT_LT(clock_type::now() - begun, 3s);
  server.signal_all(SIGCONT);
}

TEST_F(postgres_faults_test, a_server_killed_and_restarted_is_found_again_with_its_data) {
  auto pool = make_pool(5s);
  ASSERT_TRUE(exec(*pool, 5s, "CREATE TABLE t (a bigint)"));
  ASSERT_TRUE(exec(*pool, 5s, "INSERT INTO t VALUES (1)"));
  server.signal_all(SIGKILL);
  EXPECT_EQ(calls_during(*pool, 500ms), 0);
  EXPECT_TRUE(run_on_loop(io, eventually([&] { return !pool->connected(); }, 5s)));
  server.start();
  EXPECT_TRUE(works_again(*pool, 15s));
  auto rows = exec(*pool, 5s, "SELECT count(*) FROM t WHERE a = 1");
  ASSERT_TRUE(rows) << rows.error().message;
  EXPECT_EQ(rows->integer(0, 0), 1);
}

}  // namespace
}  // namespace cornice::infra
