#include "infra/postgres_connection.hpp"

#include "infra/postgres_conninfo.hpp"
#include "infra/postgres_error.hpp"
#include "infra/postgres_pqxx.hpp"

#include <poll.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <string_view>
#include <unordered_map>

namespace cornice::infra {

namespace {

using namespace std::chrono_literals;

constexpr std::size_t prepared_max = 256;
constexpr std::size_t shown_sql_bytes_max = 160;

std::int64_t steady_ns() noexcept {
  return std::chrono::nanoseconds{std::chrono::steady_clock::now().time_since_epoch()}.count();
}

class busy_mark {
 public:
  explicit busy_mark(pg_activity& activity) noexcept : activity_{activity} { activity_.begin(); }
  ~busy_mark() { activity_.end(); }
  busy_mark(const busy_mark&) = delete;
  busy_mark& operator=(const busy_mark&) = delete;

 private:
  pg_activity& activity_;
};

std::string complete_conninfo(const pg_config& config) {
  const auto seconds =
      std::max(std::chrono::ceil<std::chrono::seconds>(config.connect_timeout), 2s).count();
  auto text = with_default_setting(config.conninfo, "connect_timeout", std::to_string(seconds));
  text = with_default_setting(std::move(text), "application_name", config.application_name);
  text = with_default_setting(std::move(text), "client_encoding", "UTF8");
  // A peer that vanished without a word is noticed within about ten seconds, idle or not.
  text = with_default_setting(std::move(text), "keepalives_idle", "5");
  text = with_default_setting(std::move(text), "keepalives_interval", "2");
  text = with_default_setting(std::move(text), "keepalives_count", "3");
  return with_default_setting(std::move(text), "tcp_user_timeout", "10000");
}

std::string session_settings(const pg_config& config) {
  // A transaction of ours that stands still (this process stopped, say) must not hold its locks
  // for ever.
  const auto idle = std::max<std::chrono::milliseconds>(2 * config.statement_timeout, 10s);
  return "SET statement_timeout = " + std::to_string(config.statement_timeout.count()) +
         "; SET idle_in_transaction_session_timeout = " + std::to_string(idle.count()) +
         "; SET client_min_messages = warning; SET TimeZone = 'UTC'";
}

/// The state of an error whose class libpqxx told by type alone: 6.4 leaves sqlstate() empty for
/// some of them.
std::string sqlstate_of(const pqxx::sql_error& e) {
  if (!e.sqlstate().empty()) return e.sqlstate();
  if (dynamic_cast<const pqxx::unique_violation*>(&e) != nullptr) return "23505";
  if (dynamic_cast<const pqxx::integrity_constraint_violation*>(&e) != nullptr) return "23000";
  if (dynamic_cast<const pqxx::insufficient_privilege*>(&e) != nullptr) return "42501";
  if (dynamic_cast<const pqxx::insufficient_resources*>(&e) != nullptr) return "53000";
  if (dynamic_cast<const pqxx::data_exception*>(&e) != nullptr) return "22000";
  if (dynamic_cast<const pqxx::feature_not_supported*>(&e) != nullptr) return "0A000";
  if (dynamic_cast<const pqxx::plpgsql_raise*>(&e) != nullptr) return "P0001";
  return {};
}

/// The same for rollbacks, which libpqxx 6 does not count as SQL errors.
std::string sqlstate_of(const pqxx::transaction_rollback& e) {
  if (dynamic_cast<const pqxx::deadlock_detected*>(&e) != nullptr) return "40P01";
  if (dynamic_cast<const pqxx::statement_completion_unknown*>(&e) != nullptr) return "40003";
  if (dynamic_cast<const pqxx::serialization_failure*>(&e) != nullptr) return "40001";
  return "40000";
}

}  // namespace

void pg_activity::begin() noexcept {
  since_ns_.store(steady_ns(), std::memory_order_relaxed);
}

bool pg_activity::longer_than(std::chrono::milliseconds limit) const noexcept {
  const auto since = since_ns_.load(std::memory_order_relaxed);
  return since != 0 && steady_ns() - since > std::chrono::nanoseconds{limit}.count();
}

class pg_connection::impl {
 public:
  impl(const pg_config& config, pg_activity& activity,
       const std::function<void(int socket)>& connected)
      : activity_{activity}, connection_{complete_conninfo(config)}, silence_{connection_} {
    pqxx_adapter::forbid_reconnect(connection_);
    if (connected) connected(connection_.sock());
    busy_mark mark{activity_};
    pqxx::nontransaction tx{connection_};
    tx.exec(session_settings(config));
    tx.commit();
  }

  /// Runs `work`, in the name of `what`, and turns whatever libpqxx throws into pg_error.
  template <class F>
  auto guarded(std::string_view what, F work) {
    busy_mark mark{activity_};
    try {
      return work();
    } catch (const pg_error&) {
      throw;
    } catch (const pqxx::in_doubt_error& e) {
      throw pg_error{
          errc::unavailable, "",
          "connection lost at COMMIT, whether it took place is unknown: " + one_line(e.what())};
    } catch (const pqxx::transaction_rollback& e) {
      throw_with_state(e, sqlstate_of(e), what);
    } catch (const pqxx::sql_error& e) {
      throw_sql_error(e, what);
    } catch (const pqxx::broken_connection& e) {
      throw_lost(e, what);
    } catch (const std::exception& e) {
      if (!connection_.is_open()) throw_lost(e, what);
      throw pg_error{errc::internal, "", describe(e.what(), "", what)};
    }
  }

  pg_rows run(pqxx::transaction_base& tx, std::string_view sql, const pg_params& params) {
    return guarded(sql, [&] {
      auto answer = std::make_shared<pg_rows::state>();
      answer->rows = send(tx, std::string{sql}, params);
      return pg_rows{std::move(answer)};
    });
  }

  void forget(const std::string& sql) { prepared_.erase(sql); }

  pqxx::connection& connection() noexcept { return connection_; }
  [[nodiscard]] const pqxx::connection& connection() const noexcept { return connection_; }

 private:
  pqxx::result send(pqxx::transaction_base& tx, const std::string& sql, const pg_params& params) {
    if (params.values().empty()) return tx.exec(sql);
    auto known = prepared_.find(sql);
    if (known == prepared_.end()) {
      if (prepared_.size() >= prepared_max) return pqxx_adapter::exec_params(tx, sql, params);
      const auto name = "cornice_" + std::to_string(++statements_);
      connection_.prepare(name, sql);
      known = prepared_.emplace(sql, name).first;
    }
    return pqxx_adapter::exec_prepared(tx, known->second, params);
  }

  static std::string describe(std::string_view text, std::string_view sqlstate,
                              std::string_view what) {
    std::string out = one_line(text);
    if (!sqlstate.empty()) out.append(" (SQLSTATE ").append(sqlstate).append(")");
    out.append(" in: ").append(one_line(what.substr(0, shown_sql_bytes_max)));
    if (what.size() > shown_sql_bytes_max) out += "…";
    return out;
  }

  [[noreturn]] void throw_sql_error(const pqxx::sql_error& e, std::string_view what) {
    const auto state = sqlstate_of(e);
    // libpqxx reports some lost connections as a failed statement without a state.
    if (state.empty() && !connection_.is_open()) throw_lost(e, what);
    throw_with_state(e, state, what);
  }

  [[noreturn]] static void throw_with_state(const std::exception& e, const std::string& state,
                                            std::string_view what) {
    throw pg_error{errc_of_sqlstate(state), state, describe(e.what(), state, what)};
  }

  [[noreturn]] static void throw_lost(const std::exception& e, std::string_view what) {
    throw pg_error{
        errc::unavailable, "",
        "connection lost, what the statement did is unknown: " + describe(e.what(), "", what)};
  }

  pg_activity& activity_;
  pqxx::connection connection_;
  pqxx_adapter::silence silence_;
  std::unordered_map<std::string, std::string> prepared_;
  std::uint64_t statements_ = 0;
};

namespace {

/// What the body of a transaction sees.
class pg_open_transaction final : public pg_transaction {
 public:
  pg_open_transaction(pg_connection::impl& connection, pqxx::transaction_base& tx)
      : connection_{connection}, tx_{tx} {}

  pg_rows exec(std::string_view sql, const pg_params& params) override {
    return connection_.run(tx_, sql, params);
  }

  void copy_in(std::string_view table, const std::vector<std::string>& columns,
               const std::vector<std::vector<std::optional<std::string>>>& rows) override {
    for (const auto& row : rows)
      if (row.size() != columns.size())
        throw pg_error{errc::invalid_argument, "",
                       "COPY " + std::string{table} + ": a row of " + std::to_string(row.size()) +
                           " cells for " + std::to_string(columns.size()) + " columns"};
    connection_.guarded("COPY " + std::string{table},
                        [&] { pqxx_adapter::copy(tx_, std::string{table}, columns, rows); });
  }

  void exec_script(std::string_view sql) override { connection_.run(tx_, sql, {}); }

 private:
  pg_connection::impl& connection_;
  pqxx::transaction_base& tx_;
};

}  // namespace

pg_connection::pg_connection(const pg_config& config, pg_activity& activity,
                             const std::function<void(int socket)>& connected) {
  try {
    impl_ = std::make_unique<impl>(config, activity, connected);
  } catch (const std::exception& e) {
    throw pg_error{errc::unavailable, "", "cannot connect: " + one_line(e.what())};
  }
}

pg_connection::~pg_connection() = default;

pg_rows pg_connection::exec(const std::string& sql, const pg_params& params) {
  const auto once = [&] {
    pqxx::nontransaction tx{impl_->connection()};
    auto rows = impl_->run(tx, sql, params);
    tx.commit();
    return rows;
  };
  try {
    return once();
  } catch (const pg_error& e) {
    // "cached plan must not change result type": the table was altered after the statement was
    // prepared. Nothing was done, so preparing anew is safe.
    if (e.sqlstate() != "0A000" || params.values().empty()) throw;
  }
  impl_->forget(sql);
  return once();
}

void pg_connection::transact(const std::function<void(pg_transaction&)>& body) {
  std::optional<pqxx::work> tx;
  impl_->guarded("BEGIN", [&] { tx.emplace(impl_->connection()); });
  pg_open_transaction view{*impl_, *tx};
  try {
    body(view);
  } catch (...) {
    const auto cause = std::current_exception();
    try {
      impl_->guarded("ROLLBACK", [&] { tx->abort(); });
    } catch (const pg_error&) {
      // The server rolls back by itself when the connection goes; the body's error says more.
    }
    std::rethrow_exception(cause);
  }
  impl_->guarded("COMMIT", [&] { tx->commit(); });
}

bool pg_connection::healthy() const noexcept {
  const auto& connection = impl_->connection();
  if (!connection.is_open()) return false;
  pollfd one{connection.sock(), POLLIN | POLLRDHUP, 0};
  const int ready = ::poll(&one, 1, 0);
  if (ready == 0) return true;
  if (ready < 0) return errno == EINTR;
  return (one.revents & (POLLRDHUP | POLLHUP | POLLERR | POLLNVAL)) == 0;
}

}  // namespace cornice::infra
