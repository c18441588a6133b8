#include "cornice/data/catalogue_service.hpp"

#include "cornice/data/mapping_store.hpp"
#include "cornice/data/selection.hpp"
#include "cornice/infra/log.hpp"
#include "cornice/model/codec.hpp"
#include "data/catalogue_store.hpp"
#include "data/discovery.hpp"

#include <algorithm>
#include <set>
#include <stdexcept>

namespace cornice::data {

using namespace std::chrono_literals;

namespace {

constexpr auto db_deadline = 30s;
constexpr auto write_every = 100ms;
constexpr auto retry_every = 500ms;
constexpr std::size_t write_batch = 500;
// New listings keep coming while a pass runs; books must not wait behind them at the broker client.
constexpr std::size_t announce_backlog = 1'000;
// Listings published in one turn of the loop; the rest follows `write_every` later.
constexpr std::size_t announce_turn_max = 200;
constexpr auto hint_lifetime = 3min;
constexpr auto hint_retry_min = 2s;
constexpr std::size_t max_hints = 10'000;
constexpr std::size_t max_refetch = 1'000;

using key = std::pair<venue_id, listing_id>;

// A text that changed stays the gravest news until it is dealt with.
void note(std::map<key, market_change>& pending, const key& k, market_change c) {
  const auto [at, added] = pending.emplace(k, c);
  if (!added && at->second != market_change::rules_changed) at->second = c;
}

}  // namespace

struct catalogue_service::state : std::enable_shared_from_this<catalogue_service::state> {
  state(discovery_config c, catalogue_environment e)
      : config{std::move(c)}, env{std::move(e)}, changed{env.loop} {
    if (env.venues.kalshi.enabled)
      venues.emplace(venue_id::kalshi, make_kalshi_discovery(env, config));
    if (env.venues.polymarket.enabled)
      venues.emplace(venue_id::polymarket, make_polymarket_discovery(env, config));
    listings = env.metrics.make_gauge("cornice_data_listings", "Listings in the catalogue.");
    stored = env.metrics.make_counter("cornice_data_listings_stored_total",
                                      "Listings written to PostgreSQL.");
    suspended = env.metrics.make_counter("cornice_data_mappings_suspended_total",
                                         "Mappings suspended by changed rules.");
  }

  struct hinted {
    instant until;
    instant next;
    std::chrono::milliseconds wait{hint_retry_min};
  };

  discovery_config config;
  catalogue_environment env;
  infra::logger log{"data.catalogue"};
  std::map<venue_id, std::unique_ptr<discovery>> venues;
  infra::async_event changed;
  bool loaded = false;
  bool reload = false;
  std::map<key, market_change> to_store;     // changed and not yet durable
  std::map<key, market_change> to_announce;  // durable and not yet published
  std::set<market_id> markets_to_announce;
  std::set<venue_id> to_select;
  std::map<key, hinted> hints;
  std::map<venue_id, listing_id> last_refetched;
  infra::gauge listings;
  infra::counter stored;
  infra::counter suspended;

  void on_change(const listing& l, market_change c);
  void on_hint(venue_id v, const listing_id& id);
  void on_command(const infra::amqp_delivery& d);
  infra::task<result<void>> load();
  infra::task<result<void>> read_mappings();
  infra::task<result<void>> write_batch_of_changes();
  void announce();
  void reselect();
  infra::task<> run_store(infra::health_reporter& health);
  infra::task<> run_venue(venue_id v, infra::health_reporter& health);
  infra::task<> follow_up(venue_id v, std::set<listing_id> seen);
  infra::task<> take_hints(venue_id v);
};

catalogue_service::catalogue_service(discovery_config config, catalogue_environment environment)
    : state_{std::make_shared<state>(std::move(config), std::move(environment))} {
  const std::weak_ptr<state> weak = state_;
  state_->env.listings.on_change([weak](const listing& l, market_change c) {
    if (const auto s = weak.lock()) s->on_change(l, c);
  });
  state_->env.listings.on_hint([weak](venue_id v, const listing_id& id) {
    if (const auto s = weak.lock()) s->on_hint(v, id);
  });
  state_->env.listings.on_market([weak](const market& m) {
    if (const auto s = weak.lock()) {
      s->markets_to_announce.insert(m.id);
      s->to_select.insert({venue_id::kalshi, venue_id::polymarket});
    }
  });
}
catalogue_service::~catalogue_service() = default;

void catalogue_service::declare() {
  infra::amqp_queue commands;
  commands.bindings = {{std::string{topic::command}, "mappings-changed"}};
  commands.auto_ack = true;
  commands.max_length = 100;
  state_->env.bus.consume(std::move(commands),
                          [s = state_](infra::amqp_delivery d) { s->on_command(d); });
}

std::vector<infra::component> catalogue_service::components() {
  std::vector<infra::component> out;
  out.push_back({"data.catalogue", true,
                 [s = state_](infra::health_reporter& h) { return s->run_store(h); }});
  for (const auto& [venue, d] : state_->venues)
    out.push_back(
        {"data.discovery." + std::string{to_string(venue)}, false,
         [s = state_, v = venue](infra::health_reporter& h) { return s->run_venue(v, h); }});
  return out;
}

void catalogue_service::resend() {
  for (const venue_id v : {venue_id::kalshi, venue_id::polymarket})
    for (const listing_id& id : state_->env.listings.streamed(v))
      state_->to_announce.emplace(key{v, id}, market_change::changed);
  for (const auto& [id, m] : state_->env.listings.markets()) state_->markets_to_announce.insert(id);
}

void catalogue_service::state::on_change(const listing& l, market_change c) {
  note(to_store, key{l.venue, l.id}, c);
  if (c == market_change::added || c == market_change::status_changed) to_select.insert(l.venue);
  changed.notify();
}

void catalogue_service::state::on_hint(venue_id v, const listing_id& id) {
  if (hints.size() >= max_hints) return;
  const instant now = env.time.monotonic();
  hints.try_emplace(key{v, id}, hinted{now + hint_lifetime, now});
}

void catalogue_service::state::on_command(const infra::amqp_delivery& d) {
  const auto c = decode<command_request>(d.message.body);
  if (!c) return log.warn("command_undecodable", {{"error", c.error().message}});
  log.info("mappings_command", {{"command", d.message.routing_key}, {"caller", c->caller}});
  reload = true;
  changed.notify();
}

infra::task<result<void>> catalogue_service::state::load() {
  auto body = [](infra::pg_transaction& tx) { return load_stored(tx); };
  auto read = co_await env.db.run(db_deadline, std::move(body));
  if (!read) co_return read.error().within("loading the catalogue");
  log.info("catalogue_loaded",
           {{"listings", read->listings.size()}, {"markets", read->markets.size()}});
  env.listings.restore(std::move(read->listings), std::move(read->markets));
  loaded = true;
  to_select = {venue_id::kalshi, venue_id::polymarket};
  co_return result<void>{};
}

infra::task<result<void>> catalogue_service::state::read_mappings() {
  auto body = [](infra::pg_transaction& tx) { return load_markets(tx); };
  auto markets = co_await env.db.run(db_deadline, std::move(body));
  if (!markets) co_return markets.error();
  env.listings.set_markets(std::move(*markets));
  co_return result<void>{};
}

infra::task<result<void>> catalogue_service::state::write_batch_of_changes() {
  std::vector<listing> batch;
  std::vector<listing> with_new_rules;
  std::vector<std::pair<key, market_change>> written;
  for (auto at = to_store.begin(); at != to_store.end() && batch.size() < write_batch;
       at = to_store.erase(at)) {
    const listing* l = env.listings.find(at->first.first, at->first.second);
    if (l == nullptr) continue;
    batch.push_back(*l);
    if (at->second == market_change::rules_changed) with_new_rules.push_back(*l);
    written.emplace_back(*at);
  }
  const timestamp now = env.time.now();
  // One transaction: a listing with a new text must never be stored while its mappings stay
  // approved, because after a restart nothing would look changed any more.
  auto body = [batch, with_new_rules, now](infra::pg_transaction& tx) {
    store_listings(tx, batch, now);
    std::vector<market_id> hit;
    for (const listing& l : with_new_rules)
      for (market_id& id : suspend_changed(tx, l, now)) hit.push_back(std::move(id));
    return hit;
  };
  const auto hit = co_await env.db.run(db_deadline, std::move(body));
  if (!hit) {
    for (const auto& [k, c] : written) note(to_store, k, c);
    co_return hit.error();
  }
  stored.add(batch.size());
  listings.set(static_cast<std::int64_t>(env.listings.size()));
  for (const auto& [k, c] : written) note(to_announce, k, c);
  for (const market_id& id : *hit)
    log.warn("mapping_suspended",
             {{"market", id.str()}, {"reason", "the rule text of a member changed"}});
  suspended.add(hit->size());
  if (hit->empty()) co_return result<void>{};
  // The suspended mappings are announced no later than the listing that caused it.
  reload = true;
  auto read = co_await read_mappings();
  if (read) reload = false;
  co_return read;
}

void catalogue_service::state::announce() {
  const timestamp now = env.time.now();
  while (!markets_to_announce.empty() && env.bus.backlog() < announce_backlog) {
    if (const market* m = env.listings.find_market(*markets_to_announce.begin())) {
      market_signal s;
      s.change = market_change::mapping_changed;
      s.mapping = *m;
      s.observed = now;
      env.announce(s);
    }
    markets_to_announce.erase(markets_to_announce.begin());
  }
  for (std::size_t sent = 0; sent < announce_turn_max; ++sent) {
    if (to_announce.empty() || env.bus.backlog() >= announce_backlog) break;
    const auto [k, change] = *to_announce.begin();
    to_announce.erase(to_announce.begin());
    const listing* l = env.listings.find(k.first, k.second);
    if (l == nullptr) continue;
    market_signal s;
    s.change = change;
    s.subject = *l;
    s.observed = now;
    env.announce(s);
  }
}

void catalogue_service::state::reselect() {
  const std::set<venue_id> due = std::move(to_select);
  to_select.clear();
  for (const venue_id v : due) env.listings.set_streamed(v, select(env.listings, v, config));
}

infra::task<> catalogue_service::state::run_store(infra::health_reporter& health) {
  if (!loaded) {
    const auto done = co_await load();
    if (!done) throw std::runtime_error(done.error().message);
  }
  health.up();
  for (;;) {
    if (to_store.empty() && !reload) (void)co_await changed.wait(write_every);
    result<void> done;
    if (std::exchange(reload, false)) {
      done = co_await read_mappings();
      if (!done) reload = true;
    }
    if (done && !to_store.empty()) done = co_await write_batch_of_changes();
    announce();
    reselect();
    if (done) {
      // A pass with nothing to write has not asked the database.
      if (env.db.connected())
        health.up();
      else
        health.degraded("listings cannot be stored: " + env.db.last_error());
      continue;
    }
    health.degraded(done.error().message);
    if (!co_await infra::sleep_for(retry_every)) co_return;
  }
}

// Listings that were open and are no longer listed have closed or settled: the venue tells when
// asked by id.
infra::task<> catalogue_service::state::follow_up(venue_id v, std::set<listing_id> seen) {
  std::vector<listing_id> gone;
  for (const listing* l : env.listings.of_venue(v))
    if (l->status != listing_status::settled && !seen.contains(l->id)) gone.push_back(l->id);
  if (gone.empty()) co_return;
  // In turn: the first thousand that stay closed for weeks must not starve the others.
  listing_id& last = last_refetched[v];
  std::ranges::rotate(gone, std::ranges::upper_bound(gone, last));
  if (gone.size() > max_refetch) gone.resize(max_refetch);
  last = gone.back();
  const std::size_t asked = gone.size();
  const auto done = co_await venues.at(v)->fetch(std::move(gone));
  if (!done)
    log.warn("refetch_failed",
             {{"venue", to_string(v)}, {"listings", asked}, {"error", done.error().message}});
}

infra::task<> catalogue_service::state::take_hints(venue_id v) {
  const instant now = env.time.monotonic();
  std::vector<listing_id> ids;
  for (auto at = hints.begin(); at != hints.end();) {
    auto& [k, h] = *at;
    if (k.first == v && h.next <= now) {
      if (now >= h.until) {
        log.warn("hint_expired", {{"venue", to_string(v)}, {"listing", k.second.str()}});
        at = hints.erase(at);
        continue;
      }
      h.wait *= 2;
      h.next = now + h.wait;
      ids.push_back(k.second);
    }
    ++at;
  }
  if (ids.empty()) co_return;
  const auto done = co_await venues.at(v)->fetch(ids);
  if (!done) log.info("hint_not_ready", {{"venue", to_string(v)}, {"error", done.error().message}});
  for (const listing_id& id : ids)
    if (env.listings.find(v, id) != nullptr) hints.erase(key{v, id});
}

infra::task<> catalogue_service::state::run_venue(venue_id v, infra::health_reporter& health) {
  while (!loaded)
    if (!co_await infra::sleep_for(write_every)) co_return;
  for (;;) {
    const instant begun = env.time.monotonic();
    auto seen = co_await venues.at(v)->pass();
    if (seen) {
      log.info("discovery_pass", {{"venue", to_string(v)},
                                  {"listings", seen->size()},
                                  {"known", env.listings.of_venue(v).size()}});
      health.up();
      co_await follow_up(v, std::move(*seen));
    } else {
      if (seen.error().code == errc::cancelled) co_return;
      log.warn("discovery_failed", {{"venue", to_string(v)}, {"error", seen.error().message}});
      health.degraded(seen.error().message);
    }
    const auto next = begun + std::chrono::milliseconds{config.refresh_ms};
    do {
      co_await take_hints(v);
      if (!co_await infra::sleep_for(1s)) co_return;
    } while (env.time.monotonic() < next);
  }
}

}  // namespace cornice::data
