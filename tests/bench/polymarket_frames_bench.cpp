// Decoding and applying Polymarket's market channel, beside simdjson's bare parse of the same
// bytes; and with the proof by book hash, beside the same parse plus the bare SHA-1 of what the
// venue hashes.
#include "allocations.hpp"
#include "bare_parse.hpp"
#include "bench.hpp"
#include "cornice/venue/polymarket/book_feed.hpp"
#include "cornice/venue/polymarket/book_hash.hpp"
#include "cornice/venue/polymarket/ws.hpp"

#include <openssl/evp.h>

#include <deque>
#include <random>
#include <string>
#include <vector>

namespace {

using namespace cornice;
using namespace cornice::venue::polymarket;
using namespace cornice_bench;

constexpr std::size_t markets = 50;
constexpr std::size_t change_frames = 6'000;
constexpr std::size_t rounds = 61;

struct stream {
  std::vector<feed_asset> assets;
  frame_tape books;
  frame_tape changes;  ///< one in ten is a best_bid_ask, as with the venue's extra features on
  std::vector<std::size_t> book_hashed;    ///< bytes that SHA-1 must digest, a frame
  std::vector<std::size_t> change_hashed;  ///< and hashes that the policy asks for
};

// Two assets a market, each the mirror of the other; a price_change names both, as the venue's do,
// and one in four moves two levels at once. Hashes are those of the books that result.
class generator {
 public:
  generator(std::int64_t levels_a_side, hash_policy policy)
      : depth_{levels_a_side}, policy_{policy} {}

  stream run() {
    for (std::size_t i = 0; i < markets; ++i) add_market(i);
    for (std::size_t i = 0; i < change_frames; ++i) {
      if (i % 10 == 9)
        add_best(random_() % markets);
      else
        add_change(random_() % markets);
    }
    return std::move(out_);
  }

 private:
  struct asset {
    std::string id;
    text_book book;
    std::uint32_t unproven = 0;
  };
  struct market {
    std::string condition;
    std::int64_t mid;
    asset sides[2];
  };

  std::string_view text(std::string s) { return texts_.emplace_back(std::move(s)); }
  wire_level level_at(std::int64_t micros, std::int64_t size_hundredths) {
    std::string size = format_millionths(size_hundredths * 10'000, 0);
    return {price::of_micros(micros), quantity{size_hundredths * 10'000},
            text(format_millionths(micros, 2)), text(std::move(size))};
  }
  std::int64_t some_size() { return 500 + static_cast<std::int64_t>(random_() % 2'000'000); }

  book_identity identity(const market& m, const asset& a) const {
    return {m.condition, a.id, time_text_, "5", "0.001", false, "0.500"};
  }
  void tick() { time_text_ = std::to_string(++time_ms_); }

  void add_market(std::size_t i) {
    market& m = markets_.emplace_back();
    m.condition = "0x";
    for (int word = 0; word < 4; ++word) {
      char hex[17];
      std::snprintf(hex, sizeof hex, "%016llx", static_cast<unsigned long long>(random_()));
      m.condition += hex;
    }
    m.mid = 300'000 + static_cast<std::int64_t>(i) * 8'000;
    for (asset& a : m.sides) {
      a.id = std::to_string(1 + random_() % 9);
      while (a.id.size() < 77) a.id += static_cast<char>('0' + random_() % 10);
      out_.assets.push_back({a.id, m.condition, {"5", "0.001", false}});
    }
    std::vector<wire_level> levels[2][2];  // of the asset: bids, asks
    for (std::int64_t step = depth_; step > 0; --step) {
      for (const bool bid : {true, false}) {
        const std::int64_t at = m.mid + (bid ? -step : step) * 1'000;
        const std::int64_t size = some_size();
        levels[0][bid ? 0 : 1].push_back(level_at(at, size));
        levels[1][bid ? 1 : 0].push_back(level_at(price::one - at, size));
      }
    }
    tick();
    for (std::size_t side = 0; side < 2; ++side) {
      asset& a = m.sides[side];
      require(a.book.assign(levels[side][0], levels[side][1]).has_value(), "a generated book");
      const book_digest hash = hasher_.hash(identity(m, a), a.book);
      book_view b;
      b.market = m.condition;
      b.asset_id = a.id;
      b.timestamp_text = time_text_;
      b.hash = as_text(hash);
      b.bids = levels[side][0];
      b.asks = levels[side][1];
      b.tick_size = "0.001";
      b.last_trade_price = "0.500";
      out_.books.add(ws::encode(b));
      out_.book_hashed.push_back(hasher_.preimage().size());
    }
  }

  ws::best_quote best_of(const asset& a, book_side side) {
    const price p = a.book.best(side).value();
    return {text(p.to_string()), p};
  }

  void add_change(std::size_t at) {
    market& m = markets_[at];
    tick();
    std::vector<ws::level_change> changes;
    std::vector<std::size_t> owners;
    for (std::size_t moved = random_() % 4 == 0 ? 2 : 1; moved > 0; --moved) {
      const bool bid = random_() % 2 == 0;
      const auto step = static_cast<std::int64_t>(1 + random_() % 6);
      const std::int64_t micros = m.mid + (bid ? -step : step) * 1'000;
      const std::int64_t size = step > 1 && random_() % 5 == 0 ? 0 : some_size();
      for (std::size_t side = 0; side < 2; ++side) {
        ws::level_change& c = changes.emplace_back();
        c.asset_id = m.sides[side].id;
        c.side = bid == (side == 0) ? book_side::bid : book_side::ask;
        c.level = level_at(side == 0 ? micros : price::one - micros, size);
        require(m.sides[side].book.set(c.side, c.level).has_value(), "a generated change");
        owners.push_back(side);
      }
    }
    std::size_t hashed[2] = {};
    for (std::size_t i = 0; i < changes.size(); ++i) {
      const asset& a = m.sides[owners[i]];
      changes[i].hash = text(std::string{as_text(hasher_.hash(identity(m, a), a.book))});
      hashed[owners[i]] = hasher_.preimage().size();
      changes[i].best_bid = best_of(a, book_side::bid);
      changes[i].best_ask = best_of(a, book_side::ask);
    }
    std::size_t due = 0;
    for (std::size_t side = 0; side < 2; ++side) {
      asset& a = m.sides[side];
      const std::uint32_t every =
          a.book.size() <= policy_.small_book_levels ? policy_.every_small : policy_.every_large;
      if (every == 0 || ++a.unproven < every) continue;
      a.unproven = 0;
      due += hashed[side];
    }
    out_.change_hashed.push_back(due);
    ws::price_change p;
    p.market = m.condition;
    p.timestamp_text = time_text_;
    p.changes = changes;
    out_.changes.add(ws::encode(p));
  }

  void add_best(std::size_t at) {
    const market& m = markets_[at];
    tick();
    ws::best_bid_ask b;
    b.market = m.condition;
    b.asset_id = m.sides[0].id;
    b.best_bid = best_of(m.sides[0], book_side::bid);
    b.best_ask = best_of(m.sides[0], book_side::ask);
    b.spread = "0.002";
    b.timestamp_ms = time_ms_;
    out_.changes.add(ws::encode(b));
    out_.change_hashed.push_back(0);
  }

  std::int64_t depth_;
  hash_policy policy_;
  stream out_;
  std::mt19937_64 random_{20260106};
  std::deque<std::string> texts_;
  std::deque<market> markets_;
  book_hasher hasher_;
  std::int64_t time_ms_ = 1'790'000'000'000;
  std::string time_text_;
};

// A connection that has subscribed. Its options are those of the daemon unless a figure says else.
struct connection {
  connection(const std::vector<feed_asset>& assets, const hash_policy& policy)
      : feed{with(policy)} {
    feed.on_connected(instant{}, out);
    require(feed.subscribe(assets, instant{}, out).has_value(), "the subscription");
  }
  static feed_options with(const hash_policy& policy) {
    feed_options o;
    o.hashing = policy;
    return o;
  }
  void take(const frame_tape& frames) {
    for (std::size_t i = 0; i < frames.size(); ++i) {
      out.clear();
      feed.on_frame(frames[i], instant{}, out);
    }
  }
  book_feed feed;
  feed_actions out;
};

// The bare hash: one digest a frame over as many bytes as the frame's proofs need.
class bare_sha1 {
 public:
  bare_sha1() : sha1_{EVP_MD_fetch(nullptr, "SHA1", nullptr)}, context_{EVP_MD_CTX_new()} {
    require(sha1_ != nullptr && context_ != nullptr, "OpenSSL offers no SHA-1");
  }
  ~bare_sha1() {
    EVP_MD_CTX_free(context_);
    EVP_MD_free(sha1_);
  }
  bare_sha1(const bare_sha1&) = delete;
  bare_sha1& operator=(const bare_sha1&) = delete;
  void digest(const std::vector<std::size_t>& sizes) {
    unsigned char out[EVP_MAX_MD_SIZE];
    for (const std::size_t n : sizes) {
      if (n == 0) continue;
      if (text_.size() < n) text_.resize(n, '7');
      EVP_DigestInit_ex2(context_, sha1_, nullptr);
      EVP_DigestUpdate(context_, text_.data(), n);
      EVP_DigestFinal_ex(context_, out, nullptr);
      keep(out[0]);
    }
  }

 private:
  EVP_MD* sha1_;
  EVP_MD_CTX* context_;
  std::string text_;
};

struct tools {
  simdjson::dom::parser dom;
  simdjson::ondemand::parser on_demand;
  bare_sha1 sha1;
};

// One stream's frames against the parse alone and against parse and hash.
struct subject {
  comparison parse;
  comparison parse_and_hash;
  std::vector<double> on_demand;
  std::uint64_t allocations = 0;

  explicit subject(const std::string& name)
      : parse{name, "ns/frame", "simdjson DOM parse", {}, {}},
        parse_and_hash{name, "ns/frame", "simdjson DOM parse + SHA-1", {}, {}} {}

  void round(const frame_tape& frames, const std::vector<std::size_t>& hashed, connection& c,
             tools& t) {
    const double each = 1e9 / static_cast<double>(frames.size());
    const double tree = cpu_seconds_of([&] { parse_dom(t.dom, frames); });
    const std::uint64_t before = allocated.calls;
    const double ours = cpu_seconds_of([&] { c.take(frames); });
    allocations = allocated.calls - before;
    const double hash = cpu_seconds_of([&] { t.sha1.digest(hashed); });
    on_demand.push_back(each * cpu_seconds_of([&] { parse_ondemand(t.on_demand, frames); }));
    parse.add(ours * each, tree * each);
    parse_and_hash.add(ours * each, (tree + hash) * each);
  }
  void remarks(const frame_tape& frames) const {
    remark(parse.name + ": simdjson On-Demand, every value", median(on_demand), "ns/frame");
    remark(parse.name + ": allocations",
           static_cast<double>(allocations) / static_cast<double>(frames.size()), "per frame");
    remark(parse.name + ": size", frames.mean_bytes(), "bytes/frame");
  }
};

void measure(std::int64_t levels_a_side, const hash_policy& policy, const std::string& what,
             bool proven) {
  const stream s = generator{levels_a_side, policy}.run();
  subject books{"polymarket book, " + what};
  subject changes{"polymarket price_change, " + what};
  tools t;
  for (std::size_t i = 0; i < rounds; ++i) {
    connection c{s.assets, policy};
    books.round(s.books, s.book_hashed, c, t);
    changes.round(s.changes, s.change_hashed, c, t);
    const feed_counters& n = c.feed.counters();
    require(n.bad_messages == 0 && n.resyncs == 0 && n.stale == 0 && n.books == 2 * markets,
            "not every frame was applied");
    require(n.proofs.hash_mismatched == 0 && n.proofs.hash_unchecked == 0, "a hash failed");
  }
  if (!proven) {
    report(changes.parse, "2.5");
  } else {
    report(changes.parse_and_hash, "2.5");
    changes.parse.name += ", beside the parse alone";
    report(changes.parse, "null");
    report(books.parse_and_hash, "2.5");
    books.remarks(s.books);
  }
  changes.remarks(s.changes);
}

void run() {
  const hash_policy daemon = feed_options{}.hashing;
  hash_policy never = daemon;
  never.every_small = 0;
  never.every_large = 0;
  measure(20, never, "not hashed", false);
  measure(20, daemon, "40 levels", true);
  measure(100, daemon, "200 levels", true);
}

}  // namespace

int main() {
  return run_benchmark("polymarket_frames_bench", run);
}
