#include "cornice/execution/store.hpp"

#include "../../unit/execution/manager_hands.hpp"
#include "cornice/infra/clock.hpp"
#include "execution/commit_document.hpp"
#include "execution_database.hpp"

#include <memory>
#include <string>
#include <vector>

namespace cornice::execution::testing {
namespace {

// One life of the store under one lease: commits go in, their numbers come out.
class running_store {
 public:
  running_store(infra::asio::io_context& io, const infra::pg_config& config,
                infra::metrics_registry& metrics, std::int64_t fence, store_config settings = {})
      : io_{io},
        db_{io.get_executor(), config, metrics},
        store_{io.get_executor(), std::move(settings), infra::system_clock(), db_, metrics},
        tasks_{io.get_executor()} {
    store_.set_fence(fence);
  }
  ~running_store() {
    tasks_.request();
    run_on_loop(io_, tasks_.drained());
  }
  void run() {
    tasks_.spawn("store", store_.run([this](std::uint64_t id) { committed.push_back(id); },
                                     [this](std::string why) { fenced_off = std::move(why); },
                                     [this](bool standing, std::string why) {
                                       troubles.emplace_back(standing, std::move(why));
                                     }));
  }
  void submit(const actions& list) {
    for (commit& c : pick<commit>(list)) store_.submit(std::move(c));
  }
  void submit(commit c) { store_.submit(std::move(c)); }
  store& operator*() { return store_; }
  store* operator->() { return &store_; }

  std::vector<std::uint64_t> committed;
  std::string fenced_off;
  std::vector<std::pair<bool, std::string>> troubles;

 private:
  infra::asio::io_context& io_;
  infra::pg_pool db_;
  store store_;
  infra::stop_source tasks_;
};

class store_test : public database_test {
 protected:
  static commit audited(std::uint64_t id, const std::string& action_name = "test.entry") {
    commit c;
    c.id = id;
    c.audit.push_back({start_time, "tester", action_name, std::to_string(id), "detail"});
    return c;
  }
  static store_booking deposit(const std::string& id, money amount) {
    return {cash_movement(id, ledger_kind::deposit, venue_id::kalshi, amount, "", start_time), {}};
  }

  std::unique_ptr<lease> held = take_lease("first");
  running_store subject{io, database.config(), metrics, held->fence()};
};

// A manager that trades, its commits made durable one by one.
class traded_store_test : public order_manager_test {
 protected:
  bool reach(std::function<bool()> holds) {
    return run_on_loop(io, eventually(std::move(holds), 15s), 25s);
  }
  // Everything that follows from `list`, until nothing is left to be committed. Sent orders are
  // kept in `sent`.
  void settle(const actions& list) {
    actions open = list;
    while (!open.empty()) {
      for (const send_order& s : pick<send_order>(open)) sent.push_back(s.order.terms());
      actions next;
      for (const commit& c : pick<commit>(open)) {
        subject.submit(c);
        EXPECT_TRUE(reach([&] { return subject->pending() == 0; }));
        auto more = manager->on_committed(c.id, now);
        next.insert(next.end(), more.begin(), more.end());
      }
      open = std::move(next);
    }
  }
  // A pair of which one leg is filled and the other one rests.
  void trade() {
    begin_stored();
    settle(manager->on_opportunity(make_opportunity("o1", p_yes, p_no, lots(10), now), now));
    ASSERT_EQ(sent.size(), 2u);
    settle(ack(sent[0], order_report::status::filled, lots(10)));
    settle(manager->on_fill_report(fill(sent[0], "f1", lots(4)), now));
    settle(manager->on_fill_report(fill(sent[0], "f2", lots(6)), now));
    settle(ack(sent[1], order_report::status::resting, quantity{}));
    settle(manager->on_fill_report(fill(sent[1], "f3", lots(3)), now));
  }
  void begin_stored() {
    manager = std::make_unique<order_manager>(settings);
    ASSERT_TRUE(manager->restore({}, now));
    const actions started = manager->start(now);
    subject.run();
    settle(started);
    for (const auto& r : pick<request_snapshot>(started)) {
      account_snapshot s = account[r.request.venue];
      s.venue = r.request.venue;
      s.request_id = r.request.request_id;
      s.observed = now;
      settle(manager->on_snapshot(s, now));
    }
    describe();
  }
  loaded_state load() {
    auto state = run_on_loop(io, subject->load(now));
    if (!state) throw std::runtime_error{state.error().message};
    return std::move(*state);
  }

  execution_database database;
  infra::metrics_registry metrics;
  infra::asio::io_context io;
  std::unique_ptr<lease> held =
      std::move(run_on_loop(io, lease::acquire(io.get_executor(), database.config(1),
                                               lease_name(store_config{}), "first"))
                    .value());
  running_store subject{io, database.config(), metrics, held->fence()};
  std::vector<order_terms> sent;
};

TEST_F(traded_store_test, an_intent_is_durable_with_its_opportunity_bundle_orders_and_audit) {
  begin_stored();
  const actions wanted =
      manager->on_opportunity(make_opportunity("o1", p_yes, p_no, lots(10), now), now);
  EXPECT_TRUE(pick<send_order>(wanted).empty()) << "nothing is sent before the commit";
  settle(wanted);
  EXPECT_EQ(sent.size(), 2u);
  EXPECT_EQ(database.value("SELECT verdict FROM opportunity WHERE opportunity_id = 'o1'"),
            "accepted");
  EXPECT_EQ(database.count("bundle"), 1);
  EXPECT_EQ(database.count("orders"), 2);
  EXPECT_EQ(database.count("audit_log WHERE action = 'bundle.accepted'"), 1);
  EXPECT_GE(database.count("outbox WHERE type = 'bundle'"), 1);
}

TEST_F(traded_store_test, a_fill_is_written_with_all_that_follows_from_it) {
  trade();
  EXPECT_EQ(database.value("SELECT string_agg(fill_id, ',' ORDER BY fill_id) FROM fill"),
            "f1,f2,f3");
  EXPECT_EQ(database.value("SELECT quantity FROM position WHERE contract_id = 'polymarket:71001'"),
            std::to_string(lots(10).micros()));
  EXPECT_EQ(database.count("ledger_entry WHERE transaction_id = 'fill:polymarket:f1'"), 2);
  EXPECT_EQ(database.value("SELECT sum(amount) FROM ledger_entry"), "0");
  EXPECT_EQ(database.value("SELECT filled FROM orders WHERE order_id = '" + sent[1].id.str() + "'"),
            std::to_string(lots(3).micros()));
  EXPECT_EQ(database.count("outbox WHERE type = 'fill'"), 3);
}

TEST_F(traded_store_test, what_is_loaded_is_what_the_manager_had) {
  trade();
  const loaded_state state = load();
  std::map<contract_id, position> loaded{state.positions.begin(), state.positions.end()};
  for (const auto& [contract, p] : manager->positions().all()) EXPECT_EQ(loaded[contract], p);
  for (const auto& [name, amount] : manager->books().balances())
    EXPECT_EQ(state.balances.at(name), amount) << name;
  ASSERT_EQ(state.orders.size(), 2u);
  for (const order& o : state.orders) EXPECT_EQ(o, *manager->find_order(o.terms.id));
  ASSERT_EQ(state.bundles.size(), 1u);
  EXPECT_EQ(state.bundles[0], *manager->find_bundle(state.bundles[0].id));
  EXPECT_EQ(state.opportunities, std::vector{opportunity_id::of("o1")});

  order_manager again{settings};
  EXPECT_TRUE(again.restore(state, now));
  EXPECT_EQ(again.status().open_orders, manager->status().open_orders);
  // Before the listings are known, everything is reserved at the worst that it can cost.
  for (const venue_id v : {venue_id::kalshi, venue_id::polymarket})
    static_cast<void>(again.on_market(listing_signal(make_listing(v)), now));
  EXPECT_EQ(again.exposure().reservations(), manager->exposure().reservations());
}

TEST_F(traded_store_test, a_refused_opportunity_is_kept_with_its_reason) {
  begin_stored();
  const opportunity late = make_opportunity("o9", p_yes, p_no, lots(10), now - 10s);
  subject->remember(late);
  settle(manager->on_opportunity(late, now));
  EXPECT_TRUE(sent.empty());
  EXPECT_EQ(database.value("SELECT verdict || ' ' || refused_by FROM opportunity"),
            "refused opportunity_expired");
  EXPECT_EQ(database.count("refusal WHERE opportunity_id = 'o9' AND detail <> ''"), 1);
  EXPECT_EQ(database.count("orders"), 0);
}

TEST_F(store_test, commits_become_durable_in_the_order_in_which_they_came) {
  std::vector<std::uint64_t> expected;
  for (std::uint64_t id = 1; id <= 200; ++id) {
    subject.submit(audited(id));
    expected.push_back(id);
  }
  subject.run();
  ASSERT_TRUE(reach([&] { return subject->pending() == 0; }));
  EXPECT_EQ(subject.committed, expected);
  EXPECT_EQ(database.value("SELECT string_agg(subject, ',' ORDER BY audit_no) = "
                           "(SELECT string_agg(i::text, ',' ORDER BY i) FROM "
                           "generate_series(1, 200) i) FROM audit_log"),
            "t");
  EXPECT_EQ(database.value("SELECT last_commit FROM lease"), "200");
}

TEST_F(store_test, of_a_commit_that_the_database_refuses_nothing_is_kept) {
  commit bad = audited(1);
  bad.changes.emplace_back(deposit("good", usd(500)));
  store_booking unbalanced = deposit("bad", usd(500));
  unbalanced.entry.postings.back().amount += money{1};
  bad.changes.emplace_back(std::move(unbalanced));
  subject.submit(std::move(bad));
  subject.run();
  ASSERT_TRUE(reach([&] { return !subject.troubles.empty(); }));
  EXPECT_TRUE(subject.troubles.front().first);
  EXPECT_NE(subject.troubles.front().second.find("does not sum to zero"), std::string::npos);
  EXPECT_EQ(database.count("ledger_entry"), 0);
  EXPECT_EQ(database.count("audit_log"), 0);
  EXPECT_EQ(database.value("SELECT last_commit FROM lease"), "0");
  EXPECT_TRUE(subject.committed.empty());
}

TEST_F(store_test, a_repeated_number_changes_nothing) {
  commit c = audited(7);
  c.changes.emplace_back(deposit("d1", usd(500)));
  const std::string call = "SELECT execution_commit('" + lease_name({}) + "', " +
                           std::to_string(held->fence()) + ", 7, 'paper', $$" +
                           commit_document(std::vector{c}, {}, "1-", start_time) + "$$::jsonb)";
  EXPECT_EQ(database.value(call), "t");
  EXPECT_EQ(database.value(call), "f");
  EXPECT_EQ(database.count("ledger_entry"), 2);
  EXPECT_EQ(database.count("audit_log"), 1);
}

TEST_F(store_test, a_commit_that_nobody_answered_is_repeated_and_counts_once) {
  store_config hasty;
  hasty.attempt_deadline = 200ms;
  running_store store{io, database.config(), metrics, held->fence(), hasty};
  commit c = audited(1);
  c.changes.emplace_back(deposit("d1", usd(500)));
  {
    const held_lock lock{database.config(1), "SELECT FROM lease FOR UPDATE"};
    store.submit(std::move(c));
    store.run();
    ASSERT_TRUE(reach([&] { return !store.troubles.empty(); }));
    EXPECT_TRUE(store.committed.empty());
  }
  ASSERT_TRUE(reach([&] { return store->pending() == 0; }));
  EXPECT_EQ(store.committed, std::vector<std::uint64_t>{1});
  EXPECT_FALSE(store.troubles.back().first) << "the trouble is over";
  EXPECT_EQ(database.count("ledger_entry"), 2);
  EXPECT_EQ(database.count("audit_log"), 1);
}

TEST_F(store_test, a_former_holder_is_refused) {
  subject.submit(audited(1, "first.life"));
  subject.run();
  ASSERT_TRUE(reach([&] { return subject->pending() == 0; }));
  held.reset();
  const auto successor = take_lease("second");
  running_store second{io, database.config(), metrics, successor->fence()};
  second.submit(audited(1, "second.life"));
  second.run();
  ASSERT_TRUE(reach([&] { return second->pending() == 0; }));

  subject.submit(audited(2, "first.again"));
  ASSERT_TRUE(reach([&] { return !subject.fenced_off.empty(); }));
  EXPECT_NE(subject.fenced_off.find("is held under fence"), std::string::npos);
  EXPECT_EQ(subject.committed, std::vector<std::uint64_t>{1});
  EXPECT_EQ(database.value("SELECT string_agg(action, ',' ORDER BY audit_no) FROM audit_log"),
            "first.life,second.life");
}

}  // namespace
}  // namespace cornice::execution::testing
