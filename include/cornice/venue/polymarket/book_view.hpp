// A book as REST and WebSocket give it, borrowed from the bytes that it was decoded from.
#pragma once

#include "cornice/venue/polymarket/text_book.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace cornice::venue::polymarket {

/// Texts are verbatim, because the hash covers them. Optional ones are absent in some forms of the
/// message: a WebSocket `book` usually lacks min_order_size and neg_risk, books of the first CLOB
/// generation lack all four. `last_trade_price` is "" when nothing was ever traded.
struct book_view {
  std::string_view market;
  std::string_view asset_id;
  std::string_view timestamp_text;
  std::int64_t timestamp_ms = 0;
  std::string_view hash;  ///< empty: not sent
  std::span<const wire_level> bids;
  std::span<const wire_level> asks;
  std::optional<std::string_view> min_order_size;
  std::optional<std::string_view> tick_size;
  std::optional<bool> neg_risk;
  std::optional<std::string_view> last_trade_price;
};

}  // namespace cornice::venue::polymarket
