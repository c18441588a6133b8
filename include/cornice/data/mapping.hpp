// Which listings might be the same question: proposals for a person to read. Pure.
#pragma once

#include "cornice/data/catalogue.hpp"
#include "cornice/model/listing.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace cornice::data {

/// A pair below this is not worth a person's time.
inline constexpr std::int64_t proposal_score_ppm_min = 750'000;

/// How much two listings look like one question. Scores are parts per million; a vetoed pair has 0.
struct mapping_verdict {
  std::int64_t score_ppm = 0;
  std::string veto;      ///< the first reason why they are not the same question; empty: none
  std::string evidence;  ///< what speaks for it, for the person who decides
};

/// Compares titles, outcome names, rule texts and closing times. A veto is final whatever the words
/// say: other numbers, other dates or times of day, above against below, "above" against "at
/// least", a point in time against a period, a qualifier on one side only (core, monthly, by a
/// margin, in effect, runner-up, …), a negation, the other side of a contest, a name that the other
/// does not have, closing times more than three days apart. It errs towards "no": look-alikes cost
/// money, a missed pair costs an import by hand.
[[nodiscard]] mapping_verdict compare(const listing& a, const listing& b);

struct proposal {
  market m;
  std::int64_t score_ppm = 0;
  std::string evidence;
};

/// Binary markets out of Kalshi and Polymarket listings that are open, each listing in at most one
/// and only when its best partner is clearly the best; then an exclusive set for each event whose
/// venue says that at most one of its listings resolves YES. What a market of the catalogue joins
/// already, whatever its status, is not proposed again. In order of market id; the same catalogue
/// gives the same answer. Candidates come from an index of words, so it costs about O(listings), at
/// some microseconds each; do not run it on the loop.
[[nodiscard]] std::vector<proposal> propose_markets(const catalogue& c);

}  // namespace cornice::data
