// Rules of HTTP that client and server decide by. Pure functions: no I/O, no clock, no Asio.
#pragma once

#include "cornice/base/result.hpp"
#include "cornice/base/time.hpp"
#include "cornice/infra/http.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace cornice::infra {

[[nodiscard]] std::string lower_case(std::string_view text);
/// ASCII only, as HTTP field names are.
[[nodiscard]] bool equal_ignoring_case(std::string_view a, std::string_view b) noexcept;
/// Whether a comma-separated field value lists `token` (in any case).
[[nodiscard]] bool lists_token(std::string_view field_value, std::string_view token) noexcept;

/// A token of RFC 9110.
[[nodiscard]] bool valid_header_name(std::string_view name) noexcept;
/// No control characters but tab: a CR or LF from data would begin a field of its own.
[[nodiscard]] bool valid_header_value(std::string_view value) noexcept;
/// Errors: invalid_argument, naming the field.
[[nodiscard]] result<void> check_headers(const http_headers& headers);
/// Fields that describe the message framing; only this library writes them.
[[nodiscard]] bool is_framing_header(std::string_view name) noexcept;

/// Canonical reason phrase, "Unknown" for a status without one.
[[nodiscard]] std::string_view reason_phrase(unsigned status) noexcept;
/// Whether an answer of this status may carry a body at all (RFC 9110: not 1xx, 204, 304).
[[nodiscard]] bool status_allows_body(unsigned status) noexcept;
/// IMF-fixdate, `Sun, 06 Nov 1994 08:49:37 GMT`.
[[nodiscard]] std::string http_date(timestamp t);

/// The whole request as bytes. Errors: invalid_argument (method `other`, a field with illegal
/// characters).
[[nodiscard]] result<std::string> write_request(http_method method, const url& where,
                                                const http_headers& headers, std::string_view body,
                                                std::string_view user_agent);

/// How the body of an answer is delimited.
enum class body_framing : std::uint8_t { content_length, chunked, none };
/// Status line and fields of an answer, empty line included. `headers` have been checked.
[[nodiscard]] std::string write_response_head(unsigned status, const http_headers& headers,
                                              std::string_view content_type, body_framing framing,
                                              std::size_t body_bytes, bool keep_alive,
                                              timestamp now);

/// What is known of an exchange that failed.
struct failed_exchange {
  http_method method = http_method::get;
  bool reused_connection = false;  ///< it came out of the pool
  bool answer_begun = false;       ///< at least one byte of an answer arrived
  unsigned attempts = 1;           ///< exchanges made so far, this one included
  errc code = errc::io;
};
/// True when the request may be sent once more over a fresh connection: a pooled connection that
/// the peer had given up, and a method that changes nothing however often it is carried out.
[[nodiscard]] bool may_send_again(const failed_exchange& failed) noexcept;

/// RFC 9457 problem document.
[[nodiscard]] std::string problem_document(unsigned status, std::string_view detail);

/// Path and query of a request target.
struct request_path {
  std::string path;   ///< decoded, see normalise_target
  std::string query;  ///< raw, without '?'
};
/// Splits a target in origin form, absolute form or `*` and decodes the path: it starts with '/',
/// has no empty segment inside, no "." or ".." segment, no control character or backslash, and is
/// UTF-8. Whatever would need resolving is refused instead: a client that sends it is probing.
/// Errors: malformed.
[[nodiscard]] result<request_path> normalise_target(std::string_view target);

}  // namespace cornice::infra
