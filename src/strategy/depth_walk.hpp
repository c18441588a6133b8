// How much of a bundle the books offer, and what it costs.
#pragma once

#include "cornice/model/order_book.hpp"
#include "strategy/candidate.hpp"

#include <array>
#include <span>
#include <vector>

namespace cornice::strategy {

/// Bounds of one walk. All amounts are what may still be spent.
struct walk_bounds {
  quantity size;
  money cost;  ///< all legs, fees included
  std::array<money, std::size(all_venues)> cash;
};

/// What stopped the walk from going further.
enum class walk_stop : std::uint8_t { depth, edge, size, cost, cash };

struct walked {
  quantity size;  ///< bundles, on the common step; zero when nothing can be bought
  walk_stop stop = walk_stop::depth;
  std::int64_t top_edge_micros = 0;  ///< per bundle, at the best prices, after fees
  bool any_depth = false;            ///< every leg offers something
};

/// Walks the asks of all legs together, best prices first, as long as one more contract of each leg
/// still earns something after fees. O(total levels). The legs' books must be usable.
[[nodiscard]] walked walk(std::span<const contract_slot* const> legs, std::int64_t payoff_units,
                          const walk_bounds& bounds);

/// Cost and fee of buying `size` from the asks of `slot`, which must offer that much.
[[nodiscard]] opportunity_leg fill_leg(const contract_slot& slot, quantity size);

/// What `slot` offers at `limit` or better.
[[nodiscard]] quantity offered_up_to(const contract_slot& slot, price limit);

}  // namespace cornice::strategy
