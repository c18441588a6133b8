// The few Asio helpers that every coroutine of ours uses.
#pragma once

#include "cornice/base/result.hpp"
#include "cornice/infra/log.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <string>

namespace cornice::infra {

namespace asio = boost::asio;
template <class T = void>
using task = asio::awaitable<T>;

/// Suspends the calling coroutine. Returns false when the wait was cancelled.
task<bool> sleep_for(std::chrono::microseconds how_long);

/// Starts `work` on `ex`. An exception that leaves it is logged as `task_failed` with its name
/// (nothing is detached silently); cancellation is not an error.
void spawn(asio::any_io_executor ex, std::string name, task<> work);

/// Runs `work` until it ends or `stop.request()` is called: then terminal cancellation is emitted
/// into it.
class stop_source {
 public:
  explicit stop_source(asio::any_io_executor ex);
  ~stop_source();
  stop_source(const stop_source&) = delete;
  stop_source& operator=(const stop_source&) = delete;
  /// As spawn(), cancelled by request(). Loop thread only.
  void spawn(std::string name, task<> work);
  /// Cancels everything spawned here. Loop thread only; idempotent.
  void request();
  [[nodiscard]] bool requested() const noexcept;
  /// Completes when everything spawned here has ended.
  task<> drained();

 private:
  struct state;
  std::shared_ptr<state> state_;
};

/// An event that coroutines of one executor wait for. Loop thread only.
class async_event {
 public:
  explicit async_event(asio::any_io_executor ex);
  ~async_event();
  async_event(const async_event&) = delete;
  async_event& operator=(const async_event&) = delete;
  /// Wakes every waiter once.
  void notify();
  /// Waits for the next notify() or until `limit` has passed. Returns true when notified.
  task<bool> wait(std::chrono::microseconds limit);

 private:
  struct state;
  std::shared_ptr<state> state_;
};

}  // namespace cornice::infra
