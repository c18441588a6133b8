// Sans-I/O machine of one market-channel connection: bytes and time in, books and actions out.
#pragma once

#include "cornice/base/result.hpp"
#include "cornice/base/time.hpp"
#include "cornice/venue/polymarket/asset_mirror.hpp"
#include "cornice/venue/polymarket/ws.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <variant>
#include <vector>

namespace cornice::venue::polymarket {

/// Stable number of a subscribed asset within its feed; reused after unsubscribe.
using asset_slot = std::uint32_t;

/// Why a book may not be traded on.
enum class unusable_reason : std::uint8_t {
  awaiting_snapshot,
  disconnected,
  hash_mismatch,
  best_mismatch,
  crossed,
  time_backwards,
  bad_message,
  tick_size_changed,
  frozen,       ///< the stream is silent while REST shows another book
  no_snapshot,  ///< every attempt failed; tried again slowly
  requested,    ///< the caller asked for a fresh one
};
[[nodiscard]] std::string_view to_string(unusable_reason r) noexcept;

struct feed_options {
  std::size_t assets_max =
      200;  ///< above some 500 the venue sends no snapshots (polymarket.md 6.3)
  std::chrono::milliseconds ping_every{10'000};
  std::chrono::milliseconds silence_max{25'000};  ///< no frame at all, PONG included
  std::chrono::milliseconds book_wait{5'000};     ///< from subscribing to the asset's `book`
  std::chrono::milliseconds rest_wait{10'000};    ///< from fetch_book to its answer
  std::uint32_t attempts_max = 4;                 ///< streams and REST in turn, then parked
  std::chrono::milliseconds parked_for{
      60'000};  ///< before an asset without snapshot is tried again
  /// A book that held this long has its failed attempts forgiven; without it, a book that breaks
  /// right after each snapshot would be resynchronised for ever at network speed.
  std::chrono::milliseconds stable_after{30'000};
  /// At least this long between reconnects that are asked for because most assets are parked.
  std::chrono::milliseconds reconnect_spacing{300'000};
  std::chrono::milliseconds frozen_after{5'000};  ///< see on_snapshot
  std::size_t pending_max = 512;                  ///< changes kept for an asset that awaits REST
  hash_policy hashing;
  /// Accept a snapshot whose own hash cannot be reproduced although all that it covers is known.
  /// Off: such a book stays unusable.
  bool accept_unproven_snapshots = false;
};

struct feed_asset {
  std::string asset_id;
  std::string market;       ///< condition id; may be empty, then taken from the first book
  asset_metadata metadata;  ///< as far as known; a REST book completes it
};

namespace feed {
struct send_text {
  std::string text;
};
/// Fetch GET /book (or POST /books) and answer with on_snapshot or on_snapshot_failed.
struct fetch_book {
  asset_slot asset;
};
struct book_changed {
  asset_slot asset;
};
struct book_unusable {
  asset_slot asset;
  unusable_reason reason;
};
/// Close the connection; after that, on_disconnected.
struct reconnect {
  std::string reason;
};
struct trade {
  asset_slot asset;
  price p;
  quantity q;
  order_side taker_side;
  std::int64_t time_ms;
  std::string transaction_hash;
};
/// The asset's price grid changed; its book is unusable until the fresh one has come.
struct tick_changed {
  asset_slot asset;
  std::int64_t tick_micros;
};
struct market_added {
  ws::new_market market;
};
struct market_ended {
  ws::market_resolved market;
};
/// Something worth a log line that changes nothing here.
struct complaint {
  std::string text;
};
using action = std::variant<send_text, fetch_book, book_changed, book_unusable, reconnect, trade,
                            tick_changed, market_added, market_ended, complaint>;
}  // namespace feed

using feed_actions = std::vector<feed::action>;

struct feed_counters {
  std::uint64_t frames = 0;
  std::uint64_t messages = 0;
  std::uint64_t books = 0;
  std::uint64_t changes = 0;       ///< entries applied
  std::uint64_t stale = 0;         ///< entries older than the snapshot
  std::uint64_t other_assets = 0;  ///< entries of assets that are not subscribed
  std::uint64_t unknown_messages = 0;
  std::uint64_t bad_messages = 0;
  std::uint64_t notices = 0;
  std::uint64_t resyncs = 0;
  std::uint64_t pending_overflows = 0;
  mirror_counters proofs;
};

/// Keeps one book an asset (YES and NO are separate assets) from `book` and `price_change`
/// messages. A book is usable only while every proof holds: hash by policy, best prices on every
/// change, time never backwards, never crossed. A failed proof makes it unusable and fetches a
/// fresh one: resubscribe, then REST, in turn, then park. Nothing is applied to a book that is not
/// usable. Every input appends to `out`; the same inputs give the same actions. Not thread-safe.
class book_feed {
 public:
  explicit book_feed(feed_options options = {});

  /// Adds assets; sends the subscription when connected. Known assets are left alone. Errors:
  /// invalid_argument (an asset id that is no uint256), overloaded (assets_max); nothing was added
  /// then.
  result<void> subscribe(const std::vector<feed_asset>& assets, instant now, feed_actions& out);
  void unsubscribe(const std::vector<std::string>& asset_ids, feed_actions& out);
  void set_metadata(std::string_view asset_id, const asset_metadata& metadata);

  void on_connected(instant now, feed_actions& out);
  void on_disconnected(feed_actions& out);
  void on_frame(std::string_view frame, instant now, feed_actions& out);
  /// Call at least every second.
  void on_tick(instant now, feed_actions& out);
  /// A REST book. For an asset that awaits one it is spliced in: kept changes newer than it are
  /// applied on top. For a usable book it is an audit: if the levels differ and the stream brings
  /// nothing for `frozen_after`, the book is frozen.
  void on_snapshot(const book_view& book, instant now, feed_actions& out);
  void on_snapshot_failed(std::string_view asset_id, instant now, feed_actions& out);
  /// Drops and refetches a book that the caller distrusts.
  void distrust(asset_slot asset, unusable_reason reason, instant now, feed_actions& out);

  [[nodiscard]] std::optional<asset_slot> find(std::string_view asset_id) const;
  /// Slots in use, ascending.
  [[nodiscard]] std::vector<asset_slot> slots() const;
  [[nodiscard]] std::size_t size() const noexcept { return by_id_.size(); }
  [[nodiscard]] const asset_mirror& asset(asset_slot slot) const;
  [[nodiscard]] bool usable(asset_slot slot) const;
  [[nodiscard]] unusable_reason reason(asset_slot slot) const;  ///< of one that is not usable
  /// Counts rebuilds: differs whenever the book did not follow from the one before by changes.
  [[nodiscard]] std::uint64_t epoch(asset_slot slot) const;
  /// When the book last changed; how the caller finds assets that went silent. The epoch of
  /// `instant` when it never did.
  [[nodiscard]] instant last_change(asset_slot slot) const;
  [[nodiscard]] bool connected() const noexcept { return connected_; }
  [[nodiscard]] const feed_counters& counters() const noexcept { return counters_; }

 private:
  enum class phase : std::uint8_t { free, idle, awaiting_stream, awaiting_rest, parked, ready };
  struct kept_change {
    std::string time_text;
    std::int64_t time_ms;
    book_side side;
    text_level level;
    std::string hash;
    std::optional<std::string> best_bid;
    std::optional<std::string> best_ask;
    bool last_of_message;
  };
  struct entry {
    asset_mirror mirror;
    phase at = phase::free;
    unusable_reason reason = unusable_reason::awaiting_snapshot;
    std::uint32_t attempts = 0;
    std::uint64_t epoch = 0;
    instant deadline{};
    instant ready_since{};
    instant last_change{};
    std::vector<kept_change> kept;
    std::int64_t seen_ms = 0;        // newest time of any message on this connection
    std::int64_t kept_floor_ms = 0;  // a snapshot older than this lacks changes that were not kept
    std::optional<instant> audit_due;  // REST differed; frozen unless the stream moves by then
    instant audit_change{};
    std::size_t last_index = 0;  // scratch of take_change
    mirror_verdict admitted = mirror_verdict::ok;
  };
  // Asset ids are hashes themselves, so their end tells them apart; all 77 digits cost more.
  struct string_hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view s) const noexcept {
      constexpr std::size_t telling = 16;
      return std::hash<std::string_view>{}(s.substr(s.size() - std::min(s.size(), telling)));
    }
  };

  void take(const ws::message& m, instant now, feed_actions& out);
  void take_book(const book_view& b, instant now, feed_actions& out);
  void take_change(const ws::price_change& m, instant now, feed_actions& out);
  void take_entry(asset_slot slot, const ws::price_change& m, std::size_t index, instant now,
                  feed_actions& out);
  void take_trade(const ws::last_trade& m, feed_actions& out);
  void take_tick_size(const ws::tick_size_change& m, instant now, feed_actions& out);
  void take_bad(const ws::bad_message& m, instant now, feed_actions& out);
  void take_unknown(std::string_view type, feed_actions& out);

  void keep(entry& e, const ws::price_change& m, const ws::level_change& c, bool last);
  mirror_verdict replay_kept(entry& e);
  void make_ready(asset_slot slot, instant now, feed_actions& out);
  void make_unusable(asset_slot slot, unusable_reason reason, feed_actions& out);
  void resync(asset_slot slot, unusable_reason reason, bool prefer_rest, instant now,
              feed_actions& out);
  void park(asset_slot slot, instant now, feed_actions& out);
  void await_rest(asset_slot slot, instant now, feed_actions& out);
  void want_subscription(asset_slot slot);
  void flush(instant now, feed_actions& out);
  void ask_reconnect(std::string reason, feed_actions& out);
  [[nodiscard]] entry& at(asset_slot slot);
  [[nodiscard]] const entry& at(asset_slot slot) const;

  feed_options options_;
  ws::decoder decoder_;
  book_hasher hasher_;
  std::vector<entry> entries_;
  std::vector<asset_slot> free_;
  std::unordered_map<std::string, asset_slot, string_hash, std::equal_to<>> by_id_;
  std::vector<asset_slot> resubscribe_;  // sent together at the end of an input
  std::vector<asset_slot> scratch_;
  std::vector<std::string> unknown_types_;
  feed_counters counters_;
  bool connected_ = false;
  bool greeted_ = false;  // the first frame has another form than later subscriptions
  bool reconnecting_ = false;
  instant connected_at_{};
  instant last_frame_{};
  instant last_ping_{};
};

}  // namespace cornice::venue::polymarket
