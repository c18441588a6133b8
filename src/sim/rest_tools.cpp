#include "sim/rest_tools.hpp"

#include "cornice/infra/http.hpp"

#include <charconv>

namespace cornice::sim {
namespace {

constexpr std::uint64_t mask = 0x5b1e7c93a4d20f68u;

}  // namespace

std::optional<std::string_view> rest_request::param(std::string_view name) const {
  for (const auto& [key, value] : query)
    if (key == name) return value;
  return std::nullopt;
}

std::vector<std::string> rest_request::params(std::string_view name) const {
  std::vector<std::string> out;
  for (const auto& [key, value] : query)
    if (key == name) out.push_back(value);
  return out;
}

std::string cursor_text(std::size_t position) {
  std::uint64_t bits = position ^ mask;
  std::string out;
  for (int i = 0; i < 16; ++i, bits >>= 4) out += static_cast<char>('a' + (bits & 0xf));
  return out;
}

std::optional<std::size_t> cursor_position(std::string_view text) {
  if (text.size() != 16) return std::nullopt;
  std::uint64_t bits = 0;
  for (std::size_t i = 16; i-- > 0;) {
    if (text[i] < 'a' || text[i] > 'p') return std::nullopt;
    bits = (bits << 4) | static_cast<std::uint64_t>(text[i] - 'a');
  }
  const std::uint64_t position = bits ^ mask;
  if (position > 1'000'000) return std::nullopt;
  return position;
}

std::optional<std::int64_t> whole_number(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (code != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<std::vector<std::pair<std::string, std::string>>> parse_long_query(
    std::string_view query) {
  constexpr std::size_t pairs_max = 1'024;
  std::vector<std::pair<std::string, std::string>> out;
  while (!query.empty()) {
    const std::size_t end = query.find('&');
    const std::string_view pair = query.substr(0, end);
    query.remove_prefix(end == std::string_view::npos ? query.size() : end + 1);
    if (pair.empty()) continue;
    const std::size_t equals = pair.find('=');
    auto name = infra::percent_decode(pair.substr(0, equals), true);
    auto value = infra::percent_decode(
        equals == std::string_view::npos ? std::string_view{} : pair.substr(equals + 1), true);
    if (!name || !value || out.size() == pairs_max) return std::nullopt;
    out.emplace_back(std::move(*name), std::move(*value));
  }
  return out;
}

void count_reply(rest_counters& c, const rest_reply& r) {
  ++c.requests;
  if (r.status == 400 || r.status == 405 || r.status == 422) ++c.malformed;
  if (r.status == 404) ++c.unknown;
  if (r.status == 429) ++c.budget_violations;
}

std::optional<std::string_view> behind(std::string_view path, std::string_view prefix) {
  if (!path.starts_with(prefix) || path.size() == prefix.size()) return std::nullopt;
  return path.substr(prefix.size());
}

}  // namespace cornice::sim
