// The publishing connection: what is queued goes to the wire.
#include "infra/amqp_publish_session.hpp"

#include <utility>

namespace cornice::infra::amqp {
namespace {

// More is written only when the socket has taken most of this: what waits in our queue can still be
// dropped or conflated, what is encoded cannot.
constexpr std::size_t output_high_water = 64 * 1024;

// What is left of an expiry after waiting in our queue; the broker counts from its own receipt. 0 =
// the message has none, negative = it is over.
std::int64_t expiry_left(const amqp_message& m, instant queued, instant now) {
  if (m.expiration_ms == 0) return 0;
  const auto waited = std::chrono::duration_cast<std::chrono::milliseconds>(now - queued).count();
  const std::int64_t left = m.expiration_ms - waited;
  return left > 0 ? left : -1;
}

}  // namespace

void publish_session::fill(instant now) {
  if (!open_) return;
  while (out_.size() < output_high_water && !blocked() && !flow_.full()) {
    // One of each in turn, so that no kind waits for the end of another's burst.
    bool any = write_request(now);
    any |= write_confirmed(now);
    any |= write_plain(now);
    if (!any) break;
  }
  const bool eager = draining_ && backlog() == 0;
  if (at(plain_channel).usable && flow_.probe_due(now, eager)) {
    write_qos(out_, plain_channel, 0);
    flow_.probe_sent(now);
  }
  update_gauges();
}

bool publish_session::write_request(instant now) {
  while (at(request_channel).usable && !requests_.empty()) {
    waiting_request w = requests_.pop();
    if (w.pending->abandoned) continue;
    const std::int64_t left = expiry_left(w.message, w.queued, now);
    if (left < 0) {
      metrics_.dropped(w.message.topic, "expired");
      w.pending->settle(error{errc::timed_out, "the request expired before it could be sent"});
      continue;
    }
    const std::size_t before = out_.size();
    // Mandatory: a request that nobody can answer fails at once, not at its deadline.
    write_publish(out_, request_channel, w.message, {false, true, left, 0, frame_max_});
    count_written(w.message.topic, before);
    awaiting_reply_.emplace(std::move(w.message.correlation_id), std::move(w.pending));
    return true;
  }
  return false;
}

bool publish_session::write_confirmed(instant now) {
  while (at(confirm_channel).usable && !confirmed_.empty()) {
    if (window_.span() >= config_.unconfirmed_limit) return false;
    waiting_confirmed w = confirmed_.pop();
    if (w.batch->abandoned) continue;
    const std::size_t before = out_.size();
    const std::uint64_t tag = window_.push({w.batch, w.index, now, false});
    write_publish(out_, confirm_channel, w.message,
                  {true, w.mandatory, w.message.expiration_ms, w.mandatory ? tag : 0, frame_max_});
    count_written(w.message.topic, before);
    return true;
  }
  return false;
}

bool publish_session::write_plain(instant now) {
  while (at(plain_channel).usable && !plain_.empty()) {
    const waiting_message w = plain_.pop();
    const std::int64_t left = expiry_left(w.message, w.queued, now);
    if (left < 0) {
      metrics_.dropped(w.message.topic, "expired");
      continue;
    }
    const std::size_t before = out_.size();
    write_publish(out_, plain_channel, w.message,
                  {w.message.persistent, false, left, 0, frame_max_});
    count_written(w.message.topic, before);
    return true;
  }
  return false;
}

void publish_session::count_written(const std::string& topic, std::size_t bytes_before) {
  flow_.wrote(out_.size() - bytes_before);
  metrics_.published(topic);
}

void publish_session::update_gauges() {
  metrics_.backlog.set(static_cast<std::int64_t>(backlog()));
  metrics_.unconfirmed.set(static_cast<std::int64_t>(window_.open()));
}

}  // namespace cornice::infra::amqp
