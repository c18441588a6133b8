#include "simulation.hpp"

namespace cornice::execution::testing {
namespace {

constexpr std::int64_t tick_ms = 100;
constexpr quantity position_limit = quantity::contracts(60);
constexpr money gross_limit = money::dollars(80);

}  // namespace

simulation::simulation(std::uint64_t seed) : random_{seed} {
  for (const auto v : {venue_id::kalshi, venue_id::polymarket})
    venues_.emplace(v, model_venue{v, random_});
  gtc_ = chance(30);
  legs_ = chance(30) ? leg_order::thinnest_first : leg_order::simultaneous;
  boot();
  at(
      tick_ms, [this] { tick(); }, false);
}

manager_config simulation::config() const {
  manager_config c;
  c.venues = {venue_id::kalshi, venue_id::polymarket};
  c.armed = true;
  c.limits.defaults.contract_position_max = position_limit;
  c.limits.gross_exposure_max = gross_limit;
  c.limits.market_exposure_max = gross_limit;
  c.limits.defaults.orders_per_second = 50;
  c.limits.defaults.orders_burst = 50;
  c.limits.repeats_max = 50;
  c.limits.daily_loss_max = money::dollars(10'000);
  c.bundles.tif = gtc_ ? time_in_force::gtc : time_in_force::ioc;
  c.bundles.order = legs_;
  c.breakers.refusals_max = 1'000;
  c.breakers.cool_down_ms = 1'000;
  c.breakers.cool_down_ms_max = 2'000;
  return c;
}

void simulation::at(std::int64_t in_ms, std::function<void()> what, bool dies_with_process) {
  events_.emplace(now_ + std::chrono::milliseconds{in_ms},
                  event{dies_with_process ? process_ : 0, std::move(what)});
}

void simulation::advance(std::int64_t ms) {
  const timestamp until = now_ + std::chrono::milliseconds{ms};
  while (!events_.empty() && events_.begin()->first <= until) {
    auto node = events_.extract(events_.begin());
    now_ = node.key();
    if (node.mapped().process != 0 && node.mapped().process != process_) continue;
    node.mapped().what();
    if (::testing::Test::HasFatalFailure()) return;
    if (faults_ && random_() % 200 == 0) crash();
  }
  now_ = until;
}

void simulation::describe() {
  describe_world(
      now_, [&](const market_signal& s) { perform(manager_->on_market(s, now_)); },
      [&](const book_signal& s) { manager_->on_book(s); },
      [&](const feed_signal& s) { perform(manager_->on_feed(s, now_)); });
}

void simulation::boot() {
  ++process_;
  manager_ = std::make_unique<order_manager>(config());
  loaded_state state;
  for (const auto& [id, b] : rows_.bundles)
    if (!is_terminal(b.state)) state.bundles.push_back(b);
  for (const auto& [id, o] : rows_.orders) state.orders.push_back(o);
  for (const auto& [c, p] : rows_.positions) state.positions.emplace_back(c, p);
  state.balances = rows_.balances;
  for (const auto& [scope, b] : rows_.breakers) state.breakers.push_back(b);
  state.opportunities = rows_.opportunities;
  for (const auto& [v, d] : rows_.days) state.days.push_back(d);
  issued_commit_ = 0;
  durable_commit_ = 0;
  // The catalogue may arrive before or after the state.
  const bool early = chance(50);
  for (const auto v : {venue_id::kalshi, venue_id::polymarket})
    if (early) perform(manager_->on_market(listing_signal(make_listing(v)), now_));
  const auto restored = manager_->restore(std::move(state), now_);
  ASSERT_TRUE(restored) << restored.error().message;
  perform(manager_->start(now_));
  describe();
  for (const auto& m : account_)
    if (!m->acknowledged)
      at(
          between(1, 500), [this, m] { deliver(m); }, true);
}

void simulation::crash() {
  ++crashes;
  // Whether the transaction under way was committed, nobody will know.
  if (!store_queue_.empty() && chance(50)) apply(store_queue_.front());
  store_queue_.clear();
  store_busy_ = false;
  boot();
}

void simulation::tick() {
  for (const auto v : {venue_id::kalshi, venue_id::polymarket}) {
    perform(manager_->on_feed(make_feed(v, now_), now_));
    publish(v, venues_.at(v).stir(now_));
  }
  if (chance(20)) {
    const auto& c = all_contracts[random_() % 4];
    const std::int64_t bid = chance(10) ? 0 : between(40, 44);
    manager_->on_book(make_book(c, now_, bid, between(45, 48), ++books_));
  }
  perform(manager_->on_tick(now_));
  check_always();
  at(
      tick_ms, [this] { tick(); }, false);
}

void simulation::perform(const actions& list) {
  for (const action& a : list) {
    if (const auto* c = std::get_if<commit>(&a)) perform(*c);
    if (const auto* s = std::get_if<send_order>(&a)) perform(*s);
    if (const auto* s = std::get_if<send_cancel>(&a)) perform(*s);
    if (const auto* r = std::get_if<request_snapshot>(&a)) perform(*r);
    if (const auto* everything = std::get_if<cancel_everything>(&a))
      publish(everything->venue, venues_.at(everything->venue).cancel_all(now_));
  }
}

void simulation::perform(const commit& c) {
  ASSERT_GT(c.id, issued_commit_) << "commits are numbered in order";
  issued_commit_ = c.id;
  store_queue_.push_back(c);
  if (!store_busy_) {
    store_busy_ = true;
    at(
        faults_ && chance(2) ? between(1'000, 5'000) : between(1, 20), [this] { store_step(); },
        true);
  }
}

void simulation::store_step() {
  const commit c = std::move(store_queue_.front());
  store_queue_.pop_front();
  store_busy_ = !store_queue_.empty();
  if (store_busy_)
    at(
        faults_ && chance(2) ? between(1'000, 5'000) : between(1, 20), [this] { store_step(); },
        true);
  if (c.what == commit::kind::intent && faults_ && chance(5)) {
    durable_commit_ = c.id;
    perform(manager_->on_commit_failed(c.id, "the model refused it", now_));
    return;
  }
  apply(c);
  durable_commit_ = c.id;
  for (const auto& m : account_)
    if (m->durable_after != 0 && m->durable_after <= durable_commit_) m->acknowledged = true;
  at(
      between(0, 5), [this, id = c.id] { perform(manager_->on_committed(id, now_)); }, true);
}

void simulation::apply(const commit& c) {
  for (const change& x : c.changes) {
    if (const auto* b = std::get_if<store_bundle>(&x)) rows_.bundles[b->row.id] = b->row;
    if (const auto* o = std::get_if<store_order>(&x)) rows_.orders[o->row.terms.id] = o->row;
    if (const auto* b = std::get_if<store_breaker>(&x)) rows_.breakers[b->row.scope] = b->row;
    if (const auto* d = std::get_if<store_day>(&x)) rows_.days[d->row.venue] = d->row;
    if (const auto* o = std::get_if<store_opportunity>(&x))
      rows_.opportunities.push_back(o->taken.id);
    if (const auto* f = std::get_if<store_fill>(&x)) {
      ASSERT_TRUE(rows_.fills.emplace(f->order, f->fill.fill).second) << "a fill was counted twice";
    }
    if (const auto* b = std::get_if<store_booking>(&x)) {
      ASSERT_TRUE(rows_.entries.insert(b->entry.id).second) << "booked twice: " << b->entry.id;
      ASSERT_TRUE(b->entry.sum().is_zero());
      for (const auto& p : b->entry.postings) rows_.balances[p.account] += p.amount;
      for (const auto& p : b->positions)
        rows_.positions[p.contract] = {p.q, p.cost, p.realised, p.fees};
    }
  }
}

void simulation::perform(const send_order& s) {
  const order_terms& t = s.order.terms();
  ASSERT_TRUE(rows_.orders.contains(t.id)) << "sent without a committed intent";
  ASSERT_TRUE(ever_sent_.insert(t.id).second) << "sent twice";
  ASSERT_EQ(manager_->breakers().blocking(t.contract.venue(), t.purpose != order_purpose::open),
            nullptr);
  ++sent;
  const venue_id v = t.contract.venue();
  const bool arrives = !faults_ || !chance(4);
  const bool answered = arrives && (!faults_ || !chance(8));
  const std::int64_t travel = faults_ && chance(5) ? between(100, 4'000) : between(1, 50);
  const std::uint64_t sender = process_;
  const auto unknown = [this, id = t.id] {
    send_outcome o;
    o.reason = "timeout";
    perform(manager_->on_send_outcome(id, o, now_));
  };
  if (!answered) at(2'000, unknown, true);
  if (!arrives) return;
  at(
      travel,
      [this, t, v, answered, sender] {
        const auto a = venues_.at(v).on_order(t, now_);
        publish(v, a);
        if (!answered || sender != process_) return;
        at(
            between(1, 100),
            [this, id = t.id, o = a.outcome] { perform(manager_->on_send_outcome(id, o, now_)); },
            true);
      },
      false);
}

void simulation::perform(const send_cancel& c) {
  const venue_id v = c.contract.venue();
  const bool lost = faults_ && chance(20);
  at(
      between(1, 100),
      [this, c, v, lost] {
        auto [outcome, a] = venues_.at(v).on_cancel(c.order, now_);
        publish(v, a);
        if (lost) outcome = {};
        at(
            between(1, 50),
            [this, id = c.order, outcome] {
              perform(manager_->on_cancel_outcome(id, outcome, now_));
            },
            true);
      },
      true);
}

void simulation::perform(const request_snapshot& r) {
  if (faults_ && chance(10)) return;
  at(
      between(10, 300),
      [this, request = r.request] {
        const auto s = venues_.at(request.venue).snapshot(request, now_);
        at(
            between(10, 300), [this, s] { perform(manager_->on_snapshot(s, now_)); }, true);
      },
      true);
}

/// Account messages may be late, doubled, out of order, or never leave the venue's side.
void simulation::publish(venue_id, const model_venue::answer& a) {
  const auto enqueue = [this](std::function<actions(order_manager&, timestamp)> deliver_to) {
    if (faults_ && chance(10)) return;
    auto m = std::make_shared<account_message>();
    m->deliver = std::move(deliver_to);
    account_.push_back(m);
    for (int copies = faults_ && chance(10) ? 2 : 1; copies > 0; --copies)
      at(
          faults_ && chance(10) ? between(100, 3'000) : between(1, 60), [this, m] { deliver(m); },
          true);
  };
  for (const auto& f : a.fills)
    enqueue([f](order_manager& m, timestamp now) { return m.on_fill_report(f, now); });
  for (const auto& r : a.reports)
    enqueue([r](order_manager& m, timestamp now) { return m.on_order_report(r, now); });
}

void simulation::deliver(const std::shared_ptr<account_message>& m) {
  perform(m->deliver(*manager_, now_));
  m->durable_after = issued_commit_;
  if (m->durable_after <= durable_commit_) m->acknowledged = true;
}

void simulation::propose() {
  static const std::pair<contract_id, contract_id> pairs[] = {
      {k_yes, k_no}, {p_yes, p_no}, {k_yes, p_no}, {p_yes, k_no}};
  const auto& [first, second] = pairs[random_() % 4];
  auto o = make_opportunity("o" + std::to_string(++proposals_), first, second, lots(between(5, 20)),
                            now_);
  perform(manager_->on_opportunity(o, now_));
  if (chance(10)) perform(manager_->on_opportunity(o, now_));
}

void simulation::run(int opportunities) {
  for (int i = 0; i < opportunities && !::testing::Test::HasFatalFailure(); ++i) {
    advance(between(1, 800));
    for (const auto& c : all_contracts)
      if (chance(30)) manager_->on_book(make_book(c, now_, 44, 45, ++books_));
    propose();
  }
}

void simulation::drain() {
  faults_ = false;
  advance(240'000);
}

std::uint64_t simulation::filled() const {
  std::uint64_t n = 0;
  for (const auto& [v, venue] : venues_) n += venue.fills().size();
  return n;
}

void simulation::check_always() const {
  ASSERT_TRUE(manager_->books().sum().is_zero());
  ASSERT_LE(manager_->exposure().gross(), gross_limit + usd(1));
  // The same from the orders themselves, doubtful ones at their worst.
  money worst;
  for (const order* o : manager_->open_orders())
    if (o->terms.side == order_side::buy)
      worst += notional(o->terms.limit, o->worst_remaining(), rounding::up);
  for (const auto& [c, p] : manager_->positions().all()) worst += p.cost;
  ASSERT_LE(worst, gross_limit + usd(1));
  for (const auto& c : all_contracts) {
    const position p = manager_->positions().of(c);
    ASSERT_EQ(manager_->books().balance(contracts_account(c)), p.cost);
    // The venue's own truth, which we may not even know yet, stays within the limit.
    ASSERT_LE(venues_.at(c.venue()).holds(c), position_limit);
  }
  for (const auto& b : manager_->breakers().all()) {
    ASSERT_NE(b.cause, breaker_cause::order_anomaly) << b.detail;
    ASSERT_NE(b.cause, breaker_cause::reconcile_difference) << b.detail;
    ASSERT_NE(b.cause, breaker_cause::in_doubt_too_old) << b.detail;
  }
}

void simulation::check_agreement() const {
  const manager_status s = manager_->status();
  EXPECT_EQ(s.open_orders, 0u);
  EXPECT_EQ(s.in_doubt, 0u);
  EXPECT_EQ(s.open_bundles, 0u);
  EXPECT_EQ(s.reconciled.size(), 2u);
  EXPECT_TRUE(manager_->exposure().reservations().empty());
  for (const auto& c : all_contracts)
    EXPECT_EQ(manager_->positions().of(c).q, venues_.at(c.venue()).holds(c)) << c.str();
  std::size_t fills = 0;
  for (const auto& [v, venue] : venues_) {
    EXPECT_EQ(manager_->books().cash(v), venue.cash());
    fills += venue.fills().size();
  }
  EXPECT_EQ(rows_.fills.size(), fills) << "every fill was recorded, once";
}

}  // namespace cornice::execution::testing
