// Reads frames in the compact form that the venue writes; what the short ways of the decoder share.
#pragma once

#include "cornice/model/money.hpp"
#include "cornice/venue/kalshi/ws.hpp"
#include "venue/plain_text.hpp"
#include "venue/short_decimal.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace cornice::venue::kalshi::ws {

/// Walks over one frame, behind which there is `plain_text_padding`. Every read answers false for
/// what is not in the plain form, and the place is lost then.
class scanner {
 public:
  explicit scanner(std::string_view text) noexcept
      : at_{text.data()}, end_{text.data() + text.size()} {}

  bool take(char c) noexcept {
    if (at_ == end_ || *at_ != c) return false;
    ++at_;
    return true;
  }

  /// The bytes between two quotes, when none of them is an escape, a control character or not
  /// ASCII.
  bool text(std::string_view& out) noexcept {
    if (!take('"')) return false;
    const char* const begin = at_;
    at_ = end_of_plain(at_);
    if (at_ >= end_ || *at_ != '"') return false;
    out = {begin, static_cast<std::size_t>(at_ - begin)};
    ++at_;
    return true;
  }

  /// Up to 18 digits without sign or leading zero: every sequence number and time there is.
  bool number(std::optional<std::int64_t>& out) noexcept {
    const char* const begin = at_;
    std::int64_t value = 0;
    for (; at_ != end_ && *at_ >= '0' && *at_ <= '9'; ++at_) {
      if (at_ - begin == 18) return false;
      value = value * 10 + (*at_ - '0');
    }
    const auto digits = at_ - begin;
    if (digits == 0 || (*begin == '0' && digits > 1)) return false;
    out = value;
    return true;
  }

  [[nodiscard]] bool done() const noexcept { return at_ == end_; }

 private:
  const char* at_;
  const char* end_;
};

/// As parse_short_decimal, with an optional minus, such as "-20.00".
inline bool short_millionths(std::string_view text, std::int64_t& out) noexcept {
  const bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  if (!parse_short_decimal(text, out)) return false;
  if (negative) out = -out;
  return true;
}

inline bool read_decimal(scanner& s, price& out) noexcept {
  std::string_view text;
  std::int64_t micros = 0;
  if (!s.text(text) || !short_millionths(text, micros) || micros < 0 || micros > price::one)
    return false;
  out = price::of_micros(micros);
  return true;
}

inline bool read_decimal(scanner& s, quantity& out) noexcept {
  std::string_view text;
  std::int64_t micros = 0;
  if (!s.text(text) || !short_millionths(text, micros)) return false;
  out = quantity{micros};
  return true;
}

/// The envelope of a frame that begins with `{"type":"<type>"`; `read_payload(scanner&)` reads what
/// `msg` holds.
template <class F>
bool read_fast_frame(std::string_view text, std::string_view type, envelope& head,
                     F&& read_payload) {
  constexpr std::string_view before = R"({"type":")";
  const std::size_t start = before.size() + type.size();
  if (!text.starts_with(before) || text.substr(before.size(), type.size()) != type ||
      text.substr(start, 1) != "\"")
    return false;
  scanner s{text.substr(start + 1)};
  const auto once = [&s](std::optional<std::int64_t>& out) { return !out && s.number(out); };
  bool payload = false;
  while (s.take(',')) {
    std::string_view key;
    if (!s.text(key) || !s.take(':')) return false;
    bool good = false;
    if (key == "msg")
      good = !payload && (payload = read_payload(s));
    else if (key == "sid")
      good = once(head.sid);
    else if (key == "seq")
      good = once(head.seq);
    else if (key == "sending_ts_ms")
      good = once(head.sending_ts_ms);
    if (!good) return false;
  }
  head.type = text.substr(before.size(), type.size());
  return payload && s.take('}') && s.done();
}

}  // namespace cornice::venue::kalshi::ws
