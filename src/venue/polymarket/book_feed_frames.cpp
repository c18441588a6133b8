// What a frame or a REST book does to the books of a feed.
#include "cornice/base/check.hpp"
#include "cornice/venue/polymarket/book_feed.hpp"

#include <algorithm>

namespace cornice::venue::polymarket {
namespace {

constexpr std::size_t unknown_types_max = 32;

unusable_reason reason_of(mirror_verdict v) {
  switch (v) {
    case mirror_verdict::hash_mismatch:
      return unusable_reason::hash_mismatch;
    case mirror_verdict::best_mismatch:
      return unusable_reason::best_mismatch;
    case mirror_verdict::crossed:
      return unusable_reason::crossed;
    case mirror_verdict::time_backwards:
      return unusable_reason::time_backwards;
    default:
      return unusable_reason::bad_message;
  }
}

std::optional<std::string> owned(const std::optional<ws::best_quote>& q) {
  return q ? std::optional{std::string{q->text}} : std::nullopt;
}

bool same_decimal(std::string_view a, std::string_view b) {
  const auto x = parse_millionths(a);
  const auto y = parse_millionths(b);
  return x && y && *x == *y;
}

bool same_levels(const text_book& a, const text_book& b) {
  for (const book_side side : {book_side::bid, book_side::ask}) {
    const auto left = a.levels(side);
    const auto right = b.levels(side);
    const bool equal = std::equal(left.begin(), left.end(), right.begin(), right.end(),
                                  [](const text_level& l, const text_level& r) {
                                    return l.price_micros() == r.price_micros() && l.q() == r.q();
                                  });
    if (!equal) return false;
  }
  return true;
}

}  // namespace

void book_feed::on_frame(std::string_view bytes, instant now, feed_actions& out) {
  if (!connected_ || reconnecting_) return;
  ++counters_.frames;
  last_frame_ = now;
  const auto decoded = decoder_.decode(bytes);
  if (!decoded) {
    // Any book may have been in it, so none can be trusted any more.
    ++counters_.bad_messages;
    return ask_reconnect("unreadable frame: " + decoded.error().message, out);
  }
  if (decoded->kind == ws::frame_kind::notice) {
    ++counters_.notices;
    out.emplace_back(feed::complaint{"venue says: " + std::string{decoded->notice.substr(0, 200)}});
    return;
  }
  for (const ws::message& m : decoded->messages) {
    ++counters_.messages;
    take(m, now, out);
    if (reconnecting_) return;
  }
  flush(now, out);
}

void book_feed::take(const ws::message& m, instant now, feed_actions& out) {
  if (const auto* change = std::get_if<ws::price_change>(&m)) return take_change(*change, now, out);
  if (const auto* book = std::get_if<book_view>(&m)) return take_book(*book, now, out);
  if (const auto* trade = std::get_if<ws::last_trade>(&m)) return take_trade(*trade, out);
  if (const auto* tick = std::get_if<ws::tick_size_change>(&m))
    return take_tick_size(*tick, now, out);
  if (const auto* added = std::get_if<ws::new_market>(&m)) {
    out.emplace_back(feed::market_added{*added});
    return;
  }
  if (const auto* ended = std::get_if<ws::market_resolved>(&m)) {
    out.emplace_back(feed::market_ended{*ended});
    return;
  }
  if (const auto* unknown = std::get_if<ws::unknown_message>(&m))
    return take_unknown(unknown->type, out);
  if (const auto* bad = std::get_if<ws::bad_message>(&m)) return take_bad(*bad, now, out);
  // best_bid_ask repeats what every price_change entry already told and proved.
}

void book_feed::take_book(const book_view& b, instant now, feed_actions& out) {
  const auto slot = find(b.asset_id);
  if (!slot) {
    ++counters_.other_assets;
    return;
  }
  entry& e = at(*slot);
  ++counters_.books;
  if (e.at == phase::ready) {
    // A book that was on its way while REST answered may be older than what REST gave.
    if (b.timestamp_ms < e.mirror.snapshot_time_ms()) {
      ++counters_.stale;
      return;
    }
    if (b.timestamp_ms < e.mirror.venue_time_ms())
      return resync(*slot, unusable_reason::time_backwards, false, now, out);
  }
  e.seen_ms = std::max(e.seen_ms, b.timestamp_ms);
  const mirror_verdict v = e.mirror.load(b, hasher_, counters_.proofs);
  if (v == mirror_verdict::ok) return make_ready(*slot, now, out);
  e.mirror.clear();
  // REST carries everything that the hash covers, so it settles whether our metadata is outdated.
  resync(*slot, reason_of(v), v == mirror_verdict::hash_mismatch, now, out);
}

void book_feed::take_change(const ws::price_change& m, instant now, feed_actions& out) {
  // First find each asset's last entry: only that one describes the state after the message.
  scratch_.clear();
  for (std::size_t i = 0; i < m.changes.size(); ++i) {
    const auto slot = find(m.changes[i].asset_id);
    scratch_.push_back(slot.value_or(static_cast<asset_slot>(entries_.size())));
    if (!slot) {
      ++counters_.other_assets;
      continue;
    }
    entry& e = at(*slot);
    e.last_index = i;
    e.admitted = e.at == phase::ready ? e.mirror.admit(m.timestamp_ms, m.changes[i].hash)
                                      : mirror_verdict::ok;
  }
  for (std::size_t i = 0; i < m.changes.size(); ++i)
    if (scratch_[i] < entries_.size()) take_entry(scratch_[i], m, i, now, out);
}

void book_feed::take_entry(asset_slot slot, const ws::price_change& m, std::size_t index,
                           instant now, feed_actions& out) {
  entry& e = at(slot);
  const ws::level_change& c = m.changes[index];
  const bool last = e.last_index == index;
  e.seen_ms = std::max(e.seen_ms, m.timestamp_ms);
  if (e.at == phase::awaiting_stream || e.at == phase::awaiting_rest) return keep(e, m, c, last);
  if (e.at != phase::ready) return;
  if (e.admitted == mirror_verdict::stale) {
    ++counters_.stale;
    return;
  }
  mirror_verdict v = e.admitted;
  if (v == mirror_verdict::ok) v = e.mirror.set(c.side, c.level);
  if (v == mirror_verdict::ok && last)
    v = e.mirror.settle(c, m.timestamp_text, m.timestamp_ms, options_.hashing, hasher_,
                        counters_.proofs);
  if (v != mirror_verdict::ok) return resync(slot, reason_of(v), false, now, out);
  ++counters_.changes;
  if (!last) return;
  e.last_change = now;
  out.emplace_back(feed::book_changed{slot});
}

void book_feed::keep(entry& e, const ws::price_change& m, const ws::level_change& c, bool last) {
  if (e.kept.size() >= options_.pending_max) {
    // What is dropped may only be replaced by a snapshot that is at least as new.
    ++counters_.pending_overflows;
    for (const kept_change& k : e.kept) e.kept_floor_ms = std::max(e.kept_floor_ms, k.time_ms);
    e.kept.clear();
  }
  e.kept.push_back({std::string{m.timestamp_text}, m.timestamp_ms, c.side, text_level{c.level},
                    std::string{c.hash}, owned(c.best_bid), owned(c.best_ask), last});
}

// The mirror holds a REST book: applies the kept changes that are newer. A message's entries are
// admitted together by the hash of its last one.
mirror_verdict book_feed::replay_kept(entry& e) {
  std::size_t begin = 0;
  while (begin < e.kept.size()) {
    std::size_t end = begin;
    while (end + 1 < e.kept.size() && !e.kept[end].last_of_message) ++end;
    const kept_change& last = e.kept[end];
    const mirror_verdict admitted = e.mirror.admit(last.time_ms, last.hash);
    if (admitted == mirror_verdict::time_backwards) return admitted;
    for (std::size_t i = begin; admitted == mirror_verdict::ok && i <= end; ++i) {
      const kept_change& k = e.kept[i];
      if (const auto v = e.mirror.set(k.side, k.level.wire()); v != mirror_verdict::ok) return v;
      ++counters_.changes;
    }
    if (admitted == mirror_verdict::ok) {
      ws::level_change c;
      c.asset_id = e.mirror.asset_id();
      c.side = last.side;
      c.level = last.level.wire();
      c.hash = last.hash;
      const auto quote = [](const std::optional<std::string>& text) {
        if (!text) return std::optional<ws::best_quote>{};
        const auto p = price::parse(*text);
        return std::optional{ws::best_quote{*text, p ? std::optional{*p} : std::optional<price>{}}};
      };
      c.best_bid = quote(last.best_bid);
      c.best_ask = quote(last.best_ask);
      const auto v = e.mirror.settle(c, last.time_text, last.time_ms, options_.hashing, hasher_,
                                     counters_.proofs);
      if (v != mirror_verdict::ok) return v;
    }
    begin = end + 1;
  }
  return mirror_verdict::ok;
}

void book_feed::on_snapshot(const book_view& b, instant now, feed_actions& out) {
  const auto slot = find(b.asset_id);
  if (!slot || !connected_ || reconnecting_) return;
  entry& e = at(*slot);
  if (e.at == phase::ready) {
    text_book told;
    if (!told.assign(b.bids, b.asks)) return;
    if (same_levels(told, e.mirror.book())) return e.audit_due.reset();
    // A wait that runs goes on: samples that come often must not keep a frozen book in use.
    if (e.audit_due && e.audit_change == e.last_change) return;
    e.audit_due = now + options_.frozen_after;
    e.audit_change = e.last_change;
    return;
  }
  if (e.at != phase::awaiting_rest && e.at != phase::awaiting_stream) return;
  const bool other_tick = e.reason == unusable_reason::tick_size_changed && b.tick_size &&
                          !same_decimal(*b.tick_size, e.mirror.metadata().tick_size);
  if (b.timestamp_ms < e.kept_floor_ms || other_tick) {  // from before what was seen: fetch again
    resync(*slot, e.reason, true, now, out);
    return flush(now, out);
  }
  mirror_verdict v = e.mirror.load(b, hasher_, counters_.proofs);
  if (v == mirror_verdict::hash_mismatch && options_.accept_unproven_snapshots) {
    e.mirror.trust_hash(false);
    v = mirror_verdict::ok;
  }
  if (v == mirror_verdict::ok) v = replay_kept(e);
  if (v == mirror_verdict::ok) {
    make_ready(*slot, now, out);
  } else {
    make_unusable(*slot, reason_of(v), out);
    resync(*slot, reason_of(v), false, now, out);
  }
  flush(now, out);
}

void book_feed::on_snapshot_failed(std::string_view asset_id, instant now, feed_actions& out) {
  const auto slot = find(asset_id);
  if (!slot || !connected_ || reconnecting_ || at(*slot).at != phase::awaiting_rest) return;
  resync(*slot, at(*slot).reason, false, now, out);
  flush(now, out);
}

void book_feed::take_trade(const ws::last_trade& m, feed_actions& out) {
  for (entry& e : entries_) {
    if (e.at != phase::ready || e.mirror.market() != m.market) continue;
    e.mirror.trade_seen(e.mirror.asset_id() == m.asset_id ? m.price_text : std::string_view{});
  }
  const auto slot = find(m.asset_id);
  if (!slot) {
    ++counters_.other_assets;
    return;
  }
  out.emplace_back(
      feed::trade{*slot, m.p, m.q, m.taker_side, m.timestamp_ms, std::string{m.transaction_hash}});
}

void book_feed::take_tick_size(const ws::tick_size_change& m, instant now, feed_actions& out) {
  const auto slot = find(m.asset_id);
  if (!slot) {
    ++counters_.other_assets;
    return;
  }
  entry& e = at(*slot);
  e.mirror.set_tick_size(m.new_tick_size);
  out.emplace_back(feed::tick_changed{*slot, m.new_tick_micros});
  if (e.at != phase::ready) return;
  // The venue sends the fresh book by itself; only its absence is answered with a resubscription.
  make_unusable(*slot, unusable_reason::tick_size_changed, out);
  e.at = phase::awaiting_stream;
  e.deadline = now + options_.book_wait;
}

void book_feed::take_unknown(std::string_view type, feed_actions& out) {
  ++counters_.unknown_messages;
  const bool known =
      std::find(unknown_types_.begin(), unknown_types_.end(), type) != unknown_types_.end();
  if (known || unknown_types_.size() >= unknown_types_max) return;
  unknown_types_.emplace_back(type);
  out.emplace_back(feed::complaint{"unknown message type \"" + std::string{type} + "\""});
}

void book_feed::take_bad(const ws::bad_message& m, instant now, feed_actions& out) {
  ++counters_.bad_messages;
  out.emplace_back(feed::complaint{"bad message " + m.type + ": " + m.why.message});
  // An element without a type could have been a book; other types touch none.
  if (m.type != "book" && m.type != "price_change" && m.type != "tick_size_change" &&
      !m.type.empty())
    return;
  if (m.assets.empty() || std::find(m.assets.begin(), m.assets.end(), "") != m.assets.end())
    return ask_reconnect("a bad " + m.type + " message does not say whose book it is", out);
  for (const std::string& id : m.assets) {
    const auto slot = find(id);
    if (slot && at(*slot).at == phase::ready)
      resync(*slot, unusable_reason::bad_message, false, now, out);
  }
}

}  // namespace cornice::venue::polymarket
