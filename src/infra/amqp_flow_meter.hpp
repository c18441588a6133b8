// How far the broker has read what we wrote.
#pragma once

#include "cornice/base/time.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>

namespace cornice::infra::amqp {

/// The kernel takes megabytes for a broker that has stopped reading, so a socket that accepts bytes
/// proves nothing. A probe (a cheap request that the broker answers in order) proves that all bytes
/// before it were read. Counts bytes, not probes, so that the bytes in flight can be bounded: what
/// is not in flight waits in our own queue, where it can still be conflated or dropped.
class flow_meter {
 public:
  static constexpr std::size_t probe_every_bytes = 64 * 1024;
  static constexpr std::size_t in_flight_max = 1024 * 1024;
  static constexpr std::chrono::milliseconds probe_every{250};
  static constexpr std::chrono::milliseconds overdue_after{1000};

  void wrote(std::size_t bytes) noexcept { written_ += bytes; }

  /// `eager` asks for a probe after the last byte at once.
  [[nodiscard]] bool probe_due(instant now, bool eager) const noexcept {
    if (written_ - probed_ >= probe_every_bytes || (eager && written_ != probed_)) return true;
    return probes_.empty() && now - last_probe_ >= probe_every;
  }
  void probe_sent(instant now) {
    probes_.push_back({written_, now});
    probed_ = written_;
    last_probe_ = now;
  }
  /// The broker answered the oldest probe. False when none was outstanding.
  bool answered() noexcept {
    if (probes_.empty()) return false;
    read_ = probes_.front().written;
    probes_.pop_front();
    return true;
  }

  [[nodiscard]] std::size_t in_flight() const noexcept {
    return static_cast<std::size_t>(written_ - read_);
  }
  [[nodiscard]] bool full() const noexcept { return in_flight() >= in_flight_max; }
  [[nodiscard]] bool overdue(instant now) const noexcept {
    return !probes_.empty() && now - probes_.front().sent >= overdue_after;
  }
  void reset(instant now) noexcept {
    probes_.clear();
    written_ = probed_ = read_ = 0;
    last_probe_ = now;
  }

 private:
  struct probe {
    std::uint64_t written;
    instant sent;
  };
  std::deque<probe> probes_;
  std::uint64_t written_ = 0;
  std::uint64_t probed_ = 0;
  std::uint64_t read_ = 0;
  instant last_probe_{};
};

}  // namespace cornice::infra::amqp
