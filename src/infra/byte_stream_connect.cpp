#include "infra/byte_stream_connect.hpp"

#include "cornice/infra/clock.hpp"
#include "infra/byte_stream_event.hpp"

#include <boost/asio/ip/tcp.hpp>

#include <algorithm>
#include <optional>
#include <vector>

namespace cornice::infra {

namespace {

using asio::ip::tcp;

constexpr std::size_t addresses_max = 8;

/// What the callbacks of one opening share with its coroutine; they may outlive it.
struct opening {
  explicit opening(asio::any_io_executor ex) : resolver{ex}, socket{ex}, event{ex} {}
  tcp::resolver resolver;
  tcp::socket socket;
  std::unique_ptr<byte_stream> stream;
  std::vector<tcp::endpoint> endpoints;
  std::optional<error_code> outcome;  ///< of the step in progress
  stream_event event;

  void end(error_code ec) {
    outcome = ec;
    event.notify();
  }
};

/// Gives everything up when the coroutine leaves early, however it leaves.
class abandon_on_exit {
 public:
  explicit abandon_on_exit(std::shared_ptr<opening> what) : what_{std::move(what)} {}
  ~abandon_on_exit() {
    error_code nothing_open;
    what_->resolver.cancel();
    what_->socket.close(nothing_open);
    if (what_->stream) what_->stream->abort();
  }
  abandon_on_exit(const abandon_on_exit&) = delete;
  abandon_on_exit& operator=(const abandon_on_exit&) = delete;

 private:
  std::shared_ptr<opening> what_;
};

std::string name_of(const stream_target& target) {
  return target.host + ":" + std::to_string(target.port);
}

error gave_up(wake why, const stream_target& target, std::string_view step) {
  const auto text = name_of(target) + ": " + std::string{step};
  if (why == wake::expired) return {errc::timed_out, text + " did not end before the deadline"};
  return {errc::cancelled, text + " was cancelled"};
}

/// Waits for the outcome of the step in progress.
task<result<error_code>> step_outcome(std::shared_ptr<opening> o, instant deadline,
                                      stream_target target, std::string step) {
  while (!o->outcome) {
    const auto why = co_await o->event.wait(deadline);
    if (why != wake::notified) co_return gave_up(why, target, step);
  }
  const auto ec = *o->outcome;
  o->outcome.reset();
  co_return ec;
}

/// The resolver's own cancellation cannot interrupt getaddrinfo, so the coroutine waits for its
/// event instead of for the resolver: a DNS server that does not answer costs no more than the
/// deadline.
task<result<void>> resolve(std::shared_ptr<opening> o, stream_target target, instant deadline) {
  error_code not_an_address;
  const auto address = asio::ip::make_address(target.host, not_an_address);
  if (!not_an_address) {
    o->endpoints.emplace_back(address, target.port);
    co_return result<void>{};
  }
  o->resolver.async_resolve(target.host, std::to_string(target.port),
                            tcp::resolver::numeric_service,
                            [o](error_code ec, const tcp::resolver::results_type& found) {
                              for (const auto& entry : found)
                                if (o->endpoints.size() < addresses_max)
                                  o->endpoints.push_back(entry.endpoint());
                              o->end(ec);
                            });
  auto outcome = co_await step_outcome(o, deadline, target, "resolving the name");
  if (!outcome) co_return outcome.error();
  if (*outcome || o->endpoints.empty()) {
    const auto reason = *outcome ? outcome->message() : std::string{"the name has no address"};
    co_return error{errc::unavailable, name_of(target) + ": cannot be resolved: " + reason};
  }
  co_return result<void>{};
}

task<result<void>> connect_one(std::shared_ptr<opening> o, stream_target target,
                               tcp::endpoint endpoint, instant deadline) {
  error_code ec;
  o->socket.close(ec);
  o->outcome.reset();
  // Each attempt counts for itself: the outcome of one that was given up must not end the next.
  auto attempt = std::make_shared<bool>(true);
  o->socket.async_connect(endpoint, [o, attempt](error_code done) {
    if (*attempt) o->end(done);
  });
  auto outcome = co_await step_outcome(o, deadline, target, "connecting");
  *attempt = false;
  if (!outcome) co_return outcome.error();
  if (*outcome)
    co_return error{errc::unavailable, name_of(target) + ": cannot connect: " + outcome->message()};
  o->socket.set_option(tcp::no_delay{true}, ec);
  if (ec) co_return error{errc::unavailable, name_of(target) + ": TCP_NODELAY: " + ec.message()};
  co_return result<void>{};
}

task<result<void>> connect(std::shared_ptr<opening> o, stream_target target, instant deadline) {
  result<void> last = error{errc::unavailable, name_of(target) + ": no address"};
  for (std::size_t i = 0; i < o->endpoints.size(); ++i) {
    const auto now = system_clock().monotonic();
    const auto share = (deadline - now) / static_cast<std::int64_t>(o->endpoints.size() - i);
    last = co_await connect_one(o, target, o->endpoints[i], now + share);
    if (last || last.error().code == errc::cancelled) break;
  }
  co_return last;
}

task<result<void>> handshake(std::shared_ptr<opening> o, stream_target target, instant deadline) {
  o->stream = target.tls ? make_tls_client_stream(std::move(o->socket), target.tls, target.host)
                         : make_plain_stream(std::move(o->socket));
  if (!o->stream)
    co_return error{errc::unavailable,
                    name_of(target) + ": TLS: the host is not usable as a server name"};
  if (!target.tls) co_return result<void>{};
  o->stream->handshake([o](error_code ec) { o->end(ec); });
  auto outcome = co_await step_outcome(o, deadline, target, "the TLS handshake");
  if (!outcome) co_return outcome.error();
  if (*outcome) {
    const auto detail = o->stream->handshake_failure();
    co_return error{errc::unavailable, name_of(target) + ": TLS handshake failed: " +
                                           (detail.empty() ? outcome->message() : detail)};
  }
  co_return result<void>{};
}

}  // namespace

task<result<std::unique_ptr<byte_stream>>> open_stream(asio::any_io_executor loop,
                                                       stream_target target, instant deadline) {
  auto o = std::make_shared<opening>(loop);
  const abandon_on_exit cleanup{o};
  auto done = co_await resolve(o, target, deadline);
  if (!done) co_return done.error();
  done = co_await connect(o, target, deadline);
  if (!done) co_return done.error();
  done = co_await handshake(o, target, deadline);
  if (!done) co_return done.error();
  co_return std::move(o->stream);
}

}  // namespace cornice::infra
