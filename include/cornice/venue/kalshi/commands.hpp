// Commands that a client sends over Kalshi's WebSocket (reference 5.2), in both directions: Cornice
// encodes them, the simulator decodes and answers them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace cornice::venue::kalshi::ws {

/// Names of the public channels.
namespace channel {
inline constexpr std::string_view orderbook = "orderbook_delta";
inline constexpr std::string_view ticker = "ticker";
inline constexpr std::string_view trade = "trade";
inline constexpr std::string_view market_lifecycle = "market_lifecycle_v2";
inline constexpr std::string_view combo_lifecycle = "multivariate_market_lifecycle";
}  // namespace channel

/// Subscribing again to a channel merges the tickers into its sid and is answered with `ok`.
struct subscribe {
  std::vector<std::string> channels;
  std::vector<std::string> market_tickers;  ///< empty: all markets, where the channel allows it
  /// Order books only. Always say it: the venue's default is going to flip (reference 5.5).
  std::optional<bool> use_yes_price;
  std::optional<bool> send_initial_snapshot;  ///< ticker channel only
  std::optional<bool> skip_ticker_ack;        ///< `ok` without the list of tickers
  friend bool operator==(const subscribe&, const subscribe&) = default;
};

enum class subscription_action : std::uint8_t { add_markets, delete_markets, get_snapshot };
[[nodiscard]] std::string_view to_string(subscription_action a) noexcept;

struct update_subscription {
  std::int64_t sid = 0;
  subscription_action action = subscription_action::add_markets;
  std::vector<std::string> market_tickers;
  friend bool operator==(const update_subscription&, const update_subscription&) = default;
};

struct unsubscribe {
  std::vector<std::int64_t> sids;
  friend bool operator==(const unsubscribe&, const unsubscribe&) = default;
};

struct list_subscriptions {
  friend bool operator==(const list_subscriptions&, const list_subscriptions&) = default;
};

struct command {
  std::int64_t id = 0;  ///< unique in its session; 0 is not echoed
  std::variant<subscribe, update_subscription, unsubscribe, list_subscriptions> body;
  friend bool operator==(const command&, const command&) = default;
};

/// Why the venue would not take a command: the numbers of `ws::error_code`.
struct command_refusal {
  std::int64_t id = 0;
  std::int64_t code = 0;
  std::string msg;
  friend bool operator==(const command_refusal&, const command_refusal&) = default;
};

[[nodiscard]] std::string encode_command(const command& c);
/// What a server reads. Checks the form of the command, not whether its sid or tickers exist.
[[nodiscard]] std::variant<command, command_refusal> decode_command(std::string_view text);

}  // namespace cornice::venue::kalshi::ws
