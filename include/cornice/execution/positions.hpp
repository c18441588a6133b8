// What we hold of each contract, what it cost, and what was realised: exact integers, where every
// micro-dollar of cost is either still in a position or was released into realised P&L.
#pragma once

#include "cornice/execution/ledger.hpp"
#include "cornice/model/accounts.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace cornice::execution {

struct position {
  quantity q;      ///< negative only after a venue reported a sale of what we did not have
  money cost;      ///< paid for the open quantity, fees not included; carried as a total
  money realised;  ///< since ever, fees not included
  money fees;      ///< since ever
  friend bool operator==(const position&, const position&) = default;
};

/// What one booking changed: write all of it in one transaction.
struct booking {
  ledger_transaction entry;
  std::vector<contract_id> touched;
  bool oversold = false;  ///< more was sold than held on a venue that does not net: an anomaly
};

/// Kalshi nets YES against NO automatically (its docs on order direction): one pair pays one dollar
/// at once and both holdings shrink. Elsewhere the two contracts are independent.
[[nodiscard]] constexpr bool nets_pairs(venue_id v) noexcept {
  return v == venue_id::kalshi;
}

/// The same trade seen from the opposite contract: buying NO at 0.40 is selling YES at 0.60. Kalshi
/// reports fills by outcome side, without the direction that we asked for. `opposite` is the
/// contract to express it in.
[[nodiscard]] fill_report as_opposite(fill_report f, const contract_id& opposite);

/// All positions. Idempotence is the caller's (order_machine counts a fill once). Not thread-safe.
class position_book {
 public:
  /// Books a fill. `opposite` names the other contract of the listing on a venue that nets pairs,
  /// nothing elsewhere. Cash paid is price × quantity rounded against us (buys up, sells down);
  /// releasing a part of a position releases that part of its cost, rounded half to even, and the
  /// last part releases the rest: Σ is exact.
  booking apply(const fill_report& f, const std::optional<contract_id>& opposite);
  /// The contract was determined: each unit pays `value` (1 for the winner, 0 for the loser, a
  /// fraction on scalar results). Rounded down. Closes the position.
  booking settle(const contract_id& c, ratio value, std::string id, timestamp at);
  /// Brings the quantity to what the venue states, at `unit_cost` for each unit added; part of a
  /// reconcile that a person accepted.
  booking adopt(const contract_id& c, quantity venue_quantity, price unit_cost, std::string id,
                timestamp at);
  void restore(const contract_id& c, const position& p);

  [[nodiscard]] position of(const contract_id& c) const;
  [[nodiscard]] const std::map<contract_id, position>& all() const noexcept { return positions_; }
  /// Σ over the contracts of a venue.
  [[nodiscard]] position totals(venue_id v) const;

 private:
  void net_pairs(const contract_id& a, const contract_id& b, booking& out);

  std::map<contract_id, position> positions_;
};

}  // namespace cornice::execution
