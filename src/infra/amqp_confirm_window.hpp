// Publisher confirms: which message a delivery tag of the broker speaks of.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <utility>

namespace cornice::infra::amqp {

/// Messages on the wire without confirm, in order of their delivery tags (1, 2, … per channel).
/// Every operation is O(1) amortised.
template <class T>
class confirm_window {
 public:
  /// Returns the delivery tag the broker will use.
  std::uint64_t push(T entry) {
    entries_.emplace_back(std::move(entry));
    ++open_;
    return first_ + entries_.size() - 1;
  }

  /// The entry of `tag`, null when it is settled or was never sent.
  [[nodiscard]] T* find(std::uint64_t tag) noexcept {
    if (tag < first_ || tag - first_ >= entries_.size()) return nullptr;
    auto& slot = entries_[static_cast<std::size_t>(tag - first_)];
    return slot ? &*slot : nullptr;
  }

  /// Calls `settled(T&&)` in tag order for the entry of `tag`, with `multiple` also for every
  /// earlier open one. Returns false when the broker named a tag that was never sent.
  template <class F>
  bool settle(std::uint64_t tag, bool multiple, F settled) {
    if (multiple && tag == 0) tag = first_ + entries_.size() - 1;  // AMQP: all so far
    if (tag >= first_ + entries_.size()) return false;
    if (tag < first_) return true;
    const auto last = static_cast<std::size_t>(tag - first_);
    for (std::size_t i = multiple ? 0 : last; i <= last; ++i) {
      if (!entries_[i]) continue;
      T entry = std::move(*entries_[i]);
      entries_[i].reset();
      --open_;
      settled(std::move(entry));
    }
    while (!entries_.empty() && !entries_.front()) {
      entries_.pop_front();
      ++first_;
    }
    return true;
  }

  /// The channel is gone: hands over what was open and starts again at tag 1.
  template <class F>
  void abandon(F lost) {
    auto entries = std::exchange(entries_, {});
    first_ = 1;
    open_ = 0;
    for (auto& e : entries)
      if (e) lost(std::move(*e));
  }

  [[nodiscard]] std::size_t open() const noexcept { return open_; }
  /// Tags between the oldest open and the newest: what bounds the memory of the window.
  [[nodiscard]] std::size_t span() const noexcept { return entries_.size(); }

 private:
  std::deque<std::optional<T>> entries_;
  std::uint64_t first_ = 1;
  std::size_t open_ = 0;
};

}  // namespace cornice::infra::amqp
