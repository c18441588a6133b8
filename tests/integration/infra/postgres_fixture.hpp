// What the PostgreSQL tests share: a database of their own, a loop, and calls that run side by
// side.
#pragma once

#include "cornice/infra/metrics.hpp"
#include "cornice/infra/postgres.hpp"
#include "cornice_test/services.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>

namespace cornice::infra {

using namespace std::chrono_literals;
using cornice_test::eventually;
using cornice_test::run_on_loop;

// A call that runs while the test does something else.
template <class T>
class pending {
 public:
  pending(asio::io_context& io, task<T> work) : io_{io}, value_{std::make_shared<slot>()} {
    asio::co_spawn(io, cornice_test::detail::store(std::move(work), value_),
                   [keep = value_](std::exception_ptr e) {
                     if (e) std::rethrow_exception(e);
                   });
  }
  [[nodiscard]] bool done() const { return value_->has_value(); }
  // Runs the loop until the call has ended.
  T get() {
    auto value = value_;
    if (!run_on_loop(io_, eventually([value] { return value->has_value(); }, 20s)))
      throw std::runtime_error{"the call has not ended within 20 s"};
    return **value_;
  }

 private:
  using slot = std::optional<T>;
  asio::io_context& io_;
  std::shared_ptr<slot> value_;
};

class postgres_test : public testing::Test {
 protected:
  // A pool on `database`, with up to the settings of the test.
  std::unique_ptr<pg_pool> make_pool(std::size_t connections = 2) {
    auto config = database.config();
    config.connections = connections;
    return std::make_unique<pg_pool>(io.get_executor(), config, metrics);
  }
  pending<result<pg_rows>> start(task<result<pg_rows>> call) { return {io, std::move(call)}; }
  // Ends with a failure of the test when the call failed.
  pg_rows ok(task<result<pg_rows>> call) {
    auto rows = run_on_loop(io, std::move(call));
    if (!rows) throw std::runtime_error{"unexpected error: " + rows.error().message};
    return *rows;
  }
  error failed(task<result<pg_rows>> call) {
    auto rows = run_on_loop(io, std::move(call));
    if (rows) throw std::runtime_error{"the call succeeded, an error was expected"};
    return rows.error();
  }
  // Lets the loop run until `holds`; the wait is bounded.
  bool reach(std::function<bool()> holds, std::chrono::milliseconds limit = 10s) {
    return run_on_loop(io, eventually(std::move(holds), limit));
  }

  cornice_test::throwaway_database database;
  metrics_registry metrics;
  asio::io_context io;
};

}  // namespace cornice::infra
