// What the bus brings, handed to the order manager.
#include "execution/session.hpp"

namespace cornice::execution {
namespace {

// Requests that wait for their answer; a caller that gives up leaves its entry behind.
constexpr std::size_t replies_max = 1024;
// Messages that arrive while the state is being loaded.
constexpr std::size_t early_max = 50'000;

std::string binding_topic(std::string_view t) {
  return std::string{t};
}

}  // namespace

std::function<void(infra::amqp_delivery)> session::to(taker take) {
  return [this, take](infra::amqp_delivery d) {
    if (begun_) return (this->*take)(std::move(d));
    // Signals repeat themselves; what must not be lost is not acknowledged and comes again.
    if (early_.size() < early_max) early_.emplace_back(take, std::move(d));
  };
}

void session::declare_queues() {
  for (const std::string_view t : {topic::signal, topic::decision, topic::account, topic::execution,
                                   topic::command, topic::dead})
    bus_.declare_topic(std::string{t});

  infra::amqp_queue decisions;
  decisions.bindings = {{binding_topic(topic::decision), "opportunity.#"}};
  decisions.max_length = config_.decisions_queue_max;
  decisions.auto_ack = true;
  bus_.consume(std::move(decisions), to(&session::on_decision));

  infra::amqp_queue signals;
  signals.bindings = {{binding_topic(topic::signal), "book.#"},
                      {binding_topic(topic::signal), "market.#"},
                      {binding_topic(topic::signal), "feed.#"}};
  signals.max_length = 50'000;
  signals.auto_ack = true;
  bus_.consume(std::move(signals), to(&session::on_signal));

  infra::amqp_queue account;
  account.name = "execution.account.paper." + config_.account;
  account.bindings = {{binding_topic(topic::account), "#"}};
  account.durable = true;
  account.quorum = true;
  account.dead_letter_topic = topic::dead;
  bus_.consume(std::move(account), to(&session::on_account));

  infra::amqp_queue commands;
  commands.bindings = {{binding_topic(topic::command), "halt"},
                       {binding_topic(topic::command), "resume"},
                       {binding_topic(topic::command), "cancel-all"},
                       {binding_topic(topic::command), "reconcile"}};
  commands.auto_ack = true;
  commands.max_length = 1000;
  bus_.consume(std::move(commands), to(&session::on_command));

  bus_.on_state_change([this] { on_bus_state(); });
}

void session::undecodable(const infra::amqp_delivery& d, const error& e) {
  metrics_.undecodable.add();
  log_.error("message_undecodable", {{"routing_key", d.message.routing_key},
                                     {"type", d.message.type},
                                     {"message_id", d.message.message_id},
                                     {"error", e.message}});
}

void session::on_decision(infra::amqp_delivery d) {
  auto o = decode<opportunity>(d.message.body);
  if (!o) {
    undecodable(d, o.error());
    infra::amqp_message dead = d.message;
    dead.topic = topic::dead;
    dead.expiration_ms = 0;
    if (const auto kept = bus_.publish(std::move(dead)); !kept)
      log_.warn("dead_message_lost", {{"error", kept.error().message}});
    return;
  }
  store_.remember(*o);
  const std::uint64_t accepted_before = manager_.status().bundles_accepted;
  perform(manager_.on_opportunity(*o, env_.time.now()));
  const bool accepted = manager_.status().bundles_accepted != accepted_before;
  (accepted ? metrics_.accepted : metrics_.refused).add();
  log_.info(accepted ? "opportunity_accepted" : "opportunity_refused",
            {{"opportunity", o->id.str()},
             {"kind", to_string(o->kind)},
             {"edge", o->edge.to_string()},
             {"trace_id", o->trace.str()}});
}

void session::on_signal(infra::amqp_delivery d) {
  const std::string& type = d.message.type;
  const timestamp now = env_.time.now();
  if (type == message_type<book_signal>()) {
    const auto book = books_.decode(d.message.body);
    if (!book) return undecodable(d, book.error());
    manager_.on_book(*book);
  } else if (type == message_type<market_signal>()) {
    const auto market = decode<market_signal>(d.message.body);
    if (!market) return undecodable(d, market.error());
    perform(manager_.on_market(*market, now));
  } else if (type == message_type<feed_signal>()) {
    const auto feed = decode<feed_signal>(d.message.body);
    if (!feed) return undecodable(d, feed.error());
    perform(manager_.on_feed(*feed, now));
  }
}

void session::on_account(infra::amqp_delivery d) {
  const std::string& type = d.message.type;
  const timestamp now = env_.time.now();
  const auto reject = [this, &d](const error& e) {
    undecodable(d, e);
    bus_.reject(d, false);  // to the dead topic, with its original key
  };
  if (type == message_type<fill_report>()) {
    const auto fill = decode<fill_report>(d.message.body);
    if (!fill) return reject(fill.error());
    metrics_.fills.add();
    log_.info("fill_received", {{"fill", fill->fill.str()},
                                {"order", fill->order.str()},
                                {"contract", fill->contract.str()},
                                {"price", fill->p.to_string()},
                                {"quantity", fill->q.to_string()},
                                {"fee", fill->fee.to_string()},
                                {"trace_id", fill->trace.str()}});
    perform(manager_.on_fill_report(*fill, now));
  } else if (type == message_type<order_report>()) {
    const auto report = decode<order_report>(d.message.body);
    if (!report) return reject(report.error());
    perform(manager_.on_order_report(*report, now));
  } else if (type == message_type<balance_report>()) {
    const auto balance = decode<balance_report>(d.message.body);
    if (!balance) return reject(balance.error());
    perform(manager_.on_balance(*balance, now));
  } else if (type == message_type<account_snapshot>()) {
    const auto snapshot = decode<account_snapshot>(d.message.body);
    if (!snapshot) return reject(snapshot.error());
    perform(manager_.on_snapshot(*snapshot, now));
  } else {
    return reject({errc::malformed, "type \"" + type + "\" does not belong on cornice.account"});
  }
  // Whatever this message led to must be durable before the broker may forget it.
  unacknowledged_.push_back({last_issued_, std::move(d)});
  acknowledge_durable();
}

void session::on_command(infra::amqp_delivery d) {
  const auto command = decode<command_request>(d.message.body);
  if (!command) return undecodable(d, command.error());
  if (!d.message.reply_to.empty() && replies_.size() < replies_max)
    replies_.insert_or_assign(command->request_id,
                              reply_address{d.message.reply_to, d.message.correlation_id});
  log_.warn("command_received", {{"command", command->name},
                                 {"scope", command->scope},
                                 {"caller", command->caller},
                                 {"reason", command->reason},
                                 {"request", command->request_id}});
  perform(manager_.on_command(*command, env_.time.now()));
}

void session::on_bus_state() {
  if (!begun_) return;
  const bool down = bus_.publish_state() != infra::amqp_state::up ||
                    bus_.consume_state() != infra::amqp_state::up;
  if (down == broker_down_) return;
  broker_down_ = down;
  // Deliveries of a lost connection come again; their acknowledgements would mean nothing.
  if (down) unacknowledged_.clear();
  perform(manager_.on_condition(global_scope, breaker_cause::broker_down, down, bus_.last_error(),
                                env_.time.now()));
}

}  // namespace cornice::execution
