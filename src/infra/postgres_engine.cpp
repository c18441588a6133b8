#include "infra/postgres_engine.hpp"

#include "cornice/base/check.hpp"
#include "cornice/infra/log.hpp"

#include <boost/asio/post.hpp>

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <random>

namespace cornice::infra {

namespace {

using namespace std::chrono_literals;

/// How soon a thread without work looks whether its server is still there.
constexpr auto idle_look = 250ms;
/// The server ends a statement at its timeout; a connection silent for longer than that is hung.
constexpr auto silence_margin = 2000ms;
constexpr auto exit_limit_after_cut = 500ms;
constexpr auto exit_limit_connecting = 200ms;

const logger& log() {
  static const logger instance{"postgres"};
  return instance;
}

instant monotonic_now() noexcept {
  return std::chrono::steady_clock::now();
}

/// Doubles from `min` to `max`; half of each wait is random, so that threads and daemons that lost
/// the same server do not return in step.
class backoff {
 public:
  explicit backoff(const pg_config& config)
      : min_{config.reconnect_min}, max_{config.reconnect_max}, next_{min_} {}

  std::chrono::milliseconds step() {
    const auto whole = next_;
    next_ = std::min(next_ * 2, max_);
    std::uniform_int_distribution<std::int64_t> half{0, whole.count() / 2};
    return whole - std::chrono::milliseconds{half(random_)};
  }
  void reset() noexcept { next_ = min_; }

 private:
  std::chrono::milliseconds min_;
  std::chrono::milliseconds max_;
  std::chrono::milliseconds next_;
  std::minstd_rand random_{std::random_device{}()};
};

}  // namespace

pg_metrics::pg_metrics(metrics_registry& registry)
    : connections{registry.make_gauge("cornice_postgres_connections",
                                      "PostgreSQL connections that are up")},
      call{registry.make_histogram("cornice_postgres_call_seconds",
                                   "From a PostgreSQL call to its answer, waiting included")} {
  for (std::size_t i = 0; i < failures.size(); ++i)
    failures[i] = registry.make_counter("cornice_postgres_failures_total",
                                        "PostgreSQL calls that failed, by error code",
                                        {{"code", std::string{to_string(all_errc[i])}}});
}

pg_engine::pg_engine(asio::any_io_executor loop, pg_config config, after_loss policy,
                     pg_metrics metrics)
    : loop_{std::move(loop)}, config_{std::move(config)}, policy_{policy}, metrics_{metrics} {
  invariant(config_.connections >= 1 && config_.connections <= 64, "1 to 64 connections");
  invariant(config_.queue_limit >= 1, "a queue limit of at least 1");
  invariant(config_.reconnect_min > 0ms && config_.reconnect_min <= config_.reconnect_max,
            "0 < reconnect_min <= reconnect_max");
}

void pg_engine::start() {
  slots_.reserve(config_.connections);
  for (std::size_t i = 0; i < config_.connections; ++i) slots_.push_back(std::make_unique<slot>());
  for (auto& each : slots_)
    each->thread = std::thread{[self = shared_from_this(), &mine = *each] { self->work(mine); }};
}

// The loop's side.

result<void> pg_engine::submit(const job_ptr& job) {
  {
    const std::lock_guard lock{mutex_};
    if (stopping_) return error{errc::cancelled, "PostgreSQL pool is shut down"};
    if (lost_) return error{errc::unavailable, "PostgreSQL session is lost: " + last_error_};
    if (queue_.size() >= config_.queue_limit)
      return error{errc::overloaded, "PostgreSQL queue is full with " +
                                         std::to_string(queue_.size()) + " calls waiting"};
    job->place = queue_.insert(queue_.end(), job);
    job->queued = true;
  }
  wake_.notify_one();
  return {};
}

bool pg_engine::withdraw(const job_ptr& job) {
  const std::lock_guard lock{mutex_};
  if (!job->queued) return false;
  queue_.erase(job->place);
  job->queued = false;
  return true;
}

void pg_engine::cut_hung() {
  for (auto& each : slots_)
    if (each->activity.longer_than(config_.statement_timeout + silence_margin)) cut(*each);
}

void pg_engine::cut(slot& which) {
  const std::lock_guard lock{which.socket_mutex};
  if (which.socket >= 0) ::shutdown(which.socket, SHUT_RDWR);
}

void pg_engine::close() {
  std::list<job_ptr> waiting;
  {
    const std::lock_guard lock{mutex_};
    if (stopping_) return;
    stopping_ = true;
    waiting.swap(queue_);
    for (auto& job : waiting) job->queued = false;
  }
  wake_.notify_all();
  closing_.notify_all();
  const error gone{errc::cancelled, "PostgreSQL pool was shut down"};
  for (auto& job : waiting) complete(job, gone);
  if (!wait_for_exits(config_.shutdown_grace, false)) {
    for (auto& each : slots_) cut(*each);
    wait_for_exits(exit_limit_after_cut, false);
  }
  wait_for_exits(exit_limit_connecting, true);
  {
    const std::lock_guard lock{delivery_mutex_};
    closed_ = true;
  }
  for (auto& each : slots_) {
    std::unique_lock lock{mutex_};
    const auto unfinished = std::move(each->running);
    const bool exited = each->exited;
    lock.unlock();
    if (unfinished) complete(unfinished, gone);
    if (exited) {
      each->thread.join();
    } else {
      each->thread.detach();
    }
  }
}

bool pg_engine::wait_for_exits(std::chrono::milliseconds limit, bool connecting_too) {
  std::unique_lock lock{mutex_};
  return exited_.wait_for(lock, limit, [&] {
    return std::all_of(slots_.begin(), slots_.end(), [&](const auto& each) {
      return each->exited || (!connecting_too && each->connecting);
    });
  });
}

std::string pg_engine::last_error() const {
  const std::lock_guard lock{mutex_};
  return connected() ? std::string{} : last_error_;
}

std::size_t pg_engine::queued() const noexcept {
  const std::lock_guard lock{mutex_};
  return queue_.size();
}

void pg_engine::observe(instant begun, const std::optional<error>& failure) const noexcept {
  {
    const std::lock_guard lock{mutex_};
    if (stopping_) return;
  }
  const auto took = std::chrono::floor<std::chrono::microseconds>(monotonic_now() - begun);
  metrics_.call.observe_us(took.count());
  if (failure) metrics_.failures[static_cast<std::size_t>(failure->code)].add();
}

void pg_engine::complete(const job_ptr& job, std::optional<error> failure) {
  if (job->finished) return;
  job->finished = true;
  job->failure = std::move(failure);
  if (job->waiter != nullptr) job->waiter->cancel();
}

// The threads' side.

void pg_engine::work(slot& mine) {
  backoff waits{config_};
  while (!stopping()) {
    auto connection = connect(mine);
    if (connection) {
      serve(mine, *connection);
      note_down(mine, "the server closed the connection or stopped answering");
      waits.reset();
      connection.reset();
    }
    if (policy_ == after_loss::end) {
      end_for_good();
      break;
    }
    if (!pause(waits.step())) break;
  }
  const std::lock_guard lock{mutex_};
  mine.exited = true;
  exited_.notify_all();
}

std::unique_ptr<pg_connection> pg_engine::connect(slot& mine) {
  const auto mark = [&](bool connecting) {
    const std::lock_guard lock{mutex_};
    mine.connecting = connecting;
    exited_.notify_all();
  };
  mark(true);
  std::unique_ptr<pg_connection> made;
  std::string why;
  try {
    made = std::make_unique<pg_connection>(config_, mine.activity,
                                           [&](int socket) { keep_socket(mine, socket); });
  } catch (const pg_error& e) {
    why = e.what();
  }
  mark(false);
  if (made && stopping()) made.reset();
  if (made) {
    note_up();
  } else {
    drop_socket(mine);
    note_failure(why);
  }
  return made;
}

void pg_engine::serve(slot& mine, pg_connection& connection) {
  for (;;) {
    const auto job = next(mine);
    if (!job && stopping()) return;
    if (!connection.healthy()) {
      if (job) give_back(mine, job);
      return;
    }
    if (!job) continue;
    if (monotonic_now() >= job->deadline) {
      // Its caller has its answer, or gets it from its timer in this very moment.
      finish(mine, job, error{errc::timed_out, "the call's deadline passed before it began"});
      continue;
    }
    std::optional<error> failure;
    try {
      job->work(connection);
    } catch (const pg_error& e) {
      failure = error{e.code(), e.what()};
    } catch (const std::exception& e) {
      failure = error{errc::internal, std::string{"transaction body threw: "} + e.what()};
    }
    const bool lost = failure && failure->code == errc::unavailable && !connection.healthy();
    finish(mine, job, std::move(failure));
    if (lost) return;
  }
}

pg_engine::job_ptr pg_engine::next(slot& mine) {
  std::unique_lock lock{mutex_};
  wake_.wait_for(lock, idle_look, [&] { return stopping_ || !queue_.empty(); });
  if (stopping_ || queue_.empty()) return nullptr;
  mine.running = std::move(queue_.front());
  queue_.pop_front();
  mine.running->queued = false;
  return mine.running;
}

void pg_engine::give_back(slot& mine, const job_ptr& job) {
  {
    const std::lock_guard lock{mutex_};
    // When closing, close() answers what is left in `running`.
    if (stopping_) return;
    mine.running.reset();
    job->place = queue_.insert(queue_.begin(), job);
    job->queued = true;
  }
  wake_.notify_one();
}

void pg_engine::finish(slot& mine, const job_ptr& job, std::optional<error> failure) {
  deliver(job, std::move(failure));
  const std::lock_guard lock{mutex_};
  mine.running.reset();
}

void pg_engine::deliver(const job_ptr& job, std::optional<error> failure) {
  const std::lock_guard lock{delivery_mutex_};
  if (closed_) return;
  asio::post(loop_,
             [job, failure = std::move(failure)]() mutable { complete(job, std::move(failure)); });
}

void pg_engine::end_for_good() {
  std::list<job_ptr> waiting;
  std::string why;
  {
    const std::lock_guard lock{mutex_};
    lost_ = true;
    if (stopping_) return;
    why = "PostgreSQL session is lost: " + last_error_;
    waiting.swap(queue_);
    for (auto& job : waiting) job->queued = false;
  }
  for (auto& job : waiting) deliver(job, error{errc::unavailable, why});
}

void pg_engine::keep_socket(slot& mine, int socket) {
  const std::lock_guard lock{mine.socket_mutex};
  mine.socket = ::fcntl(socket, F_DUPFD_CLOEXEC, 0);
}

void pg_engine::drop_socket(slot& mine) {
  const std::lock_guard lock{mine.socket_mutex};
  if (mine.socket >= 0) ::close(mine.socket);
  mine.socket = -1;
}

void pg_engine::note_up() {
  const bool first = up_.fetch_add(1) == 0;
  const std::lock_guard lock{delivery_mutex_};
  if (closed_) return;
  metrics_.connections.add(1);
  if (first) log().info("postgres_connected", {{"connections", config_.connections}});
}

void pg_engine::note_down(slot& mine, const std::string& why) {
  drop_socket(mine);
  const bool last = up_.fetch_sub(1) == 1;
  const bool expected = stopping();
  if (!expected) {
    const std::lock_guard lock{mutex_};
    last_error_ = why;
  }
  const std::lock_guard lock{delivery_mutex_};
  if (closed_) return;
  metrics_.connections.add(-1);
  if (last && !expected) log().warn("postgres_lost", {{"error", why}});
}

void pg_engine::note_failure(const std::string& why) {
  bool news = false;
  {
    const std::lock_guard lock{mutex_};
    if (stopping_) return;
    news = last_error_ != why;
    last_error_ = why;
  }
  // Repeated for as long as the server is away: only a change of the reason is worth a line.
  if (news) log().warn("postgres_connect_failed", {{"error", why}});
}

bool pg_engine::pause(std::chrono::milliseconds how_long) {
  std::unique_lock lock{mutex_};
  return !closing_.wait_for(lock, how_long, [&] { return stopping_; });
}

bool pg_engine::stopping() const {
  const std::lock_guard lock{mutex_};
  return stopping_;
}

}  // namespace cornice::infra
