#include "data/kalshi_poller.hpp"

#include "cornice/venue/kalshi/listing.hpp"
#include "cornice/venue/kalshi/market_data.hpp"
#include "cornice/venue/kalshi/requests.hpp"

namespace cornice::data {

using namespace std::chrono_literals;
namespace kalshi = venue::kalshi;

namespace {

constexpr std::size_t batch_max = 100;
constexpr std::int64_t request_cost = 10;  // default cost of a read
constexpr auto shortest_round = 500ms;
constexpr auto stale_after_least = 10s;
constexpr auto backoff_min = 250ms;
constexpr auto backoff_max = 10s;

}  // namespace

kalshi_poller::kalshi_poller(feed_context context)
    : context_{std::move(context)},
      complaints_{"data.kalshi", venue_id::kalshi, context_.metrics},
      budget_{context_.config.kalshi.poll_tokens_per_second,
              2 * context_.config.kalshi.poll_tokens_per_second} {}

feed_counts kalshi_poller::counts() const {
  feed_counts c;
  c.wanted = static_cast<std::int64_t>(2 * books_.size());
  for (const auto& [ticker, b] : books_) c.usable += b.usable ? 2 : 0;
  c.connections = c.usable > 0 ? 1 : 0;
  return c;
}

void kalshi_poller::reselect() {
  std::map<std::string, polled> next;
  for (const listing_id& id : context_.listings.streamed(venue_id::kalshi)) {
    const auto known = books_.find(id.str());
    next.emplace(id.str(), known == books_.end() ? polled{} : known->second);
  }
  for (const auto& [ticker, b] : books_)
    if (!next.contains(ticker))
      for (const outcome o : {outcome::yes, outcome::no})
        context_.signals.forget(kalshi::contract_of(ticker, o), context_.time.now());
  books_ = std::move(next);
}

std::vector<std::string> kalshi_poller::next_batch() {
  std::vector<std::string> out;
  auto at = books_.upper_bound(last_polled_);
  for (std::size_t i = 0; i < std::min(batch_max, books_.size()); ++i) {
    if (at == books_.end()) at = books_.begin();
    out.push_back(at->first);
    ++at;
  }
  if (!out.empty()) last_polled_ = out.back();
  return out;
}

infra::task<> kalshi_poller::run(infra::health_reporter& health) {
  reselect();
  std::chrono::milliseconds backoff = backoff_min;
  for (;;) {
    const instant begun = context_.time.monotonic();
    const std::size_t rounds = (books_.size() + batch_max - 1) / batch_max;
    bool good = true;
    for (std::size_t i = 0; i < rounds && good; ++i) {
      while (!budget_.take(request_cost, context_.time.monotonic()))
        if (!co_await infra::sleep_for(budget_.wait_for(request_cost, context_.time.monotonic())))
          co_return;
      const auto done = co_await poll(next_batch());
      if (!done) {
        complaints_.unreadable("orderbooks", done.error().message, context_.time.monotonic());
        if (done.error().code == errc::overloaded) budget_.drain();
        health.degraded(done.error().message);
        good = false;
      }
    }
    const auto round =
        std::chrono::duration_cast<std::chrono::milliseconds>(context_.time.monotonic() - begun);
    expire(context_.time.monotonic(),
           std::max<std::chrono::milliseconds>(stale_after_least, 3 * round));
    if (good) {
      backoff = backoff_min;
      health.up();
    } else {
      if (!co_await infra::sleep_for(backoff)) co_return;
      backoff = std::min<std::chrono::milliseconds>(2 * backoff, backoff_max);
    }
    if (round < shortest_round && !co_await infra::sleep_for(shortest_round - round)) co_return;
  }
}

infra::task<result<void>> kalshi_poller::poll(std::vector<std::string> tickers) {
  const auto request = kalshi::orderbooks_request(tickers);
  if (!request) co_return request.error();
  infra::http_request r;
  const std::string target = request->target();
  r.url = context_.config.kalshi.rest_url + target;
  const auto answer = co_await context_.http.send(std::move(r));
  if (!answer) co_return answer.error();
  if (answer->status == 429)
    co_return error{errc::overloaded, "Kalshi answers 429 to the order book poll"};
  if (answer->status != 200)
    co_return error{errc::unavailable,
                    "Kalshi answers " + std::to_string(answer->status) + " to the order book poll"};
  const instant received = context_.time.monotonic();
  if (context_.tap)
    context_.tap({context_.time.now(), venue_id::kalshi, venue::tape::record_kind::rest, "rest",
                  target, answer->body});
  const auto batch = kalshi::decode_orderbooks(answer->body);
  if (!batch) co_return batch.error();
  for (const kalshi::ticker_orderbook& b : batch->orderbooks) {
    if (!books_.contains(b.ticker)) continue;
    const auto book = b.orderbook.to_book();
    if (!book || book->crossed()) {
      lose(b.ticker, book ? "crossed" : "bad_message", received);
      complaints_.unreadable(
          "orderbook", b.ticker + (book ? " is crossed" : ": " + book.error().message), received);
      continue;
    }
    publish(b.ticker, *book, received);
  }
  co_return result<void>{};
}

void kalshi_poller::publish(const std::string& ticker, const order_book& book, instant received) {
  polled& p = books_.at(ticker);
  const trace_id trace = context_.signals.next_trace(venue_id::kalshi);
  book_state s;
  s.rebuilt = !p.usable;
  p.answered = received;
  p.usable = true;
  s.usable = true;
  s.received = context_.at(received);
  s.bids = book.levels(book_side::bid);
  s.asks = book.levels(book_side::ask);
  const timestamp now = context_.time.now();
  context_.signals.book(kalshi::contract_of(ticker, outcome::yes), s, trace, now);
  const order_book no = book.complement();
  s.bids = no.levels(book_side::bid);
  s.asks = no.levels(book_side::ask);
  context_.signals.book(kalshi::contract_of(ticker, outcome::no), s, trace, now);
}

void kalshi_poller::expire(instant now, std::chrono::milliseconds limit) {
  for (const auto& [ticker, p] : books_)
    if (p.usable && now - p.answered > limit) lose(ticker, "not_polled", now);
}

void kalshi_poller::lose(const std::string& ticker, std::string_view why, instant now) {
  books_.at(ticker).usable = false;
  book_state s;
  s.unusable_reason = why;
  s.received = context_.at(now);
  const trace_id trace = context_.signals.next_trace(venue_id::kalshi);
  for (const outcome o : {outcome::yes, outcome::no})
    context_.signals.book(kalshi::contract_of(ticker, o), s, trace, context_.time.now());
}

}  // namespace cornice::data
