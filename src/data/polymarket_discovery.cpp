#include "cornice/venue/polymarket/listing.hpp"
#include "cornice/venue/polymarket/requests.hpp"
#include "data/discovery.hpp"

namespace cornice::data {

namespace pm = venue::polymarket;

namespace {

class polymarket_discovery final : public discovery {
 public:
  polymarket_discovery(catalogue_environment& env, const discovery_config& config)
      : env_{env},
        config_{config},
        reader_{env, venue_id::polymarket, config.requests_per_second},
        complaints_{"data.discovery", venue_id::polymarket, env.metrics} {}

  infra::task<result<std::set<listing_id>>> pass() override;
  infra::task<result<void>> fetch(std::vector<listing_id> ids) override;

 private:
  infra::task<result<std::string>> get(const pm::api_request& r) {
    const std::string& base = r.host == pm::api_host::clob ? env_.venues.polymarket.clob_url
                                                           : env_.venues.polymarket.gamma_url;
    return reader_.get(r.host == pm::api_host::clob ? "clob" : "gamma", base, r.target);
  }
  infra::task<bool> apply(pm::gamma::market m, const pm::gamma::event_info* parent,
                          std::set<listing_id>* seen);
  void complain(std::string_view kind, const error& e) {
    complaints_.unreadable(kind, e.message, env_.time.monotonic());
  }

  catalogue_environment& env_;
  const discovery_config& config_;
  venue_reader reader_;
  complaint_log complaints_;
};

// A closed market whose prices do not name a winner is settled by the CLOB's flags.
infra::task<bool> polymarket_discovery::apply(pm::gamma::market m,
                                              const pm::gamma::event_info* parent,
                                              std::set<listing_id>* seen) {
  auto l = pm::to_listing(m, parent, nullptr);
  if (!l) {
    // Most of what Gamma lists beside two-outcome books is not for trading at all.
    complain("market " + std::string{to_string(l.error().code)}, l.error());
    co_return false;
  }
  if (m.closed.value_or(false) && !l->settlement_value) {
    const auto body = co_await get(pm::clob_market(m.condition_id));
    if (body) {
      if (const auto facts = pm::clob::decode_market(*body)) pm::apply_winner(*l, *facts);
    }
  }
  if (seen != nullptr) seen->insert(l->id);
  // The stream's tick is newer than Gamma's cached one; without a stream Gamma is all there is.
  if (const listing* known = env_.listings.find(venue_id::polymarket, l->id);
      known != nullptr && known->status == listing_status::open && !known->grid.empty() &&
      env_.listings.is_streamed(venue_id::polymarket, l->id))
    l->grid = known->grid;
  if (const auto done = env_.listings.apply(*l); !done) complain("catalogue", done.error());
  co_return true;
}

infra::task<result<std::set<listing_id>>> polymarket_discovery::pass() {
  std::set<listing_id> seen;
  pm::keyset_query q;
  q.closed = false;
  for (std::int64_t page = 0; page < config_.pages_max; ++page) {
    const auto request = pm::gamma_events_page(q);
    if (!request) co_return request.error();
    const auto body = co_await get(*request);
    if (!body) co_return body.error();
    const auto events = pm::gamma::decode_events_page(*body);
    if (!events) co_return events.error();
    for (const pm::gamma::row_error& e : events->errors) complain("event", e.why);
    for (const pm::gamma::event& e : events->rows)
      for (const pm::gamma::market& m : e.markets) {
        pm::gamma::market copy = m;
        (void)co_await apply(std::move(copy), &e.info, &seen);
      }
    if (events->next_cursor.empty()) co_return seen;
    q.after_cursor = events->next_cursor;
  }
  co_return error{errc::out_of_range, "the list of events did not end after " +
                                          std::to_string(config_.pages_max) + " pages"};
}

infra::task<result<void>> polymarket_discovery::fetch(std::vector<listing_id> ids) {
  for (std::size_t from = 0; from < ids.size(); from += pm::keyset_query::condition_ids_max) {
    // Open and closed markets are two listings at this venue.
    for (const bool closed : {false, true}) {
      pm::keyset_query q;
      q.closed = closed;
      for (std::size_t i = from;
           i < std::min(ids.size(), from + pm::keyset_query::condition_ids_max); ++i)
        q.condition_ids.push_back(ids[i].str());
      const auto request = pm::gamma_markets_page(q);
      if (!request) co_return request.error();
      const auto body = co_await get(*request);
      if (!body) co_return body.error();
      const auto markets = pm::gamma::decode_markets_page(*body);
      if (!markets) co_return markets.error();
      for (const pm::gamma::market& m : markets->rows) {
        pm::gamma::market copy = m;
        (void)co_await apply(std::move(copy), nullptr, nullptr);
      }
    }
  }
  co_return result<void>{};
}

}  // namespace

std::unique_ptr<discovery> make_polymarket_discovery(catalogue_environment& env,
                                                     const discovery_config& config) {
  return std::make_unique<polymarket_discovery>(env, config);
}

}  // namespace cornice::data
