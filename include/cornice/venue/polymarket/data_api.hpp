// Data API: public positions, trades and resolutions (polymarket.md 8). Cached by the venue for up
// to minutes: for reconciling and settlement, never a fast feed.
#pragma once

#include "cornice/base/result.hpp"
#include "cornice/model/ids.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cornice::venue::polymarket::data_api {

/// Figures stay the text of their JSON numbers: they have six decimals and more.
struct position {
  std::string wallet;
  std::string token_id;
  std::string condition_id;
  std::string size;
  std::string avg_price;
  std::string current_price;
  std::string current_value;
  std::string realized_pnl;
  std::string status;  ///< OPEN, REDEEMABLE, CLOSED
  std::optional<bool> redeemable;
  std::optional<bool> mergeable;
  std::optional<bool> negative_risk;
  std::string title;
  std::string event_id;
  std::string outcome;
  std::optional<std::int64_t> outcome_index;  ///< 999: unknown
  std::string opposite_token_id;
  friend bool operator==(const position&, const position&) = default;
};

/// The second version's snake_case rows and the first one's camelCase rows alike.
struct trade {
  std::string wallet;
  std::string token_id;
  std::string condition_id;
  order_side side = order_side::buy;
  std::string price;
  std::string size;
  std::int64_t time_s = 0;
  std::string transaction_hash;
  std::string title;
  std::string outcome;
  std::optional<std::int64_t> outcome_index;
  friend bool operator==(const trade&, const trade&) = default;
};

struct resolution {
  std::string condition_id;
  std::string question_id;
  std::string status;  ///< posed, proposed, disputed, resolved
  std::optional<bool> was_disputed;
  std::string price;  ///< the oracle's answer as text; "69" stands for "none yet"
  std::string proposed_price;
  std::string transaction_hash;
  std::int64_t last_update_s = 0;
  friend bool operator==(const resolution&, const resolution&) = default;
};

template <class Row>
struct page {
  std::vector<Row> rows;
  std::vector<error> errors;  ///< of rows that could not be read
  std::string next_cursor;    ///< empty: the end
};

/// {"error", "code", "retryable", "trace_id"}.
struct api_error {
  std::string message;
  std::string code;
  bool retryable = false;
  std::string trace_id;
  friend bool operator==(const api_error&, const api_error&) = default;
};

/// The envelope {"data": [...], "pagination": {...}} or bare rows. Errors: malformed, out_of_range;
/// an error object is `refused`.
[[nodiscard]] result<page<position>> decode_positions(std::string_view json);
[[nodiscard]] result<page<trade>> decode_trades(std::string_view json);
[[nodiscard]] result<page<resolution>> decode_resolutions(std::string_view json);
/// Errors: malformed, missing_field.
[[nodiscard]] result<api_error> decode_error(std::string_view json);

[[nodiscard]] std::string encode(const page<position>& p);
[[nodiscard]] std::string encode(const page<trade>& p);
[[nodiscard]] std::string encode(const page<resolution>& p);
[[nodiscard]] std::string encode(const api_error& e);

}  // namespace cornice::venue::polymarket::data_api
