#include "infra/amqp_client.hpp"

#include "cornice/base/check.hpp"
#include "cornice/infra/clock.hpp"
#include "cornice/infra/log.hpp"

#include <exception>
#include <utility>

namespace cornice::infra {
namespace {

const logger& events() {
  static const logger log{"amqp"};
  return log;
}

bool short_string(const std::string& s) noexcept {
  return s.size() <= 255;
}

// These go into fixed-size AMQP fields at every connect, long after whoever configured them is
// there to hear of it.
void check_config(const amqp_config& c) {
  invariant(c.publish_queue_limit > 0 && c.unconfirmed_limit > 0,
            "AMQP queue limits are at least 1");
  invariant(short_string(c.vhost), "an AMQP vhost name has at most 255 bytes");
  invariant(c.user.size() + c.password.size() + c.connection_name.size() <= 4096,
            "AMQP user, password and connection name have at most 4096 bytes together");
}

amqp_state state_of(const amqp::link& l) noexcept {
  if (l.phase() == amqp::link_phase::down || l.ended()) return amqp_state::down;
  return l.ready() ? amqp_state::up : amqp_state::connecting;
}

}  // namespace

std::string_view to_string(amqp_state s) noexcept {
  switch (s) {
    case amqp_state::connecting:
      return "connecting";
    case amqp_state::up:
      return "up";
    case amqp_state::blocked:
      return "blocked";
    case amqp_state::down:
      return "down";
  }
  return "unknown";
}

amqp_client::state::state(asio::any_io_executor ex, amqp_config c, metrics_registry& metrics)
    : loop{std::move(ex)},
      config{std::move(c)},
      random{std::random_device{}()},
      publisher{config, publish_out, metrics},
      consumer{config, consume_out, metrics, [this] { return random(); }},
      publish_link{
          std::make_shared<amqp::link>(loop, config, "publish", publisher, publish_out, metrics)},
      consume_link{
          std::make_shared<amqp::link>(loop, config, "consume", consumer, consume_out, metrics)} {
  check_config(config);
}

void amqp_client::state::start() {
  invariant(!started, "an AMQP client is started once");
  started = true;
  const auto changed = [this] { refresh(); };
  publish_link->start(shared_from_this(), changed);
  if (consumer.has_queues()) consume_link->start(shared_from_this(), changed);
}

void amqp_client::state::stop() {
  if (std::exchange(stopped, true)) return;
  consumer.halt();
  publish_link->stop();
  consume_link->stop();
  publisher.shut({errc::unavailable, "the RabbitMQ client is shut down"});
}

amqp_state amqp_client::state::publish_now() const noexcept {
  if (!started || stopped) return amqp_state::down;
  const amqp_state s = state_of(*publish_link);
  return publish_link->phase() == amqp::link_phase::open && publisher.blocked()
             ? amqp_state::blocked
             : s;
}

amqp_state amqp_client::state::consume_now() const noexcept {
  if (!started || stopped) return amqp_state::down;
  return consumer.has_queues() ? state_of(*consume_link) : amqp_state::up;
}

void amqp_client::state::refresh() {
  const amqp_state p = publish_now();
  const amqp_state c = consume_now();
  const amqp_state p_before = std::exchange(publish_last, p);
  const amqp_state c_before = std::exchange(consume_last, c);
  if (p == p_before && c == c_before) return;
  if (p == amqp_state::blocked && p_before != p)
    events().warn("amqp_blocked",
                  {{"reason", publisher.blocked_reason()}, {"backlog", publisher.backlog()}});
  if (p == amqp_state::up && p_before == amqp_state::blocked)
    events().info("amqp_unblocked", {{"backlog", publisher.backlog()}});
  if (!on_change || stopped) return;
  // The handler may end this client: nothing of it is touched afterwards.
  try {
    on_change();
  } catch (const std::exception& e) {
    events().error("amqp_handler_failed", {{"queue", "(state)"}, {"reason", e.what()}});
  }
}

result<void> amqp_client::state::check(const amqp_message& m) const {
  return amqp::check_message(m, config.message_limit);
}

amqp_client::amqp_client(asio::any_io_executor loop, amqp_config config, metrics_registry& metrics)
    : state_{std::make_shared<state>(std::move(loop), std::move(config), metrics)} {}

amqp_client::~amqp_client() {
  state_->stop();
}

void amqp_client::declare_topic(const std::string& name) {
  invariant(!state_->started, "AMQP topics are declared before start()");
  invariant(short_string(name), "an AMQP topic name has at most 255 bytes");
  state_->publisher.add_topic(name);
}

void amqp_client::consume(amqp_queue queue, std::function<void(amqp_delivery)> handler) {
  invariant(!state_->started, "AMQP queues are consumed before start()");
  invariant(handler != nullptr, "an AMQP queue has a handler");
  invariant(short_string(queue.name) && short_string(queue.dead_letter_topic),
            "AMQP queue and topic names have at most 255 bytes");
  for (const auto& [topic, key] : queue.bindings)
    invariant(short_string(topic) && short_string(key),
              "AMQP topic names and binding keys have at most 255 bytes");
  state_->consumer.add_queue(std::move(queue), std::move(handler));
}

void amqp_client::start() {
  state_->start();
}

result<void> amqp_client::publish(amqp_message message) {
  CORNICE_CHECK_OK(state_->check(message));
  auto queued = state_->publisher.publish(std::move(message), system_clock().monotonic());
  if (queued) state_->publish_link->wake();
  return queued;
}

void amqp_client::ack(const amqp_delivery& delivery) {
  state_->consumer.ack(delivery);
  state_->consume_link->wake();
}

void amqp_client::reject(const amqp_delivery& delivery, bool requeue) {
  state_->consumer.reject(delivery, requeue);
  state_->consume_link->wake();
}

amqp_state amqp_client::publish_state() const noexcept {
  return state_->publish_now();
}

amqp_state amqp_client::consume_state() const noexcept {
  return state_->consume_now();
}

std::string amqp_client::last_error() const {
  std::string all;
  const auto add = [&](const char* side, const std::string& text) {
    if (text.empty()) return;
    if (!all.empty()) all += "; ";
    all.append(side).append(": ").append(text);
  };
  add("publish", state_->publish_link->failure());
  add("publish", state_->publisher.channel_failure());
  if (state_->publish_now() == amqp_state::blocked)
    add("publish", state_->publisher.blocked_reason());
  add("consume", state_->consume_link->failure());
  add("consume", state_->consumer.failures());
  return all;
}

std::size_t amqp_client::backlog() const noexcept {
  return state_->publisher.backlog();
}

void amqp_client::on_state_change(std::function<void()> handler) {
  invariant(!state_->started, "the AMQP state handler is set before start()");
  state_->on_change = std::move(handler);
}

}  // namespace cornice::infra
