#include "cornice/execution/paper_venue.hpp"

#include "cornice/infra/amqp_wait.hpp"
#include "cornice/infra/log.hpp"
#include "cornice/model/codec.hpp"
#include "execution/catalogue_load.hpp"
#include "execution/paper_store.hpp"

#include <deque>
#include <random>
#include <stdexcept>

namespace cornice::execution {

using namespace std::chrono_literals;

namespace {

constexpr auto db_deadline = 2s;
constexpr auto load_deadline = 30s;
constexpr auto place_limit = 8s;  // below the order manager's own patience
constexpr std::int64_t report_batch = 256;
constexpr auto report_deadline = 5s;
constexpr auto report_retry = 250ms;
constexpr std::size_t max_waiting_books = 10'000;
constexpr std::int64_t million = 1'000'000;

}  // namespace

struct paper_venue::state : std::enable_shared_from_this<paper_venue::state> {
  state(infra::asio::any_io_executor l, paper_config c, const infra::clock& t,
        infra::amqp_client& b, infra::pg_pool& d, infra::metrics_registry& m)
      : loop{l},
        config{std::move(c)},
        time{t},
        bus{b},
        db{d},
        matcher{std::chrono::milliseconds{config.replenish_ms}},
        random{static_cast<std::uint64_t>(config.seed)},
        turn{l},
        to_report{l},
        tasks{l} {
    fills = m.make_counter("cornice_paper_fills_total", "Fills of the paper venue.");
    refused =
        m.make_counter("cornice_paper_rejections_total", "Orders that the paper venue refused.");
    undecodable = m.make_counter("cornice_paper_undecodable_total",
                                 "Bus messages that could not be decoded.");
  }

  infra::asio::any_io_executor loop;
  paper_config config;
  const infra::clock& time;
  infra::amqp_client& bus;
  infra::pg_pool& db;
  paper_matcher matcher;
  std::mt19937_64 random;
  infra::logger log{"paper"};
  infra::async_event turn;  // the books are free again
  infra::async_event to_report;
  infra::stop_source tasks;
  book_signal_decoder books;
  bool busy = false;
  bool loaded = false;  // false: memory may differ from the tables, read them first
  bool reports_waiting = true;
  bool reporting = false;         // the pump outlives a restart of the component
  std::set<contract_id> crossed;  // books that changed while the venue was busy
  infra::counter fills;
  infra::counter refused;
  infra::counter undecodable;

  std::int64_t draw(std::int64_t below) {
    return static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(below));
  }

  infra::task<bool> enter(instant until);
  void leave();
  infra::task<result<void>> ensure_loaded();
  infra::task<result<void>> commit(paper_result r);
  infra::task<send_outcome> execute(approved_order order);
  infra::task<cancel_outcome> withdraw(order_id id, venue_id venue);
  infra::task<> cross(contract_id contract);
  infra::task<> pay_out(listing l);
  infra::task<> answer_reconcile(command_request c);
  infra::task<> keep_reporting();
  infra::task<result<bool>> report_once();
  infra::task<> run(infra::health_reporter& health);
  void on_signal(const infra::amqp_delivery& d);
  void on_command(const infra::amqp_delivery& d);
};

paper_venue::paper_venue(infra::asio::any_io_executor loop, paper_config config,
                         const infra::clock& time, infra::amqp_client& bus, infra::pg_pool& db,
                         infra::metrics_registry& metrics)
    : state_{std::make_shared<state>(std::move(loop), std::move(config), time, bus, db, metrics)} {}
paper_venue::~paper_venue() = default;

void paper_venue::declare() {
  infra::amqp_queue signals;
  signals.bindings = {{std::string{topic::signal}, "book.#"},
                      {std::string{topic::signal}, "market.#"}};
  signals.max_length = 50'000;
  signals.auto_ack = true;
  state_->bus.consume(std::move(signals),
                      [s = state_](infra::amqp_delivery d) { s->on_signal(d); });
  infra::amqp_queue commands;
  for (const auto& [venue, cash] : state_->config.cash)
    commands.bindings.emplace_back(std::string{topic::command},
                                   "reconcile." + std::string{to_string(venue)});
  commands.max_length = 100;
  commands.auto_ack = true;
  state_->bus.consume(std::move(commands),
                      [s = state_](infra::amqp_delivery d) { s->on_command(d); });
}

infra::component paper_venue::component() {
  return {"paper", true, [s = state_](infra::health_reporter& health) { return s->run(health); }};
}

// One writer at a time: a decision and its durable write belong together.
infra::task<bool> paper_venue::state::enter(instant until) {
  while (busy) {
    const auto left = until - time.monotonic();
    if (left <= 0us) co_return false;
    (void)co_await turn.wait(std::chrono::duration_cast<std::chrono::microseconds>(left));
  }
  busy = true;
  co_return true;
}

void paper_venue::state::leave() {
  busy = false;
  turn.notify();
}

infra::task<result<void>> paper_venue::state::ensure_loaded() {
  if (loaded) co_return result<void>{};
  auto body = [config = config](infra::pg_transaction& tx) { return load_paper(tx, config); };
  auto read = co_await db.run(db_deadline, std::move(body));
  if (!read) co_return read.error().within("loading the paper venue's books");
  market_view markets = std::move(matcher.markets());
  matcher = paper_matcher{std::chrono::milliseconds{config.replenish_ms}};
  matcher.markets() = std::move(markets);
  for (const auto& [venue, cash] : read->cash) matcher.restore(venue, cash);
  for (const auto& [contract, q] : read->held) matcher.restore(contract, q);
  for (paper_order& o : read->resting) matcher.restore(std::move(o));
  loaded = true;
  co_return result<void>{};
}

infra::task<result<void>> paper_venue::state::commit(paper_result r) {
  const timestamp now = time.now();
  auto body = [r, now](infra::pg_transaction& tx) { write_paper(tx, r, now); };
  const auto done = co_await db.run(db_deadline, std::move(body));
  if (!done) {
    loaded = false;  // it may have happened: the tables decide
    co_return done.error();
  }
  matcher.apply(r, now);
  fills.add(r.fills.size());
  if (!r.fills.empty()) {
    reports_waiting = true;
    to_report.notify();
  }
  co_return result<void>{};
}

namespace {

send_outcome outcome_of(const paper_order& o) {
  send_outcome out;
  out.result = o.status == order_report::status::rejected ? proof::not_done : proof::done;
  out.venue_order = o.id;
  out.state = o.status;
  out.filled = o.filled;
  out.reason = o.reason;
  return out;
}

send_outcome unknown(std::string why) {
  send_outcome out;
  out.reason = std::move(why);
  return out;
}

}  // namespace

infra::task<send_outcome> paper_venue::state::execute(approved_order order) {
  const order_terms terms = order.terms();
  const auto readable = co_await ensure_loaded();
  if (!readable) co_return unknown(readable.error().message);
  auto look_up = [terms](infra::pg_transaction& tx) {
    return find_paper(tx, terms.contract.venue(), terms.id);
  };
  const auto earlier = co_await db.run(db_deadline, std::move(look_up));
  if (!earlier) co_return unknown(earlier.error().message);
  if (*earlier) co_return outcome_of(**earlier);
  paper_result r = matcher.place(terms, time.now());
  if (draw(million) < config.reject_ppm) {
    r = paper_result{};
    r.order.id = venue_order_id::of("paper-" + terms.id.str());
    r.order.terms = terms;
    r.order.status = order_report::status::rejected;
    r.order.reason = "drill";
    r.cash = matcher.cash(terms.contract.venue());
  }
  if (r.order.status == order_report::status::rejected) refused.add();
  const send_outcome out = outcome_of(r.order);
  const auto done = co_await commit(std::move(r));
  if (!done) co_return unknown(done.error().message);
  if (draw(million) < config.lost_answer_ppm) co_return unknown("drill: the answer is lost");
  co_return out;
}

infra::task<send_outcome> paper_venue::place(approved_order order) {
  const std::shared_ptr<state> s = state_;
  const std::int64_t spread =
      std::max<std::int64_t>(1, s->config.latency_ms_max - s->config.latency_ms_min + 1);
  const std::chrono::milliseconds latency{s->config.latency_ms_min + s->draw(spread)};
  const instant until = s->time.monotonic() + place_limit;
  if (!co_await infra::sleep_for(latency)) co_return unknown("cancelled on the way");
  const bool entered = co_await s->enter(until);
  if (!entered) {
    // It was never looked at, but only the venue's own word may say so.
    co_return unknown("the paper venue did not answer in time");
  }
  send_outcome out;
  std::exception_ptr failure;
  try {
    out = co_await s->execute(std::move(order));
  } catch (...) {
    failure = std::current_exception();
    s->loaded = false;
  }
  s->leave();
  if (failure) std::rethrow_exception(failure);
  co_return out;
}

infra::task<cancel_outcome> paper_venue::state::withdraw(order_id id, venue_id venue) {
  cancel_outcome out;
  const auto readable = co_await ensure_loaded();
  if (!readable) {
    out.reason = readable.error().message;
    co_return out;
  }
  if (std::optional<paper_result> r = matcher.cancel(id)) {
    const quantity filled = r->order.filled;
    const auto done = co_await commit(std::move(*r));
    if (done) {
      out.result = proof::done;
      out.filled = filled;
    } else {
      out.reason = done.error().message;
    }
    co_return out;
  }
  auto look_up = [id, venue](infra::pg_transaction& tx) { return find_paper(tx, venue, id); };
  const auto known = co_await db.run(db_deadline, std::move(look_up));
  if (!known) {
    out.reason = known.error().message;
    co_return out;
  }
  out.result = proof::not_done;
  out.reason = *known ? "already " + std::string{to_string((*known)->status)} : "no such order";
  if (*known) out.filled = (*known)->filled;
  co_return out;
}

infra::task<cancel_outcome> paper_venue::cancel(send_cancel request) {
  const std::shared_ptr<state> s = state_;
  cancel_outcome out;
  if (!co_await s->enter(s->time.monotonic() + place_limit)) {
    out.reason = "the paper venue did not answer in time";
    co_return out;
  }
  out = co_await s->withdraw(request.order, request.contract.venue());
  s->leave();
  co_return out;
}

infra::task<> paper_venue::cancel_all(venue_id /*venue*/) {
  // Single cancels follow for every order; a mass cancel would add nothing here.
  co_return;
}

void paper_venue::state::on_signal(const infra::amqp_delivery& d) {
  if (d.message.type == message_type<book_signal>()) {
    auto book = books.decode(d.message.body);
    if (!book) return undecodable.add();
    const contract_id contract = book->contract;
    matcher.markets().on_book(*book);
    if (loaded && matcher.cross(contract, time.now()) && crossed.size() < max_waiting_books &&
        crossed.insert(contract).second)
      tasks.spawn("paper.cross", cross(contract));
  } else if (d.message.type == message_type<market_signal>()) {
    const auto m = decode<market_signal>(d.message.body);
    if (!m) return undecodable.add();
    matcher.markets().on_market(*m);
    if (m->subject && loaded && matcher.settle(*m->subject))
      tasks.spawn("paper.settle", pay_out(*m->subject));
  }
}

infra::task<> paper_venue::state::cross(contract_id contract) {
  const std::shared_ptr<state> self = shared_from_this();
  const bool entered = co_await enter(time.monotonic() + place_limit);
  crossed.erase(contract);
  if (!entered) co_return;
  for (int filled = 0; filled < 1000; ++filled) {
    std::optional<paper_result> r = matcher.cross(contract, time.now());
    if (!r) break;
    const auto done = co_await commit(std::move(*r));
    if (!done) break;
  }
  leave();
}

infra::task<> paper_venue::state::pay_out(listing l) {
  const std::shared_ptr<state> self = shared_from_this();
  if (!co_await enter(time.monotonic() + place_limit)) co_return;
  if (std::optional<paper_result> r = matcher.settle(l)) {
    const auto done = co_await commit(std::move(*r));
    if (done)
      log.info("paper_settled", {{"listing", l.id.str()}, {"venue", to_string(l.venue)}});
    else
      log.warn("paper_settlement_failed",
               {{"listing", l.id.str()}, {"error", done.error().message}});
  }
  leave();
}

void paper_venue::state::on_command(const infra::amqp_delivery& d) {
  auto c = decode<command_request>(d.message.body);
  if (!c) return undecodable.add();
  if (time.now() > c->expires) return;
  tasks.spawn("paper.reconcile", answer_reconcile(std::move(*c)));
}

infra::task<> paper_venue::state::answer_reconcile(command_request c) {
  const std::shared_ptr<state> self = shared_from_this();
  const auto venue = parse_venue(c.scope);
  const auto since = parse_rfc3339(c.argument);
  if (!venue || !since) {
    log.warn("reconcile_refused", {{"scope", c.scope}, {"argument", c.argument}});
    co_return;
  }
  if (!co_await enter(time.monotonic() + place_limit)) co_return;
  const timestamp now = time.now();
  const auto readable = co_await ensure_loaded();
  auto body = [v = *venue, id = c.request_id, s = *since, now](infra::pg_transaction& tx) {
    return paper_snapshot(tx, v, id, s, now);
  };
  auto snapshot = co_await db.run(db_deadline, std::move(body));
  leave();
  if (!snapshot || !readable) co_return;  // asked again when no answer comes
  infra::amqp_message m;
  m.topic = topic::account;
  m.routing_key = routing_key(*snapshot);
  m.type = message_type<account_snapshot>();
  m.message_id = "snapshot-" + c.request_id;
  m.timestamp_s = static_cast<std::uint64_t>(unix_ms(now) / 1000);
  m.schema_version = bus_schema_version;
  m.persistent = true;
  m.body = encode(*snapshot);
  const auto sent = co_await bus.publish_confirmed(std::move(m), report_deadline);
  if (!sent)
    log.warn("snapshot_not_published", {{"venue", c.scope}, {"error", sent.error().message}});
}

infra::task<result<bool>> paper_venue::state::report_once() {
  auto body = [](infra::pg_transaction& tx) { return unreported_fills(tx, report_batch); };
  const auto waiting = co_await db.run(db_deadline, std::move(body));
  if (!waiting) co_return waiting.error();
  if (waiting->empty()) co_return false;
  std::vector<infra::amqp_message> messages;
  for (const fill_report& f : *waiting) {
    infra::amqp_message m;
    m.topic = topic::account;
    m.routing_key = routing_key(f);
    m.type = message_type<fill_report>();
    m.message_id = f.fill.str();
    m.timestamp_s = static_cast<std::uint64_t>(unix_ms(f.venue_time) / 1000);
    m.schema_version = bus_schema_version;
    m.persistent = true;
    m.body = encode(f);
    messages.push_back(std::move(m));
  }
  const auto confirmed = co_await bus.publish_confirmed_batch(std::move(messages), report_deadline);
  if (!confirmed) co_return confirmed.error();
  std::vector<std::string> ids;
  for (std::size_t i = 0; i < *confirmed; ++i) ids.push_back((*waiting)[i].fill.str());
  auto mark = [ids](infra::pg_transaction& tx) { mark_reported(tx, ids); };
  const auto marked = co_await db.run(db_deadline, std::move(mark));
  if (!marked) co_return marked.error();
  co_return ids.size() == static_cast<std::size_t>(report_batch);
}

infra::task<> paper_venue::state::keep_reporting() {
  const std::shared_ptr<state> self = shared_from_this();
  for (;;) {
    if (!reports_waiting) (void)co_await to_report.wait(1s);
    reports_waiting = false;
    const auto more = co_await report_once();
    if (!more) {
      reports_waiting = true;
      if (!co_await infra::sleep_for(report_retry)) co_return;
    } else if (*more) {
      reports_waiting = true;
    }
  }
}

infra::task<> paper_venue::state::run(infra::health_reporter& health) {
  const bool consuming = co_await infra::wait_until_consuming(bus, health);
  if (!consuming) co_return;
  auto read = [](infra::pg_transaction& tx) { return load_catalogue(tx); };
  const auto catalogue = co_await db.run(load_deadline, std::move(read));
  if (!catalogue) throw std::runtime_error(catalogue.error().message);
  for (const market_signal& s : *catalogue) matcher.markets().on_market(s);
  const auto readable = co_await ensure_loaded();
  if (!readable) throw std::runtime_error(readable.error().message);
  // A listing may have settled while nobody was listening.
  for (const market_signal& s : *catalogue)
    if (s.subject && matcher.settle(*s.subject)) co_await pay_out(*s.subject);
  if (!std::exchange(reporting, true)) tasks.spawn("paper.report", keep_reporting());
  bool on = true;
  while (on) {
    if (loaded)
      health.up();
    else
      health.degraded("the tables must be read again before the next order");
    on = co_await infra::sleep_for(1s);
  }
}

}  // namespace cornice::execution
