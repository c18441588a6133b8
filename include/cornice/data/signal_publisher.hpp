// From books to signals: revisions, epochs, refresh, conflation.
#pragma once

#include "cornice/infra/amqp.hpp"
#include "cornice/infra/metrics.hpp"
#include "cornice/model/signals.hpp"

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <unordered_map>

namespace cornice::data {

struct publisher_options {
  std::size_t depth = 16;
  std::size_t backlog_max = 2'000;
  std::chrono::milliseconds refresh{5'000};
  /// Books that one call sends at most, so that a broker that comes back does not hold up the loop.
  std::size_t turn_max = 200;
};

/// What a feed knows of one contract's book now. Levels are worst first, as order_book keeps them.
struct book_state {
  std::span<const level> bids;
  std::span<const level> asks;
  bool usable = false;
  std::string_view unusable_reason;
  bool rebuilt = false;  ///< does not follow from the state before: a new epoch
  timestamp venue_time{};
  timestamp received{};
};

/// Loop thread only. Sends at once; while the broker is slow it keeps only the newest state of each
/// contract and sends those when the backlog drains. Epochs begin at the start time in
/// microseconds, so they grow across restarts; a contract that was forgotten and comes back begins
/// above every epoch that a forgotten one had.
class signal_publisher {
 public:
  using sink = std::function<result<void>(infra::amqp_message)>;
  using backlog = std::function<std::size_t()>;

  signal_publisher(publisher_options options, sink send, backlog waiting, timestamp started,
                   infra::metrics_registry& metrics);

  /// A trace id for the frame that is being handled; every signal it leads to carries it.
  trace_id next_trace(venue_id venue);
  /// Publishes unless the top levels and the usability are as before.
  void book(const contract_id& contract, const book_state& now, const trace_id& trace,
            timestamp at);
  void trade(const trade_signal& t);
  void feed(const feed_signal& f);
  void market(const market_signal& m);
  /// The contract is not streamed any more: its last signal says unusable.
  void forget(const contract_id& contract, timestamp at);
  /// Usable books not published for `refresh` are published again. `heard`: until when the feed
  /// knows that they had not changed; books that it saw later keep their own time. Call often: each
  /// call sends `turn_max` at most.
  void confirm(venue_id venue, timestamp heard, timestamp now);
  /// Sends what was held back, `turn_max` at most, as far as the backlog allows. Call often.
  void flush(timestamp now);
  /// Everything again: a broker that was away has lost what it had. The first books go at once, the
  /// rest with flush().
  void resend_all(timestamp now);
  [[nodiscard]] const book_signal* last(const contract_id& contract) const;

 private:
  struct entry {
    book_signal last;
    std::string body;  // reused buffer
    bool held_back = false;
    bool forgotten = false;  // to be dropped once its last signal has gone
  };
  void send(entry& e, timestamp now);
  void flush_some(timestamp now, std::size_t most);
  void drop(std::map<contract_id, entry>::iterator at);

  publisher_options options_;
  sink send_;
  backlog waiting_;
  std::uint64_t salt_;
  std::uint64_t first_epoch_;  // of a contract that is not known yet
  std::uint64_t next_trace_ = 0;
  std::uint64_t next_message_ = 0;
  std::map<contract_id, entry> books_;
  std::deque<contract_id> held_back_;
  infra::counter published_;
  infra::counter conflated_;
  infra::counter refused_;
};

}  // namespace cornice::data
