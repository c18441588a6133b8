#include "cornice/execution/execution_service.hpp"

#include "execution_world.hpp"

#include <gmock/gmock.h>

#include <optional>

namespace cornice::execution::testing {
namespace {

using manner = stranger_venue::manner;

class execution_service_test : public execution_world {};

TEST_F(execution_service_test, an_order_is_durable_before_its_bytes_leave) {
  start();
  describe_markets();
  tell(pair("o1"));
  ASSERT_TRUE(reach([this] { return arrived() == 2; }));
  for (const auto& a : venue.arrivals) EXPECT_NE(a.stored_state, "") << a.terms.id.str();
  expect_counted_once();
  EXPECT_TRUE(reach([this] { return database.count("bundle WHERE state = 'done'") == 1; }));
  EXPECT_EQ(database.count("orders WHERE state = 'filled'"), 2);
}

TEST_F(execution_service_test, a_repeated_opportunity_makes_one_bundle) {
  start();
  describe_markets();
  const opportunity o = pair("o1");
  for (int i = 0; i < 3; ++i) tell(o);
  tell(pair("o2"));
  ASSERT_TRUE(reach([this] { return database.count("bundle") == 2; }));
  EXPECT_EQ(database.count("bundle WHERE opportunity_id = 'o1'"), 1);
  ASSERT_TRUE(reach([this] { return arrived() == 4; }));
  expect_counted_once();
}

TEST_F(execution_service_test, it_also_makes_one_bundle_across_a_restart) {
  start();
  describe_markets();
  const opportunity o = pair("o1");
  tell(o);
  ASSERT_TRUE(reach([this] { return database.count("bundle WHERE state = 'done'") == 1; }));
  stop();
  start();
  describe_markets();
  tell(o);
  tell(pair("o2"));
  ASSERT_TRUE(reach([this] { return database.count("bundle WHERE state = 'done'") == 2; }));
  EXPECT_EQ(arrived(), 4u);
  expect_counted_once();
}

TEST_F(execution_service_test, a_late_opportunity_is_refused_with_its_reason) {
  start();
  describe_markets();
  opportunity late = pair("late");
  late.expires = late.created - 1s;
  tell(late);
  ASSERT_TRUE(
      reach([this] { return database.count("refusal WHERE opportunity_id = 'late'") == 1; }));
  EXPECT_EQ(database.value("SELECT refused_by FROM opportunity WHERE opportunity_id = 'late'"),
            "opportunity_expired");
  EXPECT_NE(database.value("SELECT detail FROM refusal WHERE opportunity_id = 'late'"), "");
  EXPECT_EQ(arrived(), 0u);
}

TEST_F(execution_service_test, what_cannot_be_read_ends_on_the_dead_topic_and_harms_nothing) {
  start();
  describe_markets();
  ASSERT_TRUE(bus.publish(on_bus(topic::decision, "opportunity.complement", "opportunity",
                                 "{\"opportunity_id\":", "broken")));
  ASSERT_TRUE(
      bus.publish(on_bus(topic::account, "fill.polymarket", "fill", "not even JSON", "broken")));
  EXPECT_TRUE(reach([this] { return dead.size() == 2; }));
  EXPECT_THAT(dead, ::testing::UnorderedElementsAre("opportunity.complement", "fill.polymarket"));
  tell(pair("o1"));
  ASSERT_TRUE(reach([this] { return arrived() == 2; }));
  expect_counted_once();
}

TEST_F(execution_service_test, a_fill_that_is_reported_again_counts_once) {
  start();
  describe_markets();
  tell(pair("o1"));
  ASSERT_TRUE(reach([this] { return database.count("fill") == 2; }));
  venue.repeat_fills();
  venue.repeat_fills();
  tell(pair("o2"));
  ASSERT_TRUE(reach([this] { return database.count("fill") == 4; }));
  expect_counted_once();
}

// ------- stopped in between

TEST_F(execution_service_test, stopped_after_the_intent_and_before_it_was_sent) {
  // The life before: an intent became durable, and nothing after it.
  venue.how = manner::loses;
  start();
  describe_markets();
  tell(pair("o1"));
  ASSERT_TRUE(reach([this] { return arrived() == 2; }));
  stop();
  EXPECT_EQ(database.count("orders WHERE state = 'intended'") +
                database.count("orders WHERE state = 'sent'"),
            2);
  venue.how = manner::fills;
  start();
  ASSERT_TRUE(reach([this] { return database.count("orders WHERE state = 'rejected'") == 2; }))
      << database.value("SELECT string_agg(state, ',') FROM orders");
  EXPECT_EQ(arrived(), 2u) << "nothing is sent a second time";
  EXPECT_TRUE(reach([this] { return database.count("bundle WHERE state = 'abandoned'") == 1; }))
      << database.value("SELECT state FROM bundle");
  expect_counted_once();
}

TEST_F(execution_service_test, stopped_after_it_was_sent_and_before_the_answer) {
  venue.how = manner::says_nothing;
  venue.reports_fills = false;
  start();
  describe_markets();
  tell(pair("o1"));
  ASSERT_TRUE(reach([this] { return arrived() == 2; }));
  stop();
  EXPECT_EQ(database.count("fill"), 0);
  venue.how = manner::fills;
  start();
  ASSERT_TRUE(reach([this] { return database.count("orders WHERE state = 'filled'") == 2; }))
      << database.value("SELECT string_agg(state, ',') FROM orders");
  EXPECT_EQ(arrived(), 2u) << "nothing is sent a second time";
  expect_counted_once();
  EXPECT_TRUE(reach([this] { return database.count("bundle WHERE state = 'done'") == 1; }));
}

TEST_F(execution_service_test, stopped_after_the_answer_and_before_its_commit) {
  start();
  describe_markets();
  std::optional<held_lock> lock;
  venue.on_arrival = [&] {
    if (!lock) lock.emplace(database.config(1), "SELECT FROM lease FOR UPDATE");
  };
  tell(pair("o1"));
  ASSERT_TRUE(reach([this] { return venue.executions() == 2; }));
  // Both answers and both fills are known by now, and none of them can become durable.
  ASSERT_TRUE(reach([this] { return first->status().fills == 2; }));
  stop();
  EXPECT_EQ(database.count("fill"), 0);
  lock.reset();
  start();
  ASSERT_TRUE(reach([this] { return database.count("orders WHERE state = 'filled'") == 2; }))
      << database.value("SELECT string_agg(state, ',') FROM orders");
  EXPECT_EQ(arrived(), 2u) << "nothing is sent a second time";
  expect_counted_once();
}

TEST_F(execution_service_test, a_database_that_does_not_answer_closes_admission_until_it_does) {
  settings.manager.breakers.cool_down_ms = 200;
  settings.manager.breakers.probes = 1;
  start();
  describe_markets();
  {
    const held_lock lock{database.config(1), "SELECT FROM lease FOR UPDATE"};
    tell(pair("o1"));
    ASSERT_TRUE(reach([this] {
      return first->health.said.find("database_down") != std::string::npos;
    })) << first->health.said;
    EXPECT_EQ(arrived(), 0u) << "its intent is not durable";
  }
  ASSERT_TRUE(reach([this] { return first->ready(); })) << first->health.said;
  EXPECT_TRUE(reach([this] { return database.count("bundle WHERE state = 'abandoned'") == 1; }))
      << database.value("SELECT string_agg(state, ',') FROM bundle");
  EXPECT_EQ(arrived(), 0u) << "what was decided seconds ago is not sent any more";
  describe_markets();
  tell(pair("o2"));
  ASSERT_TRUE(reach([this] { return arrived() == 2; }));
  expect_counted_once();
}

// ------- commands

TEST_F(execution_service_test, halt_and_resume_take_effect_and_are_written_down) {
  start();
  describe_markets();
  EXPECT_TRUE(command("halt").accepted);
  EXPECT_TRUE(reach([this] {
    return database.count("breaker WHERE scope = 'global' AND state = 'open' AND needs_person") ==
           1;
  }));
  tell(pair("o1"));
  ASSERT_TRUE(
      reach([this] { return database.count("opportunity WHERE opportunity_id = 'o1'") == 1; }));
  EXPECT_EQ(database.value("SELECT refused_by FROM opportunity WHERE opportunity_id = 'o1'"),
            "breaker_open");
  const command_reply resumed = command("resume");
  EXPECT_TRUE(resumed.accepted) << resumed.message;
  tell(pair("o2"));
  EXPECT_TRUE(reach([this] { return arrived() == 2; }));
  expect_counted_once();
  EXPECT_EQ(database.count("audit_log WHERE actor = 'cli:ann' AND action IN ('command.halt', "
                           "'command.resume')"),
            2);
}

TEST_F(execution_service_test, a_halt_outlives_a_restart) {
  start();
  describe_markets();
  ASSERT_TRUE(command("halt").accepted);
  ASSERT_TRUE(reach([this] { return database.count("breaker WHERE state = 'open'") == 1; }));
  stop();
  first = std::make_unique<daemon>(*this, "again");
  ASSERT_TRUE(reach([this] {
    return first->health.said.find("breaker global is open") != std::string::npos;
  })) << first->health.said;
  EXPECT_TRUE(command("resume").accepted);
  EXPECT_TRUE(reach([this] { return first->ready(); })) << first->health.said;
}

TEST_F(execution_service_test, cancel_all_cancels_what_rests) {
  venue.how = manner::rests;
  start();
  describe_markets();
  tell(pair("o1"));
  ASSERT_TRUE(reach([this] { return database.count("orders WHERE state = 'live'") == 2; }));
  EXPECT_TRUE(command("cancel-all").accepted);
  ASSERT_TRUE(reach([this] { return database.count("orders WHERE state = 'cancelled'") == 2; }))
      << database.value("SELECT string_agg(state, ',') FROM orders");
  EXPECT_EQ(venue.cancels.size(), 2u);
  EXPECT_EQ(venue.mass_cancels.size(), 1u);
  EXPECT_EQ(database.count("audit_log WHERE action = 'command.cancel-all'"), 1);
}

// ------- two daemons

TEST_F(execution_service_test, a_second_daemon_stands_by_and_takes_over) {
  start();
  describe_markets();
  second = std::make_unique<daemon>(*this, "second");
  ASSERT_TRUE(reach([this] {
    return second->health.said.find("held by first") != std::string::npos;
  })) << second->health.said;
  EXPECT_FALSE(second->active());
  tell(pair("o1"));
  ASSERT_TRUE(reach([this] { return arrived() == 2; }));
  expect_counted_once();
  // The first one's lease connection breaks; it must not go on whatever it believes.
  database.exec(
      "SELECT pg_terminate_backend(pid) FROM pg_locks JOIN pg_database d ON d.oid = database "
      "WHERE locktype = 'advisory' AND datname = current_database()");
  ASSERT_TRUE(reach([this] { return second->ready(); })) << second->health.said;
  EXPECT_EQ(database.value("SELECT holder FROM lease"), "second");
  EXPECT_TRUE(reach([this] { return !first->active(); }));
  describe_markets();
  tell(pair("o2"));
  ASSERT_TRUE(reach([this] { return arrived() == 4; }));
  expect_counted_once();
}

}  // namespace
}  // namespace cornice::execution::testing
