// Components of the daemon: started, watched, restarted with backoff, stopped in order.
#pragma once

#include "cornice/infra/async.hpp"
#include "cornice/infra/clock.hpp"
#include "cornice/infra/metrics.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace cornice::infra {

enum class health : std::uint8_t { starting, up, degraded, down, stopped };
[[nodiscard]] std::string_view to_string(health h) noexcept;

/// What a component says of itself.
struct component_health {
  std::string name;
  health state = health::starting;
  std::string reason;  ///< why it is not `up`; empty when it is
  std::uint64_t restarts = 0;
  timestamp since{};     ///< of the current state
  bool required = true;  ///< readiness needs it
};

/// Handle by which a running component reports its state. Loop thread only; outlives the
/// component's run.
class health_reporter {
 public:
  virtual ~health_reporter() = default;
  virtual void up() = 0;
  virtual void degraded(std::string reason) = 0;
  virtual void down(std::string reason) = 0;
};

struct component {
  std::string name;  ///< snake_case; unique within its supervisor
  bool required = true;
  /// Runs until cancelled. Returning or throwing before that is a failure: it is restarted after
  /// backoff. Called again for each restart.
  std::function<task<>(health_reporter&)> run;
};

/// Loop thread only. Each component is `starting` until it reports; a failed one is `down`, with
/// its last reason, until it reports again after the restart. A component that had been up for 60 s
/// begins the backoff anew. State changes are logged (`component_up`, `component_degraded`,
/// `component_down`, `component_stopped`) and exported as cornice_component_up{component} (1 while
/// up or degraded) and cornice_component_restarts_total{component}.
class supervisor {
 public:
  struct backoff {
    std::chrono::milliseconds min{200};
    std::chrono::milliseconds max{10000};
  };
  /// `random` gives uniform 64-bit numbers for the jitter; empty: seeded by the operating system.
  supervisor(asio::any_io_executor loop, const clock& time, metrics_registry& metrics, backoff b,
             std::function<std::uint64_t()> random = {});
  /// Requests the stop of what still runs. `time` and `metrics` outlive the loop's coroutines.
  ~supervisor();
  supervisor(const supervisor&) = delete;
  supervisor& operator=(const supervisor&) = delete;
  /// Before start(). Components start in the order they were added and stop in the reverse one.
  void add(component c);
  /// Once.
  void start();
  /// Cancels the components one after the other in reverse order; each gets an equal share of what
  /// is left of `limit`. One that does not end in its share is logged as `component_abandoned` and
  /// left behind, `down`.
  task<> stop(std::chrono::milliseconds limit);
  [[nodiscard]] std::vector<component_health> snapshot() const;
  /// True when every required component is up or degraded.
  [[nodiscard]] bool ready() const;

 private:
  struct state;
  std::shared_ptr<state> state_;
};

/// Measures how late timers fire: loop lag. Runs until cancelled. Exports the histogram
/// cornice_loop_lag_seconds and the gauge cornice_loop_lag_max_seconds, the largest of the last
/// 10 s; calls `beat` each time (systemd watchdog). `metrics` outlives it.
task<> watch_loop_lag(metrics_registry& metrics, std::chrono::milliseconds every,
                      std::function<void(std::chrono::microseconds lag)> beat);

/// systemd notifications (READY=1, WATCHDOG=1, STATUS=…, STOPPING=1). Does nothing when not started
/// by systemd; a failure is logged as `systemd_notify_failed`.
void notify_systemd(const std::string& state);
/// WATCHDOG_USEC of the service, 0 = none.
[[nodiscard]] std::chrono::microseconds systemd_watchdog();

}  // namespace cornice::infra
