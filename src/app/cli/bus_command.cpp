#include "app/cli/bus_command.hpp"

#include "app/cli/setup.hpp"
#include "cornice/infra/clock.hpp"
#include "cornice/model/codec.hpp"

#include <boost/asio/io_context.hpp>

#include <functional>
#include <random>

namespace cornice::app::cli {
namespace {

using namespace std::chrono_literals;
namespace asio = boost::asio;

constexpr auto closing_limit = 500ms;
constexpr auto look_every = 5ms;

std::string random_id() {
  std::random_device device;
  const auto half = [&device] { return (std::uint64_t{device()} << 32U) | device(); };
  const std::uint64_t high = half();
  return make_uuid(high, half());
}

infra::amqp_message message_of(const command_request& c, std::chrono::milliseconds limit) {
  infra::amqp_message m;
  m.topic = topic::command;
  m.routing_key = c.name;
  m.type = message_type<command_request>();
  m.message_id = c.request_id;
  m.user = c.caller;
  m.timestamp_s = static_cast<std::uint64_t>(unix_ms(c.issued) / 1000);
  m.schema_version = bus_schema_version;
  m.expiration_ms = limit.count();
  m.body = encode(c);
  return m;
}

// The client says what happened to the message; why the broker is out of reach it says by itself.
error explained(error e, const infra::amqp_client& bus) {
  if (const std::string why = bus.last_error(); !why.empty() && e.message != why)
    e.message += " (" + why + ")";
  return e;
}

// `up` means that the topic is declared too: on a broker that no daemon has used yet, a message
// that came before it would find no topic. A broker that stays away shows in the call itself.
infra::task<> until_up(infra::amqp_client& bus, std::chrono::milliseconds limit) {
  const auto& time = infra::system_clock();
  const instant until = time.monotonic() + limit;
  while (bus.publish_state() != infra::amqp_state::up && time.monotonic() < until)
    if (!co_await infra::sleep_for(look_every)) co_return;
}

infra::task<> ask_once(infra::amqp_client& bus, infra::amqp_message message,
                       std::chrono::milliseconds limit, result<infra::amqp_message>& answer) {
  co_await until_up(bus, limit / 2);
  answer = co_await bus.request(std::move(message), limit);
  if (!answer) answer = explained(answer.error(), bus);
  co_await bus.shutdown(closing_limit);
}

infra::task<> tell_once(infra::amqp_client& bus, infra::amqp_message message,
                        std::chrono::milliseconds limit, result<void>& sent) {
  co_await until_up(bus, limit / 2);
  sent = co_await bus.publish_confirmed(std::move(message), limit, true);
  if (!sent) sent = explained(sent.error(), bus);
  co_await bus.shutdown(closing_limit);
}

infra::task<> then_stop(infra::task<> work, asio::io_context& loop) {
  co_await std::move(work);
  loop.stop();
}

void on_bus(const infra::amqp_config& broker,
            const std::function<infra::task<>(infra::amqp_client&)>& work) {
  infra::metrics_registry metrics;  // outlives the loop, whose coroutines count
  asio::io_context loop{1};
  infra::amqp_client bus{loop.get_executor(), broker, metrics};
  bus.declare_topic(std::string{topic::command});
  bus.start();
  infra::spawn(loop.get_executor(), "command", then_stop(work(bus), loop));
  loop.run();
}

}  // namespace

command_request make_command(std::string name, std::string scope, std::string reason,
                             std::chrono::milliseconds limit) {
  command_request c;
  c.name = std::move(name);
  c.scope = std::move(scope);
  c.reason = std::move(reason);
  c.caller = caller_name();
  c.request_id = random_id();
  c.issued = infra::system_clock().now();
  c.expires = c.issued + limit;
  return c;
}

result<command_reply> ask(const infra::amqp_config& broker, const command_request& command,
                          std::chrono::milliseconds limit) {
  result<infra::amqp_message> answer = error{errc::cancelled, "the command was not sent"};
  on_bus(broker, [&](infra::amqp_client& bus) {
    return ask_once(bus, message_of(command, limit), limit, answer);
  });
  if (!answer) return answer.error();
  return decode<command_reply>(answer->body);
}

result<void> tell(const infra::amqp_config& broker, const command_request& command,
                  std::chrono::milliseconds limit) {
  result<void> sent = error{errc::cancelled, "the command was not sent"};
  on_bus(broker, [&](infra::amqp_client& bus) {
    return tell_once(bus, message_of(command, limit), limit, sent);
  });
  return sent;
}

}  // namespace cornice::app::cli
