// Both tokens' books of a simulated market in Polymarket's texts, with the venue's hash.
#pragma once

#include "cornice/sim/market_board.hpp"
#include "cornice/venue/polymarket/book_hash.hpp"
#include "cornice/venue/polymarket/clob.hpp"

#include <string>

namespace cornice::sim {

/// Price and size as the venue writes them: "0.52", "120.5".
[[nodiscard]] std::string price_text(price p);
[[nodiscard]] std::string size_text(quantity q);

/// Keeps a hasher; one per thread.
class polymarket_books {
 public:
  /// Worst price first, with its hash at the time of the book's last change.
  [[nodiscard]] venue::polymarket::clob::book book_of(const sim_listing& l, outcome token);
  /// The hash of the token's book alone.
  [[nodiscard]] std::string hash_of(const sim_listing& l, outcome token) {
    return book_of(l, token).hash;
  }

 private:
  venue::polymarket::book_hasher hasher_;
};

}  // namespace cornice::sim
