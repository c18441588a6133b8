// Where a plain run of JSON text ends, for the short ways of both venues' decoders.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace cornice::venue {

/// Room that must be readable behind a text, filled with zeros.
inline constexpr std::size_t plain_text_padding = 32;

/// Marks the high bit of bytes of `word` that are a quote, a backslash, a control character or not
/// ASCII; zero when there are none. The lowest mark is true, those above it may be false.
[[nodiscard]] inline std::uint64_t special_bytes(std::uint64_t word) noexcept {
  constexpr std::uint64_t ones = 0x0101010101010101U;
  constexpr std::uint64_t highs = 0x8080808080808080U;
  const auto zero_bytes = [](std::uint64_t x) { return (x - ones) & ~x & highs; };
  return zero_bytes(word ^ (ones * '"')) | zero_bytes(word ^ (ones * '\\')) |
         ((word - ones * 0x20) & ~word & highs) | (word & highs);
}

/// The first byte from `at` on that is a quote, a backslash, a control character or not ASCII. The
/// zeros behind the text count as control characters and stop every run.
[[nodiscard]] inline const char* end_of_plain(const char* at) noexcept {
#if defined(__SSE2__)
  // Every x86-64 has SSE2. As signed bytes, what is beyond ASCII is smaller than a blank, too.
  for (;; at += 16) {
    __m128i block;
    std::memcpy(&block, at, sizeof block);
    const __m128i special = _mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(block, _mm_set1_epi8('"')),
                                                      _mm_cmpeq_epi8(block, _mm_set1_epi8('\\'))),
                                         _mm_cmplt_epi8(block, _mm_set1_epi8(0x20)));
    const auto marks = static_cast<unsigned>(_mm_movemask_epi8(special));
    if (marks != 0) return at + std::countr_zero(marks);
  }
#else
  static_assert(std::endian::native == std::endian::little, "the lowest mark is the first byte");
  for (;; at += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, at, sizeof word);
    if (const std::uint64_t marks = special_bytes(word); marks != 0)
      return at + std::countr_zero(marks) / 8;
  }
#endif
}

}  // namespace cornice::venue
