#include "cornice/venue/fees.hpp"

#include "cornice/base/check.hpp"
#include "venue/wide.hpp"

#include <algorithm>

namespace cornice::venue {
namespace {

constexpr std::uint64_t million = 1'000'000;
constexpr std::uint64_t trillion = million * million;
// Fees are cut here, far above any account, so that sums of them cannot overflow.
constexpr std::uint64_t fee_limit_micros = 900'000 * trillion;
constexpr std::int64_t max_exponent = 4;  // 38 bits each: 0.25^4 × 2^83 still fits 256 bits
// Polymarket charges in steps of 0.00001 dollar.
constexpr std::uint64_t polymarket_step_micros = 10;

std::uint64_t magnitude(std::int64_t value) noexcept {
  return value > 0 ? static_cast<std::uint64_t>(value) : 0;
}

std::uint64_t product_of_sides(price p) noexcept {
  return magnitude(p.micros()) * magnitude(p.complement().micros());
}

money clamped_money(const wide& value) noexcept {
  return money{static_cast<std::int64_t>(value.clamped(fee_limit_micros))};
}

ratio rate_of(const fee_schedule& schedule, liquidity role) noexcept {
  return role == liquidity::taker ? schedule.taker_rate : schedule.maker_rate;
}

// rate × multiplier × q × p(1-p), in micro-dollars × 10^24, rounded up to `step` micro-dollars.
money kalshi_model(const fee_schedule& schedule, ratio rate, std::uint64_t sides, quantity q,
                   std::int64_t step_micros) noexcept {
  wide value{magnitude(rate.ppm)};
  value *= magnitude(schedule.multiplier.ppm);
  value *= magnitude(q.micros());
  value *= sides;
  bool inexact = false;
  value.divide(trillion, inexact).divide(trillion, inexact).divide(magnitude(step_micros), inexact);
  const std::uint64_t step = magnitude(step_micros);
  const std::uint64_t steps = value.clamped(fee_limit_micros / step) + (inexact ? 1 : 0);
  return money{static_cast<std::int64_t>(steps * step)};
}

// Twice the fee in steps of 0.00001 dollar, rounded down: from it rounding half up is exact.
wide polymarket_half_steps(ratio rate, std::int64_t exponent, std::uint64_t sides,
                           quantity q) noexcept {
  wide value{magnitude(rate.ppm)};
  value *= magnitude(q.micros());
  value *= 2;
  bool inexact = false;
  // ppm × micro-contracts are 10^-12 dollars; each power of p(1-p) brings 10^-12 more.
  for (std::int64_t i = 0; i < exponent; ++i) value *= sides;
  for (std::int64_t i = 0; i < exponent; ++i) value.divide(trillion, inexact);
  value.divide(million, inexact).divide(polymarket_step_micros, inexact);
  return value;
}

money polymarket_model(ratio rate, std::int64_t exponent, std::uint64_t sides,
                       quantity q) noexcept {
  const std::uint64_t halves =
      polymarket_half_steps(rate, exponent, sides, q).clamped(fee_limit_micros / 10);
  // A fee below one step is not charged, even where rounding would make it one.
  if (halves < 2) return money{};
  return money{static_cast<std::int64_t>((halves + 1) / 2 * polymarket_step_micros)};
}

// rate × q × (p(1-p))^exponent in micro-dollars, rounded up.
money polymarket_model_up(ratio rate, std::int64_t exponent, std::uint64_t sides,
                          quantity q) noexcept {
  wide value{magnitude(rate.ppm)};
  value *= magnitude(q.micros());
  for (std::int64_t i = 0; i < exponent; ++i) value *= sides;
  bool inexact = false;
  for (std::int64_t i = 0; i < exponent; ++i) value.divide(trillion, inexact);
  value.divide(million, inexact);
  return clamped_money(value) + money{inexact ? 1 : 0};
}

bool priced(const fee_schedule& schedule) noexcept {
  switch (schedule.kind) {
    case fee_schedule::model::none:
    case fee_schedule::model::kalshi:
      return true;
    case fee_schedule::model::polymarket:
      return schedule.exponent >= 0 && schedule.exponent <= max_exponent;
    case fee_schedule::model::unknown:
      return false;
  }
  return false;
}

money single_fill(const fee_schedule& schedule, liquidity role, price p, quantity q,
                  const fee_terms& terms) noexcept {
  if (!q.is_positive()) return money{};
  if (schedule.kind != fee_schedule::model::kalshi) return trade_fee(schedule, role, p, q, terms);
  const auto net = [&](order_side side) {
    return kalshi_order_fees{schedule, terms}.on_fill(side, role, p, q).net;
  };
  return std::max(net(order_side::buy), net(order_side::sell));
}

std::uint64_t most_sides(order_side side, price limit) noexcept {
  constexpr std::int64_t half = price::one / 2;
  const bool half_is_reachable =
      side == order_side::buy ? limit.micros() >= half : limit.micros() <= half;
  return half_is_reachable ? magnitude(half) * magnitude(half) : product_of_sides(limit);
}

money times(std::int64_t count, std::int64_t step_micros) noexcept {
  wide value{magnitude(count)};
  value *= magnitude(step_micros);
  return clamped_money(value);
}

money kalshi_bound(const fee_schedule& schedule, std::uint64_t sides, quantity q,
                   std::int64_t fills, const fee_terms& terms) noexcept {
  const ratio rate = std::max(schedule.taker_rate, schedule.maker_rate);
  const money model = kalshi_model(schedule, rate, sides, q, 1);
  const money trade_rounding =
      model.is_zero() ? money{} : times(fills, terms.trade_fee_step_micros);
  const int128 finest_notional = int128{terms.price_step_micros} * terms.smallest_fill.micros();
  const bool aligned = terms.price_step_micros > 0 &&
                       finest_notional % (int128{quantity::one} * terms.balance_step_micros) == 0;
  const money alignment = times(aligned ? 1 : fills, terms.balance_step_micros);
  return model + trade_rounding + alignment;
}

money polymarket_bound(const fee_schedule& schedule, std::uint64_t sides, quantity q,
                       std::int64_t fills) noexcept {
  const ratio rate = std::max(schedule.taker_rate, schedule.maker_rate);
  const money model = polymarket_model_up(rate, schedule.exponent, sides, q);
  const money half{(model.micros() + 1) / 2};
  return model + std::min(half, times(fills, polymarket_step_micros / 2));
}

}  // namespace

fee_terms kalshi_terms(kalshi_membership membership, timestamp when) noexcept {
  fee_terms terms;
  terms.trade_fee_step_micros = when < kalshi_six_decimals_since ? 100 : 1;
  terms.balance_step_micros = membership == kalshi_membership::direct ? 100 : 10'000;
  return terms;
}

money trade_fee(const fee_schedule& schedule, liquidity role, price p, quantity q,
                const fee_terms& terms) noexcept {
  if (!q.is_positive()) return money{};
  if (!priced(schedule)) return payout(q);
  const ratio rate = rate_of(schedule, role);
  switch (schedule.kind) {
    case fee_schedule::model::kalshi:
      return kalshi_model(schedule, rate, product_of_sides(p), q, terms.trade_fee_step_micros);
    case fee_schedule::model::polymarket:
      return polymarket_model(rate, schedule.exponent, product_of_sides(p), q);
    case fee_schedule::model::none:
    case fee_schedule::model::unknown:
      break;
  }
  return money{};
}

money taker_fee(venue_id /*venue*/, const fee_schedule& schedule, price p, quantity q,
                const fee_terms& terms) noexcept {
  return single_fill(schedule, liquidity::taker, p, q, terms);
}

money maker_fee(venue_id /*venue*/, const fee_schedule& schedule, price p, quantity q,
                const fee_terms& terms) noexcept {
  return single_fill(schedule, liquidity::maker, p, q, terms);
}

money fee_bound(venue_id /*venue*/, const fee_schedule& schedule, order_side side, price limit,
                quantity q, const fee_terms& terms) noexcept {
  if (!q.is_positive()) return money{};
  if (!priced(schedule)) return payout(q);
  invariant(terms.smallest_fill.is_positive(), "the smallest fill is a positive quantity");
  const std::int64_t fills = divide(q.micros(), terms.smallest_fill.micros(), rounding::up);
  const std::uint64_t sides = most_sides(side, limit);
  switch (schedule.kind) {
    case fee_schedule::model::kalshi:
      return kalshi_bound(schedule, sides, q, fills, terms);
    case fee_schedule::model::polymarket:
      return polymarket_bound(schedule, sides, q, fills);
    case fee_schedule::model::none:
    case fee_schedule::model::unknown:
      break;
  }
  return money{};
}

kalshi_order_fees::kalshi_order_fees(const fee_schedule& schedule, const fee_terms& terms) noexcept
    : schedule_{schedule}, terms_{terms} {
  invariant(terms.trade_fee_step_micros > 0 && terms.balance_step_micros > 0,
            "fee steps are positive");
}

kalshi_fill_fee kalshi_order_fees::on_fill(order_side side, liquidity role, price p,
                                           quantity q) noexcept {
  invariant(q.is_positive(), "a fill has a positive quantity");
  const std::int64_t step = terms_.balance_step_micros;
  kalshi_fill_fee fee;
  fee.trade = trade_fee(schedule_, role, p, q, terms_);
  const money revenue =
      side == order_side::buy ? -notional(p, q, rounding::up) : notional(p, q, rounding::down);
  const std::int64_t change = (revenue - fee.trade).micros();
  fee.rounding = money{change - divide(change, step, rounding::down) * step};
  held_ += fee.rounding;
  const money gross = fee.trade + fee.rounding;
  fee.rebate = money{std::min(held_, gross).micros() / step * step};
  held_ -= fee.rebate;
  fee.net = gross - fee.rebate;
  total_ += fee.net;
  return fee;
}

}  // namespace cornice::venue
