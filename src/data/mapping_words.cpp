#include "data/mapping_words.hpp"

#include <array>

namespace cornice::data {
namespace {

// Words without meaning for what is asked.
const std::set<std::string_view> stop_table{
    "a",      "an",      "the",     "of",     "in",     "on",    "at",      "to",      "by",
    "for",    "will",    "be",      "is",     "are",    "was",   "than",    "and",     "or",
    "it",     "its",     "this",    "that",   "if",     "then",  "with",    "as",      "from",
    "per",    "which",   "who",     "what",   "when",   "has",   "have",    "do",      "does",
    "did",    "their",   "his",     "her",    "yes",    "no",    "market",  "resolve", "resolves",
    "more",   "less",    "greater", "higher", "lower",  "above", "below",   "over",    "under",
    "exceed", "exceeds", "least",   "most",   "before", "after", "between", "et",      "est",
    "utc",    "pm",      "am",      "last",   "any",    "later", "against", "vs",      "price",
    "value",  "percent", "bps",     "basis",  "point",  "month", "day",     "year",    "week",
    "us",     "f",       "c"};

// Different words for one thing.
const std::map<std::string_view, std::string_view> synonym_table{{"btc", "bitcoin"},
                                                                 {"eth", "ethereum"},
                                                                 {"nyc", "new-york"},
                                                                 {"beat", "win"},
                                                                 {"beats", "win"},
                                                                 {"defeat", "win"},
                                                                 {"defeats", "win"},
                                                                 {"winner", "win"},
                                                                 {"wins", "win"},
                                                                 {"won", "win"},
                                                                 {"highest", "maximum"},
                                                                 {"max", "maximum"},
                                                                 {"high", "maximum"},
                                                                 {"lowest", "minimum"},
                                                                 {"min", "minimum"},
                                                                 {"low", "minimum"},
                                                                 {"united-states", "us"},
                                                                 {"usa", "us"},
                                                                 {"u.s", "us"},
                                                                 {"american", "us"},
                                                                 {"america", "us"},
                                                                 {"federal-reserve", "fed"},
                                                                 {"fomc", "fed"},
                                                                 {"yearly", "annual"},
                                                                 {"yoy", "annual"},
                                                                 {"mom", "monthly"},
                                                                 {"cpi-u", "cpi"},
                                                                 {"agreed", "agreement"},
                                                                 {"leaves", "leave"},
                                                                 {"out", "leave"},
                                                                 {"departs", "leave"},
                                                                 {"shuts", "shutdown"},
                                                                 {"increase", "hike"},
                                                                 {"increases", "hike"},
                                                                 {"raise", "hike"},
                                                                 {"decrease", "cut"},
                                                                 {"decreases", "cut"},
                                                                 {"maintained", "hold"},
                                                                 {"unchanged", "hold"},
                                                                 {"passed", "pass"},
                                                                 {"passes", "pass"},
                                                                 {"presidency", "president"},
                                                                 {"presidential", "president"},
                                                                 {"film", "picture"},
                                                                 {"movie", "picture"},
                                                                 {"republicans", "republican"},
                                                                 {"democrats", "democrat"},
                                                                 {"democratic", "democrat"},
                                                                 {"elected", "election"},
                                                                 {"gop", "republican"}};

// Joined before anything else is read, so that their parts are not taken for words of their own.
constexpr std::array phrase_table = std::to_array<word_phrase>({
    {"basis points", "bps"},
    {"new york city", "new-york"},
    {"new york", "new-york"},
    {"united states", "united-states"},
    {"federal reserve", "federal-reserve"},
    {"twelve months", "annual"},
    {"twelve-month", "annual"},
    {"12 months", "annual"},
    {"12-month", "annual"},
    {"year over year", "annual"},
    {"year-over-year", "annual"},
    {"one month", "monthly"},
    {"one-month", "monthly"},
    {"month over month", "monthly"},
    {"month-over-month", "monthly"},
    {"less food and energy", "core"},
    {"excluding food and energy", "core"},
    {"no change", "hold"},
    {"no later than", "until"},
    {"no lower than", "at-least"},
    {"no less than", "at-least"},
    {"no more than", "at-most"},
    {"at least", "at-least"},
    {"at most", "at-most"},
    {"at or above", "at-least"},
    {"or above", "at-least"},
    {"or more", "at-least"},
    {"or higher", "at-least"},
    {"or greater", "at-least"},
    {"or below", "at-most"},
    {"or lower", "at-most"},
    {"or less", "at-most"},
    {"or fewer", "at-most"},
    {"more than", "above"},
    {"greater than", "above"},
    {"higher than", "above"},
    {"less than", "below"},
    {"lower than", "below"},
    {"fewer than", "below"},
    {"run off", "runoff"},
    {"runner up", "runner-up"},
    {"in effect", "effective"},
    {"takes effect", "effective"},
    {"fail to", "not"},
    {"fails to", "not"},
});

const std::map<std::string_view, std::string_view> comparison_table{
    {"above", "above"},   {"over", "above"},        {"exceed", "above"},
    {"exceeds", "above"}, {"at-least", "at_least"}, {"below", "below"},
    {"under", "below"},   {"at-most", "at_most"},   {"between", "between"}};

// A question with one of these asks something else than a question without it.
const std::map<std::string_view, std::string_view> qualifier_table{{"core", "core"},
                                                                   {"monthly", "monthly"},
                                                                   {"annual", "annual"},
                                                                   {"quarterly", "quarterly"},
                                                                   {"weekly", "weekly"},
                                                                   {"daily", "daily"},
                                                                   {"margin", "margin"},
                                                                   {"spread", "margin"},
                                                                   {"points", "margin"},
                                                                   {"effective", "effective"},
                                                                   {"nominee", "nomination"},
                                                                   {"nomination", "nomination"},
                                                                   {"nominated", "nomination"},
                                                                   {"primary", "nomination"},
                                                                   {"popular", "popular"},
                                                                   {"electoral", "electoral"},
                                                                   {"senate", "senate"},
                                                                   {"house", "house"},
                                                                   {"governor", "governor"},
                                                                   {"mayor", "mayor"},
                                                                   {"vice", "vice"},
                                                                   {"women", "women"},
                                                                   {"women's", "women"},
                                                                   {"semifinal", "semifinal"},
                                                                   {"semifinals", "semifinal"},
                                                                   {"quarterfinal", "quarterfinal"},
                                                                   {"playoffs", "playoffs"},
                                                                   {"playoff", "playoffs"},
                                                                   {"conference", "conference"},
                                                                   {"division", "division"},
                                                                   {"championship", "championship"},
                                                                   {"series", "series"},
                                                                   {"half", "half"},
                                                                   {"overtime", "overtime"},
                                                                   {"draw", "draw"},
                                                                   {"tie", "draw"},
                                                                   {"maximum", "maximum"},
                                                                   {"minimum", "minimum"},
                                                                   {"average", "average"},
                                                                   {"touch", "touch"},
                                                                   {"reach", "touch"},
                                                                   {"reaches", "touch"},
                                                                   {"hit", "touch"},
                                                                   {"hits", "touch"},
                                                                   {"dip", "touch"},
                                                                   {"domestic", "domestic"},
                                                                   {"worldwide", "worldwide"},
                                                                   {"opening", "opening"},
                                                                   {"closing", "closing"},
                                                                   {"runoff", "runoff"},
                                                                   {"runner-up", "runner-up"},
                                                                   {"second", "second"},
                                                                   {"third", "third"},
                                                                   {"resign", "resign"},
                                                                   {"resigns", "resign"},
                                                                   {"impeached", "impeached"},
                                                                   {"indicted", "indicted"},
                                                                   {"convicted", "convicted"},
                                                                   {"charged", "charged"},
                                                                   {"all-time", "all-time"},
                                                                   {"record", "record"},
                                                                   {"turnout", "turnout"},
                                                                   {"announce", "announce"},
                                                                   {"director", "director"},
                                                                   {"actor", "actor"},
                                                                   {"actress", "actress"},
                                                                   {"unemployment", "unemployment"},
                                                                   {"euro", "euro"},
                                                                   {"pce", "pce"},
                                                                   {"snow", "snow"},
                                                                   {"rain", "rain"},
                                                                   {"emergency", "emergency"}};

}  // namespace

const std::set<std::string_view>& stop_words() {
  return stop_table;
}
const std::map<std::string_view, std::string_view>& synonyms() {
  return synonym_table;
}
std::span<const word_phrase> phrases() {
  return phrase_table;
}
const std::map<std::string_view, std::string_view>& comparison_words() {
  return comparison_table;
}
const std::map<std::string_view, std::string_view>& qualifier_words() {
  return qualifier_table;
}

}  // namespace cornice::data
