// Small listings for the tests of data.
#pragma once

#include "cornice/data/catalogue.hpp"
#include "cornice/model/listing.hpp"

#include <string>

namespace cornice::data::test {

inline timestamp at_second(std::int64_t s) {
  return from_unix_s(1'800'000'000 + s);
}

inline listing make_listing(venue_id venue, const std::string& id, std::string title = "Question",
                            std::string outcome_name = "Yes", std::string rules = "Rules.") {
  listing l;
  l.venue = venue;
  l.id = listing_id::of(id);
  l.event = event_id::of("event-" + id);
  l.title = std::move(title);
  l.outcome_name = std::move(outcome_name);
  l.rules = std::move(rules);
  l.rule_hash = rule_hash_of(l.rules);
  l.status = listing_status::open;
  l.accepting_orders = true;
  l.grid = tick_grid::uniform(10'000).value();
  l.fees.kind = fee_schedule::model::none;
  l.close_time = at_second(86'400);
  if (venue == venue_id::kalshi) {
    l.yes = contract_id::make(venue, id + ":yes");
    l.no = contract_id::make(venue, id + ":no");
  } else {
    l.yes = contract_id::make(venue, id + "1");
    l.no = contract_id::make(venue, id + "0");
  }
  return l;
}

inline market make_market(const std::string& id, std::vector<contract_id> contracts,
                          mapping_status status = mapping_status::approved) {
  market m;
  m.id = market_id::of(id);
  m.title = id;
  for (contract_id& c : contracts)
    m.contracts.push_back({std::move(c), mapping_relation::same, status, "hash"});
  return m;
}

}  // namespace cornice::data::test
