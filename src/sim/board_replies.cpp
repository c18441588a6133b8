#include "sim/board_replies.hpp"

#include "cornice/venue/kalshi/market_data.hpp"
#include "cornice/venue/polymarket/clob.hpp"
#include "cornice/venue/polymarket/requests.hpp"
#include "sim/kalshi_words.hpp"
#include "sim/rest_tools.hpp"

namespace cornice::sim {

namespace kalshi = venue::kalshi;
namespace clob = venue::polymarket::clob;

rest_reply kalshi_refusal(unsigned status, kalshi::api_error::body_shape shape, std::string code,
                          std::string message) {
  kalshi::api_error e;
  e.shape = shape;
  e.code = std::move(code);
  e.message = std::move(message);
  return {status, kalshi::encode_api_error(e)};
}

rest_reply kalshi_invalid_parameter(std::string_view name, std::string_view rule) {
  return kalshi_refusal(
      400, kalshi::api_error::body_shape::message, "",
      "Parameter validation failed on '" + std::string{name} + "': " + std::string{rule});
}

rest_reply kalshi_not_found(std::string_view what) {
  return kalshi_refusal(404, kalshi::api_error::body_shape::nested, "not_found",
                        std::string{what} + " not found");
}

rest_reply polymarket_refusal(unsigned status, std::string message) {
  clob::api_error e;
  e.message = std::move(message);
  return {status, clob::encode(e)};
}

rest_reply kalshi_orderbook(const market_board& board, const rest_request& r,
                            std::string_view ticker) {
  const auto depth = whole_number(r.param("depth").value_or("0"));
  if (!depth || *depth < 0 || *depth > 100)
    return kalshi_invalid_parameter("depth", "must be from 0 to 100");
  const auto at = board.find(ticker);
  if (!at || board.at(*at).venue != venue_id::kalshi) return kalshi_not_found("market");
  return {200, kalshi::encode_orderbook(
                   orderbook_words(board.at(*at), static_cast<std::size_t>(*depth)))};
}

rest_reply kalshi_orderbooks(const market_board& board, const rest_request& r) {
  const auto tickers = r.params("tickers");
  if (tickers.empty() || tickers.size() > 100)
    return kalshi_invalid_parameter("tickers", "must name 1 to 100 markets");
  kalshi::orderbook_batch batch;
  for (const std::string& t : tickers) {
    const auto at = board.find(t);
    if (!at || board.at(*at).venue != venue_id::kalshi) return kalshi_not_found("market");
    batch.orderbooks.push_back({t, orderbook_words(board.at(*at), 0)});
  }
  return {200, kalshi::encode_orderbooks(batch)};
}

rest_reply polymarket_books_reply(const market_board& board, polymarket_books& books,
                                  const rest_request& r) {
  const auto tokens = venue::polymarket::decode_books_body(r.body);
  if (!tokens) return polymarket_refusal(400, "Invalid payload");
  if (tokens->size() > venue::polymarket::books_max)
    return polymarket_refusal(400, "Payload exceeds the limit");
  std::vector<clob::book> found;
  for (const std::string& t : *tokens) {
    const auto place = board.find_token(t);
    if (!place) continue;
    const sim_listing& l = board.at(place->listing);
    if (l.phase != listing_phase::determined && l.phase != listing_phase::settled)
      found.push_back(books.book_of(l, place->side));
  }
  return {200, clob::encode_books(found)};
}

}  // namespace cornice::sim
