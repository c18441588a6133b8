#include "cornice/venue/polymarket/asset_mirror.hpp"

namespace cornice::venue::polymarket {
namespace {

// An empty side is written "", and by some servers as the price that cannot occur.
bool agrees(const std::optional<ws::best_quote>& told, std::optional<price> ours, book_side side) {
  if (!told) return true;
  if (ours) return told->p == ours;
  if (!told->p) return true;
  const std::int64_t nobody = side == book_side::bid ? 0 : price::one;
  return told->p->micros() == nobody || told->p->micros() == 0;
}

}  // namespace

std::string_view to_string(mirror_verdict v) noexcept {
  switch (v) {
    case mirror_verdict::ok:
      return "ok";
    case mirror_verdict::stale:
      return "stale";
    case mirror_verdict::hash_mismatch:
      return "hash_mismatch";
    case mirror_verdict::best_mismatch:
      return "best_mismatch";
    case mirror_verdict::crossed:
      return "crossed";
    case mirror_verdict::time_backwards:
      return "time_backwards";
    case mirror_verdict::bad_levels:
      return "bad_levels";
  }
  return "?";
}

asset_mirror::asset_mirror(std::string asset_id, std::string market, asset_metadata metadata)
    : asset_id_{std::move(asset_id)}, market_{std::move(market)}, metadata_{std::move(metadata)} {}

bool asset_mirror::can_hash() const noexcept {
  return hash_trusted_ && !metadata_.min_order_size.empty() && !metadata_.tick_size.empty() &&
         metadata_.neg_risk.has_value() && last_price_.has_value();
}

void asset_mirror::clear() noexcept {
  book_.clear();
  time_text_.clear();
  hash_.clear();
  last_price_.reset();
  last_price_guess_.clear();
  last_price_in_doubt_ = false;
  venue_time_ms_ = 0;
  snapshot_time_ms_ = 0;
  changes_since_check_ = 0;
  unproven_ = 0;
}

bool asset_mirror::hash_matches(book_hasher& hasher, std::string_view last_price) const {
  const book_identity id{market_,
                         asset_id_,
                         time_text_,
                         metadata_.min_order_size,
                         metadata_.tick_size,
                         metadata_.neg_risk.value_or(false),
                         last_price};
  return as_text(hasher.hash(id, book_)) == hash_;
}

mirror_verdict asset_mirror::load(const book_view& snapshot, book_hasher& hasher,
                                  mirror_counters& counters) {
  clear();
  if (!book_.assign(snapshot.bids, snapshot.asks)) return mirror_verdict::bad_levels;
  market_ = snapshot.market;
  if (snapshot.min_order_size) metadata_.min_order_size = *snapshot.min_order_size;
  if (snapshot.tick_size) metadata_.tick_size = *snapshot.tick_size;
  if (snapshot.neg_risk) metadata_.neg_risk = snapshot.neg_risk;
  if (snapshot.last_trade_price) last_price_ = std::string{*snapshot.last_trade_price};
  time_text_ = snapshot.timestamp_text;
  hash_ = snapshot.hash;
  venue_time_ms_ = snapshot.timestamp_ms;
  snapshot_time_ms_ = snapshot.timestamp_ms;
  if (book_.crossed()) return mirror_verdict::crossed;
  if (hash_.empty() || !can_hash()) {
    ++counters.hash_unchecked;
    return mirror_verdict::ok;
  }
  ++counters.hash_checked;
  if (hash_matches(hasher, *last_price_)) return mirror_verdict::ok;
  ++counters.hash_mismatched;
  return mirror_verdict::hash_mismatch;
}

mirror_verdict asset_mirror::admit(std::int64_t time_ms, std::string_view final_hash) const {
  if (time_ms < snapshot_time_ms_) return mirror_verdict::stale;
  if (time_ms == snapshot_time_ms_ && !hash_.empty() && final_hash == hash_)
    return mirror_verdict::stale;
  if (time_ms < venue_time_ms_) return mirror_verdict::time_backwards;
  return mirror_verdict::ok;
}

mirror_verdict asset_mirror::set(book_side side, const wire_level& level) {
  return book_.set(side, level) ? mirror_verdict::ok : mirror_verdict::bad_levels;
}

mirror_verdict asset_mirror::settle(const ws::level_change& last, std::string_view time_text,
                                    std::int64_t time_ms, const hash_policy& policy,
                                    book_hasher& hasher, mirror_counters& counters) {
  time_text_ = time_text;
  venue_time_ms_ = time_ms;
  hash_ = last.hash;
  if (book_.crossed()) return mirror_verdict::crossed;
  if (!agrees(last.best_bid, book_.best(book_side::bid), book_side::bid) ||
      !agrees(last.best_ask, book_.best(book_side::ask), book_side::ask)) {
    ++counters.best_mismatched;
    return mirror_verdict::best_mismatch;
  }
  return check_hash(last.level.price_text, policy, hasher, counters);
}

// The price that a trade left behind is told by a message of its own, which may come later than the
// change of the level that was hit; that level's price is the likely text, in the venue's plain or
// three-decimal form. A match proves the guess, because nothing else gives the same hash.
bool asset_mirror::another_last_price_matches(std::string_view level_price, book_hasher& hasher) {
  std::string padded{level_price};
  if (padded.find('.') == std::string::npos) padded += '.';
  while (padded.size() - padded.find('.') <= 3) padded += '0';
  for (const std::string_view guess :
       {std::string_view{last_price_guess_}, level_price, std::string_view{padded}}) {
    if (guess.empty() || guess == *last_price_ || !hash_matches(hasher, guess)) continue;
    last_price_ = std::string{guess};
    return true;
  }
  return false;
}

mirror_verdict asset_mirror::check_hash(std::string_view level_price, const hash_policy& policy,
                                        book_hasher& hasher, mirror_counters& counters) {
  const std::uint32_t every =
      book_.size() <= policy.small_book_levels ? policy.every_small : policy.every_large;
  if (every == 0) return mirror_verdict::ok;
  if (++changes_since_check_ < every) return mirror_verdict::ok;
  changes_since_check_ = 0;
  if (hash_.empty() || !can_hash()) {
    ++counters.hash_unchecked;
    return mirror_verdict::ok;
  }
  ++counters.hash_checked;
  if (hash_matches(hasher, *last_price_) || another_last_price_matches(level_price, hasher)) {
    last_price_in_doubt_ = false;
    unproven_ = 0;
    return mirror_verdict::ok;
  }
  if (last_price_in_doubt_ && ++unproven_ <= policy.unproven_max) {
    ++counters.hash_unproven;
    return mirror_verdict::ok;
  }
  ++counters.hash_mismatched;
  return mirror_verdict::hash_mismatch;
}

void asset_mirror::trade_seen(std::string_view price_text) {
  if (!last_price_) return;
  last_price_in_doubt_ = true;
  last_price_guess_ = price_text;
}

}  // namespace cornice::venue::polymarket
