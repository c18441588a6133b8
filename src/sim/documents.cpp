#include "sim/documents.hpp"

#include "cornice/model/listing.hpp"

#include <nlohmann/json.hpp>

namespace cornice::sim {
namespace {

using json = nlohmann::json;

json side_of(const order_book& book, book_side side) {
  json out = json::array();
  for (const level& l : book.levels(side)) out.push_back({l.p.to_string(), l.q.to_string()});
  return out;
}

json counters_of(const venue_counters& c) {
  return {{"requests", c.rest.requests},         {"malformed_requests", c.rest.malformed},
          {"unknown_requests", c.rest.unknown},  {"budget_violations", c.rest.budget_violations},
          {"connections", c.stream.connections}, {"live_connections", c.stream.live},
          {"frames_sent", c.stream.frames},      {"refused_commands", c.stream.refused},
          {"overflows", c.stream.overflows}};
}

json listing_of(const world& w, const sim_listing& l) {
  json out{{"venue", to_string(l.venue)},
           {"id", l.id},
           {"question", w.question_of(l).key},
           {"paired", w.question_of(l).paired()},
           {"phase", to_string(l.phase)},
           {"fair", format_millionths(w.fair_micros(l.question), 2)},
           {"mispriced", l.shift_micros != 0},
           {"finest_step", format_millionths(l.grid.finest_step_micros(), 2)},
           {"updated_ms", unix_ms(l.updated)},
           {"bids", side_of(l.book, book_side::bid)},
           {"asks", side_of(l.book, book_side::ask)}};
  if (l.venue == venue_id::polymarket) out["tokens"] = l.tokens;
  if (l.result) out["result"] = to_string(*l.result);
  return out;
}

std::string native(const sim_listing& l, outcome o) {
  if (l.venue == venue_id::kalshi) return "kalshi:" + l.id + ":" + std::string{to_string(o)};
  return "polymarket:" + l.tokens[o == outcome::yes ? 0 : 1];
}

json member(const sim_listing& l, outcome o, mapping_relation r) {
  return {{"contract_id", native(l, o)}, {"relation", to_string(r)}};
}

json pair_of(const world& w, std::size_t q) {
  json contracts = json::array();
  for (const sim_listing& l : w.listings()) {
    if (l.question != q) continue;
    contracts.push_back(member(l, outcome::yes, mapping_relation::same));
    contracts.push_back(member(l, outcome::no, mapping_relation::complement));
  }
  const question& asked = w.rules().questions[q];
  const group& g = w.rules().groups[asked.group];
  return {{"market_id", asked.key},
          {"kind", "binary"},
          {"title", g.kalshi_title + ": " + asked.kalshi.name},
          {"contracts", std::move(contracts)}};
}

json set_of(const world& w, std::size_t g, venue_id venue) {
  json contracts = json::array();
  for (const sim_listing& l : w.listings())
    if (l.venue == venue && w.question_of(l).group == g)
      contracts.push_back(member(l, outcome::yes, mapping_relation::member));
  return {{"market_id", w.rules().groups[g].key + "-" + std::string{to_string(venue)}},
          {"kind", "exhaustive_set"},
          {"title", w.rules().groups[g].kalshi_title},
          {"contracts", std::move(contracts)}};
}

}  // namespace

std::string truth_document(const world& w, const venue_counters& kalshi,
                           const venue_counters& polymarket, const fault_schedule& faults) {
  json out{{"scenario", w.rules().name},
           {"now_ms", unix_ms(w.now())},
           {"kalshi", counters_of(kalshi)},
           {"polymarket", counters_of(polymarket)},
           {"world",
            {{"mispricings", w.counters().mispricings},
             {"trades", w.counters().trades},
             {"book_changes", w.counters().book_changes}}}};
  json struck = json::object();
  for (std::size_t i = 0; i < faults.struck().size(); ++i)
    struck[std::string{fault_summaries()[i].name}] = faults.struck()[i];
  out["faults"] = std::move(struck);
  json listings = json::array();
  for (const sim_listing& l : w.listings()) listings.push_back(listing_of(w, l));
  out["listings"] = std::move(listings);
  return out.dump();
}

// A contract stands in one market: members of the exhaustive event are mapped as sets, one a
// venue, and not as pairs.
std::string mappings_document(const world& w) {
  json markets = json::array();
  const auto& rules = w.rules();
  for (std::size_t q = 0; q < rules.questions.size(); ++q)
    if (rules.questions[q].paired() && !rules.groups[rules.questions[q].group].exhaustive)
      markets.push_back(pair_of(w, q));
  for (std::size_t g = 0; g < rules.groups.size(); ++g)
    if (rules.groups[g].exhaustive)
      for (const venue_id v : {venue_id::kalshi, venue_id::polymarket})
        markets.push_back(set_of(w, g, v));
  return json{{"markets", std::move(markets)}}.dump(2);
}

}  // namespace cornice::sim
