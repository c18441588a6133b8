#include "cornice/venue/kalshi/requests.hpp"

namespace cornice::venue::kalshi {
namespace {

constexpr std::size_t max_batch = 100;
constexpr std::int64_t max_fee_changes = 1'000;
constexpr std::int64_t max_depth = 100;

// RFC 3986 unreserved characters stay, everything else is percent-encoded.
void append_encoded(std::string& out, std::string_view text) {
  constexpr std::string_view hex = "0123456789ABCDEF";
  for (const char c : text) {
    const bool unreserved = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                            (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' || c == '~';
    const auto byte = static_cast<unsigned char>(c);
    if (unreserved) {
      out += c;
    } else {
      out += '%';
      out += hex[byte >> 4];
      out += hex[byte & 15];
    }
  }
}

class builder {
 public:
  explicit builder(std::string_view path) : path_{std::string{rest_base}.append(path)} {}

  builder& segment(std::string_view text) {
    path_ += '/';
    append_encoded(path_, text);
    return *this;
  }
  builder& tail(std::string_view text) {
    path_ += text;
    return *this;
  }
  builder& set(std::string_view key, std::string_view value) {
    if (!query_.empty()) query_ += '&';
    query_ += key;
    query_ += '=';
    append_encoded(query_, value);
    return *this;
  }
  builder& set(std::string_view key, std::int64_t value) { return set(key, std::to_string(value)); }
  builder& flag(std::string_view key, bool value) { return value ? set(key, "true") : *this; }
  builder& maybe(std::string_view key, std::string_view value) {
    return value.empty() ? *this : set(key, value);
  }
  builder& maybe(std::string_view key, std::optional<std::int64_t> value) {
    return value ? set(key, *value) : *this;
  }
  [[nodiscard]] rest_request done() { return {std::move(path_), std::move(query_)}; }

 private:
  std::string path_;
  std::string query_;
};

std::optional<error> outside(std::string_view name, std::int64_t value, std::int64_t low,
                             std::int64_t high) {
  if (value >= low && value <= high) return std::nullopt;
  return error{errc::invalid_argument, std::string{name} + " is " + std::to_string(value) +
                                           ", the venue takes " + std::to_string(low) + " to " +
                                           std::to_string(high)};
}

std::string joined(std::span<const std::string> parts) {
  std::string out;
  for (const auto& p : parts) {
    if (!out.empty()) out += ',';
    out += p;
  }
  return out;
}

// The venue answers these combinations with a 400.
std::optional<error> contradiction(const markets_query& q) {
  const auto only_with = [&](bool used, std::string_view filter, auto... statuses) {
    const bool allowed = q.status.empty() || ((q.status == statuses) || ...);
    if (!used || allowed) return std::optional<error>{};
    return std::optional{error{errc::invalid_argument,
                               std::string{filter} + " does not go with status " + q.status}};
  };
  if (auto e = only_with(q.min_created_ts || q.max_created_ts, "created_ts", "unopened", "open"))
    return e;
  if (auto e = only_with(q.min_close_ts || q.max_close_ts, "close_ts", "closed")) return e;
  if (auto e = only_with(q.min_settled_ts || q.max_settled_ts, "settled_ts", "settled")) return e;
  const bool others = q.min_created_ts || q.max_created_ts || q.min_close_ts || q.max_close_ts ||
                      q.min_settled_ts || q.max_settled_ts || !q.status.empty() ||
                      !q.event_ticker.empty() || !q.tickers.empty();
  const bool series_alone = !q.series_ticker.empty() && !q.exclude_combos;
  if (q.min_updated_ts && (others || series_alone))
    return error{errc::invalid_argument,
                 "min_updated_ts goes only with the exclusion of combos and a series"};
  return std::nullopt;
}

}  // namespace

rest_request exchange_status_request() {
  return builder{"/exchange/status"}.done();
}
rest_request exchange_schedule_request() {
  return builder{"/exchange/schedule"}.done();
}
rest_request account_limits_request() {
  return builder{"/account/limits"}.done();
}
rest_request endpoint_costs_request() {
  return builder{"/account/endpoint_costs"}.done();
}

rest_request series_list_request(const series_query& q) {
  return builder{"/series"}
      .maybe("category", q.category)
      .maybe("tags", q.tags)
      .flag("include_volume", q.include_volume)
      .maybe("min_updated_ts", q.min_updated_ts)
      .done();
}

rest_request series_request(std::string_view series_ticker) {
  return builder{"/series"}.segment(series_ticker).done();
}

result<rest_request> events_request(const events_query& q) {
  if (auto e = outside("limit", q.limit, 1, events_query::max_limit)) return *e;
  return builder{"/events"}
      .set("limit", q.limit)
      .maybe("cursor", q.cursor)
      .flag("with_nested_markets", q.with_nested_markets)
      .maybe("status", q.status)
      .maybe("series_ticker", q.series_ticker)
      .maybe("min_close_ts", q.min_close_ts)
      .maybe("min_updated_ts", q.min_updated_ts)
      .done();
}

rest_request event_request(std::string_view event_ticker, bool with_nested_markets) {
  return builder{"/events"}
      .segment(event_ticker)
      .flag("with_nested_markets", with_nested_markets)
      .done();
}

result<rest_request> markets_request(const markets_query& q) {
  if (auto e = outside("limit", q.limit, 1, markets_query::max_limit)) return *e;
  if (auto e = contradiction(q)) return *e;
  return builder{"/markets"}
      .set("limit", q.limit)
      .maybe("cursor", q.cursor)
      .maybe("event_ticker", q.event_ticker)
      .maybe("series_ticker", q.series_ticker)
      .maybe("tickers", joined(q.tickers))
      .maybe("status", q.status)
      .maybe("mve_filter", q.exclude_combos ? "exclude" : "")
      .maybe("min_created_ts", q.min_created_ts)
      .maybe("max_created_ts", q.max_created_ts)
      .maybe("min_close_ts", q.min_close_ts)
      .maybe("max_close_ts", q.max_close_ts)
      .maybe("min_settled_ts", q.min_settled_ts)
      .maybe("max_settled_ts", q.max_settled_ts)
      .maybe("min_updated_ts", q.min_updated_ts)
      .done();
}

rest_request market_request(std::string_view ticker) {
  return builder{"/markets"}.segment(ticker).done();
}

result<rest_request> orderbook_request(std::string_view ticker, std::int64_t depth) {
  if (auto e = outside("depth", depth, 0, max_depth)) return *e;
  builder b{"/markets"};
  b.segment(ticker).tail("/orderbook");
  if (depth > 0) b.set("depth", depth);
  return b.done();
}

result<rest_request> orderbooks_request(std::span<const std::string> tickers) {
  const auto count = static_cast<std::int64_t>(tickers.size());
  if (auto e = outside("the number of tickers", count, 1, max_batch)) return *e;
  builder b{"/markets/orderbooks"};
  for (const auto& t : tickers) b.set("tickers", t);
  return b.done();
}

result<rest_request> trades_request(const trades_query& q) {
  if (auto e = outside("limit", q.limit, 1, trades_query::max_limit)) return *e;
  builder b{"/markets/trades"};
  b.set("limit", q.limit).maybe("cursor", q.cursor).maybe("ticker", q.ticker);
  b.maybe("min_ts", q.min_ts).maybe("max_ts", q.max_ts);
  if (q.is_block_trade) b.set("is_block_trade", *q.is_block_trade ? "true" : "false");
  return b.done();
}

rest_request series_fee_changes_request(std::string_view series_ticker, bool show_historical) {
  return builder{"/series/fee_changes"}
      .maybe("series_ticker", series_ticker)
      .flag("show_historical", show_historical)
      .done();
}

result<rest_request> event_fee_changes_request(std::string_view event_ticker, std::int64_t limit,
                                               std::string_view cursor) {
  if (auto e = outside("limit", limit, 1, max_fee_changes)) return *e;
  return builder{"/events/fee_changes"}
      .maybe("event_ticker", event_ticker)
      .set("limit", limit)
      .maybe("cursor", cursor)
      .done();
}

result<rest_request> candlesticks_request(std::span<const std::string> tickers,
                                          std::int64_t start_ts, std::int64_t end_ts,
                                          std::int64_t interval_min) {
  const auto count = static_cast<std::int64_t>(tickers.size());
  if (auto e = outside("the number of tickers", count, 1, max_batch)) return *e;
  if (interval_min != 1 && interval_min != 60 && interval_min != 1'440)
    return error{errc::invalid_argument, "period_interval is " + std::to_string(interval_min) +
                                             ", the venue takes 1, 60 or 1440 minutes"};
  return builder{"/markets/candlesticks"}
      .set("market_tickers", joined(tickers))
      .set("start_ts", start_ts)
      .set("end_ts", end_ts)
      .set("period_interval", interval_min)
      .done();
}

}  // namespace cornice::venue::kalshi
