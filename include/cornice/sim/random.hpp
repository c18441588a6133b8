// Reproducible randomness: the same seed gives the same run on every machine and library.
#pragma once

#include <cstdint>
#include <string_view>

namespace cornice::sim {

/// splitmix64 over a counter. Not for secrets. Not thread-safe.
class random_source {
 public:
  explicit constexpr random_source(std::uint64_t seed) noexcept : state_{seed} {}

  constexpr std::uint64_t next() noexcept {
    state_ += 0x9e3779b97f4a7c15u;
    std::uint64_t z = state_;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
  }
  /// Uniform in low..high, both included; requires low <= high. The bias of the modulus is below
  /// 2^-32 for the ranges of a simulation.
  constexpr std::int64_t between(std::int64_t low, std::int64_t high) noexcept {
    const auto span = static_cast<std::uint64_t>(high - low) + 1;
    return low + static_cast<std::int64_t>(next() % span);
  }
  /// True once in `n` on average.
  constexpr bool one_in(std::int64_t n) noexcept { return between(1, n) == 1; }

 private:
  std::uint64_t state_;
};

/// FNV-1a: turns a name into a seed, so that ids depend on what a thing is called and on nothing
/// else.
constexpr std::uint64_t seed_of(std::string_view name) noexcept {
  std::uint64_t h = 0xcbf29ce484222325u;
  for (const char c : name) {
    h ^= static_cast<unsigned char>(c);
    h *= 0x100000001b3u;
  }
  return h;
}

}  // namespace cornice::sim
