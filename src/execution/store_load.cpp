#include "execution/store_load.hpp"

#include "cornice/execution/store.hpp"
#include "execution/record_codec.hpp"

#include <map>

namespace cornice::execution {
namespace {

using infra::pg_params;
using infra::pg_rows;
using infra::pg_transaction;

std::optional<timestamp> optional_time(const pg_rows& rows, std::size_t row, std::size_t column) {
  if (rows.is_null(row, column)) return std::nullopt;
  return rows.time(row, column);
}

template <class Id>
Id optional_id(std::string_view text) {
  return text.empty() ? Id{} : Id::parse(text).value();
}

order order_of(const pg_rows& r, std::size_t i) {
  order o;
  o.terms.id = order_id::parse(r.text(i, 0)).value();
  o.terms.bundle = bundle_id::parse(r.text(i, 1)).value();
  o.terms.leg = static_cast<std::uint32_t>(r.integer(i, 2));
  o.terms.attempt = static_cast<std::uint32_t>(r.integer(i, 3));
  o.terms.contract = contract_id::parse(r.text(i, 4)).value();
  o.terms.side = parse_order_side(r.text(i, 5)).value();
  o.terms.limit = price::from_micros(r.integer(i, 6)).value();
  o.terms.size = quantity{r.integer(i, 7)};
  o.terms.tif = parse_time_in_force(r.text(i, 8)).value();
  o.terms.purpose = parse_order_purpose(r.text(i, 9)).value();
  o.state = parse_order_state(r.text(i, 10)).value();
  o.filled = quantity{r.integer(i, 11)};
  o.claimed = quantity{r.integer(i, 12)};
  o.fill_notional = money{r.integer(i, 13)};
  o.fees = money{r.integer(i, 14)};
  o.venue_order = optional_id<venue_order_id>(r.text(i, 15));
  o.reason = r.text(i, 16);
  o.sent_at = optional_time(r, i, 17);
  o.in_doubt_since = optional_time(r, i, 18);
  o.cancel_wanted = r.boolean(i, 19);
  o.flagged = r.boolean(i, 20);
  o.terms.trace = optional_id<trace_id>(r.text(i, 21));
  o.terms.created = r.time(i, 22);
  o.updated = r.time(i, 23);
  return o;
}

// Open ones, those of open bundles, those with fills still to come, and what ended within a day:
// late fills must find them.
constexpr const char* orders_sql =
    "SELECT o.order_id, o.bundle_id, o.leg, o.attempt, o.contract_id, o.side, o.limit_price, "
    "o.size, o.time_in_force, "
    "o.purpose, o.state, o.filled, o.claimed, o.fill_notional, o.fees, o.venue_order_id, o.reason, "
    "o.sent_at, "
    "o.in_doubt_since, o.cancel_wanted, o.flagged, o.trace_id, o.created, o.updated "
    "FROM orders o JOIN bundle b USING (bundle_id) WHERE o.mode = $1 AND ("
    "o.state NOT IN ('filled', 'cancelled', 'rejected') OR b.state NOT IN ('done', 'unwound', "
    "'abandoned', 'stuck') "
    "OR o.claimed > o.filled OR o.updated > $2) ORDER BY o.created, o.order_id";

std::vector<order> load_orders(pg_transaction& tx, const std::string& mode, timestamp now) {
  pg_params params;
  params.add(mode).add(now - std::chrono::hours{24});
  const pg_rows rows = tx.exec(orders_sql, params);
  std::vector<order> out;
  std::map<order_id, std::size_t> place;
  std::vector<std::string> ids;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    out.push_back(order_of(rows, i));
    place.emplace(out.back().terms.id, i);
    ids.push_back(out.back().terms.id.str());
  }
  pg_params of_orders;
  of_orders.add_array(ids);
  const pg_rows fills =
      tx.exec("SELECT order_id, fill_id FROM fill WHERE order_id = ANY($1::text[])", of_orders);
  for (std::size_t i = 0; i < fills.size(); ++i)
    out[place.at(order_id::parse(fills.text(i, 0)).value())].fills.insert(
        venue_fill_id::parse(fills.text(i, 1)).value());
  return out;
}

std::vector<bundle_record> load_bundles(pg_transaction& tx, const std::string& mode) {
  pg_params params;
  params.add(mode);
  // Recently finished bundles are not needed, but the plan of every order that is loaded is.
  const pg_rows rows = tx.exec(
      "SELECT plan::text FROM bundle WHERE mode = $1 AND state NOT IN ('done', 'unwound', "
      "'abandoned', 'stuck') "
      "ORDER BY created, bundle_id",
      params);
  std::vector<bundle_record> out;
  for (std::size_t i = 0; i < rows.size(); ++i)
    out.push_back(decode_bundle(rows.text(i, 0)).value());
  return out;
}

void load_money(pg_transaction& tx, const std::string& mode, timestamp now, loaded_state& out) {
  pg_params by_mode;
  by_mode.add(mode);
  const pg_rows positions = tx.exec(
      "SELECT contract_id, quantity, cost, realised, fees FROM position WHERE mode = $1 ORDER BY "
      "contract_id",
      by_mode);
  for (std::size_t i = 0; i < positions.size(); ++i)
    out.positions.emplace_back(
        contract_id::parse(positions.text(i, 0)).value(),
        position{quantity{positions.integer(i, 1)}, money{positions.integer(i, 2)},
                 money{positions.integer(i, 3)}, money{positions.integer(i, 4)}});
  const pg_rows balances = tx.exec(
      "SELECT account, sum(amount)::bigint FROM ledger_entry WHERE mode = $1 GROUP BY account",
      by_mode);
  for (std::size_t i = 0; i < balances.size(); ++i)
    out.balances.emplace(std::string{balances.text(i, 0)}, money{balances.integer(i, 1)});
  const timestamp today = std::chrono::floor<std::chrono::days>(now);
  pg_params of_today;
  of_today.add(mode).add(to_rfc3339(today).substr(0, 10));
  const pg_rows days = tx.exec(
      "SELECT venue, realised, fees, unrealised FROM day_baseline WHERE mode = $1 AND day = "
      "$2::date",
      of_today);
  for (std::size_t i = 0; i < days.size(); ++i)
    out.days.push_back({parse_venue(days.text(i, 0)).value(), today, money{days.integer(i, 1)},
                        money{days.integer(i, 2)}, money{days.integer(i, 3)}});
}

void load_breakers(pg_transaction& tx, const std::string& mode, loaded_state& out) {
  pg_params params;
  params.add(mode);
  const pg_rows rows = tx.exec(
      "SELECT scope, state, cause, detail, needs_person, changed_by, changed, trips_in_row, "
      "probes_left, "
      "array_to_string(conditions, ',') FROM breaker WHERE mode = $1 ORDER BY scope",
      params);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    breaker_record b;
    b.scope = rows.text(i, 0);
    b.state = parse_breaker_state(rows.text(i, 1)).value();
    b.cause = parse_breaker_cause(rows.text(i, 2)).value();
    b.detail = rows.text(i, 3);
    b.needs_person = rows.boolean(i, 4);
    b.by = rows.text(i, 5);
    b.since = rows.time(i, 6);
    b.trips_in_row = rows.integer(i, 7);
    b.probes_left = rows.integer(i, 8);
    std::string_view rest = rows.text(i, 9);
    while (!rest.empty()) {
      const std::size_t comma = rest.find(',');
      b.conditions.insert(parse_breaker_cause(rest.substr(0, comma)).value());
      rest = comma == std::string_view::npos ? std::string_view{} : rest.substr(comma + 1);
    }
    out.breakers.push_back(std::move(b));
  }
}

}  // namespace

loaded_state load_state(pg_transaction& tx, const std::string& mode, timestamp now) {
  loaded_state out;
  out.bundles = load_bundles(tx, mode);
  out.orders = load_orders(tx, mode, now);
  load_money(tx, mode, now, out);
  load_breakers(tx, mode, out);
  pg_params since;
  since.add(now - std::chrono::hours{1});
  const pg_rows ids = tx.exec(
      "SELECT opportunity_id FROM opportunity WHERE created > $1 ORDER BY created, opportunity_id",
      since);
  for (std::size_t i = 0; i < ids.size(); ++i)
    out.opportunities.push_back(opportunity_id::parse(ids.text(i, 0)).value());
  return out;
}

std::vector<audit_record> read_audit(pg_transaction& tx, std::int64_t after, std::int64_t limit) {
  pg_params params;
  params.add(after).add(limit);
  const pg_rows rows = tx.exec(
      "SELECT audit_no, at, actor, action, subject, detail, prev_hash, hash FROM audit_log WHERE "
      "audit_no > $1 "
      "ORDER BY audit_no LIMIT $2",
      params);
  std::vector<audit_record> out;
  for (std::size_t i = 0; i < rows.size(); ++i)
    out.push_back({rows.integer(i, 0),
                   {rows.time(i, 1), std::string{rows.text(i, 2)}, std::string{rows.text(i, 3)},
                    std::string{rows.text(i, 4)}, std::string{rows.text(i, 5)}},
                   std::string{rows.text(i, 6)},
                   std::string{rows.text(i, 7)}});
  return out;
}

}  // namespace cornice::execution
