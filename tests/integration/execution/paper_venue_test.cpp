#include "cornice/execution/paper_venue.hpp"

#include "cornice/execution/bundle_machine.hpp"
#include "cornice/infra/clock.hpp"
#include "cornice/model/codec.hpp"
#include "execution_database.hpp"
#include "stranger_venue.hpp"

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

namespace cornice::execution::testing {
namespace {

class no_health final : public infra::health_reporter {
 public:
  void up() override { is_up = true; }
  void degraded(std::string) override { is_up = false; }
  void down(std::string) override { is_up = false; }
  bool is_up = false;
};

// The risk gate is the only source of approved orders; here it approves whatever has a book.
class approvals {
 public:
  approvals() {
    describe_world(markets_, start_time);
    for (const venue_id v : {venue_id::kalshi, venue_id::polymarket})
      books_.post(cash_movement(std::string{to_string(v)}, ledger_kind::deposit, v, usd(1'000'000),
                                "", start_time));
    view_.armed = true;
    view_.reconciled = {venue_id::kalshi, venue_id::polymarket};
    view_.opportunity_known = [](const opportunity_id&) { return false; };
    view_.order_known = [](const order_id&) { return false; };
  }
  approved_order operator()(order_terms t) {
    risk_gate gate{limits()};
    exposure_book exposure;
    auto outcome =
        gate.admit(order_request{std::move(t), std::nullopt}, view_, exposure, start_time);
    if (const auto* r = std::get_if<refusal>(&outcome))
      throw std::runtime_error{"not approved: " + r->check + ": " + r->text};
    return std::get<approved_order>(std::move(outcome));
  }

 private:
  static risk_limits limits() {
    risk_limits l;
    l.defaults.order_size_max = lots(100'000);
    l.defaults.order_notional_max = usd(10'000'000);
    l.defaults.contract_position_max = lots(100'000);
    l.defaults.venue_exposure_max = usd(10'000'000);
    l.market_exposure_max = usd(10'000'000);
    l.gross_exposure_max = usd(10'000'000);
    return l;
  }
  market_view markets_;
  position_book positions_;
  ledger books_;
  breaker_panel breakers_{breaker_policy{}};
  std::set<contract_id> in_doubt_;
  risk_view view_{markets_, positions_, books_,  breakers_, true, {},
                  0,        0,          money{}, in_doubt_, {},   {}};
};

class paper_venue_test : public database_test {
 protected:
  // One life of the paper venue.
  class life {
   public:
    explicit life(paper_venue_test& t)
        : t_{t},
          db_{t.io.get_executor(), t.database.config(2), t.metrics},
          bus_{t.io.get_executor(), broker_settings(t.vhost.settings()), t.metrics},
          tasks_{t.io.get_executor()},
          venue{t.io.get_executor(), t.settings, infra::system_clock(), bus_, db_, t.metrics} {
      venue.declare();
      bus_.start();
      tasks_.spawn("paper", venue.component().run(health_));
    }
    ~life() {
      tasks_.request();
      run_on_loop(t_.io, tasks_.drained());
      run_on_loop(t_.io, bus_.shutdown(200ms));
    }
    [[nodiscard]] bool ready() const { return health_.is_up && up(bus_); }
    // Starts a call that can be cut off in the middle.
    void begin(infra::task<send_outcome> call) {
      tasks_.spawn("call", keep(std::move(call), outcome));
    }

   private:
    static infra::task<> keep(infra::task<send_outcome> call,
                              std::shared_ptr<std::optional<send_outcome>> into) {
      into->emplace(co_await std::move(call));
    }
    paper_venue_test& t_;
    infra::pg_pool db_;
    infra::amqp_client bus_;
    no_health health_;
    infra::stop_source tasks_;

   public:
    paper_venue venue;
    std::shared_ptr<std::optional<send_outcome>> outcome =
        std::make_shared<std::optional<send_outcome>>();
  };

  paper_venue_test() {
    settings.latency_ms_min = 1;
    settings.latency_ms_max = 2;
    for (const std::string_view t : {topic::signal, topic::account, topic::command})
      bus.declare_topic(std::string{t});
    infra::amqp_queue account;
    account.name = "account";
    account.bindings = {{std::string{topic::account}, "#"}};
    bus.consume(std::move(account), [this](infra::amqp_delivery d) {
      bus.ack(d);
      if (auto f = decode<fill_report>(d.message.body);
          f && d.message.type == message_type<fill_report>())
        reported.push_back(std::move(*f));
      if (auto s = decode<account_snapshot>(d.message.body);
          s && d.message.type == message_type<account_snapshot>())
        snapshots.push_back(std::move(*s));
    });
    bus.start();
    if (!reach([this] { return up(bus); })) throw std::runtime_error{"the broker is not there"};
  }
  ~paper_venue_test() override {
    now_living.reset();
    run_on_loop(io, bus.shutdown(200ms));
  }

  void live() {
    now_living = std::make_unique<life>(*this);
    ASSERT_TRUE(reach([this] { return now_living->ready(); }));
    // Until an order of the smallest size finds the market: signals come by another queue.
    int n = 0;
    ASSERT_TRUE(reach([&] {
      say(listing_signal(make_listing(venue_id::polymarket)));
      say(make_book(p_yes, infra::system_clock().now(), 44, 45, ++revision));
      say(make_book(p_no, infra::system_clock().now(), 44, 45, revision));
      order_terms t = terms("probe" + std::to_string(revision) + "-" + std::to_string(++n));
      t.contract = p_no;
      t.limit = cents(1);
      return place(t).result == proof::done;
    }));
  }
  template <class T>
  void say(const T& what) {
    ASSERT_TRUE(bus.publish(on_bus(what)));
  }
  // A book of its own, known to the venue once it arrived: asks of `q` at 45 cents.
  void offer(quantity q) {
    book_signal b = make_book(p_yes, infra::system_clock().now(), 44, 45, ++revision);
    b.asks = {{cents(45), q}};
    say(b);
  }
  static order_terms terms(const std::string& name, quantity size = lots(10)) {
    order_terms t;
    t.id = order_id::of(name);
    t.bundle = bundle_id::of("b");
    t.contract = p_yes;
    t.limit = cents(45);
    t.size = size;
    t.created = start_time;
    return t;
  }
  send_outcome place(const order_terms& t) {
    return run_on_loop(io, now_living->venue.place(approve(t)));
  }
  cancel_outcome cancel(const std::string& name) {
    send_cancel c;
    c.order = order_id::of(name);
    c.contract = p_yes;
    return run_on_loop(io, now_living->venue.cancel(c));
  }
  std::string status_of(const std::string& name) const {
    return database.value("SELECT status FROM paper_order WHERE order_id = '" + name + "'");
  }
  std::int64_t fills_of(const std::string& name) const {
    return database.count(
        "paper_fill JOIN paper_order USING (venue, venue_order_id) WHERE "
        "order_id = '" +
        name + "'");
  }
  void expect_conserved() const {
    EXPECT_EQ(database.value("SELECT coalesce(sum(quantity), 0) FROM paper_position"),
              database.value("SELECT coalesce(sum(CASE side WHEN 'buy' THEN quantity ELSE "
                             "-quantity END), 0) FROM paper_fill"));
    EXPECT_EQ(database.value("SELECT cash FROM paper_account WHERE venue = 'polymarket'"),
              database.value("SELECT 10000000000 - coalesce(sum(ceil(price::numeric * quantity / "
                             "1000000) + fee), 0) FROM paper_fill WHERE side = 'buy'"));
  }

  cornice_test::throwaway_vhost vhost;
  infra::amqp_client bus{io.get_executor(), broker_settings(vhost.settings()), metrics};
  approvals approve;
  paper_config settings;
  std::vector<fill_report> reported;
  std::vector<account_snapshot> snapshots;
  std::uint64_t revision = 0;
  std::unique_ptr<life> now_living;
};

TEST_F(paper_venue_test, a_fill_is_durable_and_reported_until_the_broker_has_it) {
  live();
  const send_outcome out = place(terms("a"));
  EXPECT_EQ(out.result, proof::done) << out.reason;
  EXPECT_EQ(out.state, order_report::status::filled);
  EXPECT_EQ(out.filled, lots(10));
  EXPECT_EQ(status_of("a"), "filled");
  ASSERT_TRUE(reach([&] { return database.count("paper_fill WHERE reported") == fills_of("a"); }));
  ASSERT_TRUE(reach([&] { return reported.size() == 1; }));
  EXPECT_EQ(reported[0].order, order_id::of("a"));
  EXPECT_EQ(reported[0].p, cents(45));
  EXPECT_EQ(reported[0].q, lots(10));
  expect_conserved();
}

TEST_F(paper_venue_test, an_immediate_order_gets_what_is_there_and_loses_the_rest) {
  live();
  offer(lots(6));
  // The book is in once an order finds no more than it.
  int n = 0;
  ASSERT_TRUE(reach([&] {
    const std::string name = "p" + std::to_string(++n);
    return place(terms(name, lots(5'000))).filled == lots(6) && status_of(name) == "cancelled";
  }));
  expect_conserved();
}

TEST_F(paper_venue_test, a_resting_order_can_be_cancelled_once) {
  live();
  order_terms t = terms("r");
  t.limit = cents(40);
  t.tif = time_in_force::gtc;
  const send_outcome out = place(t);
  EXPECT_EQ(out.state, order_report::status::resting) << out.reason;
  EXPECT_EQ(cancel("r").result, proof::done);
  EXPECT_EQ(status_of("r"), "cancelled");
  EXPECT_EQ(cancel("r").result, proof::not_done);
  EXPECT_EQ(cancel("nobody").result, proof::not_done);
  EXPECT_EQ(fills_of("r"), 0);
}

TEST_F(paper_venue_test, a_resting_order_survives_a_restart_and_fills_when_it_is_crossed) {
  live();
  order_terms t = terms("r");
  t.limit = cents(43);
  t.tif = time_in_force::gtc;
  ASSERT_EQ(place(t).state, order_report::status::resting);
  now_living.reset();
  live();
  EXPECT_EQ(status_of("r"), "resting");
  ASSERT_TRUE(reach([&] {
    say(make_book(p_yes, infra::system_clock().now(), 41, 42, ++revision));
    return status_of("r") == "filled";
  }));
  EXPECT_TRUE(reach([&] { return !reported.empty() && reported.back().role == liquidity::maker; }));
  EXPECT_EQ(reported.back().p, cents(43)) << "as maker, at its own limit";
  expect_conserved();
}

TEST_F(paper_venue_test, a_client_id_is_executed_once) {
  live();
  const send_outcome first = place(terms("a"));
  const send_outcome again = place(terms("a"));
  EXPECT_EQ(again.result, proof::done);
  EXPECT_EQ(again.venue_order, first.venue_order);
  EXPECT_EQ(again.filled, first.filled);
  now_living.reset();
  live();
  EXPECT_EQ(place(terms("a")).venue_order, first.venue_order);
  EXPECT_EQ(fills_of("a"), 1);
  expect_conserved();
}

TEST_F(paper_venue_test, killed_between_the_fill_and_the_answer) {
  live();
  {
    // The decision is made, its write waits: nobody can say what becomes of it.
    const held_lock lock{database.config(1), "SELECT FROM paper_account FOR UPDATE"};
    now_living->begin(now_living->venue.place(approve(terms("k"))));
    ASSERT_TRUE(reach([&] {
      return database.count(
                 "pg_stat_activity WHERE datname = current_database() AND "
                 "wait_event_type = 'Lock'") == 1;
    }));
    const auto outcome = now_living->outcome;
    now_living.reset();
    EXPECT_EQ(outcome->value_or(send_outcome{}).result, proof::unknown);
  }
  live();
  const send_outcome out = place(terms("k"));
  EXPECT_EQ(out.result, proof::done) << out.reason;
  EXPECT_EQ(out.filled, lots(10));
  EXPECT_EQ(fills_of("k"), 1) << "executed once, whether the first write arrived or not";
  expect_conserved();
}

TEST_F(paper_venue_test, a_write_that_arrives_late_is_not_overwritten) {
  live();
  std::shared_ptr<std::optional<send_outcome>> outcome = now_living->outcome;
  {
    const held_lock lock{database.config(1), "SELECT FROM paper_account FOR UPDATE"};
    now_living->begin(now_living->venue.place(approve(terms("slow"))));
    ASSERT_TRUE(reach([&] { return outcome->has_value(); }));
    EXPECT_EQ((*outcome)->result, proof::unknown) << "its write still waits";
    outcome->reset();
    now_living->begin(now_living->venue.place(approve(terms("next"))));
    // The tables are read without the first one, which the lock holds up; now it may finish.
    ASSERT_TRUE(reach([&] {
      return database.count(
                 "pg_stat_activity WHERE datname = current_database() AND "
                 "wait_event_type = 'Lock'") == 2;
    }));
  }
  ASSERT_TRUE(reach([&] { return outcome->has_value(); }));
  ASSERT_EQ(place(terms("last")).result, proof::done);
  EXPECT_EQ(fills_of("last"), 1);
  expect_conserved();
}

TEST_F(paper_venue_test, one_that_stood_by_goes_on_from_what_the_other_one_left) {
  live();
  auto active = std::move(now_living);
  live();
  std::swap(active, now_living);
  ASSERT_EQ(place(terms("a")).filled, lots(10));
  ASSERT_EQ(place(terms("b", lots(7))).filled, lots(7));
  std::swap(active, now_living);
  active.reset();
  EXPECT_EQ(place(terms("a")).filled, lots(10)) << "known although the other one executed it";
  const send_outcome out = place(terms("c", lots(5)));
  EXPECT_EQ(out.result, proof::done) << out.reason;
  EXPECT_EQ(out.filled, lots(5));
  expect_conserved();
}

TEST_F(paper_venue_test, a_call_that_is_cut_off_does_not_lock_the_venue) {
  live();
  order_terms resting = terms("r");
  resting.limit = cents(40);
  resting.tif = time_in_force::gtc;
  ASSERT_EQ(place(resting).state, order_report::status::resting);
  infra::stop_source cut{io.get_executor()};
  {
    const held_lock lock{database.config(1), "SELECT FROM paper_account FOR UPDATE"};
    cut.spawn("cancel", [](paper_venue& v) -> infra::task<> {
      send_cancel c;
      c.order = order_id::of("r");
      c.contract = p_yes;
      (void)co_await v.cancel(std::move(c));
    }(now_living->venue));
    ASSERT_TRUE(reach([&] {
      return database.count(
                 "pg_stat_activity WHERE datname = current_database() AND "
                 "wait_event_type = 'Lock'") == 1;
    }));
    cut.request();
    run_on_loop(io, cut.drained());
  }
  EXPECT_EQ(place(terms("a")).result, proof::done);
  EXPECT_NE(cancel("r").result, proof::unknown);
  EXPECT_EQ(status_of("r"), "cancelled");
  expect_conserved();
}

TEST_F(paper_venue_test, a_snapshot_states_the_account) {
  live();
  ASSERT_EQ(place(terms("a")).filled, lots(10));
  command_request c;
  c.name = "reconcile";
  c.scope = "polymarket";
  c.argument = to_rfc3339(start_time - 24h);
  c.request_id = "question";
  c.caller = "execution";
  c.issued = infra::system_clock().now();
  c.expires = c.issued + 10s;
  say(c);
  ASSERT_TRUE(reach([&] { return !snapshots.empty(); }));
  const account_snapshot& s = snapshots.front();
  EXPECT_EQ(s.request_id, "question");
  EXPECT_EQ(s.positions, (std::vector<position_entry>{{p_yes, lots(10)}}));
  EXPECT_EQ(std::to_string(s.cash.micros()),
            database.value("SELECT cash FROM paper_account WHERE venue = 'polymarket'"));
  EXPECT_EQ(s.fills.size(), 1u);
}

}  // namespace
}  // namespace cornice::execution::testing
