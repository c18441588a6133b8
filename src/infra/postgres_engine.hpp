// Threads, queue and connections behind pg_pool and pg_session.
#pragma once

#include "cornice/infra/metrics.hpp"
#include "cornice/infra/postgres.hpp"
#include "infra/postgres_connection.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>

#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace cornice::infra {

/// One call on its way to a thread and back. Made and read on the loop thread; `work` and
/// `deadline` are the thread's to read.
struct pg_job {
  std::function<void(pg_connection&)> work;
  instant deadline{};

  bool finished = false;
  std::optional<error> failure;          ///< set when finished without success
  asio::steady_timer* waiter = nullptr;  ///< woken when finished; null once nobody waits

  // Guarded by the engine's mutex.
  bool queued = false;
  std::list<std::shared_ptr<pg_job>>::iterator place;
};

/// Default handles count nowhere.
struct pg_metrics {
  pg_metrics() = default;
  explicit pg_metrics(metrics_registry& registry);

  gauge connections;
  histogram call;
  std::array<counter, std::size(all_errc)> failures;
};

/// Shared by its owner, by waiting coroutines and by its threads, so that a thread that hangs
/// in connecting can be left behind. Public functions: loop thread only, unless said otherwise.
class pg_engine : public std::enable_shared_from_this<pg_engine> {
 public:
  /// What a thread does when its connection is lost or cannot be made.
  enum class after_loss : std::uint8_t { connect_again, end };

  pg_engine(asio::any_io_executor loop, pg_config config, after_loss policy, pg_metrics metrics);
  void start();
  /// See ~pg_pool. Blocks for `shutdown_grace` and 0.7 s at most. Idempotent.
  void close();

  /// Errors: overloaded, cancelled (closed), unavailable (lost and not to be made again).
  result<void> submit(const std::shared_ptr<pg_job>& job);
  /// Takes back a job that nobody waits for any more. True when it had not begun and never will.
  bool withdraw(const std::shared_ptr<pg_job>& job);
  /// Shuts the sockets of connections whose server is silent beyond its statement timeout.
  void cut_hung();

  [[nodiscard]] const asio::any_io_executor& loop() const noexcept { return loop_; }
  /// Any thread.
  [[nodiscard]] bool connected() const noexcept { return up_.load() > 0; }
  [[nodiscard]] std::string last_error() const;
  [[nodiscard]] std::size_t queued() const noexcept;
  void observe(instant begun, const std::optional<error>& failure) const noexcept;

 private:
  using job_ptr = std::shared_ptr<pg_job>;

  /// One thread and its connection.
  struct slot {
    std::thread thread;
    pg_activity activity;
    job_ptr running;          // guarded by mutex_
    bool exited = false;      // guarded by mutex_
    bool connecting = false;  // guarded by mutex_
    std::mutex socket_mutex;
    int socket = -1;  ///< a duplicate of ours: libpq may close its own at any moment
  };

  void work(slot& mine);
  std::unique_ptr<pg_connection> connect(slot& mine);
  void serve(slot& mine, pg_connection& connection);
  /// The next job, or null after a quarter of a second or when closing.
  job_ptr next(slot& mine);
  void give_back(slot& mine, const job_ptr& job);
  void finish(slot& mine, const job_ptr& job, std::optional<error> failure);
  void deliver(const job_ptr& job, std::optional<error> failure);
  static void complete(const job_ptr& job, std::optional<error> failure);
  /// With after_loss::end: answers everything queued and all that comes.
  void end_for_good();
  static void keep_socket(slot& mine, int socket);
  static void drop_socket(slot& mine);
  void note_up();
  void note_down(slot& mine, const std::string& why);
  void note_failure(const std::string& why);
  bool pause(std::chrono::milliseconds how_long);
  bool stopping() const;
  static void cut(slot& which);
  bool wait_for_exits(std::chrono::milliseconds limit, bool connecting_too);

  const asio::any_io_executor loop_;
  const pg_config config_;
  const after_loss policy_;
  const pg_metrics metrics_;

  mutable std::mutex mutex_;
  std::condition_variable wake_;  ///< work has come, or closing
  /// Closing, for threads that wait to connect again: on wake_ they would swallow the one
  /// notification that is meant for a thread with a connection.
  std::condition_variable closing_;
  std::condition_variable exited_;  ///< a thread has exited or begun to connect
  std::list<job_ptr> queue_;
  std::string last_error_;
  bool stopping_ = false;
  bool lost_ = false;  ///< with after_loss::end: nothing will run any more

  /// Held while anything is handed to the loop or to the metrics, which may be gone after close().
  std::mutex delivery_mutex_;
  bool closed_ = false;

  std::atomic<int> up_{0};
  std::vector<std::unique_ptr<slot>> slots_;
};

}  // namespace cornice::infra
