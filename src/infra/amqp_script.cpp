#include "infra/amqp_script.hpp"

#include <array>
#include <string_view>
#include <utility>
#include <vector>

namespace cornice::infra::amqp {
namespace {

amqp_table_entry_t argument(std::string_view key, std::string_view text) noexcept {
  amqp_table_entry_t e{};
  e.key = bytes_of(key);
  e.value.kind = AMQP_FIELD_KIND_UTF8;
  e.value.value.bytes = bytes_of(text);
  return e;
}
amqp_table_entry_t argument(std::string_view key, std::int64_t v) noexcept {
  amqp_table_entry_t e{};
  e.key = bytes_of(key);
  e.value.kind = AMQP_FIELD_KIND_I64;
  e.value.value.i64 = v;
  return e;
}

void write_queue_declare(output& out, std::uint16_t channel, const amqp_queue& q) {
  std::vector<amqp_table_entry_t> arguments;
  if (q.quorum) arguments.push_back(argument("x-queue-type", "quorum"));
  if (q.max_length > 0) {
    arguments.push_back(argument("x-max-length", q.max_length));
    arguments.push_back(argument("x-overflow", "drop-head"));
  }
  if (!q.dead_letter_topic.empty())
    arguments.push_back(argument("x-dead-letter-exchange", q.dead_letter_topic));
  amqp_queue_declare_t fields{};
  fields.queue = bytes_of(q.name);
  fields.durable = q.durable || q.quorum ? 1 : 0;
  fields.exclusive = q.name.empty() ? 1 : 0;
  fields.auto_delete = q.name.empty() ? 1 : 0;
  fields.arguments.num_entries = static_cast<int>(arguments.size());
  fields.arguments.entries = arguments.data();
  write_method(out, channel, AMQP_QUEUE_DECLARE_METHOD, fields);
}

}  // namespace

void channel_script::begin(std::deque<step> steps, output& out, instant now) {
  steps_ = std::move(steps);
  sent_ = now;
  if (!steps_.empty()) steps_.front().send(out);
}

bool channel_script::on_method(const method& m, output& out, instant now) {
  if (steps_.empty() || steps_.front().reply != m.id) return false;
  if (steps_.front().on_reply) steps_.front().on_reply(m);
  steps_.pop_front();
  sent_ = now;
  if (!steps_.empty()) steps_.front().send(out);
  return true;
}

channel_script::step open_channel(std::uint16_t channel) {
  return {[channel](output& out) {
            write_method(out, channel, AMQP_CHANNEL_OPEN_METHOD, amqp_channel_open_t{});
          },
          AMQP_CHANNEL_OPEN_OK_METHOD,
          {}};
}

channel_script::step select_confirms(std::uint16_t channel) {
  return {[channel](output& out) {
            write_method(out, channel, AMQP_CONFIRM_SELECT_METHOD, amqp_confirm_select_t{});
          },
          AMQP_CONFIRM_SELECT_OK_METHOD,
          {}};
}

channel_script::step declare_topic(std::uint16_t channel, std::string name) {
  return {[channel, name = std::move(name)](output& out) {
            amqp_exchange_declare_t fields{};
            fields.exchange = bytes_of(name);
            fields.type = bytes_of("topic");
            fields.durable = 1;
            write_method(out, channel, AMQP_EXCHANGE_DECLARE_METHOD, fields);
          },
          AMQP_EXCHANGE_DECLARE_OK_METHOD,
          {}};
}

channel_script::step declare_queue(std::uint16_t channel, amqp_queue queue,
                                   std::function<void(std::string)> declared) {
  return {[channel, queue = std::move(queue)](output& out) {
            write_queue_declare(out, channel, queue);
          },
          AMQP_QUEUE_DECLARE_OK_METHOD,
          [declared = std::move(declared)](const method& m) {
            declared(std::string{text_of(m.as<amqp_queue_declare_ok_t>().queue)});
          }};
}

channel_script::step bind_queue(std::uint16_t channel, const std::string& queue, std::string topic,
                                std::string key) {
  return {[channel, &queue, topic = std::move(topic), key = std::move(key)](output& out) {
            amqp_queue_bind_t fields{};
            fields.queue = bytes_of(queue);
            fields.exchange = bytes_of(topic);
            fields.routing_key = bytes_of(key);
            write_method(out, channel, AMQP_QUEUE_BIND_METHOD, fields);
          },
          AMQP_QUEUE_BIND_OK_METHOD,
          {}};
}

channel_script::step limit_prefetch(std::uint16_t channel, std::uint16_t count) {
  return {[channel, count](output& out) { write_qos(out, channel, count); },
          AMQP_BASIC_QOS_OK_METHOD,
          {}};
}

channel_script::step start_consuming(std::uint16_t channel, const std::string& queue,
                                     bool auto_ack) {
  return {[channel, &queue, auto_ack](output& out) {
            amqp_basic_consume_t fields{};
            fields.queue = bytes_of(queue);
            fields.consumer_tag = bytes_of("cornice");  // one consumer per channel
            fields.no_ack = auto_ack ? 1 : 0;
            write_method(out, channel, AMQP_BASIC_CONSUME_METHOD, fields);
          },
          AMQP_BASIC_CONSUME_OK_METHOD,
          {}};
}

bool may_declare(const std::string& topic) noexcept {
  return !topic.empty() && !topic.starts_with("amq.");
}

void write_qos(output& out, std::uint16_t channel, std::uint16_t prefetch) {
  amqp_basic_qos_t fields{};
  fields.prefetch_count = prefetch;
  write_method(out, channel, AMQP_BASIC_QOS_METHOD, fields);
}

void write_channel_close_ok(output& out, std::uint16_t channel) {
  write_method(out, channel, AMQP_CHANNEL_CLOSE_OK_METHOD, amqp_channel_close_ok_t{});
}

error set_up_overdue(std::uint16_t channel, std::chrono::milliseconds limit) {
  return {errc::timed_out, "the broker has not answered a set-up request on channel " +
                               std::to_string(channel) + " for " + std::to_string(limit.count()) +
                               " ms"};
}

error channel_error(const method& channel_close) {
  const auto& c = channel_close.as<amqp_channel_close_t>();
  error e{errc::refused, "broker closed a channel: " + std::to_string(c.reply_code) + " "};
  e.message.append(text_of(c.reply_text));
  return e;
}

}  // namespace cornice::infra::amqp
