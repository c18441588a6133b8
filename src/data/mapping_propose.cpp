#include "cornice/data/mapping.hpp"
#include "data/mapping_facts.hpp"

#include <algorithm>
#include <map>
#include <unordered_map>
#include <utility>

namespace cornice::data {
namespace {

// A key that more listings have than this does not tell them apart.
constexpr std::size_t postings_max = 1'000;
constexpr std::size_t candidates_max = 40;
constexpr std::size_t cache_max = 2'000;
// The best partner must lead by this much; otherwise nobody knows which one is meant.
constexpr std::int64_t lead_ppm = 50'000;
constexpr std::size_t set_members_max = 100;

std::vector<std::string> keys_of(const text_facts& t) {
  std::vector<std::string> out{t.words.begin(), t.words.end()};
  for (const std::int64_t n : t.numbers) out.push_back("n" + std::to_string(n));
  for (const calendar_date& d : t.dates)
    out.push_back("d" + std::to_string(d.month) + "-" + std::to_string(d.day));
  return out;
}

// Whole texts are large: they are read when a pair needs them, and kept for a while.
class facts_cache {
 public:
  const listing_facts& of(const listing* l) {
    if (kept_.size() >= cache_max && !kept_.contains(l)) kept_.clear();
    const auto [at, fresh] = kept_.try_emplace(l);
    if (fresh) at->second = read_listing(*l);
    return at->second;
  }

 private:
  std::unordered_map<const listing*, listing_facts> kept_;
};

class word_index {
 public:
  explicit word_index(const std::vector<const listing*>& listings) {
    for (std::size_t i = 0; i < listings.size(); ++i)
      for (std::string& k : keys_of(read_question(*listings[i]))) {
        std::vector<std::size_t>& p = postings_[std::move(k)];
        if (p.size() <= postings_max) p.push_back(i);
      }
  }

  // Those that share most with `l`, best first.
  [[nodiscard]] std::vector<std::size_t> candidates(const listing& l) const {
    std::map<std::size_t, std::size_t> shared;
    for (const std::string& k : keys_of(read_question(l))) {
      const auto at = postings_.find(k);
      if (at == postings_.end() || at->second.size() > postings_max) continue;
      for (const std::size_t i : at->second) ++shared[i];
    }
    std::vector<std::pair<std::size_t, std::size_t>> ranked(shared.begin(), shared.end());
    const std::size_t n = std::min(candidates_max, ranked.size());
    std::ranges::partial_sort(
        ranked, ranked.begin() + static_cast<std::ptrdiff_t>(n), [](const auto& x, const auto& y) {
          return x.second != y.second ? x.second > y.second : x.first < y.first;
        });
    std::vector<std::size_t> out;
    for (std::size_t i = 0; i < n; ++i) out.push_back(ranked[i].first);
    return out;
  }

 private:
  std::unordered_map<std::string, std::vector<std::size_t>> postings_;
};

struct candidate {
  const listing* a;
  const listing* b;
  mapping_verdict verdict;
};

std::vector<const listing*> open_listings(const catalogue& c, venue_id v) {
  std::vector<const listing*> out = c.of_venue(v);
  std::erase_if(out, [](const listing* l) { return l->status != listing_status::open; });
  return out;
}

// In one market already, whatever a person decided about it.
bool joined(const catalogue& c, const listing& a, const listing& b) {
  for (const market* m : c.markets_of(a.yes))
    for (const market_contract& each : m->contracts)
      if (each.contract == b.yes || each.contract == b.no) return true;
  return false;
}

std::vector<candidate> likely_pairs(const catalogue& c) {
  const std::vector<const listing*> left = open_listings(c, venue_id::kalshi);
  const std::vector<const listing*> right = open_listings(c, venue_id::polymarket);
  const word_index index{right};
  facts_cache right_facts;
  std::vector<candidate> out;
  for (const listing* a : left) {
    const listing_facts facts = read_listing(*a);
    for (const std::size_t i : index.candidates(*a)) {
      mapping_verdict v = compare_facts(facts, right_facts.of(right[i]));
      if (v.score_ppm >= proposal_score_ppm_min) out.push_back({a, right[i], std::move(v)});
    }
  }
  return out;
}

// The two best scores that a listing reaches.
struct best_two {
  std::int64_t first = 0;
  std::int64_t second = 0;
  void see(std::int64_t score) {
    if (score > first)
      second = std::exchange(first, score);
    else
      second = std::max(second, score);
  }
  [[nodiscard]] bool clearly(std::int64_t score) const {
    return score == first && first - second >= lead_ppm;
  }
};

std::string readable_id(const char* kind, std::string_view name, const std::string& identity) {
  constexpr std::size_t name_max = 120;
  return std::string{kind} + "-" + std::string{name.substr(0, name_max)} + "-" +
         rule_hash_of(identity).substr(0, 12);
}

proposal pair_of(const candidate& p) {
  proposal out;
  out.m.id =
      market_id::of(readable_id("pair", p.a->id.view(), p.a->yes.str() + " " + p.b->yes.str()));
  out.m.kind = market_kind::binary;
  out.m.title = p.b->title;
  for (const listing* l : {p.a, p.b}) {
    out.m.contracts.push_back(
        {l->yes, mapping_relation::same, mapping_status::proposed, l->rule_hash});
    out.m.contracts.push_back(
        {l->no, mapping_relation::complement, mapping_status::proposed, l->rule_hash});
  }
  out.score_ppm = p.verdict.score_ppm;
  out.evidence = p.verdict.evidence;
  return out;
}

void propose_pairs(const catalogue& c, std::vector<proposal>& out) {
  const std::vector<candidate> pairs = likely_pairs(c);
  std::unordered_map<const listing*, best_two> best;
  for (const candidate& p : pairs)
    for (const listing* l : {p.a, p.b}) best[l].see(p.verdict.score_ppm);
  for (const candidate& p : pairs) {
    const std::int64_t score = p.verdict.score_ppm;
    if (best[p.a].clearly(score) && best[p.b].clearly(score) && !joined(c, *p.a, *p.b))
      out.push_back(pair_of(p));
  }
}

void propose_sets(const catalogue& c, venue_id v, std::vector<proposal>& out) {
  std::map<event_id, std::vector<const listing*>> events;
  for (const listing* l : open_listings(c, v))
    if (l->mutually_exclusive) events[l->event].push_back(l);
  for (const auto& [event, members] : events) {
    if (members.size() < 2 || members.size() > set_members_max) continue;
    proposal p;
    const std::string identity = std::string{to_string(v)} + " " + event.str();
    p.m.id = market_id::of(readable_id("set", event.view(), identity));
    p.m.kind = market_kind::exclusive_set;
    p.m.title = members.front()->title;
    for (const listing* l : members)
      p.m.contracts.push_back(
          {l->yes, mapping_relation::member, mapping_status::proposed, l->rule_hash});
    const auto known = [&](const market_contract& m) {
      return std::ranges::any_of(c.markets_of(m.contract),
                                 [](const market* in) { return in->kind != market_kind::binary; });
    };
    if (std::ranges::all_of(p.m.contracts, known)) continue;
    p.score_ppm = 1'000'000;
    p.evidence = std::string{to_string(v)} + " says that at most one of the " +
                 std::to_string(members.size()) + " listings of event " + event.str() +
                 " resolves YES";
    out.push_back(std::move(p));
  }
}

}  // namespace

std::vector<proposal> propose_markets(const catalogue& c) {
  std::vector<proposal> out;
  propose_pairs(c, out);
  for (const venue_id v : {venue_id::kalshi, venue_id::polymarket}) propose_sets(c, v, out);
  std::ranges::sort(out, {}, [](const proposal& p) { return p.m.id; });
  return out;
}

}  // namespace cornice::data
