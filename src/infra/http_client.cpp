#include "cornice/infra/http_client.hpp"

#include "cornice/infra/clock.hpp"
#include "cornice/infra/log.hpp"
#include "infra/content_coding.hpp"
#include "infra/http_parse.hpp"
#include "infra/http_pool.hpp"
#include "infra/http_rules.hpp"
#include "infra/tls.hpp"

#include <boost/asio/error.hpp>

#include <algorithm>
#include <map>
#include <utility>

namespace cornice::infra {

namespace {

constexpr std::size_t labelled_origins_max = 32;
constexpr std::size_t pools_max = 64;
constexpr std::chrono::seconds warm_deadline{10};

/// How one request over one connection ended.
struct exchange_outcome {
  result<http_response> answer = error{};
  bool answer_begun = false;
  bool reusable = false;
};

error interrupted(wake why, const std::string& where) {
  if (why == wake::expired)
    return {errc::timed_out, where + ": no complete answer before the deadline; outcome unknown"};
  return {errc::cancelled, where + ": cancelled after sending began; outcome unknown"};
}

/// What an answer that cannot go on amounts to, once the peer's side of the connection has ended.
result<bool> ended(response_reader& reader, const byte_channel& channel) {
  if (channel.read_error() == asio::error::eof) return reader.end_of_stream();
  return error{errc::io, "connection broken: " + channel.read_error().message()};
}

task<exchange_outcome> exchange(std::shared_ptr<byte_channel> channel, std::string wire,
                                bool head_request, std::size_t body_limit, instant deadline,
                                std::string where) {
  exchange_outcome out;
  response_reader reader{head_request, body_limit};
  channel->write(std::move(wire));
  channel->arm();
  for (;;) {
    const auto why = co_await channel->wait(deadline);
    if (why != wake::notified) {
      out.answer = interrupted(why, where);
      co_return out;
    }
    out.answer_begun = out.answer_begun || !channel->input().empty();
    auto complete = reader.feed(channel->input());
    if (complete && !*complete && channel->read_error()) complete = ended(reader, *channel);
    if (!complete) {
      out.answer = complete.error().within(where);
      co_return out;
    }
    if (*complete) break;
    // A failed write is not the end: the peer may have answered (413) before it stopped reading,
    // and if it did not, reading ends as well.
    channel->arm();
  }
  out.answer = reader.take();
  // An answer that came before the request was out leaves the connection in the middle of it.
  out.reusable = reader.keep_alive() && channel->input().empty() && !channel->writing() &&
                 !channel->write_error() && !channel->read_error();
  co_return out;
}

}  // namespace

struct http_client::state {
  state(asio::any_io_executor ex, http_client_config c, metrics_registry& m)
      : loop{std::move(ex)},
        config{std::move(c)},
        metrics{m},
        tls{make_client_context(config.tls)} {}

  /// Errors: malformed, unavailable (trust store).
  result<std::shared_ptr<http_pool>> pool_of(const url& where);
  static task<result<http_response>> run(std::shared_ptr<state> self, http_request request);
  static task<> warm(std::shared_ptr<state> self, std::string url_text, std::size_t n);
  static task<result<http_response>> attempts(std::shared_ptr<http_pool> pool, http_request request,
                                              url where, std::string wire, std::size_t body_limit);
  void record(const std::string& origin, instant begun, const result<http_response>& answer);

  asio::any_io_executor loop;
  http_client_config config;
  metrics_registry& metrics;
  result<tls_context> tls;
  std::map<std::string, std::shared_ptr<http_pool>> pools;
  std::map<std::string, histogram> seconds;
  logger log{"http_client"};
};

result<std::shared_ptr<http_pool>> http_client::state::pool_of(const url& where) {
  if (where.scheme != "http" && where.scheme != "https")
    return error{errc::malformed, "URL: the scheme must be http or https"};
  if (where.tls() && !tls) return tls.error();
  const auto origin = where.origin();
  if (const auto found = pools.find(origin); found != pools.end()) return found->second;
  if (pools.size() >= pools_max)
    std::erase_if(pools, [](const auto& entry) { return entry.second->unused(); });
  stream_target target{where.host, where.port, where.tls() ? *tls : tls_context{}};
  const http_pool::limits limits{config.connections_per_origin, config.waiting_limit,
                                 config.idle_limit};
  auto pool = std::make_shared<http_pool>(loop, std::move(target), limits);
  pools.emplace(origin, pool);
  return pool;
}

void http_client::state::record(const std::string& origin, instant begun,
                                const result<http_response>& answer) {
  const auto label =
      seconds.contains(origin) || seconds.size() < labelled_origins_max ? origin : "other";
  const auto [entry, is_new] = seconds.try_emplace(label);
  if (is_new)
    entry->second = metrics.make_histogram("cornice_http_client_seconds",
                                           "Time from a request to its complete answer or failure.",
                                           {{"origin", label}});
  const auto took = system_clock().monotonic() - begun;
  entry->second.observe_us(std::chrono::duration_cast<std::chrono::microseconds>(took).count());
  if (answer) return;
  const std::string code{to_string(answer.error().code)};
  metrics
      .make_counter("cornice_http_client_failures_total", "Requests without a complete answer.",
                    {{"code", code}})
      .add();
}

task<result<http_response>> http_client::state::attempts(std::shared_ptr<http_pool> pool,
                                                         http_request request, url where,
                                                         std::string wire, std::size_t body_limit) {
  const auto deadline = system_clock().monotonic() + request.deadline;
  const auto name = std::string{to_string(request.method)} + " " + where.origin();
  for (unsigned attempt = 1;; ++attempt) {
    auto lease = co_await pool->acquire(deadline, attempt > 1);
    if (!lease) co_return lease.error();
    auto outcome = co_await exchange(lease->channel(), wire, request.method == http_method::head,
                                     body_limit, deadline, name);
    if (outcome.answer) {
      outcome.answer->reused_connection = lease->reused();
      if (outcome.reusable) lease->give_back();
      co_return std::move(outcome.answer);
    }
    const failed_exchange failed{request.method, lease->reused(), outcome.answer_begun, attempt,
                                 outcome.answer.error().code};
    if (!may_send_again(failed)) co_return outcome.answer.error();
  }
}

task<result<http_response>> http_client::state::run(std::shared_ptr<state> self,
                                                    http_request request) {
  auto where = url::parse(request.url);
  if (!where) co_return where.error();
  auto wire =
      write_request(request.method, *where, request.headers, request.body, self->config.user_agent);
  if (!wire) co_return wire.error();
  auto pool = self->pool_of(*where);
  if (!pool) co_return pool.error();

  const auto begun = system_clock().monotonic();
  const auto origin = where->origin();
  result<http_response> answer = error{errc::cancelled, origin + ": cancelled"};
  try {
    answer = co_await attempts(*pool, std::move(request), *where, std::move(*wire),
                               self->config.body_limit);
  } catch (const boost::system::system_error& failure) {
    // A coroutine that is cancelled already may not wait again; Asio says so by throwing.
    if (failure.code() != asio::error::operation_aborted) throw;
  }
  if (answer) {
    const auto coding = answer->headers.get("content-encoding").value_or("");
    auto body = decode_content(coding, std::move(answer->body), self->config.body_limit);
    if (body) {
      answer->body = std::move(*body);
    } else {
      answer = body.error().within(origin);
    }
  }
  self->record(origin, begun, answer);
  co_return answer;
}

task<> http_client::state::warm(std::shared_ptr<state> self, std::string url_text, std::size_t n) {
  const auto where = url::parse(url_text);
  if (!where) co_return;
  const auto pool = self->pool_of(*where);
  if (!pool) co_return;
  const auto wanted = std::min(n, self->config.connections_per_origin);
  // Counted, because a peer that closes every connection at once would keep this going for ever.
  for (std::size_t i = 0; i < wanted && (*pool)->open() < wanted; ++i) {
    auto lease = co_await (*pool)->acquire(system_clock().monotonic() + warm_deadline, true);
    if (!lease) {
      self->log.debug("warm_failed",
                      {{"origin", where->origin()}, {"reason", lease.error().message}});
      co_return;
    }
    lease->give_back();
  }
}

http_client::http_client(asio::any_io_executor loop, http_client_config config,
                         metrics_registry& metrics)
    : state_{std::make_shared<state>(std::move(loop), std::move(config), metrics)} {}

http_client::~http_client() {
  for (const auto& [origin, pool] : state_->pools) pool->close();
}

task<result<http_response>> http_client::send(http_request request) {
  return state::run(state_, std::move(request));
}

task<> http_client::warm(std::string url_text, std::size_t n) {
  return state::warm(state_, std::move(url_text), n);
}

}  // namespace cornice::infra
