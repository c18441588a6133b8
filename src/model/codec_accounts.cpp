#include "model/json_codec.hpp"

namespace cornice {
namespace json {

template <>
struct schema<fill_report> {
  static void fields(auto& io, auto& m) {
    io("venue", m.venue);
    io("fill", m.fill);
    io("venue_order", m.venue_order, may_be_empty);
    io("order", m.order, may_be_empty);
    io("contract", m.contract);
    io("side", m.side);
    io("price", m.p);
    io("quantity", m.q, positive);
    io("fee", m.fee);
    io("role", m.role);
    io("venue_time", m.venue_time, may_be_unknown);
    io("trace", m.trace, may_be_empty);
  }
};

template <>
struct schema<order_report> {
  static void fields(auto& io, auto& m) {
    io("venue", m.venue);
    io("order", m.order, may_be_empty);
    io("venue_order", m.venue_order, may_be_empty);
    io("state", m.state);
    io("filled", m.filled, not_negative);
    io("remaining", m.remaining, not_negative);
    io("reason", m.reason, as_text);
    io("venue_time", m.venue_time, may_be_unknown);
    io("trace", m.trace, may_be_empty);
  }
};

template <>
struct schema<balance_report> {
  static void fields(auto& io, auto& m) {
    io("venue", m.venue);
    io("cash", m.cash);
    io("observed", m.observed);
  }
};

template <>
struct schema<position_entry> {
  static void fields(auto& io, auto& m) {
    io("contract", m.contract);
    io("quantity", m.q);
  }
};

template <>
struct schema<account_snapshot> {
  static void fields(auto& io, auto& m) {
    constexpr count_between entries{0, max_bus_snapshot_entries};
    io("venue", m.venue);
    io("request_id", m.request_id, as_word);
    io("orders", m.orders, entries);
    io("fills", m.fills, entries);
    io("positions", m.positions, entries);
    io("cash", m.cash);
    io("observed", m.observed);
  }
};

}  // namespace json

CORNICE_CODEC(fill_report)
CORNICE_CODEC(order_report)
CORNICE_CODEC(balance_report)
CORNICE_CODEC(account_snapshot)

}  // namespace cornice
