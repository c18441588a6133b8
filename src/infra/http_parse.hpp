// Incremental reading of HTTP/1.1 messages: bytes in, messages out. Beast's parsers stay behind it.
#pragma once

#include "cornice/base/result.hpp"
#include "cornice/infra/http_client.hpp"
#include "cornice/infra/http_server.hpp"

#include <cstdint>
#include <memory>
#include <string>

namespace cornice::infra {

/// Reads one answer. Interim answers (1xx) in front of it are skipped.
class response_reader {
 public:
  /// `head_request`: the answer has no body, whatever its fields say.
  response_reader(bool head_request, std::size_t body_limit);
  ~response_reader();
  response_reader(const response_reader&) = delete;
  response_reader& operator=(const response_reader&) = delete;

  /// Consumes what it understands from the front of `input`; true when the answer is complete.
  /// Errors: protocol, out_of_range (header over 64 KiB, body over the limit).
  [[nodiscard]] result<bool> feed(std::string& input);
  /// The peer closed; true when that completes the answer. Errors: io (it closed too early).
  [[nodiscard]] result<bool> end_of_stream();
  /// After completion.
  [[nodiscard]] bool keep_alive() const;
  [[nodiscard]] http_response take();

 private:
  struct state;
  std::unique_ptr<state> state_;
};

/// Reads one request and judges it.
class request_reader {
 public:
  enum class progress : std::uint8_t { more, complete, refused };
  /// Why a request is refused, as the answer to it.
  struct refusal {
    unsigned status = 400;
    std::string detail;
  };

  request_reader(std::size_t header_limit, std::size_t body_limit);
  ~request_reader();
  request_reader(const request_reader&) = delete;
  request_reader& operator=(const request_reader&) = delete;

  [[nodiscard]] progress feed(std::string& input);
  [[nodiscard]] const refusal& why() const noexcept;
  [[nodiscard]] bool header_complete() const;
  /// The client waits for `100 Continue` before it sends the body.
  [[nodiscard]] bool expects_continue() const;
  /// After completion.
  [[nodiscard]] bool keep_alive() const;
  [[nodiscard]] bool is_head() const;
  /// A well-formed request to become a WebSocket (RFC 6455, 4.2.1).
  [[nodiscard]] bool is_websocket_upgrade() const;
  [[nodiscard]] server_request take();

 private:
  struct state;
  std::unique_ptr<state> state_;
};

}  // namespace cornice::infra
