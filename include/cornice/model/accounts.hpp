// Messages on cornice.account: what a venue says of our own account. In paper mode the paper venue
// says it.
#pragma once

#include "cornice/base/time.hpp"
#include "cornice/model/ids.hpp"
#include "cornice/model/money.hpp"
#include "cornice/model/order.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace cornice {

/// One execution. `fill` is unique per venue; applying the same report twice changes nothing.
struct fill_report {
  venue_id venue = venue_id::sim;
  venue_fill_id fill;
  venue_order_id venue_order;
  order_id order;  ///< client order id where the venue echoes it, else empty
  contract_id contract;
  order_side side = order_side::buy;
  price p;  ///< of this contract (not of its complement)
  quantity q;
  money fee;
  liquidity role = liquidity::taker;
  timestamp venue_time{};
  trace_id trace;
  friend bool operator==(const fill_report&, const fill_report&) = default;
};

/// What the venue knows of one order. Evidence for the order machine.
struct order_report {
  enum class status : std::uint8_t { resting, filled, cancelled, rejected, not_found };
  venue_id venue = venue_id::sim;
  order_id order;
  venue_order_id venue_order;
  status state = status::resting;
  quantity filled;  ///< cumulative
  quantity remaining;
  std::string reason;  ///< venue's words on a rejection or cancellation
  timestamp venue_time{};
  trace_id trace;
  friend bool operator==(const order_report&, const order_report&) = default;
};
[[nodiscard]] std::string_view to_string(order_report::status s) noexcept;
[[nodiscard]] result<order_report::status> parse_order_report_status(std::string_view text);

struct balance_report {
  venue_id venue = venue_id::sim;
  money cash;  ///< free to spend
  timestamp observed{};
  friend bool operator==(const balance_report&, const balance_report&) = default;
};

struct position_entry {
  contract_id contract;
  quantity q;
  friend bool operator==(const position_entry&, const position_entry&) = default;
};

/// The whole account of a venue at one instant, answer to a reconcile request.
struct account_snapshot {
  venue_id venue = venue_id::sim;
  std::string request_id;
  std::vector<order_report>
      orders;                      ///< open ones and everything changed since the request's `since`
  std::vector<fill_report> fills;  ///< since the request's `since`
  std::vector<position_entry> positions;
  money cash;
  timestamp observed{};
  friend bool operator==(const account_snapshot&, const account_snapshot&) = default;
};

}  // namespace cornice
