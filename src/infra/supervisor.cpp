#include "cornice/infra/supervisor.hpp"

#include "cornice/base/check.hpp"
#include "cornice/infra/log.hpp"
#include "infra/backoff.hpp"
#include "infra/lag_window.hpp"

#include <algorithm>
#include <exception>
#include <optional>
#include <random>
#include <utility>

namespace cornice::infra {
namespace {

// A component that was up for this long is healthy again: its next failure is a new one.
constexpr std::chrono::seconds healthy_after{60};

const logger& log() {
  static const logger the_logger{"supervisor"};
  return the_logger;
}

std::string reason_of(const std::exception_ptr& failure) {
  if (!failure) return "ended by itself";
  try {
    std::rethrow_exception(failure);
  } catch (const std::exception& e) {
    return e.what();
  } catch (...) {
    return "an exception of unknown type";
  }
}

bool is_working(health h) noexcept {
  return h == health::up || h == health::degraded;
}

std::function<std::uint64_t()> random_numbers() {
  return [engine = std::mt19937_64{std::random_device{}()}]() mutable { return engine(); };
}

// One component with all that is known of it.
class supervised final : public health_reporter {
 public:
  supervised(component c, asio::any_io_executor loop, const clock& time, metrics_registry& metrics,
             exponential_backoff backoff)
      : work{std::move(c)},
        stop{loop},
        ended_event{std::move(loop)},
        time_{time},
        backoff_{backoff},
        up_gauge_{metrics.make_gauge("cornice_component_up",
                                     "1 while the component is up or degraded, else 0.",
                                     {{"component", work.name}})},
        restarts_total_{metrics.make_counter("cornice_component_restarts_total",
                                             "Restarts of the component after a failure.",
                                             {{"component", work.name}})} {
    seen_.name = work.name;
    seen_.required = work.required;
    seen_.since = time_.now();
    up_gauge_.set(0);
  }

  void up() override { change(health::up, {}); }
  void degraded(std::string reason) override { change(health::degraded, std::move(reason)); }
  void down(std::string reason) override { change(health::down, std::move(reason)); }
  void stopped() { change(health::stopped, "stopped"); }

  // Takes note of a failure; returns how long to wait before the restart.
  std::chrono::milliseconds failed(const std::exception_ptr& failure, std::uint64_t random) {
    if (working_since_ && time_.monotonic() - *working_since_ >= healthy_after) backoff_.reset();
    working_since_.reset();
    down(reason_of(failure));
    ++seen_.restarts;
    restarts_total_.add();
    const std::chrono::milliseconds wait = backoff_.next(random);
    log().warn("component_failed", {{"name", seen_.name},
                                    {"reason", seen_.reason},
                                    {"restarts", seen_.restarts},
                                    {"restart_in_ms", wait.count()}});
    return wait;
  }

  [[nodiscard]] const component_health& seen() const noexcept { return seen_; }

  const component work;
  stop_source stop;
  async_event ended_event;
  bool running = false;

 private:
  void change(health to, std::string reason) {
    if (seen_.state == health::stopped) return;
    seen_.reason = std::move(reason);
    if (seen_.state == to) return;
    seen_.state = to;
    seen_.since = time_.now();
    up_gauge_.set(is_working(to) ? 1 : 0);
    if (!is_working(to))
      working_since_.reset();
    else if (!working_since_)
      working_since_ = time_.monotonic();
    announce();
  }

  void announce() const {
    const log_field name{"name", seen_.name};
    const log_field reason{"reason", seen_.reason};
    switch (seen_.state) {
      case health::starting:
        break;
      case health::up:
        log().info("component_up", {name});
        break;
      case health::degraded:
        log().warn("component_degraded", {name, reason});
        break;
      case health::down:
        log().error("component_down", {name, reason});
        break;
      case health::stopped:
        log().info("component_stopped", {name});
        break;
    }
  }

  const clock& time_;
  exponential_backoff backoff_;
  component_health seen_;
  std::optional<instant> working_since_;
  gauge up_gauge_;
  counter restarts_total_;
};

}  // namespace

std::string_view to_string(health h) noexcept {
  switch (h) {
    case health::starting:
      return "starting";
    case health::up:
      return "up";
    case health::degraded:
      return "degraded";
    case health::down:
      return "down";
    case health::stopped:
      return "stopped";
  }
  return "unknown";
}

// Coroutines hold the state, so a component that was abandoned never refers to freed memory.
struct supervisor::state {
  state(asio::any_io_executor l, const clock& t, metrics_registry& m, backoff b,
        std::function<std::uint64_t()> r)
      : loop{std::move(l)}, time{t}, metrics{m}, waits{b}, random{std::move(r)} {}

  static task<> keep_running(std::shared_ptr<state> self, std::size_t index) {
    supervised& one = *self->components[index];
    while (!one.stop.requested()) {
      std::exception_ptr failure;
      try {
        co_await one.work.run(one);
      } catch (...) {
        failure = std::current_exception();
      }
      if (one.stop.requested()) break;
      const std::chrono::milliseconds wait = one.failed(failure, self->random());
      if (!co_await sleep_for(wait)) break;
    }
    one.running = false;
    one.stopped();
    one.ended_event.notify();
  }

  static task<> stop(std::shared_ptr<state> self, std::chrono::milliseconds limit) {
    const instant deadline = system_clock().monotonic() + limit;
    for (std::size_t left = self->components.size(); left > 0; --left) {
      supervised& one = *self->components[left - 1];
      one.stop.request();
      const auto share = (deadline - system_clock().monotonic()) / static_cast<int>(left);
      if (one.running)
        co_await one.ended_event.wait(std::chrono::duration_cast<std::chrono::microseconds>(share));
      if (one.running) {
        log().error("component_abandoned", {{"name", one.work.name}, {"limit_ms", limit.count()}});
        one.down("did not end when asked to stop");
      } else {
        one.stopped();
      }
    }
  }

  asio::any_io_executor loop;
  const clock& time;
  metrics_registry& metrics;
  backoff waits;
  std::function<std::uint64_t()> random;
  std::vector<std::unique_ptr<supervised>> components;
  bool started = false;
};

supervisor::supervisor(asio::any_io_executor loop, const clock& time, metrics_registry& metrics,
                       backoff b, std::function<std::uint64_t()> random)
    : state_{std::make_shared<state>(std::move(loop), time, metrics, b,
                                     random ? std::move(random) : random_numbers())} {}

supervisor::~supervisor() {
  for (auto one = state_->components.rbegin(); one != state_->components.rend(); ++one)
    (*one)->stop.request();
}

void supervisor::add(component c) {
  invariant(!state_->started, "components are added before the supervisor starts");
  invariant(std::none_of(state_->components.begin(), state_->components.end(),
                         [&](const auto& one) { return one->work.name == c.name; }),
            "a component name is unique");
  state_->components.push_back(
      std::make_unique<supervised>(std::move(c), state_->loop, state_->time, state_->metrics,
                                   exponential_backoff{state_->waits.min, state_->waits.max}));
}

void supervisor::start() {
  invariant(!std::exchange(state_->started, true), "a supervisor starts once");
  for (std::size_t i = 0; i < state_->components.size(); ++i) {
    supervised& one = *state_->components[i];
    one.running = true;
    one.stop.spawn(one.work.name, state::keep_running(state_, i));
  }
}

task<> supervisor::stop(std::chrono::milliseconds limit) {
  return state::stop(state_, limit);
}

std::vector<component_health> supervisor::snapshot() const {
  std::vector<component_health> all;
  all.reserve(state_->components.size());
  for (const auto& one : state_->components) all.push_back(one->seen());
  return all;
}

bool supervisor::ready() const {
  return std::all_of(state_->components.begin(), state_->components.end(), [](const auto& one) {
    return !one->seen().required || is_working(one->seen().state);
  });
}

task<> watch_loop_lag(metrics_registry& metrics, std::chrono::milliseconds every,
                      std::function<void(std::chrono::microseconds lag)> beat) {
  const histogram lags =
      metrics.make_histogram("cornice_loop_lag_seconds", "How late timers of the event loop fire.");
  const gauge largest =
      metrics.make_gauge("cornice_loop_lag_max_seconds", "Largest loop lag of the last 10 s.");
  lag_window window;
  while (true) {
    const instant due = system_clock().monotonic() + every;
    if (!co_await sleep_for(every)) co_return;
    const instant now = system_clock().monotonic();
    const auto lag = std::chrono::duration_cast<std::chrono::microseconds>(now - due);
    lags.observe_us(lag.count());
    largest.set_us(window.add(now, lag).count());
    if (beat) beat(lag);
  }
}

}  // namespace cornice::infra
