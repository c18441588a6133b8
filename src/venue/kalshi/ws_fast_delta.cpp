#include "venue/kalshi/ws_fast_delta.hpp"

#include "venue/kalshi/ws_fast_scanner.hpp"

namespace cornice::venue::kalshi::ws {
namespace {

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

}  // namespace

bool read_fast_delta(std::string_view text, frame& out) noexcept {
  return read_fast_frame(text, "orderbook_delta", out.head, [&out](scanner& s) {
    return read_payload(s, out.body.emplace<orderbook_delta>());
  });
}

}  // namespace cornice::venue::kalshi::ws
