// Worst case of everything held, open and in doubt, kept up to date order by order.
#pragma once

#include "cornice/model/ids.hpp"
#include "cornice/model/money.hpp"

#include <cstddef>
#include <map>

namespace cornice::execution {

/// What an order that is not proved to be over may still do.
struct reservation {
  contract_id contract;
  order_side side = order_side::buy;
  quantity q;
  /// Buys: limit × q + fee bound, rounded up. Sells: zero (a sale may not happen), except for what
  /// a netting venue turns into a purchase of the opposite contract.
  money cost;
  friend bool operator==(const reservation&, const reservation&) = default;
};

/// Σ per contract and venue. A reservation is replaced by name, so it can neither leak nor count
/// twice. Not thread-safe; O(log n).
class exposure_book {
 public:
  /// Adds, replaces, or (with a zero quantity) removes the reservation of `id`.
  void reserve(const order_id& id, const reservation& r);
  void release(const order_id& id);
  /// The booked holding. Negative quantities count as nothing held.
  void set_position(const contract_id& c, quantity q, money cost);

  /// Held plus every open buy.
  [[nodiscard]] quantity worst_long(const contract_id& c) const;
  [[nodiscard]] quantity held(const contract_id& c) const;
  [[nodiscard]] quantity open_sells(const contract_id& c) const;
  /// Cost of what is held plus the worst cost of open buys: all that can be lost.
  [[nodiscard]] money at_risk(const contract_id& c) const;
  [[nodiscard]] money at_risk(venue_id v) const;
  [[nodiscard]] money gross() const noexcept { return gross_; }
  /// Cash that open buys may still take.
  [[nodiscard]] money reserved_cash(venue_id v) const;
  [[nodiscard]] std::size_t open_orders(venue_id v) const;
  [[nodiscard]] std::size_t open_orders() const noexcept { return reservations_.size(); }
  [[nodiscard]] const std::map<order_id, reservation>& reservations() const noexcept {
    return reservations_;
  }

 private:
  struct contract_sum {
    quantity held;
    money held_cost;
    quantity open_buys;
    quantity open_sells;
    money open_cost;
    [[nodiscard]] bool empty() const noexcept;
  };
  struct venue_sum {
    money at_risk;
    money reserved;
    std::size_t orders = 0;
  };
  void add(const reservation& r, int sign);

  std::map<order_id, reservation> reservations_;
  std::map<contract_id, contract_sum> contracts_;
  std::map<venue_id, venue_sum> venues_;
  money gross_;
};

}  // namespace cornice::execution
