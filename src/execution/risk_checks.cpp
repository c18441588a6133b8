#include "execution/risk_checks.hpp"

#include <algorithm>
#include <cstdlib>
#include <set>

namespace cornice::execution {
namespace {

using verdict = std::optional<refusal>;

verdict refuse(std::string text) {
  refusal r;
  r.text = std::move(text);
  return r;
}

/// `value` may reach `limit` but not pass it.
verdict at_most(std::int64_t value, std::int64_t limit, std::string_view unit,
                std::string_view what) {
  if (value <= limit) return std::nullopt;
  refusal r;
  r.value = value;
  r.limit = limit;
  r.unit = unit;
  r.text = std::string{what} + ": " + std::to_string(value) + " " + std::string{unit} +
           ", at most " + std::to_string(limit) + " allowed";
  return r;
}

verdict at_least(std::int64_t value, std::int64_t limit, std::string_view unit,
                 std::string_view what) {
  if (value >= limit) return std::nullopt;
  refusal r;
  r.value = value;
  r.limit = limit;
  r.unit = unit;
  r.text = std::string{what} + ": " + std::to_string(value) + " " + std::string{unit} +
           ", at least " + std::to_string(limit) + " needed";
  return r;
}

constexpr std::string_view dollars = "micro_dollars";
constexpr std::string_view contracts = "micro_contracts";
constexpr std::string_view count = "count";
constexpr std::string_view millis = "ms";

std::int64_t age_ms(timestamp then, timestamp now) {
  return unix_ms(now) - unix_ms(then);
}

// Bundle checks.

verdict armed(const check_input& in) {
  return in.view.armed ? std::nullopt
                       : refuse(
                             "execution is not armed: the mode does not allow orders, or this "
                             "process does not hold the account's lease");
}

verdict opportunity_expired(const check_input& in) {
  return at_most(age_ms(in.source->expires, in.now), -1, millis,
                 "time since the opportunity expired");
}

verdict duplicate_opportunity(const check_input& in) {
  return in.view.opportunity_known(in.source->id)
             ? refuse("opportunity " + in.source->id.str() + " was handled before")
             : std::nullopt;
}

verdict plan_shape(const check_input& in) {
  const opportunity& o = *in.source;
  if (o.legs.size() < 2 || o.legs.size() > 32)
    return refuse("a bundle has 2 to 32 legs, this one has " + std::to_string(o.legs.size()));
  std::set<contract_id> distinct;
  for (const auto& leg : o.legs) {
    if (leg.side != order_side::buy) return refuse("an opening leg is a purchase");
    if (leg.size != o.size) return refuse("every leg has the size of the bundle");
    if (!distinct.insert(leg.contract).second)
      return refuse("contract " + leg.contract.str() + " appears twice");
  }
  if (!o.size.is_positive()) return refuse("a bundle has a positive size");
  return std::nullopt;
}

/// The producer's own arithmetic must hold on the prices that the orders may really pay.
verdict edge_positive(const check_input& in) {
  const opportunity& o = *in.source;
  if (o.edge != o.payoff - o.cost - o.fees)
    return refuse("the opportunity's edge is not payoff minus cost minus fees");
  return at_least(o.edge.micros(), 1, dollars, "edge");
}

verdict open_bundles(const check_input& in) {
  return at_most(in.view.open_bundles + 1, in.limits.open_bundles_max, count, "open bundles");
}

verdict store_backlog(const check_input& in) {
  return at_most(in.view.pending_commits, in.limits.pending_commits_max, count,
                 "commits that the store has not confirmed");
}

verdict daily_loss(const check_input& in) {
  return at_most(-in.view.day_result.micros(), in.limits.daily_loss_max.micros() - 1, dollars,
                 "loss of the day, unrealised included");
}

verdict mapping_approved(const check_input& in) {
  const opportunity& o = *in.source;
  if (o.market.empty()) {
    // Without a market the legs must hedge each other by themselves: YES and NO of one listing.
    const bool pair = o.legs.size() == 2 && o.kind == opportunity_kind::complement &&
                      in.view.markets.opposite(o.legs[0].contract) == o.legs[1].contract;
    return pair ? std::nullopt
                : refuse("only YES and NO of one listing trade without an approved market");
  }
  const market* m = in.view.markets.market_by(o.market);
  if (m == nullptr) return refuse("market " + o.market.str() + " is not known");
  for (const auto& leg : o.legs) {
    const contract_id& c = leg.contract;
    const auto other = in.view.markets.opposite(c);
    // A mapping names one contract of a listing; the opposite one is implied by it.
    const auto it = std::ranges::find_if(m->contracts, [&](const market_contract& mc) {
      return mc.contract == c || (other && mc.contract == *other);
    });
    if (it == m->contracts.end())
      return refuse(c.str() + " is not part of market " + o.market.str());
    if (it->status != mapping_status::approved)
      return refuse("the mapping of " + c.str() + " is " + std::string{to_string(it->status)} +
                    ", not approved");
    const listing* l = in.view.markets.listing_of(c);
    if (l == nullptr || l->rule_hash != it->rule_hash)
      return refuse("the rules of " + c.str() + " changed since its mapping was approved");
  }
  return std::nullopt;
}

verdict in_doubt_pair(const check_input& in) {
  if (in.view.in_doubt.empty()) return std::nullopt;
  for (const auto& leg : in.source->legs)
    for (const auto& c : in.view.markets.family(leg.contract))
      if (in.view.in_doubt.contains(c))
        return refuse("an order of " + c.str() + " is in doubt; its pair waits for the venue");
  return std::nullopt;
}

verdict unhedged(const check_input& in) {
  for (const auto& leg : in.source->legs) {
    auto v = at_most(notional(leg.limit, leg.size, rounding::up).micros(),
                     in.limits.unhedged_max.micros(), dollars, "largest single leg");
    if (v) return v;
  }
  return std::nullopt;
}

// Order checks.

verdict breaker_open(const check_input& in) {
  const breaker_record* b = in.view.breakers.blocking(in.venue(), !in.opening());
  if (b == nullptr) return std::nullopt;
  return refuse("the breaker " + b->scope + " is open: " + b->event().cause);
}

verdict breaker_half_open(const check_input& in) {
  if (!in.opening() || in.source == nullptr ||
      in.view.breakers.state_for(in.venue()) != breaker_state::half_open)
    return std::nullopt;
  return at_most(in.view.open_bundles + 1, in.limits.half_open_bundles_max, count,
                 "bundles while a breaker is half open");
}

verdict reconciled(const check_input& in) {
  return in.view.reconciled.contains(in.venue())
             ? std::nullopt
             : refuse("the account at " + std::string{to_string(in.venue())} +
                      " is not reconciled yet");
}

verdict duplicate_order(const check_input& in) {
  return in.view.order_known(in.terms().id)
             ? refuse("order " + in.terms().id.str() + " exists already")
             : std::nullopt;
}

verdict venue_trading(const check_input& in) {
  const feed_signal* f = in.view.markets.feed(in.venue());
  if (f == nullptr || f->state != feed_state::live)
    return refuse("the feed of " + std::string{to_string(in.venue())} + " is " +
                  std::string{f == nullptr ? "unknown" : to_string(f->state)});
  if (!f->trading_active)
    return refuse(std::string{to_string(in.venue())} + " says that trading is off");
  return std::nullopt;
}

verdict feed_fresh(const check_input& in) {
  const feed_signal* f = in.view.markets.feed(in.venue());
  return at_most(age_ms(f->observed, in.now), in.of_venue().feed_age_ms_max, millis,
                 "age of the feed's last word");
}

verdict contract_tradable(const check_input& in) {
  if (in.market == nullptr) return refuse("the contract's listing is not known");
  if (!in.market->tradable())
    return refuse("the listing is " + std::string{to_string(in.market->status)} +
                  (in.market->accepting_orders ? "" : ", not accepting orders") +
                  (in.market->fees.kind == fee_schedule::model::unknown ? ", fees unknown" : ""));
  return std::nullopt;
}

verdict book_usable(const check_input& in) {
  if (in.book == nullptr) return refuse("no book was seen");
  return in.book->usable ? std::nullopt
                         : refuse("the book is unusable: " + in.book->unusable_reason);
}

verdict book_fresh(const check_input& in) {
  return at_most(age_ms(in.book->received, in.now), in.of_venue().book_age_ms_max, millis,
                 "age of the book");
}

verdict book_epoch(const check_input& in) {
  if (!in.request->book_epoch || *in.request->book_epoch == in.book->epoch) return std::nullopt;
  return refuse("the book was rebuilt since the opportunity was scored");
}

verdict price_on_grid(const check_input& in) {
  return in.view.markets.grid_of(in.terms().contract).accepts(in.terms().limit)
             ? std::nullopt
             : refuse("price " + in.terms().limit.to_string() + " is not on the venue's grid");
}

verdict price_collar(const check_input& in) {
  const auto& opposite_levels = in.buying() ? in.book->asks : in.book->bids;
  if (opposite_levels.empty()) return refuse("nobody quotes the other side");
  const std::int64_t best = opposite_levels.front().p.micros();
  const std::int64_t limit = in.terms().limit.micros();
  return at_most(in.buying() ? limit - best : best - limit, in.of_venue().price_collar.micros(),
                 dollars, "price beyond the best opposite quote");
}

verdict size_min(const check_input& in) {
  return at_least(in.terms().size.micros(), in.market->min_size.micros(), contracts, "order size");
}

verdict size_step(const check_input& in) {
  const std::int64_t step = in.market->size_step.micros();
  if (step <= 0 || in.terms().size.micros() % step == 0) return std::nullopt;
  return refuse("size " + in.terms().size.to_string() + " is not a multiple of " +
                in.market->size_step.to_string());
}

verdict order_size(const check_input& in) {
  return at_most(in.terms().size.micros(), in.of_venue().order_size_max.micros(), contracts,
                 "order size");
}

verdict order_notional(const check_input& in) {
  return at_most(notional(in.terms().limit, in.terms().size, rounding::up).micros(),
                 in.of_venue().order_notional_max.micros(), dollars, "order value");
}

verdict holding(const check_input& in) {
  if (in.buying()) return std::nullopt;
  // Where pairs are netted, selling what is not held buys the opposite contract, and an unwind only
  // takes back what its bundle bought.
  if (nets_pairs(in.venue()) && in.terms().purpose == order_purpose::unwind) return std::nullopt;
  const auto& c = in.terms().contract;
  const quantity wanted = in.exposure.open_sells(c) + in.terms().size;
  return at_most(wanted.micros(), in.exposure.held(c).micros(), contracts,
                 "more would be sold than is held");
}

verdict contract_position(const check_input& in) {
  const contract_id& c = in.terms().contract;
  quantity worst;
  if (in.buying()) {
    worst = in.exposure.worst_long(c) + in.worst.q;
  } else {
    // Only a sale that turns into a purchase of the opposite contract makes a position grow.
    const auto other = in.view.markets.netting_opposite(c);
    if (!other || in.worst.cost.is_zero()) return std::nullopt;
    const quantity own = std::max(in.exposure.held(c) - in.exposure.open_sells(c), quantity{});
    worst = in.exposure.worst_long(*other) + in.worst.q - std::min(own, in.worst.q);
  }
  return at_most(worst.micros(), in.of_venue().contract_position_max.micros(), contracts,
                 "worst position of the contract");
}

verdict market_exposure(const check_input& in) {
  if (in.worst.cost.is_zero()) return std::nullopt;
  money total = in.worst.cost;
  for (const auto& c : in.view.markets.family(in.terms().contract)) total += in.exposure.at_risk(c);
  return at_most(total.micros(), in.limits.market_exposure_max.micros(), dollars,
                 "at risk in the market");
}

verdict venue_exposure(const check_input& in) {
  if (in.worst.cost.is_zero()) return std::nullopt;
  return at_most((in.exposure.at_risk(in.venue()) + in.worst.cost).micros(),
                 in.of_venue().venue_exposure_max.micros(), dollars, "at risk at the venue");
}

verdict gross_exposure(const check_input& in) {
  if (in.worst.cost.is_zero()) return std::nullopt;
  return at_most((in.exposure.gross() + in.worst.cost).micros(),
                 in.limits.gross_exposure_max.micros(), dollars, "at risk everywhere");
}

verdict open_orders_venue(const check_input& in) {
  const auto open = static_cast<std::int64_t>(in.exposure.open_orders(in.venue()));
  return at_most(open + 1, in.of_venue().open_orders_max, count, "open orders at the venue");
}

verdict open_orders(const check_input& in) {
  const auto open = static_cast<std::int64_t>(in.exposure.open_orders());
  return at_most(open + 1, in.limits.open_orders_max, count, "open orders");
}

verdict repeated_order(const check_input& in) {
  return at_most(in.repeats + 1, in.limits.repeats_max, count,
                 "identical orders within the window");
}

verdict order_rate(const check_input& in) {
  return at_least(in.micro_tokens / token, 1, count, "orders left in the rate limit");
}

verdict cash(const check_input& in) {
  if (in.worst.cost.is_zero()) return std::nullopt;
  const money free =
      in.view.books.cash(in.venue()) - in.exposure.reserved_cash(in.venue()) - in.limits.cash_floor;
  return at_most(in.worst.cost.micros(), free.micros(), dollars, "cash needed, fees included");
}

constexpr auto bundle = risk_check::level::bundle;
constexpr auto order_level = risk_check::level::order;

// Cheap and general first; a check may rely on those before it (a book exists, a listing is known).
constexpr risk_check checks[] = {
    {"armed", bundle, armed},
    {"opportunity_expired", bundle, opportunity_expired},
    {"duplicate_opportunity", bundle, duplicate_opportunity},
    {"plan_shape", bundle, plan_shape},
    {"edge_positive", bundle, edge_positive},
    {"store_backlog", bundle, store_backlog},
    {"daily_loss", bundle, daily_loss},
    {"open_bundles", bundle, open_bundles},
    {"mapping_approved", bundle, mapping_approved},
    {"in_doubt_pair", bundle, in_doubt_pair},
    {"unhedged", bundle, unhedged},
    {"breaker_open", order_level, breaker_open},
    {"breaker_half_open", order_level, breaker_half_open},
    {"reconciled", order_level, reconciled},
    {"duplicate_order", order_level, duplicate_order},
    {"venue_trading", order_level, venue_trading},
    {"feed_fresh", order_level, feed_fresh},
    {"contract_tradable", order_level, contract_tradable},
    {"book_usable", order_level, book_usable},
    {"book_fresh", order_level, book_fresh},
    {"book_epoch", order_level, book_epoch},
    {"price_on_grid", order_level, price_on_grid},
    {"price_collar", order_level, price_collar},
    {"size_min", order_level, size_min},
    {"size_step", order_level, size_step},
    {"order_size", order_level, order_size},
    {"order_notional", order_level, order_notional},
    {"holding", order_level, holding},
    {"contract_position", order_level, contract_position},
    {"market_exposure", order_level, market_exposure},
    {"venue_exposure", order_level, venue_exposure},
    {"gross_exposure", order_level, gross_exposure},
    {"open_orders_venue", order_level, open_orders_venue},
    {"open_orders", order_level, open_orders},
    {"repeated_order", order_level, repeated_order},
    {"order_rate", order_level, order_rate},
    {"cash", order_level, cash},
};

}  // namespace

std::span<const risk_check> all_risk_checks() {
  return checks;
}

std::span<const std::string_view> risk_checks() {
  static const std::vector<std::string_view> names = [] {
    std::vector<std::string_view> list;
    for (const auto& c : checks) list.push_back(c.name);
    return list;
  }();
  return names;
}

}  // namespace cornice::execution
