// WebSocket shell: moves frames between clients and their sessions, and damages them on request.
#include "sim/simulator_state.hpp"

#include <algorithm>

namespace cornice::sim {
namespace {

constexpr std::chrono::seconds ping_every{10};

std::string_view surprise(venue_id v) {
  return v == venue_id::kalshi ? R"({"type":"surprise","msg":{"of":"another kind"}})"
                               : R"({"event_type":"surprise","of":"another kind"})";
}

std::string with_unknown_keys(std::string frame) {
  const std::size_t brace = frame.find('{');
  if (brace != std::string::npos && brace + 1 < frame.size() && frame[brace + 1] != '}')
    frame.insert(brace + 1, R"("surprise":{"a":[1,null,"x"]},)");
  return frame;
}

}  // namespace

infra::task<> simulator::state::serve(venue_id venue, infra::server_request request,
                                      std::unique_ptr<infra::websocket> socket) {
  const auto self = shared_from_this();
  const auto c = std::make_shared<live_connection>();
  c->venue = venue;
  c->socket = std::move(socket);
  c->next_ping = clock_.now() + ping_every;
  stream_counters& counted = venue == venue_id::kalshi ? kalshi_stream_ : polymarket_stream_;
  ++counted.connections;
  if (venue == venue_id::kalshi) {
    kalshi_session_options o;
    o.authenticated = request.headers.get("KALSHI-ACCESS-KEY").has_value();
    c->session.emplace<kalshi_session>(*board_, faults_, o);
  } else {
    c->session.emplace<polymarket_session>(*board_, books_, faults_);
  }
  connections_.push_back(c);
  c->stop.emplace(loop_);
  c->stop->spawn("sim_stream", read_loop(c));
  try {
    co_await c->stop->drained();
  } catch (const std::exception&) {
    // The server shuts down: the reader is told below.
  }
  c->stop->request();
  std::erase(connections_, c);
}

infra::task<> simulator::state::read_loop(std::shared_ptr<live_connection> c) {
  for (;;) {
    const auto message = co_await c->socket->read();
    if (!message) co_return;
    session_output out;
    std::uint64_t refused = 0;
    if (auto* k = std::get_if<kalshi_session>(&c->session)) {
      const std::uint64_t before = k->refused_commands();
      k->on_text(message->data, out);
      refused = k->refused_commands() - before;
    } else if (auto* p = std::get_if<polymarket_session>(&c->session)) {
      const std::uint64_t before = p->refused_frames();
      p->on_text(message->data, out);
      refused = p->refused_frames() - before;
    }
    (c->venue == venue_id::kalshi ? kalshi_stream_ : polymarket_stream_).refused += refused;
    deliver(*c, std::move(out));
  }
}

void simulator::state::broadcast(const world_event& e) {
  for (const auto& c : connections_) {
    if (c->cut) continue;
    session_output out;
    if (auto* k = std::get_if<kalshi_session>(&c->session)) k->on_event(e, out);
    if (auto* p = std::get_if<polymarket_session>(&c->session)) p->on_event(e, out);
    deliver(*c, std::move(out));
  }
}

void simulator::state::tend(live_connection& c) {
  if (c.cut) return;
  const timestamp now = clock_.now();
  if (auto* k = std::get_if<kalshi_session>(&c.session)) {
    session_output out;
    k->on_step(out);
    deliver(c, std::move(out));
    if (now >= c.next_ping) {
      c.next_ping = now + ping_every;
      if (!c.socket->ping("heartbeat")) cut(c);
    }
  }
  if (!faults_.empty() && faults_.strike(fault_kind::drop, c.venue, now, "")) cut(c);
}

void simulator::state::cut(live_connection& c) {
  if (c.cut) return;
  c.cut = true;
  c.stop->request();
}

void simulator::state::write(live_connection& c, std::string frame) {
  if (c.cut) return;
  stream_counters& counted = c.venue == venue_id::kalshi ? kalshi_stream_ : polymarket_stream_;
  ++counted.frames;
  if (const auto written = c.socket->write(std::move(frame)); !written) {
    if (written.error().code == errc::overloaded) ++counted.overflows;
    cut(c);
  }
}

void simulator::state::deliver(live_connection& c, session_output frames) {
  for (std::string& frame : frames) {
    // What is no JSON answers a client's keep-alive and stays whole.
    if (faults_.empty() || frame.empty() || (frame[0] != '{' && frame[0] != '[')) {
      write(c, std::move(frame));
      continue;
    }
    const timestamp now = clock_.now();
    const auto strikes = [&](fault_kind k) { return faults_.strike(k, c.venue, now, frame); };
    if (strikes(fault_kind::unknown_type)) write(c, std::string{surprise(c.venue)});
    if (strikes(fault_kind::unknown_keys)) frame = with_unknown_keys(std::move(frame));
    if (strikes(fault_kind::malformed)) frame.resize(frame.size() / 2);
    if (strikes(fault_kind::duplicate)) write(c, frame);
    if (c.reordered) {
      write(c, std::move(frame));
      write(c, std::move(*c.reordered));
      c.reordered.reset();
    } else if (strikes(fault_kind::reorder)) {
      c.reordered = std::move(frame);
    } else {
      write(c, std::move(frame));
    }
  }
}

}  // namespace cornice::sim
