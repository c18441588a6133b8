// Messages on cornice.decision: what `strategy` makes of the signals.
#pragma once

#include "cornice/base/time.hpp"
#include "cornice/model/ids.hpp"
#include "cornice/model/listing.hpp"
#include "cornice/model/money.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace cornice {

enum class opportunity_kind : std::uint8_t { complement, outcome_set, cross_venue };
[[nodiscard]] std::string_view to_string(opportunity_kind k) noexcept;
[[nodiscard]] result<opportunity_kind> parse_opportunity_kind(std::string_view text);

/// One order that an opportunity wants. Every leg is a buy in today's kinds; `side` is carried for
/// the unwinds.
struct opportunity_leg {
  contract_id contract;
  order_side side = order_side::buy;
  price limit;  ///< worst level used; on the contract's grid
  quantity size;
  money cost;  ///< Σ level price × size over the levels walked, rounded up
  money fee;   ///< exact taker fee of those fills, venue rounding
  std::uint64_t book_epoch = 0;
  std::uint64_t book_revision = 0;
  friend bool operator==(const opportunity_leg&, const opportunity_leg&) = default;
};

struct opportunity {
  opportunity_id id;
  opportunity_kind kind = opportunity_kind::complement;
  market_id market;                   ///< empty for a complement within one listing
  std::vector<opportunity_leg> legs;  ///< in the order in which they should be sent; 2..32
  quantity size;                      ///< bundles
  money payoff;                       ///< guaranteed payout in every outcome
  money cost;                         ///< Σ legs: what is locked
  money fees;
  money edge;  ///< payoff - cost - fees; > 0
  std::int64_t annual_return_ppm =
      0;  ///< edge on cost+fees, per year of lock-up; a ranking figure, not money
  timestamp resolves{};
  timestamp created{};
  timestamp expires{};  ///< refused when later
  trace_id trace;
  std::vector<std::string> reasons;  ///< short sentences for people
  friend bool operator==(const opportunity&, const opportunity&) = default;
};

/// A candidate that was looked at and not taken: the first gate that failed and by how much.
struct opportunity_refusal {
  opportunity_kind kind = opportunity_kind::complement;
  market_id market;
  std::vector<contract_id> contracts;
  std::string gate;  ///< stable name: stale_book, unusable_book, no_depth, no_edge, below_min_edge,
                     ///< not_approved, …
  std::int64_t margin =
      0;  ///< how far from passing, in `margin_unit`; negative = failed by that much
  std::string margin_unit;  ///< micro_dollars, ms, micro_contracts, ppm
  timestamp evaluated{};
  trace_id trace;
  friend bool operator==(const opportunity_refusal&, const opportunity_refusal&) = default;
};

}  // namespace cornice
