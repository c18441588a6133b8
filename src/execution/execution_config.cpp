#include "cornice/execution/execution_config.hpp"

namespace cornice::execution {
namespace {

using infra::config_section;
using range = config_section::range;

constexpr range money_range{0, 1'000'000'000'000'000};
constexpr range count_range{0, 1'000'000};

void amount(config_section& s, const char* key, money& target, const char* help) {
  std::int64_t micros = target.micros();
  s.millionths(key, micros, money_range, help);
  target = money{micros};
}

void contracts(config_section& s, const char* key, quantity& target, const char* help) {
  std::int64_t micros = target.micros();
  s.millionths(key, micros, money_range, help);
  target = quantity{micros};
}

void cents(config_section& s, const char* key, price& target, const char* help) {
  std::int64_t micros = target.micros();
  s.millionths(key, micros, {0, price::one}, help);
  if (micros >= 0 && micros <= price::one) target = price::of_micros(micros);
}

void describe(config_section& s, venue_limits& v) {
  contracts(s, "order_size_max", v.order_size_max, "Contracts of one order.");
  amount(s, "order_notional_max", v.order_notional_max, "Dollars of one order.");
  contracts(s, "contract_position_max", v.contract_position_max,
            "Held plus open buys of one contract.");
  amount(s, "venue_exposure_max", v.venue_exposure_max,
         "Dollars at risk in all contracts of the venue.");
  s.integer("open_orders_max", v.open_orders_max, count_range, "Orders open at once.");
  s.integer("orders_per_second", v.orders_per_second, {0, 10'000},
            "New orders a second on average.");
  s.integer("orders_burst", v.orders_burst, {0, 10'000}, "New orders in one burst.");
  cents(s, "price_collar", v.price_collar,
        "Dollars that a limit may lie beyond the best opposite price.");
  s.integer("book_age_ms_max", v.book_age_ms_max, {100, 3'600'000},
            "Age of the book's last confirmation.");
  s.integer("feed_age_ms_max", v.feed_age_ms_max, {500, 600'000}, "Age of the feed's last word.");
}

void describe(config_section& s, risk_limits& v) {
  s.section(
      "defaults", [&v](config_section& in) { describe(in, v.defaults); }, "Limits of every venue.");
  amount(s, "market_exposure_max", v.market_exposure_max,
         "Dollars at risk in one market, across venues.");
  amount(s, "gross_exposure_max", v.gross_exposure_max, "Dollars at risk everywhere.");
  amount(s, "unhedged_max", v.unhedged_max, "Dollars of the largest leg of a bundle.");
  s.integer("open_orders_max", v.open_orders_max, count_range, "Orders open at once, all venues.");
  s.integer("open_bundles_max", v.open_bundles_max, {0, 1000}, "Bundles open at once.");
  s.integer("half_open_bundles_max", v.half_open_bundles_max, {0, 100},
            "Bundles at once while a breaker is half open.");
  amount(s, "daily_loss_max", v.daily_loss_max,
         "Loss in dollars since 00:00 UTC that opens the breaker.");
  s.integer("repeats_max", v.repeats_max, {1, 1000}, "Identical orders within repeat_window_ms.");
  s.integer("repeat_window_ms", v.repeat_window_ms, {0, 3'600'000}, "Window of repeats_max.");
  s.integer("pending_commits_max", v.pending_commits_max, {1, 10'000},
            "Unconfirmed commits that stop new bundles.");
  amount(s, "cash_floor", v.cash_floor, "Dollars of a venue's cash that are never spent.");
}

void describe(config_section& s, bundle_policy& v) {
  std::string order{to_string(v.order)};
  s.choice("leg_order", order, {"simultaneous", "thinnest_first"},
           "simultaneous: all legs at once; thinnest_first: one after the other, hardest first.");
  if (const auto parsed = parse_leg_order(order)) v.order = *parsed;
  s.integer("rest_ms_max", v.rest_ms_max, {0, 600'000}, "A resting leg is cancelled after this.");
  s.integer("completion_ms_max", v.completion_ms_max, {0, 600'000},
            "Time to complete a half-filled bundle.");
  s.integer("completion_attempts_max", v.completion_attempts_max, {0, 100},
            "Tries to complete it.");
  cents(s, "completion_extra_max", v.completion_extra_max,
        "Dollars a contract above the leg's limit when completing.");
  s.integer("unwind_ms_max", v.unwind_ms_max, {0, 3'600'000},
            "Time to sell what could not be hedged.");
  s.integer("unwind_attempts_max", v.unwind_attempts_max, {0, 100}, "Tries to sell it.");
  cents(s, "unwind_collar", v.unwind_collar,
        "Dollars below the best bid that an unwind may sell at.");
  amount(s, "unwind_loss_max", v.unwind_loss_max,
         "Dollars that the unwind of one bundle may lose.");
  s.integer("retry_ms", v.retry_ms, {10, 60'000}, "Between two tries.");
  amount(s, "residual_max", v.residual_max, "Imbalance in dollars that minimum sizes may leave.");
}

void describe(config_section& s, breaker_policy& v) {
  s.integer("cool_down_ms", v.cool_down_ms, {100, 86'400'000},
            "First wait before a half-open try.");
  s.integer("cool_down_ms_max", v.cool_down_ms_max, {100, 86'400'000}, "Longest wait.");
  s.integer("quiet_ms", v.quiet_ms, {0, 86'400'000},
            "Closed this long: the next trip counts as the first.");
  s.integer("probes", v.probes, {1, 100}, "Good orders that close a half-open breaker.");
  s.integer("refusals_max", v.refusals_max, {1, 1000},
            "Venue refusals within refusal_window_ms that trip.");
  s.integer("refusal_window_ms", v.refusal_window_ms, {100, 3'600'000}, "Window of refusals_max.");
}

}  // namespace

void describe(config_section& s, execution_config& c) {
  s.text("account", c.account, "Name of the account; one daemon executes for it at a time.");
  s.text("kill_file", c.kill_file, "While this file exists everything is halted; empty: none.");
  s.section(
      "limits", [&c](config_section& in) { describe(in, c.manager.limits); }, "Risk limits.");
  s.section(
      "bundles", [&c](config_section& in) { describe(in, c.manager.bundles); },
      "Policy for half-filled bundles.");
  s.section(
      "breakers", [&c](config_section& in) { describe(in, c.manager.breakers); },
      "Policy of the circuit breakers.");
  s.integer("in_doubt_ms_max", c.manager.in_doubt_ms_max, {1000, 3'600'000},
            "Older doubt opens the breaker.");
  s.integer("intent_ms_max", c.manager.intent_ms_max, {50, 60'000},
            "An intent confirmed later is not sent.");
  s.integer("snapshot_every_ms", c.manager.snapshot_every_ms, {1000, 3'600'000},
            "Between two comparisons with the venue's account.");
  s.integer("decisions_queue_max", c.decisions_queue_max, {1, 100'000},
            "Opportunities waiting at the broker.");
  s.integer("placing_max", c.placing_max, {1, 1000}, "Orders on their way to venues at once.");
}

}  // namespace cornice::execution
