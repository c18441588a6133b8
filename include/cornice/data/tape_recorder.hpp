// Writes the tape: what frame_tap hears goes to disk on a thread of its own.
#pragma once

#include "cornice/base/result.hpp"
#include "cornice/data/frame_tap.hpp"
#include "cornice/infra/metrics.hpp"

#include <cstdint>
#include <memory>
#include <string>

namespace cornice::data {

struct tape_options {
  std::string file;
  std::uint64_t rotate_bytes = 1u << 30;  ///< a record that would not fit begins the next file
  std::size_t queue_bytes = 64u << 20;    ///< waiting for the disk; beyond it records are dropped
};

/// Metrics: cornice_tape_records_total, cornice_tape_records_dropped_total,
/// cornice_tape_bytes_total. Files are FILE, FILE.1, … (docs/tape.md); none is ever overwritten.
class tape_recorder {
 public:
  /// Creates the first file and the thread. Errors: io (with the path and the system's word),
  /// conflict (every number is taken).
  static result<std::unique_ptr<tape_recorder>> start(tape_options options,
                                                      infra::metrics_registry& metrics);
  /// Writes what is queued and ends the thread.
  ~tape_recorder();
  tape_recorder(const tape_recorder&) = delete;
  tape_recorder& operator=(const tape_recorder&) = delete;

  /// Queues one record. Never waits for the disk: a full queue or a record over its bounds is
  /// dropped and counted. Any thread.
  void record(const venue::tape::record_view& r);
  /// record() as a tap; the recorder must outlive it.
  [[nodiscard]] frame_tap tap() {
    return [this](const venue::tape::record_view& r) { record(r); };
  }

 private:
  struct state;
  explicit tape_recorder(std::unique_ptr<state> s);
  std::unique_ptr<state> state_;
};

}  // namespace cornice::data
