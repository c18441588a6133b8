// What every feed of data works with.
#pragma once

#include "cornice/data/catalogue.hpp"
#include "cornice/data/frame_tap.hpp"
#include "cornice/data/ingest_config.hpp"
#include "cornice/data/signal_publisher.hpp"
#include "cornice/infra/clock.hpp"
#include "cornice/infra/http_client.hpp"
#include "cornice/infra/log.hpp"
#include "cornice/infra/metrics.hpp"

#include <functional>
#include <map>
#include <string>
#include <string_view>

namespace cornice::data {

/// Counts of one feed, for the venue's feed signal.
struct feed_counts {
  std::int64_t wanted = 0;
  std::int64_t usable = 0;
  std::int64_t connections = 0;
};

/// All members outlive the feeds.
struct feed_context {
  infra::asio::any_io_executor loop;
  const infra::clock& time;
  const ingest_config& config;
  infra::http_client& http;
  catalogue& listings;
  signal_publisher& signals;
  infra::metrics_registry& metrics;
  frame_tap tap;

  /// Wall-clock time of a monotonic instant close to now.
  [[nodiscard]] timestamp at(instant t) const {
    return time.now() - std::chrono::duration_cast<std::chrono::microseconds>(time.monotonic() - t);
  }
};

/// Counts and logs what cannot be read: each kind once a minute.
class complaint_log {
 public:
  complaint_log(std::string component, venue_id venue, infra::metrics_registry& metrics);
  void unreadable(std::string_view kind, std::string_view what, instant now);

 private:
  infra::logger log_;
  std::string venue_;
  infra::counter counter_;
  std::map<std::string, instant, std::less<>> last_;  // bounded: kinds are ours
};

}  // namespace cornice::data
