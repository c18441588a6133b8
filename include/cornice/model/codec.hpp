// JSON of every bus message. Encoders never fail; decoders check everything and answer malformed,
// missing_field or out_of_range with the JSON pointer. Prices, quantities and money travel as
// decimal strings, times as RFC 3339, enums as their names; unknown keys are ignored (a newer
// sender), unknown enum values are errors. See docs/asyncapi.yaml.
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

/// Hot path: appends to `out` without other allocation.
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

/// Decodes book signals with a parser that is kept between calls. One per consumer; not
/// thread-safe.
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

/// The AMQP `type` property: `book`, `trade`, `market`, `feed`, `opportunity`,
/// `opportunity_refusal`, `fill`, `order_report`, `balance`, `snapshot`, `order`, `bundle`,
/// `refusal`, `position`, `pnl`, `breaker`, `command`, `reply`.
template <class T>
[[nodiscard]] std::string_view message_type() noexcept;

/// Routing keys of design section 4: `book.<venue>.<contract>`, `opportunity.<kind>`,
/// `opportunity_refusal.<kind>`, `fill.<venue>`, `order.<state>`, `bundle.<state>`,
/// `refusal.<check>`, `position.<venue>.<contract>`, `pnl.<venue>`, `breaker.<scope>`,
/// `feed.<venue>`, `market.<venue>.<listing>` (`market.mapping.<market>` for a mapping).
template <class T>
[[nodiscard]] std::string routing_key(const T& m);

}  // namespace cornice
