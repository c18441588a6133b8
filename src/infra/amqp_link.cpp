#include "infra/amqp_link.hpp"

#include "cornice/infra/clock.hpp"
#include "cornice/infra/log.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <exception>
#include <utility>
#include <vector>

namespace cornice::infra::amqp {
namespace {

constexpr std::chrono::milliseconds tick_every{100};
// A loop that was held up for this long has unread answers in its socket: nothing may be concluded
// from their absence before they were read.
constexpr std::chrono::milliseconds tick_late_max{300};
// Written in one turn of the loop; the rest follows in the next, after other work.
constexpr std::size_t write_turn_max = 256 * 1024;
// Read in one turn: every message of it is handled before anything else gets the loop.
constexpr std::size_t read_turn_max = 32 * 1024;

const logger& events() {
  static const logger log{"amqp"};
  return log;
}

instant monotonic_now() {
  return system_clock().monotonic();
}

}  // namespace

link::link(asio::any_io_executor loop, const amqp_config& config, std::string side, session& user,
           output& out, metrics_registry& metrics)
    : loop_{loop},
      config_{config},
      side_{std::move(side)},
      session_{user},
      out_{out},
      wire_{config, config.connection_name + " " + side_, user, out},
      reconnects_{metrics.make_counter("cornice_amqp_reconnects_total",
                                       "Connections made after the first one.", {{"side", side_}})},
      socket_{loop},
      pause_{loop},
      ticker_{loop},
      backoff_{config.reconnect_min, config.reconnect_max},
      random_{std::random_device{}()} {}

void link::start(std::shared_ptr<void> owner, std::function<void()> changed) {
  changed_ = std::move(changed);
  spawn(loop_, "amqp_" + side_, run(shared_from_this(), owner));
  spawn(loop_, "amqp_" + side_ + "_time", keep_time(shared_from_this(), std::move(owner)));
}

void link::wake() {
  if (wake_queued_ || stopped_ || phase_ != link_phase::open) return;
  wake_queued_ = true;
  asio::post(loop_, [self = shared_from_this()] {
    self->wake_queued_ = false;
    self->flush();
  });
}

void link::close() {
  closing_ = true;
  if (phase_ == link_phase::open && wire_.is_open()) {
    flush();
    wire_.close();
    flush();
  } else {
    stop();
  }
}

void link::stop() {
  stopped_ = true;
  boost::system::error_code ignored;  // closing a socket that is not open is no error of interest
  socket_.close(ignored);
  pause_.cancel();
  ticker_.cancel();
}

void link::give_up(error why) {
  if (!given_up_) given_up_ = std::move(why);
  boost::system::error_code ignored;
  socket_.close(ignored);
}

error link::reason_of(const boost::system::error_code& ec, const char* doing) const {
  if (given_up_) return *given_up_;
  return {errc::io, std::string{doing} + " " + config_.host + ":" + std::to_string(config_.port) +
                        ": " + ec.message()};
}

task<> link::run(std::shared_ptr<link> self, std::shared_ptr<void> /*owner*/) {
  link& l = *self;
  while (!l.stopped_) {
    l.phase_ = link_phase::connecting;
    l.given_up_.reset();
    l.write_failure_.reset();
    l.was_ready_ = false;
    l.ready_by_ = monotonic_now() + l.config_.connect_timeout;
    l.changed_();
    auto connected = co_await l.connect();
    error why;
    if (connected) {
      // Whatever goes wrong with one connection, the next one is tried.
      try {
        why = co_await l.serve();
      } catch (const std::exception& e) {
        why = {errc::internal, std::string{"exception: "} + e.what()};
      }
    } else {
      why = std::move(connected).error();
    }
    boost::system::error_code ignored;
    l.socket_.close(ignored);
    l.ready_by_.reset();
    l.waiting_writable_ = false;
    l.phase_ = link_phase::down;
    l.wire_.lost(why);
    if (l.stopped_ || l.closing_) break;
    l.failure_ = why.message;
    const auto wait = l.backoff_.next(l.random_());
    l.announce_lost(why, wait);
    l.changed_();
    if (l.stopped_) break;
    l.pause_.expires_after(wait);
    co_await l.pause_.async_wait(asio::as_tuple(asio::use_awaitable));
  }
  l.stopped_ = true;
  l.ticker_.cancel();
  l.ended_ = true;
}

void link::announce_lost(const error& why, std::chrono::milliseconds retry_in) const {
  events().warn(was_ready_ ? "amqp_lost" : "amqp_connect_failed", {{"side", side_},
                                                                   {"host", config_.host},
                                                                   {"port", config_.port},
                                                                   {"reason", why.message},
                                                                   {"retry_ms", retry_in.count()}});
}

task<result<std::vector<asio::ip::tcp::endpoint>>> link::resolve() {
  boost::system::error_code ec;
  const auto address = asio::ip::make_address(config_.host, ec);
  if (!ec) co_return std::vector{tcp::endpoint{address, config_.port}};

  // getaddrinfo cannot be interrupted, so the answer may come after this coroutine has moved on.
  struct lookup {
    explicit lookup(const asio::any_io_executor& ex) : resolver{ex}, limit{ex} {}
    tcp::resolver resolver;
    asio::steady_timer limit;
    bool answered = false;
    boost::system::error_code ec;
    std::vector<tcp::endpoint> endpoints;
  };
  auto state = std::make_shared<lookup>(loop_);
  state->resolver.async_resolve(
      config_.host, std::to_string(config_.port),
      [state](const boost::system::error_code& e, const tcp::resolver::results_type& found) {
        state->answered = true;
        state->ec = e;
        for (const auto& entry : found) state->endpoints.push_back(entry.endpoint());
        state->limit.cancel();
      });
  while (!state->answered && !stopped_ && !given_up_) {
    // Short turns, so that stop() is noticed.
    state->limit.expires_after(tick_every);
    co_await state->limit.async_wait(asio::as_tuple(asio::use_awaitable));
  }
  if (!state->answered) co_return reason_of(asio::error::operation_aborted, "resolving");
  if (state->ec) co_return reason_of(state->ec, "resolving");
  co_return std::move(state->endpoints);
}

task<result<void>> link::connect() {
  auto endpoints = co_await resolve();
  if (!endpoints) co_return std::move(endpoints).error();
  boost::system::error_code last = asio::error::host_not_found;
  for (const auto& endpoint : *endpoints) {
    if (stopped_ || given_up_) break;
    socket_ = tcp::socket{loop_};
    socket_.open(endpoint.protocol(), last);
    if (last) continue;
    const auto [failed] =
        co_await socket_.async_connect(endpoint, asio::as_tuple(asio::use_awaitable));
    last = failed;
    if (!last) socket_.non_blocking(true, last);
    if (!last) socket_.set_option(tcp::no_delay{true}, last);
    if (!last) socket_.set_option(asio::socket_base::keep_alive{true}, last);
    if (!last && !stopped_ && !given_up_) co_return result<void>{};
  }
  co_return reason_of(last, "connecting to");
}

task<error> link::serve() {
  wire_.open(monotonic_now());
  phase_ = link_phase::open;
  flush();
  for (;;) {
    const auto space = wire_.space();
    const auto [failed, bytes] = co_await socket_.async_read_some(
        asio::buffer(space.data(), std::min(space.size(), read_turn_max)),
        asio::as_tuple(asio::use_awaitable));
    if (stopped_) co_return error{errc::cancelled, "stopped"};
    if (failed && write_failure_ && !given_up_) co_return std::move(*write_failure_);
    if (failed) co_return reason_of(failed, "reading from");
    auto ok = wire_.received(bytes, monotonic_now());
    if (stopped_) co_return error{errc::cancelled, "stopped"};
    if (!ok) {
      flush();  // the answer to the broker's close
      co_return std::move(ok).error();
    }
    after_input();
  }
}

void link::after_input() {
  if (!was_ready_ && wire_.is_ready()) {
    was_ready_ = true;
    ready_by_.reset();
    failure_.clear();
    backoff_.reset();
    if (std::exchange(ever_ready_, true)) reconnects_.add();
    events().info("amqp_connected", {{"side", side_},
                                     {"host", config_.host},
                                     {"port", config_.port},
                                     {"vhost", config_.vhost},
                                     {"heartbeat_s", wire_.heartbeat().count()}});
  }
  changed_();
  wake();
}

void link::flush() {
  if (stopped_ || phase_ != link_phase::open || waiting_writable_ || write_failure_) return;
  std::size_t written = 0;
  for (;;) {
    const instant now = monotonic_now();
    if (wire_.is_open()) session_.fill(now);
    if (out_.empty()) return;
    if (written >= write_turn_max) {
      wake();
      return;
    }
    boost::system::error_code ec;
    const std::size_t n = socket_.write_some(asio::buffer(out_.data(), out_.size()), ec);
    if (ec == asio::error::would_block || ec == asio::error::try_again) {
      wait_writable();
      return;
    }
    if (ec) {
      // The broker may have said why before it hung up: the read loop comes to its end by itself.
      write_failure_ = reason_of(ec, "writing to");
      return;
    }
    out_.consume(n);
    written += n;
    wire_.sent(now);
  }
}

void link::wait_writable() {
  waiting_writable_ = true;
  socket_.async_wait(tcp::socket::wait_write,
                     [self = shared_from_this()](const boost::system::error_code& ec) {
                       if (ec || self->stopped_) return;  // the read loop tells why
                       self->waiting_writable_ = false;
                       self->flush();
                     });
}

task<> link::keep_time(std::shared_ptr<link> self, std::shared_ptr<void> /*owner*/) {
  link& l = *self;
  instant due = monotonic_now() + tick_every;
  while (!l.stopped_) {
    l.ticker_.expires_at(due);
    co_await l.ticker_.async_wait(asio::as_tuple(asio::use_awaitable));
    if (l.stopped_) break;
    const instant now = monotonic_now();
    l.on_tick(std::chrono::duration_cast<std::chrono::milliseconds>(now - due));
    due = now + tick_every;
  }
}

void link::on_tick(std::chrono::milliseconds late) {
  // Once: by the next tick the socket has been read.
  if (late > tick_late_max && !std::exchange(tick_skipped_, true)) return;
  tick_skipped_ = false;
  const instant now = monotonic_now();
  if (ready_by_ && now > *ready_by_) {
    ready_by_.reset();
    // A refused queue has a better explanation than a timeout, and the others keep working.
    if (!wire_.is_open())
      give_up({errc::timed_out, "no AMQP connection to " + config_.host + ":" +
                                    std::to_string(config_.port) + " within " +
                                    std::to_string(config_.connect_timeout.count()) + " ms"});
  }
  if (phase_ != link_phase::open || given_up_) return;
  if (auto ok = wire_.tick(now); !ok) {
    give_up(std::move(ok).error());
    return;
  }
  flush();
  changed_();
}

}  // namespace cornice::infra::amqp
