#include "cornice/data/selection.hpp"

#include <algorithm>
#include <cctype>
#include <set>

namespace cornice::data {
namespace {

std::string lower(std::string_view text) {
  std::string out{text};
  std::ranges::transform(out, out.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return out;
}

bool matches(const listing& l, const std::vector<std::string>& words) {
  if (words.empty()) return true;
  const std::string where = lower(l.series) + "\n" + lower(l.category) + "\n" + lower(l.title);
  return std::ranges::any_of(
      words, [&](const std::string& w) { return where.find(lower(w)) != std::string::npos; });
}

bool worth_watching(const listing& l) {
  return l.status == listing_status::open || l.status == listing_status::paused ||
         l.status == listing_status::pending;
}

bool mapped(const catalogue& c, const listing& l) {
  for (const contract_id* id : {&l.yes, &l.no})
    for (const market* m : c.markets_of(*id))
      for (const market_contract& in : m->contracts)
        if (in.contract == *id && in.status != mapping_status::rejected) return true;
  return false;
}

}  // namespace

std::vector<listing_id> select(const catalogue& c, venue_id venue, const discovery_config& config) {
  std::vector<listing_id> chosen;
  std::vector<listing_id> others;
  for (const listing* l : c.of_venue(venue)) {
    if (!worth_watching(*l)) continue;
    if (mapped(c, *l))
      chosen.push_back(l->id);
    else if (l->status == listing_status::open && matches(*l, config.stream_words))
      others.push_back(l->id);
  }
  const auto max = static_cast<std::size_t>(config.stream_max);
  const std::size_t room = max > chosen.size() ? max - chosen.size() : 0;
  chosen.insert(chosen.end(), others.begin(),
                others.begin() + static_cast<std::ptrdiff_t>(std::min(room, others.size())));
  std::ranges::sort(chosen);
  return chosen;
}

}  // namespace cornice::data
