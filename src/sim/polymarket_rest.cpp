#include "cornice/sim/rest.hpp"
#include "cornice/venue/polymarket/clob.hpp"
#include "cornice/venue/polymarket/gamma.hpp"
#include "sim/board_replies.hpp"
#include "sim/polymarket_words.hpp"
#include "sim/rest_tools.hpp"

// After ws.hpp: its constants would shadow that header's enumerators.
#include "cornice/venue/polymarket/requests.hpp"

#include <algorithm>

namespace cornice::sim {
namespace {

namespace gamma = venue::polymarket::gamma;
namespace clob = venue::polymarket::clob;

constexpr std::size_t page_max = 100;
constexpr std::size_t page_standard = 20;

bool is_gamma(std::string_view path, const rest_request& r) {
  if (path.starts_with("/markets/0x")) return false;
  if (path == "/markets") return !r.param("next_cursor");
  return path.starts_with("/markets/") || path.starts_with("/events");
}

venue::polymarket::rate_limit limit_of(std::string_view path, const rest_request& r) {
  if (is_gamma(path, r))
    return path.starts_with("/events") ? venue::polymarket::gamma_events_limit
                                       : venue::polymarket::gamma_markets_limit;
  if (path == "/book" || path == "/price" || path == "/midpoint")
    return venue::polymarket::clob_single_limit;
  if (path == "/books" || path == "/prices" || path == "/midpoints")
    return venue::polymarket::clob_batch_limit;
  if (path == "/tick-size") return venue::polymarket::clob_tick_size_limit;
  if (path == "/prices-history") return venue::polymarket::clob_history_limit;
  if (path == "/ok") return venue::polymarket::clob_ok_limit;
  if (path == "/v2/trades") return venue::polymarket::data_trades_limit;
  if (path == "/v2/positions") return venue::polymarket::data_positions_limit;
  if (path.starts_with("/v2/")) return venue::polymarket::data_limit;
  if (path.starts_with("/api/")) return venue::polymarket::site_limit;
  return venue::polymarket::clob_limit;
}

// Above the maximum the venue clamps silently; below one it refuses.
std::optional<std::size_t> page_size(const rest_request& r) {
  const auto text = r.param("limit");
  if (!text) return page_standard;
  const auto n = whole_number(*text);
  if (!n || *n < 1) return std::nullopt;
  return std::min<std::size_t>(static_cast<std::size_t>(*n), page_max);
}

// Where a keyset page begins and how long it is, or why the venue refuses it.
struct keyset {
  std::size_t size = 0;
  std::size_t begin = 0;
  std::string refusal;
};

keyset keyset_of(const rest_request& r) {
  const auto size = page_size(r);
  if (!size) return {0, 0, "limit must be at least 1"};
  const auto cursor = r.param("after_cursor");
  const auto begin = cursor ? cursor_position(*cursor) : std::optional<std::size_t>{0};
  if (!begin) return {0, 0, "invalid cursor"};
  return {*size, *begin, {}};
}

bool holds(const std::vector<std::string>& wanted, const std::string& value) {
  return wanted.empty() || std::find(wanted.begin(), wanted.end(), value) != wanted.end();
}

bool over(const sim_listing& l) {
  return l.phase == listing_phase::determined || l.phase == listing_phase::settled;
}

}  // namespace

rest_reply polymarket_rest::handle(const rest_request& r, timestamp now) {
  const venue::polymarket::rate_limit limit = limit_of(r.path, r);
  rest_reply reply =
      budgets_.take(r.client + std::string{limit.name}, limit.requests, limit.window_s, 1, now)
          ? route(r)
          : polymarket_refusal(429, "Too Many Requests");
  count_reply(counters_, reply);
  return reply;
}

rest_reply polymarket_rest::route(const rest_request& r) {
  const std::string_view path = r.path;
  if (path == "/books")
    return r.post ? polymarket_books_reply(world_, books_, r)
                  : polymarket_refusal(405, "method not allowed");
  if (!r.get) return polymarket_refusal(405, "method not allowed");
  if (path == "/time") return {200, clob::encode_time(world_.now())};
  if (path == "/ok") return {200, "\"OK\""};
  if (path == "/version") return {200, clob::encode_version(2)};
  if (path == "/api/geoblock")
    return {200, clob::encode(clob::geoblock{false, "127.0.0.1", "", ""})};
  if (path == "/markets/keyset" || (path == "/markets" && is_gamma(path, r)))
    return gamma_markets(r);
  if (path == "/events/keyset" || path == "/events") return gamma_events(r);
  if (path == "/markets") return clob_markets(r);
  if (const auto id = behind(path, "/events/slug/")) return gamma_event(*id);
  if (const auto id = behind(path, "/events/")) return gamma_event(*id);
  if (const auto id = behind(path, "/markets/slug/")) return gamma_market(*id);
  if (const auto id = behind(path, "/clob-markets/")) {
    const auto at = world_.find(*id);
    if (!at || world_.at(*at).venue != venue_id::polymarket)
      return polymarket_refusal(404, "market not found");
    return {200, clob::encode(clob_info_words(world_, world_.at(*at)))};
  }
  if (const auto id = behind(path, "/markets-by-token/")) {
    const auto place = world_.find_token(*id);
    if (!place) return polymarket_refusal(404, "market not found");
    return {200, clob::encode_market_by_token(world_.at(place->listing).id)};
  }
  if (const auto id = behind(path, "/markets/")) {
    if (!id->starts_with("0x")) return gamma_market(*id);
    const auto at = world_.find(*id);
    if (!at) return polymarket_refusal(404, "market not found");
    return {200, clob::encode(clob_market_words(world_, world_.at(*at)))};
  }
  if (path == "/book" || path == "/price" || path == "/midpoint" || path == "/spread" ||
      path == "/last-trade-price" || path == "/tick-size" || path == "/neg-risk" ||
      path == "/fee-rate" || path == "/prices-history")
    return token_call(r, path);
  if (path.starts_with("/v2/")) return {200, R"({"data":[],"next_cursor":""})"};
  return polymarket_refusal(404, "not found");
}

rest_reply polymarket_rest::gamma_markets(const rest_request& r) const {
  const auto [size, begin, refusal] = keyset_of(r);
  if (!refusal.empty()) return polymarket_refusal(422, refusal);
  std::size_t at = begin;
  const bool closed = r.param("closed") == "true";
  const auto ids = r.params("id");
  const auto slugs = r.params("slug");
  const auto conditions = r.params("condition_ids");
  const auto tokens = r.params("clob_token_ids");
  if (conditions.size() > 100) return polymarket_refusal(422, "at most 100 condition_ids");
  std::vector<gamma::market> rows;
  std::string next;
  const auto& all = world_.listings();
  for (; at < all.size(); ++at) {
    const sim_listing& l = all[at];
    if (l.venue != venue_id::polymarket || over(l) != closed || !holds(ids, l.gamma_id) ||
        !holds(slugs, l.slug) || !holds(conditions, l.id) ||
        !(holds(tokens, l.tokens[0]) || holds(tokens, l.tokens[1])))
      continue;
    if (rows.size() == size) {
      next = cursor_text(at);
      break;
    }
    rows.push_back(gamma_words(world_, l));
  }
  return {200, gamma::encode_markets_page(rows, next)};
}

rest_reply polymarket_rest::gamma_events(const rest_request& r) const {
  const auto [size, begin, refusal] = keyset_of(r);
  if (!refusal.empty()) return polymarket_refusal(422, refusal);
  std::size_t at = begin;
  const bool closed = r.param("closed") == "true";
  const bool with_markets = r.param("include_markets") != "false";
  const auto ids = r.params("id");
  const auto slugs = r.params("slug");
  std::vector<gamma::event> rows;
  std::string next;
  const auto& groups = world_.rules().groups;
  for (; at < groups.size(); ++at) {
    gamma::event e;
    bool any = false;
    for (const sim_listing& l : world_.listings()) {
      if (l.venue != venue_id::polymarket || world_.question_of(l).group != at) continue;
      any = any || over(l) == closed;
      if (with_markets) e.markets.push_back(gamma_words(world_, l));
    }
    if (!any) continue;
    e.info = gamma_event_record(world_, at);
    e.info.closed = closed;
    if (!holds(ids, e.info.id) || !holds(slugs, e.info.slug)) continue;
    if (rows.size() == size) {
      next = cursor_text(at);
      break;
    }
    for (gamma::market& m : e.markets) m.events.clear();
    rows.push_back(std::move(e));
  }
  return {200, gamma::encode_events_page(rows, next)};
}

rest_reply polymarket_rest::gamma_market(std::string_view id) const {
  for (const sim_listing& l : world_.listings())
    if (l.venue == venue_id::polymarket && (l.gamma_id == id || l.slug == id))
      return {200, gamma::encode(gamma_words(world_, l))};
  return polymarket_refusal(404, "market not found");
}

rest_reply polymarket_rest::gamma_event(std::string_view id) const {
  for (std::size_t g = 0; g < world_.rules().groups.size(); ++g) {
    const gamma::event_info info = gamma_event_record(world_, g);
    if (info.id != id && info.slug != id) continue;
    gamma::event e{info, {}};
    for (const sim_listing& l : world_.listings())
      if (l.venue == venue_id::polymarket && world_.question_of(l).group == g)
        e.markets.push_back(gamma_words(world_, l));
    if (!e.markets.empty()) return {200, gamma::encode(e)};
  }
  return polymarket_refusal(404, "event not found");
}

rest_reply polymarket_rest::clob_markets(const rest_request& r) const {
  constexpr std::size_t rows_max = 500;
  const std::string_view cursor = r.param("next_cursor").value_or(clob::first_cursor);
  std::size_t at = 0;
  if (cursor != clob::first_cursor && !cursor.empty()) {
    const auto position = cursor_position(cursor);
    if (!position) return polymarket_refusal(400, "invalid next_cursor");
    at = *position;
  }
  clob::markets_page page;
  page.next_cursor = clob::end_cursor;
  page.limit = static_cast<std::int64_t>(rows_max);
  for (; at < world_.listings().size(); ++at) {
    if (world_.at(at).venue != venue_id::polymarket) continue;
    if (page.rows.size() == rows_max) {
      page.next_cursor = cursor_text(at);
      break;
    }
    page.rows.push_back(clob_market_words(world_, world_.at(at)));
  }
  page.count = static_cast<std::int64_t>(page.rows.size());
  return {200, clob::encode(page)};
}

rest_reply polymarket_rest::token_call(const rest_request& r, std::string_view what) {
  const auto token = r.param(what == "/prices-history" ? "market" : "token_id");
  if (!token || token->empty() ||
      !std::all_of(token->begin(), token->end(), [](char c) { return c >= '0' && c <= '9'; }))
    return polymarket_refusal(400, "Invalid token id");
  const auto place = world_.find_token(*token);
  if (!place) return polymarket_refusal(404, "No orderbook exists for the requested token id");
  const sim_listing& l = world_.at(place->listing);
  const bool yes = place->side == outcome::yes;
  if (what == "/tick-size") return {200, clob::encode_tick_size(l.grid.finest_step_micros())};
  if (what == "/neg-risk")
    return {200, clob::encode_neg_risk(world_.group_of(l).kind == group_kind::exclusive)};
  if (what == "/fee-rate") return {200, clob::encode_fee_rate(1000)};
  if (what == "/prices-history") return {200, clob::encode_prices_history({})};
  if (what == "/last-trade-price") {
    clob::last_trade_price last;
    if (l.last_price) {
      last.p = yes ? *l.last_price : l.last_price->complement();
      last.side =
          (l.trades.back().taker == outcome::yes) == yes ? order_side::buy : order_side::sell;
    }
    return {200, clob::encode(last)};
  }
  if (over(l)) return polymarket_refusal(404, "No orderbook exists for the requested token id");
  if (what == "/book") return {200, clob::encode(books_.book_of(l, place->side))};
  const order_book book = yes ? l.book : l.book.complement();
  const auto bid = book.best(book_side::bid);
  const auto ask = book.best(book_side::ask);
  if (what == "/price") {
    const auto side = r.param("side");
    if (side != "BUY" && side != "SELL") return polymarket_refusal(400, "Invalid side");
    const auto best = side == "BUY" ? bid : ask;
    return best ? rest_reply{200, clob::encode_price(best->p)}
                : polymarket_refusal(404, "No orderbook exists for the requested token id");
  }
  if (!bid || !ask)
    return polymarket_refusal(404, "No orderbook exists for the requested token id");
  const std::int64_t low = bid->p.micros();
  const std::int64_t high = ask->p.micros();
  return what == "/spread"
             ? rest_reply{200, clob::encode_spread(price::of_micros(high - low))}
             : rest_reply{200, clob::encode_midpoint(price::of_micros((low + high) / 2))};
}

}  // namespace cornice::sim
