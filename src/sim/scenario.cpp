#include "cornice/sim/scenario.hpp"

#include "sim/scenario_events.hpp"

#include <array>

namespace cornice::sim {
namespace {

constexpr std::array<scenario_summary, 5> summaries{{
    {"default",
     "Moving markets, a mispricing of 3 to 6 cents after fees every 3 to 5 seconds, lifecycles."},
    {"quiet", "As default, without any mispricing: a daemon that trades here is wrong."},
    {"busy", "As default, with a mispricing every second or less."},
    {"churn", "As default, with short-lived markets every 10 seconds that close after 20."},
    {"still", "Long-lived markets only: no mispricing, no lifecycle, no pauses."},
}};

}  // namespace

std::span<const scenario_summary> scenario_summaries() noexcept {
  return summaries;
}

result<scenario> make_scenario(std::string_view name, timestamp start) {
  scenario s;
  s.name = name;
  add_standing_events(s, start);
  if (name == "quiet") {
    s.mispricing_gap_max = scenario_time{0};
  } else if (name == "busy") {
    s.mispricing_gap_min = scenario_time{400};
    s.mispricing_gap_max = scenario_time{1'000};
  } else if (name == "churn") {
    s.short_lived_every = scenario_time{10'000};
    s.short_lived_life = scenario_time{20'000};
  } else if (name == "still") {
    s.mispricing_gap_max = scenario_time{0};
    s.short_lived_every = scenario_time{0};
    for (question& q : s.questions) q.pauses = q.regrids = false;
  } else if (name != "default") {
    std::string known;
    for (const scenario_summary& k : summaries) known.append(known.empty() ? "" : ", ") += k.name;
    return error{errc::not_found,
                 "there is no scenario " + std::string{name} + "; known are " + known};
  }
  return s;
}

}  // namespace cornice::sim
