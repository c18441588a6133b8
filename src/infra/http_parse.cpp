#include "infra/http_parse.hpp"

#include "infra/http_rules.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/websocket/rfc6455.hpp>

#include <optional>

namespace cornice::infra {

namespace {

namespace http = boost::beast::http;
using boost::system::error_code;

constexpr std::uint32_t answer_header_limit = 64u << 10;
/// What may lie unconsumed in front of the parser besides a header: a chunk header in the making.
constexpr std::size_t chunk_header_limit = std::size_t{16} << 10;
constexpr std::size_t target_limit = 8192;

template <class Fields>
http_headers copy_headers(const Fields& fields) {
  http_headers out;
  for (const auto& field : fields)
    out.add(std::string{field.name_string()}, std::string{field.value()});
  return out;
}

http_method method_of(http::verb verb) noexcept {
  switch (verb) {
    case http::verb::get:
      return http_method::get;
    case http::verb::head:
      return http_method::head;
    case http::verb::post:
      return http_method::post;
    case http::verb::put:
      return http_method::put;
    case http::verb::patch:
      return http_method::patch;
    case http::verb::delete_:
      return http_method::del;
    case http::verb::options:
      return http_method::options;
    default:
      return http_method::other;
  }
}

/// Feeds the parser until it has eaten `input` or wants more; what it left stays in `input`.
/// `header_seen` counts header bytes: Beast's own limit starts anew after every field, so a header
/// that arrives in pieces would have no bound.
template <class Parser>
error_code put(Parser& parser, std::string& input, std::size_t& header_seen,
               std::size_t header_limit) {
  error_code ec;
  std::size_t eaten = 0;
  while (eaten < input.size() && !parser.is_done()) {
    const auto count = parser.put(boost::asio::buffer(input) + eaten, ec);
    eaten += count;
    if (ec || count == 0) break;
  }
  input.erase(0, eaten);
  if (!parser.is_header_done()) {
    header_seen += eaten;
    if (header_seen + input.size() > header_limit) return http::error::header_limit;
  }
  return ec == http::error::need_more ? error_code{} : ec;
}

}  // namespace

struct response_reader::state {
  using parser_type = http::response_parser<http::string_body>;

  state(bool head, std::size_t limit) : head_request{head}, body_limit{limit} { reset(); }

  void reset() {
    parser.emplace();
    header_seen = 0;
    parser->eager(true);
    parser->header_limit(answer_header_limit);
    parser->body_limit(body_limit);
    parser->skip(head_request);
  }

  bool head_request;
  std::size_t body_limit;
  std::size_t header_seen = 0;
  std::optional<parser_type> parser;
};

response_reader::response_reader(bool head_request, std::size_t body_limit)
    : state_{std::make_unique<state>(head_request, body_limit)} {}
response_reader::~response_reader() = default;

result<bool> response_reader::feed(std::string& input) {
  for (;;) {
    auto& parser = *state_->parser;
    const auto ec = put(parser, input, state_->header_seen, answer_header_limit);
    if (ec == http::error::body_limit || ec == http::error::buffer_overflow)
      return error{errc::out_of_range,
                   "answer body is larger than " + std::to_string(state_->body_limit) + " bytes"};
    if (ec == http::error::header_limit || input.size() > answer_header_limit + chunk_header_limit)
      return error{errc::out_of_range, "answer header is larger than 64 KiB"};
    if (ec) return error{errc::protocol, "answer is not HTTP/1.1: " + ec.message()};
    if (!parser.is_done()) return false;
    const auto status = parser.get().result_int();
    if (status == 101)
      return error{errc::protocol, "answer switches protocols although nobody asked for it"};
    if (status >= 200) return true;
    state_->reset();
  }
}

result<bool> response_reader::end_of_stream() {
  auto& parser = *state_->parser;
  if (!parser.got_some()) return error{errc::io, "connection closed before the answer"};
  error_code ec;
  parser.put_eof(ec);
  if (ec || !parser.is_done())
    return error{errc::io, "connection closed in the middle of the answer"};
  return true;
}

bool response_reader::keep_alive() const {
  return state_->parser->keep_alive() && !state_->parser->need_eof();
}

http_response response_reader::take() {
  auto message = state_->parser->release();
  http_response out;
  out.status = message.result_int();
  out.headers = copy_headers(message);
  out.body = std::move(message.body());
  return out;
}

struct request_reader::state {
  using parser_type = http::request_parser<http::string_body>;

  state(std::size_t header_bytes, std::size_t body_bytes)
      : header_limit{header_bytes}, body_limit{body_bytes} {
    parser.eager(true);
    parser.header_limit(static_cast<std::uint32_t>(header_limit));
    parser.body_limit(body_limit);
  }

  progress refuse(unsigned status, std::string detail) {
    why = {status, std::move(detail)};
    return progress::refused;
  }

  progress refuse(error_code ec);
  std::optional<refusal> judge_header();

  std::size_t header_limit;
  std::size_t body_limit;
  parser_type parser;
  refusal why;
  std::size_t header_seen = 0;
  bool request_line_seen = false;
  bool judged = false;
};

request_reader::progress request_reader::state::refuse(error_code ec) {
  if (ec == http::error::body_limit || ec == http::error::buffer_overflow)
    return refuse(413, "the body must not exceed " + std::to_string(body_limit) + " bytes");
  if (ec == http::error::header_limit && !request_line_seen)
    return refuse(414,
                  "the request line must not exceed " + std::to_string(header_limit) + " bytes");
  if (ec == http::error::header_limit)
    return refuse(431, "the header must not exceed " + std::to_string(header_limit) + " bytes");
  if (ec == http::error::bad_version) return refuse(505, "only HTTP/1.0 and HTTP/1.1 are spoken");
  return refuse(400, "the request is not HTTP/1.1: " + ec.message());
}

/// Rules beyond syntax. What two readers could understand in two ways is refused (request
/// smuggling).
std::optional<request_reader::refusal> request_reader::state::judge_header() {
  const auto& message = parser.get();
  if (message.target().size() > target_limit)
    return refusal{414, "the request target must not exceed 8192 bytes"};
  if (const auto verb = message.method(); verb == http::verb::connect || verb == http::verb::trace)
    return refusal{405, "CONNECT and TRACE are not offered"};
  const auto hosts = message.count(http::field::host);
  if (hosts > 1 || (hosts == 0 && message.version() >= 11))
    return refusal{400, "exactly one Host field is required"};
  if (message.count(http::field::transfer_encoding) > 1 ||
      (message.count(http::field::transfer_encoding) == 1 &&
       !equal_ignoring_case(message[http::field::transfer_encoding], "chunked")))
    return refusal{501, "no transfer coding but 'chunked' is understood"};
  if (message.count(http::field::expect) != 0 &&
      !equal_ignoring_case(message[http::field::expect], "100-continue"))
    return refusal{417, "no expectation but '100-continue' can be met"};
  const auto target = normalise_target(std::string_view{message.target()});
  if (!target) return refusal{400, target.error().message};
  return std::nullopt;
}

request_reader::request_reader(std::size_t header_limit, std::size_t body_limit)
    : state_{std::make_unique<state>(header_limit, body_limit)} {}
request_reader::~request_reader() = default;

request_reader::progress request_reader::feed(std::string& input) {
  auto& s = *state_;
  // RFC 9112, 2.2: an empty line before the request line is skipped.
  if (!s.parser.got_some())
    while (input.starts_with("\r\n")) input.erase(0, 2);
  s.request_line_seen = s.request_line_seen || input.find('\n') != std::string::npos;
  if (const auto ec = put(s.parser, input, s.header_seen, s.header_limit)) return s.refuse(ec);
  if (s.parser.is_header_done() && !s.judged) {
    s.judged = true;
    if (auto refused = s.judge_header()) return s.refuse(refused->status, refused->detail);
  }
  if (s.parser.is_done()) return progress::complete;
  if (input.size() > s.header_limit + chunk_header_limit)
    return s.refuse(400, "a chunk header is too long");
  return progress::more;
}

const request_reader::refusal& request_reader::why() const noexcept {
  return state_->why;
}
bool request_reader::header_complete() const {
  return state_->parser.is_header_done();
}

bool request_reader::expects_continue() const {
  const auto& message = state_->parser.get();
  return state_->parser.is_header_done() && !state_->parser.is_done() && message.version() >= 11 &&
         message.count(http::field::expect) != 0;
}

bool request_reader::keep_alive() const {
  return state_->parser.keep_alive();
}
bool request_reader::is_head() const {
  return state_->parser.get().method() == http::verb::head;
}
bool request_reader::is_websocket_upgrade() const {
  return boost::beast::websocket::is_upgrade(state_->parser.get());
}

server_request request_reader::take() {
  auto message = state_->parser.release();
  auto target = normalise_target(std::string_view{message.target()});
  server_request out;
  out.method = method_of(message.method());
  out.method_text = std::string{message.method_string()};
  out.target = std::string{message.target()};
  if (target) {
    out.path = std::move(target->path);
    out.query = std::move(target->query);
  }
  out.headers = copy_headers(message);
  out.body = std::move(message.body());
  return out;
}

}  // namespace cornice::infra
