// Decimal text to integers in millionths and back, without a binary fraction in between.
#pragma once

#include "cornice/base/result.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace cornice::decimal {

/// Parses "0.31", ".31", "-20.00", "5" into millionths; no exponent, no blanks, no '+'. Digits
/// beyond the sixth must be zero. Errors: malformed (not a decimal, or over 64 characters),
/// out_of_range (needs more than 64 bits or a finer step than 0.000001).
[[nodiscard]] result<std::int64_t> parse_millionths(std::string_view text);

/// Shortest decimal of `millionths` with at least `min_decimals` (0..6) and at most six digits
/// after the point. parse_millionths() reads it back.
[[nodiscard]] std::string format_millionths(std::int64_t millionths, int min_decimals);

}  // namespace cornice::decimal
