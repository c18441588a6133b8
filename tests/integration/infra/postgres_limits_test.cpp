// Deadlines, full queues, lost connections and the end of a pool.
#include "postgres_fixture.hpp"

#include <chrono>
#include <string>

namespace cornice::infra {
namespace {

using clock_type = std::chrono::steady_clock;

// A statement that ends when the test lets it: it waits for a lock that the test holds.
class postgres_limits_test : public postgres_test {
 protected:
  postgres_limits_test() { ok(holder_.exec(5s, "SELECT pg_advisory_lock(1)")); }

  void release() { ok(holder_.exec(5s, "SELECT pg_advisory_unlock(1)")); }
  // Connections whose statement waits for the lock now.
  std::int64_t waiting() const {
    return database
        .exec(
            "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND "
            "database = (SELECT oid FROM pg_database WHERE datname = current_database())")
        .integer(0, 0);
  }
  // Ends the connections of `application`, and returns when the server has ended them.
  void kill_backends(const std::string& application) {
    const auto killed = database.exec(
        "SELECT pid, pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '" +
        database.name() + "' AND application_name = '" + application + "'");
    ASSERT_FALSE(killed.empty());
    std::string pids;
    for (std::size_t i = 0; i < killed.size(); ++i)
      pids.append(i > 0 ? "," : "").append(killed.text(i, 0));
    const auto remaining = "SELECT count(*) FROM pg_stat_activity WHERE pid IN (" + pids + ")";
    ASSERT_TRUE(reach([&] { return database.exec(remaining).integer(0, 0) == 0; }));
  }

  static constexpr const char* blocked = "SELECT pg_advisory_lock(1)";

 private:
  pg_session holder_{io.get_executor(), database.config()};
};

TEST_F(postgres_limits_test, a_deadline_answers_at_once_while_the_statement_runs_on) {
  auto pool = make_pool(1);
  const auto begun = clock_type::now();
  const auto late = failed(pool->exec(100ms, blocked));
  EXPECT_EQ(late.code, errc::timed_out);
  EXPECT_LT(clock_type::now() - begun, 2s);
  release();
  EXPECT_EQ(ok(pool->exec(5s, "SELECT 1")).integer(0, 0), 1);
}

TEST_F(postgres_limits_test, a_call_that_had_not_begun_by_its_deadline_never_runs) {
  auto pool = make_pool(1);
  ok(pool->exec(5s, "CREATE TABLE t (a bigint)"));
  auto first = start(pool->exec(10s, blocked));
  ASSERT_TRUE(reach([&] { return waiting() == 1; }));
  auto second = start(pool->exec(50ms, "INSERT INTO t VALUES (1)"));
  const auto late = second.get();
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().code, errc::timed_out);
  EXPECT_EQ(pool->queued(), 0U);
  release();
  EXPECT_TRUE(first.get());
  EXPECT_EQ(ok(pool->exec(5s, "SELECT count(*) FROM t")).integer(0, 0), 0);
}

TEST_F(postgres_limits_test, a_full_queue_answers_overloaded) {
  auto config = database.config();
  config.connections = 1;
  config.queue_limit = 2;
  pg_pool pool{io.get_executor(), config, metrics};
  auto running = start(pool.exec(10s, blocked));
  ASSERT_TRUE(reach([&] { return waiting() == 1; }));
  auto first = start(pool.exec(10s, "SELECT 1"));
  auto second = start(pool.exec(10s, "SELECT 2"));
  ASSERT_TRUE(reach([&] { return pool.queued() == 2; }));
  EXPECT_EQ(failed(pool.exec(10s, "SELECT 3")).code, errc::overloaded);
  release();
  EXPECT_TRUE(running.get());
  EXPECT_EQ(first.get()->integer(0, 0), 1);
  EXPECT_EQ(second.get()->integer(0, 0), 2);
}

TEST_F(postgres_limits_test, the_server_ends_a_statement_at_its_timeout) {
  auto config = database.config();
  config.statement_timeout = 100ms;
  config.connections = 1;
  pg_pool pool{io.get_executor(), config, metrics};
  const auto ended = failed(pool.exec(10s, blocked));
  EXPECT_EQ(ended.code, errc::timed_out);
  EXPECT_NE(ended.message.find("57014"), std::string::npos) << ended.message;
  EXPECT_EQ(ok(pool.exec(5s, "SELECT 1")).integer(0, 0), 1);
}

TEST_F(postgres_limits_test, a_cancelled_call_is_given_up_at_once) {
  auto pool = make_pool(1);
  ok(pool->exec(5s, "CREATE TABLE t (a bigint)"));
  auto running = start(pool->exec(10s, blocked));
  ASSERT_TRUE(reach([&] { return waiting() == 1; }));
  stop_source stop{io.get_executor()};
  auto code = std::make_shared<std::optional<errc>>();
  struct caller {
    static task<> insert(pg_pool& pool, std::shared_ptr<std::optional<errc>> out) {
      auto done = co_await pool.exec(10s, "INSERT INTO t VALUES (1)");
      if (!done) *out = done.error().code;
    }
  };
  stop.spawn("insert", caller::insert(*pool, code));
  ASSERT_TRUE(reach([&] { return pool->queued() == 1; }));
  stop.request();
  ASSERT_TRUE(reach([&] { return code->has_value(); }));
  EXPECT_EQ(*code, errc::cancelled);
  release();
  EXPECT_TRUE(running.get());
  EXPECT_EQ(ok(pool->exec(5s, "SELECT count(*) FROM t")).integer(0, 0), 0);
}

TEST_F(postgres_limits_test, a_killed_idle_connection_is_replaced_before_its_next_use) {
  auto config = database.config();
  config.connections = 2;
  config.application_name = "victim";
  pg_pool pool{io.get_executor(), config, metrics};
  ok(pool.exec(5s, "SELECT 1"));
  kill_backends("victim");
  for (int i = 0; i < 10; ++i)
    EXPECT_EQ(ok(pool.exec(5s, "SELECT $1::bigint", pg_params{}.add(i))).integer(0, 0), i);
}

TEST_F(postgres_limits_test, a_connection_killed_in_a_statement_answers_unavailable) {
  auto config = database.config();
  config.connections = 1;
  config.application_name = "victim";
  pg_pool pool{io.get_executor(), config, metrics};
  auto running = start(pool.exec(10s, blocked));
  ASSERT_TRUE(reach([&] { return waiting() == 1; }));
  kill_backends("victim");
  const auto lost = running.get();
  ASSERT_FALSE(lost);
  EXPECT_EQ(lost.error().code, errc::unavailable) << lost.error().message;
  EXPECT_EQ(ok(pool.exec(5s, "SELECT 1")).integer(0, 0), 1);
}

TEST_F(postgres_limits_test, calls_time_out_and_say_why_while_there_is_no_server) {
  auto config = database.config();
  config.conninfo = "host=127.0.0.1 port=1 dbname=none user=none";
  pg_pool pool{io.get_executor(), config, metrics};
  const auto late = failed(pool.exec(300ms, "SELECT 1"));
  EXPECT_EQ(late.code, errc::timed_out);
  EXPECT_FALSE(pool.connected());
  EXPECT_FALSE(pool.last_error().empty());
  EXPECT_NE(late.message.find("not connected"), std::string::npos) << late.message;
}

TEST_F(postgres_limits_test, a_destroyed_pool_answers_what_is_left_and_does_not_wait_for_ever) {
  auto config = database.config();
  config.connections = 1;
  config.shutdown_grace = 50ms;
  auto pool = std::make_unique<pg_pool>(io.get_executor(), config, metrics);
  auto running = start(pool->exec(10s, blocked));
  ASSERT_TRUE(reach([&] { return waiting() == 1; }));
  auto queued = start(pool->exec(10s, "SELECT 1"));
  ASSERT_TRUE(reach([&] { return pool->queued() == 1; }));
  const auto begun = clock_type::now();
  pool.reset();
  EXPECT_LT(clock_type::now() - begun, 2s);
  EXPECT_EQ(queued.get().error().code, errc::cancelled);
  const auto cut = running.get();
  ASSERT_FALSE(cut);
  EXPECT_TRUE(cut.error().code == errc::cancelled || cut.error().code == errc::unavailable);
}

TEST_F(postgres_limits_test, a_destroyed_pool_lets_a_short_statement_end) {
  auto pool = make_pool(1);
  ok(pool->exec(5s, "CREATE TABLE t (a bigint)"));
  auto running = start(pool->exec(5s, "INSERT INTO t SELECT generate_series(1, 200000)"));
  ASSERT_TRUE(reach([&] { return pool->queued() == 0; }));
  pool.reset();
  EXPECT_TRUE(running.get()) << "cut although it ended within the grace";
}

TEST_F(postgres_limits_test, a_session_lock_excludes_others_until_its_session_ends) {
  auto first = std::make_unique<pg_session>(io.get_executor(), database.config());
  pg_session second{io.get_executor(), database.config()};
  const std::string attempt = "SELECT pg_try_advisory_lock(7)";
  EXPECT_TRUE(ok(first->exec(5s, attempt)).boolean(0, 0));
  EXPECT_FALSE(ok(second.exec(5s, attempt)).boolean(0, 0));
  first.reset();
  EXPECT_TRUE(reach([&] {
    return database
               .exec(
                   "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = 7 AND "
                   "database = (SELECT oid FROM pg_database WHERE datname = "
                   "current_database())")
               .integer(0, 0) == 0;
  }));
  EXPECT_TRUE(ok(second.exec(5s, attempt)).boolean(0, 0));
}

TEST_F(postgres_limits_test, a_lost_session_stays_lost) {
  auto config = database.config();
  config.application_name = "victim";
  pg_session session{io.get_executor(), config};
  ok(session.exec(5s, "SELECT pg_try_advisory_lock(7)"));
  EXPECT_TRUE(session.alive());
  kill_backends("victim");
  EXPECT_TRUE(reach([&] { return !session.alive(); }, 2s)) << "noticed without any call";
  EXPECT_EQ(failed(session.exec(5s, "SELECT 1")).code, errc::unavailable);
}

TEST_F(postgres_limits_test, a_session_that_cannot_connect_answers_unavailable) {
  auto config = database.config();
  config.conninfo = "host=127.0.0.1 port=1 dbname=none user=none";
  pg_session session{io.get_executor(), config};
  EXPECT_EQ(failed(session.exec(5s, "SELECT 1")).code, errc::unavailable);
  EXPECT_FALSE(session.alive());
}

}  // namespace
}  // namespace cornice::infra
