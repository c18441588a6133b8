#include "data/catalogue_store.hpp"

#include "cornice/data/catalogue.hpp"
#include "cornice/data/mapping.hpp"
#include "cornice/data/mapping_store.hpp"
#include "cornice/model/codec.hpp"

#include <stdexcept>

namespace cornice::data {
namespace {

void add_time(infra::pg_params& p, const std::optional<timestamp>& t) {
  if (t)
    p.add(*t);
  else
    p.add_null();
}

}  // namespace

stored_catalogue load_stored(infra::pg_transaction& tx) {
  stored_catalogue out;
  const auto rows = tx.exec(
      "SELECT body::text FROM listing WHERE status <> 'settled' ORDER BY venue, listing_id");
  for (std::size_t i = 0; i < rows.size(); ++i) {
    auto l = decode<listing>(rows.text(i, 0));
    if (!l) throw std::runtime_error("table listing: " + l.error().message);
    out.listings.push_back(std::move(*l));
  }
  out.markets = load_markets(tx);
  return out;
}

void store_listings(infra::pg_transaction& tx, const std::vector<listing>& listings,
                    timestamp now) {
  for (const listing& l : listings) {
    infra::pg_params text;
    text.add(l.rule_hash).add(l.rules).add(now);
    tx.exec(
        "INSERT INTO rule_text (rule_hash, rules, first_seen) VALUES ($1,$2,$3) ON CONFLICT "
        "(rule_hash) DO NOTHING",
        text);
    infra::pg_params row;
    row.add(to_string(l.venue))
        .add(l.id.view())
        .add(l.event.view())
        .add(l.series)
        .add(l.category)
        .add(l.title);
    row.add(l.outcome_name)
        .add(l.rules)
        .add(l.rule_hash)
        .add(to_string(l.status))
        .add(l.accepting_orders);
    row.add(l.mutually_exclusive);
    add_time(row, l.close_time);
    add_time(row, l.expected_resolution);
    if (l.settlement_value)
      row.add(l.settlement_value->ppm);
    else
      row.add_null();
    row.add(encode(l)).add(now);
    tx.exec(
        "INSERT INTO listing (venue, listing_id, event_id, series, category, title, outcome_name, "
        "rules, rule_hash, status, "
        "accepting_orders, mutually_exclusive, close_time, expected_resolution, settlement_value, "
        "body, first_seen, "
        "last_seen, changed) VALUES "
        "($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14,$15,$16::jsonb,$17,$17,$17) "
        "ON CONFLICT (venue, listing_id) DO UPDATE SET event_id = EXCLUDED.event_id, series = "
        "EXCLUDED.series, "
        "category = EXCLUDED.category, title = EXCLUDED.title, outcome_name = "
        "EXCLUDED.outcome_name, "
        "rules = EXCLUDED.rules, rule_hash = EXCLUDED.rule_hash, status = EXCLUDED.status, "
        "accepting_orders = EXCLUDED.accepting_orders, mutually_exclusive = "
        "EXCLUDED.mutually_exclusive, "
        "close_time = EXCLUDED.close_time, expected_resolution = EXCLUDED.expected_resolution, "
        "settlement_value = EXCLUDED.settlement_value, body = EXCLUDED.body, last_seen = "
        "EXCLUDED.last_seen, "
        "changed = EXCLUDED.changed",
        row);
    for (const outcome o : {outcome::yes, outcome::no}) {
      infra::pg_params contract;
      contract.add(l.contract(o).view()).add(to_string(l.venue)).add(l.id.view()).add(to_string(o));
      tx.exec(
          "INSERT INTO contract (contract_id, venue, listing_id, outcome) VALUES ($1,$2,$3,$4) "
          "ON CONFLICT (contract_id) DO NOTHING",
          contract);
    }
  }
}

proposal_report propose_look_alikes(infra::pg_transaction& tx, const std::string& by,
                                    timestamp now) {
  stored_catalogue stored = load_stored(tx);
  catalogue c{stored.listings.size()};
  c.restore(std::move(stored.listings), std::move(stored.markets));
  proposal_report report;
  for (const proposal& p : propose_markets(c)) {
    ++report.proposals;
    report.new_members += propose(tx, p.m, p.evidence, by, now, p.score_ppm);
  }
  return report;
}

}  // namespace cornice::data
