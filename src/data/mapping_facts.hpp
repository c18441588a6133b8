// What a listing's text says, in a form that can be compared.
#pragma once

#include "cornice/data/mapping.hpp"
#include "cornice/model/listing.hpp"

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace cornice::data {

struct calendar_date {
  std::int64_t month = 0;
  std::int64_t day = 0;   ///< 0: only the month was named
  std::int64_t year = 0;  ///< 0: not named
  friend auto operator<=>(const calendar_date&, const calendar_date&) = default;
};
/// True when both may mean the same day or month.
[[nodiscard]] bool compatible(const calendar_date& a, const calendar_date& b) noexcept;

struct text_facts {
  std::vector<std::string> order;  ///< significant words as they come
  std::set<std::string> words;     ///< the same, each once
  std::set<std::int64_t> numbers;  ///< in millionths, without dates, years and times
  std::set<calendar_date> dates;
  std::set<std::int64_t> years;
  std::set<std::int64_t> minutes;  ///< times of day
  /// `above`, `at_least`, `below`, `at_most`, `between`.
  std::set<std::string> comparisons;
  /// `on` (a point in time), `until` (any time up to a date).
  std::set<std::string> spans;
  /// Words that change what is asked: see qualifier table.
  std::set<std::string> qualifiers;
  bool negated = false;
};

[[nodiscard]] text_facts read_text(std::string_view text);

struct listing_facts {
  const listing* source = nullptr;
  text_facts question;  ///< title and name of the outcome
  text_facts name;      ///< the outcome's name alone; empty for "Yes"
  text_facts all;       ///< with the rules
};
/// Title and name of the outcome only.
[[nodiscard]] text_facts read_question(const listing& l);
/// `l` outlives the answer.
[[nodiscard]] listing_facts read_listing(const listing& l);

/// As compare(), of listings that were read before.
[[nodiscard]] mapping_verdict compare_facts(const listing_facts& a, const listing_facts& b);

}  // namespace cornice::data
