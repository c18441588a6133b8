// What the order manager asks for, done.
#include "execution/session.hpp"

namespace cornice::execution {

using namespace std::chrono_literals;

namespace {

constexpr auto snapshot_expiry = 10s;
constexpr std::size_t seen_max = 1024;

}  // namespace

void session::perform(actions todo) {
  for (action& each : todo) std::visit([this](auto& a) { perform(a); }, each);
}

void session::perform(commit& c) {
  last_issued_ = c.id;
  store_.submit(std::move(c));
}

void session::perform(send_order& s) {
  tasks_.spawn("execution.place", place(std::move(s.order)));
}

infra::task<> session::place(approved_order order) {
  const std::shared_ptr<session> self = shared_from_this();
  const order_terms terms = order.terms();
  metrics_.tick_to_order.observe_us(unix_us(env_.time.now()) - unix_us(terms.created));
  log_.info("order_sent", {{"order", terms.id.str()},
                           {"bundle", terms.bundle.str()},
                           {"contract", terms.contract.str()},
                           {"side", to_string(terms.side)},
                           {"limit", terms.limit.to_string()},
                           {"size", terms.size.to_string()},
                           {"trace_id", terms.trace.str()}});
  const send_outcome outcome = co_await env_.venues.place(std::move(order));
  log_.info("order_answered", {{"order", terms.id.str()},
                               {"result", to_string(outcome.result)},
                               {"venue_order", outcome.venue_order.str()},
                               {"filled", outcome.filled.to_string()},
                               {"reason", outcome.reason},
                               {"trace_id", terms.trace.str()}});
  perform(manager_.on_send_outcome(terms.id, outcome, env_.time.now()));
}

void session::perform(send_cancel& s) {
  tasks_.spawn("execution.cancel", cancel(s));
}

infra::task<> session::cancel(send_cancel request) {
  const std::shared_ptr<session> self = shared_from_this();
  const order_id id = request.order;
  const cancel_outcome outcome = co_await env_.venues.cancel(std::move(request));
  log_.info(
      "cancel_answered",
      {{"order", id.str()}, {"result", to_string(outcome.result)}, {"reason", outcome.reason}});
  perform(manager_.on_cancel_outcome(id, outcome, env_.time.now()));
}

void session::perform(cancel_everything& c) {
  tasks_.spawn("execution.cancel_all", cancel_all(c.venue));
}

infra::task<> session::cancel_all(venue_id venue) {
  const std::shared_ptr<session> self = shared_from_this();
  log_.warn("cancel_all_sent", {{"venue", to_string(venue)}});
  co_await env_.venues.cancel_all(venue);
}

void session::perform(request_snapshot& r) {
  const timestamp now = env_.time.now();
  command_request c;
  c.name = "reconcile";
  c.scope = to_string(r.request.venue);
  c.argument = to_rfc3339(r.request.since);
  c.reason = "comparing the account with the venue";
  c.caller = "execution";
  c.request_id = r.request.request_id;
  c.issued = now;
  c.expires = now + snapshot_expiry;
  infra::amqp_message m;
  m.topic = topic::command;
  m.routing_key = "reconcile." + c.scope;
  m.type = message_type<command_request>();
  m.message_id = c.request_id;
  m.user = c.caller;
  m.timestamp_s = static_cast<std::uint64_t>(unix_ms(now) / 1000);
  m.schema_version = bus_schema_version;
  m.expiration_ms = std::chrono::milliseconds{snapshot_expiry}.count();
  m.body = encode(c);
  if (const auto sent = bus_.publish(std::move(m)); !sent)
    log_.warn("snapshot_not_requested", {{"venue", c.scope}, {"error", sent.error().message}});
}

void session::perform(answer_command& a) {
  const auto to = replies_.find(a.reply.request_id);
  if (to == replies_.end()) return;  // the caller wants no answer
  infra::amqp_message m;
  m.routing_key = to->second.reply_to;  // the default topic routes by queue name
  m.correlation_id = to->second.correlation_id;
  m.type = message_type<command_reply>();
  m.message_id = "reply-" + a.reply.request_id;
  m.timestamp_s = static_cast<std::uint64_t>(unix_ms(env_.time.now()) / 1000);
  m.schema_version = bus_schema_version;
  m.body = encode(a.reply);
  replies_.erase(to);
  if (const auto sent = bus_.publish(std::move(m)); !sent)
    log_.warn("reply_not_sent", {{"request", a.reply.request_id}, {"error", sent.error().message}});
}

void session::perform(notice& n) {
  log_.info(n.event, {{"text", n.text}, {"trace_id", n.trace.str()}});
}

}  // namespace cornice::execution
