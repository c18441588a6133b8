// JSON of every bus message. Encoders never fail; decoders check everything and answer malformed,
// missing_field or out_of_range with the JSON pointer. Prices, quantities and money travel as
// decimal strings, times as RFC 3339, enums as their names; unknown keys are ignored (a newer
// sender), unknown enum values are errors. Every key is always present: an absent id is "", an
// absent optional or an unknown venue time is null. See docs/asyncapi.yaml.
#pragma once

#include "cornice/model/accounts.hpp"
#include "cornice/model/commands.hpp"
#include "cornice/model/decisions.hpp"
#include "cornice/model/executions.hpp"
#include "cornice/model/signals.hpp"

#include <memory>
#include <string>
#include <string_view>

namespace cornice {

inline constexpr std::int64_t bus_schema_version = 1;
/// Larger bodies are refused before parsing.
inline constexpr std::size_t max_bus_message_bytes = 8u << 20;
/// Deepest nesting that a decoder follows.
inline constexpr std::size_t max_bus_depth = 16;
/// Strings that name or identify something (gates, checks, scopes, request ids). Longer ones are
/// refused by decoders.
inline constexpr std::size_t max_bus_word_bytes = 256;
/// Sentences for people (reasons, details, titles). Encoders cut longer ones, so that the wordiness
/// of a venue never costs a message.
inline constexpr std::size_t max_bus_text_bytes = 64u << 10;
/// `listing::rules`. Longer ones are refused by decoders, not cut: their hash would not fit any
/// more.
inline constexpr std::size_t max_bus_rules_bytes = 1u << 20;
/// Elements of arrays. Decoders refuse longer ones; encoders write what they are given.
inline constexpr std::size_t max_bus_legs = 32;                  ///< opportunity::legs
inline constexpr std::size_t max_bus_reasons = 64;               ///< opportunity::reasons
inline constexpr std::size_t max_bus_market_contracts = 1'024;   ///< market, opportunity_refusal
inline constexpr std::size_t max_bus_snapshot_entries = 16'384;  ///< each array of a snapshot

/// Hot path: appends to `out` without other allocation; below 2 µs for 32 levels a side.
void encode_to(std::string& out, const book_signal& m);

[[nodiscard]] std::string encode(const book_signal& m);
[[nodiscard]] std::string encode(const trade_signal& m);
[[nodiscard]] std::string encode(const market_signal& m);
[[nodiscard]] std::string encode(const feed_signal& m);
[[nodiscard]] std::string encode(const opportunity& m);
[[nodiscard]] std::string encode(const opportunity_refusal& m);
[[nodiscard]] std::string encode(const fill_report& m);
[[nodiscard]] std::string encode(const order_report& m);
[[nodiscard]] std::string encode(const balance_report& m);
[[nodiscard]] std::string encode(const account_snapshot& m);
[[nodiscard]] std::string encode(const order_event& m);
[[nodiscard]] std::string encode(const bundle_event& m);
[[nodiscard]] std::string encode(const refusal_event& m);
[[nodiscard]] std::string encode(const position_event& m);
[[nodiscard]] std::string encode(const pnl_event& m);
[[nodiscard]] std::string encode(const breaker_event& m);
[[nodiscard]] std::string encode(const command_request& m);
[[nodiscard]] std::string encode(const command_reply& m);
/// Listings and markets on their own: the catalogue stores and serves them in this form too.
[[nodiscard]] std::string encode(const listing& m);
[[nodiscard]] std::string encode(const market& m);

/// Only the types above are instantiated.
template <class T>
[[nodiscard]] result<T> decode(std::string_view json);

/// Decodes book signals with a parser that is kept between calls. Malformed besides wrong fields:
/// bids that do not fall strictly, asks that do not rise strictly, a usable book that is crossed.
/// One per consumer; not thread-safe.
class book_signal_decoder {
 public:
  book_signal_decoder();
  ~book_signal_decoder();
  book_signal_decoder(const book_signal_decoder&) = delete;
  book_signal_decoder& operator=(const book_signal_decoder&) = delete;
  result<book_signal> decode(std::string_view json);

 private:
  struct state;
  std::unique_ptr<state> state_;
};

/// Topic names (design: RabbitMQ's exchanges are called topics here) and the message `type` of each
/// struct.
namespace topic {
inline constexpr std::string_view signal = "cornice.signal";
inline constexpr std::string_view decision = "cornice.decision";
inline constexpr std::string_view account = "cornice.account";
inline constexpr std::string_view execution = "cornice.execution";
inline constexpr std::string_view command = "cornice.command";
inline constexpr std::string_view inkwell = "cornice.inkwell";
inline constexpr std::string_view dead = "cornice.dead";
}  // namespace topic

/// The topic on which T travels. Only the message types above are instantiated (not listing and
/// market, which travel inside market_signal); the same holds for message_type and routing_key.
template <class T>
[[nodiscard]] std::string_view message_topic() noexcept;

/// The AMQP `type` property: `book`, `trade`, `market`, `feed`, `opportunity`,
/// `opportunity_refusal`, `fill`, `order_report`, `balance`, `snapshot`, `order`, `bundle`,
/// `refusal`, `position`, `pnl`, `breaker`, `command`, `reply`.
template <class T>
[[nodiscard]] std::string_view message_type() noexcept;

/// Routing keys of design section 4: `book.<venue>.<contract>`, `opportunity.<kind>`,
/// `opportunity_refusal.<kind>`, `fill.<venue>`, `order.<state>`, `bundle.<state>`,
/// `refusal.<check>`, `position.<venue>.<contract>`, `pnl.<venue>`, `breaker.<scope>`,
/// `feed.<venue>`, `market.<venue>.<listing>` (`market.mapping.<market>` for a mapping),
/// `trade.<venue>.<contract>`, `order.<venue>` (order_report), `balance.<venue>`,
/// `snapshot.<venue>`, `<name>` of a command (`reconcile.<venue>` for that one), `reply.<request>`
/// (replies normally go to the request's reply_to instead). <contract> is
/// contract_id::routing_word(); every other word that is not an enum is encoded the same way. At
/// most 255 bytes, whatever the message holds.
template <class T>
[[nodiscard]] std::string routing_key(const T& m);

}  // namespace cornice
