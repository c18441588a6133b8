// Integer money: prices, quantities and amounts in millionths, with every rounding named.
#pragma once

#include "cornice/base/result.hpp"

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

namespace cornice {

/// How an inexact product becomes an integer. There is no default: each call says which.
enum class rounding : std::uint8_t {
  down,       ///< towards minus infinity
  up,         ///< towards plus infinity
  half_up,    ///< nearest, ties away from zero
  half_even,  ///< nearest, ties to even
};

/// 128-bit intermediate of money arithmetic: price × quantity always fits.
__extension__ using int128 = __int128;

/// floor/ceil/round of numerator / denominator. Requires denominator > 0; checks that the quotient
/// fits 64 bits.
[[nodiscard]] std::int64_t divide(int128 numerator, int128 denominator, rounding how) noexcept;

/// Parses a decimal ("0.31", "-20.00", "5", "1e-3" is refused) into millionths. Digits beyond the
/// sixth must be zero. Errors: malformed (not a decimal), out_of_range (needs more than 64 bits or
/// a finer step than 1e-6).
[[nodiscard]] result<std::int64_t> parse_millionths(std::string_view decimal);

/// Shortest decimal of `millionths` with at least `min_decimals` and at most six digits after the
/// point.
[[nodiscard]] std::string format_millionths(std::int64_t millionths, int min_decimals);

/// Price of one contract: 0..1 US dollar in micro-dollars. A contract pays one dollar, so 1 - price
/// is the price of its complement.
class price {
 public:
  static constexpr std::int64_t one = 1'000'000;

  constexpr price() noexcept = default;
  /// Errors: out_of_range unless 0 <= micros <= one.
  [[nodiscard]] static result<price> from_micros(std::int64_t micros);
  /// Parses "0.31". Errors: as parse_millionths, and out_of_range outside 0..1.
  [[nodiscard]] static result<price> parse(std::string_view decimal);
  /// For literals and values checked elsewhere; aborts outside 0..1.
  [[nodiscard]] static price of_micros(std::int64_t micros) noexcept;

  [[nodiscard]] constexpr std::int64_t micros() const noexcept { return micros_; }
  [[nodiscard]] constexpr price complement() const noexcept { return price{one - micros_}; }
  /// "0.31", at least two decimals.
  [[nodiscard]] std::string to_string() const { return format_millionths(micros_, 2); }

  friend constexpr auto operator<=>(price, price) = default;

 private:
  constexpr explicit price(std::int64_t micros) noexcept : micros_{micros} {}
  std::int64_t micros_ = 0;
};

/// Number of contracts in micro-contracts; signed (positions and deltas may be negative).
class quantity {
 public:
  static constexpr std::int64_t one = 1'000'000;

  constexpr quantity() noexcept = default;
  constexpr explicit quantity(std::int64_t micros) noexcept : micros_{micros} {}
  [[nodiscard]] static constexpr quantity contracts(std::int64_t n) noexcept {
    return quantity{n * one};
  }
  /// Parses "25.00". Errors: as parse_millionths.
  [[nodiscard]] static result<quantity> parse(std::string_view decimal);

  [[nodiscard]] constexpr std::int64_t micros() const noexcept { return micros_; }
  [[nodiscard]] constexpr bool is_zero() const noexcept { return micros_ == 0; }
  [[nodiscard]] constexpr bool is_positive() const noexcept { return micros_ > 0; }
  [[nodiscard]] constexpr bool is_negative() const noexcept { return micros_ < 0; }
  /// Rounded towards zero to a multiple of `step` (> 0).
  [[nodiscard]] constexpr quantity truncated_to(quantity step) const noexcept {
    return quantity{micros_ - micros_ % step.micros_};
  }
  [[nodiscard]] std::string to_string() const { return format_millionths(micros_, 2); }

  constexpr quantity operator-() const noexcept { return quantity{-micros_}; }
  constexpr quantity& operator+=(quantity o) noexcept {
    micros_ += o.micros_;
    return *this;
  }
  constexpr quantity& operator-=(quantity o) noexcept {
    micros_ -= o.micros_;
    return *this;
  }
  friend constexpr quantity operator+(quantity a, quantity b) noexcept { return a += b; }
  friend constexpr quantity operator-(quantity a, quantity b) noexcept { return a -= b; }
  friend constexpr auto operator<=>(quantity, quantity) = default;

 private:
  std::int64_t micros_ = 0;
};

/// Amount of US dollars (pUSD counts as a dollar) in micro-dollars; signed.
class money {
 public:
  static constexpr std::int64_t one = 1'000'000;

  constexpr money() noexcept = default;
  constexpr explicit money(std::int64_t micros) noexcept : micros_{micros} {}
  [[nodiscard]] static constexpr money dollars(std::int64_t n) noexcept { return money{n * one}; }
  /// Parses "12.34". Errors: as parse_millionths.
  [[nodiscard]] static result<money> parse(std::string_view decimal);

  [[nodiscard]] constexpr std::int64_t micros() const noexcept { return micros_; }
  [[nodiscard]] constexpr bool is_zero() const noexcept { return micros_ == 0; }
  [[nodiscard]] constexpr bool is_negative() const noexcept { return micros_ < 0; }
  [[nodiscard]] std::string to_string() const { return format_millionths(micros_, 2); }

  constexpr money operator-() const noexcept { return money{-micros_}; }
  constexpr money& operator+=(money o) noexcept {
    micros_ += o.micros_;
    return *this;
  }
  constexpr money& operator-=(money o) noexcept {
    micros_ -= o.micros_;
    return *this;
  }
  friend constexpr money operator+(money a, money b) noexcept { return a += b; }
  friend constexpr money operator-(money a, money b) noexcept { return a -= b; }
  friend constexpr auto operator<=>(money, money) = default;

 private:
  std::int64_t micros_ = 0;
};

/// price × quantity. Exact up to 128 bits, then rounded as named. Checks that the result fits 64
/// bits.
[[nodiscard]] money notional(price p, quantity q, rounding how) noexcept;

/// What `q` contracts pay when they win: one dollar each. Exact.
[[nodiscard]] constexpr money payout(quantity q) noexcept {
  return money{q.micros()};
}

/// A factor in parts per million: fee rates, multipliers, settlement fractions.
struct ratio {
  std::int64_t ppm = 0;
  [[nodiscard]] static result<ratio> parse(std::string_view decimal);
  friend constexpr auto operator<=>(ratio, ratio) = default;
};

}  // namespace cornice
