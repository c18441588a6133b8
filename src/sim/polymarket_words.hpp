// A simulated listing in Polymarket's words.
#pragma once

#include "cornice/sim/world.hpp"
#include "cornice/venue/polymarket/clob.hpp"
#include "cornice/venue/polymarket/gamma.hpp"
#include "cornice/venue/polymarket/ws.hpp"

namespace cornice::sim {

[[nodiscard]] std::string tick_text(const sim_listing& l);
[[nodiscard]] venue::polymarket::gamma::market gamma_words(const world& w, const sim_listing& l);
/// Without markets.
[[nodiscard]] venue::polymarket::gamma::event_info gamma_event_record(const world& w,
                                                                      std::size_t group);
[[nodiscard]] venue::polymarket::clob::market_info clob_info_words(const world& w,
                                                                   const sim_listing& l);
[[nodiscard]] venue::polymarket::clob::market clob_market_words(const world& w,
                                                                const sim_listing& l);
[[nodiscard]] venue::polymarket::ws::new_market new_market_words(const world& w,
                                                                 const sim_listing& l);
[[nodiscard]] venue::polymarket::ws::market_resolved resolved_words(const world& w,
                                                                    const sim_listing& l);

}  // namespace cornice::sim
