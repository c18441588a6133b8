#include "cornice/data/mapping.hpp"

#include "data/mapping_facts.hpp"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <utility>

namespace cornice::data {
namespace {

constexpr std::int64_t whole_ppm = 1'000'000;
constexpr std::int64_t coverage_ppm_min = 800'000;
constexpr std::chrono::hours close_apart_max{72};

// The share of `words` that `in` has too; of nothing, everything.
std::int64_t coverage_ppm(const std::set<std::string>& words, const std::set<std::string>& in) {
  if (words.empty()) return whole_ppm;
  const auto found =
      std::ranges::count_if(words, [&](const std::string& w) { return in.contains(w); });
  return whole_ppm * found / static_cast<std::int64_t>(words.size());
}

// Twice what is shared over what there is.
std::int64_t likeness_ppm(const std::set<std::string>& a, const std::set<std::string>& b) {
  if (a.empty() && b.empty()) return 0;
  const auto shared = std::ranges::count_if(a, [&](const std::string& w) { return b.contains(w); });
  return whole_ppm * 2 * shared / static_cast<std::int64_t>(a.size() + b.size());
}

template <class T>
bool disjoint(const std::set<T>& a, const std::set<T>& b) {
  return !a.empty() && !b.empty() &&
         std::ranges::none_of(a, [&](const T& each) { return b.contains(each); });
}

template <class T>
const T* missing_in(const std::set<T>& of, const std::set<T>& in) {
  const auto at = std::ranges::find_if(of, [&](const T& each) { return !in.contains(each); });
  return at == of.end() ? nullptr : &*at;
}

// What the question says counts; where it says nothing, what the rules say.
template <class T>
const std::set<T>& said(const listing_facts& f, std::set<T> text_facts::*what) {
  return (f.question.*what).empty() ? f.all.*what : f.question.*what;
}

std::string number_text(std::int64_t millionths) {
  return format_millionths(millionths, 0);
}

std::string veto_comparisons(const listing_facts& a, const listing_facts& b) {
  const auto& of_a = said(a, &text_facts::comparisons);
  const auto& of_b = said(b, &text_facts::comparisons);
  if (disjoint(of_a, of_b))
    return "one asks for \"" + *of_a.begin() + "\", the other for \"" + *of_b.begin() + "\"";
  for (const auto& [x, y] : {std::pair{&a, &b}, std::pair{&b, &a}})
    if (!x->question.comparisons.empty() && y->all.comparisons.empty())
      return "only one compares with a number (\"" + *x->question.comparisons.begin() + "\")";
  return {};
}

std::string veto_numbers(const listing_facts& a, const listing_facts& b) {
  for (const auto& [x, y] : {std::pair{&a, &b}, std::pair{&b, &a}})
    if (const std::int64_t* n = missing_in(x->question.numbers, y->all.numbers))
      return "only one speaks of " + number_text(*n);
  return {};
}

std::string veto_times(const listing_facts& a, const listing_facts& b) {
  const auto& dates_a = said(a, &text_facts::dates);
  const auto& dates_b = said(b, &text_facts::dates);
  const auto meets = [](const std::set<calendar_date>& any, const calendar_date& d) {
    return std::ranges::any_of(any, [&](const calendar_date& x) { return compatible(x, d); });
  };
  if (!dates_a.empty() && !dates_b.empty() &&
      std::ranges::none_of(dates_a, [&](const calendar_date& d) { return meets(dates_b, d); }))
    return "their dates differ";
  for (const auto& [x, y] : {std::pair{&a, &b}, std::pair{&b, &a}}) {
    for (const calendar_date& d : x->question.dates)
      if (!y->all.dates.empty() && !meets(y->all.dates, d)) return "a date is on one side only";
    for (const std::int64_t year : x->question.years)
      if (!y->all.years.empty() && !y->all.years.contains(year))
        return "only one speaks of the year " + std::to_string(year);
    if (missing_in(x->question.minutes, y->all.minutes) != nullptr)
      return "only one names that time of day";
  }
  const auto& spans_a = said(a, &text_facts::spans);
  const auto& spans_b = said(b, &text_facts::spans);
  if (disjoint(spans_a, spans_b)) return "one is about a point in time, the other about a period";
  const auto& close_a = a.source->close_time;
  const auto& close_b = b.source->close_time;
  if (close_a && close_b &&
      (*close_a > *close_b ? *close_a - *close_b : *close_b - *close_a) > close_apart_max)
    return "they close more than three days apart";
  return {};
}

bool contest(const text_facts& t) {
  return t.words.contains("win") || t.words.contains("versus");
}

// Who is asked about: the outcome's name, or what stands before the verb.
std::set<std::string> subject_of(const listing_facts& f) {
  if (!f.name.words.empty()) return f.name.words;
  std::set<std::string> out;
  for (const std::string& w : f.question.order) {
    if (w == "win") return out;
    out.insert(w);
  }
  return {};
}

std::string veto_words(const listing_facts& a, const listing_facts& b) {
  if (a.question.negated != b.question.negated) return "one of them is negated";
  for (const auto& [x, y] : {std::pair{&a, &b}, std::pair{&b, &a}}) {
    if (const std::string* q = missing_in(x->question.qualifiers, y->all.qualifiers))
      return "only one is about \"" + *q + "\"";
    if (const std::string* w = missing_in(x->name.words, y->question.words))
      return "the outcome's name has \"" + *w + "\", which the other question lacks";
  }
  if (contest(a.question) || contest(b.question)) {
    const std::set<std::string> of_a = subject_of(a);
    const std::set<std::string> of_b = subject_of(b);
    if (!of_a.empty() && !of_b.empty() && missing_in(of_a, of_b) != nullptr &&
        missing_in(of_b, of_a) != nullptr)
      return "they are about different sides of the contest";
    if (disjoint(of_a, of_b)) return "they are about different sides of the contest";
  }
  return {};
}

std::string join(const std::set<std::string>& words) {
  std::string out;
  for (const std::string& w : words) out += (out.empty() ? "" : " ") + w;
  return out;
}

}  // namespace

mapping_verdict compare_facts(const listing_facts& a, const listing_facts& b) {
  mapping_verdict v;
  for (const auto check : {veto_words, veto_comparisons, veto_numbers, veto_times})
    if (v.veto = check(a, b); !v.veto.empty()) return v;
  const std::int64_t forth = coverage_ppm(a.question.words, b.all.words);
  const std::int64_t back = coverage_ppm(b.question.words, a.all.words);
  const std::int64_t like = likeness_ppm(a.question.words, b.question.words);
  if (std::min(forth, back) < coverage_ppm_min || like == 0) {
    v.veto = "the words of the questions differ";
    return v;
  }
  v.score_ppm = (3 * forth + 3 * back + 4 * like) / 10;
  std::set<std::string> shared;
  std::ranges::set_intersection(a.question.words, b.question.words,
                                std::inserter(shared, shared.end()));
  v.evidence = "words: " + join(shared);
  for (const std::int64_t n : a.question.numbers) v.evidence += "; number " + number_text(n);
  if (!said(a, &text_facts::dates).empty() && !said(b, &text_facts::dates).empty())
    v.evidence += "; dates agree";
  const auto& close_a = a.source->close_time;
  const auto& close_b = b.source->close_time;
  if (close_a && close_b)
    v.evidence += "; closing " + to_rfc3339(*close_a) + " and " + to_rfc3339(*close_b);
  return v;
}

mapping_verdict compare(const listing& a, const listing& b) {
  return compare_facts(read_listing(a), read_listing(b));
}

}  // namespace cornice::data
