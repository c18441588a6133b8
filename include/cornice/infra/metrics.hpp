// Metrics in the Prometheus data model.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>

namespace cornice::infra {

using metric_labels = std::map<std::string, std::string>;

/// Handles are cheap to copy, valid as long as their registry, thread-safe, and never throw in use.
class counter {
 public:
  counter() = default;  ///< counts nowhere; for tests
  void add(std::uint64_t n = 1) const noexcept;

 private:
  friend class metrics_registry;
  void* impl_ = nullptr;
};
class gauge {
 public:
  gauge() = default;
  void set(std::int64_t v) const noexcept;
  void add(std::int64_t v) const noexcept;
  /// Sets a duration: exported in seconds, with its fraction. The name ends in `_seconds`.
  void set_us(std::int64_t us) const noexcept;

 private:
  friend class metrics_registry;
  void* impl_ = nullptr;
};
/// Observes durations; buckets and the exported sum are seconds, as Prometheus expects.
class histogram {
 public:
  histogram() = default;
  void observe_us(std::int64_t us) const noexcept;

 private:
  friend class metrics_registry;
  void* impl_ = nullptr;
};

/// Owns every metric of the process. Thread-safe. Names follow
/// `cornice_<area>_<what>_<unit>[_total]`; asking twice for the same name and labels returns the
/// same metric, with the first help text. A name used with two kinds, or a name or label that
/// Prometheus does not allow, is a defect: aborts. One name holds at most `series_limit` label
/// sets; a handle beyond that counts nowhere, and cornice_metrics_series_refused_total counts it.
class metrics_registry {
 public:
  static constexpr std::size_t series_limit = 10'000;

  metrics_registry();
  ~metrics_registry();
  metrics_registry(const metrics_registry&) = delete;
  metrics_registry& operator=(const metrics_registry&) = delete;

  counter make_counter(const std::string& name, const std::string& help,
                       const metric_labels& labels = {});
  gauge make_gauge(const std::string& name, const std::string& help,
                   const metric_labels& labels = {});
  /// Default buckets: 50 us .. 10 s.
  histogram make_histogram(const std::string& name, const std::string& help,
                           const metric_labels& labels = {});
  /// Text exposition format 0.0.4.
  [[nodiscard]] std::string expose() const;

 private:
  struct state;
  std::unique_ptr<state> state_;
};

}  // namespace cornice::infra
