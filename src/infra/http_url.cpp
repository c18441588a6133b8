#include "cornice/infra/http.hpp"
#include "infra/http_rules.hpp"

#include <algorithm>
#include <charconv>

namespace cornice::infra {

namespace {

constexpr std::size_t url_bytes_max = 8192;

error wrong(std::string_view what) {
  return {errc::malformed, "URL: " + std::string{what}};
}

std::uint16_t default_port(std::string_view scheme) noexcept {
  return scheme == "https" || scheme == "wss" ? std::uint16_t{443} : std::uint16_t{80};
}

bool is_host_char(char c) noexcept {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || c == '-' || c == '.' || c == '_';
}

bool is_ipv6_char(char c) noexcept {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || c == ':' || c == '.';
}

result<std::uint16_t> parse_port(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (failure != std::errc{} || end != text.data() + text.size() || port == 0)
    return wrong("the port must be a number from 1 to 65535");
  return port;
}

result<std::string> parse_host(std::string_view text, bool bracketed) {
  if (text.empty()) return wrong("the host is missing");
  if (text.size() > 253) return wrong("the host is longer than 253 bytes");
  auto host = lower_case(text);
  for (const char c : host)
    if (bracketed ? !is_ipv6_char(c) : !is_host_char(c))
      return wrong("the host contains a character that no host name has");
  if (bracketed && host.find(':') == std::string::npos)
    return wrong("brackets are for IPv6 addresses only");
  return host;
}

}  // namespace

result<url> url::parse(std::string_view text) {
  if (text.size() > url_bytes_max) return wrong("longer than 8192 bytes");
  for (const char c : text)
    if (c <= 0x20 || c >= 0x7f) return wrong("contains a space, a control character or non-ASCII");
  if (text.find('#') != std::string_view::npos) return wrong("a fragment is not allowed");

  const auto colon = text.find("://");
  if (colon == std::string_view::npos) return wrong("must begin with a scheme and '://'");
  url out;
  out.scheme = lower_case(text.substr(0, colon));
  if (out.scheme != "http" && out.scheme != "https" && out.scheme != "ws" && out.scheme != "wss")
    return wrong("the scheme must be http, https, ws or wss");

  text.remove_prefix(colon + 3);
  const auto authority_end = std::min(text.find_first_of("/?"), text.size());
  auto authority = text.substr(0, authority_end);
  const auto target = text.substr(authority_end);
  if (authority.find('@') != std::string_view::npos) return wrong("user info is not allowed");

  const bool bracketed = !authority.empty() && authority.front() == '[';
  std::string_view host = authority;
  std::string_view after;
  if (bracketed) {
    const auto close = authority.find(']');
    if (close == std::string_view::npos) return wrong("']' is missing after the IPv6 address");
    host = authority.substr(1, close - 1);
    after = authority.substr(close + 1);
  } else if (const auto port_at = authority.find(':'); port_at != std::string_view::npos) {
    host = authority.substr(0, port_at);
    after = authority.substr(port_at);
  }
  CORNICE_TRY(parsed_host, parse_host(host, bracketed));
  out.host = std::move(parsed_host);
  out.port = default_port(out.scheme);
  if (!after.empty()) {
    if (after.front() != ':') return wrong("only a port may follow the IPv6 address");
    CORNICE_TRY(port, parse_port(after.substr(1)));
    out.port = port;
  }
  out.target = target.empty() || target.front() == '?' ? "/" + std::string{target} : target;
  return out;
}

std::string url::authority() const {
  auto text = host.find(':') == std::string::npos ? host : "[" + host + "]";
  if (port != default_port(scheme)) text += ":" + std::to_string(port);
  return text;
}

std::string url::origin() const {
  return scheme + "://" + authority();
}

}  // namespace cornice::infra
