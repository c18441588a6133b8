#include "cornice/venue/polymarket/book_feed.hpp"

#include "cornice/base/check.hpp"
#include "cornice/venue/polymarket/requests.hpp"
#include "venue/polymarket/decimal.hpp"

#include <algorithm>

namespace cornice::venue::polymarket {

std::string_view to_string(unusable_reason r) noexcept {
  switch (r) {
    case unusable_reason::awaiting_snapshot:
      return "awaiting_snapshot";
    case unusable_reason::disconnected:
      return "disconnected";
    case unusable_reason::hash_mismatch:
      return "hash_mismatch";
    case unusable_reason::best_mismatch:
      return "best_mismatch";
    case unusable_reason::crossed:
      return "crossed";
    case unusable_reason::time_backwards:
      return "time_backwards";
    case unusable_reason::bad_message:
      return "bad_message";
    case unusable_reason::tick_size_changed:
      return "tick_size_changed";
    case unusable_reason::frozen:
      return "frozen";
    case unusable_reason::no_snapshot:
      return "no_snapshot";
    case unusable_reason::requested:
      return "requested";
  }
  return "?";
}

book_feed::book_feed(feed_options options) : options_{std::move(options)} {}

book_feed::entry& book_feed::at(asset_slot slot) {
  invariant(slot < entries_.size() && entries_[slot].at != phase::free,
            "an asset slot in use was named");
  return entries_[slot];
}
const book_feed::entry& book_feed::at(asset_slot slot) const {
  invariant(slot < entries_.size() && entries_[slot].at != phase::free,
            "an asset slot in use was named");
  return entries_[slot];
}

std::optional<asset_slot> book_feed::find(std::string_view asset_id) const {
  const auto it = by_id_.find(asset_id);
  return it == by_id_.end() ? std::nullopt : std::optional{it->second};
}

std::vector<asset_slot> book_feed::slots() const {
  std::vector<asset_slot> out;
  for (asset_slot s = 0; s < entries_.size(); ++s)
    if (entries_[s].at != phase::free) out.push_back(s);
  return out;
}

const asset_mirror& book_feed::asset(asset_slot slot) const {
  return at(slot).mirror;
}
bool book_feed::usable(asset_slot slot) const {
  return at(slot).at == phase::ready;
}
unusable_reason book_feed::reason(asset_slot slot) const {
  return at(slot).reason;
}
std::uint64_t book_feed::epoch(asset_slot slot) const {
  return at(slot).epoch;
}
instant book_feed::last_change(asset_slot slot) const {
  return at(slot).last_change;
}

result<void> book_feed::subscribe(const std::vector<feed_asset>& assets, instant now,
                                  feed_actions& out) {
  std::size_t added = 0;
  for (const feed_asset& a : assets) {
    if (!is_asset_id(a.asset_id))
      return error{errc::invalid_argument,
                   "asset id \"" + a.asset_id.substr(0, 90) + "\" is not a decimal uint256"};
    if (!by_id_.contains(a.asset_id)) ++added;
  }
  if (by_id_.size() + added > options_.assets_max)
    return error{errc::overloaded, "one connection carries at most " +
                                       std::to_string(options_.assets_max) + " assets"};
  for (const feed_asset& a : assets) {
    if (by_id_.contains(a.asset_id)) continue;
    asset_slot slot = 0;
    if (free_.empty()) {
      slot = static_cast<asset_slot>(entries_.size());
      entries_.emplace_back();
    } else {
      slot = free_.back();
      free_.pop_back();
    }
    // The epoch goes on counting: a reader that kept the slot's number must see a change.
    const std::uint64_t epoch = entries_[slot].epoch;
    entries_[slot] = entry{};
    entries_[slot].epoch = epoch + 1;
    entries_[slot].mirror = asset_mirror{a.asset_id, a.market, a.metadata};
    entries_[slot].at = phase::idle;
    by_id_.emplace(a.asset_id, slot);
    if (connected_ && !reconnecting_) {
      want_subscription(slot);
    } else {
      entries_[slot].reason = unusable_reason::disconnected;
    }
    out.emplace_back(feed::book_unusable{slot, entries_[slot].reason});
  }
  flush(now, out);
  return {};
}

void book_feed::unsubscribe(const std::vector<std::string>& asset_ids, feed_actions& out) {
  ws::market_operation operation;
  operation.subscribe = false;
  for (const std::string& id : asset_ids) {
    const auto it = by_id_.find(id);
    if (it == by_id_.end()) continue;
    const asset_slot slot = it->second;
    std::erase(resubscribe_, slot);
    by_id_.erase(it);
    const std::uint64_t epoch = entries_[slot].epoch;
    entries_[slot] = entry{};
    entries_[slot].epoch = epoch;
    free_.push_back(slot);
    operation.assets_ids.push_back(id);
  }
  if (connected_ && greeted_ && !operation.assets_ids.empty())
    out.emplace_back(feed::send_text{ws::encode(operation)});
}

void book_feed::set_metadata(std::string_view asset_id, const asset_metadata& metadata) {
  if (const auto slot = find(asset_id)) at(*slot).mirror.set_metadata(metadata);
}

void book_feed::on_connected(instant now, feed_actions& out) {
  connected_ = true;
  greeted_ = false;
  reconnecting_ = false;
  connected_at_ = now;
  last_frame_ = now;
  last_ping_ = now;
  resubscribe_.clear();
  for (const asset_slot slot : slots()) {
    entry& e = at(slot);
    e.attempts = 0;
    e.reason = unusable_reason::awaiting_snapshot;
    e.seen_ms = 0;
    e.kept_floor_ms = 0;
    e.mirror.trust_hash(true);
    want_subscription(slot);
  }
  flush(now, out);
}

void book_feed::on_disconnected(feed_actions& out) {
  connected_ = false;
  greeted_ = false;
  reconnecting_ = false;
  resubscribe_.clear();
  for (const asset_slot slot : slots()) {
    make_unusable(slot, unusable_reason::disconnected, out);
    at(slot).at = phase::idle;
  }
}

void book_feed::on_tick(instant now, feed_actions& out) {
  if (!connected_ || reconnecting_) return;
  if (now - last_frame_ >= options_.silence_max)
    return ask_reconnect("no frame for " + std::to_string(options_.silence_max.count()) + " ms",
                         out);
  if (now - last_ping_ >= options_.ping_every) {
    last_ping_ = now;
    out.emplace_back(feed::send_text{std::string{ws::ping_text}});
  }
  std::size_t parked = 0;
  for (const asset_slot slot : slots()) {
    entry& e = at(slot);
    if (e.at == phase::parked) ++parked;
    if (e.at == phase::ready) {
      if (!e.audit_due || now < *e.audit_due) continue;
      e.audit_due.reset();
      if (e.last_change == e.audit_change) resync(slot, unusable_reason::frozen, false, now, out);
      continue;
    }
    if (e.at == phase::idle || now < e.deadline) continue;
    if (e.at == phase::parked) {
      e.attempts = 0;
      resync(slot, e.reason, false, now, out);
    } else {
      resync(slot, e.reason, e.at == phase::awaiting_stream, now, out);
    }
  }
  if (parked * 2 > by_id_.size() && now - connected_at_ >= options_.reconnect_spacing)
    ask_reconnect("most assets get no snapshot", out);
  flush(now, out);
}

void book_feed::ask_reconnect(std::string reason, feed_actions& out) {
  if (reconnecting_) return;
  reconnecting_ = true;
  for (const asset_slot slot : slots()) {
    make_unusable(slot, unusable_reason::disconnected, out);
    at(slot).at = phase::idle;
  }
  resubscribe_.clear();
  out.emplace_back(feed::reconnect{std::move(reason)});
}

void book_feed::make_unusable(asset_slot slot, unusable_reason reason, feed_actions& out) {
  entry& e = at(slot);
  const bool told = e.at != phase::ready && e.reason == reason;
  e.reason = reason;
  e.mirror.clear();
  e.kept.clear();
  e.kept_floor_ms = e.seen_ms;
  e.audit_due.reset();
  if (!told) out.emplace_back(feed::book_unusable{slot, reason});
}

void book_feed::make_ready(asset_slot slot, instant now, feed_actions& out) {
  entry& e = at(slot);
  if (e.at != phase::ready) {
    ++e.epoch;
    e.ready_since = now;
  }
  e.at = phase::ready;
  e.kept.clear();
  e.kept_floor_ms = 0;
  e.last_change = now;
  out.emplace_back(feed::book_changed{slot});
}

void book_feed::park(asset_slot slot, instant now, feed_actions& out) {
  make_unusable(slot, unusable_reason::no_snapshot, out);
  entry& e = at(slot);
  e.at = phase::parked;
  e.deadline = now + options_.parked_for;
}

void book_feed::await_rest(asset_slot slot, instant now, feed_actions& out) {
  entry& e = at(slot);
  e.at = phase::awaiting_rest;
  e.deadline = now + options_.rest_wait;
  out.emplace_back(feed::fetch_book{slot});
}

void book_feed::resync(asset_slot slot, unusable_reason reason, bool prefer_rest, instant now,
                       feed_actions& out) {
  entry& e = at(slot);
  if (e.at == phase::ready && now - e.ready_since >= options_.stable_after) e.attempts = 0;
  ++counters_.resyncs;
  if (++e.attempts > options_.attempts_max) return park(slot, now, out);
  // A wait that ran out keeps what it has seen since; a failed proof has nothing worth keeping.
  if (e.at == phase::awaiting_stream || e.at == phase::awaiting_rest) {
    if (e.reason != reason) {
      e.reason = reason;
      out.emplace_back(feed::book_unusable{slot, reason});
    }
  } else {
    make_unusable(slot, reason, out);
  }
  if (prefer_rest) return await_rest(slot, now, out);
  want_subscription(slot);
}

void book_feed::want_subscription(asset_slot slot) {
  at(slot).at = phase::awaiting_stream;
  if (std::find(resubscribe_.begin(), resubscribe_.end(), slot) == resubscribe_.end())
    resubscribe_.push_back(slot);
}

void book_feed::distrust(asset_slot slot, unusable_reason reason, instant now, feed_actions& out) {
  if (connected_ && !reconnecting_ && at(slot).at == phase::ready)
    resync(slot, reason, false, now, out);
  flush(now, out);
}

// A subscribe that names an active asset is refused as duplicate, hence unsubscribe first
// (polymarket.md 6.1); assets that the connection has not seen yet are harmless there.
void book_feed::flush(instant now, feed_actions& out) {
  if (!connected_ || reconnecting_) return;
  // A later message of the same frame may have settled or parked what an earlier one asked for.
  std::erase_if(resubscribe_, [this](asset_slot s) { return at(s).at != phase::awaiting_stream; });
  if (resubscribe_.empty()) return;
  std::vector<std::string> ids;
  for (const asset_slot slot : resubscribe_) {
    entry& e = at(slot);
    e.deadline = now + options_.book_wait;
    ids.push_back(e.mirror.asset_id());
  }
  if (!greeted_) {
    greeted_ = true;
    ws::market_subscription first;
    first.assets_ids = std::move(ids);
    out.emplace_back(feed::send_text{ws::encode(first)});
  } else {
    ws::market_operation operation;
    for (const asset_slot slot : resubscribe_)
      if (at(slot).attempts > 0) operation.assets_ids.push_back(at(slot).mirror.asset_id());
    if (!operation.assets_ids.empty()) {
      operation.subscribe = false;
      out.emplace_back(feed::send_text{ws::encode(operation)});
    }
    operation.subscribe = true;
    operation.assets_ids = std::move(ids);
    out.emplace_back(feed::send_text{ws::encode(operation)});
  }
  resubscribe_.clear();
}

}  // namespace cornice::venue::polymarket
