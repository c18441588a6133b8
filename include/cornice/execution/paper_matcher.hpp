// How the paper venue fills an order against the live books: pure, and never more generous than a
// real venue.
#pragma once

#include "cornice/execution/market_view.hpp"
#include "cornice/execution/order.hpp"
#include "cornice/model/accounts.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace cornice::execution {

/// An order as the paper venue has it.
struct paper_order {
  venue_order_id id;
  order_terms terms;
  quantity filled;
  order_report::status status = order_report::status::resting;
  std::string reason;
  friend bool operator==(const paper_order&, const paper_order&) = default;
};

/// What one order did; nothing of it counts before the caller has made it durable and applied it.
struct paper_result {
  paper_order order;
  std::vector<fill_report> fills;
  money cash;                                          ///< of the venue's account, afterwards
  std::vector<std::pair<contract_id, quantity>> held;  ///< changed holdings, afterwards
};

/// Account and rules of all paper venues. Execution is immediate: latency is the caller's, who
/// decides when to ask.
///
/// Buys take asks, sells take bids, best price first, at the levels' prices, up to the limit, the
/// size, the cash and the holding. What an earlier fill of ours took from a level is gone until
/// that level's total changes or `replenish` has passed; YES and NO of one listing are one pool. An
/// unusable or missing book fills nothing. A resting order fills when the opposite side crosses it,
/// as maker at its own limit. Not thread-safe; O(levels) an order.
class paper_matcher {
 public:
  explicit paper_matcher(std::chrono::milliseconds replenish) : replenish_{replenish} {}

  [[nodiscard]] market_view& markets() noexcept { return markets_; }
  [[nodiscard]] const market_view& markets() const noexcept { return markets_; }
  void restore(venue_id venue, money cash);
  void restore(const contract_id& contract, quantity held);
  void restore(paper_order resting);

  /// A new order. A refused one comes back as `rejected` with the venue's kind of reason.
  [[nodiscard]] paper_result place(const order_terms& terms, timestamp now) const;
  /// What a new book does to the resting orders of its contract, in order of id. The first one that
  /// fills is returned; apply it and ask again.
  [[nodiscard]] std::optional<paper_result> cross(const contract_id& contract, timestamp now) const;
  [[nodiscard]] std::optional<paper_result> cancel(const order_id& id) const;
  /// The listing paid out: both contracts of it are closed. Nothing when none is held.
  [[nodiscard]] std::optional<paper_result> settle(const listing& l) const;
  /// Takes over a result that became durable.
  void apply(const paper_result& r, timestamp now);

  [[nodiscard]] money cash(venue_id v) const;
  [[nodiscard]] quantity held(const contract_id& c) const;

 private:
  struct pool_level {
    std::string listing;
    bool yes_ask = true;  ///< else the YES bid
    price yes_price;
    friend auto operator<=>(const pool_level&, const pool_level&) = default;
  };
  struct taken {
    quantity amount;
    quantity shown;  ///< the level's total when it was taken
    timestamp at;
  };
  [[nodiscard]] pool_level pool_of(const contract_id& c, order_side s, price p) const;
  [[nodiscard]] quantity available(const contract_id& c, order_side s, const level& l,
                                   timestamp now) const;
  [[nodiscard]] std::string refusal_of(const order_terms& t) const;
  void take(const paper_order& o, const listing& l, timestamp now, paper_result& out) const;
  void book_fill(const listing& l, price p, quantity q, liquidity role, money fee, timestamp now,
                 paper_result& out) const;

  std::chrono::milliseconds replenish_;
  market_view markets_;
  std::map<venue_id, money> cash_;
  std::map<contract_id, quantity> held_;
  std::map<order_id, paper_order> resting_;
  std::map<pool_level, taken> taken_;
};

}  // namespace cornice::execution
