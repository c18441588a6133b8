// One connection to Polymarket's market channel as the venue runs it, without I/O.
#pragma once

#include "cornice/sim/faults.hpp"
#include "cornice/sim/kalshi_session.hpp"
#include "cornice/sim/market_board.hpp"
#include "cornice/sim/polymarket_books.hpp"

#include <cstdint>
#include <set>
#include <string>
#include <string_view>

namespace cornice::sim {

/// The initial dump is one array; a change names both tokens of its market with the hash of each
/// resulting book; a trade is followed by fresh books. Above `snapshots_max` assets the venue sends
/// no snapshots. Not thread-safe.
class polymarket_session {
 public:
  static constexpr std::size_t snapshots_max = 500;

  polymarket_session(const market_board& board, polymarket_books& books, fault_schedule& faults);

  void on_text(std::string_view text, session_output& out);
  /// The board must stand right behind the event.
  void on_event(const world_event& e, session_output& out);

  [[nodiscard]] std::uint64_t refused_frames() const noexcept { return refused_; }

 private:
  void subscribe(const std::vector<std::string>& assets, bool dump, session_output& out);
  void announce(const announced& a, session_output& out);
  void change(const book_changed& e, session_output& out);
  void books_of(std::size_t listing, session_output& out);
  void trade(const traded& e, session_output& out);
  void tick(const grid_changed& e, session_output& out);
  [[nodiscard]] bool subscribed(const sim_listing& l) const;

  const market_board& board_;
  polymarket_books& books_;
  fault_schedule& faults_;
  std::set<std::string, std::less<>> assets_;
  bool greeted_ = false;
  bool custom_ = false;
  std::uint64_t refused_ = 0;
};

}  // namespace cornice::sim
