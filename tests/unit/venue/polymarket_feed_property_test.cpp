#include "cornice/venue/polymarket/book_feed.hpp"
#include "polymarket_support.hpp"

#include <rapidcheck.h>

namespace cornice::venue::polymarket {
namespace {

using namespace std::chrono_literals;

struct step {
  std::uint8_t what;
  std::uint8_t p;
  std::uint8_t q;
};

}  // namespace
}  // namespace cornice::venue::polymarket

template <>
struct rc::Arbitrary<cornice::venue::polymarket::step> {
  static Gen<cornice::venue::polymarket::step> arbitrary() {
    return gen::apply(
        [](std::uint8_t what, std::uint8_t p, std::uint8_t q) {
          return cornice::venue::polymarket::step{what, p, q};
        },
        gen::arbitrary<std::uint8_t>(), gen::arbitrary<std::uint8_t>(),
        gen::arbitrary<std::uint8_t>());
  }
};

namespace cornice::venue::polymarket {
namespace {

// Frames are delivered, lost, repeated and overtaken; connections break; REST answers late or not.
// Whatever happens, a book that is usable right after a frame about it is the venue's book.
class unreliable_world {
 public:
  unreliable_world() {
    venue.put(book_side::bid, "0.30", "10");
    venue.put(book_side::ask, "0.70", "10");
    RC_ASSERT(feed.subscribe({venue.wanted()}, now, out).has_value());
    feed.on_connected(now, out);
    deliver(venue.book_frame(time_ms));
  }

  void play(const step& s) {
    const bool bid = s.p % 2 == 0;
    const std::int64_t cents = bid ? 1 + s.p % 49 : 51 + s.p % 49;
    const std::string p = format_millionths(cents * 10'000, 2);
    const std::string q = std::to_string(s.q % 3);
    const auto side = bid ? book_side::bid : book_side::ask;
    switch (s.what % 10) {
      case 0:
      case 1:
      case 2:
      case 3:
        ++time_ms;
        return deliver(venue.change(time_ms, side, p, q));
      case 4:  // lost
        ++time_ms;
        held = venue.change(time_ms, side, p, q);
        return;
      case 5:  // an old one comes late
        if (!held.empty()) feed.on_frame(held, now, out);
        return;
      case 6:
        return deliver(venue.book_frame(time_ms));
      case 7:
        feed.on_disconnected(out);
        feed.on_connected(now, out);
        return;
      case 8:
        now += 6s;
        feed.on_frame("PONG", now, out);
        return feed.on_tick(now, out);
      default:
        return answer_rest();
    }
  }

 private:
  void deliver(const std::string& frame) {
    feed.on_frame(frame, now, out);
    check();
    answer_subscriptions();
  }
  void check() {
    const auto slot = feed.find(venue.id());
    RC_ASSERT(slot.has_value());
    if (feed.usable(*slot)) RC_ASSERT(test::same(feed.asset(*slot).book(), venue.book));
  }
  // The venue answers a subscription with a book.
  void answer_subscriptions() {
    const bool asked = test::sent(out).find("\"subscribe\"") != std::string::npos;
    out.clear();
    if (asked) feed.on_frame(venue.book_frame(time_ms), now, out);
    check();
    out.clear();
  }
  void answer_rest() {
    if (test::of<feed::fetch_book>(out).empty()) return;
    out.clear();
    venue.view(time_ms, true, [this](const book_view& b) { feed.on_snapshot(b, now, out); });
    check();
  }

  instant now{1h};
  std::int64_t time_ms = 1'790'000'000'000;
  test::venue_asset venue{"111"};
  std::string held;
  feed_actions out;
  book_feed feed{[] {
    feed_options o;
    o.hashing.every_large = 1;
    o.parked_for = 10s;
    return o;
  }()};
};

TEST(polymarket_feed_property, a_usable_book_is_the_venues_book) {
  EXPECT_TRUE(rc::check([](const std::vector<step>& steps) {
    unreliable_world world;
    for (const step& s : steps) world.play(s);
  }));
}

}  // namespace
}  // namespace cornice::venue::polymarket
