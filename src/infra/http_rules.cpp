#include "infra/http_rules.hpp"

#include <algorithm>
#include <array>
#include <chrono>

namespace cornice::infra {

namespace {

constexpr char lower(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

constexpr bool is_token_char(char c) noexcept {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         std::string_view{"!#$%&'*+-.^_`|~"}.find(c) != std::string_view::npos;
}

std::string_view trimmed(std::string_view text) noexcept {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

std::string two_digits(unsigned value) {
  return {static_cast<char>('0' + value / 10), static_cast<char>('0' + value % 10)};
}

void append_json_string(std::string& out, std::string_view text) {
  constexpr char digits[] = "0123456789abcdef";
  out.push_back('"');
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out.push_back('\\');
      out.push_back(c);
    } else if (c >= 0 && c < 0x20) {
      const auto byte = static_cast<unsigned char>(c);
      out.append("\\u00").append(1, digits[byte >> 4]).append(1, digits[byte & 0x0f]);
    } else {
      out.push_back(c);
    }
  }
  out.push_back('"');
}

void append_field(std::string& out, std::string_view name, std::string_view value) {
  out.append(name).append(": ").append(value).append("\r\n");
}

}  // namespace

std::string lower_case(std::string_view text) {
  std::string out{text};
  std::transform(out.begin(), out.end(), out.begin(), lower);
  return out;
}

bool equal_ignoring_case(std::string_view a, std::string_view b) noexcept {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return lower(x) == lower(y); });
}

bool lists_token(std::string_view field_value, std::string_view token) noexcept {
  while (!field_value.empty()) {
    const auto end = std::min(field_value.find(','), field_value.size());
    if (equal_ignoring_case(trimmed(field_value.substr(0, end)), token)) return true;
    field_value.remove_prefix(std::min(end + 1, field_value.size()));
  }
  return false;
}

bool valid_header_name(std::string_view name) noexcept {
  return !name.empty() && std::all_of(name.begin(), name.end(), is_token_char);
}

bool valid_header_value(std::string_view value) noexcept {
  return std::none_of(value.begin(), value.end(),
                      [](char c) { return (c >= 0 && c < 0x20 && c != '\t') || c == 0x7f; });
}

result<void> check_headers(const http_headers& headers) {
  for (const auto& [name, value] : headers.all()) {
    if (!valid_header_name(name))
      return error{errc::invalid_argument,
                   "header name '" + name + "' must be letters, digits and !#$%&'*+-.^_`|~ only"};
    if (!valid_header_value(value))
      return error{errc::invalid_argument,
                   "value of header '" + name + "' must not contain control characters"};
  }
  return {};
}

bool is_framing_header(std::string_view name) noexcept {
  constexpr std::array<std::string_view, 3> framing{"content-length", "transfer-encoding",
                                                    "connection"};
  return std::any_of(framing.begin(), framing.end(),
                     [name](std::string_view f) { return equal_ignoring_case(f, name); });
}

std::string_view reason_phrase(unsigned status) noexcept {
  struct entry {
    unsigned status;
    std::string_view phrase;
  };
  constexpr std::array<entry, 41> phrases{{{100, "Continue"},
                                           {101, "Switching Protocols"},
                                           {200, "OK"},
                                           {201, "Created"},
                                           {202, "Accepted"},
                                           {204, "No Content"},
                                           {206, "Partial Content"},
                                           {301, "Moved Permanently"},
                                           {302, "Found"},
                                           {303, "See Other"},
                                           {304, "Not Modified"},
                                           {307, "Temporary Redirect"},
                                           {308, "Permanent Redirect"},
                                           {400, "Bad Request"},
                                           {401, "Unauthorized"},
                                           {402, "Payment Required"},
                                           {403, "Forbidden"},
                                           {404, "Not Found"},
                                           {405, "Method Not Allowed"},
                                           {406, "Not Acceptable"},
                                           {408, "Request Timeout"},
                                           {409, "Conflict"},
                                           {410, "Gone"},
                                           {411, "Length Required"},
                                           {412, "Precondition Failed"},
                                           {413, "Content Too Large"},
                                           {414, "URI Too Long"},
                                           {415, "Unsupported Media Type"},
                                           {416, "Range Not Satisfiable"},
                                           {417, "Expectation Failed"},
                                           {422, "Unprocessable Content"},
                                           {425, "Too Early"},
                                           {426, "Upgrade Required"},
                                           {429, "Too Many Requests"},
                                           {431, "Request Header Fields Too Large"},
                                           {500, "Internal Server Error"},
                                           {501, "Not Implemented"},
                                           {502, "Bad Gateway"},
                                           {503, "Service Unavailable"},
                                           {504, "Gateway Timeout"},
                                           {505, "HTTP Version Not Supported"}}};
  for (const auto& e : phrases)
    if (e.status == status) return e.phrase;
  return "Unknown";
}

bool status_allows_body(unsigned status) noexcept {
  return status >= 200 && status != 204 && status != 304;
}

std::string http_date(timestamp t) {
  constexpr std::array<std::string_view, 7> weekdays{"Sun", "Mon", "Tue", "Wed",
                                                     "Thu", "Fri", "Sat"};
  constexpr std::array<std::string_view, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                    "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto day = std::chrono::floor<std::chrono::days>(t);
  const std::chrono::year_month_day date{day};
  const std::chrono::hh_mm_ss time{std::chrono::floor<std::chrono::seconds>(t - day)};
  auto year = std::to_string(static_cast<int>(date.year()));
  year.insert(0, 4 - std::min<std::size_t>(4, year.size()), '0');
  std::string out{weekdays[std::chrono::weekday{day}.c_encoding()]};
  out += ", " + two_digits(static_cast<unsigned>(date.day())) + " ";
  out.append(months[static_cast<unsigned>(date.month()) - 1]).append(" ").append(year).append(" ");
  out += two_digits(static_cast<unsigned>(time.hours().count())) + ":";
  out += two_digits(static_cast<unsigned>(time.minutes().count())) + ":";
  out += two_digits(static_cast<unsigned>(time.seconds().count())) + " GMT";
  return out;
}

result<std::string> write_request(http_method method, const url& where, const http_headers& headers,
                                  std::string_view body, std::string_view user_agent) {
  if (method == http_method::other)
    return error{errc::invalid_argument, "HTTP method must be one of those http_method names"};
  CORNICE_CHECK_OK(check_headers(headers));
  std::string out;
  out.reserve(512 + body.size());
  out.append(to_string(method)).append(" ").append(where.target).append(" HTTP/1.1\r\n");
  if (!headers.get("host")) append_field(out, "Host", where.authority());
  if (!headers.get("user-agent")) append_field(out, "User-Agent", user_agent);
  if (!headers.get("accept-encoding")) append_field(out, "Accept-Encoding", "gzip, deflate");
  for (const auto& [name, value] : headers.all())
    if (!is_framing_header(name)) append_field(out, name, value);
  const bool has_content = !body.empty() || method == http_method::post ||
                           method == http_method::put || method == http_method::patch;
  if (has_content) append_field(out, "Content-Length", std::to_string(body.size()));
  out.append("\r\n").append(body);
  return out;
}

std::string write_response_head(unsigned status, const http_headers& headers,
                                std::string_view content_type, body_framing framing,
                                std::size_t body_bytes, bool keep_alive, timestamp now) {
  std::string out;
  out.reserve(256);
  out.append("HTTP/1.1 ").append(std::to_string(status)).append(" ");
  out.append(reason_phrase(status)).append("\r\n");
  append_field(out, "Date", http_date(now));
  if (!content_type.empty() && framing != body_framing::none && !headers.get("content-type"))
    append_field(out, "Content-Type", content_type);
  for (const auto& [name, value] : headers.all())
    if (!is_framing_header(name)) append_field(out, name, value);
  if (framing == body_framing::content_length)
    append_field(out, "Content-Length", std::to_string(body_bytes));
  if (framing == body_framing::chunked) append_field(out, "Transfer-Encoding", "chunked");
  append_field(out, "Connection", keep_alive ? "keep-alive" : "close");
  out.append("\r\n");
  return out;
}

bool may_send_again(const failed_exchange& failed) noexcept {
  const bool safe = failed.method == http_method::get || failed.method == http_method::head;
  const bool broken = failed.code == errc::io || failed.code == errc::unavailable;
  return safe && broken && failed.reused_connection && !failed.answer_begun && failed.attempts == 1;
}

std::string problem_document(unsigned status, std::string_view detail) {
  std::string out = R"({"type":"about:blank","title":)";
  append_json_string(out, reason_phrase(status));
  out.append(R"(,"status":)").append(std::to_string(status)).append(R"(,"detail":)");
  append_json_string(out, detail);
  out.push_back('}');
  return out;
}

}  // namespace cornice::infra
