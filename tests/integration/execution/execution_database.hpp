// A database with the schema, a loop, and what the tests of execution ask the database.
#pragma once

#include "../../unit/execution/market_world.hpp"
#include "cornice/execution/lease.hpp"
#include "cornice/execution/store.hpp"
#include "cornice/infra/amqp.hpp"
#include "cornice/infra/metrics.hpp"
#include "cornice/infra/postgres.hpp"
#include "cornice_test/services.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>

namespace cornice::execution::testing {

using namespace std::chrono_literals;
using cornice_test::eventually;
using cornice_test::run_on_loop;

class execution_database {
 public:
  explicit execution_database(const cornice_test::services& where = cornice_test::services::get())
      : database_{where} {
    const auto migrated = infra::apply_migrations(database_.config(),
                                                  std::string{CORNICE_SOURCE_DIR} + "/migrations");
    if (!migrated) throw std::runtime_error{migrated.error().message};
  }
  [[nodiscard]] infra::pg_config config(std::size_t connections = 2) const {
    auto c = database_.config();
    c.connections = connections;
    return c;
  }
  // The first value of the answer, empty when there is none.
  std::string value(const std::string& sql) const {
    const auto rows = database_.exec(sql);
    return rows.empty() || rows.is_null(0, 0) ? std::string{} : std::string{rows.text(0, 0)};
  }
  std::int64_t count(const std::string& of) const {
    return database_.exec("SELECT count(*) FROM " + of).integer(0, 0);
  }
  void exec(const std::string& sql) const { static_cast<void>(database_.exec(sql)); }

 private:
  cornice_test::throwaway_database database_;
};

// Holds a lock until it is destroyed, so that whoever needs it waits. Has a loop of its own: it may
// be taken while the loop of the test runs.
class held_lock {
 public:
  held_lock(const infra::pg_config& config, const std::string& sql)
      : session_{io_.get_executor(), config} {
    for (const std::string& each : {std::string{"BEGIN"}, sql}) {
      const auto done = run_on_loop(io_, session_.exec(5s, each));
      if (!done) throw std::runtime_error{each + ": " + done.error().message};
    }
  }

 private:
  infra::asio::io_context io_;
  infra::pg_session session_;
};

class database_test : public ::testing::Test {
 protected:
  bool reach(std::function<bool()> holds, std::chrono::milliseconds limit = 15s) {
    return run_on_loop(io, eventually(std::move(holds), limit), limit + 10s);
  }
  std::unique_ptr<lease> take_lease(const std::string& holder) {
    auto taken = try_lease(holder);
    if (!taken) throw std::runtime_error{taken.error().message};
    return std::move(*taken);
  }
  result<std::unique_ptr<lease>> try_lease(const std::string& holder) {
    return run_on_loop(io, lease::acquire(io.get_executor(), database.config(1),
                                          lease_name(store_config{}), holder));
  }

  execution_database database;
  infra::metrics_registry metrics;
  infra::asio::io_context io;
};

inline infra::amqp_config broker_settings(const cornice_test::amqp_settings& s) {
  infra::amqp_config c;
  c.host = s.host;
  c.port = s.port;
  c.vhost = s.vhost;
  c.user = s.user;
  c.password = s.password;
  c.reconnect_min = 20ms;
  c.reconnect_max = 200ms;
  return c;
}

inline bool up(const infra::amqp_client& c) {
  return c.publish_state() == infra::amqp_state::up && c.consume_state() == infra::amqp_state::up;
}

}  // namespace cornice::execution::testing
