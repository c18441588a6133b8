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

json listing_document(const sim_listing& l, const world* made_up) {
  json out{{"venue", to_string(l.venue)},
           {"id", l.id},
           {"phase", to_string(l.phase)},
           {"finest_step", format_millionths(l.grid.finest_step_micros(), 2)},
           {"updated_ms", unix_ms(l.updated)},
           {"bids", side_of(l.book, book_side::bid)},
           {"asks", side_of(l.book, book_side::ask)}};
  if (made_up != nullptr) {
    out["question"] = made_up->question_of(l).key;
    out["paired"] = made_up->question_of(l).paired();
    out["fair"] = format_millionths(made_up->fair_micros(l.question), 2);
    out["mispriced"] = l.shift_micros != 0;
  }
  if (l.venue == venue_id::polymarket) {
    out["tokens"] = l.tokens;
    out["neg_risk"] = l.neg_risk;
  }
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

std::string truth_document(const truth_sources& s, const fault_schedule& faults) {
  json out{{"now_ms", unix_ms(s.board.now())},
           {"kalshi", counters_of(s.kalshi)},
           {"polymarket", counters_of(s.polymarket)}};
  if (s.made_up != nullptr) {
    const world_counters& c = s.made_up->counters();
    out["scenario"] = s.made_up->rules().name;
    out["world"] = {
        {"mispricings", c.mispricings}, {"trades", c.trades}, {"book_changes", c.book_changes}};
  }
  if (s.tape != nullptr) {
    const tape_counters& c = s.tape->counters();
    out["tape"] = {
        {"file", s.tape->recording().file}, {"ended", s.tape->ended()},   {"trades", c.trades},
        {"book_changes", c.book_changes},   {"unreadable", c.unreadable}, {"lost_books", c.lost}};
  }
  json struck = json::object();
  for (std::size_t i = 0; i < faults.struck().size(); ++i)
    struck[std::string{fault_summaries()[i].name}] = faults.struck()[i];
  out["faults"] = std::move(struck);
  json listings = json::array();
  for (const sim_listing& l : s.board.listings())
    listings.push_back(listing_document(l, s.made_up));
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
