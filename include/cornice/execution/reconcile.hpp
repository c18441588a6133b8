// Our account against the venue's, as a pure difference.
#pragma once

#include "cornice/execution/market_view.hpp"
#include "cornice/execution/order.hpp"
#include "cornice/execution/positions.hpp"
#include "cornice/model/accounts.hpp"

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace cornice::execution {

struct reconcile_policy {
  /// A venue's reads lag its engine (Kalshi's as_of_time says by how much): an order that a query
  /// does not show is proved absent only this long after it was last sent.
  std::int64_t absent_after_ms = 15'000;
  /// Quantities and cash are not compared for what changed this shortly before the snapshot.
  std::int64_t settle_ms = 5'000;
  /// Cash may differ by roundings of the venue; more than this is a difference.
  money cash_tolerance = money{50'000};
  /// Quantities may differ by dust.
  quantity quantity_tolerance = order_dust;
};

struct snapshot_request {
  venue_id venue = venue_id::sim;
  std::string request_id;
  timestamp since{};  ///< orders and fills changed since then are asked for
  timestamp issued{};
  friend bool operator==(const snapshot_request&, const snapshot_request&) = default;
};

/// What the venue says of an order of ours; evidence venue_query.
struct order_resolution {
  order_id id;
  order_report report;
};

struct position_difference {
  contract_id contract;
  quantity ours;  ///< after the fills to apply
  quantity venue;
};

struct reconcile_result {
  std::vector<fill_report> fills;  ///< not booked yet, oldest first
  std::vector<order_resolution> orders;
  std::vector<order_id> unresolved;        ///< still nobody knows: ask again later
  std::vector<venue_order_id> foreign;     ///< open at the venue, not ours
  std::vector<fill_report> foreign_fills;  ///< of orders that are not ours
  std::vector<position_difference> positions;
  /// Venue minus ours when beyond the tolerance; not looked at while orders are open or fills are
  /// fresh, because venues count reserved cash differently.
  std::optional<money> cash_difference;
  /// No foreign order or fill, no difference of positions or cash.
  [[nodiscard]] bool explained() const noexcept {
    return foreign.empty() && foreign_fills.empty() && positions.empty() && !cash_difference;
  }
  /// One sentence with the first differences, for the breaker and the audit trail.
  [[nodiscard]] std::string summary() const;
};

struct our_account {
  std::span<const order* const> open;  ///< of this venue: not terminal or with fills to come
  /// Any order of ours, finished ones included, by our id or else by the venue's; null when
  /// unknown.
  std::function<const order*(const order_id&, const venue_order_id&)> find;
  const position_book& positions;
  money cash;
  const market_view& markets;
  /// When a fill of the contract was last booked; epoch when never.
  std::function<timestamp(const contract_id&)> last_booked;
};

[[nodiscard]] reconcile_result reconcile(const our_account& ours, const account_snapshot& venue,
                                         const snapshot_request& request,
                                         const reconcile_policy& policy);

/// The fill in the terms of an order: turned around when the venue nets pairs and reports the
/// opposite contract. Nothing when it cannot belong to this order.
[[nodiscard]] std::optional<fill_report> in_terms_of(const order_terms& t, const fill_report& f,
                                                     const market_view& markets);

}  // namespace cornice::execution
