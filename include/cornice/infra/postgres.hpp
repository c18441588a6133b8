// PostgreSQL behind awaitable calls. libpqxx blocks, so it lives on threads of this pool; the loop
// never waits for it.
#pragma once

#include "cornice/base/result.hpp"
#include "cornice/base/time.hpp"
#include "cornice/infra/async.hpp"
#include "cornice/infra/metrics.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace cornice::infra {

class pg_engine;  // private: threads, queue and connections

/// Parameters of one statement, in order ($1, $2, …). Owns its text.
class pg_params {
 public:
  pg_params& add(std::string v) {
    values_.emplace_back(std::move(v));
    return *this;
  }
  pg_params& add(std::string_view v) { return add(std::string{v}); }
  pg_params& add(const char* v) { return add(std::string{v}); }
  template <std::integral T>
  requires(!std::same_as<T, bool> && !std::same_as<T, char>) pg_params& add(T v) {
    return add(std::to_string(v));
  }
  pg_params& add(bool v) {
    values_.emplace_back(v ? "true" : "false");
    return *this;
  }
  pg_params& add(timestamp v) {
    values_.emplace_back(to_rfc3339(v));
    return *this;
  }
  pg_params& add_null() {
    values_.emplace_back(std::nullopt);
    return *this;
  }
  /// NULL when empty.
  template <class T>
  pg_params& add_optional(const std::optional<T>& v) {
    return v ? add(*v) : add_null();
  }
  /// A text[] parameter.
  pg_params& add_array(const std::vector<std::string>& v);
  [[nodiscard]] const std::vector<std::optional<std::string>>& values() const noexcept {
    return values_;
  }

 private:
  std::vector<std::optional<std::string>> values_;
};

/// Rows of one answer. Column access is by position; a wrong position, an unexpected NULL or a text
/// that is not of the asked type throws pg_error (corrupt). Cheap to copy; views live as long as
/// any copy of the answer.
class pg_rows {
 public:
  struct state;
  explicit pg_rows(std::shared_ptr<const state> s) : state_{std::move(s)} {}
  [[nodiscard]] std::size_t size() const noexcept;
  [[nodiscard]] bool empty() const noexcept { return size() == 0; }
  /// Rows changed by an INSERT/UPDATE/DELETE.
  [[nodiscard]] std::size_t affected() const noexcept;
  [[nodiscard]] bool is_null(std::size_t row, std::size_t column) const;
  [[nodiscard]] std::string_view text(std::size_t row, std::size_t column) const;
  [[nodiscard]] std::int64_t integer(std::size_t row, std::size_t column) const;
  [[nodiscard]] bool boolean(std::size_t row, std::size_t column) const;
  [[nodiscard]] timestamp time(std::size_t row, std::size_t column) const;

 private:
  std::shared_ptr<const state> state_;
};

/// Thrown inside transaction bodies; becomes an error of the awaiting call.
///
/// | code             | SQLSTATE                                                               |
/// |------------------|------------------------------------------------------------------------|
/// | conflict         | unique and exclusion violations, serialization failure, deadlock       |
/// | refused          | other constraints, triggers (RAISE), missing grants, read-only server  |
/// | invalid_argument | class 22: a value that its type does not take                          |
/// | timed_out        | statement, lock and idle-in-transaction timeouts                       |
/// | unavailable      | connection lost, server starting, stopping or out of resources         |
/// | unauthorized     | class 28                                                               |
/// | corrupt          | class XX data corruption, unexpected NULL, type or column              |
/// | internal         | everything else: wrong SQL, unknown tables                             |
///
/// When a connection is lost while a call runs, its `unavailable` says so in the text, and whether
/// a write was committed is then unknown, as it is with `timed_out` from a deadline.
class pg_error : public std::runtime_error {
 public:
  pg_error(errc code, std::string sqlstate, const std::string& what)
      : std::runtime_error{what}, code_{code}, sqlstate_{std::move(sqlstate)} {}
  [[nodiscard]] errc code() const noexcept { return code_; }
  [[nodiscard]] const std::string& sqlstate() const noexcept { return sqlstate_; }

 private:
  errc code_;
  std::string sqlstate_;
};

/// One open transaction, on a pool thread.
class pg_transaction {
 public:
  virtual ~pg_transaction() = default;
  /// One statement. With parameters it is prepared on first use per connection and cached by its
  /// text, so pass texts from a small fixed set (past 256 texts a connection prepares no more).
  virtual pg_rows exec(std::string_view sql, const pg_params& params = {}) = 0;
  /// COPY rows in text form. `table` and `columns` are names of ours, written into the statement
  /// as they are. A row has one cell per column; cells that are nullopt become NULL.
  virtual void copy_in(std::string_view table, const std::vector<std::string>& columns,
                       const std::vector<std::vector<std::optional<std::string>>>& rows) = 0;
  /// Several statements without parameters or result (migrations).
  virtual void exec_script(std::string_view sql) = 0;
};

struct pg_config {
  /// libpq connection string or URI, password included by the caller. Settings that it does not
  /// name get defaults: connect_timeout, application_name, TCP keepalives and tcp_user_timeout.
  std::string conninfo;
  std::size_t connections = 4;  ///< one thread each; 1..64
  /// Calls waiting for a connection; beyond it a call fails with `overloaded`.
  std::size_t queue_limit = 4096;
  std::chrono::milliseconds connect_timeout{5000};  ///< libpq counts whole seconds, at least two
  /// Limit of one statement at the server. A connection silent for two seconds longer is hung: its
  /// socket is shut and the thread connects anew.
  std::chrono::milliseconds statement_timeout{5000};
  std::chrono::milliseconds reconnect_min{100};
  std::chrono::milliseconds reconnect_max{5000};
  /// How long running statements may take to end when the pool is destroyed.
  std::chrono::milliseconds shutdown_grace{2000};
  std::string application_name = "cornice";
};

/// Pool of connections, each owned by one thread. All calls from the loop thread. When the deadline
/// passes first, the call answers `timed_out` at once while the thread still works: the outcome of
/// that transaction is unknown to the caller. A call that had not begun by its deadline is dropped,
/// never run late; so is one whose coroutine is cancelled (`cancelled`). Connections that break are
/// made anew for ever; calls wait for them until their deadline.
///
/// Metrics: cornice_postgres_connections, cornice_postgres_call_seconds (from the call to its
/// answer), cornice_postgres_failures_total{code}.
class pg_pool {
 public:
  pg_pool(asio::any_io_executor loop, pg_config config, metrics_registry& metrics);
  /// Queued calls answer `cancelled`. Running ones may end within `shutdown_grace`; then their
  /// sockets are shut and they answer `cancelled` too. A thread that hangs in connecting is left
  /// behind and touches nothing any more.
  ~pg_pool();
  pg_pool(const pg_pool&) = delete;
  pg_pool& operator=(const pg_pool&) = delete;

  /// Runs `body` in one transaction (READ COMMITTED) on a pool thread and commits; whatever `body`
  /// throws rolls back. `body` must not touch loop state: everything it uses is moved or copied in.
  template <class F>
  auto run(std::chrono::milliseconds deadline, F body)
      -> task<result<std::invoke_result_t<F&, pg_transaction&>>> {
    using value = std::invoke_result_t<F&, pg_transaction&>;
    if constexpr (std::is_void_v<value>) {
      std::function<void(pg_transaction&)> work = std::move(body);
      co_return co_await run_erased(deadline, std::move(work));
    } else {
      auto slot = std::make_shared<std::optional<value>>();
      std::function<void(pg_transaction&)> work =
          [slot, body = std::move(body)](pg_transaction& tx) mutable { slot->emplace(body(tx)); };
      auto done = co_await run_erased(deadline, std::move(work));
      if (!done) co_return done.error();
      co_return std::move(**slot);
    }
  }

  /// A single autocommitted statement: one round trip, the cheapest durable write there is.
  task<result<pg_rows>> exec(std::chrono::milliseconds deadline, std::string sql,
                             pg_params params = {});

  /// True while at least one connection is up.
  [[nodiscard]] bool connected() const noexcept;
  /// Text of the last connection error, empty while connected.
  [[nodiscard]] std::string last_error() const;
  /// Calls queued and not yet begun.
  [[nodiscard]] std::size_t queued() const noexcept;

 private:
  task<result<void>> run_erased(std::chrono::milliseconds deadline,
                                std::function<void(pg_transaction&)> body);
  std::shared_ptr<pg_engine> engine_;
};

/// A connection that is held for its whole life: session locks live as long as it does.
/// Used for the execution lease (pg_try_advisory_lock). Own thread; loop-thread calls. A loss is
/// noticed within about a quarter of a second even while nothing runs.
class pg_session {
 public:
  pg_session(asio::any_io_executor loop, pg_config config);
  ~pg_session();
  pg_session(const pg_session&) = delete;
  pg_session& operator=(const pg_session&) = delete;
  /// Runs on the session's one connection; fails with `unavailable` once that connection is lost
  /// (locks are gone with it; a new session is needed).
  task<result<pg_rows>> exec(std::chrono::milliseconds deadline, std::string sql,
                             pg_params params = {});
  /// True from the first connect until the connection is lost or found hung. Calls made before the
  /// first connect wait for it.
  [[nodiscard]] bool alive() const noexcept;

 private:
  std::shared_ptr<pg_engine> engine_;
};

/// What apply_migrations() did.
struct migration_report {
  std::vector<std::string> applied;  ///< file names applied now
  std::size_t already = 0;           ///< files that were applied before
};
/// Applies the SQL files `NNNN_name.sql` of `directory` (numbered from 0001) in order under an
/// advisory lock, each in its own transaction, and records their SHA-256 in table
/// `schema_migration`. A script must not end its transaction. Blocking; start-up and CLI only.
/// Errors: corrupt (an applied file is missing or changed, a number is doubled or skipped, a name
/// breaks the rule), not_found (no such folder), io (unreadable file), and those of pg_error.
[[nodiscard]] result<migration_report> apply_migrations(const pg_config& config,
                                                        const std::string& directory);

/// Runs one transaction on a connection of its own and returns. Blocking; CLI only.
[[nodiscard]] result<void> run_blocking(const pg_config& config,
                                        const std::function<void(pg_transaction&)>& body);

/// Runs one autocommitted statement on a connection of its own. Blocking; CLI and tests only.
[[nodiscard]] result<pg_rows> exec_blocking(const pg_config& config, const std::string& sql,
                                            const pg_params& params = {});

}  // namespace cornice::infra
