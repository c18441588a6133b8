#include "cornice/infra/async.hpp"

#include "cornice/infra/log.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>

#include <algorithm>
#include <cstdint>
#include <exception>
#include <map>
#include <utility>
#include <vector>

namespace cornice::infra {
namespace {

// Longer waits are cut to this: adding a caller's `microseconds::max()` to now would overflow.
constexpr std::chrono::microseconds longest_wait = std::chrono::hours{24 * 365};

std::chrono::microseconds bounded(std::chrono::microseconds wait) {
  return std::clamp(wait, std::chrono::microseconds{0}, longest_wait);
}

void report_end(const std::string& name, const std::exception_ptr& failure) {
  if (!failure) return;
  static const logger log{"loop"};
  try {
    std::rethrow_exception(failure);
  } catch (const boost::system::system_error& e) {
    if (e.code() == asio::error::operation_aborted) return;
    log.error("task_failed", {{"task", name}, {"reason", e.what()}});
  } catch (const std::exception& e) {
    log.error("task_failed", {{"task", name}, {"reason", e.what()}});
  } catch (...) {
    log.error("task_failed", {{"task", name}, {"reason", "an exception of unknown type"}});
  }
}

// Asio awaits once more at the end of a coroutine that never suspended. If that coroutine has been
// cancelled meanwhile, the await throws out of the loop instead of into the completion handler, so
// the throwing is switched off before the end.
task<> ended_quietly(task<> work) {
  std::exception_ptr failure;
  try {
    co_await std::move(work);
  } catch (...) {
    failure = std::current_exception();
  }
  co_await asio::this_coro::throw_if_cancelled(false);
  if (failure) std::rethrow_exception(failure);
}

}  // namespace

task<bool> sleep_for(std::chrono::microseconds how_long) {
  asio::steady_timer timer{co_await asio::this_coro::executor};
  timer.expires_after(bounded(how_long));
  const auto [failed] = co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
  co_return !failed;
}

void spawn(asio::any_io_executor ex, std::string name, task<> work) {
  asio::co_spawn(ex, std::move(work), [name = std::move(name)](const std::exception_ptr& failure) {
    report_end(name, failure);
  });
}

// A waiter lives in the frame of its coroutine; the list only borrows it.
struct async_event::state {
  struct waiter {
    waiter(state& owner, std::chrono::microseconds limit) : owner_{owner}, timer{owner.ex} {
      timer.expires_after(limit);
      owner_.waiting.push_back(this);
    }
    ~waiter() { std::erase(owner_.waiting, this); }
    waiter(const waiter&) = delete;
    waiter& operator=(const waiter&) = delete;

    state& owner_;
    asio::steady_timer timer;
    bool notified = false;
  };

  explicit state(asio::any_io_executor e) : ex{std::move(e)} {}

  void notify() {
    for (waiter* w : std::exchange(waiting, {})) {
      w->notified = true;
      w->timer.cancel();
    }
  }

  static task<bool> wait(std::shared_ptr<state> self, std::chrono::microseconds limit) {
    waiter w{*self, bounded(limit)};
    co_await w.timer.async_wait(asio::as_tuple(asio::use_awaitable));
    co_return w.notified;
  }

  asio::any_io_executor ex;
  std::vector<waiter*> waiting;
};

async_event::async_event(asio::any_io_executor ex)
    : state_{std::make_shared<state>(std::move(ex))} {}
async_event::~async_event() {
  state_->notify();
}
void async_event::notify() {
  state_->notify();
}
task<bool> async_event::wait(std::chrono::microseconds limit) {
  return state::wait(state_, limit);
}

struct stop_source::state {
  explicit state(asio::any_io_executor e) : ex{e}, ended{std::move(e)} {}

  static task<> drained(std::shared_ptr<state> self) {
    while (!self->running.empty()) co_await self->ended.wait(longest_wait);
  }

  asio::any_io_executor ex;
  async_event ended;
  // Completion handler of one task. It lets go of the task's signal also when it is destroyed
  // without having been called, which is what happens when the loop goes first.
  class task_end {
   public:
    task_end(std::shared_ptr<state> owner, std::uint64_t id, std::string name)
        : owner_{std::move(owner)}, id_{id}, name_{std::move(name)} {}
    task_end(task_end&&) = default;
    task_end& operator=(task_end&&) = delete;
    ~task_end() {
      if (owner_) owner_->running.erase(id_);
    }
    void operator()(const std::exception_ptr& failure) {
      const auto owner = std::exchange(owner_, nullptr);
      owner->running.erase(id_);
      report_end(name_, failure);
      if (owner->running.empty()) owner->ended.notify();
    }

   private:
    std::shared_ptr<state> owner_;
    std::uint64_t id_;
    std::string name_;
  };

  // The signal's address is part of a running coroutine, which a map node keeps stable.
  std::map<std::uint64_t, asio::cancellation_signal> running;
  std::uint64_t next_id = 0;
  bool requested = false;
};

stop_source::stop_source(asio::any_io_executor ex)
    : state_{std::make_shared<state>(std::move(ex))} {}

stop_source::~stop_source() {
  request();
}

void stop_source::spawn(std::string name, task<> work) {
  if (state_->requested) return;
  const std::uint64_t id = state_->next_id++;
  asio::cancellation_signal& signal = state_->running[id];
  state::task_end on_end{state_, id, std::move(name)};
  asio::co_spawn(state_->ex, ended_quietly(std::move(work)),
                 asio::bind_cancellation_slot(signal.slot(), std::move(on_end)));
}

void stop_source::request() {
  if (std::exchange(state_->requested, true)) return;
  // Emitting may end a coroutine at once and so change the map: walk over a copy of the ids.
  std::vector<std::uint64_t> ids;
  for (const auto& [id, signal] : state_->running) ids.push_back(id);
  // Outside of the loop the coroutine's own reaction is posted, and its signal may be gone by then:
  // the emission itself goes onto the loop instead. Inside, dispatch runs it here and now.
  for (const std::uint64_t id : ids)
    asio::dispatch(state_->ex, [state = state_, id] {
      const auto found = state->running.find(id);
      if (found != state->running.end()) found->second.emit(asio::cancellation_type::terminal);
    });
}

bool stop_source::requested() const noexcept {
  return state_->requested;
}

task<> stop_source::drained() {
  return state::drained(state_);
}

}  // namespace cornice::infra
