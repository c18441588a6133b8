// What the parts of the simulator's shell share.
#pragma once

#include "cornice/infra/http_server.hpp"
#include "cornice/sim/kalshi_session.hpp"
#include "cornice/sim/polymarket_session.hpp"
#include "cornice/sim/rest.hpp"
#include "cornice/sim/simulator.hpp"
#include "cornice/sim/tape_rest.hpp"
#include "cornice/sim/tape_world.hpp"
#include "sim/documents.hpp"

#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace cornice::sim {

/// One WebSocket client.
struct live_connection {
  venue_id venue = venue_id::kalshi;
  std::unique_ptr<infra::websocket> socket;
  std::variant<std::monostate, kalshi_session, polymarket_session> session;
  std::optional<infra::stop_source> stop;  ///< ends the reader without a close frame
  std::optional<std::string> reordered;    ///< waits for the next frame to overtake it
  timestamp next_ping{};
  bool cut = false;
};

struct simulator::state : std::enable_shared_from_this<simulator::state> {
  state(infra::asio::any_io_executor loop, simulator_options o, const infra::clock& c,
        infra::metrics_registry& m);

  // simulator.cpp
  result<void> start();
  result<void> make_board(timestamp now);
  infra::task<> run_world();
  void step();
  void tell_tape_end();
  [[nodiscard]] venue_counters counters_of(venue_id v) const;

  // venue_stream.cpp
  infra::task<> serve(venue_id venue, infra::server_request request,
                      std::unique_ptr<infra::websocket> socket);
  infra::task<> read_loop(std::shared_ptr<live_connection> c);
  void deliver(live_connection& c, session_output frames);
  void broadcast(const world_event& e);
  void tend(live_connection& c);
  void write(live_connection& c, std::string frame);
  void cut(live_connection& c);

  // venue_http.cpp
  infra::task<infra::server_response> answer(venue_id venue, infra::server_request request);
  std::optional<infra::server_response> check_upgrade(venue_id venue,
                                                      const infra::server_request& request);
  rest_reply venue_reply(venue_id venue, const rest_request& r);
  std::optional<infra::server_response> injected(venue_id venue, const std::string& target);

  // control.cpp
  infra::task<infra::server_response> control(infra::server_request request);
  [[nodiscard]] std::string truth() const;

  infra::asio::any_io_executor loop_;
  simulator_options options_;
  const infra::clock& clock_;
  infra::metrics_registry& metrics_;
  infra::logger log_{"sim"};
  fault_schedule faults_;
  // A made-up world, or a tape.
  std::optional<world> world_;
  std::optional<tape_world> tape_;
  const market_board* board_ = nullptr;
  polymarket_books books_;
  std::optional<kalshi_rest> kalshi_rest_;
  std::optional<polymarket_rest> polymarket_rest_;
  std::optional<tape_rest> tape_rest_;
  bool tape_end_told_ = false;
  stream_counters kalshi_stream_;
  stream_counters polymarket_stream_;
  std::vector<std::shared_ptr<live_connection>> connections_;
  std::unique_ptr<infra::http_server> kalshi_server_;
  std::unique_ptr<infra::http_server> polymarket_server_;
  std::unique_ptr<infra::http_server> control_server_;
  std::optional<infra::stop_source> tasks_;
};

}  // namespace cornice::sim
