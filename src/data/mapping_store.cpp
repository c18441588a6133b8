#include "cornice/data/mapping_store.hpp"

#include <map>

namespace cornice::data {
namespace {

using infra::pg_error;
using infra::pg_params;
using infra::pg_rows;
using infra::pg_transaction;

[[noreturn]] void refuse(const std::string& why) {
  throw pg_error{errc::refused, "", why};
}

void audit(pg_transaction& tx, timestamp at, const std::string& actor, const std::string& action,
           const std::string& subject, const std::string& detail) {
  pg_params p;
  p.add(at).add(actor).add(action).add(subject).add(detail);
  tx.exec("SELECT audit_append($1, $2, $3, $4, $5)", p);
}

std::size_t count_members(pg_transaction& tx, const market_id& id) {
  pg_params p;
  p.add(id.view());
  return static_cast<std::size_t>(
      tx.exec("SELECT count(*) FROM market_contract WHERE market_id = $1 AND status <> 'rejected'",
              p)
          .integer(0, 0));
}

void require_market(pg_transaction& tx, const market_id& id) {
  pg_params p;
  p.add(id.view());
  if (tx.exec("SELECT 1 FROM market WHERE market_id = $1", p).empty())
    refuse("market " + id.str() + " does not exist; `cornice markets list` shows the known ones");
}

void decide(pg_transaction& tx, const market_id& id, const char* from, const char* to,
            const std::string& by, const std::string& reason, timestamp now) {
  require_market(tx, id);
  pg_params p;
  p.add(id.view()).add(to).add(by).add(now).add(reason);
  const auto changed = tx.exec(
      std::string{
          "UPDATE market_contract SET status = $2, decided_by = $3, decided = $4, evidence = $5 "
          "WHERE market_id = $1 AND status IN ("} +
          from + ")",
      p);
  if (changed.affected() == 0)
    refuse("market " + id.str() + " has no member that could become " + to);
  audit(tx, now, by, std::string{"mapping."} + to, id.str(),
        std::to_string(changed.affected()) + " members: " + reason);
}

}  // namespace

std::vector<mapping_row> list_mappings(pg_transaction& tx, std::optional<mapping_status> status) {
  pg_params p;
  p.add(status ? to_string(*status) : std::string_view{});
  const pg_rows r = tx.exec(
      "SELECT m.market_id, m.kind, m.title, c.contract_id, c.relation, c.status, c.rule_hash, "
      "l.title, l.rule_hash, "
      "c.evidence, c.decided_by, c.decided FROM market m JOIN market_contract c USING (market_id) "
      "JOIN contract k USING (contract_id) JOIN listing l ON l.venue = k.venue AND l.listing_id = "
      "k.listing_id "
      "WHERE $1 = '' OR c.status = $1 ORDER BY m.market_id, c.contract_id",
      p);
  std::vector<mapping_row> out;
  for (std::size_t i = 0; i < r.size(); ++i) {
    mapping_row row;
    row.market = market_id::parse(r.text(i, 0)).value();
    row.kind = parse_market_kind(r.text(i, 1)).value();
    row.title = r.text(i, 2);
    row.member.contract = contract_id::parse(r.text(i, 3)).value();
    row.member.relation = parse_mapping_relation(r.text(i, 4)).value();
    row.member.status = parse_mapping_status(r.text(i, 5)).value();
    row.member.rule_hash = r.text(i, 6);
    row.listing_title = r.text(i, 7);
    row.current_rule_hash = r.text(i, 8);
    row.evidence = r.text(i, 9);
    row.decided_by = r.text(i, 10);
    row.decided = r.time(i, 11);
    out.push_back(std::move(row));
  }
  return out;
}

std::vector<market> load_markets(pg_transaction& tx) {
  std::vector<market> out;
  for (mapping_row& row : list_mappings(tx, std::nullopt)) {
    if (out.empty() || out.back().id != row.market) {
      market m;
      m.id = row.market;
      m.kind = row.kind;
      m.title = row.title;
      out.push_back(std::move(m));
    }
    out.back().contracts.push_back(std::move(row.member));
  }
  return out;
}

std::size_t propose(pg_transaction& tx, const market& m, const std::string& evidence,
                    const std::string& by, timestamp now, std::optional<std::int64_t> score_ppm) {
  if (m.contracts.size() < 2) refuse("market " + m.id.str() + " needs at least two contracts");
  pg_params market_row;
  market_row.add(m.id.view()).add(to_string(m.kind)).add(m.title).add(now).add(by);
  tx.exec(
      "INSERT INTO market (market_id, kind, title, created, created_by) VALUES ($1,$2,$3,$4,$5) "
      "ON CONFLICT (market_id) DO NOTHING",
      market_row);
  pg_params id;
  id.add(m.id.view());
  if (tx.exec("SELECT kind FROM market WHERE market_id = $1", id).text(0, 0) != to_string(m.kind))
    refuse("market " + m.id.str() + " exists with another kind than " +
           std::string{to_string(m.kind)});
  std::size_t added = 0;
  for (const market_contract& c : m.contracts) {
    const bool set = m.kind != market_kind::binary;
    if (set != (c.relation == mapping_relation::member))
      refuse("contract " + c.contract.str() + ": relation " + std::string{to_string(c.relation)} +
             " does not fit a market of kind " + std::string{to_string(m.kind)});
    pg_params member;
    member.add(m.id.view()).add(c.contract.view()).add(to_string(c.relation));
    member.add(std::int64_t{c.relation == mapping_relation::complement ? -1 : 1})
        .add(evidence)
        .add(by)
        .add(now)
        .add_optional(score_ppm);
    const auto done = tx.exec(
        "INSERT INTO market_contract (market_id, contract_id, relation, polarity, rule_hash, "
        "status, evidence, decided_by, decided, score) SELECT $1, k.contract_id, $3, $4, "
        "l.rule_hash, 'proposed', $5, $6, $7, $8::bigint FROM contract k "
        "JOIN listing l ON l.venue = k.venue AND l.listing_id = k.listing_id WHERE k.contract_id = "
        "$2 "
        "ON CONFLICT (market_id, contract_id) DO NOTHING",
        member);
    pg_params known;
    known.add(c.contract.view());
    if (done.affected() == 0 &&
        tx.exec("SELECT 1 FROM contract WHERE contract_id = $1", known).empty())
      refuse("contract " + c.contract.str() + " is not in the catalogue");
    added += done.affected();
  }
  if (added > 0)
    audit(tx, now, by, "mapping.proposed", m.id.str(),
          std::to_string(added) + " members: " + evidence);
  return added;
}

void approve(pg_transaction& tx, const market_id& id, const std::string& by,
             const std::string& reason, timestamp now) {
  require_market(tx, id);
  if (count_members(tx, id) < 2) refuse("market " + id.str() + " has fewer than two members");
  pg_params p;
  p.add(id.view());
  const pg_rows changed = tx.exec(
      "SELECT c.contract_id FROM market_contract c JOIN contract k USING (contract_id) JOIN "
      "listing l "
      "ON l.venue = k.venue AND l.listing_id = k.listing_id WHERE c.market_id = $1 AND c.status = "
      "'proposed' "
      "AND c.rule_hash <> l.rule_hash ORDER BY 1",
      p);
  if (!changed.empty())
    refuse("the rules of " + std::string{changed.text(0, 0)} +
           " changed since the mapping was proposed; propose it again after reading them");
  const pg_rows elsewhere = tx.exec(
      "SELECT c.contract_id, o.market_id FROM market_contract c JOIN market_contract o ON "
      "o.contract_id = c.contract_id "
      "AND o.market_id <> c.market_id AND o.status = 'approved' WHERE c.market_id = $1 AND "
      "c.status <> 'rejected' "
      "ORDER BY 1",
      p);
  if (!elsewhere.empty())
    refuse("contract " + std::string{elsewhere.text(0, 0)} + " is already approved in market " +
           std::string{elsewhere.text(0, 1)});
  // A suspended member is approved against the text as it is now: the person has just read it.
  tx.exec(
      "UPDATE market_contract c SET rule_hash = l.rule_hash FROM contract k JOIN listing l ON "
      "l.venue = k.venue "
      "AND l.listing_id = k.listing_id WHERE k.contract_id = c.contract_id AND c.market_id = $1 "
      "AND c.status = 'suspended'",
      p);
  decide(tx, id, "'proposed', 'suspended'", "approved", by, reason, now);
}

void reject(pg_transaction& tx, const market_id& id, const std::string& by,
            const std::string& reason, timestamp now) {
  decide(tx, id, "'proposed', 'suspended', 'approved'", "rejected", by, reason, now);
}

void suspend(pg_transaction& tx, const market_id& id, const std::string& by,
             const std::string& reason, timestamp now) {
  decide(tx, id, "'approved', 'proposed'", "suspended", by, reason, now);
}

std::vector<market_id> suspend_changed(pg_transaction& tx, const listing& changed, timestamp now) {
  pg_params p;
  p.add_array({changed.yes.str(), changed.no.str()}).add(changed.rule_hash);
  const pg_rows r = tx.exec(
      "SELECT DISTINCT market_id FROM market_contract WHERE contract_id = ANY($1::text[]) "
      "AND status IN ('approved', 'proposed') AND rule_hash <> $2 ORDER BY 1",
      p);
  std::vector<market_id> out;
  for (std::size_t i = 0; i < r.size(); ++i) {
    out.push_back(market_id::parse(r.text(i, 0)).value());
    suspend(tx, out.back(), "data", "the rule text of " + changed.id.str() + " changed", now);
  }
  return out;
}

}  // namespace cornice::data
