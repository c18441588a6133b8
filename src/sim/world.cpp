#include "cornice/sim/world.hpp"

#include "sim/identity.hpp"
#include "sim/kalshi_words.hpp"
#include "sim/polymarket_words.hpp"
#include "sim/price_grids.hpp"

#include <algorithm>

namespace cornice::sim {
namespace {

constexpr std::int64_t lowest_fair = 15'000;
constexpr std::int64_t highest_fair = 985'000;
constexpr std::int64_t ticks_per_walk = 10;

std::size_t place_of(venue_id v) {
  return v == venue_id::kalshi ? 0 : 1;
}

}  // namespace

world::world(scenario s, std::uint64_t seed, timestamp start, std::int64_t speed_ppm)
    : market_board{start},
      scenario_{std::move(s)},
      random_{seed},
      start_{start},
      speed_ppm_{std::max<std::int64_t>(speed_ppm, 1'000)} {
  for (const group& g : scenario_.groups) drivers_.push_back(g.driver_micros);
  questions_.resize(scenario_.questions.size());
  for (std::size_t q = 0; q < questions_.size(); ++q) {
    questions_[q].share_micros = scenario_.questions[q].fair_micros;
    list_question(q, nullptr);
  }
  next_mispricing_ = after(scenario_.mispricing_gap_min);
}

timestamp world::after(scenario_time t) const {
  return now_ +
         std::chrono::microseconds{std::chrono::microseconds{t}.count() * 1'000'000 / speed_ppm_};
}

scenario_time world::elapsed() const {
  return ticks_ * world_step;
}

std::int64_t world::fair_micros(std::size_t q) const {
  const question& asked = scenario_.questions.at(q);
  const group& g = scenario_.groups.at(asked.group);
  const std::int64_t raw = g.kind == group_kind::exclusive
                               ? questions_.at(q).share_micros
                               : drivers_.at(asked.group) + asked.fair_micros;
  return std::clamp(raw, lowest_fair, highest_fair);
}

void world::list_question(std::size_t q, const sink* out) {
  const question& asked = scenario_.questions[q];
  std::vector<std::size_t> fresh;
  if (asked.kalshi.listed) fresh.push_back(add_listing(venue_id::kalshi, q));
  if (asked.polymarket.listed) fresh.push_back(add_listing(venue_id::polymarket, q));
  for (const std::size_t l : fresh) {
    questions_[q].listing[place_of(listings_[l].venue)] = l;
    listings_[l].centre_micros = fair_micros(q);
    if (out != nullptr) {
      (*out)(listed{l});
      announce_listing(l, *out);
    }
    requote(l, out != nullptr ? *out : sink{});
  }
}

std::size_t world::add_listing(venue_id venue, std::size_t q) {
  const question& asked = scenario_.questions[q];
  const group& g = scenario_.groups[asked.group];
  sim_listing l;
  l.venue = venue;
  l.question = q;
  if (venue == venue_id::kalshi) {
    l.id = g.kalshi_event + "-" + asked.kalshi.suffix;
    l.uuid = uuid_id(l.id);
    l.structure = asked.kalshi_structure;
    l.grid = kalshi_grid(l.structure);
  } else {
    l.slug = asked.polymarket.suffix.empty() ? g.polymarket_slug
                                             : g.polymarket_slug + "-" + asked.polymarket.suffix;
    l.id = hex_id(l.slug);
    l.gamma_id = number_id(l.slug);
    l.tokens = {token_id(l.slug + "/yes"), token_id(l.slug + "/no")};
    l.grid = polymarket_grid(asked.polymarket_tick_micros);
    l.neg_risk = g.kind == group_kind::exclusive;
  }
  l.created = l.updated = now_;
  l.close_time = g.deadline;
  l.half_spread_micros = random_.between(6'000, 11'000);
  for (auto& side : l.sizes)
    for (std::int64_t& size : side) size = random_.between(120, 900) * quantity::one / 2;
  return enlist(std::move(l));
}

void world::announce_listing(std::size_t at, const sink& out) {
  const sim_listing& l = listings_[at];
  if (l.venue == venue_id::polymarket)
    return out(announced{l.venue, at, new_market_words(*this, l)});
  out(announced{l.venue, at, event_words(*this, l)});
  out(announced{l.venue, at, created_words(*this, l)});
}

void world::advance(timestamp now, const sink& out) {
  const auto tick = std::chrono::microseconds{std::chrono::microseconds{world_step}.count() *
                                              1'000'000 / speed_ppm_};
  while (now_ + tick <= now) {
    now_ += tick;
    ++ticks_;
    step(out);
  }
}

void world::step(const sink& out) {
  run_lifecycle(out);
  if (ticks_ % ticks_per_walk == 0) walk(out);
  run_mispricing(out);
  maybe_requote(out);
  maybe_trade(out);
}

void world::walk_group(std::size_t at) {
  const group& g = scenario_.groups[at];
  if (g.kind == group_kind::ladder) {
    std::int64_t& driver = drivers_[at];
    std::int64_t home = g.driver_micros;
    if (g.swing_micros != 0) {
      // A triangle of one minute around the start.
      const std::int64_t phase_ms = elapsed().count() % 60'000;
      const std::int64_t up = phase_ms < 30'000 ? phase_ms : 60'000 - phase_ms;
      home += g.swing_micros * (2 * up - 30'000) / 30'000;
      driver += (home - driver) / 8;
    }
    driver += random_.between(-g.volatility_micros, g.volatility_micros) + (home - driver) / 48;
    return;
  }
  // Probability moves from one member to another; none falls below three percent.
  std::vector<std::size_t> members;
  for (std::size_t q = 0; q < questions_.size(); ++q)
    if (scenario_.questions[q].group == at) members.push_back(q);
  const auto pick = [&] {
    return members[static_cast<std::size_t>(
        random_.between(0, static_cast<std::int64_t>(members.size()) - 1))];
  };
  question_state& from = questions_[pick()];
  question_state& to = questions_[pick()];
  const std::int64_t moved = random_.between(0, g.volatility_micros);
  if (from.share_micros - moved < 30'000) return;
  from.share_micros -= moved;
  to.share_micros += moved;
}

// Polymarket follows with a lag, Kalshi at once; each has a little opinion of its own.
void world::recentre(sim_listing& l) {
  l.noise_micros = std::clamp<std::int64_t>(
      l.noise_micros + random_.between(-1'000, 1'000) - l.noise_micros / 16, -3'000, 3'000);
  const std::int64_t target = fair_micros(l.question) + l.noise_micros;
  l.centre_micros +=
      l.venue == venue_id::kalshi ? target - l.centre_micros : (target - l.centre_micros) / 3;
}

void world::walk(const sink& out) {
  for (std::size_t g = 0; g < drivers_.size(); ++g) walk_group(g);
  for (std::size_t i = 0; i < listings_.size(); ++i) {
    sim_listing& l = listings_[i];
    if (l.phase != listing_phase::open) continue;
    recentre(l);
    if (std::abs(l.centre_micros - l.quoted_micros) >= 7'000 && l.shift_micros == 0)
      requote(i, out);
    const std::int64_t coarse = l.grid.finest_step_micros();
    if (l.venue == venue_id::polymarket && coarse > 1'000 &&
        (l.centre_micros > 960'000 || l.centre_micros < 40'000))
      refine_grid(i, out);
  }
}

}  // namespace cornice::sim
