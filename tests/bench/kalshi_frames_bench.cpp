// Decoding and applying Kalshi's order book frames, beside simdjson's bare parse of the same bytes.
#include "allocations.hpp"
#include "bare_parse.hpp"
#include "bench.hpp"
#include "cornice/venue/kalshi/book_feed.hpp"
#include "cornice/venue/kalshi/ws.hpp"

#include <random>
#include <string>
#include <vector>

namespace {

using namespace cornice;
using namespace cornice::venue::kalshi;
using namespace cornice_bench;

constexpr std::size_t markets = 200;
constexpr std::int64_t cents_a_side = 30;
constexpr std::size_t deltas = 20'000;
constexpr std::size_t rounds = 31;
constexpr const char* goal = "2.5";

struct stream {
  std::vector<std::string> tickers;
  frame_tape snapshots;
  frame_tape deltas;
};

// One subscription over many markets: each one's snapshot, then changes near the touch, in one
// sequence. The generator keeps the books itself, so that no change is impossible.
class generator {
 public:
  stream run() {
    for (std::size_t i = 0; i < markets; ++i) add_market(i);
    for (std::size_t i = 0; i < deltas; ++i) add_delta();
    return std::move(out_);
  }

 private:
  ws::frame next() {
    ws::frame f;
    f.head.sid = 1;
    f.head.seq = ++seq_;
    f.head.sending_ts_ms = time_ms_ += 3;
    return f;
  }
  void add_market(std::size_t i) {
    out_.tickers.push_back("KXHIGHNY-26NOV23-B" + std::to_string(1000 + i) + ".5");
    const std::int64_t mid = 350'000 + static_cast<std::int64_t>(random_() % 30) * 10'000;
    mids_.push_back(mid);
    std::vector<level> yes;
    std::vector<level> no;
    order_book& book = books_.emplace_back();
    for (std::int64_t step = cents_a_side; step > 0; --step) {
      yes.push_back({price::of_micros(mid - step * 10'000), some_quantity()});
      no.push_back({price::of_micros(mid + step * 10'000), some_quantity()});
      require(book.set(book_side::bid, yes.back().p, yes.back().q).has_value(), "bid");
      require(book.set(book_side::ask, no.back().p, no.back().q).has_value(), "ask");
    }
    ws::frame f = next();
    f.body = ws::orderbook_snapshot{out_.tickers.back(), market_id, yes, no};
    out_.snapshots.add(ws::encode(f));
  }
  void add_delta() {
    const std::size_t i = random_() % markets;
    const bool bid = random_() % 2 == 0;
    const auto step = static_cast<std::int64_t>(1 + random_() % 8);
    const price p = price::of_micros(mids_[i] + (bid ? -step : step) * 10'000);
    const book_side side = bid ? book_side::bid : book_side::ask;
    const quantity held = books_[i].at(side, p);
    const quantity change = held.is_positive() && random_() % 3 == 0 ? -held : some_quantity();
    require(books_[i].add(side, p, change).has_value(), "delta");
    ws::frame f = next();
    ws::orderbook_delta d;
    d.market_ticker = out_.tickers[i];
    d.market_id = market_id;
    d.price_dollars = p;
    d.delta_fp = change;
    d.side = bid ? outcome::yes : outcome::no;
    d.ts_ms = time_ms_ - 1;
    f.body = d;
    out_.deltas.add(ws::encode(f));
  }
  quantity some_quantity() {
    return quantity{static_cast<std::int64_t>(1 + random_() % 500'000) * 10'000};
  }

  static constexpr std::string_view market_id = "9d0f7e0c-1b2a-4c3d-8e4f-5a6b7c8d9e0f";
  stream out_;
  std::mt19937_64 random_{20260105};
  std::vector<std::int64_t> mids_;
  std::vector<order_book> books_;
  std::int64_t seq_ = 0;
  std::int64_t time_ms_ = 1'790'000'000'000;
};

// A connection whose subscription has been acknowledged.
struct connection {
  explicit connection(const std::vector<std::string>& tickers) {
    feed.add(tickers, instant{});
    feed.on_connected(instant{});
    ws::frame ack;
    ack.head.id = 1;
    ack.body = ws::subscribed{"orderbook_delta", 1};
    feed.on_message(ack, instant{});
  }
  void take(const frame_tape& frames) {
    for (std::size_t i = 0; i < frames.size(); ++i) {
      const auto frame = decoder.decode(frames[i]);
      require(frame.has_value(), "a frame was refused");
      published += feed.on_message(*frame, instant{}).size();
    }
  }
  ws::decoder decoder;
  book_feed feed;
  std::size_t published = 0;
};

struct subject {
  subject(std::string name, const frame_tape& tape)
      : frames{tape},
        dom{name, "ns/frame", "simdjson DOM parse", {}, {}},
        on_demand{std::move(name), "ns/frame", "simdjson On-Demand, every value", {}, {}} {}
  const frame_tape& frames;
  comparison dom;
  comparison on_demand;
  std::uint64_t allocations = 0;

  void round(connection& c, simdjson::dom::parser& dom_parser,
             simdjson::ondemand::parser& demand_parser) {
    const double each = 1e9 / static_cast<double>(frames.size());
    const double tree = cpu_seconds_of([&] { parse_dom(dom_parser, frames); });
    const std::uint64_t before = allocated.calls;
    const double ours = cpu_seconds_of([&] { c.take(frames); });
    allocations = allocated.calls - before;
    const double walk = cpu_seconds_of([&] { parse_ondemand(demand_parser, frames); });
    dom.add(ours * each, tree * each);
    on_demand.add(ours * each, walk * each);
  }
  void print() const {
    const bool tree_wins = median(dom.limits) <= median(on_demand.limits);
    report(tree_wins ? dom : on_demand, goal);
    remark(dom.name + ": other parse, " + (tree_wins ? on_demand : dom).limit_name,
           median((tree_wins ? on_demand : dom).limits), "ns/frame");
    remark(dom.name + ": allocations",
           static_cast<double>(allocations) / static_cast<double>(frames.size()), "per frame");
    remark(dom.name + ": size", frames.mean_bytes(), "bytes/frame");
  }
};

void run() {
  const stream s = generator{}.run();
  subject snapshots{"kalshi snapshot, 60 levels", s.snapshots};
  subject deltas_only{"kalshi delta", s.deltas};
  simdjson::dom::parser dom_parser;
  simdjson::ondemand::parser demand_parser;
  for (std::size_t i = 0; i < rounds; ++i) {
    connection c{s.tickers};
    snapshots.round(c, dom_parser, demand_parser);
    deltas_only.round(c, dom_parser, demand_parser);
    require(c.feed.gaps() == 0 && c.published == markets + deltas, "not every frame was applied");
  }
  deltas_only.print();
  snapshots.print();
}

}  // namespace

int main() {
  return run_benchmark("kalshi_frames_bench", run);
}
