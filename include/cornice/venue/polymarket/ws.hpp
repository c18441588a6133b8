// Messages of the public market channel and their codec (polymarket.md 6.1).
#pragma once

#include "cornice/base/result.hpp"
#include "cornice/model/ids.hpp"
#include "cornice/model/money.hpp"
#include "cornice/venue/polymarket/book_view.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace cornice::venue::polymarket::ws {

/// Best price after a change, as the venue sees it. `text` empty: that side has no levels.
struct best_quote {
  std::string_view text;
  std::optional<price> p;
};

/// One level of one asset after the message. `hash` is that of the asset's whole resulting book at
/// the message's timestamp; when an asset occurs several times, only its last entry describes the
/// final state. Absent best prices and an empty hash occur in old recordings only.
struct level_change {
  std::string_view asset_id;
  book_side side = book_side::bid;
  wire_level level;
  std::string_view hash;
  std::optional<best_quote> best_bid;
  std::optional<best_quote> best_ask;
};

struct price_change {
  std::string_view market;
  std::string_view timestamp_text;
  std::int64_t timestamp_ms = 0;
  std::span<const level_change> changes;
};

struct tick_size_change {
  std::string_view market;
  std::string_view asset_id;
  std::string_view old_tick_size;
  std::string_view new_tick_size;
  std::int64_t old_tick_micros = 0;
  std::int64_t new_tick_micros = 0;
  std::int64_t timestamp_ms = 0;
};

struct last_trade {
  std::string_view market;
  std::string_view asset_id;
  std::string_view price_text;
  std::string_view size_text;
  price p;
  quantity q;
  order_side taker_side = order_side::buy;
  std::string_view fee_rate_bps;
  std::string_view transaction_hash;  ///< empty: not sent
  std::int64_t timestamp_ms = 0;
};

struct best_bid_ask {
  std::string_view market;
  std::string_view asset_id;
  best_quote best_bid;
  best_quote best_ask;
  std::string_view spread;
  std::int64_t timestamp_ms = 0;
};

/// The event that a new market belongs to.
struct event_message {
  std::string id;
  std::string ticker;
  std::string slug;
  std::string title;
  std::string description;
  friend bool operator==(const event_message&, const event_message&) = default;
};

/// Fee terms as this channel writes them: decimal texts.
struct fee_terms_text {
  std::string exponent;
  std::string rate;
  std::optional<bool> taker_only;
  std::string rebate_rate;
  friend bool operator==(const fee_terms_text&, const fee_terms_text&) = default;
};

/// Sent for every new market of the venue, whatever was subscribed. Empty texts: absent or "".
struct new_market {
  std::string id;
  std::string question;
  std::string market;
  std::string slug;
  std::string description;
  std::vector<std::string> assets_ids;
  std::vector<std::string> outcomes;
  std::optional<event_message> event;
  std::int64_t timestamp_ms = 0;
  std::vector<std::string> tags;
  std::string condition_id;
  std::optional<bool> active;
  std::vector<std::string> clob_token_ids;
  std::string sports_market_type;
  std::string line;
  std::string game_start_time;
  std::string order_price_min_tick_size;
  std::string group_item_title;
  std::string taker_base_fee;
  std::optional<bool> fees_enabled;
  std::optional<fee_terms_text> fee_schedule;
  friend bool operator==(const new_market&, const new_market&) = default;
};

struct market_resolved {
  std::string id;
  std::string market;
  std::vector<std::string> assets_ids;
  std::string winning_asset_id;
  std::string winning_outcome;
  std::int64_t timestamp_ms = 0;
  std::vector<std::string> tags;
  std::optional<event_message> event;
  friend bool operator==(const market_resolved&, const market_resolved&) = default;
};

/// A type that we do not know: normal, counted by the caller.
struct unknown_message {
  std::string type;
};

/// A message that breaks the channel's contract. When it was about a book, `assets` says whose, as
/// far as it could be read; that book can no longer be trusted.
struct bad_message {
  std::string type;
  std::vector<std::string> assets;
  error why;
};

using message = std::variant<book_view, price_change, tick_size_change, last_trade, best_bid_ask,
                             new_market, market_resolved, unknown_message, bad_message>;

enum class frame_kind : std::uint8_t {
  messages,  ///< an object or an array of objects; an empty array names no live asset
  pong,      ///< answer to PING
  notice,    ///< other plain text, such as a complaint about what we sent
};

/// Views are valid until the decoder's next call.
struct frame {
  frame_kind kind = frame_kind::messages;
  std::span<const message> messages;
  std::string_view notice;
};

/// Decodes frames with a parser and buffers that are kept between calls: a price_change costs no
/// allocation once they have grown. Frames in the plain form that the live venue writes are read in
/// one pass; any other goes through a general JSON parser. One per connection; not thread-safe.
class decoder {
 public:
  static constexpr std::size_t max_frame_bytes = 16u << 20;

  /// Both readings give the same; the careful one alone is for proving that.
  enum class reading : std::uint8_t { quick_first, careful };
  explicit decoder(reading how = reading::quick_first);
  ~decoder();
  decoder(decoder&&) noexcept;
  decoder& operator=(decoder&&) noexcept;

  /// A message that cannot be read becomes a bad_message and the others survive. Errors: malformed
  /// (not JSON: nothing in the frame can be trusted), out_of_range (too large).
  result<frame> decode(std::string_view bytes);

 private:
  class state;
  std::unique_ptr<state> state_;
};

/// Encoders: what the venue would send. decode(encode(m)) means the same as m. Levels are written
/// in the order given; the venue's is worst price first.
[[nodiscard]] std::string encode(const book_view& m);
[[nodiscard]] std::string encode(const price_change& m);
[[nodiscard]] std::string encode(const tick_size_change& m);
[[nodiscard]] std::string encode(const last_trade& m);
[[nodiscard]] std::string encode(const best_bid_ask& m);
[[nodiscard]] std::string encode(const new_market& m);
[[nodiscard]] std::string encode(const market_resolved& m);
/// Any message; unknown and bad ones as an object with their type alone.
[[nodiscard]] std::string encode(const message& m);

}  // namespace cornice::venue::polymarket::ws
