// Polymarket's order books, trades and market news over sharded WebSocket connections.
#pragma once

#include "cornice/data/token_bucket.hpp"
#include "cornice/infra/supervisor.hpp"
#include "cornice/infra/websocket_client.hpp"
#include "cornice/venue/polymarket/book_feed.hpp"
#include "data/feed_context.hpp"

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace cornice::data {

/// One market-channel connection with at most `assets_per_connection` assets. Loop thread only.
class polymarket_shard : public std::enable_shared_from_this<polymarket_shard> {
 public:
  polymarket_shard(feed_context& context, token_bucket& rest_budget, std::size_t number);

  void add(const std::vector<venue::polymarket::feed_asset>& assets);
  void remove(const std::vector<std::string>& asset_ids);
  [[nodiscard]] std::size_t size() const noexcept { return feed_.size(); }
  [[nodiscard]] bool connected() const noexcept { return socket_ != nullptr; }
  [[nodiscard]] std::int64_t usable() const;
  /// Connects and works for ever, with backoff between connections, until cancelled. Once at a
  /// time.
  infra::task<> run();
  /// Asks REST for these books as a second witness.
  void witness(std::vector<std::string> asset_ids);
  [[nodiscard]] std::vector<std::string> usable_assets() const;

 private:
  infra::task<> connection();
  infra::task<> read_frames();
  infra::task<> keep_time();
  infra::task<> fetch(std::vector<std::string> asset_ids);
  void perform(venue::polymarket::feed_actions actions, instant received);
  void publish(venue::polymarket::asset_slot slot, instant received, const trace_id& trace);
  void take_grid(std::string_view asset_id, std::int64_t tick_micros);
  void settle(const listing_id& id, std::string_view winner);
  void tap(venue::tape::record_kind kind, std::string_view bytes);
  void hang_up(const std::string& why);

  feed_context& context_;
  token_bucket& rest_budget_;
  std::string name_;
  infra::logger log_{"data.polymarket"};
  complaint_log complaints_;
  venue::polymarket::book_feed feed_;
  std::unique_ptr<infra::websocket> socket_;
  std::string hang_up_reason_;
  std::map<std::string, std::uint64_t, std::less<>> epochs_;
  std::set<std::string> to_fetch_;
  bool fetching_ = false;
  infra::stop_source tasks_;
  infra::counter frames_;
};

/// All shards of the venue. Loop thread only.
class polymarket_stream {
 public:
  explicit polymarket_stream(feed_context context);
  infra::task<> run(infra::health_reporter& health);
  void reselect();
  [[nodiscard]] feed_counts counts() const;

 private:
  infra::task<> watch(infra::stop_source& shards, infra::health_reporter& health);
  void witness_next();
  void place(std::vector<venue::polymarket::feed_asset> assets);

  feed_context context_;
  token_bucket rest_budget_;
  std::map<std::string, std::size_t> shard_of_;  // asset id to shard
  std::vector<std::shared_ptr<polymarket_shard>> shards_;
  std::size_t started_ = 0;
  std::size_t next_shard_ = 0;  // of the witness's round
  std::size_t next_asset_ = 0;
  std::map<std::size_t, instant> witnessed_;  // shard to the begin of its last round
};

}  // namespace cornice::data
