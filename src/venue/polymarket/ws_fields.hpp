// The scalar members of one market-channel object, gathered in a single pass over its keys.
#pragma once

#include "cornice/base/result.hpp"
#include "cornice/venue/polymarket/ws.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace cornice::venue::polymarket::ws {

/// Keys of the messages that matter on the hot path. `event_type` may come last, so all of them
/// are gathered before anyone knows which message it is.
enum class key_id : std::uint8_t {
  event_type,
  market,
  asset_id,
  timestamp,
  hash,
  price,
  size,
  side,
  best_bid,
  best_ask,
  spread,
  tick_size,
  last_trade_price,
  min_order_size,
  neg_risk,
  old_tick_size,
  new_tick_size,
  fee_rate_bps,
  transaction_hash,
  bids,
  asks,
  price_changes,
  changes,
  other,
};

[[nodiscard]] key_id key_of(std::string_view key) noexcept;

/// Texts by key. Only what `set` has touched is ever read, so nothing else is initialised: there is
/// one of these for every level change of a frame.
class scalar_fields {
 public:
  [[nodiscard]] bool has(key_id k) const noexcept { return (present_ >> index(k) & 1U) != 0; }
  /// Empty when absent.
  [[nodiscard]] std::string_view operator[](key_id k) const noexcept {
    return has(k) ? std::string_view{texts_[index(k)].data, texts_[index(k)].size}
                  : std::string_view{};
  }
  void set(key_id k, std::string_view value) noexcept {
    texts_[index(k)] = {value.data(), value.size()};
    present_ |= 1U << index(k);
  }
  void clear() noexcept { present_ = 0; }
  [[nodiscard]] std::optional<std::string_view> optional(key_id k) const noexcept {
    return has(k) ? std::optional{(*this)[k]} : std::nullopt;
  }

 private:
  static constexpr std::size_t count = static_cast<std::size_t>(key_id::bids);
  struct stored_text {
    const char* data;
    std::size_t size;
  };
  static constexpr std::size_t index(key_id k) noexcept { return static_cast<std::size_t>(k); }
  std::uint32_t present_ = 0;
  std::array<stored_text, count> texts_;
};

/// Errors: missing_field, malformed; the message names `name`.
[[nodiscard]] result<std::string_view> required(const scalar_fields& f, key_id k,
                                                std::string_view name);
/// The asset id, checked to be a decimal number.
[[nodiscard]] result<std::string_view> required_asset(const scalar_fields& f);
/// Milliseconds since the epoch; 10^8 up to 10^11 are seconds, which this venue sends too.
[[nodiscard]] result<std::int64_t> required_time_ms(const scalar_fields& f);
/// "BUY" is a bid. Errors: malformed.
[[nodiscard]] result<order_side> required_side(const scalar_fields& f);
/// "" and a missing key both give a quote without a price. Errors: malformed.
[[nodiscard]] result<std::optional<best_quote>> optional_quote(const scalar_fields& f, key_id k,
                                                               std::string_view name);
/// One level_change from its own fields, into `out`. The error is missing_field, malformed or
/// out_of_range.
[[nodiscard]] std::optional<error> make_change(const scalar_fields& f, level_change& out);

[[nodiscard]] result<book_view> make_book(const scalar_fields& f);
[[nodiscard]] result<tick_size_change> make_tick_size_change(const scalar_fields& f);
[[nodiscard]] result<last_trade> make_last_trade(const scalar_fields& f);
[[nodiscard]] result<best_bid_ask> make_best_bid_ask(const scalar_fields& f);

/// The rare messages, from the text of their object.
[[nodiscard]] result<new_market> decode_new_market(std::string_view json);
[[nodiscard]] result<market_resolved> decode_market_resolved(std::string_view json);

}  // namespace cornice::venue::polymarket::ws
