#include "app/strategy_host.hpp"

#include "cornice/infra/amqp_wait.hpp"
#include "cornice/infra/log.hpp"
#include "cornice/model/codec.hpp"
#include "execution/catalogue_load.hpp"

#include <deque>

namespace cornice::app {

using namespace std::chrono_literals;

namespace {

// Signals that arrive while the catalogue is being loaded wait here; beyond the bound the oldest is
// superseded anyway.
constexpr std::size_t max_waiting_signals = 50'000;
constexpr auto load_deadline = 30s;
// Refusals explain; they must never crowd out decisions.
constexpr std::int64_t refusals_per_second = 200;

}  // namespace

struct strategy_host::state {
  state(strategy::strategy_limits l, const infra::clock& t, infra::amqp_client& b,
        infra::pg_pool& d, infra::metrics_registry& m)
      : limits{l}, time{t}, bus{b}, db{d}, engine{std::make_unique<strategy::engine>(l)} {
    evaluations = m.make_counter("cornice_strategy_evaluations_total", "Book updates evaluated.");
    found = m.make_counter("cornice_strategy_opportunities_total", "Opportunities published.");
    refused =
        m.make_counter("cornice_strategy_refusals_total", "Candidates looked at and not taken.");
    undecodable = m.make_counter("cornice_strategy_undecodable_total",
                                 "Bus messages that could not be decoded.");
    contracts = m.make_gauge("cornice_strategy_contracts", "Contracts known to the strategy.");
    candidates = m.make_gauge("cornice_strategy_candidates", "Candidates known to the strategy.");
    seconds = m.make_histogram("cornice_strategy_evaluation_seconds",
                               "Time to evaluate one book update.");
  }

  strategy::strategy_limits limits;
  const infra::clock& time;
  infra::amqp_client& bus;
  infra::pg_pool& db;
  std::unique_ptr<strategy::engine> engine;
  infra::logger log{"strategy"};
  bool loaded = false;
  std::deque<infra::amqp_delivery> waiting;
  book_signal_decoder books;
  std::uint64_t next_message = 0;
  std::int64_t refusal_second = 0;
  std::int64_t refusals_in_second = 0;
  infra::counter evaluations;
  infra::counter found;
  infra::counter refused;
  infra::counter undecodable;
  infra::gauge contracts;
  infra::gauge candidates;
  infra::histogram seconds;

  void receive(infra::amqp_delivery d);
  void handle(const infra::amqp_delivery& d);
  void follow(const market_signal& m);
  void bad(const infra::amqp_delivery& d, const error& e);
  void publish(const opportunity& o);
  void publish(const opportunity_refusal& r, timestamp now);
  infra::task<result<void>> load();
  infra::task<> run(infra::health_reporter& health);
};

strategy_host::strategy_host(strategy::strategy_limits limits, const infra::clock& time,
                             infra::amqp_client& bus, infra::pg_pool& db,
                             infra::metrics_registry& metrics)
    : state_{std::make_shared<state>(limits, time, bus, db, metrics)} {}
strategy_host::~strategy_host() = default;

void strategy_host::declare() {
  infra::amqp_queue signals;
  signals.bindings = {{std::string{topic::signal}, "book.#"},
                      {std::string{topic::signal}, "market.#"},
                      {std::string{topic::signal}, "feed.#"},
                      {std::string{topic::execution}, "pnl.#"}};
  signals.max_length = 50'000;
  signals.auto_ack = true;
  state_->bus.consume(std::move(signals),
                      [s = state_](infra::amqp_delivery d) { s->receive(std::move(d)); });
}

infra::component strategy_host::component() {
  return {"strategy", true,
          [s = state_](infra::health_reporter& health) { return s->run(health); }};
}

void strategy_host::state::receive(infra::amqp_delivery d) {
  if (loaded) return handle(d);
  if (waiting.size() == max_waiting_signals) waiting.pop_front();
  waiting.push_back(std::move(d));
}

void strategy_host::state::handle(const infra::amqp_delivery& d) {
  const std::string& type = d.message.type;
  if (type == message_type<book_signal>()) {
    if (auto book = books.decode(d.message.body)) {
      const instant begun = time.monotonic();
      const timestamp now = time.now();
      const strategy::evaluation out = engine->update_book(std::move(*book), now);
      evaluations.add();
      for (const opportunity& o : out.opportunities) publish(o);
      for (const opportunity_refusal& r : out.refusals) publish(r, now);
      seconds.observe_us(
          std::chrono::duration_cast<std::chrono::microseconds>(time.monotonic() - begun).count());
    } else {
      bad(d, book.error());
    }
  } else if (type == message_type<market_signal>()) {
    if (const auto m = decode<market_signal>(d.message.body)) {
      follow(*m);
    } else {
      bad(d, m.error());
    }
  } else if (type == message_type<feed_signal>()) {
    if (const auto f = decode<feed_signal>(d.message.body))
      engine->update_feed(*f);
    else
      bad(d, f.error());
  } else if (type == message_type<pnl_event>()) {
    if (const auto p = decode<pnl_event>(d.message.body))
      engine->update_cash(p->venue, p->cash);
    else
      bad(d, p.error());
  }
}

void strategy_host::state::follow(const market_signal& m) {
  if (m.subject) engine->update_listing(*m.subject);
  if (m.mapping) engine->update_market(*m.mapping);
  contracts.set(static_cast<std::int64_t>(engine->contracts()));
  candidates.set(static_cast<std::int64_t>(engine->candidates()));
}

void strategy_host::state::bad(const infra::amqp_delivery& d, const error& e) {
  undecodable.add();
  log.warn(
      "signal_undecodable",
      {{"routing_key", d.message.routing_key}, {"type", d.message.type}, {"error", e.message}});
  infra::amqp_message dead = d.message;
  dead.topic = topic::dead;
  dead.persistent = true;
  // Overload of the publisher is counted by the client; the message itself is logged above.
  (void)bus.publish(std::move(dead));
}

void strategy_host::state::publish(const opportunity& o) {
  found.add();
  log.info("opportunity_found", {{"opportunity", o.id.str()},
                                 {"kind", to_string(o.kind)},
                                 {"market", o.market.str()},
                                 {"size", o.size.to_string()},
                                 {"edge", o.edge.to_string()},
                                 {"cost", o.cost.to_string()},
                                 {"annual_return_ppm", o.annual_return_ppm},
                                 {"trace_id", o.trace.str()}});
  infra::amqp_message m;
  m.topic = topic::decision;
  m.routing_key = routing_key(o);
  m.type = message_type<opportunity>();
  m.message_id = o.id.str();
  m.timestamp_s = static_cast<std::uint64_t>(unix_ms(o.created) / 1000);
  m.schema_version = bus_schema_version;
  m.expiration_ms = std::chrono::ceil<std::chrono::milliseconds>(limits.time_to_live).count();
  m.body = encode(o);
  if (const auto sent = bus.publish(std::move(m)); !sent)
    log.warn("opportunity_not_published", {{"opportunity", o.id.str()},
                                           {"error", sent.error().message},
                                           {"trace_id", o.trace.str()}});
}

void strategy_host::state::publish(const opportunity_refusal& r, timestamp now) {
  refused.add();
  const std::int64_t second = unix_ms(now) / 1000;
  if (second != refusal_second) {
    refusal_second = second;
    refusals_in_second = 0;
  }
  if (++refusals_in_second > refusals_per_second) return;
  infra::amqp_message m;
  m.topic = topic::decision;
  m.routing_key = routing_key(r);
  m.type = message_type<opportunity_refusal>();
  m.message_id = "refusal-" + std::to_string(unix_us(now)) + "-" + std::to_string(++next_message);
  m.timestamp_s = static_cast<std::uint64_t>(second);
  m.schema_version = bus_schema_version;
  m.expiration_ms = 5000;
  m.body = encode(r);
  // A refusal that does not fit is superseded by the next one of its candidate.
  (void)bus.publish(std::move(m));
}

infra::task<result<void>> strategy_host::state::load() {
  auto body = [](infra::pg_transaction& tx) { return execution::load_catalogue(tx); };
  const auto read = co_await db.run(load_deadline, std::move(body));
  if (!read) co_return read.error().within("loading the catalogue for the strategy");
  for (const market_signal& s : *read) follow(s);
  log.info("strategy_loaded",
           {{"listings_and_markets", read->size()}, {"candidates", engine->candidates()}});
  co_return result<void>{};
}

infra::task<> strategy_host::state::run(infra::health_reporter& health) {
  loaded = false;
  engine = std::make_unique<strategy::engine>(limits);
  const bool consuming = co_await infra::wait_until_consuming(bus, health);
  if (!consuming) co_return;
  const auto done = co_await load();
  if (!done) throw std::runtime_error(done.error().message);
  loaded = true;
  while (!waiting.empty()) {
    handle(waiting.front());
    waiting.pop_front();
  }
  bool on = true;
  while (on) {
    if (bus.consume_state() == infra::amqp_state::up &&
        bus.publish_state() == infra::amqp_state::up)
      health.up();
    else
      health.degraded("no signals or no decisions without the broker: " + bus.last_error());
    on = co_await infra::sleep_for(1s);
  }
}

}  // namespace cornice::app
