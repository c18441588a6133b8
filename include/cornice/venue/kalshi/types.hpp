// Words of the Kalshi wire as types. A word that is newer than this list becomes `unknown`: the
// venue adds words without notice, and none of them may stop a decoder.
#pragma once

#include "cornice/model/money.hpp"
#include "cornice/model/tick_grid.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace cornice::venue::kalshi {

/// Life of a market as REST tells it.
enum class market_status : std::uint8_t {
  initialized,
  inactive,
  active,
  closed,
  determined,
  disputed,
  amended,
  finalized,
  unknown
};
[[nodiscard]] std::string_view to_string(market_status s) noexcept;
[[nodiscard]] market_status parse_market_status(std::string_view text) noexcept;

enum class market_type : std::uint8_t { binary, scalar, unknown };
[[nodiscard]] std::string_view to_string(market_type t) noexcept;
[[nodiscard]] market_type parse_market_type(std::string_view text) noexcept;

/// `none` is the empty word of a market that is not determined yet.
enum class market_result : std::uint8_t { none, yes, no, scalar, unknown };
[[nodiscard]] std::string_view to_string(market_result r) noexcept;
[[nodiscard]] market_result parse_market_result(std::string_view text) noexcept;

/// Whether a scalar market may settle partly before its end. The venue's word for `standard` is
/// "default".
enum class settlement_bounds : std::uint8_t { standard, floor, unknown };
[[nodiscard]] std::string_view to_string(settlement_bounds b) noexcept;
[[nodiscard]] settlement_bounds parse_settlement_bounds(std::string_view text) noexcept;

/// Shape of a series' fee. The coefficients are not on the wire: see venue/fees.hpp.
enum class fee_type : std::uint8_t {
  quadratic,
  quadratic_with_maker_fees,
  quadratic_with_combo_maker_fees,
  flat,
  margin_market_maker_program_fees,
  unknown
};
[[nodiscard]] std::string_view to_string(fee_type t) noexcept;
[[nodiscard]] fee_type parse_fee_type(std::string_view text) noexcept;

/// Which kind of `market_lifecycle_v2` message this is.
enum class lifecycle_event : std::uint8_t {
  created,
  activated,
  deactivated,
  close_date_updated,
  determined,
  settled,
  price_level_structure_updated,
  metadata_updated,
  unknown
};
[[nodiscard]] std::string_view to_string(lifecycle_event e) noexcept;
[[nodiscard]] lifecycle_event parse_lifecycle_event(std::string_view text) noexcept;

/// A JSON value kept as its text, for parts whose keys are free (custom_strike, product_metadata).
struct raw_json {
  std::string text;
  friend bool operator==(const raw_json&, const raw_json&) = default;
};

/// A JSON number kept as its text: strikes are compared and shown, never computed with.
struct number_text {
  std::string text;
  friend bool operator==(const number_text&, const number_text&) = default;
};

/// One band of a market's price grid (reference: price_ranges).
struct price_range {
  price start;
  price end;
  price step;
  friend bool operator==(const price_range&, const price_range&) = default;
};

}  // namespace cornice::venue::kalshi
