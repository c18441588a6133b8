// Messages that wait to be written, bounded.
#pragma once

#include <cstddef>
#include <deque>
#include <optional>
#include <utility>

namespace cornice::infra::amqp {

enum class when_full { refuse, drop_oldest };

template <class T>
class publish_queue {
 public:
  explicit publish_queue(std::size_t limit) : limit_{limit} {}

  struct push_result {
    bool accepted = false;
    std::optional<T> dropped;  ///< the oldest one, which had to make room
  };
  push_result push(T item, when_full policy) {
    push_result r;
    if (items_.size() >= limit_) {
      if (policy == when_full::refuse || items_.empty()) return r;
      r.dropped = std::move(items_.front());
      items_.pop_front();
    }
    items_.push_back(std::move(item));
    r.accepted = true;
    return r;
  }

  [[nodiscard]] bool has_room(std::size_t n) const noexcept {
    return n <= limit_ && items_.size() <= limit_ - n;
  }
  [[nodiscard]] bool empty() const noexcept { return items_.empty(); }
  [[nodiscard]] std::size_t size() const noexcept { return items_.size(); }
  T pop() {
    T item = std::move(items_.front());
    items_.pop_front();
    return item;
  }
  template <class F>
  void erase_if(F predicate) {
    std::erase_if(items_, std::move(predicate));
  }
  template <class F>
  void clear(F each) {
    for (auto& item : std::exchange(items_, {})) each(std::move(item));
  }

 private:
  std::size_t limit_;
  std::deque<T> items_;
};

}  // namespace cornice::infra::amqp
