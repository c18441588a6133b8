#include "model/routing_word.hpp"

#include <cstdint>

namespace cornice {
namespace {

constexpr std::string_view upper_hex = "0123456789ABCDEF";
constexpr std::size_t longest_plain_word = 160;

bool passes(char c) noexcept {
  return c > ' ' && c <= '~' && c != '.' && c != '*' && c != '#' && c != '%';
}

std::uint64_t fnv1a(std::string_view text) noexcept {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const char c : text) {
    hash ^= static_cast<unsigned char>(c);
    hash *= 0x100000001b3;
  }
  return hash;
}

}  // namespace

std::string routing_word(std::string_view text) {
  if (text.empty()) return "%";
  std::string word;
  word.reserve(text.size());
  for (const char c : text) {
    if (passes(c)) {
      word += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      word += '%';
      word += upper_hex[byte >> 4];
      word += upper_hex[byte & 15];
    }
    if (word.size() > longest_plain_word) {
      word.resize(longest_plain_word);
      word += '~';
      const std::uint64_t hash = fnv1a(text);
      for (int shift = 60; shift >= 0; shift -= 4) word += upper_hex[(hash >> shift) & 15];
      return word;
    }
  }
  return word;
}

}  // namespace cornice
