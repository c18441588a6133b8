#include "cornice/sim/kalshi_session.hpp"

#include "sim/kalshi_words.hpp"

#include <algorithm>
#include <type_traits>

namespace cornice::sim {
namespace {

namespace ws = venue::kalshi::ws;
namespace code = ws::error_code;

bool is_public(std::string_view channel) {
  return channel == ws::channel::orderbook || channel == ws::channel::ticker ||
         channel == ws::channel::trade || channel == ws::channel::market_lifecycle ||
         channel == ws::channel::combo_lifecycle;
}

bool is_private(std::string_view channel) {
  return channel == "fill" || channel == "user_orders" || channel == "market_positions" ||
         channel == "order_group_updates" || channel == "communications";
}

bool numbered(std::string_view channel) {
  return channel != ws::channel::ticker && channel != "fill" && channel != "user_orders" &&
         channel != "market_positions";
}

}  // namespace

kalshi_session::kalshi_session(const market_board& board, fault_schedule& faults,
                               kalshi_session_options options)
    : board_{board}, faults_{faults}, options_{options} {}

void kalshi_session::emit(std::int64_t sid, subscription* in_sequence,
                          std::optional<std::int64_t> id, ws::message body, session_output& out) {
  ws::frame f;
  if (id && *id != 0) f.head.id = *id;
  if (sid != 0) f.head.sid = sid;
  if (in_sequence != nullptr && numbered(in_sequence->channel)) f.head.seq = ++in_sequence->seq;
  f.head.sending_ts_ms = unix_ms(board_.now());
  f.body = std::move(body);
  out.push_back(ws::encode(f));
}

void kalshi_session::refuse(std::int64_t id, std::int64_t why, std::string msg, session_output& out,
                            std::vector<std::string> tickers) {
  ++refused_;
  ws::error_reply reply;
  reply.code = why;
  reply.msg = std::move(msg);
  reply.market_tickers = std::move(tickers);
  emit(0, nullptr, id, std::move(reply), out);
}

void kalshi_session::on_text(std::string_view text, session_output& out) {
  const std::int64_t second = unix_ms(board_.now()) / 1'000;
  commands_in_second_ = second == second_ ? commands_in_second_ + 1 : 1;
  second_ = second;
  if (commands_in_second_ > options_.commands_per_second)
    return refuse(0, code::too_many_requests, "Too many requests", out);
  const auto decoded = ws::decode_command(text);
  if (const auto* refusal = std::get_if<ws::command_refusal>(&decoded))
    return refuse(refusal->id, refusal->code, refusal->msg, out);
  const auto& command = std::get<ws::command>(decoded);
  std::visit([&](const auto& body) { handle(command.id, body, out); }, command.body);
}

bool kalshi_session::resolve(std::int64_t id, const std::vector<std::string>& tickers,
                             std::vector<std::size_t>& found, session_output& out) {
  std::vector<std::string> unknown;
  for (const std::string& t : tickers) {
    const auto at = board_.find(t);
    if (at && board_.at(*at).venue == venue_id::kalshi)
      found.push_back(*at);
    else
      unknown.push_back(t);
  }
  if (unknown.empty()) return true;
  refuse(id, code::invalid_parameter, "Unknown market ticker", out, std::move(unknown));
  return false;
}

void kalshi_session::handle(std::int64_t id, const ws::subscribe& c, session_output& out) {
  for (const std::string& channel : c.channels) {
    if (is_private(channel) && !options_.authenticated) {
      refuse(id, code::authentication_required, "Authentication required", out);
    } else if (!is_public(channel) && !is_private(channel)) {
      refuse(id, code::unknown_channel, "Unknown channel name", out);
    } else {
      subscribe_channel(id, channel, c, out);
    }
  }
}

void kalshi_session::subscribe_channel(std::int64_t id, const std::string& channel,
                                       const ws::subscribe& c, session_output& out) {
  std::vector<std::size_t> wanted;
  if (!resolve(id, c.market_tickers, wanted, out)) return;
  const auto known = std::find_if(subscriptions_.begin(), subscriptions_.end(),
                                  [&](const auto& s) { return s.second.channel == channel; });
  const std::size_t held = known == subscriptions_.end() ? 0 : known->second.listings.size();
  if (held + wanted.size() > options_.tickers_max)
    return refuse(id, code::market_limit, "Subscription market limit exceeded", out);
  if (known != subscriptions_.end()) {
    subscription& s = known->second;
    s.all = s.all || c.market_tickers.empty();
    s.skip_ack = c.skip_ticker_ack.value_or(false);
    std::vector<std::size_t> fresh;
    for (const std::size_t l : wanted)
      if (!s.listings.contains(l)) fresh.push_back(l);
    s.listings.insert(fresh.begin(), fresh.end());
    acknowledge(id, known->first, s, out);
    return add_listings(known->first, s, fresh, out);
  }
  const std::int64_t sid = next_sid_++;
  subscription& s = subscriptions_[sid];
  s.channel = channel;
  s.all = c.market_tickers.empty();
  s.use_yes_price = c.use_yes_price.value_or(false);
  s.skip_ack = c.skip_ticker_ack.value_or(false);
  s.listings.insert(wanted.begin(), wanted.end());
  emit(0, nullptr, id, ws::subscribed{channel, sid}, out);
  add_listings(sid, s, wanted, out);
  if (channel == ws::channel::ticker && c.send_initial_snapshot.value_or(false))
    for (const std::size_t l : wanted) ticker(l, out);
}

void kalshi_session::acknowledge(std::int64_t id, std::int64_t sid, subscription& s,
                                 session_output& out) {
  ws::ok reply;
  if (!s.skip_ack && !s.all) {
    reply.market_tickers.emplace();
    for (const std::size_t l : s.listings) reply.market_tickers->push_back(board_.at(l).id);
  }
  emit(sid, &s, id, std::move(reply), out);
}

void kalshi_session::add_listings(std::int64_t sid, subscription& s,
                                  const std::vector<std::size_t>& wanted, session_output& out) {
  if (s.channel != ws::channel::orderbook) return;
  for (const std::size_t l : wanted) snapshot(sid, s, l, std::nullopt, out);
}

void kalshi_session::handle(std::int64_t id, const ws::update_subscription& c,
                            session_output& out) {
  const auto known = subscriptions_.find(c.sid);
  if (known == subscriptions_.end())
    return refuse(id, code::unknown_sid, "Unknown subscription ID", out);
  subscription& s = known->second;
  std::vector<std::size_t> named;
  if (!resolve(id, c.market_tickers, named, out)) return;
  if (c.action == ws::subscription_action::get_snapshot) {
    if (s.channel != ws::channel::orderbook)
      return refuse(id, code::unsupported_action, "Unsupported action", out);
    for (const std::size_t l : named)
      if (s.listings.contains(l)) snapshot(c.sid, s, l, id, out);
    return;
  }
  if (s.channel == ws::channel::market_lifecycle || s.channel == ws::channel::combo_lifecycle)
    return refuse(id, code::unsupported_action, "Unsupported action", out);
  std::vector<std::size_t> fresh;
  for (const std::size_t l : named) {
    if (c.action == ws::subscription_action::delete_markets)
      s.listings.erase(l);
    else if (s.listings.insert(l).second)
      fresh.push_back(l);
  }
  if (s.listings.size() > options_.tickers_max) {
    for (const std::size_t l : fresh) s.listings.erase(l);
    return refuse(id, code::market_limit, "Subscription market limit exceeded", out);
  }
  acknowledge(id, c.sid, s, out);
  add_listings(c.sid, s, fresh, out);
}

void kalshi_session::handle(std::int64_t id, const ws::unsubscribe& c, session_output& out) {
  for (const std::int64_t sid : c.sids) {
    const auto known = subscriptions_.find(sid);
    if (known == subscriptions_.end()) {
      refuse(id, code::unknown_sid, "Unknown subscription ID", out);
      continue;
    }
    emit(sid, &known->second, id, ws::unsubscribed{}, out);
    subscriptions_.erase(known);
  }
}

void kalshi_session::handle(std::int64_t id, const ws::list_subscriptions&, session_output& out) {
  ws::ok reply;
  reply.subscriptions.emplace();
  for (const auto& [sid, s] : subscriptions_) reply.subscriptions->push_back({s.channel, sid});
  emit(0, nullptr, id, std::move(reply), out);
}

// A closed market subscribes successfully and stays silent.
void kalshi_session::snapshot(std::int64_t sid, subscription& s, std::size_t at,
                              std::optional<std::int64_t> id, session_output& out) {
  const sim_listing& l = board_.at(at);
  if (l.phase != listing_phase::open && l.phase != listing_phase::paused) return;
  if (frozen(at)) {
    owed_snapshots_.insert(at);
    return;
  }
  const auto bids = l.book.levels(book_side::bid);
  const auto asks = l.book.levels(book_side::ask);
  std::vector<level> no(asks.rbegin(), asks.rend());
  if (!s.use_yes_price) {
    std::reverse(no.begin(), no.end());
    for (level& n : no) n.p = n.p.complement();
  }
  emit(sid, &s, id, ws::orderbook_snapshot{l.id, l.uuid, bids, no}, out);
}

bool kalshi_session::frozen(std::size_t at) {
  return !faults_.empty() &&
         faults_.strike(fault_kind::freeze, venue_id::kalshi, board_.now(), board_.at(at).id);
}

void kalshi_session::on_event(const world_event& e, session_output& out) {
  if (const auto* a = std::get_if<announced>(&e)) return announce(*a, out);
  const std::size_t at = *listing_of(e);
  if (board_.at(at).venue != venue_id::kalshi) return;
  if (const auto* change = std::get_if<book_changed>(&e)) {
    const bool already = std::any_of(held_.begin(), held_.end(),
                                     [&](const held_event& h) { return h.listing == at; });
    if (already || frozen(at)) {
      if (held_.size() < options_.held_max) held_.push_back({at, *change});
      return;
    }
    deltas(*change, out);
    return ticker(at, out);
  }
  if (const auto* trade = std::get_if<traded>(&e)) {
    if (!frozen(at)) on_trade(*trade, out);
    return;
  }
  if (std::holds_alternative<grid_changed>(e)) return lifecycle(regrid_words(board_.at(at)), out);
  if (const auto* phase = std::get_if<phase_changed>(&e)) {
    const auto words = phase_words(board_.at(at), phase->from, unix_ms(board_.now()) / 1'000);
    if (words) lifecycle(*words, out);
    return;
  }
}

void kalshi_session::announce(const announced& a, session_output& out) {
  std::visit(
      [&](const auto& news) {
        if constexpr (std::is_constructible_v<ws::message, decltype(news)>) lifecycle(news, out);
      },
      a.news);
}

void kalshi_session::on_step(session_output& out) {
  if (held_.empty() && owed_snapshots_.empty()) return;
  std::vector<held_event> kept;
  for (held_event& h : held_) {
    if (frozen(h.listing))
      kept.push_back(std::move(h));
    else if (!owed_snapshots_.contains(h.listing))
      deltas(h.change, out);
  }
  held_ = std::move(kept);
  for (auto at = owed_snapshots_.begin(); at != owed_snapshots_.end();) {
    if (frozen(*at)) {
      ++at;
      continue;
    }
    const std::size_t l = *at;
    at = owed_snapshots_.erase(at);
    for (auto& [sid, s] : subscriptions_)
      if (s.channel == ws::channel::orderbook && s.listings.contains(l))
        snapshot(sid, s, l, std::nullopt, out);
  }
}

void kalshi_session::deltas(const book_changed& e, session_output& out) {
  const sim_listing& l = board_.at(e.listing);
  for (auto& [sid, s] : subscriptions_) {
    if (s.channel != ws::channel::orderbook || !s.listings.contains(e.listing)) continue;
    for (const level_update& u : e.levels) {
      const bool yes = u.side == book_side::bid;
      ws::orderbook_delta d;
      d.market_ticker = l.id;
      d.market_id = l.uuid;
      d.price_dollars = yes || s.use_yes_price ? u.p : u.p.complement();
      d.delta_fp = u.delta;
      d.side = yes ? outcome::yes : outcome::no;
      d.ts_ms = unix_ms(l.updated);
      if (!faults_.empty() &&
          faults_.strike(fault_kind::gap, venue_id::kalshi, board_.now(), l.id)) {
        ++s.seq;
        continue;
      }
      emit(sid, &s, std::nullopt, d, out);
    }
    if (!faults_.empty() &&
        faults_.strike(fault_kind::overflow, venue_id::kalshi, board_.now(), l.id)) {
      ws::error_reply dead;
      dead.code = code::buffer_overflow;
      dead.msg = "Subscription buffer overflow";
      emit(sid, &s, std::nullopt, std::move(dead), out);
      subscriptions_.erase(sid);
      return;
    }
  }
}

void kalshi_session::on_trade(const traded& e, session_output& out) {
  const sim_listing& l = board_.at(e.listing);
  ws::trade t;
  t.trade_id = e.trade.id;
  t.market_ticker = l.id;
  t.yes_price_dollars = e.trade.yes_price;
  t.no_price_dollars = e.trade.yes_price.complement();
  t.count_fp = e.trade.size;
  t.taker_outcome_side = e.trade.taker;
  t.taker_book_side = e.trade.taker == outcome::yes ? book_side::bid : book_side::ask;
  t.taker_side = e.trade.taker;
  t.ts_ms = unix_ms(e.trade.when);
  for (auto& [sid, s] : subscriptions_)
    if (s.channel == ws::channel::trade && wants(s, e.listing)) emit(sid, &s, std::nullopt, t, out);
}

void kalshi_session::ticker(std::size_t at, session_output& out) {
  for (auto& [sid, s] : subscriptions_)
    if (s.channel == ws::channel::ticker && wants(s, at))
      emit(sid, &s, std::nullopt, ticker_words(board_.at(at), unix_ms(board_.now())), out);
}

void kalshi_session::lifecycle(const ws::message& news, session_output& out) {
  for (auto& [sid, s] : subscriptions_)
    if (s.channel == ws::channel::market_lifecycle) emit(sid, &s, std::nullopt, news, out);
}

}  // namespace cornice::sim
