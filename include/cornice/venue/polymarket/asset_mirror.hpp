// The local copy of one asset's book, and the proofs that it equals the venue's.
#pragma once

#include "cornice/venue/polymarket/book_hash.hpp"
#include "cornice/venue/polymarket/book_view.hpp"
#include "cornice/venue/polymarket/text_book.hpp"
#include "cornice/venue/polymarket/ws.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace cornice::venue::polymarket {

/// How often a change is proved by the book hash; a hash of a large book costs tens of
/// microseconds. Best prices are compared on every change whatever stands here.
struct hash_policy {
  std::size_t small_book_levels = 64;  ///< both sides together
  std::uint32_t every_small = 1;       ///< hash every Nth change of a small book; 0 never
  std::uint32_t every_large = 16;      ///< and of a larger one; 0 never
  /// After a trade the venue's text of the last price is unknown until the next `book`. This many
  /// checks may fail in that window before the book is given up.
  std::uint32_t unproven_max = 32;
};

/// What the hash covers and the stream does not always tell; texts as the venue writes them.
struct asset_metadata {
  std::string min_order_size;  ///< "5"; empty: not known
  std::string tick_size;       ///< "0.001"; empty: not known
  std::optional<bool> neg_risk;
  friend bool operator==(const asset_metadata&, const asset_metadata&) = default;
};

enum class mirror_verdict : std::uint8_t {
  ok,
  stale,           ///< older than the snapshot, or already part of it: nothing was changed
  hash_mismatch,   ///< the venue's hash is that of another book
  best_mismatch,   ///< the venue's best price is another
  crossed,         ///< best bid >= best ask
  time_backwards,  ///< an update older than one that was applied
  bad_levels,      ///< a level that no book can have
};
[[nodiscard]] std::string_view to_string(mirror_verdict v) noexcept;

struct mirror_counters {
  std::uint64_t hash_checked = 0;
  std::uint64_t hash_mismatched = 0;
  std::uint64_t hash_unproven = 0;   ///< failed while the last price was in doubt
  std::uint64_t hash_unchecked = 0;  ///< no hash sent, or metadata missing
  std::uint64_t best_mismatched = 0;
};

/// Holds no opinion about what to do when a proof fails: that is book_feed's. Not thread-safe.
class asset_mirror {
 public:
  asset_mirror() = default;
  asset_mirror(std::string asset_id, std::string market, asset_metadata metadata);

  [[nodiscard]] const std::string& asset_id() const noexcept { return asset_id_; }
  [[nodiscard]] const std::string& market() const noexcept { return market_; }
  [[nodiscard]] const asset_metadata& metadata() const noexcept { return metadata_; }
  void set_metadata(asset_metadata m) { metadata_ = std::move(m); }
  [[nodiscard]] const text_book& book() const noexcept { return book_; }
  /// Of the last applied update; 0 when nothing is loaded.
  [[nodiscard]] std::int64_t venue_time_ms() const noexcept { return venue_time_ms_; }
  [[nodiscard]] std::int64_t snapshot_time_ms() const noexcept { return snapshot_time_ms_; }
  /// Of the last applied update, as the venue sent it; may be empty.
  [[nodiscard]] const std::string& hash() const noexcept { return hash_; }
  /// Everything that the hash covers is known.
  [[nodiscard]] bool can_hash() const noexcept;

  /// Stops (or resumes) proving by hash: for a venue whose own snapshots fail the rule.
  void trust_hash(bool trusted) noexcept { hash_trusted_ = trusted; }

  /// Forgets the book; metadata stays.
  void clear() noexcept;
  /// Replaces the book. Answers ok, hash_mismatch, crossed or bad_levels; the book stays loaded
  /// after a hash_mismatch, so that the caller may choose to accept it.
  mirror_verdict load(const book_view& snapshot, book_hasher& hasher, mirror_counters& counters);
  /// Whether an update of this time belongs on top of what is loaded. `final_hash` is that of the
  /// asset's last entry in the message. Answers ok, stale or time_backwards.
  [[nodiscard]] mirror_verdict admit(std::int64_t time_ms, std::string_view final_hash) const;
  /// Applies one admitted entry. Answers ok or bad_levels.
  mirror_verdict set(book_side side, const wire_level& level);
  /// After the last entry of a message: takes over its time and hash and checks the proofs.
  mirror_verdict settle(const ws::level_change& last, std::string_view time_text,
                        std::int64_t time_ms, const hash_policy& policy, book_hasher& hasher,
                        mirror_counters& counters);
  /// A trade in this market changes the last price that the hash covers; how the venue will write
  /// it shows in its next `book`. `price_text` is a guess, empty when there is none.
  void trade_seen(std::string_view price_text);
  /// The venue announced another tick; the hash covers it.
  void set_tick_size(std::string_view text) { metadata_.tick_size = text; }

 private:
  [[nodiscard]] bool hash_matches(book_hasher& hasher, std::string_view last_price) const;
  [[nodiscard]] bool another_last_price_matches(std::string_view level_price, book_hasher& hasher);
  mirror_verdict check_hash(std::string_view level_price, const hash_policy& policy,
                            book_hasher& hasher, mirror_counters& counters);

  std::string asset_id_;
  std::string market_;
  asset_metadata metadata_;
  text_book book_;
  std::string time_text_;
  std::string hash_;
  std::optional<std::string> last_price_;  // none: never told
  std::string last_price_guess_;
  bool last_price_in_doubt_ = false;
  bool hash_trusted_ = true;
  std::int64_t venue_time_ms_ = 0;
  std::int64_t snapshot_time_ms_ = 0;
  std::uint32_t changes_since_check_ = 0;
  std::uint32_t unproven_ = 0;
};

}  // namespace cornice::venue::polymarket
