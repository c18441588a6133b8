#include "cornice/venue/kalshi/listing.hpp"
#include "cornice/venue/kalshi/requests.hpp"
#include "data/discovery.hpp"

namespace cornice::data {

namespace kalshi = venue::kalshi;

namespace {

constexpr std::size_t tickers_per_request = 100;

class kalshi_discovery final : public discovery {
 public:
  kalshi_discovery(catalogue_environment& env, const discovery_config& config)
      : env_{env},
        config_{config},
        reader_{env, venue_id::kalshi, config.requests_per_second},
        complaints_{"data.discovery", venue_id::kalshi, env.metrics} {}

  infra::task<result<std::set<listing_id>>> pass() override;
  infra::task<result<void>> fetch(std::vector<listing_id> ids) override;

 private:
  infra::task<result<std::string>> get(kalshi::rest_request r) {
    return reader_.get("rest", env_.venues.kalshi.rest_url, r.target());
  }
  infra::task<result<void>> read_series();
  infra::task<result<const kalshi::series*>> series_of(std::string ticker);
  void apply(const kalshi::market& m, const kalshi::event& e, const kalshi::series& s,
             std::set<listing_id>* seen);
  void complain(std::string_view kind, const error& e) {
    complaints_.unreadable(kind, e.message, env_.time.monotonic());
  }

  catalogue_environment& env_;
  const discovery_config& config_;
  venue_reader reader_;
  complaint_log complaints_;
  std::map<std::string, kalshi::series> series_;
  std::vector<kalshi::series_fee_change> fee_changes_;
  timestamp series_read_{};
};

infra::task<result<void>> kalshi_discovery::read_series() {
  auto all_series = kalshi::series_list_request({});
  const auto body = co_await get(std::move(all_series));
  if (!body) co_return body.error();
  auto list = kalshi::decode_series_list(*body);
  if (!list) co_return list.error();
  for (const error& e : list->rejected) complain("series", e);
  series_.clear();
  for (kalshi::series& s : list->series) series_.insert_or_assign(s.ticker, std::move(s));
  series_read_ = env_.time.now();
  const auto changes = co_await get(kalshi::series_fee_changes_request("", false));
  if (!changes) co_return changes.error();
  auto decoded = kalshi::decode_series_fee_changes(*changes);
  if (!decoded) co_return decoded.error();
  fee_changes_ = std::move(*decoded);
  co_return result<void>{};
}

infra::task<result<const kalshi::series*>> kalshi_discovery::series_of(std::string ticker) {
  if (const auto known = series_.find(ticker); known != series_.end()) co_return &known->second;
  const auto body = co_await get(kalshi::series_request(ticker));
  if (!body) co_return body.error();
  auto s = kalshi::decode_series(*body);
  if (!s) co_return s.error();
  co_return &series_.insert_or_assign(ticker, std::move(*s)).first->second;
}

void kalshi_discovery::apply(const kalshi::market& m, const kalshi::event& e,
                             const kalshi::series& s, std::set<listing_id>* seen) {
  const auto l = kalshi::to_listing(m, e, s, {fee_changes_, {}}, series_read_, env_.time.now());
  if (!l) return complain("market", l.error().within(m.ticker));
  if (seen != nullptr) seen->insert(l->id);
  if (const auto done = env_.listings.apply(*l); !done) complain("catalogue", done.error());
}

infra::task<result<std::set<listing_id>>> kalshi_discovery::pass() {
  const auto series = co_await read_series();
  if (!series) co_return series.error();
  std::set<listing_id> seen;
  kalshi::events_query q;
  q.with_nested_markets = true;
  q.status = "open";
  for (std::int64_t page = 0; page < config_.pages_max; ++page) {
    const auto request = kalshi::events_request(q);
    if (!request) co_return request.error();
    const auto body = co_await get(*request);
    if (!body) co_return body.error();
    auto events = kalshi::decode_event_page(*body);
    if (!events) co_return events.error();
    for (const error& e : events->rejected) complain("event", e);
    for (const kalshi::event& e : events->events) {
      const auto s = co_await series_of(e.series_ticker);
      if (!s) {
        complain("series", s.error());
        continue;
      }
      for (const error& bad : e.rejected) complain("market", bad);
      for (const kalshi::market& m : e.markets) apply(m, e, **s, &seen);
    }
    if (events->cursor.empty()) co_return seen;
    q.cursor = events->cursor;
  }
  co_return error{errc::out_of_range, "the list of events did not end after " +
                                          std::to_string(config_.pages_max) + " pages"};
}

infra::task<result<void>> kalshi_discovery::fetch(std::vector<listing_id> ids) {
  std::map<std::string, kalshi::event> events;
  for (std::size_t from = 0; from < ids.size(); from += tickers_per_request) {
    std::vector<std::string> tickers;
    for (std::size_t i = from; i < std::min(ids.size(), from + tickers_per_request); ++i)
      tickers.push_back(ids[i].str());
    kalshi::markets_query q;
    q.tickers = tickers;
    const auto request = kalshi::markets_request(q);
    if (!request) co_return request.error();
    const auto body = co_await get(*request);
    if (!body) co_return body.error();
    const auto page = kalshi::decode_market_page(*body);
    if (!page) co_return page.error();
    for (const kalshi::market& m : page->markets) {
      auto known = events.find(m.event_ticker);
      if (known == events.end()) {
        const auto event_body = co_await get(kalshi::event_request(m.event_ticker, false));
        if (!event_body) co_return event_body.error();
        auto e = kalshi::decode_event(*event_body);
        if (!e) {
          complain("event", e.error());
          continue;
        }
        known = events.emplace(m.event_ticker, std::move(*e)).first;
      }
      const auto s = co_await series_of(known->second.series_ticker);
      if (!s) co_return s.error();
      apply(m, known->second, **s, nullptr);
    }
  }
  co_return result<void>{};
}

}  // namespace

std::unique_ptr<discovery> make_kalshi_discovery(catalogue_environment& env,
                                                 const discovery_config& config) {
  return std::make_unique<kalshi_discovery>(env, config);
}

}  // namespace cornice::data
