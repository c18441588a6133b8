#include "cornice/venue/kalshi/book_feed.hpp"

#include "cornice/model/ids.hpp"

#include <limits>

namespace cornice::venue::kalshi {
namespace {

// Fewer crossed snapshots than this may be a glitch of single markets.
constexpr std::uint64_t crossed_for_suspicion = 3;
constexpr std::uint64_t suspicious_share = 4;
constexpr std::int64_t last_ms_of_year_9999 = 253'402'300'799'999;

// A time that no calendar holds is no time at all.
timestamp venue_time_of(std::optional<std::int64_t> ms) noexcept {
  return ms && *ms > 0 && *ms <= last_ms_of_year_9999 ? from_unix_ms(*ms) : timestamp{};
}

bool follows(std::int64_t seq, std::int64_t last) noexcept {
  return last != std::numeric_limits<std::int64_t>::max() && seq == last + 1;
}

}  // namespace

std::string_view to_string(book_trouble t) noexcept {
  switch (t) {
    case book_trouble::none:
      return "";
    case book_trouble::disconnected:
      return "disconnected";
    case book_trouble::awaiting_snapshot:
      return "awaiting_snapshot";
    case book_trouble::gap:
      return "gap";
    case book_trouble::broken_frame:
      return "broken_frame";
    case book_trouble::negative_level:
      return "negative_level";
    case book_trouble::crossed:
      return "crossed";
    case book_trouble::mis_scaled:
      return "mis_scaled";
    case book_trouble::silent:
      return "silent";
    case book_trouble::refused:
      return "refused";
  }
  return "unknown";
}

book_feed::book_feed(book_feed_options options)
    : options_{options}, next_id_{options.first_command_id} {}

tracked_book* book_feed::find_mutable(std::string_view ticker) noexcept {
  const auto at = index_.find(ticker);
  return at == index_.end() ? nullptr : at->second;
}

const tracked_book* book_feed::find(std::string_view ticker) const noexcept {
  const auto at = index_.find(ticker);
  return at == index_.end() ? nullptr : at->second;
}

book_feed::actions book_feed::finish(instant now) {
  if (link_ == link::up) pump(now);
  return out_;
}

book_feed::actions book_feed::add(std::span<const std::string> tickers, instant now) {
  begin();
  std::vector<std::string> fresh;
  for (const auto& ticker : tickers) {
    if (index_.contains(ticker)) continue;
    if (books_.size() >= options_.max_tickers || !listing_id::parse(ticker)) {
      ++overflow_;
      continue;
    }
    const auto at = books_.try_emplace(ticker).first;
    tracked_book& book = at->second;
    book.ticker_ = ticker;
    if (link_ == link::up) book.trouble_ = book_trouble::awaiting_snapshot;
    index_.emplace(at->first, &book);
    fresh.push_back(ticker);
  }
  if (link_ == link::up) enqueue(task_kind::add, fresh);
  return finish(now);
}

book_feed::actions book_feed::remove(std::span<const std::string> tickers, instant now) {
  begin();
  std::vector<std::string> subscribed;
  for (const auto& ticker : tickers) {
    const auto at = books_.find(ticker);
    if (at == books_.end()) continue;
    const bool sent = !withdraw(ticker);
    books_in_gap_ -= at->second.trouble_ == book_trouble::gap ? 1u : 0u;
    index_.erase(ticker);
    books_.erase(at);
    if (sent) subscribed.push_back(ticker);
  }
  if (link_ == link::up && !subscribed.empty()) {
    // A subscription without tickers is not defined for order books, so the last one ends it.
    if (books_.empty())
      queue_.push_back({task_kind::unsubscribe, {}, 0, {}, 0, false, {}});
    else
      enqueue(task_kind::remove, subscribed);
  }
  return finish(now);
}

book_feed::actions book_feed::on_connected(instant now) {
  begin();
  reset_session();
  link_ = link::up;
  std::vector<std::string> all;
  all.reserve(books_.size());
  for (auto& [ticker, book] : books_) {
    set_trouble(book, book_trouble::awaiting_snapshot);
    all.push_back(ticker);
  }
  enqueue(task_kind::add, all);
  return finish(now);
}

book_feed::actions book_feed::on_disconnected(instant /*now*/) {
  begin();
  reset_session();
  link_ = link::down;
  lose_all(book_trouble::disconnected);
  return out_;
}

void book_feed::reset_session() {
  queue_.clear();
  in_flight_.clear();
  sid_.reset();
  last_seq_.reset();
  last_was_control_ = false;
  deadline_floor_.reset();
  if (!scale_suspect_) {
    two_sided_ = 0;
    crossed_ = 0;
  }
  for (auto& [ticker, book] : books_) {
    book.mirrored_ = false;
    book.asked_ = false;
    book.parked_ = false;
    book.asks_ = 0;
    book.deadline_.reset();
    book.crossed_since_.reset();
  }
}

book_feed::actions book_feed::on_message(const ws::frame& f, instant now) {
  begin();
  if (link_ != link::up) return out_;
  if (const auto* delta = std::get_if<ws::orderbook_delta>(&f.body))
    handle(f.head, *delta, now);
  else if (const auto* snapshot = std::get_if<ws::orderbook_snapshot>(&f.body))
    handle(f.head, *snapshot, now);
  else if (const auto* ack = std::get_if<ws::subscribed>(&f.body))
    handle(f.head, *ack, now);
  else if (const auto* done = std::get_if<ws::ok>(&f.body))
    handle(f.head, *done, now);
  else if (const auto* ended = std::get_if<ws::unsubscribed>(&f.body))
    handle(f.head, *ended, now);
  else if (const auto* failed = std::get_if<ws::error_reply>(&f.body))
    handle(f.head, *failed, now);
  return finish(now);
}

bool book_feed::ours(const ws::envelope& head) const noexcept {
  return sid_ && head.sid == sid_;
}

// Whether a data frame follows the last one. Control frames may or may not share the counter
// (reference 5.6 leaves it open), so a data frame may repeat the number of a control frame.
bool book_feed::in_sequence(std::optional<std::int64_t> seq) noexcept {
  if (!seq) {
    last_seq_.reset();  // everything is fetched anew, and whatever comes next is the new start
    return false;
  }
  const bool good =
      !last_seq_ || follows(*seq, *last_seq_) || (last_was_control_ && seq == last_seq_);
  last_seq_ = seq;
  last_was_control_ = false;
  return good;
}

void book_feed::note_control(const ws::envelope& head) noexcept {
  if (!ours(head) || !head.seq || !last_seq_ || !follows(*head.seq, *last_seq_)) return;
  last_seq_ = head.seq;
  last_was_control_ = true;
}

void book_feed::handle(const ws::envelope& head, const ws::orderbook_snapshot& m, instant now) {
  if (!ours(head)) return;
  if (!in_sequence(head.seq)) on_gap();
  if (link_ != link::up) return;
  tracked_book* book = find_mutable(m.market_ticker);
  if (book == nullptr) return;
  arrived(book->ticker_);
  book->last_frame_ = now;
  book->asked_ = false;
  book->crossed_since_.reset();
  book->venue_time_ = venue_time_of(head.sending_ts_ms);
  if (!apply(*book, m)) {
    set_trouble(*book, book_trouble::broken_frame);
    ask_snapshot(*book);
    return;
  }
  ++book->epoch_;
  book->parked_ = false;
  book->deadline_.reset();
  check_scale(*book, now);
}

bool book_feed::apply(tracked_book& book, const ws::orderbook_snapshot& m) {
  book.book_.clear();
  book.mirrored_ = false;
  for (const level& l : m.yes)
    if (!book.book_.set(book_side::bid, l.p, l.q)) return false;
  for (const level& l : m.no) {
    const price p = options_.use_yes_price ? l.p : l.p.complement();
    if (!book.book_.set(book_side::ask, p, l.q)) return false;
  }
  book.mirrored_ = true;
  return true;
}

// A true book is never crossed, so a crossed snapshot means that one side is on the other leg's
// scale. One such market may be a glitch and is parked; many condemn the feed.
void book_feed::check_scale(tracked_book& book, instant now) {
  const bool two_sided =
      book.book_.best(book_side::bid).has_value() && book.book_.best(book_side::ask).has_value();
  two_sided_ += two_sided ? 1u : 0u;
  const bool crossed = book.book_.crossed();
  crossed_ += crossed ? 1u : 0u;
  if (crossed_ >= crossed_for_suspicion && crossed_ * suspicious_share >= two_sided_ &&
      !scale_suspect_) {
    scale_suspect_ = true;
    lose_all(book_trouble::mis_scaled);
    return;
  }
  if (scale_suspect_) {
    book.mirrored_ = false;
    set_trouble(book, book_trouble::mis_scaled);
  } else if (crossed) {
    park(book, book_trouble::mis_scaled, now);
  } else {
    book.asks_ = 0;
    book.reconnects_ = 0;
    make_usable(book);
  }
}

book_feed::actions book_feed::trust_scale_again(instant now) {
  begin();
  scale_suspect_ = false;
  two_sided_ = 0;
  crossed_ = 0;
  if (link_ != link::up) return out_;
  for (auto& [ticker, book] : books_)
    if (book.trouble_ == book_trouble::mis_scaled) ask_snapshot(book);
  return finish(now);
}

void book_feed::handle(const ws::envelope& head, const ws::orderbook_delta& m, instant now) {
  if (!ours(head)) return;
  if (!in_sequence(head.seq)) on_gap();
  if (link_ != link::up) return;
  tracked_book* book = find_mutable(m.market_ticker);
  if (book == nullptr) return;
  book->last_frame_ = now;
  if (!book->mirrored_) return;
  const bool bid = m.side == outcome::yes;
  const price p = bid || options_.use_yes_price ? m.price_dollars : m.price_dollars.complement();
  if (!book->book_.add(bid ? book_side::bid : book_side::ask, p, m.delta_fp)) {
    book->mirrored_ = false;
    set_trouble(*book, book_trouble::negative_level);
    ask_snapshot(*book);
    return;
  }
  book->venue_time_ = venue_time_of(m.ts_ms);
  after_delta(*book, now);
}

// The deltas of one match come one by one, and a book may look crossed between them: it is unusable
// for that time, and fetched anew when the time gets long.
void book_feed::after_delta(tracked_book& book, instant now) {
  if (book.book_.crossed()) {
    if (!book.crossed_since_) {
      book.crossed_since_ = now;
      due(now + options_.crossed_limit);
    }
    set_trouble(book, book_trouble::crossed);
    return;
  }
  book.crossed_since_.reset();
  make_usable(book);
}

// Frames of the subscription were lost, of whichever books. Those that wait for a snapshot have
// nothing to lose, but it may have been among the lost frames.
void book_feed::on_gap() {
  ++gaps_;
  if (books_in_gap_ > 0) return give_up("a second gap before every book was back");
  for (auto& [ticker, book] : books_) {
    if (book.mirrored_) {
      book.mirrored_ = false;
      book.crossed_since_.reset();
      set_trouble(book, book_trouble::gap);
      ask_snapshot(book);
    } else if (book.trouble_ == book_trouble::awaiting_snapshot && book.deadline_) {
      ask_snapshot(book);
    }
  }
}

void book_feed::lose_all(book_trouble why) {
  for (auto& [ticker, book] : books_) {
    book.mirrored_ = false;
    book.crossed_since_.reset();
    set_trouble(book, why);
  }
}

void book_feed::set_trouble(tracked_book& book, book_trouble why) {
  if (book.trouble_ == why) return;
  books_in_gap_ -= book.trouble_ == book_trouble::gap ? 1u : 0u;
  books_in_gap_ += why == book_trouble::gap ? 1u : 0u;
  book.trouble_ = why;
  ++book.revision_;
  out_.emplace_back(book_lost{&book, why});
}

void book_feed::make_usable(tracked_book& book) {
  books_in_gap_ -= book.trouble_ == book_trouble::gap ? 1u : 0u;
  book.trouble_ = book_trouble::none;
  ++book.revision_;
  out_.emplace_back(publish_book{&book});
}

// The owner has to act; until it reports the new connection, nothing that arrives is believed.
void book_feed::give_up(std::string reason) {
  reset_session();
  link_ = link::closing;
  lose_all(book_trouble::disconnected);
  out_.emplace_back(reconnect{std::move(reason)});
}

book_feed::actions book_feed::on_broken_frame(const ws::broken_frame& f, instant now) {
  begin();
  if (link_ != link::up || !sid_ || (f.head.sid && f.head.sid != sid_)) return out_;
  const bool in_order = in_sequence(f.head.sid ? f.head.seq : std::nullopt);
  // Without sequence or ticker the frame may have been for any of the books.
  if (!in_order || f.market_ticker.empty()) {
    on_gap();
    return finish(now);
  }
  tracked_book* book = find_mutable(f.market_ticker);
  if (book == nullptr) return out_;
  book->last_frame_ = now;
  book->mirrored_ = false;
  set_trouble(*book, book_trouble::broken_frame);
  ask_snapshot(*book);
  return finish(now);
}

}  // namespace cornice::venue::kalshi
