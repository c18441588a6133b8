#include "cornice/base/check.hpp"
#include "cornice/model/codec.hpp"
#include "model/routing_word.hpp"

namespace cornice {
namespace {

/// Where a message travels: topic and type.
struct route {
  std::string_view topic;
  std::string_view type;
};

template <class T>
constexpr route route_of = {};
template <>
constexpr route route_of<book_signal> = {topic::signal, "book"};
template <>
constexpr route route_of<trade_signal> = {topic::signal, "trade"};
template <>
constexpr route route_of<market_signal> = {topic::signal, "market"};
template <>
constexpr route route_of<feed_signal> = {topic::signal, "feed"};
template <>
constexpr route route_of<opportunity> = {topic::decision, "opportunity"};
template <>
constexpr route route_of<opportunity_refusal> = {topic::decision, "opportunity_refusal"};
template <>
constexpr route route_of<fill_report> = {topic::account, "fill"};
template <>
constexpr route route_of<order_report> = {topic::account, "order_report"};
template <>
constexpr route route_of<balance_report> = {topic::account, "balance"};
template <>
constexpr route route_of<account_snapshot> = {topic::account, "snapshot"};
template <>
constexpr route route_of<order_event> = {topic::execution, "order"};
template <>
constexpr route route_of<bundle_event> = {topic::execution, "bundle"};
template <>
constexpr route route_of<refusal_event> = {topic::execution, "refusal"};
template <>
constexpr route route_of<position_event> = {topic::execution, "position"};
template <>
constexpr route route_of<pnl_event> = {topic::execution, "pnl"};
template <>
constexpr route route_of<breaker_event> = {topic::execution, "breaker"};
template <>
constexpr route route_of<command_request> = {topic::command, "command"};
template <>
constexpr route route_of<command_reply> = {topic::command, "reply"};

std::string join(std::string_view a, std::string_view b) {
  return std::string{a}.append(1, '.').append(b);
}

std::string join(std::string_view a, std::string_view b, std::string_view c) {
  return join(a, b).append(1, '.').append(c);
}

std::string key_with_contract(std::string_view kind, const contract_id& contract) {
  return join(kind, to_string(contract.venue()), contract.routing_word());
}

std::string key_of(const book_signal& m) {
  return key_with_contract("book", m.contract);
}
std::string key_of(const trade_signal& m) {
  return key_with_contract("trade", m.contract);
}
std::string key_of(const market_signal& m) {
  if (m.mapping) return join("market", "mapping", routing_word(m.mapping->id.view()));
  invariant(m.subject.has_value(), "a market signal has a subject or a mapping");
  return join("market", to_string(m.subject->venue), routing_word(m.subject->id.view()));
}
std::string key_of(const feed_signal& m) {
  return join("feed", to_string(m.venue));
}
std::string key_of(const opportunity& m) {
  return join("opportunity", to_string(m.kind));
}
std::string key_of(const opportunity_refusal& m) {
  return join("opportunity_refusal", to_string(m.kind));
}
std::string key_of(const fill_report& m) {
  return join("fill", to_string(m.venue));
}
std::string key_of(const order_report& m) {
  return join("order", to_string(m.venue));
}
std::string key_of(const balance_report& m) {
  return join("balance", to_string(m.venue));
}
std::string key_of(const account_snapshot& m) {
  return join("snapshot", to_string(m.venue));
}
std::string key_of(const order_event& m) {
  return join("order", to_string(m.state));
}
std::string key_of(const bundle_event& m) {
  return join("bundle", to_string(m.state));
}
std::string key_of(const refusal_event& m) {
  return join("refusal", routing_word(m.check));
}
std::string key_of(const position_event& m) {
  return key_with_contract("position", m.contract);
}
std::string key_of(const pnl_event& m) {
  return join("pnl", to_string(m.venue));
}
std::string key_of(const breaker_event& m) {
  return join("breaker", routing_word(m.scope));
}
std::string key_of(const command_request& m) {
  // The reader of one venue's account binds to its own reconcile requests alone.
  if (m.name == "reconcile") return join("reconcile", routing_word(m.scope));
  return routing_word(m.name);
}
std::string key_of(const command_reply& m) {
  return join("reply", routing_word(m.request_id));
}

}  // namespace

template <class T>
std::string_view message_topic() noexcept {
  static_assert(!route_of<T>.topic.empty());
  return route_of<T>.topic;
}

template <class T>
std::string_view message_type() noexcept {
  return route_of<T>.type;
}

template <class T>
std::string routing_key(const T& m) {
  return key_of(m);
}

#define CORNICE_ROUTE(type)                                 \
  template std::string_view message_topic<type>() noexcept; \
  template std::string_view message_type<type>() noexcept;  \
  template std::string routing_key<type>(const type& m);

CORNICE_ROUTE(book_signal)
CORNICE_ROUTE(trade_signal)
CORNICE_ROUTE(market_signal)
CORNICE_ROUTE(feed_signal)
CORNICE_ROUTE(opportunity)
CORNICE_ROUTE(opportunity_refusal)
CORNICE_ROUTE(fill_report)
CORNICE_ROUTE(order_report)
CORNICE_ROUTE(balance_report)
CORNICE_ROUTE(account_snapshot)
CORNICE_ROUTE(order_event)
CORNICE_ROUTE(bundle_event)
CORNICE_ROUTE(refusal_event)
CORNICE_ROUTE(position_event)
CORNICE_ROUTE(pnl_event)
CORNICE_ROUTE(breaker_event)
CORNICE_ROUTE(command_request)
CORNICE_ROUTE(command_reply)

}  // namespace cornice
