#include "cornice/sim/simulator.hpp"

#include "sim/simulator_state.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <charconv>

namespace cornice::sim {
namespace {

constexpr std::chrono::milliseconds shell_step{10};
constexpr std::size_t client_frames_max = 16'384;  // waiting for one slow client

infra::http_server_config config_of(const endpoint& e, const simulator_options& o, bool tls) {
  infra::http_server_config c;
  c.address = e.address;
  c.port = e.port;
  c.websocket_queue_limit = client_frames_max;
  if (tls) {
    c.certificate_file = o.certificate_file;
    c.private_key_file = o.private_key_file;
  }
  return c;
}

std::string origin(const char* scheme, const endpoint& e, std::uint16_t port) {
  return std::string{scheme} + "://" + e.address + ":" + std::to_string(port);
}

}  // namespace

result<endpoint> parse_endpoint(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  const error wrong{errc::malformed, "'" + std::string{text} + "' is not ADDRESS:PORT"};
  if (colon == std::string_view::npos || colon == 0) return wrong;
  endpoint e;
  e.address = text.substr(0, colon);
  const std::string_view port = text.substr(colon + 1);
  const auto [end, code] = std::from_chars(port.data(), port.data() + port.size(), e.port);
  if (code != std::errc{} || port.empty() || end != port.data() + port.size()) return wrong;
  return e;
}

simulator::state::state(infra::asio::any_io_executor loop, simulator_options o,
                        const infra::clock& c, infra::metrics_registry& m)
    : loop_{loop}, options_{std::move(o)}, clock_{c}, metrics_{m} {}

result<void> simulator::state::make_board(timestamp now) {
  if (options_.tape) {
    auto made = tape_world::make(std::move(*options_.tape), now, options_.speed_ppm);
    if (!made) return made.error();
    tape_.emplace(std::move(*made));
    for (const std::string& w : tape_->recording().warnings) log_.warn("tape_flawed", {{"why", w}});
    tape_rest_.emplace(*tape_, books_);
    board_ = &*tape_;
    return {};
  }
  CORNICE_TRY(rules, make_scenario(options_.scenario, now));
  world_.emplace(std::move(rules), options_.seed, now, options_.speed_ppm);
  kalshi_rest_.emplace(*world_);
  polymarket_rest_.emplace(*world_, books_);
  board_ = &*world_;
  return {};
}

result<void> simulator::state::start() {
  const timestamp now = clock_.now();
  CORNICE_CHECK_OK(make_board(now));
  for (const fault& f : options_.faults) CORNICE_CHECK_OK(faults_.add(f, now));

  const auto venue_server = [this](venue_id v, const endpoint& e) {
    auto server = std::make_unique<infra::http_server>(
        loop_, config_of(e, options_, options_.tls),
        [this, v](infra::server_request r) { return answer(v, std::move(r)); }, metrics_);
    server->accept_websockets(
        [this, v](const infra::server_request& r) { return check_upgrade(v, r); },
        [this, v](infra::server_request r, std::unique_ptr<infra::websocket> s) {
          return serve(v, std::move(r), std::move(s));
        });
    return server;
  };
  kalshi_server_ = venue_server(venue_id::kalshi, options_.kalshi);
  polymarket_server_ = venue_server(venue_id::polymarket, options_.polymarket);
  control_server_ = std::make_unique<infra::http_server>(
      loop_, config_of(options_.control, options_, false),
      [this](infra::server_request r) { return control(std::move(r)); }, metrics_);
  for (const auto* server : {&kalshi_server_, &polymarket_server_, &control_server_})
    CORNICE_CHECK_OK((*server)->start());
  tasks_.emplace(loop_);
  tasks_->spawn("sim_world", run_world());
  log_.info("sim_started", {{"plays", tape_ ? tape_->recording().file : options_.scenario},
                            {"seed", options_.seed},
                            {"listings", board_->listings().size()},
                            {"kalshi_port", kalshi_server_->port()},
                            {"polymarket_port", polymarket_server_->port()},
                            {"control_port", control_server_->port()}});
  return {};
}

infra::task<> simulator::state::run_world() {
  for (;;) {
    const bool go_on = co_await infra::sleep_for(shell_step);
    if (!go_on) co_return;
    step();
  }
}

void simulator::state::step() {
  const auto tell = [this](const world_event& e) { broadcast(e); };
  if (tape_) {
    tape_->advance(clock_.now(), tell);
    tell_tape_end();
  } else {
    world_->advance(clock_.now(), tell);
  }
  const auto connections = connections_;  // tending may end one
  for (const auto& c : connections) tend(*c);
}

// The last books stay as they are, and everything goes on being answered.
void simulator::state::tell_tape_end() {
  if (tape_end_told_ || !tape_->ended()) return;
  tape_end_told_ = true;
  const tape_counters& c = tape_->counters();
  log_.info("tape ended", {{"file", tape_->recording().file},
                           {"records", tape_->recording().records.size()},
                           {"book_changes", c.book_changes},
                           {"trades", c.trades},
                           {"unreadable", c.unreadable},
                           {"lost_books", c.lost}});
}

venue_counters simulator::state::counters_of(venue_id v) const {
  venue_counters out;
  if (tape_) {
    out = {tape_rest_->counters(v), v == venue_id::kalshi ? kalshi_stream_ : polymarket_stream_};
  } else if (v == venue_id::kalshi) {
    out = {kalshi_rest_->counters(), kalshi_stream_};
  } else {
    out = {polymarket_rest_->counters(), polymarket_stream_};
  }
  out.stream.live = static_cast<std::uint64_t>(std::count_if(
      connections_.begin(), connections_.end(), [v](const auto& c) { return c->venue == v; }));
  return out;
}

simulator::simulator(infra::asio::any_io_executor loop, simulator_options options,
                     const infra::clock& clock, infra::metrics_registry& metrics)
    : state_{std::make_shared<state>(loop, std::move(options), clock, metrics)} {}

simulator::~simulator() {
  if (state_->tasks_) state_->tasks_->request();
}

result<void> simulator::start() {
  return state_->start();
}

infra::task<> simulator::shutdown(std::chrono::milliseconds limit) {
  const auto s = state_;
  if (s->tasks_) {
    s->tasks_->request();
    co_await s->tasks_->drained();
  }
  if (s->kalshi_server_) co_await s->kalshi_server_->shutdown(limit);
  if (s->polymarket_server_) co_await s->polymarket_server_->shutdown(limit);
  if (s->control_server_) co_await s->control_server_->shutdown(limit);
}

std::uint16_t simulator::kalshi_port() const noexcept {
  return state_->kalshi_server_->port();
}
std::uint16_t simulator::polymarket_port() const noexcept {
  return state_->polymarket_server_->port();
}
std::uint16_t simulator::control_port() const noexcept {
  return state_->control_server_->port();
}

std::string simulator::credentials_json() const {
  const simulator_options& o = state_->options_;
  const char* http = o.tls ? "https" : "http";
  const char* ws = o.tls ? "wss" : "ws";
  const std::string polymarket = origin(http, o.polymarket, polymarket_port());
  nlohmann::json out{{"kalshi",
                      {{"rest_url", origin(http, o.kalshi, kalshi_port())},
                       {"ws_url", origin(ws, o.kalshi, kalshi_port()) + "/trade-api/ws/v2"}}},
                     {"polymarket",
                      {{"gamma_url", polymarket},
                       {"clob_url", polymarket},
                       {"ws_url", origin(ws, o.polymarket, polymarket_port()) + "/ws/market"},
                       {"data_url", polymarket}}},
                     {"control", {{"url", origin("http", o.control, control_port())}}}};
  if (o.tls) out["ca_file"] = o.ca_file;
  return out.dump(2);
}

std::string simulator::mappings_json() const {
  return state_->world_ ? mappings_document(*state_->world_) : R"({"markets":[]})";
}

std::string simulator::truth_json() const {
  return state_->truth();
}

}  // namespace cornice::sim
