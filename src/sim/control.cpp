// The control endpoint: tests and people ask for faults and events, and for the truth.
#include "sim/simulator_state.hpp"

#include <nlohmann/json.hpp>

#include <array>
#include <utility>

namespace cornice::sim {
namespace {

using nlohmann::json;

infra::server_response reply(unsigned status, std::string body) {
  infra::server_response r;
  r.status = status;
  r.body = std::move(body);
  return r;
}

infra::server_response refused(unsigned status, const std::string& why) {
  return reply(status, json{{"error", why}}.dump());
}

// Member `name` when it is there and of the wanted kind; the fallback when it is absent.
template <class T>
T member(const json& o, const char* name, T fallback) {
  const auto found = o.find(name);
  return found == o.end() ? fallback : found->get<T>();
}

result<scenario_event> event_of(const json& o) {
  using kind = scenario_event::kind;
  static constexpr std::array<std::pair<std::string_view, kind>, 8> kinds{{
      {"mispricing", kind::mispricing},
      {"pause", kind::pause},
      {"resume", kind::resume},
      {"close", kind::close},
      {"determine", kind::determine},
      {"settle", kind::settle},
      {"regrid", kind::regrid},
      {"list", kind::list},
  }};
  scenario_event e;
  const std::string name = member<std::string>(o, "kind", "");
  bool known = false;
  for (const auto& [text, k] : kinds) {
    if (text != name) continue;
    e.what = k;
    known = true;
  }
  if (!known)
    return error{errc::invalid_argument,
                 "'kind' must be mispricing, pause, resume, close, determine, settle, regrid or "
                 "list"};
  e.question = member<std::string>(o, "question", "");
  e.net_micros = member<std::int64_t>(o, "net_micros", e.net_micros);
  e.hold = scenario_time{member<std::int64_t>(o, "hold_ms", e.hold.count())};
  return e;
}

}  // namespace

std::string simulator::state::truth() const {
  return truth_document({*board_, world_ ? &*world_ : nullptr, tape_ ? &*tape_ : nullptr,
                         counters_of(venue_id::kalshi), counters_of(venue_id::polymarket)},
                        faults_);
}

infra::task<infra::server_response> simulator::state::control(infra::server_request request) {
  if (request.method == infra::http_method::get) {
    if (request.path == "/truth") co_return reply(200, truth());
    if (request.path == "/mappings" && world_) co_return reply(200, mappings_document(*world_));
    if (request.path == "/mappings") co_return refused(404, "a tape knows no mappings");
    co_return refused(404,
                      "there are GET /truth, GET /mappings, POST /fault, POST /scenario-event");
  }
  if (request.method != infra::http_method::post) co_return refused(405, "GET or POST");
  const json body = json::parse(request.body, nullptr, false);
  if (!body.is_object()) co_return refused(400, "the body must be a JSON object");
  try {
    if (request.path == "/fault") {
      if (member(body, "clear", false)) {
        faults_.clear();
        co_return reply(200, "{}");
      }
      auto parsed = parse_fault(member<std::string>(body, "spec", ""));
      if (!parsed) co_return refused(400, parsed.error().message);
      const auto added = faults_.add(std::move(*parsed), clock_.now());
      co_return added ? reply(200, "{}") : refused(409, added.error().message);
    }
    if (request.path == "/scenario-event") {
      if (!world_) co_return refused(409, "a tape plays what was recorded and nothing else");
      const auto e = event_of(body);
      if (!e) co_return refused(400, e.error().message);
      const auto done = world_->request(*e, [this](const world_event& w) { broadcast(w); });
      co_return done ? reply(200, "{}") : refused(409, done.error().message);
    }
  } catch (const json::exception& wrong) {
    co_return refused(400, wrong.what());
  }
  co_return refused(404, "there are GET /truth, GET /mappings, POST /fault, POST /scenario-event");
}

}  // namespace cornice::sim
