#include "api/problem.hpp"

#include <nlohmann/json.hpp>

namespace cornice::api {
namespace {

unsigned status_of(errc code) {
  switch (code) {
    case errc::invalid_argument:
    case errc::malformed:
    case errc::missing_field:
    case errc::out_of_range:
      return 400;
    case errc::unauthorized:
      return 401;
    case errc::refused:
      return 403;
    case errc::not_found:
      return 404;
    case errc::conflict:
      return 409;
    case errc::overloaded:
      return 429;
    case errc::timed_out:
      return 504;
    case errc::unavailable:
    case errc::cancelled:
      return 503;
    case errc::protocol:
    case errc::io:
    case errc::corrupt:
    case errc::internal:
      break;
  }
  return 500;
}

}  // namespace

infra::server_response problem(unsigned status, std::string_view kind, std::string detail) {
  infra::server_response r;
  r.status = status;
  r.content_type = "application/problem+json";
  const nlohmann::ordered_json body = {{"type", "urn:cornice:problem:" + std::string{kind}},
                                       {"title", std::string{kind}},
                                       {"status", status},
                                       {"detail", std::move(detail)}};
  r.body = body.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  return r;
}

infra::server_response problem(const error& e) {
  return problem(status_of(e.code), to_string(e.code), e.message);
}

infra::server_response json_answer(std::string body, unsigned status) {
  infra::server_response r;
  r.status = status;
  r.body = std::move(body);
  r.headers.add("Cache-Control", "no-store");
  return r;
}

}  // namespace cornice::api
