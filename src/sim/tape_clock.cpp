#include "cornice/sim/tape_clock.hpp"

#include "cornice/model/money.hpp"

namespace cornice::sim {
namespace {

constexpr std::int64_t whole_speed = 1'000'000;
constexpr timestamp first_real = from_unix_s(946'684'800);      // 2000-01-01
constexpr timestamp first_unreal = from_unix_s(7'258'118'400);  // 2200-01-01
constexpr std::size_t shortest_time = 20;                       // 2026-11-22T16:07:00Z
constexpr std::size_t longest_time = 40;

std::chrono::microseconds scaled(std::chrono::microseconds t, std::int64_t by, std::int64_t per) {
  return std::chrono::microseconds{divide(int128{t.count()} * by, per, rounding::down)};
}

bool digits(std::string_view text, std::size_t from, std::size_t count) {
  for (std::size_t i = from; i < from + count; ++i)
    if (text[i] < '0' || text[i] > '9') return false;
  return true;
}

// Cheap enough to ask of every text of a document.
bool looks_like_a_time(std::string_view text) {
  return text.size() >= shortest_time && text.size() <= longest_time && digits(text, 0, 4) &&
         text[4] == '-' && digits(text, 5, 2) && text[7] == '-' && digits(text, 8, 2) &&
         (text[10] == 'T' || text[10] == ' ') && text[13] == ':' && text[16] == ':';
}

}  // namespace

timestamp tape_clock::on_tape(timestamp now) const noexcept {
  return tape_begin_ + scaled(now - start_, speed_ppm_, whole_speed);
}

timestamp tape_clock::served(timestamp tape) const noexcept {
  if (tape < first_real || tape >= first_unreal) return tape;
  return start_ + scaled(tape - tape_begin_, whole_speed, speed_ppm_);
}

std::string tape_clock::served_document(std::string_view json) const {
  std::string out;
  out.reserve(json.size() + json.size() / 64);
  std::size_t done = 0;
  for (std::size_t at = json.find('"'); at != std::string_view::npos;) {
    // Texts are stepped over whole, so that only real quotation marks are seen.
    std::size_t end = at + 1;
    while (end < json.size() && json[end] != '"') end += json[end] == '\\' ? 2U : 1U;
    if (end >= json.size()) break;
    const std::string_view text = json.substr(at + 1, end - at - 1);
    if (looks_like_a_time(text)) {
      if (const auto t = parse_rfc3339(text); t && served(*t) != *t) {
        std::string moved = to_rfc3339(served(*t));
        if (text.find('.') == std::string_view::npos) moved.replace(moved.find('.'), 7, "");
        out.append(json.substr(done, at + 1 - done)).append(moved);
        done = end;
      }
    }
    at = json.find('"', end + 1);
  }
  return out.append(json.substr(done));
}

}  // namespace cornice::sim
