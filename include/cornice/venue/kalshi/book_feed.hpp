// The order books of one Kalshi WebSocket connection (reference 5.5, 5.6), as a machine without
// I/O: frames, time and the state of the connection go in, actions come out.
#pragma once

#include "cornice/base/result.hpp"
#include "cornice/base/time.hpp"
#include "cornice/model/order_book.hpp"
#include "cornice/venue/kalshi/commands.hpp"
#include "cornice/venue/kalshi/ws.hpp"

#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <variant>
#include <vector>

namespace cornice::venue::kalshi {

struct book_feed_options {
  /// Asks for YES prices on both sides, and says so: the venue's default is going to flip. False
  /// asks for NO-leg prices on the NO side and converts them here, as long as the venue sends them.
  bool use_yes_price = true;
  std::size_t tickers_per_command = 500;   ///< in one subscribe, add or delete
  std::size_t tickers_per_snapshot = 100;  ///< in one get_snapshot
  std::size_t commands_in_flight = 4;      ///< more wait in a queue
  std::size_t max_tickers = 20'000;        ///< more are refused by add()
  std::int64_t first_command_id = 1;       ///< the connection's other users need ids of their own
  std::chrono::milliseconds snapshot_timeout{10'000};
  std::chrono::milliseconds command_timeout{10'000};
  std::chrono::milliseconds retry_pause{1'000};    ///< after "too many requests", times the attempt
  std::chrono::milliseconds crossed_limit{1'000};  ///< a book crossed for longer is fetched anew
  std::chrono::milliseconds parked_retry{300'000};
  int command_retries = 3;
};

/// Why a book must not be traded on.
enum class book_trouble : std::uint8_t {
  none,               ///< usable
  disconnected,       ///< no connection
  awaiting_snapshot,  ///< subscribed or asked for, not there yet
  gap,                ///< frames of the subscription were lost
  broken_frame,       ///< a frame of this book could not be decoded or applied
  negative_level,     ///< a delta took more than there was
  crossed,            ///< best bid at or above best ask after a delta
  mis_scaled,         ///< crossed in a snapshot: the prices are not on the scale we asked for
  silent,             ///< no snapshot came, even after a reconnect; closed markets do that
  refused             ///< the venue did not take the ticker
};
[[nodiscard]] std::string_view to_string(book_trouble t) noexcept;

/// One market's book as the feed mirrors it: the YES contract; NO is `book().complement()`.
class tracked_book {
 public:
  [[nodiscard]] const std::string& ticker() const noexcept { return ticker_; }
  [[nodiscard]] const order_book& book() const noexcept { return book_; }
  [[nodiscard]] bool usable() const noexcept { return trouble_ == book_trouble::none; }
  [[nodiscard]] book_trouble trouble() const noexcept { return trouble_; }
  /// Counts the snapshots that replaced the book.
  [[nodiscard]] std::uint64_t epoch() const noexcept { return epoch_; }
  /// Counts every change of the book or of its usability.
  [[nodiscard]] std::uint64_t revision() const noexcept { return revision_; }
  /// Venue time of the last change; zero when the venue did not tell.
  [[nodiscard]] timestamp venue_time() const noexcept { return venue_time_; }
  /// When the last frame for this book came; nothing before the first.
  [[nodiscard]] std::optional<instant> last_frame() const noexcept { return last_frame_; }

 private:
  friend class book_feed;
  std::string ticker_;
  order_book book_;
  book_trouble trouble_ = book_trouble::disconnected;
  bool mirrored_ = false;  // a snapshot has been applied and every delta since
  bool asked_ = false;     // a get_snapshot for it is queued or in flight
  bool parked_ = false;    // its deadline is the next attempt, not the end of a wait
  int asks_ = 0;           // get_snapshots sent since the last snapshot
  int reconnects_ = 0;     // reconnects that its silence has caused
  std::uint64_t epoch_ = 0;
  std::uint64_t revision_ = 0;
  timestamp venue_time_{};
  std::optional<instant> last_frame_;
  std::optional<instant> deadline_;       // of its snapshot
  std::optional<instant> crossed_since_;  // by deltas
};

/// Things that the owner of the connection does, in their order. Pointers to books are valid until
/// the ticker is removed.
struct send_command {
  std::string text;
};
struct publish_book {  ///< usable, and new
  const tracked_book* book;
};
struct book_lost {  ///< became unusable, or so for another reason
  const tracked_book* book;
  book_trouble why;
};
/// Close the connection and open a new one, with back-off. Frames are ignored until then.
struct reconnect {
  std::string reason;
};
using feed_action = std::variant<send_command, publish_book, book_lost, reconnect>;

/// One subscription of order books, with one sequence over all of its tickers.
///
/// A lost frame makes every book unusable until its fresh snapshot; a second loss before all are
/// back, a terminal error or an answer that does not come ends the connection. A ticker that stays
/// without snapshot costs one reconnect and is parked then, because a closed market subscribes
/// successfully and stays silent. Inputs answer with the actions that they cause, valid until the
/// next input. Every walk over tickers is in ticker order. Not thread-safe. A delta costs a hash
/// look-up and the change of the level, and allocates nothing once buffers have grown.
class book_feed {
 public:
  using actions = std::span<const feed_action>;

  explicit book_feed(book_feed_options options = {});

  /// Wants these books too; known tickers are left alone. Tickers over `max_tickers`, and texts
  /// that are no ids, are not taken: see `overflow()`.
  actions add(std::span<const std::string> tickers, instant now);
  /// Forgets these books at once.
  actions remove(std::span<const std::string> tickers, instant now);

  actions on_connected(instant now);
  actions on_disconnected(instant now);
  /// Any frame of the connection; those of other subscriptions are ignored.
  actions on_message(const ws::frame& f, instant now);
  /// A frame that the decoder could not read.
  actions on_broken_frame(const ws::broken_frame& f, instant now);
  /// To be called when `next_deadline()` has come; early calls do nothing.
  actions on_time(instant now);
  /// Nothing can fall due before this; may be earlier than needed.
  [[nodiscard]] std::optional<instant> next_deadline() const noexcept;

  [[nodiscard]] const tracked_book* find(std::string_view ticker) const noexcept;
  /// In ticker order.
  [[nodiscard]] const std::map<std::string, tracked_book, std::less<>>& books() const noexcept {
    return books_;
  }
  [[nodiscard]] std::optional<std::int64_t> sid() const noexcept { return sid_; }
  /// Tickers that add() has not taken so far.
  [[nodiscard]] std::uint64_t overflow() const noexcept { return overflow_; }
  [[nodiscard]] std::uint64_t gaps() const noexcept { return gaps_; }
  /// A quarter of the two-sided snapshots came crossed: the venue no longer sends the scale that we
  /// ask for. No book becomes usable any more until a person has looked and trust_scale_again() was
  /// called.
  [[nodiscard]] bool scale_suspect() const noexcept { return scale_suspect_; }
  actions trust_scale_again(instant now);

 private:
  enum class link : std::uint8_t { down, up, closing };
  enum class task_kind : std::uint8_t { add, remove, snapshot, unsubscribe };
  // A command that waits to be sent or answered. `add` goes out as subscribe while there is no sid.
  struct task {
    task_kind kind = task_kind::add;
    std::vector<std::string> tickers;
    int attempts = 0;
    instant not_before{};
    std::int64_t id = 0;
    bool subscribing = false;
    instant deadline{};
  };

  tracked_book* find_mutable(std::string_view ticker) noexcept;
  void begin() { out_.clear(); }
  void reset_session();
  actions finish(instant now);

  // Frames (book_feed.cpp).
  void handle(const ws::envelope& head, const ws::orderbook_snapshot& m, instant now);
  void handle(const ws::envelope& head, const ws::orderbook_delta& m, instant now);
  void handle(const ws::envelope& head, const ws::subscribed& m, instant now);
  void handle(const ws::envelope& head, const ws::ok& m, instant now);
  void handle(const ws::envelope& head, const ws::unsubscribed& m, instant now);
  void handle(const ws::envelope& head, const ws::error_reply& m, instant now);
  [[nodiscard]] bool ours(const ws::envelope& head) const noexcept;
  bool in_sequence(std::optional<std::int64_t> seq) noexcept;
  void note_control(const ws::envelope& head) noexcept;
  void on_gap();
  void lose_all(book_trouble why);
  bool apply(tracked_book& book, const ws::orderbook_snapshot& m);
  void check_scale(tracked_book& book, instant now);
  void after_delta(tracked_book& book, instant now);
  void set_trouble(tracked_book& book, book_trouble why);
  void make_usable(tracked_book& book);

  // Commands and deadlines (book_feed_commands.cpp).
  void enqueue(task_kind kind, std::span<const std::string> tickers);
  bool withdraw(std::string_view ticker);
  void ask_snapshot(tracked_book& book);
  void pump(instant now);
  enum class readiness : std::uint8_t { send, wait, drop };
  [[nodiscard]] readiness ready(const task& t, instant now) const noexcept;
  void send(task t, instant now);
  std::optional<task> take_in_flight(std::optional<std::int64_t> id);
  void arrived(std::string_view ticker);
  void await_snapshots(const task& t, instant now);
  void unsend(const task& t);
  void retry(task t, instant now);
  void refuse_or_split(task t, const ws::error_reply& e, instant now);
  void refuse(std::string_view ticker);
  void overdue_snapshots(instant now);
  void overdue_commands(instant now);
  void crossed_too_long(instant now);
  void park(tracked_book& book, book_trouble why, instant now);
  void due(instant when) noexcept;
  void give_up(std::string reason);
  void recompute_deadline(instant now);

  book_feed_options options_;
  link link_ = link::down;
  std::optional<std::int64_t> sid_;
  std::optional<std::int64_t> last_seq_;
  bool last_was_control_ = false;
  bool scale_suspect_ = false;
  std::int64_t next_id_;
  std::uint64_t overflow_ = 0;
  std::uint64_t gaps_ = 0;
  std::size_t books_in_gap_ = 0;
  std::uint64_t two_sided_ = 0;
  std::uint64_t crossed_ = 0;
  std::map<std::string, tracked_book, std::less<>> books_;
  std::unordered_map<std::string_view, tracked_book*> index_;
  std::deque<task> queue_;
  std::vector<task> in_flight_;
  std::vector<feed_action> out_;
  std::optional<instant> deadline_floor_;
};

}  // namespace cornice::venue::kalshi
