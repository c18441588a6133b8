#include "model_generators.hpp"

#include <algorithm>
#include <set>
#include <utility>

namespace cornice_test {
namespace {

/// Fills every argument with an arbitrary value of its type; to be called inside rc::gen::exec.
template <class... Fields>
void any(Fields&... fields) {
  ((fields = *rc::gen::arbitrary<Fields>()), ...);
}
template <class... Fields>
void texts(Fields&... fields) {
  ((fields = *utf8_text()), ...);
}
template <class... Ids>
void ids_or_none(Ids&... ids) {
  ((ids = *id_or_none<Ids>()), ...);
}

/// Levels at the given prices, in their order.
std::vector<level> levels_at(const std::vector<std::int64_t>& prices) {
  std::vector<level> levels;
  for (const std::int64_t micros : prices) {
    if (levels.size() == book_signal::max_levels) break;
    levels.push_back({price::of_micros(micros), *quantity_at_least(1)});
  }
  return levels;
}

}  // namespace
}  // namespace cornice_test

namespace rc {

using namespace cornice_test;

Gen<cornice::book_signal> Arbitrary<cornice::book_signal>::arbitrary() {
  return gen::exec([] {
    cornice::book_signal m;
    any(m.contract, m.revision, m.epoch, m.usable, m.venue_time, m.received, m.published);
    ids_or_none(m.trace);
    if (!m.usable) m.unusable_reason = *utf8_text();
    const auto drawn = *gen::container<std::vector<std::int64_t>>(
        gen::inRange<std::int64_t>(0, cornice::price::one + 1));
    const std::set<std::int64_t> prices(drawn.begin(), drawn.end());
    std::vector<std::int64_t> low;
    std::vector<std::int64_t> high;
    const auto split = *gen::inRange<std::int64_t>(0, cornice::price::one + 1);
    for (const std::int64_t p : prices) (p < split ? low : high).push_back(p);
    if (!m.usable && *gen::arbitrary<bool>()) std::swap(low, high);  // crossed
    std::reverse(low.begin(), low.end());
    m.bids = levels_at(low);
    m.asks = levels_at(high);
    return m;
  });
}

Gen<cornice::trade_signal> Arbitrary<cornice::trade_signal>::arbitrary() {
  return gen::exec([] {
    cornice::trade_signal m;
    any(m.contract, m.p, m.taker_side, m.venue_time, m.received);
    texts(m.venue_trade_id);
    m.q = *quantity_at_least(1);
    return m;
  });
}

Gen<cornice::feed_signal> Arbitrary<cornice::feed_signal>::arbitrary() {
  return gen::exec([] {
    cornice::feed_signal m;
    any(m.state, m.venue, m.trading_active, m.observed);
    texts(m.reason);
    m.contracts_wanted = *wide_not_negative();
    m.contracts_usable = *wide_not_negative();
    m.connections = *wide_not_negative();
    return m;
  });
}

Gen<cornice::fee_schedule> Arbitrary<cornice::fee_schedule>::arbitrary() {
  return gen::exec([] {
    cornice::fee_schedule m;
    any(m.kind, m.taker_rate, m.maker_rate, m.multiplier);
    m.exponent = *gen::inRange<std::int64_t>(0, 4);
    return m;
  });
}

Gen<cornice::listing> Arbitrary<cornice::listing>::arbitrary() {
  return gen::exec([] {
    const auto maybe_time = [] {
      return *gen::arbitrary<bool>() ? std::optional{*gen::arbitrary<cornice::timestamp>()}
                                     : std::nullopt;
    };
    cornice::listing m;
    any(m.status, m.venue, m.id, m.accepting_orders, m.mutually_exclusive, m.neg_risk, m.fees,
        m.yes, m.no);
    texts(m.series, m.category, m.outcome_name);
    ids_or_none(m.event);
    m.title = *utf8_text(30);
    m.rules = *utf8_text(60);
    m.rule_hash = cornice::rule_hash_of(m.rules);
    m.exchange_index = *wide_not_negative();
    if (*gen::arbitrary<bool>()) m.grid = *gen::arbitrary<cornice::tick_grid>();
    m.min_size = *quantity_at_least(0);
    m.size_step = *quantity_at_least(1);
    m.open_time = maybe_time();
    m.close_time = maybe_time();
    m.expected_resolution = maybe_time();
    if (*gen::arbitrary<bool>()) m.settlement_value = *gen::arbitrary<cornice::ratio>();
    return m;
  });
}

Gen<cornice::market_contract> Arbitrary<cornice::market_contract>::arbitrary() {
  return gen::exec([] {
    cornice::market_contract m;
    any(m.relation, m.status, m.contract);
    m.rule_hash = cornice::rule_hash_of(*utf8_text());
    return m;
  });
}

Gen<cornice::market> Arbitrary<cornice::market>::arbitrary() {
  return gen::exec([] {
    cornice::market m;
    any(m.kind, m.id, m.contracts);
    texts(m.title);
    return m;
  });
}

Gen<cornice::market_signal> Arbitrary<cornice::market_signal>::arbitrary() {
  return gen::exec([] {
    cornice::market_signal m;
    any(m.change, m.observed);
    if (*gen::arbitrary<bool>())
      any(m.subject.emplace());
    else
      any(m.mapping.emplace());
    return m;
  });
}

Gen<cornice::opportunity_leg> Arbitrary<cornice::opportunity_leg>::arbitrary() {
  return gen::exec([] {
    cornice::opportunity_leg m;
    any(m.contract, m.side, m.limit, m.cost, m.fee, m.book_epoch, m.book_revision);
    m.size = *quantity_at_least(1);
    return m;
  });
}

Gen<cornice::opportunity> Arbitrary<cornice::opportunity>::arbitrary() {
  return gen::exec([] {
    cornice::opportunity m;
    any(m.id, m.kind, m.payoff, m.cost, m.fees, m.edge, m.resolves, m.created, m.expires);
    ids_or_none(m.market, m.trace);
    m.legs = *gen::container<std::vector<cornice::opportunity_leg>>(
        *gen::inRange<std::size_t>(2, 6), gen::arbitrary<cornice::opportunity_leg>());
    m.size = *quantity_at_least(1);
    m.annual_return_ppm = *wide_integer();
    m.reasons =
        *gen::container<std::vector<std::string>>(*gen::inRange<std::size_t>(0, 4), utf8_text());
    return m;
  });
}

Gen<cornice::opportunity_refusal> Arbitrary<cornice::opportunity_refusal>::arbitrary() {
  return gen::exec([] {
    cornice::opportunity_refusal m;
    any(m.kind, m.contracts, m.evaluated);
    texts(m.gate, m.margin_unit);
    ids_or_none(m.market, m.trace);
    m.margin = *wide_integer();
    return m;
  });
}

Gen<cornice::fill_report> Arbitrary<cornice::fill_report>::arbitrary() {
  return gen::exec([] {
    cornice::fill_report m;
    any(m.role, m.venue, m.fill, m.contract, m.side, m.p, m.fee, m.venue_time);
    ids_or_none(m.venue_order, m.order, m.trace);
    m.q = *quantity_at_least(1);
    return m;
  });
}

Gen<cornice::order_report> Arbitrary<cornice::order_report>::arbitrary() {
  return gen::exec([] {
    cornice::order_report m;
    any(m.state, m.venue, m.venue_time);
    texts(m.reason);
    ids_or_none(m.order, m.venue_order, m.trace);
    m.filled = *quantity_at_least(0);
    m.remaining = *quantity_at_least(0);
    return m;
  });
}

Gen<cornice::balance_report> Arbitrary<cornice::balance_report>::arbitrary() {
  return gen::exec([] {
    cornice::balance_report m;
    any(m.venue, m.cash, m.observed);
    return m;
  });
}

Gen<cornice::position_entry> Arbitrary<cornice::position_entry>::arbitrary() {
  return gen::exec([] {
    return cornice::position_entry{*gen::arbitrary<cornice::contract_id>(),
                                   *gen::arbitrary<cornice::quantity>()};
  });
}

Gen<cornice::account_snapshot> Arbitrary<cornice::account_snapshot>::arbitrary() {
  return gen::exec([] {
    cornice::account_snapshot m;
    any(m.venue, m.cash, m.observed);
    texts(m.request_id);
    m.orders = *gen::container<std::vector<cornice::order_report>>(
        *gen::inRange<std::size_t>(0, 4), gen::arbitrary<cornice::order_report>());
    m.fills = *gen::container<std::vector<cornice::fill_report>>(
        *gen::inRange<std::size_t>(0, 4), gen::arbitrary<cornice::fill_report>());
    m.positions = *gen::container<std::vector<cornice::position_entry>>(
        *gen::inRange<std::size_t>(0, 4), gen::arbitrary<cornice::position_entry>());
    return m;
  });
}

Gen<cornice::order_event> Arbitrary<cornice::order_event>::arbitrary() {
  return gen::exec([] {
    cornice::order_event m;
    any(m.state, m.order, m.contract, m.side, m.limit, m.at);
    texts(m.evidence, m.reason);
    ids_or_none(m.bundle, m.trace);
    m.size = *quantity_at_least(0);
    m.filled = *quantity_at_least(0);
    return m;
  });
}

Gen<cornice::bundle_event> Arbitrary<cornice::bundle_event>::arbitrary() {
  return gen::exec([] {
    cornice::bundle_event m;
    any(m.state, m.bundle, m.unhedged, m.at);
    texts(m.reason);
    ids_or_none(m.opportunity, m.trace);
    return m;
  });
}

Gen<cornice::refusal_event> Arbitrary<cornice::refusal_event>::arbitrary() {
  return gen::exec([] {
    cornice::refusal_event m;
    any(m.at);
    texts(m.check, m.detail);
    ids_or_none(m.opportunity, m.trace);
    return m;
  });
}

Gen<cornice::position_event> Arbitrary<cornice::position_event>::arbitrary() {
  return gen::exec([] {
    cornice::position_event m;
    any(m.contract, m.q, m.cost, m.realised, m.fees, m.at);
    ids_or_none(m.trace);
    return m;
  });
}

Gen<cornice::pnl_event> Arbitrary<cornice::pnl_event>::arbitrary() {
  return gen::exec([] {
    cornice::pnl_event m;
    any(m.venue, m.cash, m.realised, m.fees, m.unrealised, m.day_realised, m.at);
    return m;
  });
}

Gen<cornice::breaker_event> Arbitrary<cornice::breaker_event>::arbitrary() {
  return gen::exec([] {
    cornice::breaker_event m;
    any(m.state, m.needs_person, m.at);
    texts(m.scope, m.cause, m.by);
    return m;
  });
}

Gen<cornice::command_request> Arbitrary<cornice::command_request>::arbitrary() {
  return gen::exec([] {
    cornice::command_request m;
    any(m.issued, m.expires);
    texts(m.scope, m.argument, m.reason, m.caller, m.request_id);
    m.name = *gen::oneOf(gen::just(std::string{"reconcile"}), utf8_text());
    return m;
  });
}

Gen<cornice::command_reply> Arbitrary<cornice::command_reply>::arbitrary() {
  return gen::exec([] {
    cornice::command_reply m;
    any(m.accepted);
    texts(m.request_id, m.message);
    return m;
  });
}

}  // namespace rc

namespace cornice_test {

template <class T>
bool holds_for_all(const std::function<void(const T&)>& property) {
  return rc::check([&property](const T& m) { property(m); });
}

template bool holds_for_all<book_signal>(const std::function<void(const book_signal&)>&);
template bool holds_for_all<trade_signal>(const std::function<void(const trade_signal&)>&);
template bool holds_for_all<market_signal>(const std::function<void(const market_signal&)>&);
template bool holds_for_all<feed_signal>(const std::function<void(const feed_signal&)>&);
template bool holds_for_all<opportunity>(const std::function<void(const opportunity&)>&);
template bool holds_for_all<opportunity_refusal>(
    const std::function<void(const opportunity_refusal&)>&);
template bool holds_for_all<fill_report>(const std::function<void(const fill_report&)>&);
template bool holds_for_all<order_report>(const std::function<void(const order_report&)>&);
template bool holds_for_all<balance_report>(const std::function<void(const balance_report&)>&);
template bool holds_for_all<account_snapshot>(const std::function<void(const account_snapshot&)>&);
template bool holds_for_all<order_event>(const std::function<void(const order_event&)>&);
template bool holds_for_all<bundle_event>(const std::function<void(const bundle_event&)>&);
template bool holds_for_all<refusal_event>(const std::function<void(const refusal_event&)>&);
template bool holds_for_all<position_event>(const std::function<void(const position_event&)>&);
template bool holds_for_all<pnl_event>(const std::function<void(const pnl_event&)>&);
template bool holds_for_all<breaker_event>(const std::function<void(const breaker_event&)>&);
template bool holds_for_all<command_request>(const std::function<void(const command_request&)>&);
template bool holds_for_all<command_reply>(const std::function<void(const command_reply&)>&);
template bool holds_for_all<listing>(const std::function<void(const listing&)>&);
template bool holds_for_all<market>(const std::function<void(const market&)>&);

}  // namespace cornice_test
