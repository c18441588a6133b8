// Two mapped listings with books and feeds, and opportunities on them: what most tests of execution
// start from.
#pragma once

#include "cornice/execution/order_manager.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace cornice::execution::testing {

inline constexpr timestamp start_time = from_unix_s(1'790'000'000);

inline timestamp after_ms(std::int64_t ms) {
  return start_time + std::chrono::milliseconds{ms};
}
inline price cents(std::int64_t n) {
  return price::of_micros(n * 10'000);
}
inline quantity lots(std::int64_t n) {
  return quantity::contracts(n);
}
inline money usd(std::int64_t cents_) {
  return money{cents_ * 10'000};
}

inline const contract_id k_yes = contract_id::make(venue_id::kalshi, "K1:yes");
inline const contract_id k_no = contract_id::make(venue_id::kalshi, "K1:no");
inline const contract_id p_yes = contract_id::make(venue_id::polymarket, "71001");
inline const contract_id p_no = contract_id::make(venue_id::polymarket, "71002");
inline const contract_id all_contracts[] = {k_yes, k_no, p_yes, p_no};

inline listing make_listing(venue_id v) {
  const bool kalshi = v == venue_id::kalshi;
  listing l;
  l.venue = v;
  l.id = listing_id::of(kalshi ? "K1" : "0xp1");
  l.title = "Will it rain?";
  l.rules = "Rain is water.";
  l.rule_hash = "hash";
  l.status = listing_status::open;
  l.accepting_orders = true;
  l.grid = tick_grid::uniform(10'000).value();
  l.min_size = kalshi ? quantity{10'000} : lots(5);
  l.size_step = quantity{10'000};
  l.fees.kind = kalshi ? fee_schedule::model::kalshi : fee_schedule::model::polymarket;
  l.fees.taker_rate = ratio{kalshi ? 70'000 : 40'000};
  l.yes = kalshi ? k_yes : p_yes;
  l.no = kalshi ? k_no : p_no;
  return l;
}

inline market_signal listing_signal(listing l) {
  market_signal s;
  s.subject = std::move(l);
  return s;
}

inline market_signal mapping_signal(mapping_status status = mapping_status::approved) {
  market_signal s;
  s.change = market_change::mapping_changed;
  s.mapping = market{};
  s.mapping->id = market_id::of("rain");
  s.mapping->contracts = {{k_yes, mapping_relation::same, status, "hash"},
                          {p_yes, mapping_relation::same, status, "hash"}};
  return s;
}

inline book_signal make_book(const contract_id& c, timestamp now, std::int64_t bid = 44,
                             std::int64_t ask = 45, std::uint64_t revision = 1) {
  book_signal b;
  b.contract = c;
  b.epoch = 1;
  b.revision = revision;
  b.usable = true;
  if (bid > 0) b.bids = {{cents(bid), lots(1'000)}};
  if (ask > 0) b.asks = {{cents(ask), lots(1'000)}};
  b.received = now;
  b.published = now;
  return b;
}

inline feed_signal make_feed(venue_id v, timestamp now, feed_state state = feed_state::live) {
  feed_signal f;
  f.venue = v;
  f.state = state;
  f.observed = now;
  return f;
}

inline opportunity make_opportunity(std::string id, const contract_id& first,
                                    const contract_id& second, quantity size, timestamp now,
                                    price limit = cents(45)) {
  opportunity o;
  o.id = opportunity_id::of(std::move(id));
  const bool crosses = first.venue() != second.venue();
  o.kind = crosses ? opportunity_kind::cross_venue : opportunity_kind::complement;
  if (crosses) o.market = market_id::of("rain");
  for (const auto& c : {first, second}) {
    opportunity_leg leg;
    leg.contract = c;
    leg.limit = limit;
    leg.size = size;
    leg.cost = notional(limit, size, rounding::up);
    leg.fee = notional(cents(2), size, rounding::up);
    leg.book_epoch = 1;
    leg.book_revision = 1;
    o.cost += leg.cost;
    o.fees += leg.fee;
    o.legs.push_back(std::move(leg));
  }
  o.size = size;
  o.payoff = payout(size);
  o.edge = o.payoff - o.cost - o.fees;
  o.created = now;
  o.expires = now + std::chrono::milliseconds{1'000};
  return o;
}

/// Listings, an approved mapping, books and live feeds as of `now`.
template <class Market, class Book, class Feed>
void describe_world(timestamp now, Market on_market, Book on_book, Feed on_feed) {
  on_market(listing_signal(make_listing(venue_id::kalshi)));
  on_market(listing_signal(make_listing(venue_id::polymarket)));
  on_market(mapping_signal());
  for (const auto& c : all_contracts) on_book(make_book(c, now));
  on_feed(make_feed(venue_id::kalshi, now));
  on_feed(make_feed(venue_id::polymarket, now));
}

inline void describe_world(market_view& view, timestamp now) {
  describe_world(
      now, [&](const market_signal& s) { view.on_market(s); },
      [&](const book_signal& s) { view.on_book(s); },
      [&](const feed_signal& s) { view.on_feed(s); });
}

template <class T>
std::vector<T> pick(const actions& list) {
  std::vector<T> found;
  for (const action& a : list)
    if (const auto* x = std::get_if<T>(&a)) found.push_back(*x);
  return found;
}

template <class T>
std::vector<T> changes_of(const actions& list) {
  std::vector<T> found;
  for (const commit& c : pick<commit>(list))
    for (const change& x : c.changes)
      if (const auto* row = std::get_if<T>(&x)) found.push_back(*row);
  return found;
}

}  // namespace cornice::execution::testing
