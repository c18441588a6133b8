#include "infra/amqp_publish_session.hpp"

#include <algorithm>
#include <random>
#include <utility>

namespace cornice::infra::amqp {
namespace {

constexpr const char* reply_queue = "amq.rabbitmq.reply-to";
constexpr std::chrono::milliseconds channel_retry{500};

std::string random_prefix() {
  std::random_device device;
  return std::to_string(std::uint64_t{device()} << 32 | device()) + "-";
}

const std::string& reply_queue_name() {
  static const std::string name{reply_queue};
  return name;
}

}  // namespace

publish_session::publish_session(const amqp_config& config, output& out, metrics_registry& metrics)
    : config_{config},
      out_{out},
      metrics_{metrics},
      channels_{channel{config.message_limit}, channel{config.message_limit},
                channel{config.message_limit}},
      plain_{config.publish_queue_limit},
      confirmed_{config.publish_queue_limit},
      requests_{config.request_limit},
      correlation_prefix_{random_prefix()} {}

void publish_session::add_topic(std::string name) {
  if (may_declare(name) && std::find(topics_.begin(), topics_.end(), name) == topics_.end())
    topics_.push_back(std::move(name));
}

result<void> publish_session::publish(amqp_message m, instant now) {
  if (shut_) return error{errc::unavailable, "the RabbitMQ client is shut down"};
  // A broker that takes messages but not this many is overload, which the caller should feel. A
  // broker that takes none makes old messages worthless, so that new ones are kept instead.
  const bool flowing = ready() && !blocked();
  if (flowing && !plain_.has_room(1)) {
    metrics_.dropped(m.topic, "overloaded");
    return error{errc::overloaded, "RabbitMQ publish queue is full (" +
                                       std::to_string(config_.publish_queue_limit) + " messages)"};
  }
  const auto pushed = plain_.push({std::move(m), now}, when_full::drop_oldest);
  if (pushed.dropped) metrics_.dropped(pushed.dropped->message.topic, "oldest");
  return {};
}

result<void> publish_session::publish_confirmed(std::vector<amqp_message> messages, bool mandatory,
                                                const std::shared_ptr<confirm_batch>& batch) {
  if (shut_) return error{errc::unavailable, "the RabbitMQ client is shut down"};
  if (!confirmed_.has_room(messages.size())) {
    // Callers that gave up leave their messages behind until someone needs the room.
    confirmed_.erase_if([](const waiting_confirmed& w) { return w.batch->abandoned; });
    if (!confirmed_.has_room(messages.size()))
      return error{errc::overloaded, "RabbitMQ queue of durable messages is full (" +
                                         std::to_string(config_.publish_queue_limit) +
                                         " messages)"};
  }
  for (std::size_t i = 0; i < messages.size(); ++i)
    confirmed_.push({std::move(messages[i]), batch, i, mandatory}, when_full::refuse);
  return {};
}

result<void> publish_session::request(amqp_message m,
                                      const std::shared_ptr<pending_request>& pending,
                                      instant now) {
  if (shut_) return error{errc::unavailable, "the RabbitMQ client is shut down"};
  std::erase_if(awaiting_reply_, [](const auto& r) { return r.second->abandoned; });
  requests_.erase_if([](const waiting_request& w) { return w.pending->abandoned; });
  if (awaiting_reply_.size() + requests_.size() >= config_.request_limit)
    return error{errc::overloaded, std::to_string(config_.request_limit) +
                                       " RabbitMQ requests wait for their reply already"};
  m.correlation_id = correlation_prefix_ + std::to_string(++correlation_count_);
  m.reply_to = reply_queue;
  requests_.push({std::move(m), pending, now}, when_full::refuse);
  return {};
}

void publish_session::shut(const error& why) {
  shut_ = true;
  fail_sent_confirms(why);
  fail_sent_requests(why);
  confirmed_.clear([&](waiting_confirmed w) { w.batch->fail(w.index, why); });
  requests_.clear([&](waiting_request w) { w.pending->settle(why); });
  plain_.clear([&](waiting_message w) { metrics_.dropped(w.message.topic, "shutdown"); });
  update_gauges();
}

std::size_t publish_session::backlog() const noexcept {
  return plain_.size() + confirmed_.size() + requests_.size();
}

bool publish_session::drained() const noexcept {
  return backlog() == 0 && window_.open() == 0 && flow_.in_flight() == 0;
}

void publish_session::opened(std::uint32_t frame_max, instant now) {
  frame_max_ = frame_max;
  open_ = true;
  told_blocked_ = stalled_ = false;
  flow_.reset(now);
  for (std::uint16_t n = plain_channel; n <= request_channel; ++n) open_channel_again(n, now);
}

void publish_session::open_channel_again(std::uint16_t number, instant now) {
  channel& c = at(number);
  c.usable = false;
  c.reopen_at.reset();
  c.content.reset();
  std::deque<channel_script::step> steps{open_channel(number)};
  if (number == plain_channel) {
    for (const auto& t : topics_) steps.push_back(declare_topic(number, t));
    flow_.reset(now);
  } else if (number == confirm_channel) {
    steps.push_back(select_confirms(number));
  } else {
    steps.push_back(start_consuming(number, reply_queue_name(), true));
  }
  c.script.begin(std::move(steps), out_, now);
}

result<void> publish_session::on_method(std::uint16_t number, const method& m, instant now) {
  if (number < plain_channel || number > request_channel)
    return error{errc::protocol,
                 "AMQP method on channel " + std::to_string(number) + ", which is not open"};
  channel& c = at(number);
  if (c.script.on_method(m, out_, now)) {
    if (c.script.done()) {
      c.usable = true;
      if (ready()) channel_failure_.clear();
    }
    return {};
  }
  switch (m.id) {
    case AMQP_BASIC_QOS_OK_METHOD:
      if (flow_.answered()) stalled_ = flow_.overdue(now);
      return {};
    case AMQP_BASIC_ACK_METHOD: {
      const auto& a = m.as<amqp_basic_ack_t>();
      return on_confirm(a.delivery_tag, a.multiple != 0, true, now);
    }
    case AMQP_BASIC_NACK_METHOD: {
      const auto& n = m.as<amqp_basic_nack_t>();
      return on_confirm(n.delivery_tag, n.multiple != 0, false, now);
    }
    case AMQP_BASIC_RETURN_METHOD: {
      const auto& r = m.as<amqp_basic_return_t>();
      c.content_is_return = true;
      return c.content.begin(text_of(r.exchange), text_of(r.routing_key));
    }
    case AMQP_BASIC_DELIVER_METHOD: {
      const auto& d = m.as<amqp_basic_deliver_t>();
      c.content_is_return = false;
      return c.content.begin(text_of(d.exchange), text_of(d.routing_key));
    }
    case AMQP_CHANNEL_CLOSE_METHOD:
      write_channel_close_ok(out_, number);
      on_channel_closed(number, channel_error(m), now);
      return {};
    default:
      return error{errc::protocol,
                   std::string{"unexpected AMQP method "}.append(amqp_method_name(m.id))};
  }
}

void publish_session::on_channel_closed(std::uint16_t number, const error& why, instant now) {
  channel& c = at(number);
  c.usable = false;
  c.script.reset();
  c.content.reset();
  c.reopen_at = now + channel_retry;
  channel_failure_ = why.message;
  // One message the broker could not take (an unknown topic, say) closes the channel; which of the
  // others before it arrived is not known.
  const error unknown{errc::unavailable, why.message};
  if (number == confirm_channel) fail_sent_confirms(unknown);
  if (number == request_channel) fail_sent_requests(unknown);
  if (number == plain_channel) flow_.reset(now);
  update_gauges();
}

void publish_session::fail_sent_confirms(const error& why) {
  window_.abandon([&](unconfirmed u) { u.batch->fail(u.index, why); });
}

void publish_session::fail_sent_requests(const error& why) {
  for (auto& [id, pending] : std::exchange(awaiting_reply_, {})) pending->settle(why);
}

result<void> publish_session::on_confirm(std::uint64_t tag, bool multiple, bool positive,
                                         instant now) {
  const bool known = window_.settle(tag, multiple, [&](unconfirmed u) {
    metrics_.confirm_seconds.observe_us(
        std::chrono::duration_cast<std::chrono::microseconds>(now - u.sent).count());
    if (!positive)
      u.batch->fail(u.index, {errc::refused, "the broker did not take the message (nack)"});
    else if (u.returned)
      u.batch->fail(u.index, {errc::refused, "no queue is bound for the message (unroutable)"});
    else
      u.batch->confirm(u.index);
  });
  if (!known)
    return error{errc::protocol,
                 "confirm of delivery tag " + std::to_string(tag) + ", which was never published"};
  update_gauges();
  return {};
}

result<void> publish_session::on_header(std::uint16_t number, const content_header& h, instant) {
  if (number < plain_channel || number > request_channel)
    return error{errc::protocol, "AMQP content on a channel that is not open"};
  if (auto ok = at(number).content.header(h); !ok) return ok;
  return on_content(number);
}

result<void> publish_session::on_body(std::uint16_t number, std::span<const std::uint8_t> piece,
                                      instant) {
  if (number < plain_channel || number > request_channel)
    return error{errc::protocol, "AMQP content on a channel that is not open"};
  if (auto ok = at(number).content.body(piece); !ok) return ok;
  return on_content(number);
}

result<void> publish_session::on_content(std::uint16_t number) {
  channel& c = at(number);
  if (!c.content.complete()) return {};
  const std::uint64_t seq = c.content.confirm_seq();
  const bool oversized = c.content.oversized();
  amqp_message m = c.content.take();
  if (c.content_is_return) {
    on_returned(m, seq);
  } else if (oversized) {
    metrics_.dropped(m.topic, "too_large");
  } else {
    on_reply(std::move(m));
  }
  return {};
}

void publish_session::on_returned(const amqp_message& m, std::uint64_t confirm_seq) {
  if (confirm_seq != 0) {
    // The acknowledgement that follows settles it.
    if (unconfirmed* u = window_.find(confirm_seq)) u->returned = true;
    return;
  }
  const auto found = awaiting_reply_.find(m.correlation_id);
  if (found == awaiting_reply_.end()) return;
  found->second->settle(error{errc::unavailable, "nobody serves requests to topic " + m.topic +
                                                     " with routing key " + m.routing_key});
  awaiting_reply_.erase(found);
}

void publish_session::on_reply(amqp_message m) {
  const auto found = awaiting_reply_.find(m.correlation_id);
  if (found == awaiting_reply_.end()) {
    metrics_.dropped(m.topic, "late_reply");
    return;
  }
  const auto pending = std::move(found->second);
  awaiting_reply_.erase(found);
  pending->settle(std::move(m));
}

void publish_session::on_blocked(bool blocked, std::string_view reason) {
  told_blocked_ = blocked;
  if (blocked) blocked_reason_ = reason;
}

result<void> publish_session::tick(instant now) {
  for (std::uint16_t n = plain_channel; n <= request_channel; ++n) {
    if (at(n).reopen_at && *at(n).reopen_at <= now) open_channel_again(n, now);
    // A broker that has told us it is blocked answers later.
    if (!told_blocked_ && at(n).script.overdue(now, config_.connect_timeout))
      return set_up_overdue(n, config_.connect_timeout);
  }
  const bool overdue = flow_.overdue(now);
  if (overdue && !stalled_) blocked_reason_ = "the broker has stopped reading";
  stalled_ = overdue;
  return {};
}

void publish_session::lost(const error& why) {
  open_ = told_blocked_ = stalled_ = false;
  for (channel& c : channels_) {
    c.usable = false;
    c.script.reset();
    c.content.reset();
    c.reopen_at.reset();
  }
  const error unknown{errc::unavailable, "connection to RabbitMQ lost: " + why.message};
  fail_sent_confirms(unknown);
  fail_sent_requests(unknown);
  update_gauges();
}

bool publish_session::ready() const noexcept {
  return open_ &&
         std::all_of(channels_.begin(), channels_.end(), [](const channel& c) { return c.usable; });
}

}  // namespace cornice::infra::amqp
