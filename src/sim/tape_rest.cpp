#include "cornice/sim/tape_rest.hpp"

#include "cornice/infra/http.hpp"
#include "cornice/venue/kalshi/requests.hpp"
#include "cornice/venue/polymarket/clob.hpp"
#include "sim/board_replies.hpp"
#include "sim/rest_tools.hpp"

#include <algorithm>
#include <set>

namespace cornice::sim {
namespace {

using parameters = std::vector<std::pair<std::string, std::string>>;

std::string key_of(venue_id v, std::string_view path, parameters query) {
  std::sort(query.begin(), query.end());
  std::string out{to_string(v)};
  out.append(" ").append(path);
  for (const auto& [name, value] : query) out.append("\n").append(name).append("=").append(value);
  return out;
}

struct target_parts {
  std::string path;
  parameters query;
};

std::optional<target_parts> parts_of(std::string_view target) {
  const std::size_t mark = target.find('?');
  const auto path = infra::percent_decode(target.substr(0, mark), false);
  auto query = parse_long_query(mark == std::string_view::npos ? std::string_view{}
                                                               : target.substr(mark + 1));
  if (!path || !query) return std::nullopt;
  return target_parts{*path, std::move(*query)};
}

std::string cursor_asked(const parameters& query) {
  for (const auto& [name, value] : query)
    if (name == "cursor" || name == "after_cursor" || name == "next_cursor") return value;
  return {};
}

// Where a page says that the list goes on; empty at its end.
std::string_view cursor_told(std::string_view body) {
  for (const std::string_view name : {R"("next_cursor":")", R"("cursor":")"}) {
    const std::size_t at = body.rfind(name);
    if (at == std::string_view::npos) continue;
    const std::string_view rest = body.substr(at + name.size());
    const std::string_view told = rest.substr(0, rest.find('"'));
    return told == venue::polymarket::clob::end_cursor ? std::string_view{} : told;
  }
  return {};
}

std::string target_text(const rest_request& r) {
  std::string out = r.path;
  for (std::size_t i = 0; i < r.query.size(); ++i)
    out.append(i == 0 ? "?" : "&").append(r.query[i].first).append("=").append(r.query[i].second);
  return out.substr(0, 512);
}

}  // namespace

tape_rest::tape_rest(const tape_world& w, polymarket_books& books) : world_{w}, books_{books} {
  const auto& records = w.recording().records;
  std::set<std::string, std::less<>> led_to_an_end;  // cursors, venue first
  std::map<std::string, std::vector<std::size_t>> cut_short;
  for (std::size_t i = records.size(); i-- > 0;) {
    const venue::tape::record& r = records[i];
    if (r.kind != venue::tape::record_kind::rest) continue;
    auto parts = parts_of(r.target);
    if (!parts) continue;
    const std::string venue{to_string(r.venue)};
    const std::string_view told = cursor_told(r.bytes);
    const bool whole = told.empty() || led_to_an_end.contains(venue + std::string{told});
    if (const std::string asked = cursor_asked(parts->query); whole && !asked.empty())
      led_to_an_end.insert(venue + asked);
    (whole ? answers_ : cut_short)[key_of(r.venue, parts->path, std::move(parts->query))].push_back(
        i);
  }
  for (auto& [key, pages] : cut_short) answers_.try_emplace(key, std::move(pages));
  for (auto& [key, list] : answers_) std::reverse(list.begin(), list.end());
}

const venue::tape::record* tape_rest::answer(venue_id v, const rest_request& r) const {
  const auto known = answers_.find(key_of(v, r.path, r.query));
  if (known == answers_.end()) return nullptr;
  const timestamp now = world_.clock().on_tape(world_.now());
  const std::vector<std::size_t>& list = known->second;
  const auto later = std::partition_point(
      list.begin(), list.end(), [&](std::size_t i) { return world_.tape_time(i) <= now; });
  return &world_.recording().records[later == list.begin() ? *later : *std::prev(later)];
}

rest_reply tape_rest::kalshi(const rest_request& r) {
  rest_reply reply = kalshi_answer(r);
  count_reply(kalshi_counters_, reply);
  return reply;
}

rest_reply tape_rest::polymarket(const rest_request& r) {
  rest_reply reply = polymarket_answer(r);
  count_reply(polymarket_counters_, reply);
  return reply;
}

rest_reply tape_rest::kalshi_answer(const rest_request& r) const {
  if (!r.get)
    return kalshi_refusal(405, venue::kalshi::api_error::body_shape::nested, "method_not_allowed",
                          "a tape answers GET requests only");
  const auto path = behind(r.path, venue::kalshi::rest_base).value_or("");
  if (path == "/markets/orderbooks") {
    rest_request known = r;
    std::erase_if(known.query,
                  [&](const auto& p) { return p.first == "tickers" && !world_.find(p.second); });
    if (!known.params("tickers").empty()) return kalshi_orderbooks(world_, known);
  }
  if (const auto t = behind(path, "/markets/"); t && t->ends_with("/orderbook")) {
    const std::string_view ticker = t->substr(0, t->size() - std::string_view{"/orderbook"}.size());
    if (world_.find(ticker)) return kalshi_orderbook(world_, r, ticker);
  }
  if (const auto* found = answer(venue_id::kalshi, r))
    return {200, world_.clock().served_document(found->bytes)};
  return kalshi_refusal(404, venue::kalshi::api_error::body_shape::nested, "not_recorded",
                        "the tape holds no answer to " + target_text(r));
}

rest_reply tape_rest::polymarket_answer(const rest_request& r) {
  if (r.path == "/books" && r.post) return polymarket_books_reply(world_, books_, r);
  if (!r.get) return polymarket_refusal(405, "a tape answers GET requests, and POST /books, only");
  if (r.path == "/book")
    if (const auto place = world_.find_token(r.param("token_id").value_or("")))
      return {200, venue::polymarket::clob::encode(
                       books_.book_of(world_.at(place->listing), place->side))};
  if (const auto* found = answer(venue_id::polymarket, r))
    return {200, world_.clock().served_document(found->bytes)};
  return polymarket_refusal(404, "the tape holds no answer to " + target_text(r));
}

}  // namespace cornice::sim
