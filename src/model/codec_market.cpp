#include "model/json_codec.hpp"

namespace cornice {
namespace json {

template <>
struct schema<fee_schedule> {
  static void fields(auto& io, auto& m) {
    io("model", m.kind);
    io("taker_rate", m.taker_rate);
    io("maker_rate", m.maker_rate);
    io("multiplier", m.multiplier);
    io("exponent", m.exponent, not_negative);
  }
};

template <>
struct schema<listing> {
  static void fields(auto& io, auto& m) {
    io("venue", m.venue);
    io("id", m.id);
    io("event", m.event, may_be_empty);
    io("series", m.series, as_word);
    io("category", m.category, as_word);
    io("title", m.title, as_text);
    io("outcome_name", m.outcome_name, as_text);
    io("rules", m.rules, as_rules);
    io("rule_hash", m.rule_hash, as_word);
    io("status", m.status);
    io("accepting_orders", m.accepting_orders);
    io("mutually_exclusive", m.mutually_exclusive);
    io("neg_risk", m.neg_risk);
    io("exchange_index", m.exchange_index, not_negative);
    io("grid", m.grid);
    io("min_size", m.min_size, not_negative);
    io("size_step", m.size_step, positive);
    io("fees", m.fees);
    io("open_time", m.open_time);
    io("close_time", m.close_time);
    io("expected_resolution", m.expected_resolution);
    io("settlement_value", m.settlement_value);
    io("yes", m.yes);
    io("no", m.no);
  }
};

template <>
struct schema<market_contract> {
  static void fields(auto& io, auto& m) {
    io("contract", m.contract);
    io("relation", m.relation);
    io("status", m.status);
    io("rule_hash", m.rule_hash, as_word);
  }
};

template <>
struct schema<market> {
  static void fields(auto& io, auto& m) {
    io("id", m.id);
    io("kind", m.kind);
    io("title", m.title, as_text);
    io("contracts", m.contracts, count_between{0, max_bus_market_contracts});
  }
};

template <>
struct schema<market_signal> {
  static void fields(auto& io, auto& m) {
    io("change", m.change);
    io("subject", m.subject);
    io("mapping", m.mapping);
    io("observed", m.observed);
  }
};

void check(const node& n, const market_signal& m) {
  if (m.subject.has_value() == m.mapping.has_value())
    n.fail(errc::malformed, "exactly one of /subject and /mapping must not be null");
}

}  // namespace json

CORNICE_CODEC(listing)
CORNICE_CODEC(market)
CORNICE_CODEC(market_signal)

}  // namespace cornice
