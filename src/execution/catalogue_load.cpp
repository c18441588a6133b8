#include "execution/catalogue_load.hpp"

#include "cornice/model/codec.hpp"

#include <stdexcept>

namespace cornice::execution {
namespace {

market_signal about(listing l) {
  market_signal s;
  s.change = market_change::changed;
  s.subject = std::move(l);
  return s;
}

}  // namespace

std::vector<market_signal> load_catalogue(infra::pg_transaction& tx) {
  std::vector<market_signal> out;
  const auto listings = tx.exec(
      "SELECT l.body::text FROM listing l WHERE l.status <> 'settled' OR EXISTS (SELECT 1 FROM "
      "contract c JOIN position p "
      "USING (contract_id) WHERE c.venue = l.venue AND c.listing_id = l.listing_id AND p.quantity "
      "<> 0) "
      "ORDER BY l.venue, l.listing_id");
  for (std::size_t i = 0; i < listings.size(); ++i) {
    auto l = decode<listing>(listings.text(i, 0));
    if (!l) throw std::runtime_error("table listing: " + l.error().message);
    out.push_back(about(std::move(*l)));
  }
  const auto rows = tx.exec(
      "SELECT m.market_id, m.kind, m.title, c.contract_id, c.relation, c.status, c.rule_hash "
      "FROM market m JOIN market_contract c USING (market_id) ORDER BY m.market_id, c.contract_id");
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (i == 0 || rows.text(i, 0) != rows.text(i - 1, 0)) {
      market m;
      m.id = market_id::parse(rows.text(i, 0)).value();
      m.kind = parse_market_kind(rows.text(i, 1)).value();
      m.title = rows.text(i, 2);
      market_signal s;
      s.change = market_change::mapping_changed;
      s.mapping = std::move(m);
      out.push_back(std::move(s));
    }
    market_contract c;
    c.contract = contract_id::parse(rows.text(i, 3)).value();
    c.relation = parse_mapping_relation(rows.text(i, 4)).value();
    c.status = parse_mapping_status(rows.text(i, 5)).value();
    c.rule_hash = rows.text(i, 6);
    out.back().mapping->contracts.push_back(std::move(c));
  }
  return out;
}

}  // namespace cornice::execution
