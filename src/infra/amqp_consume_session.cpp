#include "infra/amqp_consume_session.hpp"

#include "cornice/infra/log.hpp"

#include <algorithm>
#include <exception>
#include <set>
#include <utility>

namespace cornice::infra::amqp {
namespace {

// The tag given to callers carries the channel in its upper bits: delivery tags count per channel.
constexpr int channel_shift = 48;
constexpr std::uint64_t tag_mask = (std::uint64_t{1} << channel_shift) - 1;

const logger& events() {
  static const logger log{"amqp"};
  return log;
}

error no_such_channel(std::uint16_t channel) {
  return {errc::protocol,
          "AMQP frame on channel " + std::to_string(channel) + ", which is not open"};
}

// A queue can only be bound to topics that exist, whoever declares them first.
std::set<std::string> topics_of(const amqp_queue& q) {
  std::set<std::string> topics;
  for (const auto& [topic, key] : q.bindings) topics.insert(topic);
  topics.insert(q.dead_letter_topic);
  std::erase_if(topics, [](const std::string& t) { return !may_declare(t); });
  return topics;
}

}  // namespace

consume_session::consume_session(const amqp_config& config, output& out, metrics_registry& metrics,
                                 std::function<std::uint64_t()> random)
    : config_{config},
      out_{out},
      metrics_{metrics},
      random_{std::move(random)},
      oversized_{metrics.make_counter("cornice_amqp_refused_deliveries_total",
                                      "Deliveries that were not handed to their handler.",
                                      {{"reason", "too_large"}})},
      handler_failures_{metrics.make_counter("cornice_amqp_handler_failures_total",
                                             "Exceptions that left a delivery handler.")} {}

void consume_session::add_queue(amqp_queue queue, std::function<void(amqp_delivery)> handler) {
  const std::string label = queue.name.empty() ? "(private)" : queue.name;
  consumers_.emplace_back(
      std::move(queue), std::move(handler),
      metrics_.make_counter("cornice_amqp_delivered_total", "Messages handed to their handler.",
                            {{"queue", label}}),
      config_);
}

consume_session::consumer* consume_session::at(std::uint16_t channel) noexcept {
  if (channel == 0 || channel > consumers_.size()) return nullptr;
  return &consumers_[channel - 1u];
}

consume_session::consumer* consume_session::consumer_of(const amqp_delivery& d) noexcept {
  if (d.tag == 0) return nullptr;
  consumer* c = at(static_cast<std::uint16_t>(d.tag >> channel_shift));
  return c != nullptr && c->channel_open && c->epoch == d.epoch ? c : nullptr;
}

void consume_session::ack(const amqp_delivery& d) {
  // A delivery of an earlier channel is not ours to answer: the broker sends it again.
  if (consumer* c = consumer_of(d)) c->acks.ack(d.tag & tag_mask);
}

void consume_session::reject(const amqp_delivery& d, bool requeue) {
  consumer* c = consumer_of(d);
  if (c == nullptr || !c->acks.reject(d.tag & tag_mask)) return;
  amqp_basic_reject_t fields{};
  fields.delivery_tag = d.tag & tag_mask;
  fields.requeue = requeue ? 1 : 0;
  write_method(out_, static_cast<std::uint16_t>(d.tag >> channel_shift), AMQP_BASIC_REJECT_METHOD,
               fields);
}

void consume_session::stop_consuming() {
  stopping_ = true;
  for (std::size_t i = 0; i < consumers_.size(); ++i) {
    if (!consumers_[i].consuming) continue;
    amqp_basic_cancel_t fields{};
    fields.consumer_tag = bytes_of("cornice");
    fields.nowait = 1;
    write_method(out_, static_cast<std::uint16_t>(i + 1), AMQP_BASIC_CANCEL_METHOD, fields);
  }
}

std::string consume_session::failures() const {
  std::string all;
  for (const auto& c : consumers_) {
    if (c.failure.empty()) continue;
    if (!all.empty()) all += "; ";
    all.append("queue ").append(c.queue.name).append(": ").append(c.failure);
  }
  return all;
}

void consume_session::opened(std::uint32_t, instant now) {
  open_ = true;
  for (std::size_t i = 0; i < consumers_.size(); ++i) begin(static_cast<std::uint16_t>(i + 1), now);
}

// Opens the channel unless it is still open, then declares, binds and consumes.
void consume_session::begin(std::uint16_t channel, instant now) {
  consumer& c = *at(channel);
  c.retry_at.reset();
  std::deque<channel_script::step> steps;
  if (!c.channel_open) {
    c.epoch = ++epochs_;
    c.acks.clear();
    c.content.reset();
    steps.push_back(open_channel(channel));
    steps.back().on_reply = [&c](const method&) { c.channel_open = true; };
  }
  for (const auto& t : topics_of(c.queue)) steps.push_back(declare_topic(channel, t));
  steps.push_back(
      declare_queue(channel, c.queue, [&c](std::string name) { c.name = std::move(name); }));
  for (const auto& [topic, key] : c.queue.bindings)
    steps.push_back(bind_queue(channel, c.name, topic, key));
  steps.push_back(limit_prefetch(channel, c.queue.auto_ack ? std::uint16_t{0} : c.queue.prefetch));
  steps.push_back(start_consuming(channel, c.name, c.queue.auto_ack));
  steps.back().on_reply = [&c](const method&) {
    c.consuming = true;
    c.failure.clear();
    c.retry.reset();
  };
  c.script.begin(std::move(steps), out_, now);
}

void consume_session::fail(consumer& c, std::string why, instant now) {
  c.consuming = false;
  c.script.reset();
  c.failure = std::move(why);
  const auto wait = c.retry.next(random_());
  c.retry_at = now + wait;
  events().warn("amqp_queue_failed",
                {{"queue", c.queue.name}, {"reason", c.failure}, {"retry_ms", wait.count()}});
}

result<void> consume_session::on_method(std::uint16_t channel, const method& m, instant now) {
  consumer* const c = at(channel);
  if (c == nullptr) return no_such_channel(channel);
  if (m.id == AMQP_BASIC_DELIVER_METHOD) {
    const auto& d = m.as<amqp_basic_deliver_t>();
    c->current_tag = d.delivery_tag;
    c->current_redelivered = d.redelivered != 0;
    return c->content.begin(text_of(d.exchange), text_of(d.routing_key));
  }
  if (c->script.on_method(m, out_, now)) return {};
  if (m.id == AMQP_CHANNEL_CLOSE_METHOD) {
    write_channel_close_ok(out_, channel);
    c->channel_open = false;
    c->content.reset();
    c->acks.clear();
    fail(*c, channel_error(m).message, now);
    return {};
  }
  if (m.id == AMQP_BASIC_CANCEL_METHOD) {
    // The queue was deleted or its leader went away. The channel lives, and what was delivered on
    // it can still be answered.
    fail(*c, "the broker cancelled the consumer (queue deleted or failed over)", now);
    return {};
  }
  return error{errc::protocol,
               std::string{"unexpected AMQP method "}.append(amqp_method_name(m.id))};
}

result<void> consume_session::on_header(std::uint16_t channel, const content_header& h,
                                        instant now) {
  consumer* const c = at(channel);
  if (c == nullptr) return no_such_channel(channel);
  if (auto ok = c->content.header(h); !ok) return ok;
  return on_content(channel, *c, now);
}

result<void> consume_session::on_body(std::uint16_t channel, std::span<const std::uint8_t> piece,
                                      instant now) {
  consumer* const c = at(channel);
  if (c == nullptr) return no_such_channel(channel);
  if (auto ok = c->content.body(piece); !ok) return ok;
  return on_content(channel, *c, now);
}

result<void> consume_session::on_content(std::uint16_t channel, consumer& c, instant now) {
  if (!c.content.complete()) return {};
  amqp_delivery d;
  if (!c.queue.auto_ack) {
    c.acks.delivered(c.current_tag);
    d.tag = std::uint64_t{channel} << channel_shift | c.current_tag;
  }
  d.epoch = c.epoch;
  d.redelivered = c.current_redelivered;
  d.received = now;
  const bool oversized = c.content.oversized();
  d.message = c.content.take();
  if (oversized) {
    oversized_.add();
    events().warn("amqp_delivery_too_large", {{"queue", c.queue.name},
                                              {"routing_key", d.message.routing_key},
                                              {"limit_bytes", config_.message_limit}});
    if (!c.queue.auto_ack) reject(d, false);
    return {};
  }
  // After basic.cancel the broker may have sent more: unanswered, they go back to their queue.
  if (halted_ || stopping_) return {};
  c.delivered.add();
  try {
    c.handler(std::move(d));
  } catch (const std::exception& e) {
    // One handler's defect must not take the connection of all queues with it. The delivery stays
    // unanswered.
    handler_failures_.add();
    events().error("amqp_handler_failed", {{"queue", c.queue.name}, {"reason", e.what()}});
  }
  return {};
}

result<void> consume_session::tick(instant now) {
  if (stopping_) return {};
  for (std::size_t i = 0; i < consumers_.size(); ++i) {
    const auto channel = static_cast<std::uint16_t>(i + 1);
    if (consumers_[i].retry_at && *consumers_[i].retry_at <= now) begin(channel, now);
    if (consumers_[i].script.overdue(now, config_.connect_timeout))
      return set_up_overdue(channel, config_.connect_timeout);
  }
  return {};
}

void consume_session::fill(instant) {
  if (!open_) return;
  for (std::size_t i = 0; i < consumers_.size(); ++i) {
    consumer& c = consumers_[i];
    if (!c.acks.pending() || !c.channel_open) continue;
    c.acks.flush([&](std::uint64_t tag, bool multiple) {
      amqp_basic_ack_t fields{};
      fields.delivery_tag = tag;
      fields.multiple = multiple ? 1 : 0;
      write_method(out_, static_cast<std::uint16_t>(i + 1), AMQP_BASIC_ACK_METHOD, fields);
    });
  }
}

void consume_session::lost(const error&) {
  open_ = false;
  for (auto& c : consumers_) {
    c.channel_open = c.consuming = false;
    c.script.reset();
    c.content.reset();
    c.acks.clear();
    c.retry_at.reset();
    c.failure.clear();
  }
}

bool consume_session::ready() const noexcept {
  return open_ && std::all_of(consumers_.begin(), consumers_.end(),
                              [](const consumer& c) { return c.consuming; });
}

}  // namespace cornice::infra::amqp
