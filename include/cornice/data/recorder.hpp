// Optional: keeps every published book in PostgreSQL, for research and for looking back.
#pragma once

#include "cornice/base/time.hpp"
#include "cornice/infra/amqp.hpp"
#include "cornice/infra/clock.hpp"
#include "cornice/infra/config.hpp"
#include "cornice/infra/metrics.hpp"
#include "cornice/infra/postgres.hpp"
#include "cornice/infra/supervisor.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace cornice::data {

struct recorder_config {
  bool enabled = false;
  std::int64_t retention_days = 14;
  std::int64_t batch_ms = 1'000;
};

/// Section `data.recorder`.
void describe_recorder(infra::config_section& s, recorder_config& c);

/// Loop thread only; writes on pool threads. Hears books on a queue of its own that drops its
/// oldest at the broker, buffers a bounded number of rows, and drops (counted) rather than holding
/// anybody up. Table book_snapshot is partitioned by UTC day: partitions are made a day ahead and
/// dropped whole when they are older than the retention.
/// Metrics: cornice_recorder_rows_total, cornice_recorder_rows_dropped_total.
class recorder {
 public:
  recorder(recorder_config config, const infra::clock& time, infra::amqp_client& bus,
           infra::pg_pool& db, infra::metrics_registry& metrics);
  ~recorder();
  recorder(const recorder&) = delete;
  recorder& operator=(const recorder&) = delete;

  /// Declares its queue when it is enabled; before the broker client starts.
  void declare();
  /// None when it is not enabled.
  [[nodiscard]] std::vector<infra::component> components();

 private:
  struct state;
  std::shared_ptr<state> state_;
};

/// Makes the partitions of the days around `now` and drops those that ended `retention_days` ago.
/// Answers how many were dropped. Runs inside a transaction on a pool thread.
std::size_t keep_partitions(infra::pg_transaction& tx, timestamp now, std::int64_t retention_days);

}  // namespace cornice::data
