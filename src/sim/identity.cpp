#include "sim/identity.hpp"

#include "cornice/model/ids.hpp"

#include <algorithm>
#include <array>

namespace cornice::sim {

std::string hex_id(std::string_view name) {
  constexpr std::string_view digits = "0123456789abcdef";
  random_source r{seed_of(name)};
  std::string out = "0x";
  for (int word = 0; word < 4; ++word) {
    std::uint64_t bits = r.next();
    for (int i = 0; i < 16; ++i, bits >>= 4) out += digits[bits & 0xf];
  }
  return out;
}

std::string token_id(std::string_view name) {
  random_source r{seed_of(name)};
  std::array<std::uint32_t, 8> limbs{};  // most significant first
  for (std::uint32_t& limb : limbs) limb = static_cast<std::uint32_t>(r.next() >> 32);
  // Ids of the first protocol generation never have 64 zero bits in the middle.
  limbs[5] |= 1;
  limbs[0] |= 0x10000000u;
  std::string out;
  while (std::any_of(limbs.begin(), limbs.end(), [](std::uint32_t l) { return l != 0; })) {
    std::uint64_t rest = 0;
    for (std::uint32_t& limb : limbs) {
      const std::uint64_t value = (rest << 32) | limb;
      limb = static_cast<std::uint32_t>(value / 10);
      rest = value % 10;
    }
    out += static_cast<char>('0' + rest);
  }
  std::reverse(out.begin(), out.end());
  return out;
}

std::string number_id(std::string_view name) {
  return std::to_string(1'000'000 + seed_of(name) % 9'000'000);
}

std::string uuid_id(std::string_view name) {
  random_source r{seed_of(name)};
  const std::uint64_t high = r.next();
  return make_uuid(high, r.next());
}

}  // namespace cornice::sim
