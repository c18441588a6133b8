#include "cornice/infra/metrics.hpp"

#include "cornice/base/check.hpp"

#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <mutex>
#include <set>

namespace cornice::infra {
namespace {

constexpr double us_per_second = 1e6;

const prometheus::Histogram::BucketBoundaries& default_buckets() {
  static const prometheus::Histogram::BucketBoundaries seconds{
      50e-6, 100e-6, 250e-6, 500e-6, 1e-3, 2.5e-3, 5e-3, 10e-3, 25e-3,
      50e-3, 100e-3, 250e-3, 500e-3, 1.0,  2.5,    5.0,  10.0};
  return seconds;
}

bool is_name(const std::string& text) {
  const auto letter = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
  };
  return !text.empty() && letter(text.front()) &&
         std::all_of(text.begin(), text.end(),
                     [&](char c) { return letter(c) || (c >= '0' && c <= '9'); });
}

// All metrics of one name. `Metric` is a prometheus type.
template <class Metric>
struct series {
  prometheus::Family<Metric>* family = nullptr;
  std::set<metric_labels> known;
};

}  // namespace

struct metrics_registry::state {
  // Returns null when `name` has reached its limit.
  template <class Metric, class Builder, class... Args>
  Metric* get(std::map<std::string, series<Metric>>& group, Builder builder,
              const std::string& name, const std::string& help, const metric_labels& labels,
              const Args&... args) {
    const std::lock_guard lock{mutex};
    auto found = group.find(name);
    if (found == group.end()) {
      invariant(is_name(name), "a metric name is letters, digits and underscores");
      invariant(names.insert(name).second, "a metric name is used with one kind only");
      auto& family = builder.Name(name).Help(help).Register(registry);
      found = group.emplace(name, series<Metric>{&family, {}}).first;
    }
    auto& [family, known] = found->second;
    if (!known.contains(labels)) {
      for (const auto& [key, value] : labels)
        invariant(is_name(key) && !key.starts_with("__") && key != "le" && key != "quantile",
                  "a metric label is a name that Prometheus does not use itself");
      if (known.size() >= series_limit) {
        refused->Increment();
        return nullptr;
      }
      known.insert(labels);
    }
    return &family->Add(labels, args...);
  }

  prometheus::Registry registry;
  std::mutex mutex;
  std::set<std::string> names;
  std::map<std::string, series<prometheus::Counter>> counters;
  std::map<std::string, series<prometheus::Gauge>> gauges;
  std::map<std::string, series<prometheus::Histogram>> histograms;
  prometheus::Counter* refused = nullptr;
};

void counter::add(std::uint64_t n) const noexcept {
  if (impl_) static_cast<prometheus::Counter*>(impl_)->Increment(static_cast<double>(n));
}

void gauge::set(std::int64_t v) const noexcept {
  if (impl_) static_cast<prometheus::Gauge*>(impl_)->Set(static_cast<double>(v));
}

void gauge::add(std::int64_t v) const noexcept {
  if (impl_) static_cast<prometheus::Gauge*>(impl_)->Increment(static_cast<double>(v));
}

void gauge::set_us(std::int64_t us) const noexcept {
  if (impl_) static_cast<prometheus::Gauge*>(impl_)->Set(static_cast<double>(us) / us_per_second);
}

void histogram::observe_us(std::int64_t us) const noexcept {
  if (impl_)
    static_cast<prometheus::Histogram*>(impl_)->Observe(static_cast<double>(us) / us_per_second);
}

metrics_registry::metrics_registry() : state_{std::make_unique<state>()} {
  state_->refused = state_->get<prometheus::Counter>(
      state_->counters, prometheus::BuildCounter(), "cornice_metrics_series_refused_total",
      "Metrics asked for beyond the limit of label sets of one name.", {});
}

metrics_registry::~metrics_registry() = default;

counter metrics_registry::make_counter(const std::string& name, const std::string& help,
                                       const metric_labels& labels) {
  counter made;
  made.impl_ = state_->get<prometheus::Counter>(state_->counters, prometheus::BuildCounter(), name,
                                                help, labels);
  return made;
}

gauge metrics_registry::make_gauge(const std::string& name, const std::string& help,
                                   const metric_labels& labels) {
  gauge made;
  made.impl_ =
      state_->get<prometheus::Gauge>(state_->gauges, prometheus::BuildGauge(), name, help, labels);
  return made;
}

histogram metrics_registry::make_histogram(const std::string& name, const std::string& help,
                                           const metric_labels& labels) {
  histogram made;
  made.impl_ = state_->get<prometheus::Histogram>(state_->histograms, prometheus::BuildHistogram(),
                                                  name, help, labels, default_buckets());
  return made;
}

std::string metrics_registry::expose() const {
  return prometheus::TextSerializer{}.Serialize(state_->registry.Collect());
}

}  // namespace cornice::infra
