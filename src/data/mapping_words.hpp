// The vocabulary by which listings are compared. All of it is lower case.
#pragma once

#include <map>
#include <set>
#include <span>
#include <string_view>

namespace cornice::data {

struct word_phrase {
  std::string_view text;
  std::string_view meaning;
};

/// Words without meaning for what is asked.
[[nodiscard]] const std::set<std::string_view>& stop_words();
/// Different words for one thing.
[[nodiscard]] const std::map<std::string_view, std::string_view>& synonyms();
/// In the order in which they are to be replaced.
[[nodiscard]] std::span<const word_phrase> phrases();
/// `above`, `at_least`, `below`, `at_most`, `between`.
[[nodiscard]] const std::map<std::string_view, std::string_view>& comparison_words();
/// A question with one of these asks something else than a question without it.
[[nodiscard]] const std::map<std::string_view, std::string_view>& qualifier_words();

}  // namespace cornice::data
