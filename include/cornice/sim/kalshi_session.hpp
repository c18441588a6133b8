// One Kalshi WebSocket session as the venue runs it, without I/O.
#pragma once

#include "cornice/sim/faults.hpp"
#include "cornice/sim/market_board.hpp"
#include "cornice/venue/kalshi/commands.hpp"
#include "cornice/venue/kalshi/ws.hpp"

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace cornice::sim {

/// Text frames in the order in which they leave.
using session_output = std::vector<std::string>;

struct kalshi_session_options {
  bool authenticated = false;                ///< private channels need it
  std::size_t tickers_max = 20'000;          ///< of one subscription: error 26 beyond
  std::size_t commands_per_second = 10'000;  ///< error 27 beyond
  std::size_t held_max = 10'000;             ///< events of frozen contracts: error 25 beyond
};

/// Subscriptions, their sequence numbers and what they are sent (reference: Kalshi AsyncAPI).
/// Control frames of a subscription take a number of its sequence. Not thread-safe.
class kalshi_session {
 public:
  kalshi_session(const market_board& board, fault_schedule& faults,
                 kalshi_session_options options = {});

  void on_text(std::string_view text, session_output& out);
  /// The board must stand right behind the event.
  void on_event(const world_event& e, session_output& out);
  /// Sends what a freeze has held back. Call at every step.
  void on_step(session_output& out);

  [[nodiscard]] std::uint64_t refused_commands() const noexcept { return refused_; }

 private:
  struct subscription {
    std::string channel;
    bool all = false;
    std::set<std::size_t> listings;
    bool use_yes_price = false;
    bool skip_ack = false;
    std::int64_t seq = 0;
  };
  struct held_event {
    std::size_t listing;
    book_changed change;
  };

  void handle(std::int64_t id, const venue::kalshi::ws::subscribe& c, session_output& out);
  void handle(std::int64_t id, const venue::kalshi::ws::update_subscription& c,
              session_output& out);
  void handle(std::int64_t id, const venue::kalshi::ws::unsubscribe& c, session_output& out);
  void handle(std::int64_t id, const venue::kalshi::ws::list_subscriptions& c, session_output& out);
  void subscribe_channel(std::int64_t id, const std::string& channel,
                         const venue::kalshi::ws::subscribe& c, session_output& out);
  void refuse(std::int64_t id, std::int64_t code, std::string msg, session_output& out,
              std::vector<std::string> tickers = {});
  bool resolve(std::int64_t id, const std::vector<std::string>& tickers,
               std::vector<std::size_t>& found, session_output& out);
  void add_listings(std::int64_t sid, subscription& s, const std::vector<std::size_t>& wanted,
                    session_output& out);
  void acknowledge(std::int64_t id, std::int64_t sid, subscription& s, session_output& out);
  void snapshot(std::int64_t sid, subscription& s, std::size_t listing,
                std::optional<std::int64_t> id, session_output& out);
  void deltas(const book_changed& e, session_output& out);
  void on_trade(const traded& e, session_output& out);
  void ticker(std::size_t listing, session_output& out);
  void announce(const announced& a, session_output& out);
  /// To every subscription of the lifecycle channel.
  void lifecycle(const venue::kalshi::ws::message& news, session_output& out);
  bool frozen(std::size_t listing);
  void emit(std::int64_t sid, subscription* numbered, std::optional<std::int64_t> id,
            venue::kalshi::ws::message body, session_output& out);
  [[nodiscard]] bool wants(const subscription& s, std::size_t listing) const {
    return s.all || s.listings.contains(listing);
  }

  const market_board& board_;
  fault_schedule& faults_;
  kalshi_session_options options_;
  std::map<std::int64_t, subscription> subscriptions_;
  std::vector<held_event> held_;
  std::set<std::size_t> owed_snapshots_;
  std::int64_t next_sid_ = 1;
  std::uint64_t refused_ = 0;
  std::int64_t second_ = 0;
  std::size_t commands_in_second_ = 0;
};

}  // namespace cornice::sim
