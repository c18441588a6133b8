#include "model/json_codec.hpp"

namespace cornice {
namespace json {

template <>
struct schema<opportunity_leg> {
  static void fields(auto& io, auto& m) {
    io("contract", m.contract);
    io("side", m.side);
    io("limit", m.limit);
    io("size", m.size, positive);
    io("cost", m.cost);
    io("fee", m.fee);
    io("book_epoch", m.book_epoch);
    io("book_revision", m.book_revision);
  }
};

template <>
struct schema<opportunity> {
  static void fields(auto& io, auto& m) {
    io("id", m.id);
    io("kind", m.kind);
    io("market", m.market, may_be_empty);
    io("legs", m.legs, count_between{2, max_bus_legs});
    io("size", m.size, positive);
    io("payoff", m.payoff);
    io("cost", m.cost);
    io("fees", m.fees);
    io("edge", m.edge);
    io("annual_return_ppm", m.annual_return_ppm);
    io("resolves", m.resolves, may_be_unknown);
    io("created", m.created);
    io("expires", m.expires);
    io("trace", m.trace, may_be_empty);
    io("reasons", m.reasons, count_between{0, max_bus_reasons}, as_text);
  }
};

template <>
struct schema<opportunity_refusal> {
  static void fields(auto& io, auto& m) {
    io("kind", m.kind);
    io("market", m.market, may_be_empty);
    io("contracts", m.contracts, count_between{0, max_bus_market_contracts});
    io("gate", m.gate, as_word);
    io("margin", m.margin);
    io("margin_unit", m.margin_unit, as_word);
    io("evaluated", m.evaluated);
    io("trace", m.trace, may_be_empty);
  }
};

}  // namespace json

CORNICE_CODEC(opportunity)
CORNICE_CODEC(opportunity_refusal)

}  // namespace cornice
