// One PostgreSQL connection; blocking, used by one thread at a time.
#pragma once

#include "cornice/infra/postgres.hpp"

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace cornice::infra {

/// When the statement that runs now was begun, for a look from another thread.
class pg_activity {
 public:
  void begin() noexcept;
  void end() noexcept { since_ns_.store(0, std::memory_order_relaxed); }
  /// True when one statement has been running for longer than `limit`.
  [[nodiscard]] bool longer_than(std::chrono::milliseconds limit) const noexcept;

 private:
  std::atomic<std::int64_t> since_ns_{0};
};

/// Connects in the constructor. Everything throws pg_error and nothing else.
class pg_connection {
 public:
  class impl;

  /// `activity` outlives the connection. `connected` is told the socket before the first statement
  /// of the session is sent, so that a server which falls silent there can be cut off as well.
  pg_connection(const pg_config& config, pg_activity& activity,
                const std::function<void(int socket)>& connected = {});
  ~pg_connection();
  pg_connection(const pg_connection&) = delete;
  pg_connection& operator=(const pg_connection&) = delete;

  /// One autocommitted statement.
  pg_rows exec(const std::string& sql, const pg_params& params);
  /// One READ COMMITTED transaction around `body`; rolls back when it throws.
  void transact(const std::function<void(pg_transaction&)>& body);
  /// False once the connection is broken or the server has hung up. Sends nothing: one poll(2).
  [[nodiscard]] bool healthy() const noexcept;

 private:
  std::unique_ptr<impl> impl_;
};

}  // namespace cornice::infra
