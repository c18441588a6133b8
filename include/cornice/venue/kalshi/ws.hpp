// Kalshi's public WebSocket messages (reference 5.3 to 5.7), in both directions: Cornice decodes
// what the venue sends, the simulator encodes it.
#pragma once

#include "cornice/base/result.hpp"
#include "cornice/base/time.hpp"
#include "cornice/model/ids.hpp"
#include "cornice/model/order_book.hpp"
#include "cornice/venue/kalshi/types.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace cornice::venue::kalshi::ws {

/// What every frame carries beside its payload.
struct envelope {
  std::string_view type;
  std::optional<std::int64_t> sid;
  std::optional<std::int64_t> seq;  ///< one counter a sid; absent on channels without sequence
  std::optional<std::int64_t> id;   ///< of the command that this answers
  std::optional<std::int64_t> sending_ts_ms;  ///< when the venue queued the frame
  friend bool operator==(const envelope&, const envelope&) = default;
};

/// First answer to `subscribe`, one for each channel.
struct subscribed {
  std::string channel;
  std::int64_t sid = 0;
  friend bool operator==(const subscribed&, const subscribed&) = default;
};

struct subscription {
  std::string channel;
  std::int64_t sid = 0;
  friend bool operator==(const subscription&, const subscription&) = default;
};

/// Answer to `update_subscription`, to a `subscribe` that merged, and to `list_subscriptions`.
struct ok {
  std::optional<std::vector<std::string>> market_tickers;  ///< all that the sid now holds
  std::optional<std::vector<std::string>> market_ids;
  std::optional<std::vector<subscription>> subscriptions;  ///< only of list_subscriptions
  friend bool operator==(const ok&, const ok&) = default;
};

struct unsubscribed {
  friend bool operator==(const unsubscribed&, const unsubscribed&) = default;
};

/// Codes that a caller must tell apart; the venue has more, and adds more.
namespace error_code {
inline constexpr std::int64_t unable_to_process = 1;
inline constexpr std::int64_t unknown_command = 5;
inline constexpr std::int64_t unknown_sid = 7;
inline constexpr std::int64_t unknown_channel = 8;
inline constexpr std::int64_t authentication_required = 9;
inline constexpr std::int64_t channel_error = 10;  ///< the subscription is dead
inline constexpr std::int64_t invalid_parameter = 11;
inline constexpr std::int64_t exactly_one_sid = 12;
inline constexpr std::int64_t unsupported_action = 13;
inline constexpr std::int64_t market_ticker_required = 14;
inline constexpr std::int64_t command_timeout = 18;
inline constexpr std::int64_t buffer_overflow = 25;  ///< the subscription is dead
inline constexpr std::int64_t market_limit = 26;
inline constexpr std::int64_t too_many_requests = 27;
}  // namespace error_code

struct error_reply {
  std::int64_t code = 0;
  std::string msg;
  std::optional<std::string> market_ticker;
  std::vector<std::string> market_tickers;
  /// The subscription is dead and will send nothing more.
  [[nodiscard]] bool terminal() const noexcept {
    return code == error_code::channel_error || code == error_code::buffer_overflow;
  }
  friend bool operator==(const error_reply&, const error_reply&) = default;
};

/// Replaces the whole book of the market. Prices of `no` are on the scale that the subscription
/// asked for (use_yes_price).
struct orderbook_snapshot {
  std::string_view market_ticker;
  std::string_view market_id;
  std::span<const level> yes;
  std::span<const level> no;
};
[[nodiscard]] bool operator==(const orderbook_snapshot& a, const orderbook_snapshot& b) noexcept;

/// Signed change of one level's total.
struct orderbook_delta {
  std::string_view market_ticker;
  std::string_view market_id;
  price price_dollars;
  quantity delta_fp;
  outcome side = outcome::yes;
  std::optional<std::int64_t> ts_ms;
  std::string_view client_order_id;  ///< only when our own order caused it
  std::optional<std::int64_t> subaccount;
  friend bool operator==(const orderbook_delta&, const orderbook_delta&) = default;
};

struct ticker_update {
  std::string_view market_ticker;
  std::string_view market_id;
  std::optional<price> price_dollars;  ///< last trade
  std::optional<price> yes_bid_dollars;
  std::optional<price> yes_ask_dollars;
  std::optional<quantity> yes_bid_size_fp;
  std::optional<quantity> yes_ask_size_fp;
  std::optional<quantity> last_trade_size_fp;
  std::optional<quantity> volume_fp;
  std::optional<quantity> open_interest_fp;
  std::optional<std::int64_t> dollar_volume;  ///< whole dollars
  std::optional<std::int64_t> dollar_open_interest;
  std::optional<std::int64_t> ts_ms;
  friend bool operator==(const ticker_update&, const ticker_update&) = default;
};

struct trade {
  std::string_view trade_id;
  std::string_view market_ticker;
  price yes_price_dollars;
  std::optional<price> no_price_dollars;
  quantity count_fp;
  std::optional<outcome> taker_outcome_side;
  std::optional<book_side> taker_book_side;
  std::optional<outcome> taker_side;  ///< deprecated twin of taker_outcome_side
  bool is_block_trade = false;        ///< off-book: not part of the tape
  std::optional<std::int64_t> ts_ms;
  /// The YES-leg side of the taker, from whichever of the three fields is there.
  [[nodiscard]] std::optional<outcome> taker() const noexcept;
  friend bool operator==(const trade&, const trade&) = default;
};

/// Descriptive part of a `created` market.
struct market_metadata {
  std::optional<std::string> name;
  std::optional<std::string> title;
  std::optional<std::string> yes_sub_title;
  std::optional<std::string> no_sub_title;
  std::optional<std::string> rules_primary;
  std::optional<std::string> rules_secondary;
  std::optional<bool> can_close_early;
  std::optional<std::string> event_ticker;
  std::optional<std::int64_t> expected_expiration_ts;  ///< seconds
  std::optional<std::string> strike_type;
  std::optional<number_text> floor_strike;
  std::optional<number_text> cap_strike;
  std::optional<raw_json> custom_strike;
  friend bool operator==(const market_metadata&, const market_metadata&) = default;
};

/// `market_lifecycle_v2`, and `multivariate_market_lifecycle` for combos. Which members are there
/// depends on `event_type` (reference 5.7). Opening and closing by the clock send nothing.
struct market_lifecycle {
  bool combo = false;  ///< came as multivariate_market_lifecycle
  lifecycle_event event_type = lifecycle_event::unknown;
  std::string market_ticker;
  std::optional<std::int64_t> exchange_index;
  std::optional<std::int64_t> open_ts;  ///< all `_ts` are seconds
  std::optional<std::int64_t> close_ts;
  std::optional<market_result> result;
  std::optional<std::int64_t> determination_ts;
  std::optional<price> settlement_value;
  std::optional<std::int64_t> settled_ts;
  std::optional<bool> is_deactivated;
  std::optional<std::string> price_level_structure;
  std::optional<std::vector<price_range>> price_ranges;
  std::optional<std::string> strike_type;
  std::optional<number_text> floor_strike;
  std::optional<number_text> cap_strike;
  std::optional<raw_json> custom_strike;
  std::optional<std::string> yes_sub_title;
  std::optional<market_metadata> additional_metadata;
  friend bool operator==(const market_lifecycle&, const market_lifecycle&) = default;
};

struct event_lifecycle {
  std::string event_ticker;
  std::string series_ticker;
  std::string title;
  std::string subtitle;
  std::string collateral_return_type;
  std::optional<std::int64_t> exchange_index;
  std::optional<std::int64_t> strike_date;  ///< seconds
  std::optional<std::string> strike_period;
  friend bool operator==(const event_lifecycle&, const event_lifecycle&) = default;
};

/// Takes effect at once. None: the override is cleared and the series' fee holds again.
struct event_fee_update {
  std::string event_ticker;
  std::optional<fee_type> fee_type_override;
  std::optional<ratio> fee_multiplier_override;
  friend bool operator==(const event_fee_update&, const event_fee_update&) = default;
};

/// A type that is private, or newer than this program: normal, to be counted and left alone.
struct unknown_message {
  std::string_view text;  ///< the whole frame
  friend bool operator==(const unknown_message&, const unknown_message&) = default;
};

using message = std::variant<unknown_message, orderbook_delta, orderbook_snapshot, ticker_update,
                             trade, subscribed, ok, unsubscribed, error_reply, market_lifecycle,
                             event_lifecycle, event_fee_update>;

struct frame {
  envelope head;
  message body;
  friend bool operator==(const frame&, const frame&) = default;
};

/// The `type` word of a frame with this body; `unknown_message` has the one of its envelope.
[[nodiscard]] std::string_view type_of(const frame& f) noexcept;

/// What is known of a frame whose payload could not be decoded: enough to tell whose book suffers.
struct broken_frame {
  envelope head;
  std::string_view market_ticker;  ///< empty when the failure came before it
};

/// Decodes frames with buffers that it keeps. Every view and span in a decoded frame, and in
/// `broken()`, points into the decoder and is valid until its next `decode`; the argument may go at
/// once. After its buffers have grown, a delta, ticker or trade allocates nothing. Not thread-safe.
class decoder {
 public:
  /// `fast_deltas` off sends every delta and snapshot through the general decoder: for comparing
  /// the two.
  explicit decoder(bool fast_deltas = true);
  ~decoder();
  decoder(decoder&&) noexcept;
  decoder& operator=(decoder&&) noexcept;

  /// Errors: malformed, missing_field, out_of_range, with the JSON pointer.
  [[nodiscard]] result<frame> decode(std::string_view text);
  /// After `decode` has failed.
  [[nodiscard]] const broken_frame& broken() const noexcept;

 private:
  struct state;
  std::unique_ptr<state> state_;
};

/// Appends the frame's JSON. `head.type` is not read, except that an `unknown_message` is its text.
void encode_to(std::string& out, const frame& f);
[[nodiscard]] std::string encode(const frame& f);

}  // namespace cornice::venue::kalshi::ws
