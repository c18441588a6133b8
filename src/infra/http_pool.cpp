#include "infra/http_pool.hpp"

#include "cornice/base/check.hpp"
#include "cornice/infra/clock.hpp"

#include <algorithm>
#include <utility>

namespace cornice::infra {

namespace {

/// A connection at rest has exactly one thing going on: the read that would notice its end.
bool usable(const byte_channel& channel, const std::string& input) {
  return channel.reading() && !channel.read_error() && !channel.writing() &&
         !channel.write_error() && input.empty();
}

}  // namespace

/// A request in the queue. It lives in the coroutine that waits; whatever was granted and not taken
/// (the coroutine was cancelled in between) goes to the next.
struct http_pool::waiter {
  explicit waiter(std::shared_ptr<http_pool> p) : pool{std::move(p)}, event{pool->loop_} {
    place = pool->waiting_.insert(pool->waiting_.end(), this);
  }
  ~waiter() {
    if (queued) {
      pool->waiting_.erase(place);
    } else if (channel) {
      pool->put_back(std::move(channel));
    } else if (slot_granted) {
      pool->release_slot();
    }
  }
  waiter(const waiter&) = delete;
  waiter& operator=(const waiter&) = delete;

  static waiter* next(http_pool& pool) {
    auto* first = pool.waiting_.front();
    pool.waiting_.pop_front();
    first->queued = false;
    return first;
  }

  std::shared_ptr<http_pool> pool;
  stream_event event;
  std::list<waiter*>::iterator place;
  std::shared_ptr<byte_channel> channel;
  bool slot_granted = false;
  bool queued = true;
};

/// One of the counted places for a connection, until it is handed on.
class http_pool::slot {
 public:
  explicit slot(std::shared_ptr<http_pool> pool) : pool_{std::move(pool)} {}
  ~slot() {
    if (pool_) pool_->release_slot();
  }
  slot(const slot&) = delete;
  slot& operator=(const slot&) = delete;
  std::shared_ptr<http_pool> hand_on() { return std::exchange(pool_, nullptr); }

 private:
  std::shared_ptr<http_pool> pool_;
};

http_lease::http_lease(std::shared_ptr<http_pool> pool, std::shared_ptr<byte_channel> channel,
                       bool reused)
    : pool_{std::move(pool)}, channel_{std::move(channel)}, reused_{reused} {}

http_lease::~http_lease() {
  if (!pool_) return;
  channel_->abort();
  pool_->release_slot();
}

void http_lease::give_back() {
  const auto pool = std::exchange(pool_, nullptr);
  pool->put_back(std::move(channel_));
}

http_pool::http_pool(asio::any_io_executor loop, stream_target target, limits l)
    : loop_{std::move(loop)}, target_{std::move(target)}, limits_{l}, sweeper_{loop_} {}

task<result<http_lease>> http_pool::acquire(instant deadline, bool fresh) {
  const auto self = shared_from_this();
  if (!fresh)
    if (auto channel = take_idle()) co_return http_lease{self, std::move(channel), true};
  // Whoever asks for a fresh connection distrusts the pooled ones: one of them makes room.
  if (open_ >= limits_.connections && !idle_.empty()) drop_idle(idle_.front().channel.get());
  if (open_ < limits_.connections) {
    ++open_;
    co_return co_await open_new(deadline);
  }
  if (waiting_.size() >= limits_.waiting)
    co_return error{errc::overloaded,
                    target_.host + ": " + std::to_string(limits_.waiting) +
                        " requests wait for a connection already; nothing was sent"};
  waiter me{self};
  const auto why = co_await me.event.wait(deadline);
  if (why == wake::cancelled)
    co_return error{errc::cancelled, target_.host + ": cancelled while waiting for a connection"};
  if (why == wake::expired)
    co_return error{errc::unavailable,
                    target_.host +
                        ": no connection became free before the deadline; nothing was "
                        "sent"};
  if (auto channel = std::move(me.channel)) {
    if (usable(*channel, channel->input())) co_return http_lease{self, std::move(channel), true};
    channel->abort();
  }
  me.slot_granted = false;
  co_return co_await open_new(deadline);
}

/// Takes over a slot that is counted already.
task<result<http_lease>> http_pool::open_new(instant deadline) {
  slot held{shared_from_this()};
  auto target = target_;
  auto stream = co_await open_stream(loop_, std::move(target), deadline);
  if (!stream) {
    auto failure = stream.error();
    if (failure.code == errc::timed_out) failure.code = errc::unavailable;
    failure.message += "; nothing was sent";
    co_return failure;
  }
  auto channel = std::make_shared<byte_channel>(std::move(*stream));
  co_return http_lease{held.hand_on(), std::move(channel), false};
}

void http_pool::close() {
  closed_ = true;
  sweeper_.cancel();
  while (!idle_.empty()) drop_idle(idle_.front().channel.get());
}

/// The most recently used one: the others get the chance to reach their idle limit.
std::shared_ptr<byte_channel> http_pool::take_idle() {
  const auto now = system_clock().monotonic();
  while (!idle_.empty()) {
    const auto newest = idle_.back();
    if (now - newest.since < limits_.idle && usable(*newest.channel, newest.channel->input())) {
      idle_.pop_back();
      newest.channel->on_read({});
      return newest.channel;
    }
    drop_idle(newest.channel.get());
  }
  return nullptr;
}

void http_pool::put_back(std::shared_ptr<byte_channel> channel) {
  channel->arm();
  if (closed_ || !usable(*channel, channel->input())) {
    channel->abort();
    release_slot();
    return;
  }
  if (!waiting_.empty()) {
    auto* first = waiter::next(*this);
    first->channel = std::move(channel);
    first->event.notify();
    return;
  }
  // Anything that arrives while nobody has asked is the peer's goodbye, or a breach of protocol.
  channel->on_read([pool = weak_from_this(), raw = channel.get()] {
    if (const auto alive = pool.lock()) alive->drop_idle(raw);
  });
  idle_.push_back(idle_connection{std::move(channel), system_clock().monotonic()});
  if (idle_.size() == 1) schedule_sweep();
}

void http_pool::drop_idle(const byte_channel* channel) {
  const auto found = std::find_if(idle_.begin(), idle_.end(), [channel](const auto& entry) {
    return entry.channel.get() == channel;
  });
  if (found == idle_.end()) return;
  const auto dropped = found->channel;
  idle_.erase(found);
  dropped->on_read({});
  dropped->abort();
  release_slot();
}

void http_pool::release_slot() {
  invariant(open_ > 0, "a pool gives back no more connections than it opened");
  --open_;
  if (waiting_.empty()) return;
  ++open_;
  auto* first = waiter::next(*this);
  first->slot_granted = true;
  first->event.notify();
}

void http_pool::schedule_sweep() {
  sweeper_.expires_at(idle_.front().since + limits_.idle);
  sweeper_.async_wait([pool = weak_from_this()](error_code ec) {
    const auto alive = pool.lock();
    if (!ec && alive) alive->sweep();
  });
}

void http_pool::sweep() {
  const auto now = system_clock().monotonic();
  while (!idle_.empty() && now - idle_.front().since >= limits_.idle)
    drop_idle(idle_.front().channel.get());
  if (!idle_.empty()) schedule_sweep();
}

}  // namespace cornice::infra
