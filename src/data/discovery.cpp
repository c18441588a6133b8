#include "data/discovery.hpp"

namespace cornice::data {

using namespace std::chrono_literals;

namespace {

constexpr int attempts_max = 5;
constexpr auto backoff_min = 250ms;
constexpr auto deadline = 20s;

bool worth_repeating(unsigned status) {
  return status == 429 || status >= 500;
}

}  // namespace

venue_reader::venue_reader(catalogue_environment& env, venue_id venue,
                           std::int64_t requests_per_second)
    : env_{env}, venue_{venue}, budget_{requests_per_second, requests_per_second} {}

infra::task<result<std::string>> venue_reader::get(std::string connection, std::string base,
                                                   std::string target) {
  const std::string url = base + target;
  error last{errc::unavailable, "not asked"};
  std::chrono::milliseconds backoff = backoff_min;
  for (int attempt = 0; attempt < attempts_max; ++attempt) {
    while (!budget_.take(1, env_.time.monotonic()))
      if (!co_await infra::sleep_for(budget_.wait_for(1, env_.time.monotonic())))
        co_return error{errc::cancelled, "stopped while waiting for the request budget"};
    infra::http_request r;
    r.url = url;
    r.deadline = deadline;
    auto answer = co_await env_.http.send(std::move(r));
    if (answer && answer->status == 200) {
      if (env_.tap)
        env_.tap({env_.time.now(), venue_, venue::tape::record_kind::rest, connection, target,
                  answer->body});
      co_return std::move(answer->body);
    }
    if (answer && answer->status == 404) co_return error{errc::not_found, url + " answers 404"};
    if (answer) {
      last = {errc::unavailable, url + " answers " + std::to_string(answer->status)};
      if (!worth_repeating(answer->status)) co_return last;
      if (answer->status == 429) budget_.drain();
    } else {
      last = answer.error();
      if (last.code == errc::cancelled || last.code == errc::malformed) co_return last;
    }
    if (!co_await infra::sleep_for(backoff)) co_return error{errc::cancelled, "stopped"};
    backoff *= 2;
  }
  co_return last;
}

}  // namespace cornice::data
