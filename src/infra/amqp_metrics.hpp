// Counters of the RabbitMQ client, looked up once per topic and reason.
#pragma once

#include "cornice/infra/metrics.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>

namespace cornice::infra::amqp {

class publish_metrics {
 public:
  explicit publish_metrics(metrics_registry& registry)
      : backlog{registry.make_gauge("cornice_amqp_backlog", "Messages waiting to be written.")},
        unconfirmed{registry.make_gauge("cornice_amqp_unconfirmed",
                                        "Messages on the wire without publisher confirm.")},
        confirm_seconds{registry.make_histogram("cornice_amqp_confirm_seconds",
                                                "From writing a message to its confirm.")},
        registry_{registry} {}

  gauge backlog;
  gauge unconfirmed;
  histogram confirm_seconds;

  void published(const std::string& topic) {
    const auto found = published_.find(topic);
    (found != published_.end() ? found->second : add_published(topic)).add();
  }
  void dropped(const std::string& topic, const char* reason, std::uint64_t n = 1) {
    auto key = std::pair{label_of(topic), std::string_view{reason}};
    auto found = dropped_.find(key);
    if (found == dropped_.end()) {
      found = dropped_
                  .emplace(key, registry_.make_counter("cornice_amqp_dropped_total",
                                                       "Messages lost on our side.",
                                                       {{"topic", key.first}, {"reason", reason}}))
                  .first;
    }
    found->second.add(n);
  }

 private:
  // Topics are few and fixed; a defect that makes them up must not grow the exposition for ever.
  static constexpr std::size_t topics_max = 64;

  std::string label_of(const std::string& topic) const {
    return published_.contains(topic) || published_.size() < topics_max ? topic : "other";
  }
  counter& add_published(const std::string& topic) {
    const std::string label = label_of(topic);
    return published_
        .emplace(label,
                 registry_.make_counter("cornice_amqp_published_total",
                                        "Messages written to the broker.", {{"topic", label}}))
        .first->second;
  }

  metrics_registry& registry_;
  std::map<std::string, counter, std::less<>> published_;
  std::map<std::pair<std::string, std::string_view>, counter> dropped_;
};

}  // namespace cornice::infra::amqp
