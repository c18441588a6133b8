// From Kalshi's market, event and series to Cornice's listing (reference 6, 7).
#pragma once

#include "cornice/base/result.hpp"
#include "cornice/base/time.hpp"
#include "cornice/model/listing.hpp"
#include "cornice/venue/kalshi/catalogue.hpp"

#include <optional>
#include <span>
#include <string_view>

namespace cornice::venue::kalshi {

/// Scheduled fee changes, as far as they are known.
struct fee_changes {
  std::span<const series_fee_change> series;
  std::span<const event_fee_change> events;
};

/// Type and multiplier that a market's fees follow.
struct effective_fee {
  kalshi::fee_type type = kalshi::fee_type::unknown;
  ratio multiplier;
  friend bool operator==(const effective_fee&, const effective_fee&) = default;
};

/// What holds at `now`: the override of the event where it has one, else the series, each as the
/// latest change left it that fell due after `fetched` (when series and event were read) and not
/// after `now`. A change that is already in what was read is harmless: it says the same.
[[nodiscard]] effective_fee fee_at(const series& s, const event& e, const fee_changes& changes,
                                   timestamp fetched, timestamp now);

/// The earliest scheduled change of this market's fees after `now`: when to ask fee_at again.
[[nodiscard]] std::optional<timestamp> next_fee_change(const series& s, const event& e,
                                                       const fee_changes& changes, timestamp now);

/// The model of a type. `flat` and words that are not known have no published formula: their model
/// is unknown, which never trades. So is a multiplier outside 0..100.
[[nodiscard]] fee_schedule to_fee_schedule(const effective_fee& fee) noexcept;

[[nodiscard]] listing_status to_listing_status(market_status s) noexcept;

/// Native part of the contract ids of a market: `TICKER:yes`, `TICKER:no`.
[[nodiscard]] contract_id contract_of(std::string_view ticker, outcome side);

/// The listing of a market.
///
/// `rules` are rules_primary, an empty line, rules_secondary. `expected_resolution` is the expected
/// expiration, or the close, plus the settlement timer. A fee waiver (fee_waiver_expiration_time)
/// counts as charged: whether it covers an order is not documented well enough to bank on it. Only
/// an active binary market accepts orders.
/// Errors: malformed (a ticker that is no id, a price grid that is none), conflict (the market is
/// not of this event, or the event not of this series), refused (a contract that does not pay one
/// dollar: every price formula here rests on it).
[[nodiscard]] result<listing> to_listing(const market& m, const event& e, const series& s,
                                         const fee_changes& changes, timestamp fetched,
                                         timestamp now);

}  // namespace cornice::venue::kalshi
