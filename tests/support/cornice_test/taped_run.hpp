// A tape as Cornice's recorder writes it, of a simulated run: the made-up world is asked and
// followed as the daemon does it.
#pragma once

#include "cornice/sim/kalshi_session.hpp"
#include "cornice/sim/polymarket_session.hpp"
#include "cornice/sim/rest.hpp"
#include "cornice/sim/tape_file.hpp"
#include "cornice/sim/world.hpp"
#include "cornice/venue/kalshi/requests.hpp"
#include "cornice/venue/polymarket/requests.hpp"

#include <chrono>
#include <map>
#include <string>
#include <string_view>

namespace cornice::test {

struct taped_run {
  sim::tape_recording tape;
  std::map<std::string, order_book> last_books;  ///< as they stood at the end, by listing
  std::string kalshi_events_target;
  std::string polymarket_events_target;
};

/// A request of these tests: no escapes, no repeated parameters.
inline sim::rest_request request_for(std::string_view target) {
  sim::rest_request r;
  const std::size_t mark = target.find('?');
  r.path = target.substr(0, mark);
  r.client = "test";
  std::string_view rest = mark == std::string_view::npos ? "" : target.substr(mark + 1);
  while (!rest.empty()) {
    const std::string_view pair = rest.substr(0, rest.find('&'));
    rest.remove_prefix(std::min(rest.size(), pair.size() + 1));
    const std::size_t equals = pair.find('=');
    r.query.emplace_back(pair.substr(0, equals), pair.substr(equals + 1));
  }
  return r;
}

class run_taper {
 public:
  run_taper(std::string_view scenario, std::uint64_t seed, timestamp begin)
      : world_{sim::make_scenario(scenario, begin).value(), seed, begin} {}

  taped_run record(std::chrono::seconds length) {
    ask();
    follow();
    const timestamp end = world_.start() + length;
    while (world_.now() < end)
      world_.advance(world_.now() + sim::world_step, [this](const sim::world_event& e) {
        sim::session_output frames;
        kalshi_.on_event(e, frames);
        put(venue_id::kalshi, "ws", frames);
        frames.clear();
        polymarket_.on_event(e, frames);
        put(venue_id::polymarket, "ws-0", frames);
      });
    for (const sim::sim_listing& l : world_.listings()) out_.last_books[l.id] = l.book;
    out_.tape.file = "run.tape";
    return std::move(out_);
  }

 private:
  void put(venue::tape::record r) { out_.tape.records.push_back(std::move(r)); }
  void put(venue_id venue, std::string_view connection, const sim::session_output& frames) {
    for (const std::string& f : frames)
      put({world_.now(), venue, venue::tape::record_kind::ws_in, std::string{connection}, "", f});
  }
  void ask() {
    venue::kalshi::events_query q;
    q.with_nested_markets = true;
    q.status = "open";
    out_.kalshi_events_target = venue::kalshi::events_request(q).value().target();
    venue::polymarket::keyset_query k;
    k.closed = false;
    out_.polymarket_events_target = venue::polymarket::gamma_events_page(k).value().target;
    const timestamp now = world_.now();
    put({now, venue_id::kalshi, venue::tape::record_kind::rest, "rest", out_.kalshi_events_target,
         kalshi_rest_.handle(request_for(out_.kalshi_events_target), now).body});
    put({now, venue_id::polymarket, venue::tape::record_kind::rest, "gamma",
         out_.polymarket_events_target,
         polymarket_rest_.handle(request_for(out_.polymarket_events_target), now).body});
  }
  void follow() {
    namespace ks = venue::kalshi::ws;
    namespace pm = venue::polymarket::ws;
    world_.advance(world_.now() + std::chrono::seconds{2}, [](const sim::world_event&) {});
    ks::subscribe books;
    books.channels = {std::string{ks::channel::orderbook}};
    books.use_yes_price = true;
    pm::market_subscription assets;
    for (const sim::sim_listing& l : world_.listings())
      if (l.venue == venue_id::kalshi)
        books.market_tickers.push_back(l.id);
      else
        assets.assets_ids.insert(assets.assets_ids.end(), l.tokens.begin(), l.tokens.end());
    ks::subscribe news;
    news.channels = {std::string{ks::channel::trade}, std::string{ks::channel::market_lifecycle}};
    sim::session_output frames;
    kalshi_.on_text(ks::encode_command({1, news}), frames);
    kalshi_.on_text(ks::encode_command({2, books}), frames);
    put(venue_id::kalshi, "ws", frames);
    frames.clear();
    polymarket_.on_text(pm::encode(assets), frames);
    put(venue_id::polymarket, "ws-0", frames);
  }

  sim::world world_;
  sim::fault_schedule faults_;
  sim::polymarket_books books_;
  sim::kalshi_rest kalshi_rest_{world_};
  sim::polymarket_rest polymarket_rest_{world_, books_};
  sim::kalshi_session kalshi_{world_, faults_};
  sim::polymarket_session polymarket_{world_, books_, faults_};
  taped_run out_;
};

inline taped_run taped_run_of(std::string_view scenario, std::uint64_t seed, timestamp begin,
                              std::chrono::seconds length) {
  return run_taper{scenario, seed, begin}.record(length);
}

}  // namespace cornice::test
