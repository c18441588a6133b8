// Messages on cornice.execution: what `execution` did. Written through the outbox, so each is
// committed before it is sent.
#pragma once

#include "cornice/base/time.hpp"
#include "cornice/model/ids.hpp"
#include "cornice/model/money.hpp"
#include "cornice/model/order.hpp"

#include <cstdint>
#include <string>

namespace cornice {

struct order_event {
  order_id order;
  bundle_id bundle;
  contract_id contract;
  order_side side = order_side::buy;
  order_state state = order_state::intended;
  std::string evidence;  ///< journal, venue_ack, venue_report, venue_fill, venue_query, …
  price limit;
  quantity size;
  quantity filled;
  std::string reason;
  timestamp at{};
  trace_id trace;
  friend bool operator==(const order_event&, const order_event&) = default;
};

struct bundle_event {
  bundle_id bundle;
  opportunity_id opportunity;
  bundle_state state = bundle_state::accepted;
  std::string reason;
  money unhedged;  ///< worst-case cost of what is open on one side only
  timestamp at{};
  trace_id trace;
  friend bool operator==(const bundle_event&, const bundle_event&) = default;
};

/// An opportunity or order that a risk check turned down.
struct refusal_event {
  opportunity_id opportunity;
  std::string check;   ///< stable name of the risk check
  std::string detail;  ///< with the numbers
  timestamp at{};
  trace_id trace;
  friend bool operator==(const refusal_event&, const refusal_event&) = default;
};

struct position_event {
  contract_id contract;
  quantity q;
  money cost;      ///< what the open quantity cost, fees not included
  money realised;  ///< since ever, fees not included
  money fees;      ///< since ever
  timestamp at{};
  trace_id trace;
  friend bool operator==(const position_event&, const position_event&) = default;
};

struct pnl_event {
  venue_id venue = venue_id::sim;
  money cash;
  money realised;
  money fees;
  money unrealised;    ///< open quantity at the best bid minus cost
  money day_realised;  ///< since 00:00 UTC, after fees
  timestamp at{};
  friend bool operator==(const pnl_event&, const pnl_event&) = default;
};

struct breaker_event {
  std::string scope;  ///< `global` or a venue
  breaker_state state = breaker_state::closed;
  std::string cause;
  bool needs_person = false;  ///< only `resume` closes it
  std::string by;             ///< who or what moved it
  timestamp at{};
  friend bool operator==(const breaker_event&, const breaker_event&) = default;
};

}  // namespace cornice
