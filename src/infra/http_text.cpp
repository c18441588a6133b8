#include "cornice/infra/http.hpp"
#include "infra/http_rules.hpp"

#include <algorithm>

namespace cornice::infra {

namespace {

constexpr std::size_t query_pairs_max = 64;

constexpr int hex_value(char c) noexcept {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

constexpr bool is_unreserved(char c) noexcept {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' ||
         c == '.' || c == '_' || c == '~';
}

}  // namespace

std::string_view to_string(http_method m) noexcept {
  switch (m) {
    case http_method::get:
      return "GET";
    case http_method::head:
      return "HEAD";
    case http_method::post:
      return "POST";
    case http_method::put:
      return "PUT";
    case http_method::patch:
      return "PATCH";
    case http_method::del:
      return "DELETE";
    case http_method::options:
      return "OPTIONS";
    case http_method::other:
      break;
  }
  return "OTHER";
}

void http_headers::set(std::string_view name, std::string value) {
  const auto same = [name](const auto& field) { return equal_ignoring_case(field.first, name); };
  const auto first = std::find_if(fields_.begin(), fields_.end(), same);
  if (first == fields_.end()) {
    fields_.emplace_back(std::string{name}, std::move(value));
    return;
  }
  first->second = std::move(value);
  fields_.erase(std::remove_if(std::next(first), fields_.end(), same), fields_.end());
}

std::optional<std::string_view> http_headers::get(std::string_view name) const noexcept {
  for (const auto& [key, value] : fields_)
    if (equal_ignoring_case(key, name)) return std::string_view{value};
  return std::nullopt;
}

std::string percent_encode(std::string_view text) {
  constexpr char digits[] = "0123456789ABCDEF";
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    if (is_unreserved(c)) {
      out.push_back(c);
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    out.push_back('%');
    out.push_back(digits[byte >> 4]);
    out.push_back(digits[byte & 0x0f]);
  }
  return out;
}

result<std::string> percent_decode(std::string_view text, bool plus_is_space) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+' && plus_is_space) {
      out.push_back(' ');
    } else if (text[i] != '%') {
      out.push_back(text[i]);
    } else {
      const int high = i + 1 < text.size() ? hex_value(text[i + 1]) : -1;
      const int low = i + 2 < text.size() ? hex_value(text[i + 2]) : -1;
      if (high < 0 || low < 0)
        return error{errc::malformed, "percent encoding at byte " + std::to_string(i) +
                                          " is not '%' and two hexadecimal digits"};
      out.push_back(static_cast<char>(high * 16 + low));
      i += 2;
    }
  }
  return out;
}

result<std::vector<std::pair<std::string, std::string>>> parse_query(std::string_view query) {
  std::vector<std::pair<std::string, std::string>> pairs;
  while (!query.empty()) {
    const auto end = std::min(query.find('&'), query.size());
    const auto piece = query.substr(0, end);
    query.remove_prefix(std::min(end + 1, query.size()));
    if (piece.empty()) continue;
    if (pairs.size() == query_pairs_max)
      return error{errc::out_of_range,
                   "query has more than " + std::to_string(query_pairs_max) + " parameters"};
    const auto equals = std::min(piece.find('='), piece.size());
    CORNICE_TRY(key, percent_decode(piece.substr(0, equals), true));
    CORNICE_TRY(value, percent_decode(piece.substr(std::min(equals + 1, piece.size())), true));
    pairs.emplace_back(std::move(key), std::move(value));
  }
  return pairs;
}

}  // namespace cornice::infra
