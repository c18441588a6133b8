// Both venues' books and news from a tape: the same events as a made-up world's.
#pragma once

#include "cornice/base/result.hpp"
#include "cornice/sim/market_board.hpp"
#include "cornice/sim/tape_clock.hpp"
#include "cornice/sim/tape_file.hpp"
#include "cornice/venue/kalshi/ws.hpp"
#include "cornice/venue/polymarket/ws.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cornice::sim {

struct tape_counters {
  std::uint64_t book_changes = 0;
  std::uint64_t trades = 0;
  std::uint64_t unreadable = 0;  ///< frames and REST books that could not be read
  std::uint64_t lost = 0;        ///< books of which changes are missing until the next snapshot
};

/// Decodes what the venues sent, keeps every market's book, and tells what changes; how clients
/// subscribe is left to the sessions. A market's book stands from the start with its first snapshot
/// on the tape, which is what a client finds who comes earlier than the recorder did. Where the
/// recorder lost frames, the book stays as it was until the tape's next snapshot of it.
///
/// Deterministic; not thread-safe. Memory: that of the recording.
class tape_world : public market_board {
 public:
  /// `start` is when the tape's first record is played. Errors: malformed (a venue has no REST
  /// answer on the tape, so no client could learn its markets).
  static result<tape_world> make(tape_recording recording, timestamp start,
                                 std::int64_t speed_ppm = 1'000'000);

  /// Plays up to `now`.
  void advance(timestamp now, const sink& out);
  /// Everything has been played; the last books stand.
  [[nodiscard]] bool ended() const noexcept { return next_ == recording_.records.size(); }

  [[nodiscard]] const tape_recording& recording() const noexcept { return recording_; }
  /// When record `i` came, never going backwards.
  [[nodiscard]] timestamp tape_time(std::size_t i) const { return times_.at(i); }
  [[nodiscard]] const tape_clock& clock() const noexcept { return clock_; }
  [[nodiscard]] const tape_counters& counters() const noexcept { return counters_; }

 private:
  // What the recorder knew of a market at this point of the tape.
  struct following {
    std::string connection;   // that streams it; empty: none
    bool intact = false;      // every change since its snapshot is on the tape
    bool owes_books = false;  // a trade was told; the books after it are not
  };
  struct sequence {
    std::int64_t last = 0;
    bool of_books = false;
  };
  struct pair_facts {
    std::array<std::string, 2> tokens;
    std::string gamma_id;
    std::string slug;
    std::string min_order_size;
    bool neg_risk = false;
  };

  static constexpr std::string_view orderbooks_path = "/markets/orderbooks";

  tape_world(tape_recording recording, std::vector<timestamp> times, const tape_clock& clock,
             timestamp start);
  // tape_seed.cpp
  void seed();
  void seed_kalshi(const venue::tape::record& r);
  [[nodiscard]] std::map<std::string, pair_facts, std::less<>> facts_of_markets();
  void seed_polymarket();
  void for_each_message(const std::function<void(const venue::tape::record&,
                                                 const venue::polymarket::ws::message&)>& f);
  /// Streamed ones, then those of REST.
  void for_each_book(const std::function<void(const venue::tape::record&,
                                              const venue::polymarket::book_view&)>& f);
  std::size_t enlist_kalshi(std::string_view ticker, std::string_view uuid);

  // tape_world.cpp
  void play(const venue::tape::record& r, const sink& out);
  void forget(venue_id venue, std::string_view connection);
  void lose_all(venue_id venue, std::string_view connection);
  void lose(std::size_t at);
  void replace_book(std::size_t at, const order_book& fresh, bool by_trade, const sink& out);
  void change_levels(std::size_t at, std::vector<level_update> levels, bool by_trade,
                     const sink& out);
  void stamp(sim_listing& l, std::optional<timestamp> venue_time);
  void deal(std::size_t at, trade_record t, const sink& out);

  // tape_kalshi.cpp
  void kalshi_frame(const venue::tape::record& r, const sink& out);
  void kalshi_books(const venue::tape::record& r, const sink& out);
  bool in_sequence(const venue::tape::record& r, const venue::kalshi::ws::frame& f);
  void kalshi_snapshot(const venue::tape::record& r, const venue::kalshi::ws::frame& f,
                       const venue::kalshi::ws::orderbook_snapshot& m, const sink& out);
  void kalshi_delta(const venue::kalshi::ws::orderbook_delta& m, const sink& out);
  void kalshi_trade(const venue::kalshi::ws::trade& m, const sink& out);
  void kalshi_news(venue::kalshi::ws::market_lifecycle m, const sink& out);

  // tape_polymarket.cpp
  void polymarket_frame(const venue::tape::record& r, const sink& out);
  void polymarket_books(const venue::tape::record& r, const sink& out);
  void polymarket_book(const venue::tape::record& r, const venue::polymarket::book_view& b,
                       const sink& out);
  void polymarket_change(const venue::polymarket::ws::price_change& m, const sink& out);
  void polymarket_trade(const venue::polymarket::ws::last_trade& m, const sink& out);
  void polymarket_tick(std::size_t at, std::int64_t tick_micros, const sink& out);
  void polymarket_resolved(venue::polymarket::ws::market_resolved m, const sink& out);

  tape_recording recording_;
  std::vector<timestamp> times_;
  tape_clock clock_;
  std::size_t next_ = 0;
  std::vector<following> following_;                                    // beside listings_
  std::map<std::pair<std::string, std::int64_t>, sequence> sequences_;  // connection, sid
  venue::kalshi::ws::decoder kalshi_decoder_;
  venue::polymarket::ws::decoder polymarket_decoder_;
  tape_counters counters_;
};

/// The YES contract's book from what one of its tokens shows. Errors: out_of_range (a level that no
/// book can have).
[[nodiscard]] result<order_book> yes_book_of(const venue::polymarket::book_view& b, bool yes_token);

}  // namespace cornice::sim
