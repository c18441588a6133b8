#include "cornice/strategy/engine.hpp"

#include "strategy/depth_walk.hpp"
#include "strategy/universe.hpp"

#include <algorithm>
#include <limits>

namespace cornice::strategy {
namespace {

std::int64_t to_ms(std::chrono::microseconds d) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(d).count();
}

std::int64_t saturate(int128 v) {
  constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();
  return v > most ? most : static_cast<std::int64_t>(v);
}

// Two independent 64-bit FNV-1a hashes: the same legs on the same books give the same id, so that
// execution recognises a repeated opportunity even from a restarted strategy.
class id_hash {
 public:
  void add(std::string_view text) {
    for (const char c : text) byte(static_cast<unsigned char>(c));
    byte(0);
  }
  void add(std::uint64_t v) {
    for (int shift = 0; shift < 64; shift += 8) byte(static_cast<unsigned char>(v >> shift));
  }
  [[nodiscard]] opportunity_id id() const { return opportunity_id::of(make_uuid(a_, b_)); }

 private:
  void byte(unsigned char c) {
    a_ = (a_ ^ c) * 0x100000001b3ULL;
    b_ = (b_ ^ (c + 0x9eU)) * 0x100000001b3ULL;
  }
  std::uint64_t a_ = 0xcbf29ce484222325ULL;
  std::uint64_t b_ = 0x84222325cbf29ce4ULL;
};

struct venue_state {
  bool known = false;
  feed_signal feed;
  money cash;
};

}  // namespace

struct engine::state {
  explicit state(strategy_limits l) : limits{l}, world{l} {}

  strategy_limits limits;
  universe world;
  std::array<venue_state, std::size(all_venues)> venues{};

  venue_state& venue(venue_id v) { return venues[static_cast<std::size_t>(v)]; }

  std::optional<failed_gate> check_leg(const contract_slot& s, timestamp now);
  walk_bounds bounds() const;
  std::optional<failed_gate> score(const candidate& c, timestamp now, opportunity& out);
  std::optional<failed_gate> check_worth(const opportunity& o) const;
  static failed_gate nothing_taken(const walked& w, const walk_bounds& b);
  std::int64_t annual_return_ppm(const opportunity& o, timestamp now) const;
  void describe(opportunity& o, const walked& w) const;
  void evaluate(candidate& c, const trace_id& trace, timestamp now, evaluation& out);
  void refuse(candidate& c, const failed_gate& why, const trace_id& trace, timestamp now,
              evaluation& out);
};

engine::engine(strategy_limits limits) : state_{std::make_unique<state>(limits)} {}
engine::~engine() = default;

void engine::update_listing(const listing& l) {
  state_->world.update_listing(l);
}
void engine::update_market(const market& m) {
  state_->world.update_market(m);
}
void engine::update_feed(const feed_signal& f) {
  venue_state& v = state_->venue(f.venue);
  v.known = true;
  v.feed = f;
}
void engine::update_cash(venue_id venue, money cash) {
  state_->venue(venue).cash = cash;
}
std::size_t engine::contracts() const noexcept {
  return state_->world.slots();
}
std::size_t engine::candidates() const noexcept {
  return state_->world.live_candidates();
}

evaluation engine::update_book(book_signal book, timestamp now) {
  evaluation out;
  contract_slot& s = state_->world.slot(state_->world.slot_of(book.contract));
  // Epochs only grow; within one, revisions do: an older state that arrives late is no news.
  if (s.has_book && (book.epoch < s.book.epoch ||
                     (book.epoch == s.book.epoch && book.revision < s.book.revision)))
    return out;
  s.book = std::move(book);
  s.has_book = true;
  for (const candidate_index i : s.candidates)
    state_->evaluate(state_->world.at(i), s.book.trace, now, out);
  std::ranges::sort(out.opportunities, [](const opportunity& a, const opportunity& b) {
    if (a.annual_return_ppm != b.annual_return_ppm)
      return a.annual_return_ppm > b.annual_return_ppm;
    if (a.edge != b.edge) return a.edge > b.edge;
    if (a.legs.size() != b.legs.size()) return a.legs.size() < b.legs.size();
    return a.id < b.id;
  });
  return out;
}

std::optional<failed_gate> engine::state::check_leg(const contract_slot& s, timestamp now) {
  if (!s.listed || !s.tradable) return failed_gate{"not_tradable", -1, "contracts"};
  const venue_state& v = venue(s.id.venue());
  if (!v.known || (v.feed.state != feed_state::live && v.feed.state != feed_state::degraded))
    return failed_gate{"feed_down", -1, "feeds"};
  if (!v.feed.trading_active) return failed_gate{"venue_paused", -1, "feeds"};
  if (const auto age = now - v.feed.observed; age > limits.max_feed_age)
    return failed_gate{"stale_feed", to_ms(limits.max_feed_age - age), "ms"};
  if (!s.has_book) return failed_gate{"no_book", -1, "books"};
  if (!s.book.usable) return failed_gate{"unusable_book", -1, "books"};
  if (const auto age = now - s.book.received; age > limits.max_book_age)
    return failed_gate{"stale_book", to_ms(limits.max_book_age - age), "ms"};
  return std::nullopt;
}

walk_bounds engine::state::bounds() const {
  walk_bounds b{limits.max_bundle_size, limits.max_bundle_cost, {}};
  for (std::size_t v = 0; v < venues.size(); ++v)
    b.cash[v] = money{divide(int128{venues[v].cash.micros()} * limits.max_cash_share.ppm, 1'000'000,
                             rounding::down)};
  return b;
}

failed_gate engine::state::nothing_taken(const walked& w, const walk_bounds& b) {
  if (!w.any_depth) return {"no_depth", -1, "levels"};
  switch (w.stop) {
    case walk_stop::edge:
      return {"no_edge", w.top_edge_micros, "micro_dollars"};
    case walk_stop::cash:
      return {"no_cash", std::ranges::min(b.cash).micros(), "micro_dollars"};
    case walk_stop::cost:
      return {"bundle_cost", b.cost.micros(), "micro_dollars"};
    case walk_stop::size:
      return {"bundle_size", b.size.micros(), "micro_contracts"};
    case walk_stop::depth:
      break;
  }
  return {"below_size_step", -1, "micro_contracts"};
}

std::optional<failed_gate> engine::state::score(const candidate& c, timestamp now,
                                                opportunity& out) {
  if (!c.approved) return failed_gate{"not_approved", -1, "mappings"};
  std::vector<const contract_slot*> legs;
  legs.reserve(c.legs.size());
  quantity least;
  for (const slot_index i : c.legs) {
    const contract_slot& s = world.slot(i);
    if (auto why = check_leg(s, now)) return why;
    least = std::max(least, s.min_size);
    legs.push_back(&s);
  }
  // YES and NO of a listing mirror each other and change in the same frame, but arrive one after
  // the other: until both carry the same trace, one of them is already history and their sum means
  // nothing.
  if (c.kind == opportunity_kind::complement && legs[0]->book.trace != legs[1]->book.trace)
    return failed_gate{"books_of_two_moments", -1, "books"};
  const walk_bounds b = bounds();
  const walked w = walk(legs, c.payoff_units, b);
  if (!w.size.is_positive()) return nothing_taken(w, b);
  if (w.size < least)
    return failed_gate{"below_min_size", (w.size - least).micros(), "micro_contracts"};
  out.kind = c.kind;
  out.market = c.market;
  out.size = w.size;
  out.payoff = money{payout(w.size).micros() * c.payoff_units};
  std::vector<std::pair<quantity, opportunity_leg>> by_depth;
  for (const contract_slot* s : legs) {
    const opportunity_leg leg = fill_leg(*s, w.size);
    by_depth.emplace_back(offered_up_to(*s, leg.limit), leg);
    if (!s->grid.accepts(leg.limit))
      return failed_gate{"off_grid", -s->grid.finest_step_micros(), "micro_dollars"};
    const money smallest = limits.min_leg_notional[static_cast<std::size_t>(s->id.venue())];
    if (leg.cost < smallest)
      return failed_gate{"below_min_notional", (leg.cost - smallest).micros(), "micro_dollars"};
    out.cost += leg.cost;
    out.fees += leg.fee;
    // A leg that does not say when it resolves locks its capital for as long as we assume.
    out.resolves = std::max(out.resolves, s->resolves.value_or(now + limits.unknown_lockup));
  }
  // Thinnest first: the leg that is hardest to fill goes out before money is committed to the easy
  // ones.
  std::ranges::stable_sort(by_depth, {}, [](const auto& leg) { return leg.first; });
  for (auto& [depth, leg] : by_depth) out.legs.push_back(std::move(leg));
  out.edge = out.payoff - out.cost - out.fees;
  out.created = now;
  out.expires = now + limits.time_to_live;
  out.annual_return_ppm = annual_return_ppm(out, now);
  if (auto why = check_worth(out)) return why;
  describe(out, w);
  return std::nullopt;
}

std::optional<failed_gate> engine::state::check_worth(const opportunity& o) const {
  if (o.edge < limits.min_edge)
    return failed_gate{"below_min_edge", (o.edge - limits.min_edge).micros(), "micro_dollars"};
  const std::int64_t on_cost =
      divide(int128{o.edge.micros()} * 1'000'000, (o.cost + o.fees).micros(), rounding::down);
  if (on_cost < limits.min_edge_on_cost.ppm)
    return failed_gate{"below_min_edge_on_cost", on_cost - limits.min_edge_on_cost.ppm, "ppm"};
  if (o.annual_return_ppm < limits.min_annual_return.ppm)
    return failed_gate{"below_min_annual_return",
                       o.annual_return_ppm - limits.min_annual_return.ppm, "ppm"};
  return std::nullopt;
}

std::int64_t engine::state::annual_return_ppm(const opportunity& o, timestamp now) const {
  using namespace std::chrono;
  // Shorter lock-ups than an hour would let rounding noise win every ranking.
  const microseconds lockup = std::max<microseconds>(o.resolves - now, hours{1});
  constexpr microseconds year = hours{24 * 365};
  const int128 ppm = int128{o.edge.micros()} * 1'000'000 / (o.cost + o.fees).micros();
  return saturate(ppm * year.count() / lockup.count());
}

void engine::state::describe(opportunity& o, const walked& w) const {
  id_hash hash;
  hash.add(to_string(o.kind));
  for (const opportunity_leg& leg : o.legs) {
    hash.add(leg.contract.view());
    hash.add(leg.book_epoch);
    hash.add(leg.book_revision);
  }
  o.id = hash.id();
  o.reasons.push_back("pays " + o.payoff.to_string() + " for " + o.cost.to_string() +
                      " plus fees " + o.fees.to_string());
  o.reasons.push_back("best prices leave " + format_millionths(w.top_edge_micros, 2) +
                      " per bundle after fees");
  switch (w.stop) {
    case walk_stop::depth:
      o.reasons.emplace_back("size bounded by the depth of the books");
      break;
    case walk_stop::edge:
      o.reasons.emplace_back("size bounded where the next level earns nothing");
      break;
    case walk_stop::size:
      o.reasons.emplace_back("size bounded by the bundle size limit");
      break;
    case walk_stop::cost:
      o.reasons.emplace_back("size bounded by the bundle cost limit");
      break;
    case walk_stop::cash:
      o.reasons.emplace_back("size bounded by the cash at a venue");
      break;
  }
}

void engine::state::evaluate(candidate& c, const trace_id& trace, timestamp now, evaluation& out) {
  opportunity o;
  if (const auto why = score(c, now, o)) return refuse(c, *why, trace, now, out);
  if (now < c.rests_until)
    return refuse(c, {"cooling_down", to_ms(now - c.rests_until), "ms"}, trace, now, out);
  c.rests_until = now + limits.cooldown;
  c.last_gate.clear();
  o.trace = trace;
  out.opportunities.push_back(std::move(o));
}

void engine::state::refuse(candidate& c, const failed_gate& why, const trace_id& trace,
                           timestamp now, evaluation& out) {
  if (c.last_gate == why.gate && now < c.last_refusal + limits.refusal_interval) return;
  c.last_gate = why.gate;
  c.last_refusal = now;
  opportunity_refusal r;
  r.kind = c.kind;
  r.market = c.market;
  for (const slot_index i : c.legs) r.contracts.push_back(world.slot(i).id);
  r.gate = why.gate;
  r.margin = why.margin;
  r.margin_unit = why.unit;
  r.evaluated = now;
  r.trace = trace;
  out.refusals.push_back(std::move(r));
}

}  // namespace cornice::strategy
