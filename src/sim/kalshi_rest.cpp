#include "cornice/sim/rest.hpp"
#include "cornice/venue/kalshi/requests.hpp"
#include "cornice/venue/kalshi/rest.hpp"
#include "sim/board_replies.hpp"
#include "sim/kalshi_words.hpp"
#include "sim/rest_tools.hpp"

#include <algorithm>
#include <set>

namespace cornice::sim {
namespace {

namespace kalshi = venue::kalshi;

std::optional<std::int64_t> limit_of(const rest_request& r, std::int64_t standard, std::int64_t low,
                                     std::int64_t high) {
  const auto text = r.param("limit");
  if (!text) return standard;
  const auto n = whole_number(*text);
  if (!n || *n < low || *n > high) return std::nullopt;
  return *n == 0 ? standard : n;
}

// A cursor that is none silently starts at the beginning, as the venue does.
std::size_t start_of(const rest_request& r) {
  return cursor_position(r.param("cursor").value_or("")).value_or(0);
}

std::set<std::string, std::less<>> csv(std::string_view text) {
  std::set<std::string, std::less<>> out;
  while (!text.empty()) {
    const std::size_t comma = text.find(',');
    out.emplace(text.substr(0, comma));
    text.remove_prefix(comma == std::string_view::npos ? text.size() : comma + 1);
  }
  return out;
}

bool has_status(listing_phase p, std::string_view filter) {
  if (filter == "open") return p == listing_phase::open;
  if (filter == "paused") return p == listing_phase::paused;
  if (filter == "closed") return p == listing_phase::closed || p == listing_phase::determined;
  if (filter == "settled") return p == listing_phase::settled;
  return false;
}

bool known_status(std::string_view s) {
  return s == "unopened" || s == "open" || s == "paused" || s == "closed" || s == "settled";
}

}  // namespace

rest_reply kalshi_rest::handle(const rest_request& r, timestamp now) {
  rest_reply reply;
  if (!budgets_.take(r.client, 600, 3, 10, now))
    reply = kalshi_refusal(429, kalshi::api_error::body_shape::text, "", "too many requests");
  else if (!r.get)
    reply = kalshi_refusal(405, kalshi::api_error::body_shape::flat, "method_not_allowed",
                           "method not allowed");
  else
    reply = route(r);
  count_reply(counters_, reply);
  return reply;
}

rest_reply kalshi_rest::route(const rest_request& r) {
  std::string_view path = r.path;
  // The last occurrence: a base URL may or may not repeat the prefix.
  const std::size_t base = path.rfind(kalshi::rest_base);
  if (base == std::string_view::npos) return kalshi_not_found("page");
  path.remove_prefix(base + kalshi::rest_base.size());
  if (path == "/exchange/status") {
    kalshi::exchange_status s{true, true, true, std::nullopt, {}};
    s.exchange_index_statuses.push_back({0, "default", true, true, true});
    return {200, kalshi::encode_exchange_status(s)};
  }
  if (path == "/exchange/schedule") {
    kalshi::weekly_schedule week;
    week.start_time = world_.start() - std::chrono::days{365};
    week.end_time = world_.start() + std::chrono::days{365};
    week.monday = week.tuesday = week.wednesday = week.thursday = week.friday = week.saturday =
        week.sunday = {kalshi::trading_session{}};
    kalshi::exchange_schedule s;
    s.standard_hours.push_back(std::move(week));
    return {200, kalshi::encode_exchange_schedule(s)};
  }
  if (path == "/account/endpoint_costs") return {200, kalshi::encode_endpoint_costs({})};
  if (path == "/account/limits") {
    if (!r.signed_request)
      return kalshi_refusal(401, kalshi::api_error::body_shape::nested, "authentication_error",
                            "token authentication failure");
    return {200, kalshi::encode_account_limits({"basic", {200, 600}, {100, 100}, {}})};
  }
  if (path == "/series/fee_changes") return {200, kalshi::encode_series_fee_changes({})};
  if (path == "/events/fee_changes") return {200, kalshi::encode_event_fee_changes({})};
  if (path == "/series") return series({});
  if (path == "/markets/orderbooks") return kalshi_orderbooks(world_, r);
  if (path == "/markets/trades") return trades(r);
  if (path == "/markets") return markets(r);
  if (path == "/events") return events(r);
  if (path == "/events/multivariate") return {200, kalshi::encode_event_page({})};
  if (const auto t = behind(path, "/series/")) return series(*t);
  if (const auto t = behind(path, "/events/")) return event(r, *t);
  if (const auto t = behind(path, "/markets/")) {
    if (t->ends_with("/orderbook"))
      return kalshi_orderbook(world_, r,
                              t->substr(0, t->size() - std::string_view{"/orderbook"}.size()));
    const auto at = world_.find(*t);
    if (!at || world_.at(*at).venue != venue_id::kalshi) return kalshi_not_found("market");
    return {200, kalshi::encode_market(market_words(world_, world_.at(*at)))};
  }
  return kalshi_not_found("page");
}

rest_reply kalshi_rest::markets(const rest_request& r) const {
  const auto limit = limit_of(r, 100, 0, 1'000);
  if (!limit) return kalshi_invalid_parameter("limit", "must be from 0 to 1000");
  const auto status = r.param("status");
  if (status && !status->empty() && !known_status(*status))
    return kalshi_invalid_parameter("status", "must be unopened, open, paused, closed or settled");
  const auto event = r.param("event_ticker");
  const auto series = r.param("series_ticker");
  const auto tickers = csv(r.param("tickers").value_or(""));
  if (r.param("mve_filter") == "only") return {200, kalshi::encode_market_page({})};
  kalshi::market_page page;
  const auto& all = world_.listings();
  for (std::size_t i = start_of(r); i < all.size(); ++i) {
    const sim_listing& l = all[i];
    const group& g = world_.group_of(l);
    if (l.venue != venue_id::kalshi || (event && !event->empty() && g.kalshi_event != *event) ||
        (series && !series->empty() && g.kalshi_series != *series) ||
        (!tickers.empty() && !tickers.contains(l.id)) ||
        (status && !status->empty() && !has_status(l.phase, *status)))
      continue;
    if (page.markets.size() == static_cast<std::size_t>(*limit)) {
      page.cursor = cursor_text(i);
      break;
    }
    page.markets.push_back(market_words(world_, l));
  }
  return {200, kalshi::encode_market_page(page)};
}

rest_reply kalshi_rest::events(const rest_request& r) const {
  const auto limit = limit_of(r, 200, 1, 200);
  if (!limit) return kalshi_invalid_parameter("limit", "must be from 1 to 200");
  const auto status = r.param("status");
  if (status && !status->empty() && (!known_status(*status) || *status == "paused"))
    return kalshi_invalid_parameter("status", "must be unopened, open, closed or settled");
  const auto series = r.param("series_ticker");
  const bool nested = r.param("with_nested_markets") == "true";
  kalshi::event_page page;
  const auto& groups = world_.rules().groups;
  for (std::size_t i = start_of(r); i < groups.size(); ++i) {
    const group& g = groups[i];
    if (g.kalshi_event.empty() || (series && !series->empty() && g.kalshi_series != *series))
      continue;
    kalshi::event e = event_record(g);
    bool matches = false;
    for (const sim_listing& l : world_.listings()) {
      if (l.venue != venue_id::kalshi || world_.question_of(l).group != i) continue;
      matches = matches || !status || status->empty() || has_status(l.phase, *status);
      if (nested) e.markets.push_back(market_words(world_, l));
    }
    if (!matches) continue;
    if (page.events.size() == static_cast<std::size_t>(*limit)) {
      page.cursor = cursor_text(i);
      break;
    }
    page.events.push_back(std::move(e));
  }
  return {200, kalshi::encode_event_page(page)};
}

rest_reply kalshi_rest::event(const rest_request&, std::string_view ticker) const {
  const auto& groups = world_.rules().groups;
  for (std::size_t i = 0; i < groups.size(); ++i) {
    if (groups[i].kalshi_event != ticker) continue;
    kalshi::event e = event_record(groups[i]);
    for (const sim_listing& l : world_.listings())
      if (l.venue == venue_id::kalshi && world_.question_of(l).group == i)
        e.markets.push_back(market_words(world_, l));
    if (!e.markets.empty()) return {200, kalshi::encode_event(e)};
  }
  return kalshi_not_found("event");
}

rest_reply kalshi_rest::series(std::string_view ticker) const {
  kalshi::series_list list;
  std::set<std::string> seen;
  for (const group& g : world_.rules().groups) {
    if (g.kalshi_series.empty() || !seen.insert(g.kalshi_series).second) continue;
    if (g.kalshi_series == ticker) return {200, kalshi::encode_series(series_record(g))};
    list.series.push_back(series_record(g));
  }
  if (!ticker.empty()) return kalshi_not_found("series");
  return {200, kalshi::encode_series_list(list)};
}

rest_reply kalshi_rest::trades(const rest_request& r) const {
  const auto limit = limit_of(r, 100, 0, 1'000);
  if (!limit) return kalshi_invalid_parameter("limit", "must be from 0 to 1000");
  const auto ticker = r.param("ticker").value_or("");
  const auto from = whole_number(r.param("min_ts").value_or("0"));
  const auto until = whole_number(r.param("max_ts").value_or("99999999999"));
  if (!from || !until) return kalshi_invalid_parameter("min_ts", "must be Unix seconds");
  std::vector<kalshi::trade> all;
  for (const sim_listing& l : world_.listings()) {
    if (l.venue != venue_id::kalshi || (!ticker.empty() && l.id != ticker)) continue;
    for (const trade_record& t : l.trades) {
      if (unix_ms(t.when) < *from * 1'000 || unix_ms(t.when) > *until * 1'000) continue;
      kalshi::trade out;
      out.trade_id = t.id;
      out.ticker = l.id;
      out.count_fp = t.size;
      out.yes_price_dollars = t.yes_price;
      out.no_price_dollars = t.yes_price.complement();
      out.taker_outcome_side = out.taker_side = t.taker;
      out.taker_book_side = t.taker == outcome::yes ? book_side::bid : book_side::ask;
      out.created_time = t.when;
      all.push_back(std::move(out));
    }
  }
  std::stable_sort(all.begin(), all.end(), [](const kalshi::trade& a, const kalshi::trade& b) {
    return a.created_time > b.created_time;
  });
  const std::size_t begin = std::min(start_of(r), all.size());
  const std::size_t end = std::min(begin + static_cast<std::size_t>(*limit), all.size());
  kalshi::trade_page page;
  page.trades.assign(all.begin() + static_cast<std::ptrdiff_t>(begin),
                     all.begin() + static_cast<std::ptrdiff_t>(end));
  if (end < all.size()) page.cursor = cursor_text(end);
  return {200, kalshi::encode_trade_page(page)};
}

}  // namespace cornice::sim
