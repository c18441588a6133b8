#include "cornice/venue/kalshi/types.hpp"

#include <array>
#include <cstddef>

namespace cornice::venue::kalshi {
namespace {

// Names in the order of the enumerators; the last enumerator is `unknown`.
template <class E, std::size_t N>
std::string_view name_of(const std::array<std::string_view, N>& names, E value) noexcept {
  const auto index = static_cast<std::size_t>(value);
  return index < N ? names[index] : names[N - 1];
}

template <class E, std::size_t N>
E value_of(const std::array<std::string_view, N>& names, std::string_view text) noexcept {
  for (std::size_t i = 0; i < N; ++i)
    if (names[i] == text) return static_cast<E>(i);
  return E::unknown;
}

constexpr std::array<std::string_view, 9> status_names{"initialized", "inactive",   "active",
                                                       "closed",      "determined", "disputed",
                                                       "amended",     "finalized",  "unknown"};
constexpr std::array<std::string_view, 3> type_names{"binary", "scalar", "unknown"};
constexpr std::array<std::string_view, 5> result_names{"", "yes", "no", "scalar", "unknown"};
constexpr std::array<std::string_view, 3> bounds_names{"default", "floor", "unknown"};
constexpr std::array<std::string_view, 6> fee_names{
    "quadratic", "quadratic_with_maker_fees",        "quadratic_with_combo_maker_fees",
    "flat",      "margin_market_maker_program_fees", "unknown"};
constexpr std::array<std::string_view, 9> lifecycle_names{"created",
                                                          "activated",
                                                          "deactivated",
                                                          "close_date_updated",
                                                          "determined",
                                                          "settled",
                                                          "price_level_structure_updated",
                                                          "metadata_updated",
                                                          "unknown"};

}  // namespace

std::string_view to_string(market_status s) noexcept {
  return name_of(status_names, s);
}
market_status parse_market_status(std::string_view text) noexcept {
  return value_of<market_status>(status_names, text);
}
std::string_view to_string(market_type t) noexcept {
  return name_of(type_names, t);
}
market_type parse_market_type(std::string_view text) noexcept {
  return value_of<market_type>(type_names, text);
}
std::string_view to_string(market_result r) noexcept {
  return name_of(result_names, r);
}
market_result parse_market_result(std::string_view text) noexcept {
  return value_of<market_result>(result_names, text);
}
std::string_view to_string(settlement_bounds b) noexcept {
  return name_of(bounds_names, b);
}
settlement_bounds parse_settlement_bounds(std::string_view text) noexcept {
  return value_of<settlement_bounds>(bounds_names, text);
}
std::string_view to_string(fee_type t) noexcept {
  return name_of(fee_names, t);
}
fee_type parse_fee_type(std::string_view text) noexcept {
  return value_of<fee_type>(fee_names, text);
}
std::string_view to_string(lifecycle_event e) noexcept {
  return name_of(lifecycle_names, e);
}
lifecycle_event parse_lifecycle_event(std::string_view text) noexcept {
  return value_of<lifecycle_event>(lifecycle_names, text);
}

}  // namespace cornice::venue::kalshi
