#include "sim/calendar.hpp"

#include <array>
#include <cctype>
#include <string_view>

namespace cornice::sim {
namespace {

constexpr std::array<std::string_view, 12> months{"January",   "February", "March",    "April",
                                                  "May",       "June",     "July",     "August",
                                                  "September", "October",  "November", "December"};

struct parts {
  int year;
  unsigned month;
  unsigned day;
  std::int64_t second_of_day;
};

parts parts_of(timestamp t) {
  const auto day = std::chrono::floor<std::chrono::days>(t);
  const std::chrono::year_month_day date{day};
  return {int{date.year()}, unsigned{date.month()}, unsigned{date.day()},
          std::chrono::floor<std::chrono::seconds>(t - day).count()};
}

std::string two(std::int64_t n) {
  return n < 10 ? "0" + std::to_string(n) : std::to_string(n);
}

std::string mapped(std::string_view text, int (*change)(int)) {
  std::string out;
  for (const char c : text) out += static_cast<char>(change(static_cast<unsigned char>(c)));
  return out;
}

}  // namespace

std::string ticker_date(timestamp t) {
  const parts p = parts_of(t);
  return two(p.year % 100) + mapped(months[p.month - 1].substr(0, 3), std::toupper) + two(p.day);
}

std::string slug_date(timestamp t) {
  const parts p = parts_of(t);
  return mapped(months[p.month - 1], std::tolower) + "-" + std::to_string(p.day) + "-" +
         std::to_string(p.year);
}

std::string long_date(timestamp t) {
  const parts p = parts_of(t);
  return std::string{months[p.month - 1]} + " " + std::to_string(p.day) + ", " +
         std::to_string(p.year);
}

std::string compact_time(timestamp t) {
  const parts p = parts_of(t);
  const std::int64_t s = p.second_of_day;
  return ticker_date(t) + two(s / 3600) + two(s / 60 % 60) + two(s % 60);
}

std::string clock_time(timestamp t) {
  const std::int64_t s = parts_of(t).second_of_day;
  return two(s / 3600) + ":" + two(s / 60 % 60) + ":" + two(s % 60) + " UTC on " + long_date(t);
}

}  // namespace cornice::sim
