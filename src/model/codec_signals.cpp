#include "model/json_codec.hpp"

namespace cornice {
namespace json {

template <>
struct schema<trade_signal> {
  static void fields(auto& io, auto& m) {
    io("contract", m.contract);
    io("venue_trade_id", m.venue_trade_id, as_word);
    io("price", m.p);
    io("quantity", m.q, positive);
    io("taker_side", m.taker_side);
    io("venue_time", m.venue_time, may_be_unknown);
    io("received", m.received);
  }
};

template <>
struct schema<feed_signal> {
  static void fields(auto& io, auto& m) {
    io("venue", m.venue);
    io("state", m.state);
    io("reason", m.reason, as_text);
    io("contracts_wanted", m.contracts_wanted, not_negative);
    io("contracts_usable", m.contracts_usable, not_negative);
    io("connections", m.connections, not_negative);
    io("trading_active", m.trading_active);
    io("observed", m.observed);
  }
};

}  // namespace json

CORNICE_CODEC(trade_signal)
CORNICE_CODEC(feed_signal)

}  // namespace cornice
