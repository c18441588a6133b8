// PostgreSQL behind awaitable calls. libpqxx blocks, so it lives on threads of this pool; the loop
// never waits for it.
#pragma once

#include "cornice/base/result.hpp"
#include "cornice/base/time.hpp"
#include "cornice/infra/async.hpp"
#include "cornice/infra/metrics.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace cornice::infra {

/// Parameters of one statement, in order ($1, $2, …). Owns its text.
class pg_params {
 public:
  pg_params& add(std::string_view v) {
    values_.emplace_back(std::string{v});
    return *this;
  }
  pg_params& add(const char* v) { return add(std::string_view{v}); }
  pg_params& add(std::int64_t v) {
    values_.emplace_back(std::to_string(v));
    return *this;
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
  /// A text[] parameter.
  pg_params& add_array(const std::vector<std::string>& v);
  [[nodiscard]] const std::vector<std::optional<std::string>>& values() const noexcept {
    return values_;
  }

 private:
  std::vector<std::optional<std::string>> values_;
};

/// Rows of one answer. Column access is by position; a wrong position or an unexpected NULL throws
/// pg_error.
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

/// Thrown inside transaction bodies; becomes an error of the awaiting call. Codes: unavailable
/// (connection), timed_out (statement timeout), conflict (unique, serialization, deadlock), refused
/// (constraint, trigger, grant), internal (syntax), corrupt (unexpected NULL or type).
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

/// One open transaction, on a pool thread. Statements with parameters are prepared on first use per
/// connection and cached by their text, so pass string literals or long-lived texts.
class pg_transaction {
 public:
  virtual ~pg_transaction() = default;
  virtual pg_rows exec(std::string_view sql, const pg_params& params = {}) = 0;
  /// COPY rows in text form. `columns` names the target columns. Cells that are nullopt become
  /// NULL.
  virtual void copy_in(std::string_view table, const std::vector<std::string>& columns,
                       const std::vector<std::vector<std::optional<std::string>>>& rows) = 0;
  /// Several statements without parameters or result (migrations).
  virtual void exec_script(std::string_view sql) = 0;
};

struct pg_config {
  std::string conninfo;         ///< libpq connection string or URI, password included by the caller
  std::size_t connections = 4;  ///< one thread each; 1..64
  std::size_t queue_limit =
      4096;  ///< calls waiting for a connection; beyond it a call fails with `overloaded`
  std::chrono::milliseconds connect_timeout{5000};
  std::chrono::milliseconds statement_timeout{5000};
  std::chrono::milliseconds reconnect_min{100};
  std::chrono::milliseconds reconnect_max{5000};
  std::string application_name = "cornice";
};

/// Pool of connections, each owned by one thread. All calls from the loop thread. When the deadline
/// passes first, the call answers `timed_out` at once while the thread still works: the outcome of
/// that transaction is unknown to the caller. A call that had not begun by its deadline is dropped,
/// never run late.
class pg_pool {
 public:
  pg_pool(asio::any_io_executor loop, pg_config config, metrics_registry& metrics);
  /// Stops accepting, lets running statements end (bounded by statement_timeout), joins.
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
      co_return co_await run_erased(deadline, std::move(body));
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
  struct state;
  std::shared_ptr<state> state_;
};

/// A connection that is held for its whole life: session locks live as long as it does.
/// Used for the execution lease (pg_try_advisory_lock). Own thread; loop-thread calls.
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
  [[nodiscard]] bool alive() const noexcept;

 private:
  struct state;
  std::shared_ptr<state> state_;
};

/// Numbered SQL files `NNNN_name.sql` of `directory`, applied in order under an advisory lock, each
/// in its own transaction, with its SHA-256 recorded in table `schema_migration`. Blocking;
/// start-up and CLI only. Errors: corrupt (an applied file is missing or changed, a number is
/// doubled or skipped), unavailable, refused, timed_out.
struct migration_report {
  std::vector<std::string> applied;  ///< file names applied now
  std::size_t already = 0;           ///< files that were applied before
};
[[nodiscard]] result<migration_report> apply_migrations(const pg_config& config,
                                                        const std::string& directory);

/// Runs one transaction on a connection of its own and returns. Blocking; CLI only.
[[nodiscard]] result<void> run_blocking(const pg_config& config,
                                        const std::function<void(pg_transaction&)>& body);

}  // namespace cornice::infra
