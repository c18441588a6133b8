// Names of every enum that crosses the bus, the database or the HTTP interface. One table per enum,
// and everything that needs a name (printing, parsing, codecs, the schema test) reads it.
#pragma once

#include "cornice/base/check.hpp"
#include "cornice/base/result.hpp"
#include "cornice/model/accounts.hpp"
#include "cornice/model/decisions.hpp"
#include "cornice/model/listing.hpp"
#include "cornice/model/order.hpp"
#include "cornice/model/signals.hpp"

#include <array>
#include <string>
#include <string_view>
#include <type_traits>

namespace cornice {

template <class E>
struct enum_name {
  E value;
  std::string_view name;
};

/// `what` is the word for error texts; entry i names the enumerator with the value i.
template <class E, std::size_t N>
struct enum_table {
  std::string_view what;
  std::array<enum_name<E>, N> entries;

  /// Dense, in declaration order, no name empty or used twice: what the look-ups rely on.
  [[nodiscard]] constexpr bool well_formed() const {
    for (std::size_t i = 0; i < N; ++i) {
      if (static_cast<std::size_t>(entries[i].value) != i || entries[i].name.empty()) return false;
      for (std::size_t j = 0; j < i; ++j)
        if (entries[j].name == entries[i].name) return false;
    }
    return true;
  }
};

template <class E, std::size_t N>
constexpr enum_table<E, N> make_enum_table(std::string_view what,
                                           const enum_name<E> (&entries)[N]) {
  return {what, std::to_array(entries)};
}

/// The table of E.
template <class E>
inline constexpr auto names_of = nullptr;

template <>
inline constexpr auto names_of<venue_id> = make_enum_table<venue_id>(
    "venue",
    {{venue_id::kalshi, "kalshi"}, {venue_id::polymarket, "polymarket"}, {venue_id::sim, "sim"}});
template <>
inline constexpr auto names_of<outcome> =
    make_enum_table<outcome>("outcome", {{outcome::yes, "yes"}, {outcome::no, "no"}});
template <>
inline constexpr auto names_of<order_side> = make_enum_table<order_side>(
    "order side", {{order_side::buy, "buy"}, {order_side::sell, "sell"}});
template <>
inline constexpr auto names_of<listing_status> =
    make_enum_table<listing_status>("listing status", {{listing_status::pending, "pending"},
                                                       {listing_status::open, "open"},
                                                       {listing_status::paused, "paused"},
                                                       {listing_status::closed, "closed"},
                                                       {listing_status::determined, "determined"},
                                                       {listing_status::disputed, "disputed"},
                                                       {listing_status::settled, "settled"},
                                                       {listing_status::unknown, "unknown"}});
template <>
inline constexpr auto names_of<fee_schedule::model> = make_enum_table<fee_schedule::model>(
    "fee model", {{fee_schedule::model::unknown, "unknown"},
                  {fee_schedule::model::none, "none"},
                  {fee_schedule::model::kalshi, "kalshi"},
                  {fee_schedule::model::polymarket, "polymarket"}});
template <>
inline constexpr auto names_of<mapping_relation> = make_enum_table<mapping_relation>(
    "mapping relation", {{mapping_relation::same, "same"},
                         {mapping_relation::complement, "complement"},
                         {mapping_relation::member, "member"}});
template <>
inline constexpr auto names_of<mapping_status> =
    make_enum_table<mapping_status>("mapping status", {{mapping_status::proposed, "proposed"},
                                                       {mapping_status::approved, "approved"},
                                                       {mapping_status::suspended, "suspended"},
                                                       {mapping_status::rejected, "rejected"}});
template <>
inline constexpr auto names_of<market_kind> =
    make_enum_table<market_kind>("market kind", {{market_kind::binary, "binary"},
                                                 {market_kind::exhaustive_set, "exhaustive_set"},
                                                 {market_kind::exclusive_set, "exclusive_set"}});
template <>
inline constexpr auto names_of<market_change> = make_enum_table<market_change>(
    "market change", {{market_change::added, "added"},
                      {market_change::changed, "changed"},
                      {market_change::grid_changed, "grid_changed"},
                      {market_change::status_changed, "status_changed"},
                      {market_change::rules_changed, "rules_changed"},
                      {market_change::mapping_changed, "mapping_changed"}});
template <>
inline constexpr auto names_of<feed_state> =
    make_enum_table<feed_state>("feed state", {{feed_state::connecting, "connecting"},
                                               {feed_state::syncing, "syncing"},
                                               {feed_state::live, "live"},
                                               {feed_state::degraded, "degraded"},
                                               {feed_state::down, "down"}});
template <>
inline constexpr auto names_of<opportunity_kind> = make_enum_table<opportunity_kind>(
    "opportunity kind", {{opportunity_kind::complement, "complement"},
                         {opportunity_kind::outcome_set, "outcome_set"},
                         {opportunity_kind::cross_venue, "cross_venue"}});
template <>
inline constexpr auto names_of<order_report::status> = make_enum_table<order_report::status>(
    "order report status", {{order_report::status::resting, "resting"},
                            {order_report::status::filled, "filled"},
                            {order_report::status::cancelled, "cancelled"},
                            {order_report::status::rejected, "rejected"},
                            {order_report::status::not_found, "not_found"}});
template <>
inline constexpr auto names_of<order_state> =
    make_enum_table<order_state>("order state", {{order_state::intended, "intended"},
                                                 {order_state::sent, "sent"},
                                                 {order_state::in_doubt, "in_doubt"},
                                                 {order_state::live, "live"},
                                                 {order_state::cancel_pending, "cancel_pending"},
                                                 {order_state::filled, "filled"},
                                                 {order_state::cancelled, "cancelled"},
                                                 {order_state::rejected, "rejected"}});
template <>
inline constexpr auto names_of<time_in_force> = make_enum_table<time_in_force>(
    "time in force",
    {{time_in_force::gtc, "gtc"}, {time_in_force::ioc, "ioc"}, {time_in_force::fok, "fok"}});
template <>
inline constexpr auto names_of<bundle_state> =
    make_enum_table<bundle_state>("bundle state", {{bundle_state::accepted, "accepted"},
                                                   {bundle_state::working, "working"},
                                                   {bundle_state::completing, "completing"},
                                                   {bundle_state::unwinding, "unwinding"},
                                                   {bundle_state::done, "done"},
                                                   {bundle_state::unwound, "unwound"},
                                                   {bundle_state::abandoned, "abandoned"},
                                                   {bundle_state::stuck, "stuck"}});
template <>
inline constexpr auto names_of<breaker_state> =
    make_enum_table<breaker_state>("breaker state", {{breaker_state::closed, "closed"},
                                                     {breaker_state::open, "open"},
                                                     {breaker_state::half_open, "half_open"}});
template <>
inline constexpr auto names_of<liquidity> = make_enum_table<liquidity>(
    "liquidity", {{liquidity::taker, "taker"}, {liquidity::maker, "maker"}});

/// Name of `value`; an enumerator outside the table is a broken invariant.
template <class E>
[[nodiscard]] std::string_view enum_to_string(E value) noexcept {
  static_assert(names_of<E>.well_formed());
  const auto index = static_cast<std::size_t>(value);
  invariant(index < names_of<E>.entries.size(), "an enumerator has a name in its table");
  return names_of<E>.entries[index].name;
}

/// Errors: invalid_argument, naming every known word.
template <class E>
[[nodiscard]] result<E> parse_enum(std::string_view text) {
  constexpr std::size_t shown_at_most = 64;
  for (const auto& entry : names_of<E>.entries)
    if (entry.name == text) return entry.value;
  std::string message{names_of<E>.what};
  message.append(" \"").append(text.substr(0, shown_at_most)).append("\" is none of");
  for (const auto& entry : names_of<E>.entries)
    message.append(&entry == names_of<E>.entries.data() ? " " : ", ").append(entry.name);
  return error{errc::invalid_argument, std::move(message)};
}

}  // namespace cornice
