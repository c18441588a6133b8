// The connections of one origin: kept alive, reused, bounded, with a bounded queue in front.
#pragma once

#include "cornice/base/result.hpp"
#include "cornice/base/time.hpp"
#include "cornice/infra/async.hpp"
#include "infra/byte_stream_channel.hpp"
#include "infra/byte_stream_connect.hpp"

#include <boost/asio/steady_timer.hpp>

#include <deque>
#include <list>
#include <memory>

namespace cornice::infra {

class http_pool;

/// The right to use one connection. Unless it is given back, its end closes the connection.
class http_lease {
 public:
  http_lease(std::shared_ptr<http_pool> pool, std::shared_ptr<byte_channel> channel, bool reused);
  ~http_lease();
  http_lease(http_lease&&) noexcept = default;
  http_lease& operator=(http_lease&&) = delete;

  [[nodiscard]] const std::shared_ptr<byte_channel>& channel() const noexcept { return channel_; }
  [[nodiscard]] bool reused() const noexcept { return reused_; }
  /// The exchange is complete and the peer keeps the connection open.
  void give_back();

 private:
  std::shared_ptr<http_pool> pool_;
  std::shared_ptr<byte_channel> channel_;
  bool reused_;
};

/// Held by shared_ptr; loop thread only.
class http_pool : public std::enable_shared_from_this<http_pool> {
 public:
  struct limits {
    std::size_t connections = 8;
    std::size_t waiting = 1024;
    std::chrono::seconds idle{30};
  };

  http_pool(asio::any_io_executor loop, stream_target target, limits l);

  /// A connection of the pool, or a new one, or the first that becomes free. `fresh` never takes
  /// one out of the pool. Errors (nothing was sent): unavailable, overloaded, cancelled.
  task<result<http_lease>> acquire(instant deadline, bool fresh);
  /// Closes what is idle and keeps nothing from now on.
  void close();
  /// Idle, in use and being opened.
  [[nodiscard]] std::size_t open() const noexcept { return open_; }
  [[nodiscard]] bool unused() const noexcept { return open_ == 0 && waiting_.empty(); }

 private:
  friend class http_lease;
  struct idle_connection {
    std::shared_ptr<byte_channel> channel;
    instant since;
  };
  struct waiter;
  class slot;

  [[nodiscard]] std::shared_ptr<byte_channel> take_idle();
  task<result<http_lease>> open_new(instant deadline);
  void put_back(std::shared_ptr<byte_channel> channel);
  void drop_idle(const byte_channel* channel);
  void release_slot();
  void schedule_sweep();
  void sweep();

  asio::any_io_executor loop_;
  stream_target target_;
  limits limits_;
  std::deque<idle_connection> idle_;  ///< longest idle in front
  std::list<waiter*> waiting_;
  asio::steady_timer sweeper_;
  std::size_t open_ = 0;
  bool closed_ = false;
};

}  // namespace cornice::infra
