#include "cornice/data/ingest_service.hpp"

#include "cornice/venue/kalshi/exchange.hpp"
#include "cornice/venue/kalshi/requests.hpp"
#include "data/kalshi_poller.hpp"
#include "data/kalshi_stream.hpp"
#include "data/polymarket_stream.hpp"

#include <optional>

namespace cornice::data {

using namespace std::chrono_literals;
namespace kalshi = venue::kalshi;

namespace {

constexpr auto flush_every = 50ms;
constexpr auto report_every = 1s;

publisher_options options_of(const ingest_config& c) {
  publisher_options o;
  o.depth = static_cast<std::size_t>(c.depth);
  o.backlog_max = static_cast<std::size_t>(c.backlog_max);
  o.refresh = std::chrono::milliseconds{c.refresh_ms};
  return o;
}

// The venue's state in one word, from its counts.
feed_signal summary(venue_id v, const feed_counts& c, bool trading, timestamp now) {
  feed_signal f;
  f.venue = v;
  f.contracts_wanted = c.wanted;
  f.contracts_usable = c.usable;
  f.connections = c.connections;
  f.trading_active = trading;
  f.observed = now;
  if (c.connections == 0) {
    f.state = feed_state::down;
    f.reason = "no connection";
  } else if (c.usable == 0 && c.wanted > 0) {
    f.state = feed_state::syncing;
    f.reason = "no usable book yet";
  } else if (2 * c.usable < c.wanted) {
    f.state = feed_state::degraded;
    f.reason = std::to_string(c.usable) + " of " + std::to_string(c.wanted) + " books usable";
  } else {
    f.state = feed_state::live;
  }
  return f;
}

}  // namespace

struct ingest_service::state : std::enable_shared_from_this<ingest_service::state> {
  state(infra::asio::any_io_executor l, const infra::clock& t, ingest_config c,
        infra::http_client& h, infra::amqp_client& b, catalogue& k, infra::metrics_registry& m,
        frame_tap frames)
      : config{std::move(c)},
        time{t},
        bus{b},
        http{h},
        listings{k},
        signals{options_of(config),
                [&b](infra::amqp_message out) { return b.publish(std::move(out)); },
                [&b] { return b.backlog(); }, t.now(), m},
        context{l, t, config, h, k, signals, m, std::move(frames)} {
    if (config.kalshi.enabled) {
      if (config.kalshi.public_websocket)
        stream.emplace(context, [](timestamp) { return infra::http_headers{}; });
      else
        poller.emplace(context);
    }
    if (config.polymarket.enabled) polymarket.emplace(context);
    for (const venue_id v : {venue_id::kalshi, venue_id::polymarket})
      usable[v] = m.make_gauge("cornice_data_usable_contracts", "Contracts with a usable book.",
                               {{"venue", std::string{to_string(v)}}});
  }

  ingest_config config;
  const infra::clock& time;
  infra::amqp_client& bus;
  infra::http_client& http;
  catalogue& listings;
  signal_publisher signals;
  feed_context context;
  std::optional<kalshi_stream> stream;
  std::optional<kalshi_poller> poller;
  std::optional<polymarket_stream> polymarket;
  bool kalshi_trading = true;
  std::map<venue_id, feed_state> last_state;
  std::map<venue_id, infra::gauge> usable;
  infra::logger log{"data"};

  void reselect(venue_id v) {
    if (v == venue_id::kalshi && stream) stream->reselect();
    if (v == venue_id::kalshi && poller) poller->reselect();
    if (v == venue_id::polymarket && polymarket) polymarket->reselect();
  }
  void tell(venue_id v, const feed_counts& c, bool trading);
  void tell_all();
  void confirm_all();
  infra::task<> beat(infra::health_reporter& health);
  infra::task<> watch_exchange(infra::health_reporter& health);
};

ingest_service::ingest_service(infra::asio::any_io_executor loop, const infra::clock& time,
                               ingest_config config, infra::http_client& http,
                               infra::amqp_client& bus, catalogue& listings,
                               infra::metrics_registry& metrics, frame_tap frames)
    : state_{std::make_shared<state>(std::move(loop), time, std::move(config), http, bus, listings,
                                     metrics, std::move(frames))} {
  listings.on_selection([s = std::weak_ptr<state>{state_}](venue_id v) {
    if (const auto alive = s.lock()) alive->reselect(v);
  });
}
ingest_service::~ingest_service() = default;

signal_publisher& ingest_service::signals() {
  return state_->signals;
}

void ingest_service::resend() {
  state_->signals.resend_all(state_->time.now());
}

void ingest_service::state::tell(venue_id v, const feed_counts& c, bool trading) {
  const feed_signal f = summary(v, c, trading, time.now());
  signals.feed(f);
  usable[v].set(f.contracts_usable);
  const auto [known, first] = last_state.try_emplace(v, f.state);
  if (!first && known->second == f.state) return;
  known->second = f.state;
  log.info("feed_state", {{"venue", to_string(v)},
                          {"state", to_string(f.state)},
                          {"reason", f.reason},
                          {"usable", f.contracts_usable},
                          {"wanted", f.contracts_wanted}});
}

// GCC 12 forgets the condition of a loop when its body says `continue` and the condition awaits:
// waits are statements here.
infra::task<> ingest_service::state::beat(infra::health_reporter& health) {
  instant report{};
  bool on = true;
  while (on) {
    signals.flush(time.now());
    confirm_all();
    if (time.monotonic() >= report) {
      report = time.monotonic() + report_every;
      tell_all();
      if (bus.publish_state() == infra::amqp_state::up)
        health.up();
      else
        health.degraded("signals wait for the broker: " + bus.last_error());
    }
    on = co_await infra::sleep_for(flush_every);
  }
}

void ingest_service::state::tell_all() {
  const timestamp now = time.now();
  listings.due(now);
  if (stream) tell(venue_id::kalshi, stream->counts(), kalshi_trading);
  if (poller) tell(venue_id::kalshi, poller->counts(), kalshi_trading);
  if (polymarket) tell(venue_id::polymarket, polymarket->counts(), true);
}

// A stream vouches for its books until now; a polled book is as old as its last answer.
void ingest_service::state::confirm_all() {
  const timestamp now = time.now();
  if (stream) signals.confirm(venue_id::kalshi, now, now);
  if (poller) signals.confirm(venue_id::kalshi, timestamp{}, now);
  if (polymarket) signals.confirm(venue_id::polymarket, now, now);
}

infra::task<> ingest_service::state::watch_exchange(infra::health_reporter& health) {
  do {
    infra::http_request r;
    const std::string target = kalshi::exchange_status_request().target();
    r.url = config.kalshi.rest_url + target;
    const auto answer = co_await http.send(std::move(r));
    if (answer && answer->status == 200 && context.tap)
      context.tap({time.now(), venue_id::kalshi, venue::tape::record_kind::rest, "rest", target,
                   answer->body});
    // The same body also comes with 5xx, where it says that the exchange is closed.
    const auto status = answer ? kalshi::decode_exchange_status(answer->body)
                               : result<kalshi::exchange_status>{answer.error()};
    if (status) {
      const bool trading = status->exchange_active && status->trading_active;
      if (trading != kalshi_trading)
        log.warn("exchange_trading_changed", {{"venue", "kalshi"}, {"trading_active", trading}});
      kalshi_trading = trading;
      health.up();
    } else {
      health.degraded(status.error().message);
    }
  } while (co_await infra::sleep_for(std::chrono::milliseconds{config.status_ms}));
}

std::vector<infra::component> ingest_service::components() {
  std::vector<infra::component> out;
  const std::shared_ptr<state> s = state_;
  out.push_back({"data.signals", true, [s](infra::health_reporter& h) { return s->beat(h); }});
  if (s->stream)
    out.push_back(
        {"data.kalshi", true, [s](infra::health_reporter& h) { return s->stream->run(h); }});
  if (s->poller)
    out.push_back(
        {"data.kalshi", true, [s](infra::health_reporter& h) { return s->poller->run(h); }});
  if (s->config.kalshi.enabled)
    out.push_back({"data.kalshi.status", false,
                   [s](infra::health_reporter& h) { return s->watch_exchange(h); }});
  if (s->polymarket)
    out.push_back({"data.polymarket", true,
                   [s](infra::health_reporter& h) { return s->polymarket->run(h); }});
  return out;
}

}  // namespace cornice::data
