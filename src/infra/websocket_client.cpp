#include "cornice/infra/websocket_client.hpp"

#include "cornice/infra/clock.hpp"
#include "infra/byte_stream_connect.hpp"
#include "infra/http_rules.hpp"
#include "infra/tls.hpp"
#include "infra/websocket_session.hpp"

#include <boost/asio/error.hpp>

#include <utility>

namespace cornice::infra {

namespace {

using handle = std::unique_ptr<websocket>;

result<url> parse_websocket_url(const std::string& text) {
  CORNICE_TRY(where, url::parse(text));
  if (where.scheme != "ws" && where.scheme != "wss")
    return error{errc::malformed, "URL: the scheme must be ws or wss"};
  return where;
}

task<result<handle>> connect_once(asio::any_io_executor loop, websocket_options options) {
  auto where = parse_websocket_url(options.url);
  if (!where) co_return where.error();
  if (!options.headers.get("user-agent")) options.headers.add("User-Agent", options.user_agent);
  auto checked = check_headers(options.headers);
  if (!checked) co_return checked.error();

  stream_target target{where->host, where->port, nullptr};
  if (where->tls()) {
    auto context = make_client_context(options.tls);
    if (!context) co_return context.error();
    target.tls = *context;
  }
  const auto deadline = system_clock().monotonic() + options.connect_deadline;
  auto stream = co_await open_stream(loop, std::move(target), deadline);
  if (!stream) co_return stream.error();
  const websocket_limits limits{options.message_limit, options.write_queue_limit,
                                options.idle_limit, options.permessage_deflate};
  co_return co_await open_websocket(std::move(*stream), *where, std::move(options.headers), limits,
                                    deadline);
}

}  // namespace

task<result<handle>> websocket::connect(asio::any_io_executor loop, websocket_options options) {
  try {
    co_return co_await connect_once(std::move(loop), std::move(options));
  } catch (const boost::system::system_error& failure) {
    // A coroutine that is cancelled already may not wait again; Asio says so by throwing.
    if (failure.code() != asio::error::operation_aborted) throw;
  }
  co_return error{errc::cancelled, "WebSocket connect was cancelled"};
}

}  // namespace cornice::infra
