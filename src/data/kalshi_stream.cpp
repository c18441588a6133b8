#include "data/kalshi_stream.hpp"

#include "cornice/venue/kalshi/listing.hpp"

#include <boost/asio/this_coro.hpp>

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace cornice::data {

using namespace std::chrono_literals;
namespace kalshi = venue::kalshi;

namespace {

constexpr auto tick = 200ms;
constexpr auto close_limit = 500ms;
// The venue pings every ten seconds; the feed has no other way to notice a connection that hangs.
constexpr auto idle_limit = 15s;
constexpr std::string_view connection_name = "ws";
constexpr std::int64_t side_channel_command = 1;
constexpr std::int64_t first_book_command = 1000;

kalshi::book_feed_options feed_settings() {
  kalshi::book_feed_options o;
  o.first_command_id = first_book_command;
  return o;
}

// What a lifecycle event says about the listing; nothing for events that do not concern trading.
std::optional<listing_patch> patch_of(const kalshi::ws::market_lifecycle& m) {
  listing_patch p;
  switch (m.event_type) {
    case kalshi::lifecycle_event::activated:
      p.status = listing_status::open;
      p.accepting_orders = true;
      return p;
    case kalshi::lifecycle_event::deactivated:
      p.status = listing_status::paused;
      p.accepting_orders = false;
      return p;
    case kalshi::lifecycle_event::determined:
      p.status = listing_status::determined;
      p.accepting_orders = false;
      if (m.settlement_value) p.settlement_value = ratio{m.settlement_value->micros()};
      return p;
    case kalshi::lifecycle_event::settled:
      p.status = listing_status::settled;
      p.accepting_orders = false;
      return p;
    case kalshi::lifecycle_event::close_date_updated:
      if (m.close_ts) p.close_time = from_unix_s(*m.close_ts);
      return p;
    default:
      return std::nullopt;
  }
}

}  // namespace

kalshi_stream::kalshi_stream(feed_context context, handshake headers)
    : context_{std::move(context)},
      headers_{std::move(headers)},
      complaints_{"data.kalshi", venue_id::kalshi, context_.metrics},
      feed_{feed_settings()},
      frames_{context_.metrics.make_counter("cornice_data_frames_total", "Frames received.",
                                            {{"venue", "kalshi"}})} {}

feed_counts kalshi_stream::counts() const {
  feed_counts c;
  c.wanted = static_cast<std::int64_t>(2 * selected_.size());
  for (const auto& [ticker, book] : feed_.books()) c.usable += book.usable() ? 2 : 0;
  c.connections = socket_ ? 1 : 0;
  return c;
}

void kalshi_stream::reselect() {
  std::set<std::string> wanted;
  for (const listing_id& id : context_.listings.streamed(venue_id::kalshi)) wanted.insert(id.str());
  std::vector<std::string> gone;
  std::vector<std::string> fresh;
  std::ranges::set_difference(selected_, wanted, std::back_inserter(gone));
  std::ranges::set_difference(wanted, selected_, std::back_inserter(fresh));
  selected_ = std::move(wanted);
  const instant now = context_.time.monotonic();
  if (!gone.empty()) perform(feed_.remove(gone, now), now);
  for (const std::string& ticker : gone) {
    epochs_.erase(ticker);
    for (const outcome o : {outcome::yes, outcome::no})
      context_.signals.forget(kalshi::contract_of(ticker, o), context_.time.now());
  }
  if (!fresh.empty()) perform(feed_.add(fresh, now), now);
}

infra::task<> kalshi_stream::run(infra::health_reporter& health) {
  infra::websocket_options options;
  options.url = context_.config.kalshi.ws_url;
  options.headers = headers_(context_.time.now());
  options.tls.ca_file = context_.config.ca_file;
  options.idle_limit = idle_limit;
  auto connected = co_await infra::websocket::connect(context_.loop, std::move(options));
  if (!connected) throw std::runtime_error(connected.error().message);
  socket_ = std::move(*connected);
  hang_up_reason_.clear();
  tap(venue::tape::record_kind::ws_open, {});
  log_.info("kalshi_connected",
            {{"url", context_.config.kalshi.ws_url}, {"tickers", selected_.size()}});
  kalshi::ws::command side;
  side.id = side_channel_command;
  kalshi::ws::subscribe channels;
  channels.channels = {std::string{kalshi::ws::channel::trade},
                       std::string{kalshi::ws::channel::market_lifecycle}};
  side.body = channels;
  if (const auto sent = socket_->write(kalshi::ws::encode_command(side)); !sent)
    hang_up(sent.error().message);
  const instant now = context_.time.monotonic();
  perform(feed_.on_connected(now), now);
  reselect();

  infra::stop_source timer{context_.loop};
  timer.spawn("kalshi.time", keep_time(health));
  std::exception_ptr failure;
  try {
    co_await read_frames();
  } catch (...) {
    failure = std::current_exception();
  }
  timer.request();
  tap(venue::tape::record_kind::ws_close, hang_up_reason_);
  const instant end = context_.time.monotonic();
  perform(feed_.on_disconnected(end), end);
  co_await infra::asio::this_coro::reset_cancellation_state(infra::asio::disable_cancellation());
  co_await timer.drained();
  co_await socket_->close(close_limit);
  socket_.reset();
  if (failure) std::rethrow_exception(failure);
}

void kalshi_stream::tap(venue::tape::record_kind kind, std::string_view bytes) {
  if (context_.tap)
    context_.tap({context_.time.now(), venue_id::kalshi, kind, connection_name, "", bytes});
}

infra::task<> kalshi_stream::read_frames() {
  for (;;) {
    const auto message = co_await socket_->read();
    if (!hang_up_reason_.empty()) throw std::runtime_error(hang_up_reason_);
    if (!message) {
      if (message.error().code == errc::cancelled) co_return;
      throw std::runtime_error(message.error().message);
    }
    frames_.add();
    if (context_.tap)
      context_.tap({context_.at(message->received), venue_id::kalshi,
                    venue::tape::record_kind::ws_in, connection_name, "", message->data});
    const auto frame = decoder_.decode(message->data);
    if (frame) {
      handle(*frame, message->received);
    } else {
      complaints_.unreadable(decoder_.broken().head.type, frame.error().message, message->received);
      perform(feed_.on_broken_frame(decoder_.broken(), message->received), message->received);
    }
    if (!hang_up_reason_.empty()) throw std::runtime_error(hang_up_reason_);
  }
}

// Health is looked at here: counting books at every frame would cost more than the frame.
infra::task<> kalshi_stream::keep_time(infra::health_reporter& health) {
  while (co_await infra::sleep_for(tick)) {
    if (feed_.scale_suspect())
      report_scale(health);
    else if (selected_.empty() || counts().usable > 0)
      health.up();
    else
      health.degraded("no usable book yet");
    const instant now = context_.time.monotonic();
    const auto due = feed_.next_deadline();
    if (due && *due <= now) perform(feed_.on_time(now), now);
  }
}

void kalshi_stream::report_scale(infra::health_reporter& health) {
  const std::string text =
      "prices come on another scale than the subscription asks for: many snapshots are crossed, so "
      "no book is used; compare the venue's documentation of use_yes_price, then restart the "
      "daemon";
  health.degraded(text);
  if (!std::exchange(scale_reported_, true)) log_.error("kalshi_scale_suspect", {{"reason", text}});
}

// The read that is pending ends with the socket.
void kalshi_stream::hang_up(const std::string& why) {
  if (!hang_up_reason_.empty()) return;
  hang_up_reason_ = why;
  log_.warn("kalshi_reconnect", {{"reason", why}});
  if (socket_) infra::spawn(context_.loop, "kalshi.close", socket_->close(close_limit));
}

void kalshi_stream::handle(const kalshi::ws::frame& f, instant received) {
  if (const auto* t = std::get_if<kalshi::ws::trade>(&f.body)) return handle(*t, received);
  if (const auto* m = std::get_if<kalshi::ws::market_lifecycle>(&f.body)) return handle(*m);
  if (const auto* u = std::get_if<kalshi::ws::unknown_message>(&f.body))
    return complaints_.unreadable("unknown " + std::string{f.head.type}, u->text.substr(0, 200),
                                  received);
  perform(feed_.on_message(f, received), received);
}

void kalshi_stream::handle(const kalshi::ws::trade& t, instant received) {
  if (t.is_block_trade || !selected_.contains(std::string{t.market_ticker})) return;
  trade_signal s;
  s.contract = kalshi::contract_of(t.market_ticker, outcome::yes);
  s.venue_trade_id = t.trade_id;
  s.p = t.yes_price_dollars;
  s.q = t.count_fp;
  s.taker_side = t.taker() == outcome::no ? order_side::sell : order_side::buy;
  s.received = context_.at(received);
  s.venue_time = t.ts_ms ? from_unix_ms(*t.ts_ms) : s.received;
  context_.signals.trade(s);
}

void kalshi_stream::handle(const kalshi::ws::market_lifecycle& m) {
  const auto id = listing_id::parse(m.market_ticker);
  if (!id || m.combo) return;
  if (m.event_type == kalshi::lifecycle_event::created ||
      m.event_type == kalshi::lifecycle_event::price_level_structure_updated ||
      m.event_type == kalshi::lifecycle_event::metadata_updated)
    return context_.listings.hint(venue_id::kalshi, *id);
  if (const auto patch = patch_of(m)) {
    // An unknown listing was hinted to discovery by the failed patch itself.
    (void)context_.listings.patch(venue_id::kalshi, *id, *patch);
  }
}

void kalshi_stream::perform(kalshi::book_feed::actions actions, instant received) {
  // Actions live until the feed's next input; nothing below feeds it.
  for (const kalshi::feed_action& a : actions) {
    if (const auto* send = std::get_if<kalshi::send_command>(&a)) {
      if (!socket_) continue;
      log_.debug("kalshi_command", {{"text", send->text}});
      if (const auto sent = socket_->write(send->text); !sent) hang_up(sent.error().message);
    } else if (const auto* book = std::get_if<kalshi::publish_book>(&a)) {
      publish(*book->book, received);
    } else if (const auto* lost = std::get_if<kalshi::book_lost>(&a)) {
      publish(*lost->book, received);
    } else if (const auto* again = std::get_if<kalshi::reconnect>(&a)) {
      hang_up(again->reason);
    }
  }
}

void kalshi_stream::publish(const kalshi::tracked_book& book, instant received) {
  const trace_id trace = context_.signals.next_trace(venue_id::kalshi);
  std::uint64_t& epoch = epochs_[book.ticker()];
  book_state s;
  s.rebuilt = epoch != book.epoch();
  epoch = book.epoch();
  s.bids = book.book().levels(book_side::bid);
  s.asks = book.book().levels(book_side::ask);
  s.usable = book.usable();
  s.unusable_reason = book.usable() ? std::string_view{} : kalshi::to_string(book.trouble());
  s.venue_time = book.venue_time();
  s.received = context_.at(received);
  const timestamp now = context_.time.now();
  context_.signals.book(kalshi::contract_of(book.ticker(), outcome::yes), s, trace, now);
  const order_book no = book.book().complement();
  s.bids = no.levels(book_side::bid);
  s.asks = no.levels(book_side::ask);
  context_.signals.book(kalshi::contract_of(book.ticker(), outcome::no), s, trace, now);
}

}  // namespace cornice::data
