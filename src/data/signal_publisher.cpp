#include "cornice/data/signal_publisher.hpp"

#include "cornice/model/codec.hpp"

#include <algorithm>
#include <array>

namespace cornice::data {
namespace {

void copy_best(std::span<const level> worst_first, std::size_t depth, std::vector<level>& out) {
  const std::size_t n = std::min(depth, worst_first.size());
  out.assign(worst_first.rbegin(), worst_first.rbegin() + static_cast<std::ptrdiff_t>(n));
}

bool same_best(std::span<const level> worst_first, std::size_t depth,
               const std::vector<level>& best_first) {
  const std::size_t n = std::min(depth, worst_first.size());
  return best_first.size() == n &&
         std::equal(best_first.begin(), best_first.end(), worst_first.rbegin());
}

std::uint64_t whole_seconds(timestamp t) {
  return static_cast<std::uint64_t>(unix_ms(t) / 1000);
}

template <class Signal>
infra::amqp_message message_of(const Signal& s, std::string id, timestamp at) {
  infra::amqp_message m;
  m.topic = topic::signal;
  m.routing_key = routing_key(s);
  m.type = message_type<Signal>();
  m.message_id = std::move(id);
  m.timestamp_s = whole_seconds(at);
  m.schema_version = bus_schema_version;
  m.body = encode(s);
  return m;
}

// More than one, so that a queue of held back books shrinks even when nobody calls flush().
constexpr std::size_t sent_before_a_book = 4;

}  // namespace

signal_publisher::signal_publisher(publisher_options options, sink send, backlog waiting,
                                   timestamp started, infra::metrics_registry& metrics)
    : options_{options},
      send_{std::move(send)},
      waiting_{std::move(waiting)},
      salt_{static_cast<std::uint64_t>(unix_us(started))},
      first_epoch_{salt_} {
  published_ = metrics.make_counter("cornice_data_books_published_total",
                                    "Book signals handed to the broker client.");
  conflated_ =
      metrics.make_counter("cornice_data_books_conflated_total",
                           "Book states replaced by a newer one while the broker was slow.");
  refused_ = metrics.make_counter("cornice_data_signals_refused_total",
                                  "Signals that the broker client did not take.");
}

trace_id signal_publisher::next_trace(venue_id venue) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::array<char, 17> text{};
  text[0] = to_string(venue)[0];
  // Start and count together: unique across restarts, short enough to read aloud.
  std::uint64_t v = salt_ * 0x9e3779b97f4a7c15ULL + ++next_trace_;
  for (std::size_t i = 16; i > 0; --i, v >>= 4U) text[i] = digits[v & 15U];
  return trace_id::of(std::string{text.data(), text.size()});
}

void signal_publisher::book(const contract_id& contract, const book_state& now,
                            const trace_id& trace, timestamp at) {
  if (!held_back_.empty()) flush_some(at, sent_before_a_book);  // what waits longer goes first
  const auto [where, fresh] = books_.try_emplace(contract);
  entry& e = where->second;
  book_signal& b = e.last;
  e.forgotten = false;
  const bool same = !fresh && b.usable == now.usable &&
                    same_best(now.bids, options_.depth, b.bids) &&
                    same_best(now.asks, options_.depth, b.asks) &&
                    (now.usable || b.unusable_reason == now.unusable_reason);
  if (same && !now.rebuilt) {
    b.received = now.received;  // confirmed; the next refresh tells
    b.venue_time = now.venue_time;
    return;
  }
  if (fresh) {
    b.contract = contract;
    b.epoch = first_epoch_;
  } else if (now.rebuilt) {
    ++b.epoch;
    b.revision = 0;
  }
  ++b.revision;
  b.usable = now.usable;
  b.unusable_reason = now.unusable_reason;
  copy_best(now.bids, options_.depth, b.bids);
  copy_best(now.asks, options_.depth, b.asks);
  b.venue_time = now.venue_time;
  b.received = now.received;
  b.trace = trace;
  if (held_back_.empty() && waiting_() < options_.backlog_max) return send(e, at);
  if (e.held_back) return conflated_.add();
  e.held_back = true;
  held_back_.push_back(contract);
}

void signal_publisher::send(entry& e, timestamp now) {
  e.last.published = now;
  e.body.clear();
  encode_to(e.body, e.last);
  infra::amqp_message m;
  m.topic = topic::signal;
  m.routing_key = routing_key(e.last);
  m.type = message_type<book_signal>();
  m.message_id = "b" + std::to_string(++next_message_);
  m.timestamp_s = whole_seconds(now);
  m.schema_version = bus_schema_version;
  m.body = e.body;
  if (send_(std::move(m)))
    published_.add();
  else
    refused_.add();
}

void signal_publisher::trade(const trade_signal& t) {
  if (!send_(message_of(t, "t" + std::to_string(++next_message_), t.received))) refused_.add();
}

void signal_publisher::feed(const feed_signal& f) {
  if (!send_(message_of(f, "f" + std::to_string(++next_message_), f.observed))) refused_.add();
}

void signal_publisher::market(const market_signal& m) {
  if (!send_(message_of(m, "m" + std::to_string(++next_message_), m.observed))) refused_.add();
}

void signal_publisher::forget(const contract_id& contract, timestamp at) {
  const auto where = books_.find(contract);
  if (where == books_.end()) return;
  book_state gone;
  gone.unusable_reason = "not_streamed";
  gone.received = at;
  const trace_id trace = where->second.last.trace;
  book(contract, gone, trace, at);
  // What waited may have gone out before, and its entry with it: this is the one that stands now.
  const auto standing = books_.find(contract);
  if (standing->second.held_back)
    standing->second.forgotten = true;
  else
    drop(standing);
}

void signal_publisher::drop(std::map<contract_id, entry>::iterator at) {
  first_epoch_ = std::max(first_epoch_, at->second.last.epoch + 1);
  books_.erase(at);
}

void signal_publisher::confirm(venue_id venue, timestamp heard, timestamp now) {
  std::size_t sent = 0;
  for (auto& [contract, e] : books_) {
    if (contract.venue() != venue || !e.last.usable || e.held_back) continue;
    if (now - e.last.published < options_.refresh) continue;
    if (sent++ == options_.turn_max || waiting_() >= options_.backlog_max) return;
    e.last.received = std::max(e.last.received, heard);
    ++e.last.revision;
    send(e, now);
  }
}

void signal_publisher::flush(timestamp now) {
  flush_some(now, options_.turn_max);
}

void signal_publisher::flush_some(timestamp now, std::size_t most) {
  for (; most > 0 && !held_back_.empty() && waiting_() < options_.backlog_max; --most) {
    const auto where = books_.find(held_back_.front());
    held_back_.pop_front();
    if (where == books_.end()) continue;
    where->second.held_back = false;
    send(where->second, now);
    if (where->second.forgotten) drop(where);
  }
}

void signal_publisher::resend_all(timestamp now) {
  for (auto& [contract, e] : books_) {
    if (e.held_back) continue;
    e.held_back = true;
    held_back_.push_back(contract);
  }
  flush(now);
}

const book_signal* signal_publisher::last(const contract_id& contract) const {
  const auto where = books_.find(contract);
  return where == books_.end() ? nullptr : &where->second.last;
}

}  // namespace cornice::data
