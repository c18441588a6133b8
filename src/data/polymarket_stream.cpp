#include "data/polymarket_stream.hpp"

#include "cornice/venue/polymarket/requests.hpp"

#include <boost/asio/this_coro.hpp>

#include <algorithm>
#include <exception>

namespace cornice::data {

using namespace std::chrono_literals;
namespace pm = venue::polymarket;

namespace {

// Half of the venue's budget: resynchronisation after an outage must not starve on our own
// sampling.
constexpr std::int64_t books_per_second =
    pm::clob_batch_limit.requests / pm::clob_batch_limit.window_s / 2;
constexpr std::size_t witness_batch = 20;
// One book's samples lie no closer together than the time that a differing one is given to follow.
constexpr auto witness_round = 7s;

// The stream's own texts win later; this only lets the first hash be checked.
pm::feed_asset asset_of(const listing& l, const contract_id& c) {
  pm::feed_asset a;
  a.asset_id = c.native();
  a.market = l.id.str();
  a.metadata.min_order_size = format_millionths(l.min_size.micros(), 0);
  a.metadata.neg_risk = l.neg_risk;
  if (l.grid.finest_step_micros() > 0)
    a.metadata.tick_size = format_millionths(l.grid.finest_step_micros(), 0);
  return a;
}

}  // namespace

polymarket_stream::polymarket_stream(feed_context context)
    : context_{std::move(context)}, rest_budget_{books_per_second, 2 * books_per_second} {}

feed_counts polymarket_stream::counts() const {
  feed_counts c;
  c.wanted = static_cast<std::int64_t>(shard_of_.size());
  for (const auto& s : shards_) {
    c.usable += s->usable();
    c.connections += s->connected() ? 1 : 0;
  }
  return c;
}

void polymarket_stream::reselect() {
  std::map<std::string, pm::feed_asset> wanted;
  for (const listing_id& id : context_.listings.streamed(venue_id::polymarket))
    if (const listing* l = context_.listings.find(venue_id::polymarket, id))
      for (const contract_id* c : {&l->yes, &l->no})
        wanted.emplace(std::string{c->native()}, asset_of(*l, *c));
  std::map<std::size_t, std::vector<std::string>> gone;
  for (const auto& [asset, shard] : shard_of_)
    if (!wanted.contains(asset)) gone[shard].push_back(asset);
  for (const auto& [shard, assets] : gone) {
    shards_[shard]->remove(assets);
    for (const std::string& a : assets) shard_of_.erase(a);
  }
  std::vector<pm::feed_asset> fresh;
  for (auto& [asset, info] : wanted)
    if (!shard_of_.contains(asset)) fresh.push_back(std::move(info));
  place(std::move(fresh));
}

// Holes first: what is subscribed stays where it is, so nobody's book is dropped for another's
// sake.
void polymarket_stream::place(std::vector<pm::feed_asset> assets) {
  const auto limit = static_cast<std::size_t>(context_.config.polymarket.assets_per_connection);
  std::size_t shard = 0;
  while (!assets.empty()) {
    if (shard == shards_.size())
      shards_.push_back(std::make_shared<polymarket_shard>(context_, rest_budget_, shards_.size()));
    const std::size_t room = limit - std::min(limit, shards_[shard]->size());
    const std::size_t n = std::min(room, assets.size());
    if (n > 0) {
      const std::vector<pm::feed_asset> part(assets.end() - static_cast<std::ptrdiff_t>(n),
                                             assets.end());
      assets.resize(assets.size() - n);
      for (const pm::feed_asset& a : part) shard_of_.emplace(a.asset_id, shard);
      shards_[shard]->add(part);
    }
    ++shard;
  }
}

// The shards end with this run: another one must not find two readers on one shard.
infra::task<> polymarket_stream::run(infra::health_reporter& health) {
  started_ = 0;
  reselect();
  infra::stop_source shards{context_.loop};
  std::exception_ptr failure;
  try {
    co_await watch(shards, health);
  } catch (...) {
    failure = std::current_exception();
  }
  shards.request();
  co_await infra::asio::this_coro::reset_cancellation_state(infra::asio::disable_cancellation());
  co_await shards.drained();
  if (failure) std::rethrow_exception(failure);
}

infra::task<> polymarket_stream::watch(infra::stop_source& shards, infra::health_reporter& health) {
  const std::chrono::milliseconds every{context_.config.witness_ms};
  for (;;) {
    for (; started_ < shards_.size(); ++started_)
      shards.spawn("polymarket.shard", shards_[started_]->run());
    const feed_counts c = counts();
    if (c.wanted == 0 || c.usable > 0)
      health.up();
    else
      health.degraded("no usable book yet");
    if (!co_await infra::sleep_for(every)) co_return;
    if (!shards_.empty()) witness_next();
  }
}

// One shard's next few usable books in turn: in time every book meets its second witness.
void polymarket_stream::witness_next() {
  const instant now = context_.time.monotonic();
  const std::size_t number = next_shard_ % shards_.size();
  const std::vector<std::string> assets = shards_[number]->usable_assets();
  const auto [begun, first] = witnessed_.try_emplace(number, now - witness_round);
  if (next_asset_ == 0 && now - begun->second < witness_round) {
    ++next_shard_;
    return;
  }
  if (next_asset_ == 0 && !assets.empty()) begun->second = now;
  const std::size_t from = std::min(next_asset_, assets.size());
  const std::size_t to = std::min(assets.size(), from + witness_batch);
  shards_[number]->witness({assets.begin() + static_cast<std::ptrdiff_t>(from),
                            assets.begin() + static_cast<std::ptrdiff_t>(to)});
  next_asset_ = to;
  if (to < assets.size()) return;
  next_asset_ = 0;
  ++next_shard_;
}

}  // namespace cornice::data
