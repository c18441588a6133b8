#include "cornice/execution/bundle_machine.hpp"

#include "cornice/base/check.hpp"
#include "cornice/execution/ids.hpp"
#include "cornice/execution/order_machine.hpp"
#include "execution/bundle_view.hpp"

#include <algorithm>
#include <utility>

namespace cornice::execution {
namespace {

std::chrono::milliseconds ms(std::int64_t n) {
  return std::chrono::milliseconds{n};
}

}  // namespace

std::string_view to_string(leg_order o) noexcept {
  return o == leg_order::simultaneous ? "simultaneous" : "thinnest_first";
}

result<leg_order> parse_leg_order(std::string_view text) {
  for (const auto o : {leg_order::simultaneous, leg_order::thinnest_first})
    if (to_string(o) == text) return o;
  return error{errc::invalid_argument, "unknown leg order \"" + std::string{text} +
                                           "\"; known: simultaneous, thinnest_first"};
}

bundle_machine::bundle_machine(const opportunity& o, const bundle_policy& policy, timestamp now) {
  record_.id = bundle_id_of(o.id);
  record_.opportunity = o.id;
  record_.kind = o.kind;
  record_.market = o.market;
  record_.legs = o.legs;
  record_.size = o.size;
  record_.expected_edge = o.edge;
  record_.policy = policy;
  record_.created = now;
  record_.updated = now;
  record_.expires = o.expires;
  record_.trace = o.trace;
}

bundle_machine::bundle_machine(bundle_record stored) : record_{std::move(stored)} {}

order_terms bundle_machine::terms_for(std::uint32_t leg, std::uint32_t attempt, order_purpose p,
                                      order_side side, price limit, quantity size,
                                      timestamp now) const {
  order_terms t;
  t.id = order_id_of(record_.id, leg, attempt);
  t.bundle = record_.id;
  t.leg = leg;
  t.attempt = attempt;
  t.purpose = p;
  t.contract = record_.legs[leg].contract;
  t.side = side;
  t.limit = limit;
  t.size = size;
  // Whatever repairs a bundle must not rest: the next step decides on what it got.
  t.tif = p == order_purpose::open ? record_.policy.tif : time_in_force::ioc;
  t.trace = record_.trace;
  t.created = now;
  return t;
}

std::vector<order_terms> bundle_machine::all_legs() const {
  std::vector<order_terms> terms;
  for (std::uint32_t leg = 0; leg < record_.legs.size(); ++leg) {
    const auto& l = record_.legs[leg];
    terms.push_back(
        terms_for(leg, 0, order_purpose::open, l.side, l.limit, l.size, record_.created));
  }
  return terms;
}

std::vector<order_terms> bundle_machine::opening_orders() const {
  auto terms = all_legs();
  if (record_.policy.order == leg_order::thinnest_first && terms.size() > 1) terms.resize(1);
  return terms;
}

bundle_machine::situation bundle_machine::look(std::span<const order* const> orders) const {
  situation s;
  s.legs.resize(record_.legs.size());
  for (const order* o : orders) {
    invariant(o->terms.leg < s.legs.size(), "an order belongs to a leg of its bundle");
    leg_view& leg = s.legs[o->terms.leg];
    ++leg.orders;
    const quantity filled = o->effective_filled();
    if (o->terms.purpose == order_purpose::unwind) {
      // What was sold but not yet reported as fills brought at least the order's limit.
      const money proceeds =
          o->fill_notional + notional(o->terms.limit, o->outstanding(), rounding::down);
      s.unwind_loss += notional(record_.legs[o->terms.leg].limit, filled, rounding::up) - proceeds;
      leg.net -= filled;
    } else {
      leg.net += filled;
    }
    s.any_fill = s.any_fill || filled.is_positive();
    s.any_open = s.any_open || !is_terminal(o->state);
    s.any_sent = s.any_sent || o->state != order_state::intended;
  }
  s.least = s.legs.front().net;
  s.most = s.legs.front().net;
  for (const leg_view& leg : s.legs) {
    s.least = std::min(s.least, leg.net);
    s.most = std::max(s.most, leg.net);
  }
  return s;
}

money bundle_machine::unhedged(const bundle_record& r,
                               std::span<const order* const> orders) noexcept {
  std::vector<quantity> net(r.legs.size());
  for (const order* o : orders)
    if (o->terms.leg < net.size())
      net[o->terms.leg] += o->terms.purpose == order_purpose::unwind ? -o->effective_filled()
                                                                     : o->effective_filled();
  if (net.empty()) return {};
  const quantity least = *std::ranges::min_element(net);
  money total;
  for (std::size_t i = 0; i < net.size(); ++i)
    total += notional(r.legs[i].limit, net[i] - least, rounding::up);
  return total;
}

bool bundle_machine::take_changed() noexcept {
  return std::exchange(changed_, false);
}

void bundle_machine::enter(bundle_state s, std::string reason, timestamp now) {
  if (record_.state == s && record_.reason == reason) return;
  record_.state = s;
  record_.reason = std::move(reason);
  record_.updated = now;
  changed_ = true;
}

void bundle_machine::finish(bundle_state s, std::string reason, timestamp now,
                            std::vector<bundle_action>& out) {
  enter(s, std::move(reason), now);
  out.emplace_back(bundle_finished{s});
}

void bundle_machine::on_refused(order_purpose purpose, std::string reason, timestamp now) {
  // An opening leg that may no longer be sent is not tried again: its price was of that moment.
  if (purpose == order_purpose::open)
    record_.completion_attempts = record_.policy.completion_attempts_max;
  record_.next_try = now + ms(record_.policy.retry_ms);
  record_.reason = std::move(reason);
  record_.updated = now;
  changed_ = true;
}

std::vector<bundle_action> bundle_machine::step(std::span<const order* const> orders,
                                                const market_view& markets, timestamp now) {
  std::vector<bundle_action> out;
  if (is_terminal(record_.state)) return out;
  const situation s = look(orders);
  if (record_.state == bundle_state::accepted && s.any_sent) enter(bundle_state::working, "", now);

  const bool imbalanced = s.most - s.least > order_machine::dust;
  if (imbalanced && !record_.unhedged_since) {
    record_.unhedged_since = now;
    changed_ = true;
  }
  if (s.any_open) {
    wait_for_orders(orders, now, out);
    return out;
  }
  if (record_.state == bundle_state::unwinding) {
    imbalanced ? unwind(s, markets, now, out) : settle_unwind(s, now, out);
    return out;
  }
  if (open_next(s, now, out)) return out;
  if (!s.any_fill) {
    finish(bundle_state::abandoned, "no leg was filled", now, out);
  } else if (!imbalanced) {
    finish(bundle_state::done,
           s.least >= record_.size - order_machine::dust
               ? "every leg filled"
               : "hedged at " + s.least.to_string() + " of " + record_.size.to_string(),
           now, out);
  } else {
    complete(s, markets, now, out);
  }
  return out;
}

/// Nothing is decided while an order is open or in doubt; a resting one is cancelled in time.
void bundle_machine::wait_for_orders(std::span<const order* const> orders, timestamp now,
                                     std::vector<bundle_action>& out) {
  for (const order* o : orders) {
    const bool resting = o->state == order_state::live && !o->cancel_wanted;
    // Moved in whole seconds: every change is written down.
    if (o->state == order_state::in_doubt && record_.state == bundle_state::unwinding &&
        now - record_.unwind_since.value_or(now) >= ms(1'000)) {
      record_.unwind_since = now;
      changed_ = true;
    }
    if (resting && now - o->terms.created >= ms(record_.policy.rest_ms_max))
      out.emplace_back(cancel_order{o->terms.id});
  }
}

/// The next leg of a sequential opening, for as much as every leg before it got.
bool bundle_machine::open_next(const situation& s, timestamp now, std::vector<bundle_action>& out) {
  if (record_.policy.order != leg_order::thinnest_first) return false;
  if (record_.completion_attempts >= record_.policy.completion_attempts_max) return false;
  quantity got = record_.size;
  for (std::uint32_t leg = 0; leg < s.legs.size(); ++leg) {
    if (s.legs[leg].orders > 0) {
      got = std::min(got, s.legs[leg].net);
      continue;
    }
    if (!got.is_positive() || now < record_.next_try) return got.is_positive();
    const auto& l = record_.legs[leg];
    out.emplace_back(
        place_order{terms_for(leg, 0, order_purpose::open, l.side, l.limit, got, now)});
    return true;
  }
  return false;
}

}  // namespace cornice::execution
