// Openings, pauses, closings, results and mispricings of the simulated markets.
#include "cornice/sim/world.hpp"
#include "sim/polymarket_words.hpp"

#include <algorithm>

namespace cornice::sim {
namespace {

constexpr scenario_time pause_period{120'000};
constexpr scenario_time pause_begins{40'000};
constexpr scenario_time pause_ends{52'000};
constexpr scenario_time regrid_at{60'000};
constexpr std::size_t short_lived_max = 2'000;

}  // namespace

bool world::quotable(std::optional<std::size_t> l) const {
  return l && listings_[*l].phase == listing_phase::open;
}

void world::run_lifecycle(const sink& out) {
  const scenario_time at = elapsed();
  const scenario_time every = scenario_.short_lived_every;
  if (every.count() != 0 && short_lived_ < short_lived_max &&
      at >= every * static_cast<std::int64_t>(short_lived_)) {
    list_short_lived(out);
  }
  for (std::size_t q = 0; q < questions_.size(); ++q)
    if (!questions_[q].resolved) lifecycle_of(q, at, out);
}

void world::list_short_lived(const sink& out) {
  const scenario_time life = scenario_.short_lived_life;
  short_lived fresh = make_short_lived(scenario_, short_lived_++, after(life), elapsed());
  fresh.pair.life.close = elapsed() + life;
  fresh.pair.group = scenario_.groups.size();
  drivers_.push_back(fresh.event.driver_micros);
  scenario_.groups.push_back(std::move(fresh.event));
  scenario_.questions.push_back(std::move(fresh.pair));
  questions_.emplace_back();
  list_question(questions_.size() - 1, &out);
}

void world::lifecycle_of(std::size_t q, scenario_time at, const sink& out) {
  const question& asked = scenario_.questions[q];
  const auto kalshi = questions_[q].listing[0];
  if (asked.pauses && kalshi) {
    const scenario_time place = at % pause_period;
    if (place == pause_begins) move_phase(*kalshi, listing_phase::paused, out);
    if (place == pause_ends) move_phase(*kalshi, listing_phase::open, out);
  }
  if (asked.regrids && kalshi && at == regrid_at && listings_[*kalshi].structure != "deci_cent")
    refine_grid(*kalshi, out);
  if (!asked.life.close) return;
  const lifetime life = asked.life;  // the vector of questions may grow while events are handled
  for (const auto& l : questions_[q].listing)
    if (l && at >= *life.close && listings_[*l].phase == listing_phase::open)
      move_phase(*l, listing_phase::closed, out);
  const scenario_time determined = *life.close + life.determine_after;
  if (at >= determined) determine(q, out);
  if (at < determined + life.settle_after) return;
  for (const auto& l : questions_[q].listing)
    if (l) move_phase(*l, listing_phase::settled, out);
  questions_[q].resolved = true;
}

void world::determine(std::size_t q, const sink& out) {
  const outcome result = fair_micros(q) >= price::one / 2 ? outcome::yes : outcome::no;
  for (const auto& l : questions_[q].listing) {
    if (!l || listings_[*l].result) continue;
    listings_[*l].result = result;
    move_phase(*l, listing_phase::determined, out);
  }
}

void world::move_phase(std::size_t at, listing_phase to, const sink& out) {
  sim_listing& l = listings_[at];
  if (l.phase == to) return;
  const listing_phase from = l.phase;
  l.phase = to;
  if (to == listing_phase::settled) l.settled_at = now_;
  if (to != listing_phase::open && to != listing_phase::paused) {
    l.shift_micros = 0;
    clear_book(at, out);
  }
  // A pause's end cancels what rests; the makers return at once.
  if (from == listing_phase::paused && to == listing_phase::open) clear_book(at, out);
  out(phase_changed{at, from});
  if (l.venue == venue_id::polymarket && to == listing_phase::determined)
    out(announced{l.venue, at, resolved_words(*this, l)});
  if (to == listing_phase::open) requote(at, out);
}

std::int64_t world::fee_micros(const sim_listing& l, std::int64_t p) const {
  const group& g = group_of(l);
  const std::int64_t rate = l.venue == venue_id::kalshi
                                ? 70'000 * g.kalshi_multiplier.ppm / 1'000'000
                                : g.polymarket_rate.ppm;
  return divide(int128{rate} * p * (price::one - p), int128{1'000'000} * 1'000'000, rounding::up);
}

void world::shift(std::size_t at, std::int64_t by, const sink& out) {
  sim_listing& l = listings_[at];
  l.shift_micros = by;
  // Enough at the touch for a real bundle.
  if (by != 0)
    for (auto& side : l.sizes)
      side[0] = std::max(side[0], random_.between(80, 260) * quantity::one);
  requote(at, out);
}

void world::run_mispricing(const sink& out) {
  for (std::size_t i = 0; i < mispricings_.size();) {
    if (mispricings_[i].ends > now_) {
      ++i;
      continue;
    }
    const mispricing over = std::move(mispricings_[i]);
    mispricings_.erase(mispricings_.begin() + static_cast<std::ptrdiff_t>(i));
    for (const std::size_t l : over.listings)
      if (listings_[l].phase == listing_phase::open)
        shift(l, 0, out);
      else
        listings_[l].shift_micros = 0;
  }
  if (scenario_.mispricing_gap_max.count() == 0 || now_ < next_mispricing_) return;
  const scenario_time hold{random_.between(scenario_.mispricing_hold_min.count(),
                                           scenario_.mispricing_hold_max.count())};
  const std::int64_t net =
      random_.between(scenario_.mispricing_net_min_micros, scenario_.mispricing_net_max_micros);
  bool started = random_.one_in(6) && start_set_mispricing(net, hold, out);
  for (int attempt = 0; attempt < 32 && !started; ++attempt) {
    const auto q = static_cast<std::size_t>(
        random_.between(0, static_cast<std::int64_t>(questions_.size()) - 1));
    started = start_pair_mispricing(q, net, hold, out);
  }
  next_mispricing_ = after(scenario_time{
      random_.between(scenario_.mispricing_gap_min.count(), scenario_.mispricing_gap_max.count())});
}

// One venue's centre rises and the other's falls until buying YES on the cheap one and NO on the
// dear one costs a dollar less the net, fees of both included.
bool world::start_pair_mispricing(std::size_t q, std::int64_t net, scenario_time hold,
                                  const sink& out) {
  const auto& [kalshi, polymarket] = questions_[q].listing;
  if (!quotable(kalshi) || !quotable(polymarket)) return false;
  const std::int64_t fair = fair_micros(q);
  if (fair < 120'000 || fair > 880'000) return false;
  if (listings_[*kalshi].shift_micros != 0 || listings_[*polymarket].shift_micros != 0)
    return false;
  const question& asked = scenario_.questions[q];
  // The exhaustive event has mispricings of its own, as a set.
  if (scenario_.groups[asked.group].exhaustive) return false;
  if (asked.life.close && *asked.life.close - elapsed() < hold + scenario_time{2'000}) return false;
  const std::int64_t fees =
      fee_micros(listings_[*kalshi], fair) + fee_micros(listings_[*polymarket], fair);
  const bool kalshi_dear = random_.one_in(2);
  for (const std::size_t l : {*kalshi, *polymarket}) {
    const sim_listing& s = listings_[l];
    // Half of the wanted difference, the spread, half a step of rounding, and what the venue's own
    // opinion takes away.
    const std::int64_t away =
        (net + fees) / 2 + s.half_spread_micros + s.grid.finest_step_micros() / 2;
    const bool up = (l == *kalshi) == kalshi_dear;
    const std::int64_t goal = up ? fair + away : fair - away;
    shift(l, goal - s.centre_micros, out);
  }
  mispricings_.push_back({{*kalshi, *polymarket}, after(hold)});
  ++counters_.mispricings;
  return true;
}

// One venue sells every member of the exhaustive event too cheaply.
bool world::start_set_mispricing(std::int64_t net, scenario_time hold, const sink& out) {
  const std::size_t place = random_.one_in(2) ? 0 : 1;
  for (std::size_t g = 0; g < scenario_.groups.size(); ++g) {
    if (!scenario_.groups[g].exhaustive) continue;
    std::vector<std::size_t> members;
    std::int64_t fees = 0;
    bool usable = true;
    for (std::size_t q = 0; q < questions_.size(); ++q) {
      if (scenario_.questions[q].group != g) continue;
      const auto l = questions_[q].listing[place];
      usable = usable && quotable(l) && listings_[*l].shift_micros == 0;
      if (!usable) break;
      members.push_back(*l);
      fees += fee_micros(listings_[*l], fair_micros(q));
    }
    if (!usable || members.empty()) continue;
    const std::int64_t each = (net + fees) / static_cast<std::int64_t>(members.size());
    for (const std::size_t l : members) {
      const sim_listing& s = listings_[l];
      const std::int64_t goal =
          fair_micros(s.question) - each - s.half_spread_micros - s.grid.finest_step_micros() / 2;
      shift(l, goal - s.centre_micros, out);
    }
    mispricings_.push_back({std::move(members), after(hold)});
    ++counters_.mispricings;
    return true;
  }
  return false;
}

result<void> world::request(const scenario_event& e, const sink& out) {
  using kind = scenario_event::kind;
  const error impossible{errc::invalid_argument, "that cannot happen to the market now"};
  if (e.what == kind::mispricing && e.question.empty()) {
    for (std::size_t n = 0; n < questions_.size(); ++n) {
      const auto q = static_cast<std::size_t>(
          random_.between(0, static_cast<std::int64_t>(questions_.size()) - 1));
      if (start_pair_mispricing(q, e.net_micros, e.hold, out)) return {};
    }
    return impossible;
  }
  if (e.what == kind::list) {
    list_short_lived(out);
    return {};
  }
  const auto found = std::find_if(scenario_.questions.begin(), scenario_.questions.end(),
                                  [&](const question& q) { return q.key == e.question; });
  if (found == scenario_.questions.end())
    return error{errc::not_found, "there is no question " + e.question};
  const auto q = static_cast<std::size_t>(found - scenario_.questions.begin());
  const auto kalshi = questions_[q].listing[0];
  switch (e.what) {
    case kind::mispricing:
      if (!start_pair_mispricing(q, e.net_micros, e.hold, out)) return impossible;
      return {};
    case kind::pause:
      if (!quotable(kalshi)) return impossible;
      move_phase(*kalshi, listing_phase::paused, out);
      return {};
    case kind::resume:
      if (!kalshi || listings_[*kalshi].phase != listing_phase::paused) return impossible;
      move_phase(*kalshi, listing_phase::open, out);
      return {};
    case kind::close:
      found->life.close = elapsed();
      return {};
    case kind::determine:
      determine(q, out);
      return {};
    case kind::settle:
      determine(q, out);
      for (const auto& l : questions_[q].listing)
        if (l) move_phase(*l, listing_phase::settled, out);
      questions_[q].resolved = true;
      return {};
    case kind::regrid:
      for (const auto& l : questions_[q].listing)
        if (quotable(l)) refine_grid(*l, out);
      return {};
    case kind::list:
      break;
  }
  return impossible;
}

}  // namespace cornice::sim
