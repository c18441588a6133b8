// REST shell of both venues, with the faults that only HTTP can have.
#include "sim/rest_tools.hpp"
#include "sim/simulator_state.hpp"

namespace cornice::sim {
namespace {

infra::server_response plain(unsigned status, std::string body, std::string content_type) {
  infra::server_response r;
  r.status = status;
  r.body = std::move(body);
  r.content_type = std::move(content_type);
  return r;
}

infra::server_response failure(unsigned status, std::string body) {
  return plain(status, std::move(body), "application/json");
}

}  // namespace

std::optional<infra::server_response> simulator::state::check_upgrade(
    venue_id venue, const infra::server_request& request) {
  const bool kalshi = venue == venue_id::kalshi;
  if (!request.path.ends_with(kalshi ? "/trade-api/ws/v2" : "/ws/market"))
    return failure(404, R"({"error":"no such stream"})");
  if (!faults_.empty() && faults_.strike(fault_kind::refuse, venue, clock_.now(), request.target))
    return plain(502, "<html><body>Bad Gateway</body></html>", "text/html");
  if (kalshi && options_.kalshi_require_auth && !request.headers.get("KALSHI-ACCESS-SIGNATURE"))
    return failure(401, R"({"error":{"code":"authentication_error",)"
                        R"("message":"token authentication failure"}})");
  return std::nullopt;
}

// The answer that replaces the venue's own.
std::optional<infra::server_response> simulator::state::injected(venue_id venue,
                                                                 const std::string& target) {
  if (faults_.empty()) return std::nullopt;
  const timestamp now = clock_.now();
  const auto strikes = [&](fault_kind k) { return faults_.strike(k, venue, now, target); };
  if (strikes(fault_kind::http_429)) return failure(429, R"({"error":"too many requests"})");
  if (strikes(fault_kind::http_500))
    return failure(500, R"({"error":{"code":"internal_server_error","message":"internal error"}})");
  if (strikes(fault_kind::http_503)) {
    auto r = failure(503, R"({"error":"service unavailable"})");
    r.headers.add("Retry-After", "1");
    return r;
  }
  if (strikes(fault_kind::html))
    return plain(502, "<html><head><title>502 Bad Gateway</title></head></html>", "text/html");
  return std::nullopt;
}

rest_reply simulator::state::venue_reply(venue_id venue, const rest_request& r) {
  const bool kalshi = venue == venue_id::kalshi;
  if (tape_) return kalshi ? tape_rest_->kalshi(r) : tape_rest_->polymarket(r);
  return kalshi ? kalshi_rest_->handle(r, clock_.now()) : polymarket_rest_->handle(r, clock_.now());
}

infra::task<infra::server_response> simulator::state::answer(venue_id venue,
                                                             infra::server_request request) {
  const auto self = shared_from_this();
  if (!faults_.empty())
    if (const fault* slow =
            faults_.strike_with(fault_kind::slow, venue, clock_.now(), request.target)) {
      const std::chrono::milliseconds pause = slow->pause;
      co_await infra::sleep_for(pause);
    }
  if (auto instead = injected(venue, request.target)) co_return std::move(*instead);

  rest_request r;
  r.get = request.method == infra::http_method::get || request.method == infra::http_method::head;
  r.post = request.method == infra::http_method::post;
  r.path = request.path;
  r.body = std::move(request.body);
  r.signed_request = request.headers.get("KALSHI-ACCESS-SIGNATURE").has_value();
  r.client = std::string{request.headers.get("KALSHI-ACCESS-KEY").value_or(request.remote_address)};
  auto query = parse_long_query(request.query);
  if (!query) co_return failure(400, R"({"msg":"Parameter validation failed"})");
  r.query = std::move(*query);
  rest_reply reply = venue_reply(venue, r);
  infra::server_response out = plain(reply.status, std::move(reply.body), reply.content_type);
  if (!faults_.empty()) {
    const timestamp now = clock_.now();
    if (faults_.strike(fault_kind::malformed, venue, now, request.target))
      out.body.resize(out.body.size() / 2);
    if (faults_.strike(fault_kind::truncate, venue, now, request.target))
      out.inject.truncate_at = out.body.size() / 2 + 1;
  }
  co_return out;
}

}  // namespace cornice::sim
