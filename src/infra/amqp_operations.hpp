// What a caller waits for: confirms of a batch, the reply to a request.
#pragma once

#include "cornice/base/result.hpp"
#include "cornice/infra/amqp.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace cornice::infra::amqp {

/// Messages that were handed over together and whose confirms are awaited together.
class confirm_batch {
 public:
  explicit confirm_batch(std::size_t messages) : outcomes_(messages), open_{messages} {}

  /// Nobody waits any more: messages that were not written yet are not written.
  bool abandoned = false;
  /// Called once, when the last message is settled.
  std::function<void()> finished;

  void confirm(std::size_t index) { settle(index, std::nullopt); }
  void fail(std::size_t index, error why) { settle(index, std::move(why)); }

  [[nodiscard]] bool done() const noexcept { return open_ == 0; }
  /// How many from the front are confirmed.
  [[nodiscard]] std::size_t confirmed_prefix() const noexcept {
    std::size_t n = 0;
    while (n < outcomes_.size() && outcomes_[n].settled && !outcomes_[n].failure) ++n;
    return n;
  }
  /// Why the first message that is not confirmed failed; nothing while it is merely open.
  [[nodiscard]] std::optional<error> first_failure() const {
    const std::size_t n = confirmed_prefix();
    return n < outcomes_.size() ? outcomes_[n].failure : std::nullopt;
  }

 private:
  struct outcome {
    bool settled = false;
    std::optional<error> failure;
  };
  void settle(std::size_t index, std::optional<error> failure) {
    outcome& o = outcomes_[index];
    if (o.settled) return;
    o.settled = true;
    o.failure = std::move(failure);
    if (--open_ == 0 && finished) finished();
  }

  std::vector<outcome> outcomes_;
  std::size_t open_;
};

/// A request whose reply is awaited.
struct pending_request {
  bool abandoned = false;
  std::optional<result<amqp_message>> answer;
  std::function<void()> finished;

  void settle(result<amqp_message> a) {
    if (answer) return;
    answer.emplace(std::move(a));
    if (finished) finished();
  }
};

}  // namespace cornice::infra::amqp
