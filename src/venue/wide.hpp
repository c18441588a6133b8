// Unsigned integers of 256 bits: as much arithmetic as exact fees need.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace cornice::venue {

/// Value of 256 bits. A product that does not fit sets `overflowed` and stays so.
class wide {
 public:
  constexpr explicit wide(std::uint64_t value) noexcept : limbs_{value, 0, 0, 0} {}

  constexpr wide& operator*=(std::uint64_t factor) noexcept {
    uint128 carry = 0;
    for (std::uint64_t& limb : limbs_) {
      const uint128 product = uint128{limb} * factor + carry;
      limb = static_cast<std::uint64_t>(product);
      carry = product >> 64;
    }
    overflowed_ = overflowed_ || carry != 0;
    return *this;
  }

  /// Divides towards zero and notes in `inexact` when something was left over. Dividing in steps
  /// equals dividing once by the product of the steps.
  constexpr wide& divide(std::uint64_t divisor, bool& inexact) noexcept {
    uint128 remainder = 0;
    for (std::size_t i = limbs_.size(); i-- > 0;) {
      const uint128 part = (remainder << 64) | limbs_[i];
      limbs_[i] = static_cast<std::uint64_t>(part / divisor);
      remainder = part % divisor;
    }
    inexact = inexact || remainder != 0;
    return *this;
  }

  /// The value, or `limit` when it is larger.
  [[nodiscard]] constexpr std::uint64_t clamped(std::uint64_t limit) const noexcept {
    const bool large = overflowed_ || limbs_[1] != 0 || limbs_[2] != 0 || limbs_[3] != 0;
    return large || limbs_[0] > limit ? limit : limbs_[0];
  }

 private:
  __extension__ using uint128 = unsigned __int128;
  std::array<std::uint64_t, 4> limbs_;  // least significant first
  bool overflowed_ = false;
};

}  // namespace cornice::venue
