#include "cornice/execution/paper_venue.hpp"

#include "cornice/infra/amqp_wait.hpp"
#include "cornice/model/codec.hpp"
#include "execution/catalogue_load.hpp"
#include "execution/paper_state.hpp"
#include "execution/paper_store.hpp"

#include <boost/asio/this_coro.hpp>

#include <exception>
#include <stdexcept>

namespace cornice::execution {

using namespace std::chrono_literals;

namespace {

constexpr auto load_deadline = 30s;
constexpr std::size_t max_waiting_books = 10'000;
// Another daemon that stands by hears the same books, and an earlier life may still have a write on
// its way.
constexpr int conflicts_max = 3;
constexpr std::int64_t million = 1'000'000;

}  // namespace

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
  auto read = co_await db.run(paper_db_deadline, std::move(body));
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
  const money before = matcher.cash(r.order.terms.contract.venue());
  auto body = [r, before, now](infra::pg_transaction& tx) { write_paper(tx, r, before, now); };
  const auto done = co_await db.run(paper_db_deadline, std::move(body));
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

// Nothing when other tables were found than memory was read from: nothing was written then.
infra::task<std::optional<send_outcome>> paper_venue::state::try_execute(order_terms terms) {
  const auto readable = co_await ensure_loaded();
  if (!readable) co_return unknown(readable.error().message);
  auto look_up = [terms](infra::pg_transaction& tx) {
    return find_paper(tx, terms.contract.venue(), terms.id);
  };
  const auto earlier = co_await db.run(paper_db_deadline, std::move(look_up));
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
  if (!done && done.error().code == errc::conflict) co_return std::nullopt;
  if (!done) co_return unknown(done.error().message);
  if (draw(million) < config.lost_answer_ppm) co_return unknown("drill: the answer is lost");
  co_return out;
}

infra::task<send_outcome> paper_venue::state::execute(order_terms terms) {
  for (int tries = 0; tries < conflicts_max; ++tries) {
    const std::optional<send_outcome> out = co_await try_execute(terms);
    if (out) co_return *out;
  }
  co_return unknown("others keep changing the account");
}

infra::task<send_outcome> paper_venue::place(approved_order order) {
  const std::shared_ptr<state> s = state_;
  const std::int64_t spread =
      std::max<std::int64_t>(1, s->config.latency_ms_max - s->config.latency_ms_min + 1);
  const std::chrono::milliseconds latency{s->config.latency_ms_min + s->draw(spread)};
  const instant until = s->time.monotonic() + paper_place_limit;
  if (!co_await infra::sleep_for(latency)) co_return unknown("cancelled on the way");
  const bool entered = co_await s->enter(until);
  if (!entered) {
    // It was never looked at, but only the venue's own word may say so.
    co_return unknown("the paper venue did not answer in time");
  }
  state::held_turn turn{*s};
  send_outcome out = co_await s->execute(order.terms());
  turn.finish();
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
  const auto known = co_await db.run(paper_db_deadline, std::move(look_up));
  if (!known) {
    out.reason = known.error().message;
    co_return out;
  }
  if (*known && (*known)->status == order_report::status::resting) {
    loaded = false;  // its write arrived after the tables were read
    out.reason = "the tables must be read again";
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
  if (!co_await s->enter(s->time.monotonic() + paper_place_limit)) {
    out.reason = "the paper venue did not answer in time";
    co_return out;
  }
  state::held_turn turn{*s};
  out = co_await s->withdraw(request.order, request.contract.venue());
  turn.finish();
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
  const bool entered = co_await enter(time.monotonic() + paper_place_limit);
  crossed.erase(contract);
  if (!entered) co_return;
  held_turn turn_of_book{*this};
  for (int filled = 0; filled < 1000; ++filled) {
    std::optional<paper_result> r = matcher.cross(contract, time.now());
    if (!r) break;
    const auto done = co_await commit(std::move(*r));
    if (!done) co_return;
  }
  turn_of_book.finish();
}

infra::task<> paper_venue::state::pay_out(listing l) {
  const std::shared_ptr<state> self = shared_from_this();
  if (!co_await enter(time.monotonic() + paper_place_limit)) co_return;
  held_turn turn_of_listing{*this};
  if (std::optional<paper_result> r = matcher.settle(l)) {
    const auto done = co_await commit(std::move(*r));
    if (done)
      log.info("paper_settled", {{"listing", l.id.str()}, {"venue", to_string(l.venue)}});
    else
      log.warn("paper_settlement_failed",
               {{"listing", l.id.str()}, {"error", done.error().message}});
    if (!done) co_return;
  }
  turn_of_listing.finish();
}

infra::task<> paper_venue::state::serve(infra::health_reporter& health) {
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
    if (bus.publish_state() != infra::amqp_state::up ||
        bus.consume_state() != infra::amqp_state::up)
      health.degraded("no books and no reports without the broker: " + bus.last_error());
    else if (!db.connected())
      health.degraded("no orders without the database: " + db.last_error());
    else if (!loaded)
      health.degraded("the tables must be read again before the next order");
    else
      health.up();
    on = co_await infra::sleep_for(1s);
  }
}

// A failure is followed by another run, and fills go on being reported meanwhile; a cancelled run
// was the last one.
infra::task<> paper_venue::state::run(infra::health_reporter& health) {
  const std::shared_ptr<state> self = shared_from_this();
  std::exception_ptr failure;
  try {
    co_await serve(health);
  } catch (...) {
    failure = std::current_exception();
  }
  const auto cancellation = co_await infra::asio::this_coro::cancellation_state;
  if (cancellation.cancelled() != infra::asio::cancellation_type::none) {
    tasks.request();
    co_await infra::asio::this_coro::reset_cancellation_state(infra::asio::disable_cancellation());
    co_await tasks.drained();
  }
  if (failure) std::rethrow_exception(failure);
}

}  // namespace cornice::execution
