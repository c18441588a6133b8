#include "cornice/execution/risk.hpp"

#include "cornice/venue/fees.hpp"
#include "execution/risk_checks.hpp"

#include <algorithm>

namespace cornice::execution {

reservation reservation_of(const order_terms& t, quantity remaining, const market_view& markets,
                           const exposure_book& others) {
  reservation r;
  r.contract = t.contract;
  r.side = t.side;
  r.q = remaining;
  if (!remaining.is_positive()) return r;
  quantity bought = remaining;
  price worst = t.limit;
  if (t.side == order_side::sell) {
    if (!nets_pairs(t.contract.venue())) return r;
    const quantity own =
        std::max(others.held(t.contract) - others.open_sells(t.contract), quantity{});
    bought -= std::min(own, remaining);
    worst = t.limit.complement();
    if (bought.is_zero()) return r;
  }
  const listing* l = markets.listing_of(t.contract);
  if (l == nullptr) {
    r.cost = payout(bought);
    return r;
  }
  venue::fee_terms terms;
  terms.price_step_micros = l->grid.finest_step_micros();
  r.cost = notional(worst, bought, rounding::up) +
           venue::fee_bound(t.contract.venue(), l->fees, order_side::buy, worst, bought, terms);
  return r;
}

risk_gate::risk_gate(risk_limits limits) : limits_{std::move(limits)} {}

void risk_gate::refill(venue_id v, timestamp now) {
  const venue_limits& limits = limits_.of(v);
  bucket& b = buckets_[v];
  const std::int64_t full = limits.orders_burst * token;
  if (!b.started) {
    b = {full, now, true};
    return;
  }
  // A clock that went back adds nothing; a long pause only fills the bucket.
  const std::int64_t elapsed_us =
      std::clamp<std::int64_t>((now - b.filled).count(), 0, 3'600'000'000);
  b.micro_tokens = std::min(full, b.micro_tokens + elapsed_us * limits.orders_per_second);
  b.filled = now;
}

std::int64_t risk_gate::repeats_of(const order_terms& t, timestamp now) const {
  const auto window = std::chrono::milliseconds{limits_.repeat_window_ms};
  return std::ranges::count_if(recent_, [&](const recent_order& r) {
    return now - r.at <= window && r.contract == t.contract && r.side == t.side &&
           r.limit == t.limit && r.size == t.size;
  });
}

void risk_gate::remember(const order_terms& t, timestamp now) {
  const auto window = std::chrono::milliseconds{limits_.repeat_window_ms};
  while (!recent_.empty() && (recent_.size() >= max_recent || now - recent_.front().at > window))
    recent_.pop_front();
  recent_.push_back({t.contract, t.side, t.limit, t.size, now});
}

std::variant<std::vector<approved_order>, refusal> risk_gate::run(
    const opportunity* source, std::span<const order_request> legs, const risk_view& view,
    exposure_book& exposure, timestamp now) {
  check_input in{limits_, view, exposure, source, legs, nullptr, nullptr, nullptr, {}, 0, 0, now};
  const auto fails = [&in](risk_check::level what) -> std::optional<refusal> {
    for (const risk_check& check : all_risk_checks()) {
      if (check.what != what) continue;
      if (auto r = check.run(in)) {
        r->check = check.name;
        if (in.request != nullptr) r->contract = in.terms().contract;
        return r;
      }
    }
    return std::nullopt;
  };

  // A whole bundle passes or leaves no trace: what is reserved or counted on the way is given back.
  std::vector<std::pair<order_id, std::optional<reservation>>> undo;
  const auto buckets = buckets_;
  const auto take_back = [&] {
    for (auto it = undo.rbegin(); it != undo.rend(); ++it) {
      exposure.release(it->first);
      if (it->second) exposure.reserve(it->first, *it->second);
    }
    buckets_ = buckets;
  };

  // A repair of an accepted bundle is not held back by what concerns new bundles, but for `armed`.
  if (source != nullptr) {
    if (auto r = fails(risk_check::level::bundle)) return std::move(*r);
  } else if (!view.armed) {
    refusal r;
    r.check = "armed";
    r.text = "execution is not armed";
    return r;
  }
  std::vector<approved_order> approved;
  for (const order_request& request : legs) {
    const order_terms& t = request.terms;
    const auto existing = exposure.reservations().find(t.id);
    undo.emplace_back(t.id, existing == exposure.reservations().end()
                                ? std::nullopt
                                : std::optional{existing->second});
    exposure.release(t.id);
    refill(t.contract.venue(), now);
    in.request = &request;
    in.market = view.markets.listing_of(t.contract);
    in.book = view.markets.book(t.contract);
    in.worst = reservation_of(t, t.size, view.markets, exposure);
    in.micro_tokens = buckets_[t.contract.venue()].micro_tokens;
    in.repeats = repeats_of(t, now);
    if (auto r = fails(risk_check::level::order)) {
      take_back();
      return std::move(*r);
    }
    buckets_[t.contract.venue()].micro_tokens -= token;
    exposure.reserve(t.id, in.worst);
    approved.push_back(approved_order{t, *in.market});
  }
  for (const order_request& request : legs) remember(request.terms, now);
  return approved;
}

std::variant<std::vector<approved_order>, refusal> risk_gate::admit(const bundle_request& r,
                                                                    const risk_view& view,
                                                                    exposure_book& exposure,
                                                                    timestamp now) {
  return run(r.source, r.legs, view, exposure, now);
}

std::variant<approved_order, refusal> risk_gate::admit(const order_request& r,
                                                       const risk_view& view,
                                                       exposure_book& exposure, timestamp now) {
  auto outcome = run(nullptr, std::span{&r, 1}, view, exposure, now);
  if (auto* refused = std::get_if<refusal>(&outcome)) return std::move(*refused);
  return std::move(std::get<std::vector<approved_order>>(outcome).front());
}

}  // namespace cornice::execution
