#include "cornice/infra/async.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/system/system_error.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <stdexcept>
#include <string>
#include <vector>

namespace cornice::infra {
namespace {

using namespace std::chrono_literals;

// Longer than any test runs: a test that needs it to pass fails by the limit of run().
constexpr std::chrono::microseconds forever = 1h;

class async_test : public testing::Test {
 protected:
  // Runs the loop until it has nothing left to do.
  void run() {
    loop.restart();
    loop.run_for(10s);
    ASSERT_TRUE(loop.stopped()) << "the loop still had work after 10 s";
  }
  // Runs what is ready now.
  void poll() {
    loop.restart();
    loop.poll();
  }

  asio::io_context loop;
  std::vector<std::string> seen;
};

task<> record_sleep(std::vector<std::string>& seen, std::chrono::microseconds how_long) {
  seen.emplace_back(co_await sleep_for(how_long) ? "slept" : "cancelled");
}

task<> sleep_then_go_on(std::vector<std::string>& seen) {
  try {
    co_await sleep_for(forever);
    co_await sleep_for(1us);
    seen.emplace_back("went on");
  } catch (const boost::system::system_error& e) {
    seen.emplace_back(e.code() == asio::error::operation_aborted ? "aborted" : "other");
    throw;
  }
}

task<> fail() {
  throw std::runtime_error{"expected by the test"};
  co_return;
}

task<> record_wait(std::vector<std::string>& seen, async_event& event,
                   std::chrono::microseconds limit) {
  seen.emplace_back(co_await event.wait(limit) ? "notified" : "not notified");
}

task<> record_drained(std::vector<std::string>& seen, stop_source& stop) {
  co_await stop.drained();
  seen.emplace_back("drained");
}

TEST_F(async_test, sleep_ends_by_itself) {
  const auto begin = std::chrono::steady_clock::now();
  spawn(loop.get_executor(), "sleeper", record_sleep(seen, 2ms));
  run();
  EXPECT_EQ(seen, std::vector<std::string>{"slept"});
  EXPECT_GE(std::chrono::steady_clock::now() - begin, 2ms);
}

TEST_F(async_test, sleep_says_that_it_was_cancelled) {
  stop_source stop{loop.get_executor()};
  stop.spawn("sleeper", record_sleep(seen, std::chrono::microseconds::max()));
  poll();
  stop.request();
  run();
  EXPECT_EQ(seen, std::vector<std::string>{"cancelled"});
}

TEST_F(async_test, negative_sleep_ends_at_once) {
  spawn(loop.get_executor(), "sleeper", record_sleep(seen, -5s));
  run();
  EXPECT_EQ(seen, std::vector<std::string>{"slept"});
}

TEST_F(async_test, exception_of_a_task_does_not_reach_the_loop) {
  spawn(loop.get_executor(), "failing", fail());
  spawn(loop.get_executor(), "sleeper", record_sleep(seen, 1us));
  EXPECT_NO_THROW(run());
  EXPECT_EQ(seen, std::vector<std::string>{"slept"});
}

TEST_F(async_test, second_wait_after_cancellation_throws_operation_aborted) {
  stop_source stop{loop.get_executor()};
  stop.spawn("sleeper", sleep_then_go_on(seen));
  poll();
  stop.request();
  EXPECT_NO_THROW(run());
  EXPECT_EQ(seen, std::vector<std::string>{"aborted"});
}

TEST_F(async_test, request_cancels_every_task_and_drained_completes_after_the_last) {
  stop_source stop{loop.get_executor()};
  spawn(loop.get_executor(), "drain", record_drained(seen, stop));
  for (int i = 0; i < 3; ++i) stop.spawn("sleeper", record_sleep(seen, forever));
  poll();
  EXPECT_TRUE(seen.empty());
  EXPECT_FALSE(stop.requested());
  stop.request();
  stop.request();
  EXPECT_TRUE(stop.requested());
  run();
  EXPECT_EQ(seen, (std::vector<std::string>{"cancelled", "cancelled", "cancelled", "drained"}));
}

TEST_F(async_test, request_before_a_task_began_keeps_it_from_going_on) {
  stop_source stop{loop.get_executor()};
  stop.spawn("sleeper", record_sleep(seen, forever));
  spawn(loop.get_executor(), "drain", record_drained(seen, stop));
  stop.request();
  run();
  ASSERT_FALSE(seen.empty());
  EXPECT_EQ(seen.back(), "drained");
  EXPECT_EQ(std::count(seen.begin(), seen.end(), "slept"), 0);
}

TEST_F(async_test, nothing_starts_after_request) {
  stop_source stop{loop.get_executor()};
  stop.request();
  stop.spawn("sleeper", record_sleep(seen, 1us));
  run();
  EXPECT_TRUE(seen.empty());
}

TEST_F(async_test, drained_completes_at_once_when_nothing_runs) {
  stop_source stop{loop.get_executor()};
  spawn(loop.get_executor(), "drain", record_drained(seen, stop));
  run();
  EXPECT_EQ(seen, std::vector<std::string>{"drained"});
}

TEST_F(async_test, failing_task_counts_as_ended) {
  stop_source stop{loop.get_executor()};
  stop.spawn("failing", fail());
  spawn(loop.get_executor(), "drain", record_drained(seen, stop));
  run();
  EXPECT_EQ(seen, std::vector<std::string>{"drained"});
}

TEST_F(async_test, destroyed_stop_source_cancels_its_tasks) {
  {
    stop_source stop{loop.get_executor()};
    stop.spawn("sleeper", record_sleep(seen, forever));
    poll();
  }
  run();
  EXPECT_EQ(seen, std::vector<std::string>{"cancelled"});
}

TEST_F(async_test, task_may_stop_its_own_source) {
  stop_source stop{loop.get_executor()};
  const auto stop_self = [](std::vector<std::string>& out, stop_source& source) -> task<> {
    source.request();
    co_await sleep_for(forever);
    out.emplace_back("went on");
  };
  stop.spawn("stopper", stop_self(seen, stop));
  spawn(loop.get_executor(), "drain", record_drained(seen, stop));
  run();
  EXPECT_EQ(seen, std::vector<std::string>{"drained"});
}

TEST_F(async_test, loop_destroyed_with_tasks_in_flight_releases_them) {
  auto short_lived = std::make_unique<asio::io_context>();
  auto stop = std::make_unique<stop_source>(short_lived->get_executor());
  auto event = std::make_unique<async_event>(short_lived->get_executor());
  const auto owned = std::make_shared<int>(0);
  const auto hold = [](std::shared_ptr<int> /*held*/, async_event& e) -> task<> {
    co_await e.wait(forever);
  };
  stop->spawn("holder", hold(owned, *event));
  short_lived->poll();
  EXPECT_EQ(owned.use_count(), 2);
  short_lived.reset();
  EXPECT_EQ(owned.use_count(), 1);
}

TEST_F(async_test, notify_wakes_every_waiter_once) {
  async_event event{loop.get_executor()};
  spawn(loop.get_executor(), "one", record_wait(seen, event, forever));
  spawn(loop.get_executor(), "two", record_wait(seen, event, forever));
  poll();
  EXPECT_TRUE(seen.empty());
  event.notify();
  run();
  EXPECT_EQ(seen, (std::vector<std::string>{"notified", "notified"}));
}

TEST_F(async_test, notify_before_the_wait_is_not_remembered) {
  async_event event{loop.get_executor()};
  event.notify();
  spawn(loop.get_executor(), "late", record_wait(seen, event, 1ms));
  run();
  EXPECT_EQ(seen, std::vector<std::string>{"not notified"});
}

TEST_F(async_test, cancelled_wait_is_not_notified) {
  async_event event{loop.get_executor()};
  stop_source stop{loop.get_executor()};
  stop.spawn("waiter", record_wait(seen, event, forever));
  poll();
  stop.request();
  run();
  event.notify();  // must not touch the frame that is gone
  EXPECT_EQ(seen, std::vector<std::string>{"not notified"});
}

TEST_F(async_test, destroyed_event_wakes_its_waiters) {
  auto event = std::make_unique<async_event>(loop.get_executor());
  spawn(loop.get_executor(), "waiter", record_wait(seen, *event, forever));
  poll();
  event.reset();
  run();
  EXPECT_EQ(seen, std::vector<std::string>{"notified"});
}

}  // namespace
}  // namespace cornice::infra
