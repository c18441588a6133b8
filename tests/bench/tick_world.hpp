// Markets of both venues for the tick-to-order benchmark: what their listings are, and the Kalshi
// frames that make one of them cheap.
#pragma once

#include "bench.hpp"
#include "cornice/data/signal_publisher.hpp"
#include "cornice/infra/clock.hpp"
#include "cornice/venue/kalshi/book_feed.hpp"
#include "cornice/venue/kalshi/listing.hpp"
#include "cornice/venue/kalshi/ws.hpp"
#include "cornice_test/strategy_world.hpp"

#include <map>
#include <string>
#include <vector>

namespace cornice_bench {

using namespace cornice;

/// One question, listed at both venues.
struct question {
  listing kalshi;
  listing polymarket;
  market mapped;
};

inline question make_question(std::size_t i, timestamp now) {
  const std::string number = std::to_string(1'000 + i);
  question q;
  for (const venue_id v : {venue_id::kalshi, venue_id::polymarket}) {
    listing& l = v == venue_id::kalshi ? q.kalshi : q.polymarket;
    l = cornice_test::make_listing(v, "KXBENCH-26NOV23-B" + number);
    l.yes = venue::kalshi::contract_of(l.id.view(), outcome::yes);
    l.no = venue::kalshi::contract_of(l.id.view(), outcome::no);
    if (v == venue_id::polymarket) {
      l.yes = contract_id::make(v, "bench" + number + "1");
      l.no = contract_id::make(v, "bench" + number + "2");
    }
    l.rule_hash = rule_hash_of(l.rules);
    l.close_time = now + std::chrono::hours{24 * 30};
    l.expected_resolution = l.close_time;
  }
  q.mapped = cornice_test::make_market("bench-" + number, market_kind::binary,
                                       mapping_relation::same, {q.kalshi.yes, q.polymarket.yes});
  q.mapped.contracts[0].rule_hash = q.kalshi.rule_hash;
  q.mapped.contracts[1].rule_hash = q.polymarket.rule_hash;
  return q;
}

/// The path of a Kalshi frame through `data`, as kalshi_stream goes it: decoder, feed, publisher.
class kalshi_path {
 public:
  kalshi_path(data::signal_publisher& signals, const infra::clock& time)
      : signals_{signals}, time_{time} {}

  /// Subscribes, and takes a quiet book for each: YES is bid 0.30 and offered at 0.60.
  void open(const std::vector<question>& questions) {
    std::vector<std::string> tickers;
    for (const question& q : questions) tickers.push_back(q.kalshi.id.str());
    const instant now = time_.monotonic();
    (void)feed_.add(tickers, now);
    (void)feed_.on_connected(now);
    venue::kalshi::ws::frame ack;
    ack.head.id = 1;
    ack.body = venue::kalshi::ws::subscribed{"orderbook_delta", 1};
    (void)feed_.on_message(ack, now);
    for (const std::string& ticker : tickers) {
      const level bid{cornice_test::usd("0.30"), quantity::contracts(500)};
      const level ask{cornice_test::usd("0.60"), quantity::contracts(500)};
      venue::kalshi::ws::frame f = next();
      f.body = venue::kalshi::ws::orderbook_snapshot{ticker, {}, {&bid, 1}, {&ask, 1}};
      take(venue::kalshi::ws::encode(f));
    }
  }
  /// The bytes of a frame that offers ten YES at 0.40.
  std::string cheap(const question& q) {
    venue::kalshi::ws::frame f = next();
    venue::kalshi::ws::orderbook_delta d;
    d.market_ticker = q.kalshi.id.view();
    d.price_dollars = cornice_test::usd("0.40");
    d.delta_fp = quantity::contracts(10);
    d.side = outcome::no;
    d.ts_ms = unix_ms(time_.now());
    f.body = d;
    return venue::kalshi::ws::encode(f);
  }
  /// A frame whose last byte has just come. Answers the trace that its signals carry.
  trace_id take(const std::string& bytes) {
    const instant received = time_.monotonic();
    const auto frame = decoder_.decode(bytes);
    require(frame.has_value(), "a frame was refused");
    trace_id last;
    for (const auto& action : feed_.on_message(*frame, received))
      if (const auto* book = std::get_if<venue::kalshi::publish_book>(&action))
        last = publish(*book->book);
    return last;
  }

 private:
  venue::kalshi::ws::frame next() {
    venue::kalshi::ws::frame f;
    f.head.sid = 1;
    f.head.seq = ++seq_;
    f.head.sending_ts_ms = unix_ms(time_.now());
    return f;
  }
  trace_id publish(const venue::kalshi::tracked_book& book) {
    const trace_id trace = signals_.next_trace(venue_id::kalshi);
    const timestamp now = time_.now();
    data::book_state s;
    s.usable = book.usable();
    s.rebuilt = !known_[book.ticker()];
    known_[book.ticker()] = true;
    s.venue_time = book.venue_time();
    s.received = now;
    s.bids = book.book().levels(book_side::bid);
    s.asks = book.book().levels(book_side::ask);
    signals_.book(venue::kalshi::contract_of(book.ticker(), outcome::yes), s, trace, now);
    const order_book no = book.book().complement();
    s.bids = no.levels(book_side::bid);
    s.asks = no.levels(book_side::ask);
    signals_.book(venue::kalshi::contract_of(book.ticker(), outcome::no), s, trace, now);
    return trace;
  }

  data::signal_publisher& signals_;
  const infra::clock& time_;
  venue::kalshi::ws::decoder decoder_;
  venue::kalshi::book_feed feed_;
  std::map<std::string, bool> known_;
  std::int64_t seq_ = 0;
};

}  // namespace cornice_bench
