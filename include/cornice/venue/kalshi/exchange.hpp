// Kalshi REST: state of the exchange itself, rate budgets, and error bodies (reference 3.1, 3.2,
// 4.12, 4.13). Decoders are pure and thread-safe; every one answers malformed, missing_field or
// out_of_range with the JSON pointer of the offender. Encoders write what a decoder reads back
// equal: the simulator serves with them.
#pragma once

#include "cornice/base/result.hpp"
#include "cornice/base/time.hpp"
#include "cornice/venue/kalshi/types.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cornice::venue::kalshi {

/// One matching engine ("shard").
struct exchange_index_status {
  std::int64_t exchange_index = 0;
  std::string description;
  bool exchange_active = false;
  bool trading_active = false;
  std::optional<bool> intra_exchange_transfers_active;
  friend bool operator==(const exchange_index_status&, const exchange_index_status&) = default;
};

/// `GET /exchange/status`. The same body comes with 500, 503 and 504: decode it then, too. The
/// top-level values describe index 0.
struct exchange_status {
  bool exchange_active = false;
  bool trading_active = false;
  std::optional<bool> intra_exchange_transfers_active;
  std::optional<timestamp> exchange_estimated_resume_time;
  std::vector<exchange_index_status> exchange_index_statuses;
  /// Trading is on at this shard. A shard that is not listed follows the top-level values.
  [[nodiscard]] bool trading_on(std::int64_t exchange_index) const noexcept;
  friend bool operator==(const exchange_status&, const exchange_status&) = default;
};
[[nodiscard]] result<exchange_status> decode_exchange_status(std::string_view json);
[[nodiscard]] std::string encode_exchange_status(const exchange_status& s);

/// Minutes after midnight, US Eastern time ("03:00").
struct minute_of_day {
  std::int16_t minutes = 0;
  friend auto operator<=>(const minute_of_day&, const minute_of_day&) = default;
};

/// `00:00` to `00:00` is the whole day; a close of `00:00` is the following midnight.
struct trading_session {
  minute_of_day open_time;
  minute_of_day close_time;
  friend bool operator==(const trading_session&, const trading_session&) = default;
};

/// Standard hours while `start_time <= now < end_time`. A day without sessions is closed.
struct weekly_schedule {
  timestamp start_time{};
  timestamp end_time{};
  std::vector<trading_session> monday;
  std::vector<trading_session> tuesday;
  std::vector<trading_session> wednesday;
  std::vector<trading_session> thursday;
  std::vector<trading_session> friday;
  std::vector<trading_session> saturday;
  std::vector<trading_session> sunday;
  friend bool operator==(const weekly_schedule&, const weekly_schedule&) = default;
};

struct maintenance_window {
  timestamp start_datetime{};
  timestamp end_datetime{};
  friend bool operator==(const maintenance_window&, const maintenance_window&) = default;
};

/// `GET /exchange/schedule`.
struct exchange_schedule {
  std::vector<weekly_schedule> standard_hours;
  std::vector<maintenance_window> maintenance_windows;
  friend bool operator==(const exchange_schedule&, const exchange_schedule&) = default;
};
[[nodiscard]] result<exchange_schedule> decode_exchange_schedule(std::string_view json);
[[nodiscard]] std::string encode_exchange_schedule(const exchange_schedule& s);

/// Token bucket: `refill_rate` tokens a second, up to `bucket_capacity`.
struct bucket_limit {
  std::int64_t refill_rate = 0;
  std::int64_t bucket_capacity = 0;
  friend bool operator==(const bucket_limit&, const bucket_limit&) = default;
};

struct usage_grant {
  std::string exchange_instance;
  std::string level;
  std::optional<std::int64_t> expires_ts;  ///< seconds; absent when permanent
  std::string source;
  friend bool operator==(const usage_grant&, const usage_grant&) = default;
};

/// `GET /account/limits` (signed).
struct account_limits {
  std::string usage_tier;
  bucket_limit read;
  bucket_limit write;
  std::vector<usage_grant> grants;
  friend bool operator==(const account_limits&, const account_limits&) = default;
};
[[nodiscard]] result<account_limits> decode_account_limits(std::string_view json);
[[nodiscard]] std::string encode_account_limits(const account_limits& l);

struct endpoint_cost {
  std::string method;
  std::string path;  ///< with `:param` segments
  std::int64_t cost = 0;
  friend bool operator==(const endpoint_cost&, const endpoint_cost&) = default;
};

/// `GET /account/endpoint_costs`: tokens an endpoint takes.
struct endpoint_costs {
  std::int64_t default_cost = 10;
  std::vector<endpoint_cost> costs;
  /// Cost of a request; `:param` segments match any one segment of `path` (without query). Listed
  /// and asked paths are compared from their last segment, because the list may leave out the
  /// `/trade-api/v2` prefix.
  [[nodiscard]] std::int64_t cost_of(std::string_view method, std::string_view path) const noexcept;
  friend bool operator==(const endpoint_costs&, const endpoint_costs&) = default;
};
[[nodiscard]] result<endpoint_costs> decode_endpoint_costs(std::string_view json);
[[nodiscard]] std::string encode_endpoint_costs(const endpoint_costs& c);

/// An error body in whichever of its shapes it came (reference 4.12).
struct api_error {
  enum class body_shape : std::uint8_t {
    nested,    ///< {"error":{"code","message","details"}}
    flat,      ///< {"code","message","details"}
    message,   ///< {"msg":"…"}: parameter validation
    text,      ///< {"error":"too many requests"}
    not_json,  ///< an answer of the network in front of the venue, or nothing at all
  };
  body_shape shape = body_shape::not_json;
  std::string code;     ///< as sent; empty when the shape has none
  std::string message;  ///< at most `max_text` bytes
  std::string details;  ///< at most `max_text` bytes
  static constexpr std::size_t max_text = 2'048;
  /// Compares `code` without regard to case: both `not_found` and `MARKET_NOT_ACTIVE` occur.
  [[nodiscard]] bool has_code(std::string_view wanted) const noexcept;
  friend bool operator==(const api_error&, const api_error&) = default;
};
/// Never fails: what is none of the known shapes is `not_json` with its beginning as the message.
[[nodiscard]] api_error decode_api_error(std::string_view body);
/// The body in its own shape; `not_json` gives the message as it stands.
[[nodiscard]] std::string encode_api_error(const api_error& e);

}  // namespace cornice::venue::kalshi
