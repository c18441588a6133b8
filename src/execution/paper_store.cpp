#include "execution/paper_store.hpp"

namespace cornice::execution {
namespace {

using infra::pg_params;
using infra::pg_rows;
using infra::pg_transaction;

std::string venue_text(venue_id v) {
  return std::string{to_string(v)};
}

paper_order order_of(const pg_rows& r, std::size_t i) {
  paper_order o;
  o.id = venue_order_id::parse(r.text(i, 0)).value();
  o.terms.id = order_id::parse(r.text(i, 1)).value();
  o.terms.contract = contract_id::parse(r.text(i, 2)).value();
  o.terms.side = parse_order_side(r.text(i, 3)).value();
  o.terms.limit = price::from_micros(r.integer(i, 4)).value();
  o.terms.size = quantity{r.integer(i, 5)};
  o.filled = quantity{r.integer(i, 6)};
  o.status = parse_order_report_status(r.text(i, 7)).value();
  o.reason = r.text(i, 8);
  o.terms.created = r.time(i, 9);
  if (!r.text(i, 10).empty()) o.terms.trace = trace_id::parse(r.text(i, 10)).value();
  o.terms.tif = time_in_force::gtc;  // only resting orders are acted on again
  return o;
}

constexpr const char* order_columns =
    "venue_order_id, order_id, contract_id, side, limit_price, size, filled, status, reason, "
    "created, trace_id";

fill_report fill_of(const pg_rows& r, std::size_t i) {
  fill_report f;
  f.venue = parse_venue(r.text(i, 0)).value();
  f.fill = venue_fill_id::parse(r.text(i, 1)).value();
  f.venue_order = venue_order_id::parse(r.text(i, 2)).value();
  f.order = order_id::parse(r.text(i, 3)).value();
  f.contract = contract_id::parse(r.text(i, 4)).value();
  f.side = parse_order_side(r.text(i, 5)).value();
  f.p = price::from_micros(r.integer(i, 6)).value();
  f.q = quantity{r.integer(i, 7)};
  f.fee = money{r.integer(i, 8)};
  f.role = parse_liquidity(r.text(i, 9)).value();
  f.venue_time = r.time(i, 10);
  if (!r.text(i, 11).empty()) f.trace = trace_id::parse(r.text(i, 11)).value();
  return f;
}

constexpr const char* fill_columns =
    "f.venue, f.fill_id, f.venue_order_id, o.order_id, f.contract_id, f.side, f.price, f.quantity, "
    "f.fee, f.role, f.at, "
    "o.trace_id";

}  // namespace

paper_books load_paper(pg_transaction& tx, const paper_config& config) {
  paper_books out;
  for (const auto& [venue, cash] : config.cash) {
    pg_params account;
    account.add(venue_text(venue)).add(cash.micros());
    tx.exec(
        "INSERT INTO paper_account (venue, cash) VALUES ($1, $2) ON CONFLICT (venue) DO NOTHING",
        account);
  }
  const pg_rows accounts = tx.exec("SELECT venue, cash FROM paper_account ORDER BY venue");
  for (std::size_t i = 0; i < accounts.size(); ++i)
    out.cash.emplace(parse_venue(accounts.text(i, 0)).value(), money{accounts.integer(i, 1)});
  const pg_rows held = tx.exec(
      "SELECT contract_id, quantity FROM paper_position WHERE quantity <> 0 ORDER BY contract_id");
  for (std::size_t i = 0; i < held.size(); ++i)
    out.held.emplace_back(contract_id::parse(held.text(i, 0)).value(),
                          quantity{held.integer(i, 1)});
  const pg_rows resting =
      tx.exec(std::string{"SELECT "} + order_columns +
              " FROM paper_order WHERE status = 'resting' ORDER BY created, venue_order_id");
  for (std::size_t i = 0; i < resting.size(); ++i) out.resting.push_back(order_of(resting, i));
  return out;
}

void write_paper(pg_transaction& tx, const paper_result& r, money cash_before, timestamp now) {
  const order_terms& t = r.order.terms;
  const std::string venue = venue_text(t.contract.venue());
  if (!r.order.id.empty()) {
    pg_params order;
    order.add(venue)
        .add(r.order.id.view())
        .add(t.id.view())
        .add(t.contract.view())
        .add(to_string(t.side));
    order.add(t.limit.micros())
        .add(t.size.micros())
        .add(r.order.filled.micros())
        .add(to_string(r.order.status));
    order.add(r.order.reason).add(t.created).add(now).add(t.trace.view());
    tx.exec(
        "INSERT INTO paper_order (venue, venue_order_id, order_id, contract_id, side, limit_price, "
        "size, filled, status, "
        "reason, created, updated, trace_id) VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13) "
        "ON CONFLICT (venue, venue_order_id) DO UPDATE SET filled = EXCLUDED.filled, status = "
        "EXCLUDED.status, "
        "reason = EXCLUDED.reason, updated = EXCLUDED.updated",
        order);
  }
  for (const fill_report& f : r.fills) {
    pg_params fill;
    fill.add(venue)
        .add(f.fill.view())
        .add(f.venue_order.view())
        .add(f.contract.view())
        .add(to_string(f.side));
    fill.add(f.p.micros())
        .add(f.q.micros())
        .add(f.fee.micros())
        .add(to_string(f.role))
        .add(f.venue_time);
    tx.exec(
        "INSERT INTO paper_fill (venue, fill_id, venue_order_id, contract_id, side, price, "
        "quantity, fee, role, at) "
        "VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10)",
        fill);
  }
  for (const auto& [contract, q] : r.held) {
    pg_params held;
    held.add(venue).add(contract.view()).add(q.micros());
    tx.exec(
        "INSERT INTO paper_position (venue, contract_id, quantity) VALUES ($1,$2,$3) "
        "ON CONFLICT (venue, contract_id) DO UPDATE SET quantity = EXCLUDED.quantity",
        held);
  }
  pg_params cash;
  cash.add(venue).add(r.cash.micros()).add(cash_before.micros());
  const pg_rows paid =
      tx.exec("UPDATE paper_account SET cash = $2 WHERE venue = $1 AND cash = $3", cash);
  if (paid.affected() == 0)
    throw infra::pg_error(
        errc::conflict, "",
        "the account of " + venue + " changed since it was read: an earlier write arrived late");
}

std::optional<paper_order> find_paper(pg_transaction& tx, venue_id venue, const order_id& id) {
  pg_params by_client_id;
  by_client_id.add(venue_text(venue)).add(id.view());
  const pg_rows rows = tx.exec(std::string{"SELECT "} + order_columns +
                                   " FROM paper_order WHERE venue = $1 AND order_id = $2",
                               by_client_id);
  if (rows.empty()) return std::nullopt;
  return order_of(rows, 0);
}

std::vector<fill_report> unreported_fills(pg_transaction& tx, std::int64_t limit) {
  pg_params params;
  params.add(limit);
  const pg_rows rows =
      tx.exec(std::string{"SELECT "} + fill_columns +
                  " FROM paper_fill f JOIN paper_order o USING (venue, venue_order_id) "
                  "WHERE NOT f.reported ORDER BY f.at, f.fill_id LIMIT $1",
              params);
  std::vector<fill_report> out;
  for (std::size_t i = 0; i < rows.size(); ++i) out.push_back(fill_of(rows, i));
  return out;
}

void mark_reported(pg_transaction& tx, const std::vector<std::string>& fill_ids) {
  pg_params params;
  params.add_array(fill_ids);
  tx.exec("UPDATE paper_fill SET reported = true WHERE fill_id = ANY($1::text[])", params);
}

account_snapshot paper_snapshot(pg_transaction& tx, venue_id venue, std::string request_id,
                                timestamp since, timestamp now) {
  account_snapshot out;
  out.venue = venue;
  out.request_id = std::move(request_id);
  out.observed = now;
  pg_params since_params;
  since_params.add(venue_text(venue)).add(since);
  const pg_rows orders = tx.exec(std::string{"SELECT "} + order_columns +
                                     " FROM paper_order WHERE venue = $1 AND (status = 'resting' "
                                     "OR updated >= $2) ORDER BY created, order_id",
                                 since_params);
  for (std::size_t i = 0; i < orders.size(); ++i) {
    const paper_order o = order_of(orders, i);
    order_report r;
    r.venue = venue;
    r.order = o.terms.id;
    r.venue_order = o.id;
    r.state = o.status;
    r.filled = o.filled;
    r.remaining = o.status == order_report::status::resting ? o.terms.size - o.filled : quantity{};
    r.reason = o.reason;
    r.venue_time = now;
    r.trace = o.terms.trace;
    out.orders.push_back(std::move(r));
  }
  const pg_rows fills =
      tx.exec(std::string{"SELECT "} + fill_columns +
                  " FROM paper_fill f JOIN paper_order o USING (venue, venue_order_id) "
                  "WHERE f.venue = $1 AND f.at >= $2 ORDER BY f.at, f.fill_id",
              since_params);
  for (std::size_t i = 0; i < fills.size(); ++i) out.fills.push_back(fill_of(fills, i));
  pg_params of_venue;
  of_venue.add(venue_text(venue));
  const pg_rows held = tx.exec(
      "SELECT contract_id, quantity FROM paper_position WHERE venue = $1 AND quantity <> 0 ORDER "
      "BY contract_id",
      of_venue);
  for (std::size_t i = 0; i < held.size(); ++i)
    out.positions.push_back(
        {contract_id::parse(held.text(i, 0)).value(), quantity{held.integer(i, 1)}});
  const pg_rows cash = tx.exec("SELECT cash FROM paper_account WHERE venue = $1", of_venue);
  if (!cash.empty()) out.cash = money{cash.integer(0, 0)};
  return out;
}

}  // namespace cornice::execution
