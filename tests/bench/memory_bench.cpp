// Memory of 10,000 books as the feeds keep them, beside the same levels as plain arrays.
#include "allocations.hpp"
#include "bench.hpp"
#include "cornice/venue/kalshi/book_feed.hpp"
#include "cornice/venue/polymarket/book_feed.hpp"

#include <memory>
#include <string>
#include <vector>

namespace {

using namespace cornice;
using namespace cornice_bench;

constexpr std::size_t books = 10'000;
constexpr std::size_t levels_a_side = 20;
constexpr std::size_t assets_a_connection = 200;  // as the daemon shards Polymarket
constexpr double mebibyte = 1024.0 * 1024.0;

price price_at(std::size_t step, bool bid) {
  const auto ticks = static_cast<std::int64_t>(step) * 10'000;
  return price::of_micros(bid ? 300'000 - ticks : 310'000 + ticks);
}

// The levels alone: a price and a quantity each, in one array a side that is exactly as long.
double bare_megabytes() {
  const std::int64_t before = allocated.live_bytes;
  std::vector<std::unique_ptr<level[]>> sides(2 * books);
  for (auto& side : sides) {
    side = std::make_unique<level[]>(levels_a_side);
    keep(side[0]);
  }
  return static_cast<double>(allocated.live_bytes - before) / mebibyte;
}

double kalshi_megabytes() {
  using namespace venue::kalshi;
  const std::int64_t before = allocated.live_bytes;
  ws::decoder decoder;
  book_feed feed;
  {
    std::vector<std::string> tickers;
    for (std::size_t i = 0; i < books; ++i)
      tickers.push_back("KXHIGHNY-26NOV23-B" + std::to_string(100'000 + i) + ".5");
    feed.add(tickers, instant{});
    feed.on_connected(instant{});
    // Each subscribe and add is acknowledged, until nothing waits to be sent.
    for (std::int64_t id = 1; id <= 64; ++id) {
      ws::frame ack;
      ack.head.id = id;
      if (id == 1) {
        ack.body = ws::subscribed{"orderbook_delta", 1};
      } else {
        ack.head.sid = 1;
        ack.body = ws::ok{};
      }
      feed.on_message(ack, instant{});
    }
    std::int64_t seq = 0;
    for (const std::string& ticker : tickers) {
      std::vector<level> yes;
      std::vector<level> no;
      for (std::size_t step = levels_a_side; step > 0; --step) {
        yes.push_back({price_at(step - 1, true), quantity::contracts(100)});
        no.push_back({price_at(step - 1, false), quantity::contracts(100)});
      }
      ws::frame f;
      f.head.sid = 1;
      f.head.seq = ++seq;
      f.body = ws::orderbook_snapshot{ticker, "9d0f7e0c-1b2a-4c3d-8e4f-5a6b7c8d9e0f", yes, no};
      const auto decoded = decoder.decode(ws::encode(f));
      require(decoded.has_value(), "a snapshot was refused");
      feed.on_message(*decoded, instant{});
    }
    for (const auto& [ticker, book] : feed.books()) require(book.usable(), "every book is usable");
    require(feed.books().size() == books, "every book is kept");
  }
  return static_cast<double>(allocated.live_bytes - before) / mebibyte;
}

std::string asset_id(std::size_t i) {
  std::string digits = std::to_string(100'000 + i);
  while (digits.size() < 77) digits += static_cast<char>('0' + (digits.size() * 7 + i) % 10);
  return digits;
}

// One asset a book, and connections of as many as one carries.
double polymarket_megabytes() {
  using namespace venue::polymarket;
  const std::int64_t before = allocated.live_bytes;
  std::vector<std::unique_ptr<book_feed>> feeds;
  feed_actions out;
  for (std::size_t first = 0; first < books; first += assets_a_connection) {
    book_feed& feed = *feeds.emplace_back(std::make_unique<book_feed>());
    std::vector<feed_asset> assets;
    for (std::size_t i = first; i < first + assets_a_connection; ++i)
      assets.push_back({asset_id(i), "0x" + std::string(64, 'a'), {"5", "0.01", false}});
    feed.on_connected(instant{}, out);
    require(feed.subscribe(assets, instant{}, out).has_value(), "the subscription");
    for (const feed_asset& a : assets) {
      std::vector<std::string> texts;
      texts.reserve(2 * levels_a_side);
      std::vector<wire_level> sides[2];
      for (const bool bid : {true, false})
        for (std::size_t step = levels_a_side; step > 0; --step) {
          const price p = price_at(step - 1, bid);
          texts.push_back(p.to_string());
          sides[bid ? 0 : 1].push_back({p, quantity::contracts(100), texts.back(), "100"});
        }
      book_view b;
      b.market = a.market;
      b.asset_id = a.asset_id;
      b.timestamp_text = "1790000000000";
      b.bids = sides[0];
      b.asks = sides[1];
      out.clear();
      feed.on_frame(ws::encode(b), instant{}, out);
      const auto slot = feed.find(a.asset_id);
      require(slot && feed.usable(*slot), "every book is usable");
    }
  }
  feed_actions{}.swap(out);
  return static_cast<double>(allocated.live_bytes - before) / mebibyte;
}

void run() {
  const auto compare = [](const std::string& name, double (*measure)()) {
    comparison c{name, "MiB", "20+20 levels as plain arrays", {}, {}};
    c.add(measure(), bare_megabytes());
    report(c, "null");
  };
  compare("10,000 Kalshi books", kalshi_megabytes);
  compare("10,000 Polymarket books", polymarket_megabytes);
}

}  // namespace

int main() {
  return run_benchmark("memory_bench", run);
}
