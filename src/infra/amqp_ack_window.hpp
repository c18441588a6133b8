// Acknowledgements of consumed messages, folded into as few frames as possible.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <vector>

namespace cornice::infra::amqp {

/// Deliveries of one channel that wait for ack(). Acks given between two flushes which follow
/// without a gap on everything acknowledged before become one `multiple` acknowledgement.
class ack_window {
 public:
  void delivered(std::uint64_t tag) {
    if (states_.empty()) first_ = tag;
    states_.push_back(state::open);
  }

  /// False when the tag is unknown or was answered before: answering twice is a protocol error that
  /// would cost the channel.
  bool ack(std::uint64_t tag) {
    state* s = find(tag);
    if (s == nullptr || *s != state::open) return false;
    *s = state::acked;
    pending_.push_back(tag);
    return true;
  }

  /// As ack(), for a tag that is answered by reject, which the caller sends itself.
  bool reject(std::uint64_t tag) {
    state* s = find(tag);
    if (s == nullptr || *s != state::open) return false;
    *s = state::settled;
    trim();
    return true;
  }

  [[nodiscard]] bool pending() const noexcept { return !pending_.empty(); }

  /// Calls `send(tag, multiple)` for everything acknowledged since the last flush.
  template <class F>
  void flush(F send) {
    if (pending_.empty()) return;
    std::size_t prefix = 0;
    while (prefix < states_.size() && states_[prefix] != state::open) ++prefix;
    const std::uint64_t prefix_end = first_ + prefix;  // first tag that is still open
    std::sort(pending_.begin(), pending_.end());
    const auto beyond = std::lower_bound(pending_.begin(), pending_.end(), prefix_end);
    if (beyond != pending_.begin()) send(*(beyond - 1), beyond - pending_.begin() > 1);
    for (auto it = beyond; it != pending_.end(); ++it) send(*it, false);
    for (const std::uint64_t tag : pending_) *find(tag) = state::settled;
    pending_.clear();
    trim();
  }

  [[nodiscard]] std::size_t open() const noexcept { return states_.size(); }
  void clear() noexcept {
    states_.clear();
    pending_.clear();
  }

 private:
  enum class state : std::uint8_t { open, acked, settled };

  state* find(std::uint64_t tag) noexcept {
    if (tag < first_ || tag - first_ >= states_.size()) return nullptr;
    return &states_[static_cast<std::size_t>(tag - first_)];
  }
  void trim() {
    while (!states_.empty() && states_.front() == state::settled) {
      states_.pop_front();
      ++first_;
    }
  }

  std::deque<state> states_;  // from first_ on
  std::uint64_t first_ = 1;
  std::vector<std::uint64_t> pending_;
};

}  // namespace cornice::infra::amqp
