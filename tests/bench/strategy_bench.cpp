// What one book update costs the strategy, by the number of contracts that it knows.
#include "bench.hpp"
#include "cornice/strategy/engine.hpp"
#include "cornice_test/strategy_world.hpp"

#include <memory>
#include <random>
#include <string>
#include <vector>

namespace {

using namespace cornice;
using namespace cornice::strategy;
using namespace cornice_bench;

constexpr std::size_t rounds = 25;
constexpr std::size_t updates = 2'000;  // a round and size
constexpr std::int64_t levels_a_side = 10;
// Updates go to as many contracts in every universe, so that the figures differ by what is idle; a
// second figure spreads them over all, whose books are then in memory and no longer in the caches.
constexpr std::size_t busy_contracts = 100;

// Questions that both venues list, mapped as one market each: four contracts, and with them the
// complement of either venue and the two ways across.
class subject {
 public:
  explicit subject(std::size_t contracts) : random_{contracts} {
    for (const venue_id v : {venue_id::kalshi, venue_id::polymarket}) {
      engine_.update_feed(cornice_test::live_feed(v));
      engine_.update_cash(v, money::dollars(1'000'000));
    }
    for (std::size_t i = 0; i < contracts / 4; ++i) {
      const std::string name = "Q" + std::to_string(i);
      const listing k = made(venue_id::kalshi, name);
      const listing p = made(venue_id::polymarket, name);
      engine_.update_market(cornice_test::make_market("m-" + name, market_kind::binary,
                                                      mapping_relation::same, {k.yes, p.yes}));
    }
    for (std::size_t i = 0; i < ids_.size(); ++i) (void)engine_.update_book(book(i), clock_);
    require(engine_.contracts() == contracts, "every contract is known");
  }

  // Books are made before the clock starts: making them is the decoder's cost.
  double nanoseconds_an_update(std::size_t among) {
    std::vector<book_signal> books;
    const std::size_t stride = ids_.size() / among;
    for (std::size_t i = 0; i < updates; ++i) books.push_back(book(random_() % among * stride));
    clock_ += std::chrono::milliseconds{200};
    for (const venue_id v : {venue_id::kalshi, venue_id::polymarket}) {
      feed_signal f = cornice_test::live_feed(v);
      f.observed = clock_;
      engine_.update_feed(f);
    }
    const double took = cpu_seconds_of([&] {
      for (book_signal& b : books) {
        const evaluation out = engine_.update_book(std::move(b), clock_);
        found_ += out.opportunities.size();
      }
    });
    return took * 1e9 / static_cast<double>(updates);
  }
  [[nodiscard]] std::size_t found() const noexcept { return found_; }

 private:
  listing made(venue_id venue, const std::string& name) {
    listing l = cornice_test::make_listing(venue, name);
    l.fees.kind =
        venue == venue_id::kalshi ? fee_schedule::model::kalshi : fee_schedule::model::polymarket;
    l.fees.taker_rate = ratio{70'000};
    engine_.update_listing(l);
    ids_.push_back(l.yes);
    ids_.push_back(l.no);
    return l;
  }

  // Around one half, so that now and then a pair costs less than a dollar.
  book_signal book(std::size_t i) {
    book_signal b;
    b.contract = ids_[i];
    b.epoch = 1;
    b.revision = ++revision_;
    b.usable = true;
    const std::int64_t mid = 450'000 + static_cast<std::int64_t>(random_() % 9) * 10'000;
    for (std::int64_t step = 1; step <= levels_a_side; ++step) {
      const auto size = quantity::contracts(static_cast<std::int64_t>(10 + random_() % 500));
      b.bids.push_back({price::of_micros(mid - step * 10'000), size});
      b.asks.push_back({price::of_micros(mid + step * 10'000), size});
    }
    b.received = clock_;
    b.published = clock_;
    b.trace = trace_id::of("t" + std::to_string(revision_));
    return b;
  }

  std::mt19937_64 random_;
  engine engine_{strategy_limits{}};
  std::vector<contract_id> ids_;
  timestamp clock_ = cornice_test::noon;
  std::uint64_t revision_ = 0;
  std::size_t found_ = 0;
};

void measure(subject& smallest, subject& larger, std::size_t among, const std::string& what,
             const char* goal) {
  comparison c{what, "ns/update", "at 100 contracts", {}, {}};
  for (std::size_t i = 0; i < rounds; ++i) {
    const double few = smallest.nanoseconds_an_update(busy_contracts);
    c.add(larger.nanoseconds_an_update(among), few);
  }
  report(c, goal);
}

void run() {
  subject smallest{100};
  for (const std::size_t contracts :
       {std::size_t{1'000}, std::size_t{10'000}, std::size_t{100'000}}) {
    const auto larger = std::make_unique<subject>(contracts);
    const std::string what = "strategy update at " + std::to_string(contracts) + " contracts";
    measure(smallest, *larger, busy_contracts, what, "1.5");
    measure(smallest, *larger, contracts, what + ", all of them busy", "null");
  }
  remark("strategy: opportunities found", static_cast<double>(smallest.found()), "");
}

}  // namespace

int main() {
  return run_benchmark("strategy_bench", run);
}
