// The quick reading of a level.
#pragma once

#include "cornice/venue/polymarket/text_book.hpp"
#include "venue/polymarket/decimal.hpp"

namespace cornice::venue::polymarket {

/// As parse_level for the form that every live level has. False for any other, good or bad.
[[nodiscard]] inline bool parse_short_level(std::string_view price_text, std::string_view size_text,
                                            wire_level& out) noexcept {
  std::int64_t p = 0;
  std::int64_t q = 0;
  if (price_text.size() + size_text.size() > text_level::max_text) return false;
  if (!parse_short_decimal(price_text, p) || !parse_short_decimal(size_text, q)) return false;
  if (p <= 0 || p >= price::one) return false;
  out = {price::of_micros(p), quantity{q}, price_text, size_text};
  return true;
}

}  // namespace cornice::venue::polymarket
