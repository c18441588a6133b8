// REST answers from a tape.
#pragma once

#include "cornice/sim/polymarket_books.hpp"
#include "cornice/sim/rest.hpp"
#include "cornice/sim/tape_world.hpp"

#include <cstddef>
#include <map>
#include <string>
#include <vector>

namespace cornice::sim {

/// A request is matched by path and query, whatever the order of its parameters, and gets what the
/// venue had last answered by this moment of the tape, or else the first answer after it. Times in
/// it are carried over to the replay's. Order books are answered from the board, because requests
/// name other books than the recorder's did. What was never asked is a 404 that says so. A page
/// whose next page is missing, because the recorder stopped between them, is left out as long as
/// there is a complete one. There are no budgets. Not thread-safe.
class tape_rest {
 public:
  tape_rest(const tape_world& w, polymarket_books& books);
  rest_reply kalshi(const rest_request& r);
  rest_reply polymarket(const rest_request& r);
  [[nodiscard]] const rest_counters& counters(venue_id v) const noexcept {
    return v == venue_id::kalshi ? kalshi_counters_ : polymarket_counters_;
  }

 private:
  [[nodiscard]] const venue::tape::record* answer(venue_id v, const rest_request& r) const;
  rest_reply kalshi_answer(const rest_request& r) const;
  rest_reply polymarket_answer(const rest_request& r);

  const tape_world& world_;
  polymarket_books& books_;
  std::map<std::string, std::vector<std::size_t>> answers_;  // by request: records, in order
  rest_counters kalshi_counters_;
  rest_counters polymarket_counters_;
};

}  // namespace cornice::sim
