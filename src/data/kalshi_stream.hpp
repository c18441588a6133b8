// Kalshi's order books, trades and lifecycle over the WebSocket.
#pragma once

#include "cornice/infra/supervisor.hpp"
#include "cornice/infra/websocket_client.hpp"
#include "cornice/venue/kalshi/book_feed.hpp"
#include "data/feed_context.hpp"

#include <memory>
#include <set>
#include <string>

namespace cornice::data {

/// One connection carries everything: the venue allows far more subscriptions than we stream.
/// Loop thread only.
class kalshi_stream {
 public:
  /// Headers of the handshake: signed for an account, none for the simulator.
  using handshake = std::function<infra::http_headers(timestamp)>;

  kalshi_stream(feed_context context, handshake headers);
  /// One connection's life. Returns when it ends; the supervisor starts the next one.
  infra::task<> run(infra::health_reporter& health);
  /// The catalogue's selection changed.
  void reselect();
  [[nodiscard]] feed_counts counts() const;

 private:
  infra::task<> read_frames();
  infra::task<> keep_time(infra::health_reporter& health);
  void report_scale(infra::health_reporter& health);
  void tap(venue::tape::record_kind kind, std::string_view bytes);
  void perform(venue::kalshi::book_feed::actions actions, instant received);
  void publish(const venue::kalshi::tracked_book& book, instant received);
  void handle(const venue::kalshi::ws::frame& f, instant received);
  void handle(const venue::kalshi::ws::trade& t, instant received);
  void handle(const venue::kalshi::ws::market_lifecycle& m);
  void hang_up(const std::string& why);

  feed_context context_;
  handshake headers_;
  infra::logger log_{"data.kalshi"};
  complaint_log complaints_;
  venue::kalshi::book_feed feed_;
  venue::kalshi::ws::decoder decoder_;
  std::set<std::string> selected_;
  std::map<std::string, std::uint64_t, std::less<>> epochs_;
  std::unique_ptr<infra::websocket> socket_;
  bool scale_reported_ = false;
  std::string hang_up_reason_;
  infra::counter frames_;
};

}  // namespace cornice::data
