// What the connections of one HTTP server share.
#pragma once

#include "cornice/infra/clock.hpp"
#include "cornice/infra/http_server.hpp"
#include "cornice/infra/log.hpp"
#include "infra/byte_stream_channel.hpp"
#include "infra/tls.hpp"

#include <boost/asio/ip/tcp.hpp>

#include <array>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <string>

namespace cornice::infra {

/// One open connection, as shutdown sees it.
struct server_connection {
  std::shared_ptr<byte_channel> channel;
  bool in_request = false;        ///< from the first byte of a request to the last of its answer
  std::function<void()> go_away;  ///< set once it is a WebSocket
};

struct http_server::state {
  state(asio::any_io_executor ex, http_server_config c, handler h, metrics_registry& metrics);

  void count_answer(unsigned status) const;

  asio::any_io_executor loop;
  http_server_config config;
  handler on_request;
  upgrade_check check_upgrade;
  websocket_handler on_websocket;
  bool permessage_deflate = true;
  tls_context tls;  ///< null: plain TCP
  asio::ip::tcp::acceptor acceptor;
  std::list<server_connection> connections;
  async_event connection_ended;
  stop_source tasks;
  std::uint16_t port = 0;  ///< listened on
  bool draining = false;
  logger log{"http_server"};
  std::array<counter, 5> answers;  ///< by status class, 1xx in front
  histogram seconds;
  gauge open_connections;
};

/// Serves one connection until it ends. Called with a socket that was just accepted.
task<> serve_connection(std::shared_ptr<http_server::state> server, asio::ip::tcp::socket socket,
                        std::string remote_address);

}  // namespace cornice::infra
