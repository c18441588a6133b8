#include "data/mapping_facts.hpp"

#include "data/mapping_words.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <limits>
#include <utility>

namespace cornice::data {
namespace {

constexpr std::size_t text_max = 4'000;  // of a rule text; what is asked stands at its beginning
constexpr std::int64_t million = 1'000'000;
constexpr std::string_view degree = "\xc2\xb0";

constexpr std::array<std::string_view, 12> months{"jan", "feb", "mar", "apr", "may", "jun",
                                                  "jul", "aug", "sep", "oct", "nov", "dec"};
constexpr std::array<std::string_view, 12> long_months{
    "january", "february", "march",     "april",   "may",      "june",
    "july",    "august",   "september", "october", "november", "december"};

std::string lower(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (const char c : text)
    out.push_back(static_cast<char>(std::tolower(static_cast<unsigned char>(c))));
  return out;
}

bool word_char(char c) {
  const auto u = static_cast<unsigned char>(c);
  return std::isalnum(u) != 0 || u >= 0x80;
}

void replace_phrases(std::string& text) {
  for (const word_phrase& p : phrases())
    for (std::size_t at = text.find(p.text); at != std::string::npos; at = text.find(p.text, at)) {
      const std::size_t end = at + p.text.size();
      const bool whole =
          (at == 0 || !word_char(text[at - 1])) && (end == text.size() || !word_char(text[end]));
      if (whole) text.replace(at, p.text.size(), p.meaning);
      at += whole ? p.meaning.size() : 1;
    }
}

// Words keep inner hyphens and apostrophes, numbers their commas, points and colons.
std::vector<std::string> split(std::string_view text) {
  std::vector<std::string> out;
  std::size_t i = 0;
  while (i < text.size()) {
    // A byte of a multi-byte sign such as the degree: ends a word like a space does.
    if (!word_char(text[i])) {
      ++i;
      continue;
    }
    std::size_t end = i + 1;
    const auto inner = [&](char c) {
      return c == '\'' || c == '-' || c == '.' || c == ',' || c == ':';
    };
    const bool number = std::isdigit(static_cast<unsigned char>(text[i])) != 0;
    while (end < text.size() &&
           ((number && static_cast<unsigned char>(text[end]) < 0x80 && word_char(text[end])) ||
            (!number && word_char(text[end])) ||
            (inner(text[end]) && end + 1 < text.size() && word_char(text[end + 1]) &&
             static_cast<unsigned char>(text[end + 1]) < 0x80 &&
             (number == (std::isdigit(static_cast<unsigned char>(text[end + 1])) != 0)) &&
             (number || text[end] == '\'' || text[end] == '-'))))
      ++end;
    std::string word{text.substr(i, end - i)};
    if (number && end < text.size() && text[end] == '+') word += '+';
    out.push_back(std::move(word));
    i = end;
  }
  return out;
}

std::int64_t month_of(std::string_view word) {
  for (std::size_t i = 0; i < months.size(); ++i)
    if (word == months[i] || word == long_months[i] || (i == 8 && word == "sept"))
      return static_cast<std::int64_t>(i) + 1;
  return 0;
}

// 17:00 and 5pm; nothing when it is no time of day.
std::optional<std::int64_t> minutes_of(std::string_view word, std::string_view next) {
  std::string digits;
  std::size_t i = 0;
  while (i < word.size() && std::isdigit(static_cast<unsigned char>(word[i])) != 0) ++i;
  if (i == 0 || i > 2) return std::nullopt;
  std::int64_t hour = std::stoll(std::string{word.substr(0, i)});
  std::int64_t minute = 0;
  bool timed = false;
  if (word.size() >= i + 3 && word[i] == ':' &&
      std::isdigit(static_cast<unsigned char>(word[i + 1])) != 0 &&
      std::isdigit(static_cast<unsigned char>(word[i + 2])) != 0) {
    minute = std::stoll(std::string{word.substr(i + 1, 2)});
    i += 3;
    timed = true;
  }
  const std::string_view half = i < word.size() ? word.substr(i) : next;
  if (half == "pm" || half == "am") {
    hour = hour % 12 + (half == "pm" ? 12 : 0);
    timed = true;
  } else if (i < word.size()) {
    return std::nullopt;
  }
  if (!timed || hour > 23 || minute > 59) return std::nullopt;
  return hour * 60 + minute;
}

// In millionths; `k`, `m`, `b` and a trailing `+` are understood.
std::optional<std::int64_t> number_of(std::string_view word) {
  std::int64_t whole = 0;
  std::int64_t scale = 0;  // of the fraction
  std::size_t i = 0;
  for (; i < word.size(); ++i) {
    const char c = word[i];
    if (c == ',') continue;
    if (c == '.') {
      if (scale != 0) return std::nullopt;
      scale = million;
      whole *= million;
      continue;
    }
    if (std::isdigit(static_cast<unsigned char>(c)) == 0) break;
    if (whole > std::numeric_limits<std::int64_t>::max() / 10 - 10) return std::nullopt;
    if (scale == 0) {
      whole = whole * 10 + (c - '0');
    } else if (scale > 1) {
      scale /= 10;
      whole += (c - '0') * scale;
    }
  }
  std::string_view unit = word.substr(i);
  if (!unit.empty() && unit.back() == '+') unit.remove_suffix(1);
  std::int64_t factor = scale == 0 ? million : 1;
  if (unit == "k")
    factor *= 1'000;
  else if (unit == "m")
    factor *= million;
  else if (unit == "b" || unit == "bn")
    factor *= 1'000 * million;
  else if (!unit.empty() && unit != "f" && unit != "c" && unit != "bps" && unit != "st" &&
           unit != "nd" && unit != "rd" && unit != "th")
    return std::nullopt;
  if (whole > std::numeric_limits<std::int64_t>::max() / factor) return std::nullopt;
  return whole * factor;
}

std::string stem(std::string word) {
  if (word.size() > 2 && word.ends_with("'s")) word.resize(word.size() - 2);
  if (const auto known = synonyms().find(word); known != synonyms().end())
    return std::string{known->second};
  if (word.size() > 3 && word.ends_with('s') && !word.ends_with("ss") && !word.ends_with("us"))
    word.pop_back();
  if (const auto known = synonyms().find(word); known != synonyms().end())
    return std::string{known->second};
  return word;
}

class text_reader {
 public:
  explicit text_reader(std::vector<std::string> words) : words_{std::move(words)} {}

  text_facts read() {
    for (at_ = 0; at_ < words_.size(); ++at_) {
      if (take_month() || take_number()) continue;
      take_word();
    }
    return std::move(facts_);
  }

 private:
  [[nodiscard]] std::string_view word(std::size_t offset) const {
    return at_ + offset < words_.size() ? std::string_view{words_[at_ + offset]}
                                        : std::string_view{};
  }
  [[nodiscard]] std::string_view before() const {
    return at_ > 0 ? std::string_view{words_[at_ - 1]} : std::string_view{};
  }
  static std::optional<std::int64_t> year_of(std::string_view w) {
    const auto n = number_of(w);
    if (w.size() != 4 || !n || *n < 1990 * million || *n > 2100 * million) return std::nullopt;
    return *n / million;
  }
  static std::optional<std::int64_t> day_of(std::string_view w) {
    const auto n = number_of(w);
    if (w.size() > 4 || !n || *n % million != 0 || *n < million || *n > 31 * million)
      return std::nullopt;
    return *n / million;
  }

  // "Dec 1, 2026", "December 1", "December 2026", "1 December".
  bool take_month() {
    const std::int64_t month = month_of(word(0));
    if (month == 0) return false;
    // "may" is a month only where a number follows.
    if (word(0) == "may" && !day_of(word(1)) && !year_of(word(1))) return false;
    calendar_date d{month, 0, 0};
    span_of(before());
    std::size_t used = 0;
    if (const auto day = day_of(word(1))) {
      d.day = *day;
      used = 1;
    } else if (pending_day_ != 0) {
      d.day = pending_day_;
      facts_.numbers.erase(pending_day_ * million);
    }
    if (const auto year = year_of(word(used + 1))) {
      d.year = *year;
      facts_.years.insert(*year);
      ++used;
    }
    facts_.dates.insert(d);
    at_ += used;
    pending_day_ = 0;
    return true;
  }

  bool take_number() {
    pending_day_ = 0;
    const std::string_view w = word(0);
    if (std::isdigit(static_cast<unsigned char>(w.front())) == 0) return false;
    if (const auto time = minutes_of(w, word(1))) {
      facts_.minutes.insert(*time);
      span_of(before());
      return true;
    }
    if (const auto year = year_of(w)) {
      facts_.years.insert(*year);
      span_of(before());
      return true;
    }
    if (w.ends_with('+')) facts_.comparisons.insert("at_least");
    if (const auto n = number_of(w)) {
      facts_.numbers.insert(*n);
      if (const auto day = day_of(w)) pending_day_ = *day;
      return true;
    }
    keep(std::string{w});
    return true;
  }

  void span_of(std::string_view preposition) {
    if (preposition == "by" || preposition == "before" || preposition == "until" ||
        preposition == "through")
      facts_.spans.insert("until");
    if (preposition == "on" || preposition == "at") facts_.spans.insert("on");
  }

  void take_word() {
    pending_day_ = 0;
    const std::string_view w = word(0);
    if (w == "not" || w == "never" || w == "won't" || w == "without" || w == "neither")
      facts_.negated = true;
    if (const auto c = comparison_words().find(w); c != comparison_words().end())
      facts_.comparisons.emplace(c->second);
    if (w == "until") facts_.spans.insert("until");
    const std::string root = stem(std::string{w});
    for (const std::string_view each : {w, std::string_view{root}})
      if (const auto q = qualifier_words().find(each); q != qualifier_words().end())
        facts_.qualifiers.emplace(q->second);
    if (comparison_words().contains(w) || stop_words().contains(w) || stop_words().contains(root) ||
        w == "until")
      return;
    keep(root);
  }

  void keep(std::string w) {
    facts_.words.insert(w);
    facts_.order.push_back(std::move(w));
  }

  std::vector<std::string> words_;
  std::size_t at_ = 0;
  std::int64_t pending_day_ = 0;  // a number that a month may follow
  text_facts facts_;
};

bool says_nothing(std::string_view name) {
  const std::string text = lower(name);
  return text == "yes" || text == "no" || text == "up" || text == "over";
}

}  // namespace

bool compatible(const calendar_date& a, const calendar_date& b) noexcept {
  return a.month == b.month && (a.day == 0 || b.day == 0 || a.day == b.day) &&
         (a.year == 0 || b.year == 0 || a.year == b.year);
}

text_facts read_text(std::string_view text) {
  std::string prepared = lower(text.substr(0, text_max));
  for (std::size_t at = prepared.find(degree); at != std::string::npos; at = prepared.find(degree))
    prepared.replace(at, degree.size(), " ");
  replace_phrases(prepared);
  return text_reader{split(prepared)}.read();
}

namespace {

std::string question_text(const listing& l) {
  return says_nothing(l.outcome_name) ? l.title : l.title + " . " + l.outcome_name;
}

}  // namespace

text_facts read_question(const listing& l) {
  return read_text(question_text(l));
}

listing_facts read_listing(const listing& l) {
  listing_facts f;
  f.source = &l;
  f.question = read_question(l);
  // A name that repeats the title tells the outcomes of an event no further apart.
  if (!says_nothing(l.outcome_name) && l.outcome_name != l.title)
    f.name = read_text(l.outcome_name);
  f.all = read_text(question_text(l) + " . " + l.rules);
  return f;
}

}  // namespace cornice::data
