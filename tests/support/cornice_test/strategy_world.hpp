// Builders for listings, books and feeds, so that a test shows only what it is about.
#pragma once

#include "cornice/model/listing.hpp"
#include "cornice/model/signals.hpp"

#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

namespace cornice_test {

using namespace cornice;

inline constexpr timestamp noon = from_unix_s(1'790'000'000);

inline price usd(const char* text) {
  return price::parse(text).value();
}
inline quantity contracts(const char* text) {
  return quantity::parse(text).value();
}
inline money dollars(const char* text) {
  return money::parse(text).value();
}

inline listing make_listing(venue_id venue, const std::string& name) {
  listing l;
  l.venue = venue;
  l.id = listing_id::of(name);
  l.event = event_id::of("E-" + name);
  l.title = "Will " + name + " happen?";
  l.rules = "Resolves YES if " + name + " happens.";
  l.rule_hash = std::string(64, 'a');
  l.status = listing_status::open;
  l.accepting_orders = true;
  l.grid = tick_grid::uniform(10'000).value();
  l.fees.kind = fee_schedule::model::none;
  l.expected_resolution = noon + std::chrono::hours{24 * 10};
  l.yes = contract_id::make(venue, name + ":yes");
  l.no = contract_id::make(venue, name + ":no");
  return l;
}

inline book_signal make_book(const contract_id& contract,
                             std::initializer_list<std::pair<const char*, const char*>> asks,
                             std::uint64_t revision = 1) {
  book_signal b;
  b.contract = contract;
  b.epoch = 1;
  b.revision = revision;
  b.usable = true;
  for (const auto& [p, q] : asks) b.asks.push_back({usd(p), contracts(q)});
  b.received = noon;
  b.published = noon;
  b.trace = trace_id::of("t" + std::to_string(revision));
  return b;
}

inline feed_signal live_feed(venue_id venue) {
  feed_signal f;
  f.venue = venue;
  f.state = feed_state::live;
  f.observed = noon;
  return f;
}

inline market make_market(const std::string& id, market_kind kind, mapping_relation relation,
                          const std::vector<contract_id>& members,
                          mapping_status status = mapping_status::approved) {
  market m;
  m.id = market_id::of(id);
  m.kind = kind;
  m.title = id;
  for (const contract_id& c : members)
    m.contracts.push_back({c, relation, status, std::string(64, 'a')});
  return m;
}

}  // namespace cornice_test
