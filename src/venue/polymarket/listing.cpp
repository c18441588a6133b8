#include "cornice/venue/polymarket/listing.hpp"

#include "cornice/base/check.hpp"
#include "venue/polymarket/decimal.hpp"

#include <chrono>

namespace cornice::venue::polymarket {
namespace {

constexpr std::int64_t size_step_micros = 10'000;  // 0.01 shares on every market
constexpr std::int64_t usual_min_size_micros = 5 * quantity::one;

// Assets for display even when the generation is unknown; `tradable` says whether they are sure.
struct chosen_assets {
  std::array<std::string, 2> ids;
  bool sure = false;
};

result<chosen_assets> choose_assets(const gamma::market& m) {
  if (auto ids = gamma::asset_ids(m)) return chosen_assets{*ids, true};
  const bool v2 = m.version == gamma::protocol_version::v2;
  const auto& ids = v2 ? m.position_ids : m.clob_token_ids;
  if (ids.size() != 2 || m.outcomes.size() != 2 || !is_asset_id(ids[0]) || !is_asset_id(ids[1]) ||
      ids[0] == ids[1])
    return error{errc::refused, "market " + m.id + " (" + m.condition_id + ") has " +
                                    std::to_string(m.outcomes.size()) + " outcomes and " +
                                    std::to_string(ids.size()) +
                                    " assets; a listing needs two different ones"};
  return chosen_assets{{ids[0], ids[1]}, false};
}

listing_status open_status(const gamma::market& m, bool accepting) {
  if (m.uma_resolution_status == "disputed") return listing_status::disputed;
  if (m.uma_resolution_status == "resolved" || m.uma_resolution_status == "settled")
    return listing_status::determined;
  if (!m.active.value_or(false)) return listing_status::pending;
  const bool trading = accepting && m.enable_order_book.value_or(false);
  return trading && !m.archived.value_or(false) ? listing_status::open : listing_status::paused;
}

// Only exactly 1 and 0 say who won; anything else is left to the CLOB's winner flags.
std::optional<ratio> settled_value(const gamma::market& m) {
  if (m.outcome_prices.size() != 2) return std::nullopt;
  if (m.outcome_prices[0] == "1" && m.outcome_prices[1] == "0") return ratio{1'000'000};
  if (m.outcome_prices[0] == "0" && m.outcome_prices[1] == "1") return ratio{0};
  return std::nullopt;
}

void set_status(listing& l, const gamma::market& m, bool accepting) {
  if (!m.closed.has_value()) {
    l.status = listing_status::unknown;
    return;
  }
  if (!*m.closed) {
    l.status = open_status(m, accepting);
    return;
  }
  l.settlement_value = settled_value(m);
  const bool final_word =
      m.uma_resolution_status == "resolved" || m.uma_resolution_status == "settled";
  l.status = m.uma_resolution_status == "disputed" ? listing_status::disputed
             : !l.settlement_value                 ? listing_status::closed
             : final_word                          ? listing_status::settled
                                                   : listing_status::determined;
}

fee_schedule polymarket_fees(ratio rate, std::int64_t exponent) {
  fee_schedule out;
  out.taker_rate = rate;
  out.exponent = exponent;
  out.kind = rate.ppm == 0 ? fee_schedule::model::none : fee_schedule::model::polymarket;
  if (rate.ppm < 0 || exponent < 0) out.kind = fee_schedule::model::unknown;
  return out;
}

// The schedule is the truth; without one, fees are none only when the venue says that none are
// charged. `feesEnabled` with a missing schedule is an unknown cost, which is never traded.
fee_schedule fees_of(const gamma::market& m, const clob::market_info* facts) {
  if (facts != nullptr && facts->fees)
    return polymarket_fees(facts->fees->rate, facts->fees->exponent);
  if (m.fee_schedule) return polymarket_fees(m.fee_schedule->rate, m.fee_schedule->exponent);
  fee_schedule none;
  none.kind = fee_schedule::model::none;
  const bool declared_free = m.fee_type == "zero_fees" || m.fees_enabled == false ||
                             (facts != nullptr && !m.fees_enabled.has_value());
  return declared_free ? none : fee_schedule{};
}

void set_grid(listing& l, const gamma::market& m, const clob::market_info* facts) {
  std::int64_t step = 0;
  if (facts != nullptr && facts->tick_micros > 0) {
    step = facts->tick_micros;
  } else if (const auto parsed = parse_number_token(m.tick_size)) {
    step = *parsed;
  }
  if (step <= 0) return;
  if (auto grid = tick_grid::uniform(step)) l.grid = std::move(*grid);
}

quantity min_size_of(const gamma::market& m, const clob::market_info* facts) {
  if (facts != nullptr && facts->min_order_size.is_positive()) return facts->min_order_size;
  const auto parsed = parse_number_token(m.order_min_size);
  return parsed && *parsed > 0 ? quantity{*parsed} : quantity{usual_min_size_micros};
}

std::string first_nonempty(std::string_view a, std::string_view b) {
  return std::string{a.empty() ? b : a};
}

void set_texts(listing& l, const gamma::market& m, const gamma::event_info* event) {
  l.title = m.question;
  const bool named_in_group = !m.group_item_title.empty() && m.outcomes[0] == "Yes";
  l.outcome_name = named_in_group ? m.group_item_title : m.outcomes[0];
  l.category = m.category;
  std::string source = m.resolution_source;
  if (event != nullptr) {
    l.series = event->series_slug;
    if (l.category.empty()) l.category = event->category;
    if (l.category.empty() && !event->tags.empty()) l.category = event->tags.front().label;
    source = first_nonempty(source, event->resolution_source);
  }
  if (l.category.empty() && !m.tags.empty()) l.category = m.tags.front().label;
  l.rules = m.description;
  if (!source.empty()) l.rules += "\n\nResolution source: " + source;
  l.rule_hash = rule_hash_of(l.rules);
}

void set_times(listing& l, const gamma::market& m) {
  l.open_time = m.accepting_orders_since ? m.accepting_orders_since : m.start_date;
  l.close_time = m.end_date;
  if (!m.end_date) return;
  const std::int64_t liveness =
      m.custom_liveness_s.value_or(0) > 0 ? *m.custom_liveness_s : default_liveness_s;
  constexpr std::int64_t longest_s = 365 * 24 * 3600;
  l.expected_resolution = *m.end_date + std::chrono::seconds{std::min(liveness, longest_s)};
}

}  // namespace

result<listing> to_listing(const gamma::market& m, const gamma::event_info* parent,
                           const clob::market_info* facts) {
  if (m.condition_id.empty())
    return error{errc::missing_field, "market " + m.id + " has no condition id yet"};
  const auto id = listing_id::parse(m.condition_id);
  if (!id) return id.error().within("conditionId");
  CORNICE_TRY(assets, choose_assets(m));
  const gamma::event_info* const event =
      parent != nullptr ? parent : (m.events.empty() ? nullptr : &m.events.front());

  listing l;
  l.venue = venue_id::polymarket;
  l.id = *id;
  if (event != nullptr) {
    const auto event_name = event_id::parse(event->id);
    if (!event_name) return event_name.error().within("event id");
    l.event = *event_name;
  }
  set_texts(l, m, event);
  const bool accepting = facts != nullptr
                             ? facts->accepting_orders && m.accepting_orders.value_or(true)
                             : m.accepting_orders.value_or(false);
  set_status(l, m, accepting);
  l.accepting_orders =
      accepting && assets.sure && m.enable_order_book.value_or(false) && !m.closed.value_or(true);
  l.neg_risk = facts != nullptr ? facts->neg_risk : m.neg_risk.value_or(false);
  // Augmented events have placeholders and an "Other" that may be split later: not exclusive in any
  // way that can be traded on (polymarket.md 8).
  l.mutually_exclusive = event != nullptr && l.neg_risk &&
                         event->neg_risk.value_or(event->enable_neg_risk.value_or(false)) &&
                         !event->neg_risk_augmented.value_or(false);
  set_grid(l, m, facts);
  l.min_size = min_size_of(m, facts);
  l.size_step = quantity{size_step_micros};
  l.fees = fees_of(m, facts);
  set_times(l, m);
  l.yes = contract_id::make(venue_id::polymarket, assets.ids[0]);
  l.no = contract_id::make(venue_id::polymarket, assets.ids[1]);
  return l;
}

void apply_winner(listing& l, const clob::market& m) {
  if (!m.closed.value_or(false) || m.tokens.size() != 2) return;
  std::optional<bool> yes_wins;
  std::optional<bool> no_wins;
  for (const clob::market_token& t : m.tokens) {
    if (t.token_id == l.yes.native()) yes_wins = t.winner;
    if (t.token_id == l.no.native()) no_wins = t.winner;
  }
  if (!yes_wins || !no_wins) return;
  if (m.is_50_50_outcome.value_or(false) && !*yes_wins && !*no_wins)
    l.settlement_value = ratio{500'000};
  else if (*yes_wins != *no_wins)
    l.settlement_value = ratio{*yes_wins ? 1'000'000 : 0};
  else
    return;
  if (l.status != listing_status::settled) l.status = listing_status::determined;
}

}  // namespace cornice::venue::polymarket
