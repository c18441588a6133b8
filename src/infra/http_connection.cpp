#include "infra/http_connection_io.hpp"
#include "infra/http_parse.hpp"
#include "infra/http_rules.hpp"
#include "infra/http_server_state.hpp"
#include "infra/websocket_session.hpp"

#include <boost/asio/error.hpp>

#include <list>
#include <optional>
#include <utility>

namespace cornice::infra {

namespace {

using state_pointer = std::shared_ptr<http_server::state>;

/// Keeps the server's list of connections right, however the coroutine ends.
class registration {
 public:
  registration(state_pointer server, std::shared_ptr<byte_channel> channel)
      : server_{std::move(server)} {
    entry_ = server_->connections.insert(server_->connections.end(), server_connection{});
    entry_->channel = std::move(channel);
    server_->open_connections.add(1);
  }
  ~registration() {
    entry_->channel->abort();
    server_->connections.erase(entry_);
    server_->open_connections.add(-1);
    server_->connection_ended.notify();
  }
  registration(const registration&) = delete;
  registration& operator=(const registration&) = delete;
  [[nodiscard]] server_connection& entry() const noexcept { return *entry_; }

 private:
  state_pointer server_;
  std::list<server_connection>::iterator entry_;
};

server_response problem(unsigned status, std::string_view detail) {
  server_response out;
  out.status = status;
  out.content_type = "application/problem+json";
  out.body = problem_document(status, detail);
  return out;
}

/// What the handler answers; a problem document in place of what it must not send.
task<server_response> handled(state_pointer server, server_request request) {
  const auto line = request.method_text + " " + request.path;
  std::string failure;
  server_response response;
  try {
    response = co_await server->on_request(std::move(request));
  } catch (const boost::system::system_error& e) {
    if (e.code() == asio::error::operation_aborted && server->tasks.requested()) throw;
    failure = e.what();
  } catch (const std::exception& e) {
    failure = e.what();
  } catch (...) {
    failure = "an exception of unknown type";
  }
  if (failure.empty() && (response.status < 200 || response.status > 599))
    failure = "status " + std::to_string(response.status) + " is not one of 200..599";
  if (failure.empty())
    if (const auto checked = check_headers(response.headers); !checked)
      failure = checked.error().message;
  if (!failure.empty()) {
    server->log.error("handler_failed", {{"request", line}, {"reason", failure}});
    response = problem(500, "the request could not be carried out; the log says why");
  }
  co_return response;
}

/// Refuses and closes: after a request that was not understood, nobody knows where the next begins.
task<> refuse(state_pointer server, std::shared_ptr<byte_channel> channel, unsigned status,
              std::string detail) {
  auto answer = problem(status, detail);
  server->count_answer(status);
  const answer_shape shape{.head_request = false, .keep_alive = false};
  const bool sent =
      co_await write_answer(channel, std::move(answer), shape, server->config.write_deadline);
  if (sent) co_await linger(channel);
}

/// True when the connection goes on.
task<bool> answer_request(state_pointer server, std::shared_ptr<byte_channel> channel,
                          server_request request, answer_shape shape) {
  const auto begun = system_clock().monotonic();
  auto response = co_await handled(server, std::move(request));
  shape.keep_alive = shape.keep_alive && !server->draining;
  server->count_answer(response.status);
  const bool sent =
      co_await write_answer(channel, std::move(response), shape, server->config.write_deadline);
  const auto took = system_clock().monotonic() - begun;
  server->seconds.observe_us(std::chrono::duration_cast<std::chrono::microseconds>(took).count());
  if (sent && !shape.keep_alive) co_await linger(channel);
  co_return sent&& shape.keep_alive;
}

task<> serve_websocket(state_pointer server, server_connection* entry, server_request request) {
  const websocket_limits limits{server->config.body_limit, server->config.websocket_queue_limit,
                                server->config.idle_limit, server->permessage_deflate};
  const auto deadline = system_clock().monotonic() + server->config.write_deadline;
  auto stream = entry->channel->release();
  auto accepted = co_await accept_websocket(std::move(stream), request.target, request.headers,
                                            limits, deadline);
  if (!accepted) {
    server->log.debug("websocket_handshake_failed", {{"reason", accepted.error().message}});
    co_return;
  }
  server->count_answer(101);
  entry->go_away = accepted->go_away;
  if (server->draining) entry->go_away();
  try {
    co_await server->on_websocket(std::move(request), std::move(accepted->socket));
  } catch (const boost::system::system_error& e) {
    if (e.code() == asio::error::operation_aborted && server->tasks.requested()) throw;
    server->log.error("websocket_handler_failed", {{"reason", e.what()}});
  } catch (const std::exception& e) {
    server->log.error("websocket_handler_failed", {{"reason", e.what()}});
  }
}

/// Asks the upgrade check; an exception from it refuses.
std::optional<server_response> upgrade_refusal(const http_server::state& server,
                                               const server_request& request) {
  try {
    return server.check_upgrade ? server.check_upgrade(request) : std::nullopt;
  } catch (const std::exception& e) {
    server.log.error("handler_failed", {{"request", request.path}, {"reason", e.what()}});
    return problem(500, "the upgrade could not be checked; the log says why");
  }
}

/// Serves one request. True when the connection goes on to the next.
task<bool> serve_request(state_pointer server, server_connection* entry, std::string remote_address,
                         bool first) {
  const auto channel = entry->channel;
  request_reader reader{server->config.header_limit, server->config.body_limit};
  const auto end =
      co_await read_request(channel, &reader, server->config, first, &entry->in_request);
  if (end == request_end::closed) co_return false;
  if (end == request_end::timed_out) {
    co_await refuse(server, channel, 408, "the request was not complete in time");
    co_return false;
  }
  if (end == request_end::refused) {
    co_await refuse(server, channel, reader.why().status, reader.why().detail);
    co_return false;
  }
  answer_shape shape{.head_request = reader.is_head(), .keep_alive = reader.keep_alive()};
  const bool upgrade = server->on_websocket && reader.is_websocket_upgrade();
  auto request = reader.take();
  request.remote_address = std::move(remote_address);
  if (upgrade && !server->draining) {
    auto refusal = upgrade_refusal(*server, request);
    // A client may not speak before the handshake is answered.
    const bool at_rest = channel->input().empty() && !channel->reading() && !channel->writing();
    if (!refusal && (!at_rest || !request.body.empty()))
      refusal = problem(400, "a WebSocket handshake has no body and nothing behind it");
    if (!refusal) {
      co_await serve_websocket(server, entry, std::move(request));
      co_return false;
    }
    server->count_answer(refusal->status);
    shape.keep_alive = false;
    co_await write_answer(channel, std::move(*refusal), shape, server->config.write_deadline);
    co_return false;
  }
  co_return co_await answer_request(server, channel, std::move(request), shape);
}

}  // namespace

task<> serve_connection(state_pointer server, asio::ip::tcp::socket socket,
                        std::string remote_address) {
  auto stream = server->tls ? make_tls_server_stream(std::move(socket), server->tls)
                            : make_plain_stream(std::move(socket));
  auto channel = std::make_shared<byte_channel>(std::move(stream));
  const registration registered{server, channel};
  auto& entry = registered.entry();
  if (server->tls) {
    const bool shaken = co_await handshake_in_time(channel, server->config.header_deadline);
    if (!shaken) co_return;
  }
  for (bool first = true;; first = false) {
    entry.in_request = false;
    const bool goes_on = co_await serve_request(server, &entry, remote_address, first);
    if (!goes_on || server->draining) co_return;
  }
}

}  // namespace cornice::infra
