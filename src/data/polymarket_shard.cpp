#include "cornice/model/order_book.hpp"
#include "cornice/venue/polymarket/clob.hpp"
#include "cornice/venue/polymarket/requests.hpp"
#include "data/polymarket_stream.hpp"

#include <boost/asio/this_coro.hpp>

#include <algorithm>
#include <optional>

namespace cornice::data {

using namespace std::chrono_literals;
namespace pm = venue::polymarket;

namespace {

constexpr auto tick = 250ms;
constexpr auto close_limit = 500ms;
constexpr auto backoff_min = 250ms;
constexpr auto backoff_max = 15s;
constexpr auto lasted_well = 30s;
constexpr auto rest_deadline = 5s;
constexpr std::size_t fetch_max = 200;

pm::feed_options feed_settings(const ingest_config& c) {
  pm::feed_options o;
  o.assets_max = static_cast<std::size_t>(c.polymarket.assets_per_connection);
  return o;
}

void copy_levels(std::span<const pm::text_level> from, std::vector<level>& out) {
  out.clear();
  for (const pm::text_level& l : from) out.push_back({l.p(), l.q()});
}

}  // namespace

polymarket_shard::polymarket_shard(feed_context& context, token_bucket& rest_budget,
                                   std::size_t number)
    : context_{context},
      rest_budget_{rest_budget},
      name_{"ws-" + std::to_string(number)},
      complaints_{"data.polymarket", venue_id::polymarket, context.metrics},
      feed_{feed_settings(context.config)},
      tasks_{context.loop},
      frames_{context.metrics.make_counter("cornice_data_frames_total", "Frames received.",
                                           {{"venue", "polymarket"}})} {}

std::int64_t polymarket_shard::usable() const {
  std::int64_t n = 0;
  for (const pm::asset_slot s : feed_.slots()) n += feed_.usable(s) ? 1 : 0;
  return n;
}

std::vector<std::string> polymarket_shard::usable_assets() const {
  std::vector<std::string> out;
  for (const pm::asset_slot s : feed_.slots())
    if (feed_.usable(s)) out.push_back(feed_.asset(s).asset_id());
  return out;
}

void polymarket_shard::add(const std::vector<pm::feed_asset>& assets) {
  pm::feed_actions out;
  const instant now = context_.time.monotonic();
  if (const auto done = feed_.subscribe(assets, now, out); !done)
    complaints_.unreadable("subscribe", done.error().message, now);
  perform(std::move(out), now);
}

void polymarket_shard::remove(const std::vector<std::string>& asset_ids) {
  pm::feed_actions out;
  feed_.unsubscribe(asset_ids, out);
  perform(std::move(out), context_.time.monotonic());
  for (const std::string& id : asset_ids) {
    epochs_.erase(id);
    context_.signals.forget(contract_id::make(venue_id::polymarket, id), context_.time.now());
  }
}

infra::task<> polymarket_shard::run() {
  const std::shared_ptr<polymarket_shard> self = shared_from_this();
  std::chrono::milliseconds backoff = backoff_min;
  for (;;) {
    const instant begun = context_.time.monotonic();
    co_await connection();
    if (context_.time.monotonic() - begun > lasted_well) backoff = backoff_min;
    if (!co_await infra::sleep_for(backoff)) co_return;
    backoff = std::min<std::chrono::milliseconds>(2 * backoff, backoff_max);
  }
}

infra::task<> polymarket_shard::connection() {
  infra::websocket_options options;
  options.url = context_.config.polymarket.ws_url;
  options.tls.ca_file = context_.config.ca_file;
  auto connected = co_await infra::websocket::connect(context_.loop, std::move(options));
  if (!connected) {
    log_.warn("polymarket_unreachable",
              {{"connection", name_}, {"error", connected.error().message}});
    co_return;
  }
  socket_ = std::move(*connected);
  hang_up_reason_.clear();
  tap(venue::tape::record_kind::ws_open, {});
  log_.info("polymarket_connected", {{"connection", name_}, {"assets", feed_.size()}});
  pm::feed_actions out;
  feed_.on_connected(context_.time.monotonic(), out);
  perform(std::move(out), context_.time.monotonic());
  infra::stop_source timer{context_.loop};
  timer.spawn("polymarket.time", keep_time());
  std::exception_ptr failure;
  try {
    co_await read_frames();
  } catch (...) {
    failure = std::current_exception();
  }
  timer.request();
  tap(venue::tape::record_kind::ws_close, hang_up_reason_);
  pm::feed_actions end;
  feed_.on_disconnected(end);
  perform(std::move(end), context_.time.monotonic());
  {
    const auto before = co_await infra::asio::this_coro::cancellation_state;
    const bool cancelled = before.cancelled() != infra::asio::cancellation_type::none;
    co_await infra::asio::this_coro::reset_cancellation_state(infra::asio::disable_cancellation());
    co_await timer.drained();
    co_await socket_->close(close_limit);
    socket_.reset();
    co_await infra::asio::this_coro::reset_cancellation_state(
        infra::asio::enable_terminal_cancellation());
    if (cancelled && !failure)
      failure = std::make_exception_ptr(
          boost::system::system_error{infra::asio::error::operation_aborted});
  }
  if (failure) std::rethrow_exception(failure);
}

void polymarket_shard::tap(venue::tape::record_kind kind, std::string_view bytes) {
  if (context_.tap)
    context_.tap({context_.time.now(), venue_id::polymarket, kind, name_, "", bytes});
}

infra::task<> polymarket_shard::read_frames() {
  for (;;) {
    const auto message = co_await socket_->read();
    if (!message || !hang_up_reason_.empty()) {
      log_.warn("polymarket_disconnected",
                {{"connection", name_},
                 {"reason", hang_up_reason_.empty() ? message.error().message : hang_up_reason_}});
      co_return;
    }
    frames_.add();
    if (context_.tap)
      context_.tap({context_.at(message->received), venue_id::polymarket,
                    venue::tape::record_kind::ws_in, name_, "", message->data});
    pm::feed_actions out;
    feed_.on_frame(message->data, message->received, out);
    perform(std::move(out), message->received);
  }
}

infra::task<> polymarket_shard::keep_time() {
  while (co_await infra::sleep_for(tick)) {
    pm::feed_actions out;
    feed_.on_tick(context_.time.monotonic(), out);
    perform(std::move(out), context_.time.monotonic());
  }
}

void polymarket_shard::hang_up(const std::string& why) {
  if (!hang_up_reason_.empty()) return;
  hang_up_reason_ = why;
  if (socket_) infra::spawn(context_.loop, "polymarket.close", socket_->close(close_limit));
}

void polymarket_shard::perform(pm::feed_actions actions, instant received) {
  namespace act = pm::feed;
  const trace_id trace =
      actions.empty() ? trace_id{} : context_.signals.next_trace(venue_id::polymarket);
  for (act::action& a : actions) {
    if (const auto* send = std::get_if<act::send_text>(&a)) {
      if (!socket_) continue;
      if (const auto sent = socket_->write(send->text); !sent) hang_up(sent.error().message);
    } else if (const auto* changed = std::get_if<act::book_changed>(&a)) {
      publish(changed->asset, received, trace);
    } else if (const auto* lost = std::get_if<act::book_unusable>(&a)) {
      publish(lost->asset, received, trace);
    } else if (const auto* fetch_one = std::get_if<act::fetch_book>(&a)) {
      witness({feed_.asset(fetch_one->asset).asset_id()});
    } else if (const auto* again = std::get_if<act::reconnect>(&a)) {
      hang_up(again->reason);
    } else if (const auto* t = std::get_if<act::trade>(&a)) {
      trade_signal s;
      s.contract = contract_id::make(venue_id::polymarket, feed_.asset(t->asset).asset_id());
      s.venue_trade_id = t->transaction_hash;
      s.p = t->p;
      s.q = t->q;
      s.taker_side = t->taker_side;
      s.venue_time = from_unix_ms(t->time_ms);
      s.received = context_.at(received);
      context_.signals.trade(s);
    } else if (const auto* grid = std::get_if<act::tick_changed>(&a)) {
      take_grid(feed_.asset(grid->asset).asset_id(), grid->tick_micros);
    } else if (const auto* added = std::get_if<act::market_added>(&a)) {
      if (const auto id = listing_id::parse(added->market.condition_id))
        context_.listings.hint(venue_id::polymarket, *id);
    } else if (const auto* ended = std::get_if<act::market_ended>(&a)) {
      if (const auto id = listing_id::parse(ended->market.market)) {
        settle(*id, ended->market.winning_asset_id);
      }
    } else if (const auto* c = std::get_if<act::complaint>(&a)) {
      complaints_.unreadable(c->text.substr(0, 48), c->text, received);
    }
  }
}

void polymarket_shard::take_grid(std::string_view asset_id, std::int64_t tick_micros) {
  const listing* l =
      context_.listings.by_contract(contract_id::make(venue_id::polymarket, asset_id));
  const auto uniform = tick_grid::uniform(tick_micros);
  if (l == nullptr || !uniform) return;
  listing_patch p;
  p.grid = *uniform;
  // A listing found by its own contract can be patched; an equal grid changes nothing.
  (void)context_.listings.patch(l->venue, listing_id{l->id}, p);
}

void polymarket_shard::settle(const listing_id& id, std::string_view winner) {
  const listing* l = context_.listings.find(venue_id::polymarket, id);
  if (l == nullptr) return;
  // Settled without a value would never be asked about again: discovery finds out instead.
  if (l->yes.native() != winner && l->no.native() != winner)
    return context_.listings.hint(venue_id::polymarket, id);
  listing_patch p;
  p.status = listing_status::settled;
  p.accepting_orders = false;
  p.settlement_value = ratio{l->yes.native() == winner ? 1'000'000 : 0};
  (void)context_.listings.patch(venue_id::polymarket, listing_id{id}, p);
}

void polymarket_shard::publish(pm::asset_slot slot, instant received, const trace_id& trace) {
  const pm::asset_mirror& asset = feed_.asset(slot);
  static thread_local std::vector<level> bids;
  static thread_local std::vector<level> asks;
  copy_levels(asset.book().levels(book_side::bid), bids);
  copy_levels(asset.book().levels(book_side::ask), asks);
  std::uint64_t& epoch = epochs_[asset.asset_id()];
  book_state s;
  s.rebuilt = epoch != feed_.epoch(slot);
  epoch = feed_.epoch(slot);
  s.bids = bids;
  s.asks = asks;
  s.usable = feed_.usable(slot);
  // A tick change that fell into a gap shows in the fresh book.
  if (s.rebuilt && s.usable)
    if (const auto tick_size = price::parse(asset.metadata().tick_size))
      take_grid(asset.asset_id(), tick_size->micros());
  s.unusable_reason = s.usable ? std::string_view{} : pm::to_string(feed_.reason(slot));
  s.venue_time = from_unix_ms(asset.venue_time_ms());
  s.received = context_.at(received);
  context_.signals.book(contract_id::make(venue_id::polymarket, asset.asset_id()), s, trace,
                        context_.time.now());
}

void polymarket_shard::witness(std::vector<std::string> asset_ids) {
  to_fetch_.insert(asset_ids.begin(), asset_ids.end());
  if (fetching_ || to_fetch_.empty()) return;
  fetching_ = true;
  std::vector<std::string> batch;
  while (!to_fetch_.empty() && batch.size() < fetch_max)
    batch.push_back(std::move(to_fetch_.extract(to_fetch_.begin()).value()));
  tasks_.spawn("polymarket.fetch", fetch(std::move(batch)));
}

infra::task<> polymarket_shard::fetch(std::vector<std::string> asset_ids) {
  const std::shared_ptr<polymarket_shard> self = shared_from_this();
  struct guard {
    bool& busy;
    ~guard() { busy = false; }
  };
  std::optional<guard> busy{std::in_place, fetching_};
  while (!rest_budget_.take(1, context_.time.monotonic()))
    if (!co_await infra::sleep_for(rest_budget_.wait_for(1, context_.time.monotonic()))) co_return;
  std::set<std::string> missing(asset_ids.begin(), asset_ids.end());
  if (const auto request = pm::clob_books(asset_ids)) {
    infra::http_request r;
    r.method = infra::http_method::post;
    r.url = context_.config.polymarket.clob_url + request->target;
    r.headers.add("Content-Type", "application/json");
    r.body = request->body;
    r.deadline = rest_deadline;
    const auto answer = co_await context_.http.send(std::move(r));
    const instant now = context_.time.monotonic();
    if (answer && answer->status == 200) {
      if (context_.tap)
        context_.tap({context_.time.now(), venue_id::polymarket, venue::tape::record_kind::rest,
                      "clob", request->target, answer->body});
      const auto books = pm::clob::decode_books(answer->body);
      if (!books) complaints_.unreadable("books", books.error().message, now);
      if (books)
        for (const pm::clob::book& b : books->books) {
          missing.erase(b.asset_id);
          const pm::clob::borrowed_book view{b};
          pm::feed_actions out;
          feed_.on_snapshot(view.view(), now, out);
          perform(std::move(out), now);
        }
    } else {
      if (answer && answer->status == 429) rest_budget_.drain();
      complaints_.unreadable(
          "books", answer ? "status " + std::to_string(answer->status) : answer.error().message,
          now);
    }
  }
  const instant now = context_.time.monotonic();
  for (const std::string& id : missing) {
    pm::feed_actions out;
    feed_.on_snapshot_failed(id, now, out);
    perform(std::move(out), now);
  }
  busy.reset();
  witness({});
}

}  // namespace cornice::data
