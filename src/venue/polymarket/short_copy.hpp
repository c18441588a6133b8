// Copies of level texts.
#pragma once

#include <cstring>
#include <string_view>

namespace cornice::venue::polymarket {

/// Copies `text` and answers where it ends. Up to 16 bytes go in two overlapping moves: level texts
/// are so short that a call of memcpy costs more than its work.
inline char* copy_short(char* to, std::string_view text) noexcept {
  const std::size_t n = text.size();
  if (n > 16) {
    std::memcpy(to, text.data(), n);
  } else if (n >= 8) {
    std::memcpy(to, text.data(), 8);
    std::memcpy(to + n - 8, text.data() + n - 8, 8);
  } else if (n >= 4) {
    std::memcpy(to, text.data(), 4);
    std::memcpy(to + n - 4, text.data() + n - 4, 4);
  } else {
    for (std::size_t i = 0; i < n; ++i) to[i] = text[i];
  }
  return to + n;
}

}  // namespace cornice::venue::polymarket
