// What open positions are worth now.
#pragma once

#include "cornice/execution/market_view.hpp"
#include "cornice/execution/positions.hpp"

#include <map>

namespace cornice::execution {

/// Open positions at their marks minus their cost; every venue is present.
///
/// Contracts that surely pay a sum together are worth that sum where it exceeds their bids: YES and
/// NO of one listing, a YES and a NO of one approved market on whatever venues, a full set of an
/// approved outcome market (exhaustive: its YES pay 1; any: its NO of n members pay n-1). Such sets
/// are held to resolution, and spreads must not look like losses. What the sum exceeds the bids by
/// is shared equally among the legs. The rest is marked at the best bid of the last usable book,
/// and before the first book after a start at cost, the best estimate there is. Rounded down.
///
/// O(p log p + m) for p positions and m contracts of the markets that they belong to. Pure.
[[nodiscard]] std::map<venue_id, money> unrealised_by_venue(const position_book& positions,
                                                            const market_view& markets);

}  // namespace cornice::execution
