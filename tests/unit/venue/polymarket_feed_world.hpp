// The world of the book_feed tests: one market, two tokens, a clock that the test moves.
#pragma once

#include "cornice/venue/polymarket/book_feed.hpp"
#include "cornice/venue/polymarket/requests.hpp"
#include "polymarket_support.hpp"

namespace cornice::venue::polymarket::test {

using namespace std::chrono_literals;

inline constexpr std::int64_t t0 = 1'790'000'000'000;

/// A connected feed of two tokens of one market, whose books the test changes.
class feed_world : public testing::Test {
 protected:
  feed_world() {
    for (venue_asset* a : {&yes, &no}) {
      a->put(book_side::bid, "0.4", "100");
      a->put(book_side::ask, "0.6", "50.5");
    }
  }

  void connect() {
    ASSERT_TRUE(feed.subscribe({yes.wanted(), no.wanted()}, now, out));
    feed.on_connected(now, out);
    yes_slot = feed.find("111").value();
    no_slot = feed.find("222").value();
  }
  void frame(const std::string& text) {
    out.clear();
    feed.on_frame(text, now, out);
  }
  void advance(std::chrono::milliseconds by) {
    out.clear();
    now += by;
    feed.on_tick(now, out);
  }
  /// Lets time pass in steps that keep the connection alive.
  void pass(std::chrono::milliseconds total) {
    feed_actions all;
    for (; total > 0ms; total -= 1s) {
      feed.on_frame("PONG", now, all);
      advance(std::min<std::chrono::milliseconds>(total, 1s));
      all.insert(all.end(), out.begin(), out.end());
    }
    out = all;
  }
  void snapshot(const venue_asset& a, std::int64_t time_ms) {
    out.clear();
    a.view(time_ms, true, [&](const book_view& b) { feed.on_snapshot(b, now, out); });
  }
  void go_live() {
    connect();
    frame("[" + yes.book_frame(t0) + "," + no.book_frame(t0) + "]");
    ASSERT_TRUE(feed.usable(yes_slot));
    ASSERT_TRUE(feed.usable(no_slot));
  }
  [[nodiscard]] std::optional<unusable_reason> told(asset_slot slot) const {
    for (const auto& u : of<feed::book_unusable>(out))
      if (u.asset == slot) return u.reason;
    return std::nullopt;
  }

  instant now{1h};
  feed_actions out;
  book_feed feed;
  venue_asset yes{"111"};
  venue_asset no{"222"};
  asset_slot yes_slot = 0;
  asset_slot no_slot = 0;
};

}  // namespace cornice::venue::polymarket::test
