#include "venue/kalshi/ws_fast_delta.hpp"

#include <bit>
#include <cstdint>
#include <cstring>

namespace cornice::venue::kalshi::ws {
namespace {

static_assert(std::endian::native == std::endian::little,
              "the first byte of a word is looked for at its low end");

constexpr std::uint64_t every_byte(unsigned char c) {
  return 0x0101010101010101ull * c;
}

// The high bit of each byte that is zero; bits above the lowest such byte may be wrong.
constexpr std::uint64_t zero_bytes(std::uint64_t word) {
  return (word - every_byte(0x01)) & ~word & every_byte(0x80);
}

// Marks the quote, backslash, control and non-ASCII bytes of eight, reliably up to the first.
constexpr std::uint64_t ending_bytes(std::uint64_t word) {
  return zero_bytes(word ^ every_byte('"')) | zero_bytes(word ^ every_byte('\\')) |
         (word & every_byte(0x80)) | ((word - every_byte(0x20)) & ~word & every_byte(0x80));
}

class scanner {
 public:
  explicit scanner(std::string_view text) noexcept
      : at_{text.data()}, end_{text.data() + text.size()} {}

  bool take(char c) noexcept {
    if (at_ == end_ || *at_ != c) return false;
    ++at_;
    return true;
  }

  bool text(std::string_view& out) noexcept {
    if (!take('"')) return false;
    const char* const begin = at_;
    while (true) {
      std::uint64_t word = 0;
      std::memcpy(&word, at_, sizeof word);
      const std::uint64_t ends = ending_bytes(word);
      if (ends != 0) {
        at_ += std::countr_zero(ends) / 8;
        break;
      }
      at_ += sizeof word;
      if (at_ >= end_) return false;
    }
    if (at_ >= end_ || *at_ != '"') return false;
    out = {begin, static_cast<std::size_t>(at_ - begin)};
    ++at_;
    return true;
  }

  // Up to 18 digits without sign or leading zero: every sequence number and time there is.
  bool number(std::optional<std::int64_t>& out) noexcept {
    const char* const begin = at_;
    std::int64_t value = 0;
    while (at_ != end_ && *at_ >= '0' && *at_ <= '9' && at_ - begin < 19)
      value = value * 10 + (*at_++ - '0');
    const auto digits = at_ - begin;
    if (digits == 0 || digits > 18 || (*begin == '0' && digits > 1)) return false;
    out = value;
    return true;
  }

  [[nodiscard]] bool done() const noexcept { return at_ == end_; }

 private:
  const char* at_;
  const char* end_;
};

template <class T>
bool read_decimal(scanner& s, T& out) noexcept {
  std::string_view text;
  if (!s.text(text)) return false;
  const auto parsed = T::parse(text);
  if (!parsed) return false;
  out = *parsed;
  return true;
}

bool read_side(scanner& s, outcome& out) noexcept {
  std::string_view text;
  if (!s.text(text) || (text != "yes" && text != "no")) return false;
  out = text == "yes" ? outcome::yes : outcome::no;
  return true;
}

enum payload_key : unsigned {
  ticker_key = 1,
  id_key = 2,
  price_key = 4,
  delta_key = 8,
  side_key = 16,
  ts_key = 32,
  ts_ms_key = 64,
  order_key = 128,
  subaccount_key = 256
};
constexpr unsigned required_keys = ticker_key | price_key | delta_key | side_key;

// The bit of a key, or 0 for one that is not known here.
unsigned payload_key_of(std::string_view key) noexcept {
  switch (key.size()) {
    case 2:
      return key == "ts" ? ts_key : 0u;
    case 4:
      return key == "side" ? side_key : 0u;
    case 5:
      return key == "ts_ms" ? ts_ms_key : 0u;
    case 8:
      return key == "delta_fp" ? delta_key : 0u;
    case 9:
      return key == "market_id" ? id_key : 0u;
    case 10:
      return key == "subaccount" ? subaccount_key : 0u;
    case 13:
      return key == "market_ticker" ? ticker_key : key == "price_dollars" ? price_key : 0u;
    case 15:
      return key == "client_order_id" ? order_key : 0u;
    default:
      return 0;
  }
}

bool read_payload_value(scanner& s, unsigned key, orderbook_delta& out) noexcept {
  std::string_view ignored;
  switch (key) {
    case ticker_key:
      return s.text(out.market_ticker);
    case id_key:
      return s.text(out.market_id);
    case price_key:
      return read_decimal(s, out.price_dollars);
    case delta_key:
      return read_decimal(s, out.delta_fp);
    case side_key:
      return read_side(s, out.side);
    case ts_key:
      return s.text(ignored);
    case ts_ms_key:
      return s.number(out.ts_ms);
    case order_key:
      return s.text(out.client_order_id);
    case subaccount_key:
      return s.number(out.subaccount);
    default:
      return false;
  }
}

bool read_payload(scanner& s, orderbook_delta& out) noexcept {
  if (!s.take('{')) return false;
  unsigned seen = 0;
  do {
    std::string_view key;
    if (!s.text(key) || !s.take(':')) return false;
    const unsigned bit = payload_key_of(key);
    if (bit == 0 || (seen & bit) != 0 || !read_payload_value(s, bit, out)) return false;
    seen |= bit;
  } while (s.take(','));
  return s.take('}') && (seen & required_keys) == required_keys;
}

bool read_once(scanner& s, std::optional<std::int64_t>& out) noexcept {
  return !out && s.number(out);
}

}  // namespace

bool read_fast_delta(std::string_view text, frame& out) noexcept {
  constexpr std::string_view start = R"({"type":"orderbook_delta")";
  if (!text.starts_with(start)) return false;
  scanner s{text.substr(start.size())};
  auto& delta = out.body.emplace<orderbook_delta>();
  bool payload = false;
  while (s.take(',')) {
    std::string_view key;
    if (!s.text(key) || !s.take(':')) return false;
    bool good = false;
    if (key == "msg")
      good = !payload && (payload = read_payload(s, delta));
    else if (key == "sid")
      good = read_once(s, out.head.sid);
    else if (key == "seq")
      good = read_once(s, out.head.seq);
    else if (key == "sending_ts_ms")
      good = read_once(s, out.head.sending_ts_ms);
    if (!good) return false;
  }
  out.head.type = text.substr(9, 15);
  return payload && s.take('}') && s.done();
}

}  // namespace cornice::venue::kalshi::ws
