#include "cornice/sim/tape_world.hpp"

#include "cornice/sim/tape_rest.hpp"
#include "cornice/venue/kalshi/book_feed.hpp"
#include "cornice/venue/kalshi/market_data.hpp"
#include "cornice/venue/kalshi/rest.hpp"
#include "cornice/venue/polymarket/book_feed.hpp"
#include "cornice/venue/polymarket/gamma.hpp"
#include "cornice_test/taped_run.hpp"

#include <gtest/gtest.h>

#include <deque>
#include <utility>

namespace cornice::sim {
namespace {

namespace ks = venue::kalshi;
namespace pm = venue::polymarket;
namespace tape = venue::tape;
using namespace std::chrono_literals;

constexpr timestamp recorded = from_unix_s(1'780'000'000);
constexpr timestamp replayed = from_unix_s(1'795'000'000);

const test::taped_run& run() {
  static const test::taped_run r = test::taped_run_of("default", 7, recorded, 90s);
  return r;
}

tape::record rest_record(std::chrono::seconds at, venue_id v, std::string target,
                         std::string body) {
  return {recorded + at, v, tape::record_kind::rest, "rest", std::move(target), std::move(body)};
}

tape_recording bare(std::vector<tape::record> more) {
  tape_recording r;
  r.file = "bare.tape";
  r.records.push_back(rest_record(0s, venue_id::kalshi, "/trade-api/v2/exchange/status", "{}"));
  r.records.push_back(rest_record(0s, venue_id::polymarket, "/ok", "\"OK\""));
  for (tape::record& m : more) r.records.push_back(std::move(m));
  return r;
}

// The daemon's own feeds, subscribed in batches of their own, at a board.
class clients {
 public:
  clients(const market_board& board, instant now)
      : board_{board},
        now_{now},
        kalshi_{board, faults_},
        polymarket_{board, books_, faults_},
        feed_{[] {
          ks::book_feed_options o;
          o.tickers_per_command = 7;
          return o;
        }()} {}

  void follow() {
    std::vector<std::string> tickers;
    std::vector<pm::feed_asset> assets;
    for (const sim_listing& l : board_.listings()) {
      if (l.venue == venue_id::kalshi) {
        tickers.push_back(l.id);
      } else {
        for (const std::string& t : l.tokens)
          assets.push_back({t, l.id, {l.min_order_size, "", l.neg_risk}});
      }
    }
    act(feed_.add(tickers, now_));
    act(feed_.on_connected(now_));
    pm::feed_actions out;
    shares_.subscribe(assets, now_, out).value();
    shares_.on_connected(now_, out);
    act(out);
  }
  void hear(const world_event& e) {
    session_output frames;
    kalshi_.on_event(e, frames);
    to_kalshi(frames);
    frames.clear();
    polymarket_.on_event(e, frames);
    to_polymarket(frames);
  }
  [[nodiscard]] std::size_t wrong_books() const {
    std::size_t wrong = 0;
    for (const sim_listing& l : board_.listings()) {
      if (l.phase != listing_phase::open) continue;
      if (l.venue == venue_id::kalshi) {
        const ks::tracked_book* b = feed_.find(l.id);
        if (b == nullptr || !b->usable() || b->book() != l.book) ++wrong;
        continue;
      }
      const auto slot = shares_.find(l.tokens[1]);
      if (!slot || !shares_.usable(*slot) ||
          shares_.asset(*slot).book().to_order_book() != l.book.complement())
        ++wrong;
    }
    return wrong;
  }
  [[nodiscard]] const ks::book_feed& kalshi() const { return feed_; }
  [[nodiscard]] const pm::book_feed& polymarket() const { return shares_; }

 private:
  void act(ks::book_feed::actions actions) {
    std::vector<std::string> commands;
    for (const auto& a : actions)
      if (const auto* s = std::get_if<ks::send_command>(&a)) commands.push_back(s->text);
    for (const std::string& c : commands) {
      session_output frames;
      kalshi_.on_text(c, frames);
      to_kalshi(frames);
    }
  }
  // A connection keeps the order: answers to a command come behind what was sent before.
  void to_kalshi(const session_output& frames) {
    coming_.insert(coming_.end(), frames.begin(), frames.end());
    if (std::exchange(hearing_, true)) return;
    for (; !coming_.empty(); coming_.pop_front())
      act(feed_.on_message(decoder_.decode(coming_.front()).value(), now_));
    hearing_ = false;
  }
  void act(const pm::feed_actions& actions) {
    for (const auto& a : actions)
      if (const auto* s = std::get_if<pm::feed::send_text>(&a)) {
        session_output frames;
        polymarket_.on_text(s->text, frames);
        to_polymarket(frames);
      }
  }
  void to_polymarket(const session_output& frames) {
    for (const std::string& text : frames) {
      pm::feed_actions out;
      shares_.on_frame(text, now_, out);
      act(out);
    }
  }

  const market_board& board_;
  instant now_;
  fault_schedule faults_;
  polymarket_books books_;
  kalshi_session kalshi_;
  polymarket_session polymarket_;
  ks::ws::decoder decoder_;
  ks::book_feed feed_;
  pm::book_feed shares_;
  std::deque<std::string> coming_;
  bool hearing_ = false;
};

TEST(tape_world, plays_a_recorded_run_to_the_same_books_for_clients_that_prove_them) {
  tape_world w = tape_world::make(run().tape, replayed).value();
  clients c{w, instant{} + 1h};
  c.follow();
  EXPECT_EQ(c.wrong_books(), 0u) << "books stand before the recorder saw them";
  for (auto t = 0ms; t <= 91s; t += 10ms)
    w.advance(replayed + t, [&](const world_event& e) { c.hear(e); });
  EXPECT_TRUE(w.ended());
  EXPECT_GT(w.counters().book_changes, 1'000u);
  EXPECT_EQ(w.counters().unreadable, 0u);
  EXPECT_EQ(w.counters().lost, 0u);
  EXPECT_EQ(c.wrong_books(), 0u);
  EXPECT_EQ(c.kalshi().gaps(), 0u);
  EXPECT_EQ(c.polymarket().counters().resyncs, 0u);
  EXPECT_GT(c.polymarket().counters().proofs.hash_checked, 1'000u);
  EXPECT_EQ(c.polymarket().counters().proofs.hash_mismatched, 0u);
  for (const sim_listing& l : w.listings())
    if (l.phase == listing_phase::open) {
      EXPECT_EQ(l.book, run().last_books.at(l.id)) << l.id;
    }
}

TEST(tape_world, a_late_client_gets_the_books_of_that_moment) {
  tape_world w = tape_world::make(run().tape, replayed).value();
  w.advance(replayed + 40s, [](const world_event&) {});
  clients c{w, instant{} + 1h};
  c.follow();
  EXPECT_EQ(c.wrong_books(), 0u);
}

TEST(tape_world, speed_shortens_the_spacing_and_carries_times_over) {
  tape_world w = tape_world::make(run().tape, replayed, 10'000'000).value();
  w.advance(replayed + 4s, [](const world_event&) {});
  EXPECT_FALSE(w.ended());
  timestamp newest{};
  w.advance(replayed + 9s + 1ms, [](const world_event&) {});
  for (const sim_listing& l : w.listings()) newest = std::max(newest, l.updated);
  EXPECT_TRUE(w.ended());
  EXPECT_LE(newest, replayed + 9s);
  EXPECT_GE(newest, replayed + 8s);
}

TEST(tape_world, is_the_same_however_often_it_is_asked_to_advance) {
  const auto history = [](std::chrono::milliseconds step) {
    tape_world w = tape_world::make(run().tape, replayed).value();
    std::string out;
    for (auto t = 0ms; t <= 20s; t += step)
      w.advance(replayed + t, [&](const world_event& e) {
        out += std::to_string(e.index()) + ":" + std::to_string(listing_of(e).value_or(0)) + " ";
      });
    return out;
  };
  EXPECT_EQ(history(10ms), history(5s));
}

TEST(tape_world, a_lost_frame_holds_the_book_until_its_next_snapshot) {
  const auto frame = [](std::chrono::seconds at, std::int64_t seq, ks::ws::message body) {
    ks::ws::frame f;
    f.head.sid = 1;
    f.head.seq = seq;
    f.body = std::move(body);
    return tape::record{recorded + at,    venue_id::kalshi, tape::record_kind::ws_in, "ws", "",
                        ks::ws::encode(f)};
  };
  const std::vector<level> yes{{price::parse("0.40").value(), quantity::contracts(10)}};
  const std::vector<level> more{{price::parse("0.40").value(), quantity::contracts(50)}};
  ks::ws::orderbook_delta d;
  d.market_ticker = "KXA-1";
  d.price_dollars = yes[0].p;
  d.delta_fp = quantity::contracts(5);
  tape_world w =
      tape_world::make(bare({frame(1s, 1, ks::ws::orderbook_snapshot{"KXA-1", "", yes, {}}),
                             frame(2s, 2, d), frame(3s, 4, d), frame(4s, 5, d),
                             frame(5s, 6, ks::ws::orderbook_snapshot{"KXA-1", "", more, {}})}),
                       replayed)
          .value();
  const auto best = [&](std::chrono::seconds at) {
    w.advance(replayed + at, [](const world_event&) {});
    return w.at(w.find("KXA-1").value()).book.best(book_side::bid)->q;
  };
  EXPECT_EQ(best(1s), quantity::contracts(10));
  EXPECT_EQ(best(2s), quantity::contracts(15));
  EXPECT_EQ(best(4s), quantity::contracts(15));
  EXPECT_EQ(best(5s), quantity::contracts(50));
  EXPECT_EQ(w.counters().lost, 1u);
}

TEST(tape_world, a_recorder_that_polled_gives_books_as_well) {
  const auto polled = [](std::chrono::seconds at, const char* bid) {
    ks::orderbook_batch b;
    b.orderbooks.push_back({"KXA-1", {{{price::parse(bid).value(), quantity::contracts(10)}}, {}}});
    return rest_record(at, venue_id::kalshi, "/trade-api/v2/markets/orderbooks?tickers=KXA-1",
                       ks::encode_orderbooks(b));
  };
  tape_world w = tape_world::make(bare({polled(1s, "0.40"), polled(3s, "0.42")}), replayed).value();
  const auto best = [&] { return w.at(w.find("KXA-1").value()).book.best(book_side::bid)->p; };
  EXPECT_EQ(best(), price::parse("0.40").value());
  std::vector<level_update> told;
  w.advance(replayed + 3s, [&](const world_event& e) {
    const auto& levels = std::get<book_changed>(e).levels;
    told.insert(told.end(), levels.begin(), levels.end());
  });
  EXPECT_EQ(best(), price::parse("0.42").value());
  ASSERT_EQ(told.size(), 2u);
  EXPECT_TRUE(told[0].total.is_zero()) << "the removal goes first";
}

TEST(tape_world, news_are_told_with_their_times_carried_over) {
  ks::ws::frame f;
  ks::ws::market_lifecycle determined;
  determined.event_type = ks::lifecycle_event::determined;
  determined.market_ticker = "KXA-1";
  determined.determination_ts = unix_ms(recorded + 1s) / 1'000;
  f.body = determined;
  pm::ws::new_market fresh;
  fresh.market = fresh.condition_id = "0xabc";
  fresh.timestamp_ms = unix_ms(recorded + 2s);
  tape_world w =
      tape_world::make(bare({{recorded + 1s, venue_id::kalshi, tape::record_kind::ws_in, "ws", "",
                              ks::ws::encode(f)},
                             {recorded + 2s, venue_id::polymarket, tape::record_kind::ws_in, "ws-0",
                              "", pm::ws::encode(fresh)}}),
                       replayed)
          .value();
  std::vector<announced> told;
  w.advance(replayed + 3s, [&](const world_event& e) { told.push_back(std::get<announced>(e)); });
  ASSERT_EQ(told.size(), 2u);
  EXPECT_EQ(std::get<ks::ws::market_lifecycle>(told[0].news).determination_ts,
            unix_ms(replayed + 1s) / 1'000);
  EXPECT_EQ(std::get<pm::ws::new_market>(told[1].news).timestamp_ms, unix_ms(replayed + 2s));
}

TEST(tape_world, a_frame_that_cannot_be_read_is_counted_and_its_books_are_held) {
  const std::vector<level> yes{{price::parse("0.40").value(), quantity::contracts(10)}};
  ks::ws::frame snapshot;
  snapshot.head.sid = 1;
  snapshot.head.seq = 1;
  snapshot.body = ks::ws::orderbook_snapshot{"KXA-1", "", yes, {}};
  ks::ws::frame change;
  change.head.sid = 1;
  change.head.seq = 3;
  ks::ws::orderbook_delta d;
  d.market_ticker = "KXA-1";
  d.price_dollars = yes[0].p;
  d.delta_fp = quantity::contracts(5);
  change.body = d;
  const auto frame = [](std::chrono::seconds at, std::string text) {
    return tape::record{recorded + at,  venue_id::kalshi, tape::record_kind::ws_in, "ws", "",
                        std::move(text)};
  };
  tape_world w = tape_world::make(bare({frame(1s, ks::ws::encode(snapshot)),
                                        frame(2s, R"({"type":"orderbook_delta","sid":1,"seq":2)"),
                                        frame(3s, ks::ws::encode(change))}),
                                  replayed)
                     .value();
  w.advance(replayed + 9s, [](const world_event&) {});
  EXPECT_EQ(w.counters().unreadable, 1u);
  EXPECT_EQ(w.counters().lost, 1u);
  EXPECT_EQ(w.at(w.find("KXA-1").value()).book.best(book_side::bid)->q, quantity::contracts(10));
}

TEST(tape_world, a_venue_without_rest_answers_cannot_be_played) {
  tape_recording r = bare({});
  r.records.pop_back();
  const auto made = tape_world::make(std::move(r), replayed);
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().code, errc::malformed);
  EXPECT_NE(made.error().message.find("polymarket"), std::string::npos);
}

TEST(tape_world, a_tape_without_books_is_played_with_a_warning) {
  const tape_world w = tape_world::make(bare({}), replayed).value();
  EXPECT_EQ(w.recording().warnings.size(), 2u);
}

class tape_answers : public testing::Test {
 protected:
  rest_reply kalshi(tape_world& w, std::chrono::seconds at, std::string_view target) {
    w.advance(replayed + at, [](const world_event&) {});
    return tape_rest{w, books_}.kalshi(test::request_for(target));
  }
  polymarket_books books_;
};

TEST_F(tape_answers, markets_are_those_of_the_recording_with_their_dates_carried_over) {
  tape_world w = tape_world::make(run().tape, replayed).value();
  const auto events = ks::decode_event_page(kalshi(w, 0s, run().kalshi_events_target).body).value();
  ASSERT_FALSE(events.events.empty());
  ASSERT_FALSE(events.events[0].markets.empty());
  const ks::market& m = events.events[0].markets[0];
  EXPECT_EQ(m.open_time, replayed);
  EXPECT_GT(m.close_time, replayed + 24h);
  tape_rest rest{w, books_};
  const auto gamma = pm::gamma::decode_events_page(
                         rest.polymarket(test::request_for(run().polymarket_events_target)).body)
                         .value();
  EXPECT_FALSE(gamma.rows.empty());
}

TEST_F(tape_answers, the_answer_is_the_latest_of_its_moment_or_else_the_first) {
  tape_world w =
      tape_world::make(bare({rest_record(10s, venue_id::kalshi, "/trade-api/v2/a?x=1&y=2", "1"),
                             rest_record(20s, venue_id::kalshi, "/trade-api/v2/a?y=2&x=1", "2")}),
                       replayed)
          .value();
  EXPECT_EQ(kalshi(w, 0s, "/trade-api/v2/a?x=1&y=2").body, "1");
  EXPECT_EQ(kalshi(w, 19s, "/trade-api/v2/a?y=2&x=1").body, "1");
  EXPECT_EQ(kalshi(w, 20s, "/trade-api/v2/a?x=1&y=2").body, "2");
  EXPECT_EQ(kalshi(w, 99s, "/trade-api/v2/a?x=1&y=2").body, "2");
}

TEST_F(tape_answers, what_was_never_asked_is_an_honest_404) {
  tape_world w = tape_world::make(bare({}), replayed).value();
  const rest_reply r = kalshi(w, 0s, "/trade-api/v2/series/KXNONE");
  EXPECT_EQ(r.status, 404u);
  EXPECT_NE(r.body.find("the tape holds no answer to /trade-api/v2/series/KXNONE"),
            std::string::npos);
}

TEST_F(tape_answers, a_list_that_the_recorder_left_halfway_is_answered_from_the_pass_before) {
  const std::string first = "/trade-api/v2/events?status=open";
  const std::string second = "/trade-api/v2/events?status=open&cursor=c2";
  tape_world w =
      tape_world::make(bare({rest_record(1s, venue_id::kalshi, first, R"({"cursor":"c2","n":1})"),
                             rest_record(2s, venue_id::kalshi, second, R"({"cursor":""})"),
                             rest_record(9s, venue_id::kalshi, first, R"({"cursor":"c9","n":2})")}),
                       replayed)
          .value();
  EXPECT_EQ(kalshi(w, 30s, first).body, R"({"cursor":"c2","n":1})");
}

TEST(tape_clock, carries_times_over_and_leaves_prose_and_never_alone) {
  const tape_clock c{recorded, replayed, 1'000'000};
  const std::string then = to_rfc3339(recorded + 1h).substr(0, 19) + "Z";
  const std::string now = to_rfc3339(replayed + 1h).substr(0, 19) + "Z";
  EXPECT_EQ(c.served_document(R"({"a":")" + then + R"(","b":"until )" + then + R"(","c":"\")" +
                              then + R"(\"","d":"0001-01-01T00:00:00Z"})"),
            R"({"a":")" + now + R"(","b":"until )" + then + R"(","c":"\")" + then +
                R"(\"","d":"0001-01-01T00:00:00Z"})");
  EXPECT_EQ(c.served_document(R"(["2026-05-28 20:26:40.5+00"])"),
            "[\"" + to_rfc3339(replayed + 500ms) + "\"]");
  EXPECT_EQ(c.served_document("not json: \"2026"), "not json: \"2026");
}

TEST(tape_clock, both_directions_agree_at_any_speed) {
  for (const std::int64_t speed : {10'000, 500'000, 1'000'000, 7'000'000, 100'000'000}) {
    const tape_clock c{recorded, replayed, speed};
    const timestamp t = recorded + 1234s;
    EXPECT_LE(std::chrono::abs(c.on_tape(c.served(t)) - t), 100us) << speed;
  }
}

}  // namespace
}  // namespace cornice::sim
