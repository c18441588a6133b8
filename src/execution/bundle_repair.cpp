// The second half of bundle_machine: getting a half-filled bundle hedged, or out.
#include "cornice/execution/bundle_machine.hpp"
#include "cornice/execution/order_machine.hpp"
#include "execution/bundle_view.hpp"

#include <algorithm>

namespace cornice::execution {
namespace {

std::chrono::milliseconds ms(std::int64_t n) {
  return std::chrono::milliseconds{n};
}

/// The part of `q` that the venue accepts as an order; zero when it is too little.
quantity tradable_part(const listing& l, quantity q) {
  const quantity whole = l.size_step.is_positive() ? q.truncated_to(l.size_step) : q;
  return whole >= l.min_size ? whole : quantity{};
}

price clamped(std::int64_t micros) {
  return price::of_micros(std::clamp<std::int64_t>(micros, 0, price::one));
}

/// The lowest price at which selling `size`, bought at `entry`, loses no more than `budget`.
price loss_floor(price entry, quantity size, money budget) {
  const std::int64_t a_contract =
      divide(int128{std::max<std::int64_t>(budget.micros(), 0)} * quantity::one, size.micros(),
             rounding::down);
  return clamped(entry.micros() - std::min<std::int64_t>(a_contract, price::one));
}

}  // namespace

void bundle_machine::complete(const situation& s, const market_view& markets, timestamp now,
                              std::vector<bundle_action>& out) {
  const bundle_policy& policy = record_.policy;
  const bool give_up = record_.completion_attempts >= policy.completion_attempts_max ||
                       now >= *record_.unhedged_since + ms(policy.completion_ms_max);
  bool possible = false;
  bool placed = false;
  enter(bundle_state::completing, record_.reason, now);
  for (std::uint32_t i = 0; !give_up && i < s.legs.size(); ++i) {
    const quantity missing = s.most - s.legs[i].net;
    if (missing <= order_machine::dust) continue;
    const opportunity_leg& leg = record_.legs[i];
    const listing* l = markets.listing_of(leg.contract);
    const quantity size = l == nullptr ? quantity{} : tradable_part(*l, missing);
    const auto limit =
        markets.grid_of(leg.contract)
            .floor(clamped(leg.limit.micros() + policy.completion_extra_max.micros()));
    if (!size.is_positive() || !limit) continue;
    possible = true;
    const book_signal* book = markets.book(leg.contract);
    const bool offered =
        book != nullptr && book->usable && !book->asks.empty() && book->asks.front().p <= *limit;
    if (!offered || now < record_.next_try) continue;
    out.emplace_back(place_order{terms_for(i, s.legs[i].orders, order_purpose::complete,
                                           order_side::buy, *limit, size, now)});
    placed = true;
  }
  if (placed) {
    ++record_.completion_attempts;
    record_.next_try = now + ms(policy.retry_ms);
    record_.updated = now;
    changed_ = true;
  }
  if (possible) return;
  enter(bundle_state::unwinding,
        give_up ? "not completed within its budget" : "what is missing is too little to be ordered",
        now);
  record_.unwind_since = now;
  record_.next_try = now;
  unwind(s, markets, now, out);
}

void bundle_machine::unwind(const situation& s, const market_view& markets, timestamp now,
                            std::vector<bundle_action>& out) {
  const bundle_policy& policy = record_.policy;
  const bool give_up = record_.unwind_attempts >= policy.unwind_attempts_max ||
                       now >= record_.unwind_since.value_or(now) + ms(policy.unwind_ms_max);
  money budget = policy.unwind_loss_max - s.unwind_loss;
  money residual;
  bool possible = false;
  bool placed = false;
  for (std::uint32_t i = 0; i < s.legs.size(); ++i) {
    const quantity excess = s.legs[i].net - s.least;
    if (excess <= order_machine::dust) continue;
    const opportunity_leg& leg = record_.legs[i];
    residual += notional(leg.limit, excess, rounding::up);
    const listing* l = markets.listing_of(leg.contract);
    // Without a listing nothing can be sold now, but waiting may help.
    const quantity size = l == nullptr ? excess : tradable_part(*l, excess);
    if (!size.is_positive()) continue;
    possible = true;
    const book_signal* book = markets.book(leg.contract);
    if (l == nullptr || book == nullptr || !book->usable || book->bids.empty()) continue;
    const price best = book->bids.front().p;
    const price collar = clamped(best.micros() - policy.unwind_collar.micros());
    const auto limit =
        markets.grid_of(leg.contract).ceil(std::max(collar, loss_floor(leg.limit, size, budget)));
    if (!limit || *limit > best || now < record_.next_try || give_up) continue;
    out.emplace_back(place_order{terms_for(i, s.legs[i].orders, order_purpose::unwind,
                                           order_side::sell, *limit, size, now)});
    budget -= std::max(
        notional(leg.limit, size, rounding::up) - notional(*limit, size, rounding::down), money{});
    placed = true;
  }
  if (placed) {
    ++record_.unwind_attempts;
    record_.next_try = now + ms(policy.retry_ms);
    record_.updated = now;
    changed_ = true;
    return;
  }
  if (possible && !give_up) return;
  if (residual <= policy.residual_max) {
    finish(s.least <= order_machine::dust ? bundle_state::unwound : bundle_state::done,
           "hedged at " + s.least.to_string() + "; a rest of " + residual.to_string() +
               " USD was too little to be sold",
           now, out);
    return;
  }
  const std::string detail = "bundle " + record_.id.str() + " keeps " + residual.to_string() +
                             " USD unhedged after " + std::to_string(record_.unwind_attempts) +
                             " attempts to sell";
  out.emplace_back(trip_breaker{breaker_cause::stuck_bundle, detail});
  finish(bundle_state::stuck, detail, now, out);
}

void bundle_machine::settle_unwind(const situation& s, timestamp now,
                                   std::vector<bundle_action>& out) {
  if (s.least <= order_machine::dust)
    finish(bundle_state::unwound, "what was filled was sold again", now, out);
  else
    finish(bundle_state::done, "hedged at " + s.least.to_string() + ", the rest was sold again",
           now, out);
}

}  // namespace cornice::execution
