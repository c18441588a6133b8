// The risk gate: the only maker of an approved_order, and the gateway takes nothing else.
#pragma once

#include "cornice/execution/breaker.hpp"
#include "cornice/execution/exposure.hpp"
#include "cornice/execution/market_view.hpp"
#include "cornice/execution/order.hpp"
#include "cornice/execution/positions.hpp"
#include "cornice/execution/risk_limits.hpp"
#include "cornice/model/decisions.hpp"

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace cornice::execution {

/// An order that passed every check. Carries the listing facts that the gateway needs to build the
/// request, as they were when it was approved.
class approved_order {
 public:
  [[nodiscard]] const order_terms& terms() const noexcept { return terms_; }
  [[nodiscard]] const listing& listed() const noexcept { return listing_; }
  [[nodiscard]] venue_id venue() const noexcept { return terms_.contract.venue(); }

 private:
  friend class risk_gate;
  approved_order(order_terms t, listing l) : terms_{std::move(t)}, listing_{std::move(l)} {}
  order_terms terms_;
  listing listing_;
};

/// Why not, with its numbers.
struct refusal {
  std::string check;  ///< stable name, see risk_checks()
  contract_id contract;
  std::int64_t value = 0;
  std::int64_t limit = 0;
  std::string unit;  ///< micro_dollars, micro_contracts, ms, count; empty when there is no number
  std::string text;  ///< one sentence
  friend bool operator==(const refusal&, const refusal&) = default;
};

/// One order that wants approval.
struct order_request {
  order_terms terms;
  std::optional<std::uint64_t> book_epoch;  ///< the book the price was computed on; opening legs
};

/// All orders of a bundle: approved together or not at all.
struct bundle_request {
  const opportunity* source = nullptr;
  std::vector<order_request> legs;
};

/// What the gate looks at; owned by the order manager.
struct risk_view {
  const market_view& markets;
  const position_book& positions;
  const ledger& books;
  const breaker_panel& breakers;
  bool armed = false;  ///< paper, or live with its switches on, and the lease held
  std::set<venue_id> reconciled;
  std::int64_t open_bundles = 0;
  std::int64_t pending_commits = 0;
  money day_result;  ///< since 00:00 UTC, realised after fees plus change of unrealised
  const std::set<contract_id>& in_doubt;  ///< contracts with an order in doubt
  std::function<bool(const opportunity_id&)> opportunity_known;
  std::function<bool(const order_id&)> order_known;
};

/// Names of the checks in the order in which they are evaluated.
[[nodiscard]] std::span<const std::string_view> risk_checks();

/// Stateful only in its rate and repeat windows. Not thread-safe. A check is O(log n), the market
/// exposure O(family).
class risk_gate {
 public:
  explicit risk_gate(risk_limits limits);
  void set_limits(risk_limits limits) { limits_ = std::move(limits); }
  [[nodiscard]] const risk_limits& limits() const noexcept { return limits_; }

  /// Approves every leg and reserves its worst case in `exposure`, or changes nothing.
  std::variant<std::vector<approved_order>, refusal> admit(const bundle_request& r,
                                                           const risk_view& view,
                                                           exposure_book& exposure, timestamp now);
  /// One completing or unwinding order of a bundle that was admitted before.
  std::variant<approved_order, refusal> admit(const order_request& r, const risk_view& view,
                                              exposure_book& exposure, timestamp now);

 private:
  struct bucket {
    std::int64_t micro_tokens = 0;
    timestamp filled{};
    bool started = false;
  };
  struct recent_order {
    contract_id contract;
    order_side side;
    price limit;
    quantity size;
    timestamp at;
  };

  std::variant<std::vector<approved_order>, refusal> run(const opportunity* source,
                                                         std::span<const order_request> legs,
                                                         const risk_view& view,
                                                         exposure_book& exposure, timestamp now);
  void refill(venue_id v, timestamp now);
  void remember(const order_terms& t, timestamp now);
  [[nodiscard]] std::int64_t repeats_of(const order_terms& t, timestamp now) const;

  static constexpr std::size_t max_recent = 4'096;
  risk_limits limits_;
  std::map<venue_id, bucket> buckets_;
  std::deque<recent_order> recent_;
};

/// What an order may still do, for exposure_book. Fees are bounded by the listing's schedule; an
/// unknown listing counts a whole dollar a contract. Where pairs are netted, the part of a sale
/// that goes beyond what `others` hold and do not sell already is a purchase of the opposite
/// contract.
[[nodiscard]] reservation reservation_of(const order_terms& t, quantity remaining,
                                         const market_view& markets, const exposure_book& others);

}  // namespace cornice::execution
