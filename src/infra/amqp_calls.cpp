// The awaitable calls of amqp_client: confirmed publishing, requests, shutdown.
#include "cornice/infra/clock.hpp"
#include "infra/amqp_client.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <utility>

namespace cornice::infra {
namespace {

// Whatever ends the coroutine (deadline, cancellation, destruction), nobody waits any more.
template <class Operation>
class abandon_at_end {
 public:
  explicit abandon_at_end(std::shared_ptr<Operation> op) : op_{std::move(op)} {}
  ~abandon_at_end() {
    op_->abandoned = true;
    op_->finished = nullptr;
  }
  abandon_at_end(const abandon_at_end&) = delete;
  abandon_at_end& operator=(const abandon_at_end&) = delete;

 private:
  std::shared_ptr<Operation> op_;
};

// A caller's `milliseconds::max()` must not overflow the timer.
constexpr std::chrono::milliseconds longest_deadline = std::chrono::hours{24};

std::string within_ms(std::chrono::milliseconds deadline) {
  return " within " + std::to_string(deadline.count()) + " ms";
}

}  // namespace

task<result<std::size_t>> amqp_client::state::confirmed(std::shared_ptr<state> self,
                                                        std::vector<amqp_message> messages,
                                                        std::chrono::milliseconds deadline,
                                                        bool mandatory) {
  if (messages.empty()) co_return std::size_t{0};
  for (const auto& m : messages)
    if (auto ok = self->check(m); !ok) co_return std::move(ok).error();
  auto batch = std::make_shared<amqp::confirm_batch>(messages.size());
  const abandon_at_end guard{batch};
  if (auto queued = self->publisher.publish_confirmed(std::move(messages), mandatory, batch);
      !queued)
    co_return std::move(queued).error();
  asio::steady_timer timer{self->loop};
  timer.expires_after(std::min(deadline, longest_deadline));
  batch->finished = [&timer] { timer.cancel(); };
  self->publish_link->wake();
  const auto [stopped_waiting] = co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
  if (const std::size_t front = batch->confirmed_prefix(); front > 0) co_return front;
  if (auto failure = batch->first_failure()) co_return std::move(*failure);
  if (stopped_waiting && !batch->done())
    co_return error{errc::cancelled, "no longer waiting for the publisher confirm"};
  co_return error{errc::timed_out, "no publisher confirm from RabbitMQ" + within_ms(deadline)};
}

task<result<void>> amqp_client::state::confirmed_one(std::shared_ptr<state> self,
                                                     amqp_message message,
                                                     std::chrono::milliseconds deadline,
                                                     bool mandatory) {
  std::vector<amqp_message> one;
  one.push_back(std::move(message));
  auto done = co_await confirmed(std::move(self), std::move(one), deadline, mandatory);
  if (!done) co_return std::move(done).error();
  co_return result<void>{};
}

task<result<amqp_message>> amqp_client::state::ask(std::shared_ptr<state> self,
                                                   amqp_message message,
                                                   std::chrono::milliseconds deadline) {
  if (auto ok = self->check(message); !ok) co_return std::move(ok).error();
  // A request that is answered after its deadline was answered for nobody.
  if (message.expiration_ms == 0)
    message.expiration_ms = std::max<std::int64_t>(deadline.count(), 1);
  auto pending = std::make_shared<amqp::pending_request>();
  const abandon_at_end guard{pending};
  if (auto queued =
          self->publisher.request(std::move(message), pending, system_clock().monotonic());
      !queued)
    co_return std::move(queued).error();
  asio::steady_timer timer{self->loop};
  timer.expires_after(std::min(deadline, longest_deadline));
  pending->finished = [&timer] { timer.cancel(); };
  self->publish_link->wake();
  const auto [stopped_waiting] = co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
  if (pending->answer) co_return std::move(*pending->answer);
  if (stopped_waiting) co_return error{errc::cancelled, "no longer waiting for the reply"};
  if (self->publish_now() == amqp_state::down || self->publish_now() == amqp_state::connecting)
    co_return error{errc::unavailable, "no connection to RabbitMQ" + within_ms(deadline)};
  co_return error{errc::timed_out, "no reply to the request" + within_ms(deadline)};
}

task<> amqp_client::state::shut_down(std::shared_ptr<state> self, std::chrono::milliseconds limit) {
  constexpr std::chrono::milliseconds look_every{2};
  if (!self->started || self->stopped) {
    self->stop();
    co_return;
  }
  const instant end = system_clock().monotonic() + limit;
  self->consumer.stop_consuming();
  self->consume_link->wake();
  self->publisher.drain();
  self->publish_link->wake();
  // A fifth of the time is kept for closing.
  while (!self->publisher.drained() && !self->stopped &&
         system_clock().monotonic() < end - limit / 5)
    if (!co_await sleep_for(look_every)) break;
  self->publish_link->close();
  self->consume_link->close();
  const auto closed = [&] {
    return self->publish_link->ended() &&
           (self->consume_link->ended() || !self->consumer.has_queues());
  };
  while (!closed() && system_clock().monotonic() < end)
    if (!co_await sleep_for(look_every)) break;
  self->stop();
}

task<result<void>> amqp_client::publish_confirmed(amqp_message message,
                                                  std::chrono::milliseconds deadline,
                                                  bool mandatory) {
  return state::confirmed_one(state_, std::move(message), deadline, mandatory);
}

task<result<std::size_t>> amqp_client::publish_confirmed_batch(std::vector<amqp_message> messages,
                                                               std::chrono::milliseconds deadline) {
  return state::confirmed(state_, std::move(messages), deadline, false);
}

task<result<amqp_message>> amqp_client::request(amqp_message message,
                                                std::chrono::milliseconds deadline) {
  return state::ask(state_, std::move(message), deadline);
}

task<> amqp_client::shutdown(std::chrono::milliseconds limit) {
  return state::shut_down(state_, limit);
}

}  // namespace cornice::infra
