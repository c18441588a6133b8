#include "cornice/infra/postgres.hpp"

#include "infra/postgres_connection.hpp"
#include "infra/postgres_engine.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace cornice::infra {

namespace {

/// Lets the timer be woken while its coroutine waits, and no longer. The coroutine may be destroyed
/// in the middle of the wait: then nobody wants the call to be made any more.
class wait_mark {
 public:
  wait_mark(pg_engine& engine, std::shared_ptr<pg_job> job, asio::steady_timer& timer)
      : engine_{engine}, job_{std::move(job)} {
    job_->waiter = &timer;
  }
  ~wait_mark() {
    job_->waiter = nullptr;
    if (!job_->finished) engine_.withdraw(job_);
  }
  wait_mark(const wait_mark&) = delete;
  wait_mark& operator=(const wait_mark&) = delete;

 private:
  pg_engine& engine_;
  std::shared_ptr<pg_job> job_;
};

error give_up(pg_engine& engine, const std::shared_ptr<pg_job>& job, bool expired,
              std::chrono::milliseconds limit) {
  const bool never_begun = engine.withdraw(job);
  engine.cut_hung();
  std::string text =
      expired ? "no answer from PostgreSQL within " + std::to_string(limit.count()) + " ms"
              : "PostgreSQL call given up by its caller";
  text += never_begun ? "; it had not begun and never will"
                      : "; it was running, its outcome is unknown";
  if (const auto why = engine.last_error(); !why.empty()) text += "; not connected: " + why;
  return {expired ? errc::timed_out : errc::cancelled, std::move(text)};
}

/// The deadline's timer is also what the answer wakes: one wait covers answer, deadline and
/// cancellation.
task<result<void>> call(std::shared_ptr<pg_engine> engine, std::chrono::milliseconds limit,
                        std::function<void(pg_connection&)> work) {
  const instant begun = std::chrono::steady_clock::now();
  auto job = std::make_shared<pg_job>();
  job->work = std::move(work);
  job->deadline = begun + limit;
  std::optional<error> failure;
  if (auto accepted = engine->submit(job); !accepted) {
    failure = accepted.error();
  } else {
    asio::steady_timer timer{engine->loop(), job->deadline};
    boost::system::error_code woken;
    wait_mark mark{*engine, job, timer};
    co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, woken));
    failure = job->finished ? job->failure : give_up(*engine, job, !woken, limit);
  }
  engine->observe(begun, failure);
  if (failure) co_return std::move(*failure);
  co_return result<void>{};
}

task<result<pg_rows>> call_exec(std::shared_ptr<pg_engine> engine, std::chrono::milliseconds limit,
                                std::string sql, pg_params params) {
  auto rows = std::make_shared<std::optional<pg_rows>>();
  std::function<void(pg_connection&)> work =
      [rows, sql = std::move(sql), params = std::move(params)](pg_connection& connection) {
        rows->emplace(connection.exec(sql, params));
      };
  auto done = co_await call(std::move(engine), limit, std::move(work));
  if (!done) co_return done.error();
  co_return std::move(**rows);
}

/// Runs `work` on a connection made for it.
template <class F>
auto on_own_connection(const pg_config& config, F work)
    -> result<std::invoke_result_t<F&, pg_connection&>> {
  pg_activity activity;
  try {
    pg_connection connection{config, activity};
    if constexpr (std::is_void_v<std::invoke_result_t<F&, pg_connection&>>) {
      work(connection);
      return {};
    } else {
      return work(connection);
    }
  } catch (const pg_error& e) {
    return error{e.code(), e.what()};
  } catch (const std::exception& e) {
    return error{errc::internal, std::string{"transaction body threw: "} + e.what()};
  }
}

}  // namespace

pg_pool::pg_pool(asio::any_io_executor loop, pg_config config, metrics_registry& metrics)
    : engine_{std::make_shared<pg_engine>(std::move(loop), std::move(config),
                                          pg_engine::after_loss::connect_again,
                                          pg_metrics{metrics})} {
  engine_->start();
}

pg_pool::~pg_pool() {
  engine_->close();
}

task<result<pg_rows>> pg_pool::exec(std::chrono::milliseconds deadline, std::string sql,
                                    pg_params params) {
  return call_exec(engine_, deadline, std::move(sql), std::move(params));
}

task<result<void>> pg_pool::run_erased(std::chrono::milliseconds deadline,
                                       std::function<void(pg_transaction&)> body) {
  std::function<void(pg_connection&)> work = [body = std::move(body)](pg_connection& connection) {
    connection.transact(body);
  };
  return call(engine_, deadline, std::move(work));
}

bool pg_pool::connected() const noexcept {
  return engine_->connected();
}

std::string pg_pool::last_error() const {
  return engine_->last_error();
}

std::size_t pg_pool::queued() const noexcept {
  return engine_->queued();
}

pg_session::pg_session(asio::any_io_executor loop, pg_config config) {
  config.connections = 1;
  engine_ = std::make_shared<pg_engine>(std::move(loop), std::move(config),
                                        pg_engine::after_loss::end, pg_metrics{});
  engine_->start();
}

pg_session::~pg_session() {
  engine_->close();
}

task<result<pg_rows>> pg_session::exec(std::chrono::milliseconds deadline, std::string sql,
                                       pg_params params) {
  return call_exec(engine_, deadline, std::move(sql), std::move(params));
}

bool pg_session::alive() const noexcept {
  return engine_->connected();
}

result<void> run_blocking(const pg_config& config,
                          const std::function<void(pg_transaction&)>& body) {
  return on_own_connection(config, [&](pg_connection& connection) { connection.transact(body); });
}

result<pg_rows> exec_blocking(const pg_config& config, const std::string& sql,
                              const pg_params& params) {
  return on_own_connection(config,
                           [&](pg_connection& connection) { return connection.exec(sql, params); });
}

}  // namespace cornice::infra
