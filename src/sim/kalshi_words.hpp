// A simulated listing in Kalshi's words.
#pragma once

#include "cornice/sim/world.hpp"
#include "cornice/venue/kalshi/rest.hpp"
#include "cornice/venue/kalshi/ws.hpp"

#include <optional>
#include <string>
#include <vector>

namespace cornice::sim {

[[nodiscard]] venue::kalshi::market market_words(const world& w, const sim_listing& l);
/// Without nested markets.
[[nodiscard]] venue::kalshi::event event_record(const group& g);
[[nodiscard]] venue::kalshi::series series_record(const group& g);
[[nodiscard]] venue::kalshi::rest_orderbook orderbook_words(const sim_listing& l,
                                                            std::size_t depth);
[[nodiscard]] std::vector<venue::kalshi::price_range> range_words(const tick_grid& grid);

[[nodiscard]] venue::kalshi::ws::ticker_update ticker_words(const sim_listing& l,
                                                            std::int64_t now_ms);
[[nodiscard]] venue::kalshi::ws::market_lifecycle regrid_words(const sim_listing& l);
[[nodiscard]] venue::kalshi::ws::market_lifecycle created_words(const world& w,
                                                                const sim_listing& l);
[[nodiscard]] venue::kalshi::ws::event_lifecycle event_words(const world& w, const sim_listing& l);
/// Nothing for changes by the clock, which the venue does not announce.
[[nodiscard]] std::optional<venue::kalshi::ws::market_lifecycle> phase_words(const sim_listing& l,
                                                                             listing_phase from,
                                                                             std::int64_t now_s);

}  // namespace cornice::sim
