#include "infra/postgres_conninfo.hpp"

namespace cornice::infra {

namespace {

constexpr bool is_space(char c) noexcept {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

bool is_uri(std::string_view text) noexcept {
  return text.starts_with("postgresql://") || text.starts_with("postgres://");
}

bool uri_names(std::string_view uri, std::string_view name) noexcept {
  std::size_t at = uri.find('?');
  while (at != std::string_view::npos) {
    const auto rest = uri.substr(at + 1);
    if (rest.starts_with(name) && rest.substr(name.size()).starts_with('=')) return true;
    at = uri.find('&', at + 1);
  }
  return false;
}

/// Skips a value: up to white space, or up to the closing quote. A backslash escapes one character
/// in both forms.
std::size_t skip_value(std::string_view text, std::size_t at) noexcept {
  const bool quoted = at < text.size() && text[at] == '\'';
  if (quoted) ++at;
  while (at < text.size()) {
    if (text[at] == '\\') {
      at += 2;
      continue;
    }
    if (quoted ? text[at] == '\'' : is_space(text[at])) return at + 1;
    ++at;
  }
  return text.size();
}

bool pairs_name(std::string_view text, std::string_view name) noexcept {
  std::size_t at = 0;
  while (at < text.size()) {
    if (is_space(text[at])) {
      ++at;
      continue;
    }
    const auto equals = text.find('=', at);
    if (equals == std::string_view::npos) return false;
    auto key = text.substr(at, equals - at);
    while (!key.empty() && is_space(key.back())) key.remove_suffix(1);
    if (key == name) return true;
    at = equals + 1;
    while (at < text.size() && is_space(text[at])) ++at;
    at = skip_value(text, at);
  }
  return false;
}

std::string percent_encoded(std::string_view value) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string out;
  for (char c : value) {
    const bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                       c == '-' || c == '_' || c == '.' || c == '~';
    if (plain) {
      out += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    out += '%';
    out += digits[byte >> 4U];
    out += digits[byte & 15U];
  }
  return out;
}

std::string quoted(std::string_view value) {
  std::string out = "'";
  for (char c : value) {
    if (c == '\'' || c == '\\') out += '\\';
    out += c;
  }
  return out += '\'';
}

}  // namespace

std::string with_default_setting(std::string conninfo, std::string_view name,
                                 std::string_view value) {
  if (is_uri(conninfo)) {
    if (uri_names(conninfo, name)) return conninfo;
    conninfo += conninfo.find('?') == std::string::npos ? '?' : '&';
    return conninfo.append(name).append("=").append(percent_encoded(value));
  }
  if (pairs_name(conninfo, name)) return conninfo;
  return conninfo.append(" ").append(name).append("=").append(quoted(value));
}

}  // namespace cornice::infra
