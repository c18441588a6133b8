#include "infra/websocket_session.hpp"

#include "cornice/infra/clock.hpp"
#include "infra/byte_stream_beast.hpp"
#include "infra/byte_stream_event.hpp"
#include "infra/http_rules.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/websocket/stream.hpp>

#include <algorithm>
#include <deque>
#include <optional>
#include <utility>

namespace cornice::infra {

namespace {

namespace beast = boost::beast;
namespace http = beast::http;

constexpr std::size_t ping_bytes_max = 125;
constexpr std::size_t write_buffer_bytes = std::size_t{16} << 10;
/// After a message beyond this size its memory is given back.
constexpr std::size_t kept_buffer_bytes = std::size_t{1} << 20;

error ended(wake why, std::string_view what) {
  if (why == wake::expired)
    return {errc::timed_out, std::string{what} + " did not end before the deadline"};
  return {errc::cancelled, std::string{what} + " was cancelled"};
}

/// Room for the largest message there may be. Beast (issue 3028; 1.81 and 1.83 have it) loses its
/// place in a compressed message when the buffer it inflates into is full at the wrong moment, and
/// reports "invalid stored block length" or "partial deflate block" on good data. In a buffer that
/// no permitted message can fill, that moment never comes. The system hands out pages as they are
/// written to, so the size costs address space only.
class message_buffer {
 public:
  explicit message_buffer(std::size_t message_limit) : capacity_{message_limit + slack} {}

  [[nodiscard]] asio::mutable_buffer room() {
    if (!bytes_) bytes_.reset(new char[capacity_]);
    return asio::mutable_buffer{bytes_.get(), capacity_} + size_;
  }
  void commit(std::size_t count) noexcept { size_ += count; }
  [[nodiscard]] std::string take() {
    std::string text{bytes_.get(), size_};
    if (size_ > kept_buffer_bytes) bytes_.reset();
    size_ = 0;
    return text;
  }

 private:
  static constexpr std::size_t slack = 4096;
  std::size_t capacity_;
  std::size_t size_ = 0;
  std::unique_ptr<char[]> bytes_;  // not a vector: that would write zeros to all of it
};

/// State of one connection, shared by the handle that callers hold and the operations in flight.
class session : public std::enable_shared_from_this<session> {
 public:
  session(std::unique_ptr<byte_stream> stream, websocket_limits limits, beast::role_type role);

  static task<result<void>> handshake_as_client(std::shared_ptr<session> self, url where,
                                                http_headers headers, instant deadline);
  static task<result<void>> handshake_as_server(std::shared_ptr<session> self, std::string target,
                                                http_headers upgrade, instant deadline);
  static task<result<websocket_message>> read(std::shared_ptr<session> self);
  static task<> close(std::shared_ptr<session> self, std::chrono::milliseconds limit);

  result<void> enqueue(std::string data, bool ping);
  void begin_close(beast::websocket::close_code code);
  /// Ends the connection at once; the first reason stays.
  void fail(error reason);

 private:
  struct outgoing {
    std::string data;
    bool ping = false;
  };

  [[nodiscard]] error translate(error_code ec) const;
  task<result<void>> handshake_outcome(instant deadline);
  void start_read();
  void take_message();
  void start_write();
  void watch_write();
  void on_written(error_code ec);
  void start_close();

  beast::websocket::stream<beast_stream> ws_;
  websocket_limits limits_;
  beast::websocket::response_type answer_;           ///< to the client's handshake
  http::request<http::empty_body> upgrade_request_;  ///< answered by the server's handshake
  message_buffer buffer_;
  std::optional<websocket_message> message_;
  std::deque<outgoing> queue_;
  stream_event read_event_;  ///< a read or the handshake ended
  stream_event close_event_;
  asio::steady_timer write_timer_;
  std::optional<error_code> handshake_;
  std::optional<error> failure_;
  beast::websocket::close_code close_code_ = beast::websocket::close_code::normal;
  std::uint64_t writes_begun_ = 0;
  bool reading_ = false;
  bool writing_ = false;
  bool closing_ = false;
  bool close_begun_ = false;
};

session::session(std::unique_ptr<byte_stream> stream, websocket_limits limits,
                 beast::role_type role)
    : ws_{beast_stream{std::move(stream)}},
      limits_{limits},
      buffer_{limits.message},
      read_event_{ws_.get_executor()},
      close_event_{ws_.get_executor()},
      write_timer_{ws_.get_executor()} {
  // Beast's own timeouts would count differently from ours and close behind our back.
  using timeout = beast::websocket::stream_base::timeout;
  const auto never = beast::websocket::stream_base::none();
  ws_.set_option(timeout{never, never, false});
  beast::websocket::permessage_deflate deflate;
  deflate.client_enable = limits.permessage_deflate && role == beast::role_type::client;
  deflate.server_enable = limits.permessage_deflate && role == beast::role_type::server;
  ws_.set_option(deflate);
  // Peers may compress what they send; we do not. Venues get a few small subscriptions from us, the
  // dashboard is on loopback, and Beast's copy of deflate predates zlib's later repairs.
  ws_.compress(false);
  ws_.read_message_max(limits.message);
  ws_.write_buffer_bytes(write_buffer_bytes);
  ws_.auto_fragment(false);
  ws_.text(true);
}

error session::translate(error_code ec) const {
  using beast::websocket::condition;
  if (ec == beast::websocket::error::closed) {
    const auto& reason = ws_.reason();
    const auto text = std::string_view{reason.reason.data(), reason.reason.size()};
    return {errc::io, "closed by the peer: code " + std::to_string(reason.code) + ", reason '" +
                          std::string{text} + "'"};
  }
  if (ec == beast::websocket::error::message_too_big ||
      ec == beast::websocket::error::buffer_overflow)
    return {errc::out_of_range,
            "message is larger than " + std::to_string(limits_.message) + " bytes"};
  if (ec == condition::protocol_violation || ec == condition::handshake_failed ||
      ec.category() == error_code{beast::zlib::error::general}.category())
    return {errc::protocol, "WebSocket: " + ec.message()};
  return {errc::io, "connection broken: " + ec.message()};
}

task<result<void>> session::handshake_outcome(instant deadline) {
  while (!handshake_) {
    const auto why = co_await read_event_.wait(deadline);
    if (why != wake::notified) co_return ended(why, "WebSocket handshake");
  }
  if (*handshake_) co_return translate(*handshake_);
  co_return result<void>{};
}

task<result<void>> session::handshake_as_client(std::shared_ptr<session> self, url where,
                                                http_headers headers, instant deadline) {
  const auto decorate = [headers = std::move(headers)](beast::websocket::request_type& request) {
    for (const auto& [name, value] : headers.all())
      if (!is_framing_header(name)) request.set(name, value);
  };
  self->ws_.set_option(beast::websocket::stream_base::decorator{decorate});
  self->ws_.async_handshake(self->answer_, where.authority(), where.target, [self](error_code ec) {
    self->handshake_ = ec;
    self->read_event_.notify();
  });
  auto outcome = co_await self->handshake_outcome(deadline);
  if (outcome) co_return result<void>{};
  if (self->handshake_ == beast::websocket::error::upgrade_declined) {
    const auto status = self->answer_.result_int();
    co_return error{errc::refused, where.origin() + " answered " + std::to_string(status) + " " +
                                       std::string{reason_phrase(status)} +
                                       " to the WebSocket handshake"};
  }
  auto failure = outcome.error().within(where.origin());
  // Before the handshake is done, a broken connection has carried nothing that matters.
  if (failure.code == errc::io) failure.code = errc::unavailable;
  co_return failure;
}

task<result<void>> session::handshake_as_server(std::shared_ptr<session> self, std::string target,
                                                http_headers upgrade, instant deadline) {
  auto& request = self->upgrade_request_;
  request.method(http::verb::get);
  request.target(target);
  request.version(11);
  for (const auto& [name, value] : upgrade.all()) request.insert(name, value);
  self->ws_.async_accept(request, [self](error_code ec) {
    self->handshake_ = ec;
    self->read_event_.notify();
  });
  co_return co_await self->handshake_outcome(deadline);
}

void session::start_read() {
  reading_ = true;
  ws_.async_read_some(buffer_.room(),
                      [self = shared_from_this()](error_code ec, std::size_t count) {
                        self->reading_ = false;
                        self->buffer_.commit(count);
                        if (ec) return self->fail(self->translate(ec));
                        if (!self->ws_.is_message_done()) return self->start_read();
                        self->take_message();
                        self->read_event_.notify();
                      });
}

void session::take_message() {
  websocket_message message;
  message.data = buffer_.take();
  message.binary = ws_.got_binary();
  message.received = ws_.next_layer().last_read();
  message_ = std::move(message);
}

task<result<websocket_message>> session::read(std::shared_ptr<session> self) {
  const auto begun = system_clock().monotonic();
  while (!self->message_) {
    if (self->failure_) co_return *self->failure_;
    if (!self->reading_) self->start_read();
    const auto heard = std::max(begun, self->ws_.next_layer().last_read());
    const auto why = co_await self->read_event_.wait(heard + self->limits_.idle);
    if (why == wake::cancelled) co_return error{errc::cancelled, "read was cancelled"};
    if (why == wake::expired && self->ws_.next_layer().last_read() <= heard)
      self->fail({errc::timed_out, "nothing was received for " +
                                       std::to_string(self->limits_.idle.count()) + " ms"});
  }
  auto message = std::move(*self->message_);
  self->message_.reset();
  co_return message;
}

result<void> session::enqueue(std::string data, bool ping) {
  if (failure_) return error{errc::io, failure_->message};
  if (closing_) return error{errc::io, "the connection is being closed"};
  if (ping && data.size() > ping_bytes_max)
    return error{errc::invalid_argument, "a ping carries at most 125 bytes"};
  if (queue_.size() >= limits_.write_queue)
    return error{errc::overloaded,
                 std::to_string(queue_.size()) + " messages wait to be written already"};
  queue_.push_back(outgoing{std::move(data), ping});
  if (!writing_) start_write();
  return {};
}

void session::start_write() {
  writing_ = true;
  ++writes_begun_;
  watch_write();
  const auto& next = queue_.front();
  if (next.ping) {
    ws_.async_ping(beast::websocket::ping_data{next.data},
                   [self = shared_from_this()](error_code ec) { self->on_written(ec); });
    return;
  }
  ws_.async_write(asio::buffer(next.data), [self = shared_from_this()](error_code ec, std::size_t) {
    self->on_written(ec);
  });
}

/// A peer that stops reading must not hold the queue for ever.
void session::watch_write() {
  write_timer_.expires_after(limits_.idle);
  write_timer_.async_wait([weak = weak_from_this(), begun = writes_begun_](error_code ec) {
    const auto self = weak.lock();
    if (ec || !self || !self->writing_ || self->writes_begun_ != begun) return;
    self->fail({errc::timed_out, "the peer has not taken a message for " +
                                     std::to_string(self->limits_.idle.count()) + " ms"});
  });
}

void session::on_written(error_code ec) {
  writing_ = false;
  write_timer_.cancel();
  if (ec) {
    queue_.clear();
    // The peer's close frame may be on its way to the reader, and it says more than a broken pipe.
    if (!reading_) fail(translate(ec));
    return;
  }
  queue_.pop_front();
  if (!queue_.empty()) return start_write();
  if (closing_ && !close_begun_) start_close();
}

void session::begin_close(beast::websocket::close_code code) {
  if (failure_ || closing_) return;
  closing_ = true;
  close_code_ = code;
  if (!writing_) start_close();
}

void session::start_close() {
  close_begun_ = true;
  ws_.async_close(
      beast::websocket::close_reason{close_code_}, [self = shared_from_this()](error_code) {
        self->fail({errc::io, "closed by this side: code " + std::to_string(self->close_code_)});
      });
}

task<> session::close(std::shared_ptr<session> self, std::chrono::milliseconds limit) {
  self->begin_close(beast::websocket::close_code::normal);
  const auto deadline = system_clock().monotonic() + limit;
  while (!self->failure_) {
    const auto why = co_await self->close_event_.wait(deadline);
    if (why != wake::notified) break;
  }
  self->fail({errc::io, "closed by this side"});
}

void session::fail(error reason) {
  if (failure_) return;
  failure_ = std::move(reason);
  if (!writing_) queue_.clear();
  write_timer_.cancel();
  ws_.next_layer().abort();
  read_event_.notify();
  close_event_.notify();
}

/// What callers hold. Its end is the connection's.
class session_handle final : public websocket {
 public:
  explicit session_handle(std::shared_ptr<session> s) : session_{std::move(s)} {}
  ~session_handle() override { session_->fail({errc::io, "closed by this side"}); }
  session_handle(const session_handle&) = delete;
  session_handle& operator=(const session_handle&) = delete;

  task<result<websocket_message>> read() override { return session::read(session_); }
  result<void> write(std::string text) override {
    return session_->enqueue(std::move(text), false);
  }
  result<void> ping(std::string payload) override {
    return session_->enqueue(std::move(payload), true);
  }
  task<> close(std::chrono::milliseconds limit) override { return session::close(session_, limit); }

 private:
  std::shared_ptr<session> session_;
};

}  // namespace

task<result<std::unique_ptr<websocket>>> open_websocket(std::unique_ptr<byte_stream> stream,
                                                        url where, http_headers headers,
                                                        websocket_limits limits, instant deadline) {
  auto s = std::make_shared<session>(std::move(stream), limits, beast::role_type::client);
  auto handle = std::make_unique<session_handle>(s);
  auto done =
      co_await session::handshake_as_client(s, std::move(where), std::move(headers), deadline);
  if (!done) co_return done.error();
  co_return result<std::unique_ptr<websocket>>{std::move(handle)};
}

task<result<accepted_websocket>> accept_websocket(std::unique_ptr<byte_stream> stream,
                                                  std::string target, http_headers upgrade,
                                                  websocket_limits limits, instant deadline) {
  auto s = std::make_shared<session>(std::move(stream), limits, beast::role_type::server);
  accepted_websocket out;
  out.socket = std::make_unique<session_handle>(s);
  auto done =
      co_await session::handshake_as_server(s, std::move(target), std::move(upgrade), deadline);
  if (!done) co_return done.error();
  out.go_away = [weak = std::weak_ptr<session>{s}] {
    if (const auto alive = weak.lock())
      alive->begin_close(beast::websocket::close_code::going_away);
  };
  co_return out;
}

}  // namespace cornice::infra
