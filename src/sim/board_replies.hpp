// REST answers that need nothing but the board: the same for a made-up market and a replayed one.
#pragma once

#include "cornice/sim/market_board.hpp"
#include "cornice/sim/rest.hpp"
#include "cornice/venue/kalshi/exchange.hpp"

#include <string>
#include <string_view>

namespace cornice::sim {

[[nodiscard]] rest_reply kalshi_refusal(unsigned status, venue::kalshi::api_error::body_shape shape,
                                        std::string code, std::string message);
[[nodiscard]] rest_reply kalshi_invalid_parameter(std::string_view name, std::string_view rule);
[[nodiscard]] rest_reply kalshi_not_found(std::string_view what);
[[nodiscard]] rest_reply polymarket_refusal(unsigned status, std::string message);

/// `GET /markets/{ticker}/orderbook`.
[[nodiscard]] rest_reply kalshi_orderbook(const market_board& board, const rest_request& r,
                                          std::string_view ticker);
/// `GET /markets/orderbooks`.
[[nodiscard]] rest_reply kalshi_orderbooks(const market_board& board, const rest_request& r);
/// `POST /books`. Unknown tokens, and those of markets that are over, are left out.
[[nodiscard]] rest_reply polymarket_books_reply(const market_board& board, polymarket_books& books,
                                                const rest_request& r);

}  // namespace cornice::sim
