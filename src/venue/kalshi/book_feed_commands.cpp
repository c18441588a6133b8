// The commands of a book feed: what waits, what is in flight, what is overdue.
#include "cornice/venue/kalshi/book_feed.hpp"

#include <algorithm>
#include <iterator>

namespace cornice::venue::kalshi {

void book_feed::enqueue(task_kind kind, std::span<const std::string> tickers) {
  while (!tickers.empty()) {
    const std::size_t n = std::min(tickers.size(), options_.tickers_per_command);
    task t;
    t.kind = kind;
    t.tickers.assign(tickers.begin(), tickers.begin() + static_cast<std::ptrdiff_t>(n));
    queue_.push_back(std::move(t));
    tickers = tickers.subspan(n);
  }
}

// Takes a ticker out of the subscriptions that have not been sent; false when there was none.
bool book_feed::withdraw(std::string_view ticker) {
  for (task& t : queue_)
    if (t.kind == task_kind::add && std::erase(t.tickers, ticker) > 0) return true;
  return false;
}

void book_feed::ask_snapshot(tracked_book& book) {
  if (book.asked_) return;
  book.asked_ = true;
  book.parked_ = false;
  book.deadline_.reset();
  const bool joins = !queue_.empty() && queue_.back().kind == task_kind::snapshot &&
                     queue_.back().attempts == 0 &&
                     queue_.back().tickers.size() < options_.tickers_per_snapshot;
  if (!joins) {
    queue_.emplace_back();
    queue_.back().kind = task_kind::snapshot;
  }
  queue_.back().tickers.push_back(book.ticker_);
}

book_feed::readiness book_feed::ready(const task& t, instant now) const noexcept {
  const auto in_flight = [this](auto matches) {
    return std::any_of(in_flight_.begin(), in_flight_.end(), matches);
  };
  if (t.not_before > now) return readiness::wait;
  if (in_flight([](const task& f) { return f.kind == task_kind::unsubscribe || f.subscribing; }))
    return readiness::wait;
  if (!sid_ && t.kind != task_kind::add) return readiness::drop;
  return readiness::send;
}

void book_feed::pump(instant now) {
  while (!queue_.empty() && in_flight_.size() < options_.commands_in_flight) {
    const readiness next = ready(queue_.front(), now);
    if (next == readiness::wait) {
      if (queue_.front().not_before > now) due(queue_.front().not_before);
      return;
    }
    task t = std::move(queue_.front());
    queue_.pop_front();
    if (next == readiness::send) send(std::move(t), now);
  }
}

void book_feed::send(task t, instant now) {
  // Tickers may have been removed, and snapshots may have come, while the command waited.
  if (t.kind == task_kind::add || t.kind == task_kind::snapshot)
    std::erase_if(t.tickers, [&](const std::string& ticker) {
      const tracked_book* book = find_mutable(ticker);
      return book == nullptr || (t.kind == task_kind::snapshot && !book->asked_);
    });
  if (t.tickers.empty() && t.kind != task_kind::unsubscribe) return;
  t.id = next_id_++;
  t.subscribing = t.kind == task_kind::add && !sid_;
  t.deadline = now + options_.command_timeout;
  ws::command c{t.id, {}};
  if (t.subscribing)
    c.body = ws::subscribe{{std::string{ws::channel::orderbook}},
                           t.tickers,
                           options_.use_yes_price,
                           std::nullopt,
                           std::nullopt};
  else if (t.kind == task_kind::unsubscribe)
    c.body = ws::unsubscribe{{*sid_}};
  else
    c.body = ws::update_subscription{*sid_,
                                     t.kind == task_kind::add ? ws::subscription_action::add_markets
                                     : t.kind == task_kind::remove
                                         ? ws::subscription_action::delete_markets
                                         : ws::subscription_action::get_snapshot,
                                     t.tickers};
  if (t.kind == task_kind::snapshot) {
    for (const auto& ticker : t.tickers) {
      tracked_book* book = find_mutable(ticker);
      ++book->asks_;
      book->deadline_ = now + options_.snapshot_timeout;
      due(*book->deadline_);
    }
  } else {
    due(t.deadline);
  }
  out_.emplace_back(send_command{ws::encode_command(c)});
  in_flight_.push_back(std::move(t));
}

std::optional<book_feed::task> book_feed::take_in_flight(std::optional<std::int64_t> id) {
  const auto at = std::find_if(in_flight_.begin(), in_flight_.end(),
                               [&](const task& t) { return id && t.id == *id; });
  if (at == in_flight_.end()) return std::nullopt;
  task t = std::move(*at);
  in_flight_.erase(at);
  return t;
}

// A snapshot came, or will not be waited for any longer.
void book_feed::arrived(std::string_view ticker) {
  for (task& t : in_flight_)
    if (t.kind == task_kind::snapshot) std::erase(t.tickers, ticker);
  std::erase_if(in_flight_,
                [](const task& t) { return t.kind == task_kind::snapshot && t.tickers.empty(); });
}

void book_feed::await_snapshots(const task& t, instant now) {
  for (const auto& ticker : t.tickers) {
    tracked_book* book = find_mutable(ticker);
    if (book == nullptr || book->mirrored_ || book->asked_) continue;
    book->deadline_ = now + options_.snapshot_timeout;
    due(*book->deadline_);
  }
}

void book_feed::handle(const ws::envelope& head, const ws::subscribed& m, instant now) {
  if (m.channel != ws::channel::orderbook) return;
  const auto t = take_in_flight(head.id);
  if (!t || !t->subscribing) return;
  sid_ = m.sid;
  last_seq_.reset();
  last_was_control_ = false;
  await_snapshots(*t, now);
}

void book_feed::handle(const ws::envelope& head, const ws::ok& /*m*/, instant now) {
  note_control(head);
  const auto snapshot = std::find_if(in_flight_.begin(), in_flight_.end(), [&](const task& t) {
    return head.id && t.id == *head.id && t.kind == task_kind::snapshot;
  });
  if (snapshot != in_flight_.end()) return;  // its answers are the snapshots
  const auto t = take_in_flight(head.id);
  if (!t) return;
  // The connection held a subscription already, and ours was merged into it.
  if (t->subscribing && head.sid) sid_ = head.sid;
  if (t->subscribing && !head.sid) return give_up("a subscription was merged into an unknown sid");
  if (t->kind == task_kind::add) await_snapshots(*t, now);
}

void book_feed::handle(const ws::envelope& head, const ws::unsubscribed& /*m*/, instant /*now*/) {
  const auto t = take_in_flight(head.id);
  const bool wanted = t && t->kind == task_kind::unsubscribe;
  if (!wanted && !ours(head)) return;
  if (!wanted) return give_up("the venue ended the subscription");
  sid_.reset();
  last_seq_.reset();
  last_was_control_ = false;
}

void book_feed::handle(const ws::envelope& head, const ws::error_reply& m, instant now) {
  note_control(head);
  auto t = take_in_flight(head.id);
  if (!t && !ours(head)) return;
  if (m.terminal()) return give_up("the subscription is dead: " + m.msg);
  if (!t) return;
  switch (m.code) {
    case ws::error_code::command_timeout:
    case ws::error_code::too_many_requests:
      return retry(std::move(*t), now);
    case ws::error_code::unknown_sid:
    case ws::error_code::unknown_channel:
    case ws::error_code::unknown_command:
    case ws::error_code::authentication_required:
      return give_up("a command was refused: " + m.msg);
    default:
      return refuse_or_split(std::move(*t), m, now);
  }
}

// The command was not carried out and goes back into the queue: nobody waits for its answer.
void book_feed::unsend(const task& t) {
  if (t.kind != task_kind::snapshot) return;
  for (const auto& ticker : t.tickers)
    if (tracked_book* book = find_mutable(ticker)) {
      --book->asks_;
      book->deadline_.reset();
    }
}

void book_feed::retry(task t, instant now) {
  if (++t.attempts > options_.command_retries) return give_up("a command was refused repeatedly");
  unsend(t);
  t.not_before = now + options_.retry_pause * t.attempts;
  queue_.push_front(std::move(t));
}

// Some ticker of the command is not acceptable. When the venue does not say which, halving finds it
// in as many steps as the logarithm of the command's size.
void book_feed::refuse_or_split(task t, const ws::error_reply& e, instant now) {
  if (t.kind == task_kind::unsubscribe) return give_up("unsubscribing was refused: " + e.msg);
  if (t.kind == task_kind::remove) return;  // it is forgotten here, and its frames are ignored
  std::vector<std::string> named = e.market_tickers;
  if (e.market_ticker) named.push_back(*e.market_ticker);
  const std::size_t before = t.tickers.size();
  std::erase_if(t.tickers, [&](const std::string& ticker) {
    return std::find(named.begin(), named.end(), ticker) != named.end();
  });
  const bool all_refused = t.tickers.size() == before &&
                           (before == 1 || (e.code == ws::error_code::market_limit && sid_));
  if (t.tickers.size() < before) {
    for (const auto& ticker : named) refuse(ticker);
    unsend(t);
    queue_.push_front(std::move(t));
  } else if (all_refused && t.kind == task_kind::snapshot) {
    for (const auto& ticker : t.tickers)
      if (tracked_book* book = find_mutable(ticker)) park(*book, book_trouble::silent, now);
  } else if (all_refused) {
    for (const auto& ticker : t.tickers) refuse(ticker);
  } else {
    unsend(t);
    task second = t;
    const auto middle = static_cast<std::ptrdiff_t>(before / 2);
    second.tickers.erase(second.tickers.begin(), second.tickers.begin() + middle);
    t.tickers.erase(t.tickers.begin() + middle, t.tickers.end());
    queue_.push_front(std::move(second));
    queue_.push_front(std::move(t));
  }
}

void book_feed::refuse(std::string_view ticker) {
  tracked_book* book = find_mutable(ticker);
  if (book == nullptr) return;
  book->mirrored_ = false;
  book->asked_ = false;
  book->deadline_.reset();
  set_trouble(*book, book_trouble::refused);
}

// Keeps the book unusable and asks for it now and then.
void book_feed::park(tracked_book& book, book_trouble why, instant now) {
  book.mirrored_ = false;
  book.asked_ = false;
  book.parked_ = true;
  book.deadline_ = now + options_.parked_retry;
  due(*book.deadline_);
  set_trouble(book, why);
}

book_feed::actions book_feed::on_time(instant now) {
  begin();
  if (link_ != link::up || !deadline_floor_ || now < *deadline_floor_) return out_;
  overdue_snapshots(now);
  if (link_ == link::up) overdue_commands(now);
  if (link_ == link::up) crossed_too_long(now);
  if (link_ != link::up) return out_;
  pump(now);
  recompute_deadline(now);
  return out_;
}

std::optional<instant> book_feed::next_deadline() const noexcept {
  return link_ == link::up ? deadline_floor_ : std::nullopt;
}

void book_feed::overdue_snapshots(instant now) {
  const tracked_book* silent = nullptr;
  for (auto& [ticker, book] : books_) {
    if (!book.deadline_ || *book.deadline_ > now) continue;
    book.deadline_.reset();
    arrived(ticker);
    book.asked_ = false;
    if (book.parked_ || book.asks_ == 0) {
      ask_snapshot(book);
    } else if (book.reconnects_ == 0) {
      ++book.reconnects_;
      silent = &book;
    } else {
      park(book, book_trouble::silent, now);
    }
  }
  if (silent != nullptr) give_up("no snapshot came for " + silent->ticker_);
}

void book_feed::overdue_commands(instant now) {
  for (const task& t : in_flight_)
    if (t.kind != task_kind::snapshot && t.deadline <= now)
      return give_up("a command was not answered in time");
}

void book_feed::crossed_too_long(instant now) {
  for (auto& [ticker, book] : books_) {
    if (!book.crossed_since_ || *book.crossed_since_ + options_.crossed_limit > now) continue;
    book.crossed_since_.reset();
    book.mirrored_ = false;
    ask_snapshot(book);
  }
}

void book_feed::due(instant when) noexcept {
  if (!deadline_floor_ || when < *deadline_floor_) deadline_floor_ = when;
}

void book_feed::recompute_deadline(instant now) {
  deadline_floor_.reset();
  for (const auto& [ticker, book] : books_) {
    if (book.deadline_) due(*book.deadline_);
    if (book.crossed_since_) due(*book.crossed_since_ + options_.crossed_limit);
  }
  for (const task& t : in_flight_)
    if (t.kind != task_kind::snapshot) due(t.deadline);
  if (!queue_.empty() && queue_.front().not_before > now) due(queue_.front().not_before);
}

}  // namespace cornice::venue::kalshi
