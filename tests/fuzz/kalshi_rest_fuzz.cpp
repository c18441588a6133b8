// Every REST decoder of Kalshi. The first byte says which (a letter from `a` on), the rest is the
// body. What decodes must encode to a body that decodes to the same.
#include "cornice/base/check.hpp"
#include "cornice/venue/kalshi/commands.hpp"
#include "cornice/venue/kalshi/rest.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace {

using namespace cornice;
using namespace cornice::venue::kalshi;

// Items that were refused are reported, not encoded.
template <class T>
T without_rejected(T page) {
  if constexpr (requires { page.rejected.clear(); }) page.rejected.clear();
  if constexpr (requires { page.events; })
    for (auto& e : page.events) e.rejected.clear();
  return page;
}

template <auto Decode, auto Encode>
void run(std::string_view body) {
  const auto decoded = Decode(body);
  if (!decoded) {
    invariant(decoded.error().code == errc::malformed ||
                  decoded.error().code == errc::missing_field ||
                  decoded.error().code == errc::out_of_range,
              "a decoder answers one of the three documented codes");
    invariant(decoded.error().message.starts_with('/'), "an error begins with its JSON pointer");
    return;
  }
  const auto again = Decode(Encode(*decoded));
  invariant(again.has_value(), "what was encoded decodes");
  invariant(without_rejected(*again) == without_rejected(*decoded), "and means the same");
}

void run_api_error(std::string_view body) {
  const auto e = decode_api_error(body);
  invariant(e.message.size() <= api_error::max_text, "texts of errors are bounded");
  (void)encode_api_error(e);
}

void run_book(std::string_view body) {
  const auto decoded = decode_orderbook(body);
  if (decoded && decoded->to_book())
    invariant(decoded->to_book()->levels(book_side::bid).size() <= decoded->yes.size(),
              "a book has no level that was not sent");
}

void run_command(std::string_view body) {
  const auto decoded = ws::decode_command(body);
  if (const auto* c = std::get_if<ws::command>(&decoded)) {
    const auto again = ws::decode_command(ws::encode_command(*c));
    invariant(std::holds_alternative<ws::command>(again) && std::get<ws::command>(again) == *c,
              "a command survives a round trip");
  }
}

using target = void (*)(std::string_view);
constexpr std::array targets = std::to_array<target>(
    {run<decode_exchange_status, encode_exchange_status>,
     run<decode_exchange_schedule, encode_exchange_schedule>,
     run<decode_account_limits, encode_account_limits>,
     run<decode_endpoint_costs, encode_endpoint_costs>, run<decode_series, encode_series>,
     run<decode_series_list, encode_series_list>, run<decode_event, encode_event>,
     run<decode_event_page, encode_event_page>, run<decode_market, encode_market>,
     run<decode_market_page, encode_market_page>,
     run<decode_series_fee_changes, encode_series_fee_changes>,
     run<decode_event_fee_changes, encode_event_fee_changes>,
     run<decode_orderbook, encode_orderbook>, run<decode_orderbooks, encode_orderbooks>,
     run<decode_trade_page, encode_trade_page>, run<decode_candlesticks, encode_candlesticks>,
     run_api_error, run_book, run_command});

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string text{data, data + size};
  const auto letter = static_cast<unsigned char>(text[0]);
  const std::size_t which = letter >= 'a' ? letter - std::size_t{'a'} : letter;
  targets[which % targets.size()](std::string_view{text}.substr(1));
  return 0;
}
