// Where a coroutine waits for operations that run by callbacks, with a deadline.
#pragma once

#include "cornice/base/time.hpp"
#include "cornice/infra/async.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <cstdint>

namespace cornice::infra {

/// Why a wait ended.
enum class wake : std::uint8_t { notified, expired, cancelled };

/// One waiter at a time; a notification that finds nobody waiting is kept for the next wait. The
/// operations themselves are never cancelled singly: whoever gives up closes the socket, and the
/// callbacks hold what they touch. So no half-cancelled operation can be left behind.
class stream_event {
 public:
  explicit stream_event(asio::any_io_executor ex) : timer_{std::move(ex)} {}

  void notify() {
    notified_ = true;
    timer_.cancel();
  }

  task<wake> wait(instant deadline) {
    if (!notified_) {
      timer_.expires_at(deadline);
      boost::system::error_code interrupted;
      co_await timer_.async_wait(asio::redirect_error(asio::use_awaitable, interrupted));
      if (!notified_) co_return interrupted ? wake::cancelled : wake::expired;
    }
    notified_ = false;
    co_return wake::notified;
  }

 private:
  asio::steady_timer timer_;
  bool notified_ = false;
};

}  // namespace cornice::infra
