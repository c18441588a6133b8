#include "venue/polymarket/ws_quick.hpp"

#include "venue/polymarket/short_level.hpp"

#include <bit>
#include <cstring>

namespace cornice::venue::polymarket::ws {
namespace {

// Marks the high bit of each byte of `word` that ends a plain run: a quote, a backslash, a control
// character or anything beyond ASCII. Marks above the first true one may be false; only the first
// is used. Zero after the end of the text counts as a control character and stops every run.
std::uint64_t special_bytes(std::uint64_t word) noexcept {
  constexpr std::uint64_t ones = 0x0101010101010101U;
  constexpr std::uint64_t highs = 0x8080808080808080U;
  const auto zero_bytes = [](std::uint64_t x) { return (x - ones) & ~x & highs; };
  const std::uint64_t quotes = zero_bytes(word ^ (ones * '"'));
  const std::uint64_t backslashes = zero_bytes(word ^ (ones * '\\'));
  const std::uint64_t controls = (word - ones * 0x20) & ~word & highs;
  return quotes | backslashes | controls | (word & highs);
}

class reader {
 public:
  reader(std::string_view text, assembly& out)
      : at_{text.data()}, end_{text.data() + text.size()}, out_{out} {}

  bool frame() {
    skip_blanks();
    const bool list = *at_ == '[';
    if (!(list ? objects() : object())) return false;
    skip_blanks();
    return at_ == end_;
  }

 private:
  void skip_blanks() noexcept {
    while (is_blank(*at_)) ++at_;
  }
  bool take(char c) noexcept {
    skip_blanks();
    if (*at_ != c) return false;
    ++at_;
    return true;
  }
  // After an element: whether another follows. Anything but a comma must be `close`, which is left
  // for the caller to take.
  bool more() noexcept { return take(','); }

  bool string(std::string_view& out) noexcept {
    if (!take('"')) return false;
    const char* const begin = at_;
    for (;;) {
      std::uint64_t word = 0;
      std::memcpy(&word, at_, sizeof word);
      const std::uint64_t special = special_bytes(word);
      if (special == 0) {
        at_ += sizeof word;
        continue;
      }
      at_ += first_byte(special);
      if (*at_ != '"') return false;
      out = {begin, static_cast<std::size_t>(at_ - begin)};
      ++at_;
      return true;
    }
  }
  static std::size_t first_byte(std::uint64_t marks) noexcept {
    if constexpr (std::endian::native == std::endian::little)
      return static_cast<std::size_t>(std::countr_zero(marks)) / 8;
    else
      return static_cast<std::size_t>(std::countl_zero(marks)) / 8;
  }

  bool key(key_id& out) noexcept {
    std::string_view text;
    if (!string(text) || !take(':')) return false;
    out = key_of(text);
    return out != key_id::other;
  }

  // A string, or one of the flags; numbers and null are unusual here.
  bool scalar(key_id k, scalar_fields& into) noexcept {
    skip_blanks();
    std::string_view text;
    if (*at_ == '"') {
      if (!string(text)) return false;
    } else if (k == key_id::neg_risk && std::strncmp(at_, "true", 4) == 0) {
      text = {at_, 4};
      at_ += 4;
    } else if (k == key_id::neg_risk && std::strncmp(at_, "false", 5) == 0) {
      text = {at_, 5};
      at_ += 5;
    } else {
      return false;
    }
    into.set(k, text);
    return true;
  }

  bool level() {
    std::string_view price_text;
    std::string_view size_text;
    if (!take('{')) return false;
    do {
      key_id k{};
      if (!key(k) || (k != key_id::price && k != key_id::size)) return false;
      if (!string(k == key_id::price ? price_text : size_text)) return false;
    } while (more());
    if (!take('}') || out_.levels.size() >= max_total_levels) return false;
    return parse_short_level(price_text, size_text, out_.levels.emplace_back());
  }

  bool levels(extent& at) {
    at.begin = out_.levels.size();
    if (!take('[')) return false;
    if (!take(']')) {
      do {
        if (!level()) return false;
      } while (more());
      if (!take(']')) return false;
    }
    at.end = out_.levels.size();
    return true;
  }

  bool change() {
    scalar_fields f;
    if (!take('{')) return false;
    do {
      key_id k{};
      if (!key(k) || k >= key_id::bids || !scalar(k, f)) return false;
    } while (more());
    if (!take('}') || out_.changes.size() >= max_total_levels) return false;
    return !make_change(f, out_.changes.emplace_back());
  }

  bool changes(extent& at) {
    at.begin = out_.changes.size();
    if (!take('[')) return false;
    if (!take(']')) {
      do {
        if (!change()) return false;
      } while (more());
      if (!take(']')) return false;
    }
    at.end = out_.changes.size();
    return true;
  }

  bool member(key_id k, gathered& g) {
    switch (k) {
      case key_id::bids:
        g.has_bids = true;
        return levels(g.bids);
      case key_id::asks:
        g.has_asks = true;
        return levels(g.asks);
      case key_id::price_changes:
        g.has_changes = true;
        g.legacy_changes = false;
        return changes(g.changes);
      case key_id::changes:
        return false;  // of the first generation
      default:
        return scalar(k, g.fields);
    }
  }

  bool object() {
    skip_blanks();
    const char* const begin = at_;
    gathered g;
    if (!take('{')) return false;
    do {
      key_id k{};
      if (!key(k) || !member(k, g)) return false;
    } while (more());
    if (!take('}') || out_.size() >= max_messages) return false;
    out_.add(g, {begin, static_cast<std::size_t>(at_ - begin)});
    return true;
  }

  bool objects() {
    if (!take('[')) return false;
    if (take(']')) return true;
    do {
      if (!object()) return false;
    } while (more());
    return take(']');
  }

  const char* at_;
  const char* end_;
  assembly& out_;
};

}  // namespace

bool read_quickly(std::string_view text, assembly& out) {
  return reader{text, out}.frame();
}

}  // namespace cornice::venue::polymarket::ws
