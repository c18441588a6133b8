// Every decoder of the bus. The first byte says which (a letter from `a` on), the rest is the body.
// What decodes must encode to bytes that decode to the same message, and have a routing key that
// fits AMQP.
#include "cornice/base/check.hpp"
#include "cornice/model/codec.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>

namespace {

using namespace cornice;

template <class T>
void run(std::string_view body) {
  const result<T> message = decode<T>(body);
  if constexpr (std::is_same_v<T, book_signal>) {
    static book_signal_decoder kept;
    invariant(kept.decode(body) == message, "the kept parser answers as a new one does");
  }
  if (!message) {
    invariant(message.error().code == errc::malformed ||
                  message.error().code == errc::missing_field ||
                  message.error().code == errc::out_of_range,
              "a decoder answers one of the three documented codes");
    return;
  }
  const std::string encoded = encode(*message);
  if (encoded.size() > max_bus_message_bytes) return;
  const result<T> again = decode<T>(encoded);
  invariant(again.has_value() && *again == *message, "what was decoded survives a round trip");
  invariant(encode(*again) == encoded, "encoding is stable");
  if constexpr (!std::is_same_v<T, listing> && !std::is_same_v<T, market>)
    invariant(routing_key(*message).size() <= 255, "a routing key fits AMQP");
}

using decoder = void (*)(std::string_view);
constexpr std::array decoders = std::to_array<decoder>({run<book_signal>,
                                                        run<trade_signal>,
                                                        run<market_signal>,
                                                        run<feed_signal>,
                                                        run<opportunity>,
                                                        run<fill_report>,
                                                        run<opportunity_refusal>,
                                                        run<order_report>,
                                                        run<balance_report>,
                                                        run<order_event>,
                                                        run<account_snapshot>,
                                                        run<bundle_event>,
                                                        run<refusal_event>,
                                                        run<position_event>,
                                                        run<pnl_event>,
                                                        run<breaker_event>,
                                                        run<command_request>,
                                                        run<command_reply>,
                                                        run<listing>,
                                                        run<market>});

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  std::string body(size - 1, '\0');
  for (std::size_t i = 1; i < size; ++i) body[i - 1] = static_cast<char>(data[i]);
  decoders[(data[0] + decoders.size() * 256 - 'a') % decoders.size()](body);
  return 0;
}
