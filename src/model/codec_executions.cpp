#include "model/json_codec.hpp"

namespace cornice {
namespace json {

template <>
struct schema<order_event> {
  static void fields(auto& io, auto& m) {
    io("order", m.order);
    io("bundle", m.bundle, may_be_empty);
    io("contract", m.contract);
    io("side", m.side);
    io("state", m.state);
    io("evidence", m.evidence, as_word);
    io("limit", m.limit);
    io("size", m.size, not_negative);
    io("filled", m.filled, not_negative);
    io("reason", m.reason, as_text);
    io("at", m.at);
    io("trace", m.trace, may_be_empty);
  }
};

template <>
struct schema<bundle_event> {
  static void fields(auto& io, auto& m) {
    io("bundle", m.bundle);
    io("opportunity", m.opportunity, may_be_empty);
    io("state", m.state);
    io("reason", m.reason, as_text);
    io("unhedged", m.unhedged);
    io("at", m.at);
    io("trace", m.trace, may_be_empty);
  }
};

template <>
struct schema<refusal_event> {
  static void fields(auto& io, auto& m) {
    io("opportunity", m.opportunity, may_be_empty);
    io("check", m.check, as_word);
    io("detail", m.detail, as_text);
    io("at", m.at);
    io("trace", m.trace, may_be_empty);
  }
};

template <>
struct schema<position_event> {
  static void fields(auto& io, auto& m) {
    io("contract", m.contract);
    io("quantity", m.q);
    io("cost", m.cost);
    io("realised", m.realised);
    io("fees", m.fees);
    io("at", m.at);
    io("trace", m.trace, may_be_empty);
  }
};

template <>
struct schema<pnl_event> {
  static void fields(auto& io, auto& m) {
    io("venue", m.venue);
    io("cash", m.cash);
    io("realised", m.realised);
    io("fees", m.fees);
    io("unrealised", m.unrealised);
    io("day_realised", m.day_realised);
    io("at", m.at);
  }
};

template <>
struct schema<breaker_event> {
  static void fields(auto& io, auto& m) {
    io("scope", m.scope, as_word);
    io("state", m.state);
    io("cause", m.cause, as_text);
    io("needs_person", m.needs_person);
    io("by", m.by, as_word);
    io("at", m.at);
  }
};

}  // namespace json

CORNICE_CODEC(order_event)
CORNICE_CODEC(bundle_event)
CORNICE_CODEC(refusal_event)
CORNICE_CODEC(position_event)
CORNICE_CODEC(pnl_event)
CORNICE_CODEC(breaker_event)

}  // namespace cornice
