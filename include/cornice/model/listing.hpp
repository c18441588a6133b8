// One venue's listing of a yes/no question, and the two contracts that it offers.
#pragma once

#include "cornice/base/time.hpp"
#include "cornice/model/ids.hpp"
#include "cornice/model/money.hpp"
#include "cornice/model/tick_grid.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace cornice {

/// Where a listing stands. `unknown` (a word we do not know) is never tradable.
enum class listing_status : std::uint8_t {
  pending,
  open,
  paused,
  closed,
  determined,
  disputed,
  settled,
  unknown
};
[[nodiscard]] std::string_view to_string(listing_status s) noexcept;
[[nodiscard]] result<listing_status> parse_listing_status(std::string_view text);

/// Shape of a taker/maker fee. All fields are integers in parts per million. What the numbers mean
/// and how the result is rounded is the business of venue/fees.hpp.
struct fee_schedule {
  enum class model : std::uint8_t {
    unknown,     ///< the venue did not say: never tradable
    none,        ///< no fee
    kalshi,      ///< rate × multiplier × C × P × (1-P), Kalshi rounding
    polymarket,  ///< rate × C × (P × (1-P))^exponent, 5 decimals
  };
  model kind = model::unknown;
  ratio taker_rate;
  ratio maker_rate;
  ratio multiplier{1'000'000};
  std::int64_t exponent = 1;
  friend bool operator==(const fee_schedule&, const fee_schedule&) = default;
};
[[nodiscard]] std::string_view to_string(fee_schedule::model m) noexcept;
[[nodiscard]] result<fee_schedule::model> parse_fee_model(std::string_view text);

struct listing {
  venue_id venue = venue_id::sim;
  listing_id id;
  event_id event;
  std::string series;  ///< Kalshi series ticker, Polymarket series slug; may be empty
  std::string category;
  std::string title;
  std::string outcome_name;  ///< what YES means within the event; may be empty
  std::string rules;         ///< full rule text, as the venue publishes it
  std::string rule_hash;     ///< lower-case hex SHA-256 of `rules`
  listing_status status = listing_status::unknown;
  bool accepting_orders = false;
  /// At most one listing of the event resolves YES (Kalshi mutually_exclusive, Polymarket negative
  /// risk).
  bool mutually_exclusive = false;
  bool neg_risk = false;            ///< Polymarket: which exchange contract signs
  std::int64_t exchange_index = 0;  ///< Kalshi: shard
  tick_grid grid;                   ///< of the YES contract; the NO contract's is its complement
  quantity min_size{quantity::one};
  quantity size_step{10'000};
  fee_schedule fees;
  std::optional<timestamp> open_time;
  std::optional<timestamp> close_time;
  std::optional<timestamp> expected_resolution;  ///< when capital is expected back
  std::optional<ratio> settlement_value;         ///< what one YES contract pays, once determined
  contract_id yes;
  contract_id no;
  friend bool operator==(const listing&, const listing&) = default;
  [[nodiscard]] const contract_id& contract(outcome o) const noexcept {
    return o == outcome::yes ? yes : no;
  }
  [[nodiscard]] bool tradable() const noexcept {
    return status == listing_status::open && accepting_orders &&
           fees.kind != fee_schedule::model::unknown && !grid.empty();
  }
};

/// SHA-256 of a rule text as stored in `listing::rule_hash` and in mappings.
[[nodiscard]] std::string rule_hash_of(std::string_view rules);

/// How a contract relates to a cross-venue market.
enum class mapping_relation : std::uint8_t {
  same,        ///< pays exactly when the market resolves YES
  complement,  ///< pays exactly when the market resolves NO
  member,      ///< one of the outcomes of an outcome-set market
};
[[nodiscard]] std::string_view to_string(mapping_relation r) noexcept;
[[nodiscard]] result<mapping_relation> parse_mapping_relation(std::string_view text);

enum class mapping_status : std::uint8_t { proposed, approved, suspended, rejected };
[[nodiscard]] std::string_view to_string(mapping_status s) noexcept;
[[nodiscard]] result<mapping_status> parse_mapping_status(std::string_view text);

enum class market_kind : std::uint8_t {
  binary,          ///< one question, listed on one or more venues
  exhaustive_set,  ///< exactly one member pays
  exclusive_set,   ///< at most one member pays
};
[[nodiscard]] std::string_view to_string(market_kind k) noexcept;
[[nodiscard]] result<market_kind> parse_market_kind(std::string_view text);

/// A contract's place in a market. Only `approved` ones trade.
struct market_contract {
  contract_id contract;
  mapping_relation relation = mapping_relation::same;
  mapping_status status = mapping_status::proposed;
  std::string rule_hash;  ///< of the listing when the mapping was decided
  friend bool operator==(const market_contract&, const market_contract&) = default;
};

struct market {
  market_id id;
  market_kind kind = market_kind::binary;
  std::string title;
  std::vector<market_contract> contracts;
  friend bool operator==(const market&, const market&) = default;
};

}  // namespace cornice
