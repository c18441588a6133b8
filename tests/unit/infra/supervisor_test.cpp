#include "cornice/infra/supervisor.hpp"

#include "infra/lag_window.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/this_coro.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <stdexcept>

namespace cornice::infra {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

constexpr std::chrono::microseconds forever = 1h;

task<> wait_until_cancelled() {
  async_event never{co_await asio::this_coro::executor};
  co_await never.wait(forever);
}

task<> run_until_cancelled(health_reporter& health) {
  health.up();
  co_await wait_until_cancelled();
}

task<> ignore_cancellation(std::shared_ptr<async_event> release) {
  co_await asio::this_coro::reset_cancellation_state(
      [](auto) { return asio::cancellation_type::none; });
  co_await release->wait(forever);
}

class supervisor_test : public testing::Test {
 protected:
  static supervisor::backoff quick() { return {1ms, 4ms}; }

  supervisor make(supervisor::backoff b = quick()) {
    return supervisor{loop.get_executor(), time, metrics, b, [] { return std::uint64_t{0}; }};
  }

  // Runs the loop until `done` holds; fails after 10 s.
  template <class Done>
  void run_until(Done done) {
    const auto deadline = std::chrono::steady_clock::now() + 10s;
    loop.restart();
    while (!done()) {
      ASSERT_LT(std::chrono::steady_clock::now(), deadline) << "the expected state did not come";
      if (loop.run_one_for(100ms) == 0) loop.restart();
    }
  }

  void stop(supervisor& s, std::chrono::milliseconds limit) {
    bool stopped = false;
    const auto stop_it = [](supervisor& what, std::chrono::milliseconds how_long,
                            bool& done) -> task<> {
      co_await what.stop(how_long);
      done = true;
    };
    spawn(loop.get_executor(), "stop", stop_it(s, limit, stopped));
    run_until([&] { return stopped; });
  }

  asio::io_context loop;
  manual_clock time{parse_rfc3339("2026-11-22T12:00:00Z").value()};
  metrics_registry metrics;
  std::vector<std::string> seen;
};

TEST_F(supervisor_test, component_is_starting_until_it_reports) {
  supervisor s = make();
  s.add({"feed", true, run_until_cancelled});
  EXPECT_EQ(s.snapshot().at(0).state, health::starting);
  EXPECT_FALSE(s.ready());
  s.start();
  run_until([&] { return s.ready(); });
  EXPECT_EQ(s.snapshot().at(0).state, health::up);
  EXPECT_EQ(s.snapshot().at(0).since, time.now());
  EXPECT_THAT(metrics.expose(), HasSubstr("cornice_component_up{component=\"feed\"} 1\n"));
}

TEST_F(supervisor_test, reported_states_are_seen_with_their_reason) {
  health_reporter* reporter = nullptr;
  supervisor s = make();
  s.add({"feed", true, [&](health_reporter& h) {
           reporter = &h;
           return run_until_cancelled(h);
         }});
  s.start();
  run_until([&] { return s.ready(); });
  time.advance(5s);
  reporter->degraded("slow");
  EXPECT_EQ(s.snapshot().at(0).state, health::degraded);
  EXPECT_EQ(s.snapshot().at(0).reason, "slow");
  EXPECT_EQ(s.snapshot().at(0).since, time.now());
  EXPECT_TRUE(s.ready());
  reporter->down("gone");
  EXPECT_EQ(s.snapshot().at(0).reason, "gone");
  EXPECT_FALSE(s.ready());
  EXPECT_THAT(metrics.expose(), HasSubstr("cornice_component_up{component=\"feed\"} 0\n"));
  reporter->up();
  EXPECT_EQ(s.snapshot().at(0).reason, "");
  EXPECT_TRUE(s.ready());
}

TEST_F(supervisor_test, optional_component_does_not_hold_up_readiness) {
  supervisor s = make();
  s.add({"extra", false, [](health_reporter& h) -> task<> {
           h.down("not there");
           co_await wait_until_cancelled();
         }});
  s.start();
  run_until([&] { return s.snapshot().at(0).state == health::down; });
  EXPECT_TRUE(s.ready());
}

TEST_F(supervisor_test, throwing_component_is_restarted) {
  int runs = 0;
  supervisor s = make();
  s.add({"feed", true, [&](health_reporter& h) {
           const auto fail_twice = [](int run, health_reporter& health) -> task<> {
             if (run < 3) throw std::runtime_error{"broken"};
             health.up();
             co_await wait_until_cancelled();
           };
           return fail_twice(++runs, h);
         }});
  s.start();
  run_until([&] { return s.snapshot().at(0).restarts == 1; });
  EXPECT_EQ(s.snapshot().at(0).state, health::down);
  EXPECT_EQ(s.snapshot().at(0).reason, "broken");
  run_until([&] { return s.ready(); });
  EXPECT_EQ(runs, 3);
  EXPECT_EQ(s.snapshot().at(0).restarts, 2u);
  EXPECT_THAT(metrics.expose(),
              HasSubstr("cornice_component_restarts_total{component=\"feed\"} 2\n"));
}

TEST_F(supervisor_test, component_that_returns_has_failed) {
  supervisor s = make();
  s.add({"feed", true, [](health_reporter& h) -> task<> {
           h.up();
           co_return;
         }});
  s.start();
  run_until([&] { return s.snapshot().at(0).restarts == 2; });
  EXPECT_EQ(s.snapshot().at(0).reason, "ended by itself");
  EXPECT_EQ(s.snapshot().at(0).state, health::down);
}

TEST_F(supervisor_test, long_time_up_begins_the_backoff_anew) {
  // The first failure waits 1 ms, the second would wait an hour.
  int runs = 0;
  supervisor s = make({1ms, 3'600'000ms});
  async_event end{loop.get_executor()};
  s.add({"feed", true, [&](health_reporter& h) {
           const auto run = [](async_event& event, health_reporter& health) -> task<> {
             health.up();
             co_await event.wait(forever);
           };
           ++runs;
           return run(end, h);
         }});
  s.start();
  for (int wanted = 1; wanted <= 30; ++wanted) {
    run_until([&] { return runs == wanted && s.ready(); });
    time.advance(60s);
    loop.poll();
    end.notify();
  }
  run_until([&] { return runs == 31; });
  SUCCEED();
}

TEST_F(supervisor_test, components_stop_in_reverse_order) {
  supervisor s = make();
  const auto record_end = [](std::vector<std::string>& out, std::string name) -> task<> {
    co_await wait_until_cancelled();
    out.push_back(std::move(name));
  };
  for (const char* name : {"first", "second", "third"})
    s.add({name, true, [&, name](health_reporter& h) {
             h.up();
             return record_end(seen, name);
           }});
  s.start();
  run_until([&] { return s.ready(); });
  stop(s, 5s);
  EXPECT_EQ(seen, (std::vector<std::string>{"third", "second", "first"}));
  for (const component_health& one : s.snapshot()) EXPECT_EQ(one.state, health::stopped);
  EXPECT_FALSE(s.ready());
}

TEST_F(supervisor_test, component_that_does_not_end_is_left_behind_within_the_limit) {
  const auto release = std::make_shared<async_event>(loop.get_executor());
  supervisor s = make();
  s.add({"first", true, run_until_cancelled});
  s.add({"stubborn", true, [&](health_reporter& h) {
           h.up();
           return ignore_cancellation(release);
         }});
  s.start();
  run_until([&] { return s.ready(); });
  const auto begin = std::chrono::steady_clock::now();
  stop(s, 50ms);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 5s);
  EXPECT_EQ(s.snapshot().at(0).state, health::stopped);
  EXPECT_EQ(s.snapshot().at(1).state, health::down);
  release->notify();
  run_until([&] { return s.snapshot().at(1).state == health::stopped; });
}

TEST_F(supervisor_test, stop_interrupts_the_wait_for_a_restart) {
  supervisor s = make({1'000'000ms, 1'000'000ms});
  s.add({"feed", true, [](health_reporter&) -> task<> {
           throw std::runtime_error{"broken"};
           co_return;
         }});
  s.start();
  run_until([&] { return s.snapshot().at(0).restarts == 1; });
  stop(s, 5s);
  EXPECT_EQ(s.snapshot().at(0).state, health::stopped);
}

TEST_F(supervisor_test, stop_before_start_has_nothing_to_wait_for) {
  supervisor s = make();
  s.add({"feed", true, run_until_cancelled});
  stop(s, 5s);
  EXPECT_EQ(s.snapshot().at(0).state, health::stopped);
}

TEST_F(supervisor_test, loop_may_go_before_the_supervisor) {
  auto short_lived = std::make_unique<asio::io_context>();
  supervisor s{short_lived->get_executor(), time, metrics, quick()};
  s.add({"feed", true, run_until_cancelled});
  s.start();
  short_lived->poll();
  EXPECT_TRUE(s.ready());
  short_lived.reset();
}

TEST_F(supervisor_test, supervisor_may_go_before_the_loop) {
  auto s = std::make_unique<supervisor>(loop.get_executor(), time, metrics, quick());
  s->add({"feed", true, run_until_cancelled});
  s->start();
  loop.poll();
  s.reset();
  loop.restart();
  loop.run_for(10s);
  EXPECT_TRUE(loop.stopped());
}

TEST_F(supervisor_test, name_of_two_components_aborts) {
  supervisor s = make();
  s.add({"feed", true, run_until_cancelled});
  EXPECT_DEATH(s.add({"feed", true, run_until_cancelled}), "name is unique");
}

TEST(lag_window, keeps_the_largest_of_ten_seconds) {
  lag_window window;
  const instant begin{100s};
  EXPECT_EQ(window.add(begin, 7ms), 7ms);
  EXPECT_EQ(window.add(begin + 1s, 3ms), 7ms);
  EXPECT_EQ(window.add(begin + 9s, 4ms), 7ms);
  EXPECT_EQ(window.add(begin + 10s, 1ms), 4ms);
  EXPECT_EQ(window.add(begin + 60s, 2ms), 2ms);
}

TEST_F(supervisor_test, loop_lag_is_measured_and_beats) {
  std::vector<std::chrono::microseconds> lags;
  stop_source stop_lag{loop.get_executor()};
  stop_lag.spawn("lag", watch_loop_lag(metrics, 1ms, [&](std::chrono::microseconds lag) {
                   lags.push_back(lag);
                   if (lags.size() == 3) stop_lag.request();
                 }));
  run_until([&] { return lags.size() == 3; });
  loop.restart();
  loop.run_for(10s);
  EXPECT_TRUE(loop.stopped());
  for (const auto lag : lags) EXPECT_GE(lag, 0us);
  EXPECT_THAT(metrics.expose(), HasSubstr("cornice_loop_lag_seconds_count 3\n"));
  EXPECT_THAT(metrics.expose(), HasSubstr("cornice_loop_lag_max_seconds"));
}

TEST(systemd, nothing_happens_outside_of_systemd) {
  ::unsetenv("NOTIFY_SOCKET");
  ::unsetenv("WATCHDOG_USEC");
  notify_systemd("READY=1");
  EXPECT_EQ(systemd_watchdog(), 0us);
}

TEST(systemd, state_reaches_the_notification_socket) {
  std::string directory = (std::filesystem::temp_directory_path() / "cornice_XXXXXX").string();
  ASSERT_NE(::mkdtemp(directory.data()), nullptr);
  const std::string path = directory + "/notify";
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  const int socket = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);
  ASSERT_EQ(::bind(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  ::setenv("NOTIFY_SOCKET", path.c_str(), 1);
  notify_systemd("READY=1");
  ::unsetenv("NOTIFY_SOCKET");
  std::array<char, 64> received{};
  const ssize_t n = ::recv(socket, received.data(), received.size(), 0);
  ::close(socket);
  std::filesystem::remove_all(directory);
  ASSERT_GT(n, 0);
  EXPECT_EQ(std::string(received.data(), static_cast<std::size_t>(n)), "READY=1");
}

TEST(systemd, watchdog_limit_comes_from_the_environment) {
  ::setenv("WATCHDOG_USEC", "30000000", 1);
  const auto limit = systemd_watchdog();
  ::unsetenv("WATCHDOG_USEC");
  EXPECT_EQ(limit, 30s);
}

}  // namespace
}  // namespace cornice::infra
