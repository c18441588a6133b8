// A Gamma market and the CLOB's facts as the model's listing.
#pragma once

#include "cornice/base/result.hpp"
#include "cornice/model/listing.hpp"
#include "cornice/venue/polymarket/clob.hpp"
#include "cornice/venue/polymarket/gamma.hpp"

namespace cornice::venue::polymarket {

/// How long the oracle's liveness usually lasts; capital comes back after it.
inline constexpr std::int64_t default_liveness_s = 7200;

/// Builds the listing: id is the condition id, YES is the first outcome and NO the second, whatever
/// their names (`outcome_name` says). `parent` is the market's event (its own first one when null);
/// `facts` are GET /clob-markets, whose tick, minimum size, fees and flags win over Gamma's cached
/// ones. Not tradable, but still listed: version missing or unknown, asset ids of the wrong
/// generation, tick missing, fees enabled without a schedule.
/// Errors: missing_field (no condition id), refused (not two outcomes with two assets), malformed.
[[nodiscard]] result<listing> to_listing(const gamma::market& m, const gamma::event_info* parent,
                                         const clob::market_info* facts);

/// Settles a closed listing by the CLOB's winner flags, which also know the 50-50 case. Does
/// nothing unless the market is closed and the answer is unambiguous.
void apply_winner(listing& l, const clob::market& m);

}  // namespace cornice::venue::polymarket
