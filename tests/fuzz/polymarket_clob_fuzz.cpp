// The decoders of the CLOB's public REST, of the data API and of what clients send. The first byte
// says which, the rest is the body. What decodes must survive a round trip.
#include "cornice/base/check.hpp"
#include "cornice/venue/polymarket/clob.hpp"
#include "cornice/venue/polymarket/data_api.hpp"
#include "cornice/venue/polymarket/requests.hpp"

#include <cstddef>
#include <cstdint>
#include <string>

namespace {

using namespace cornice;
using namespace cornice::venue::polymarket;

template <class Decode, class Encode>
void round_trip(std::string_view body, Decode decode, Encode encode) {
  const auto value = decode(body);
  if (!value) return;
  const auto again = decode(encode(*value));
  invariant(again.has_value() && *again == *value, "what was decoded survives a round trip");
}

template <class Decode>
void rows_round_trip(std::string_view body, Decode decode) {
  const auto page = decode(body);
  if (!page) return;
  const auto again = decode(data_api::encode(*page));
  invariant(again.has_value() && again->rows == page->rows && again->errors.empty(),
            "the good rows of a page survive a round trip");
}

void run_books(std::string_view body) {
  const auto batch = clob::decode_books(body);
  if (!batch) return;
  const auto again = clob::decode_books(clob::encode_books(batch->books));
  invariant(again.has_value() && again->books == batch->books && again->errors.empty(),
            "books survive a round trip");
  for (const auto& b : batch->books) {
    text_book book;
    const clob::borrowed_book lent{b};
    (void)book.assign(lent.view().bids, lent.view().asks);
  }
}

void run_markets(std::string_view body) {
  const auto page = clob::decode_markets_page(body);
  if (!page) return;
  const auto again = clob::decode_markets_page(clob::encode(*page));
  invariant(again.has_value() && again->rows == page->rows && again->errors.empty(),
            "the good rows of a page survive a round trip");
}

void run_values(std::string_view body) {
  (void)clob::decode_error(body);
  (void)clob::decode_price_map(body);
  (void)clob::decode_market_by_token(body);
  round_trip(body, clob::decode_price, clob::encode_price);
  round_trip(body, clob::decode_midpoint, clob::encode_midpoint);
  round_trip(body, clob::decode_spread, clob::encode_spread);
  round_trip(body, clob::decode_tick_size, clob::encode_tick_size);
  round_trip(body, clob::decode_neg_risk, clob::encode_neg_risk);
  round_trip(body, clob::decode_fee_rate, clob::encode_fee_rate);
  round_trip(body, clob::decode_time, clob::encode_time);
  round_trip(body, clob::decode_version, clob::encode_version);
  round_trip(body, clob::decode_prices_history, clob::encode_prices_history);
  round_trip(body, clob::decode_last_trade_price, [](const auto& v) { return clob::encode(v); });
  round_trip(body, clob::decode_geoblock, [](const auto& v) { return clob::encode(v); });
}

void run_client(std::string_view body) {
  (void)decode_books_body(body);
  const auto frame = ws::decode_client_frame(body);
  if (!frame) return;
  if (const auto* m = std::get_if<ws::market_subscription>(&*frame))
    invariant(std::get<ws::market_subscription>(*ws::decode_client_frame(ws::encode(*m))) == *m,
              "a subscription survives a round trip");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string body{data + 1, data + size};
  switch (data[0]) {
    case 'b':
      run_books(body);
      break;
    case 'i':
      round_trip(body, clob::decode_market_info, [](const auto& v) { return clob::encode(v); });
      break;
    case 'm':
      round_trip(body, clob::decode_market, [](const auto& v) { return clob::encode(v); });
      break;
    case 'M':
      run_markets(body);
      break;
    case 'v':
      run_values(body);
      break;
    case 'c':
      run_client(body);
      break;
    case 'p':
      rows_round_trip(body, data_api::decode_positions);
      break;
    case 't':
      rows_round_trip(body, data_api::decode_trades);
      break;
    case 'r':
      rows_round_trip(body, data_api::decode_resolutions);
      break;
    default:
      round_trip(body, clob::decode_book, [](const auto& v) { return clob::encode(v); });
  }
  return 0;
}
