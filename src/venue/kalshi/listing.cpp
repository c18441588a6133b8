#include "cornice/venue/kalshi/listing.hpp"

#include "cornice/venue/fees.hpp"

#include <algorithm>

namespace cornice::venue::kalshi {
namespace {

constexpr quantity smallest_step{10'000};  // 0.01 contracts, on every market since April 2026
constexpr std::int64_t most_multiplier_ppm = 100'000'000;

bool due_within(timestamp scheduled, timestamp fetched, timestamp now) noexcept {
  return scheduled > fetched && scheduled <= now;
}

result<tick_grid> grid_of(const market& m) {
  // Without bands no price is known to be valid, and the listing does not trade.
  if (m.price_ranges.empty()) return tick_grid{};
  std::vector<tick_band> bands;
  bands.reserve(m.price_ranges.size());
  for (const auto& range : m.price_ranges)
    bands.push_back({range.start, range.end, range.step.micros()});
  std::sort(bands.begin(), bands.end(),
            [](const tick_band& a, const tick_band& b) { return a.start < b.start; });
  auto grid = tick_grid::from_bands(std::move(bands));
  if (!grid) return grid.error().within("price_ranges of " + m.ticker);
  return grid;
}

std::optional<timestamp> expected_resolution(const market& m) {
  const timestamp known = m.expected_expiration_time.value_or(m.close_time);
  const std::int64_t wait_s = std::clamp<std::int64_t>(m.settlement_timer_seconds.value_or(0), 0,
                                                       std::int64_t{366} * 86'400);
  return known + std::chrono::seconds{wait_s};
}

std::string rules_of(const market& m) {
  return m.rules_primary + "\n\n" + m.rules_secondary;
}

result<void> check_family(const market& m, const event& e, const series& s) {
  if (m.event_ticker != e.event_ticker)
    return error{errc::conflict, "market " + m.ticker + " belongs to event " + m.event_ticker +
                                     ", not to " + e.event_ticker};
  if (e.series_ticker != s.ticker)
    return error{errc::conflict, "event " + e.event_ticker + " belongs to series " +
                                     e.series_ticker + ", not to " + s.ticker};
  if (m.notional_value_dollars && *m.notional_value_dollars != money::dollars(1))
    return error{errc::refused, "market " + m.ticker + " pays " +
                                    m.notional_value_dollars->to_string() +
                                    " dollars per contract, only 1 is handled"};
  return {};
}

}  // namespace

effective_fee fee_at(const series& s, const event& e, const fee_changes& changes, timestamp fetched,
                     timestamp now) {
  effective_fee fee{s.fee_type, s.fee_multiplier};
  timestamp latest = fetched;
  for (const auto& c : changes.series) {
    if (c.series_ticker != s.ticker || !due_within(c.scheduled_ts, fetched, now)) continue;
    if (c.scheduled_ts < latest) continue;
    latest = c.scheduled_ts;
    fee = {c.fee_type, c.fee_multiplier};
  }
  auto type = e.fee_type_override;
  auto multiplier = e.fee_multiplier_override;
  latest = fetched;
  for (const auto& c : changes.events) {
    if (c.event_ticker != e.event_ticker || !due_within(c.scheduled_ts, fetched, now)) continue;
    if (c.scheduled_ts < latest) continue;
    latest = c.scheduled_ts;
    type = c.fee_type_override;
    multiplier = c.fee_multiplier_override;
  }
  if (type) fee.type = *type;
  if (multiplier) fee.multiplier = *multiplier;
  return fee;
}

std::optional<timestamp> next_fee_change(const series& s, const event& e,
                                         const fee_changes& changes, timestamp now) {
  std::optional<timestamp> next;
  const auto consider = [&](timestamp when) {
    if (when > now && (!next || when < *next)) next = when;
  };
  for (const auto& c : changes.series)
    if (c.series_ticker == s.ticker) consider(c.scheduled_ts);
  for (const auto& c : changes.events)
    if (c.event_ticker == e.event_ticker) consider(c.scheduled_ts);
  return next;
}

fee_schedule to_fee_schedule(const effective_fee& fee) noexcept {
  fee_schedule out;
  if (fee.multiplier.ppm < 0 || fee.multiplier.ppm > most_multiplier_ppm) return out;
  switch (fee.type) {
    case fee_type::quadratic:
      out.maker_rate = ratio{};
      break;
    case fee_type::quadratic_with_maker_fees:
      out.maker_rate = kalshi_maker_rate;
      break;
    case fee_type::quadratic_with_combo_maker_fees:
      out.maker_rate = kalshi_combo_maker_rate;
      break;
    case fee_type::flat:
    case fee_type::margin_market_maker_program_fees:
    case fee_type::unknown:
      return out;
  }
  out.kind = fee_schedule::model::kalshi;
  out.taker_rate = kalshi_taker_rate;
  out.multiplier = fee.multiplier;
  return out;
}

listing_status to_listing_status(market_status s) noexcept {
  switch (s) {
    case market_status::initialized:
      return listing_status::pending;
    case market_status::active:
      return listing_status::open;
    case market_status::inactive:
      return listing_status::paused;
    case market_status::closed:
      return listing_status::closed;
    case market_status::determined:
    case market_status::amended:
      return listing_status::determined;
    case market_status::disputed:
      return listing_status::disputed;
    case market_status::finalized:
      return listing_status::settled;
    case market_status::unknown:
      break;
  }
  return listing_status::unknown;
}

contract_id contract_of(std::string_view ticker, outcome side) {
  return contract_id::make(venue_id::kalshi,
                           std::string{ticker}.append(side == outcome::yes ? ":yes" : ":no"));
}

result<listing> to_listing(const market& m, const event& e, const series& s,
                           const fee_changes& changes, timestamp fetched, timestamp now) {
  CORNICE_CHECK_OK(check_family(m, e, s));
  listing out;
  out.venue = venue_id::kalshi;
  CORNICE_TRY(id, listing_id::parse(m.ticker));
  CORNICE_TRY(event_name, event_id::parse(m.event_ticker));
  CORNICE_TRY(grid, grid_of(m));
  out.id = id;
  out.event = event_name;
  out.grid = std::move(grid);
  out.series = s.ticker;
  out.category = s.category.empty() ? e.category : s.category;
  out.title = e.title.empty() ? m.title : e.title;
  out.outcome_name = m.yes_sub_title;
  out.rules = rules_of(m);
  out.rule_hash = rule_hash_of(out.rules);
  out.status = to_listing_status(m.status);
  out.accepting_orders = out.status == listing_status::open && m.market_type == market_type::binary;
  out.mutually_exclusive = e.mutually_exclusive;
  out.exchange_index = m.exchange_index;
  out.min_size = smallest_step;
  out.size_step = smallest_step;
  out.fees = to_fee_schedule(fee_at(s, e, changes, fetched, now));
  out.open_time = m.open_time;
  out.close_time = m.close_time;
  out.expected_resolution = expected_resolution(m);
  if (m.settlement_value_dollars)
    out.settlement_value = ratio{m.settlement_value_dollars->micros()};
  else if (m.result == market_result::yes || m.result == market_result::no)
    out.settlement_value = ratio{m.result == market_result::yes ? price::one : 0};
  out.yes = contract_of(m.ticker, outcome::yes);
  out.no = contract_of(m.ticker, outcome::no);
  return out;
}

}  // namespace cornice::venue::kalshi
