// The WebSocket decoder of Kalshi, one frame a line, with one decoder for all of them. What decodes
// must encode to a frame that decodes to the same, and the short way for deltas must agree with the
// long one.
#include "cornice/base/check.hpp"
#include "cornice/venue/kalshi/ws.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace {

using namespace cornice;
using namespace cornice::venue::kalshi;

void run(ws::decoder& decoder, std::string_view line) {
  const auto f = decoder.decode(line);
  ws::decoder thorough{false};
  invariant(thorough.decode(line) == f, "the short way for deltas reads what the long way reads");
  if (!f) {
    invariant(f.error().message.starts_with('/'), "an error begins with its JSON pointer");
    (void)std::string{decoder.broken().market_ticker};
    (void)std::string{decoder.broken().head.type};
    return;
  }
  invariant(ws::type_of(*f) == f->head.type, "the body is that of the type");
  ws::decoder second;
  const auto again = second.decode(ws::encode(*f));
  invariant(again.has_value(), "what was encoded decodes");
  invariant(*again == *f, "and means the same");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text{data, data + size};
  ws::decoder decoder;
  std::string_view rest = text;
  while (!rest.empty()) {
    const auto end = rest.find('\n');
    run(decoder, rest.substr(0, end));
    rest = end == std::string_view::npos ? std::string_view{} : rest.substr(end + 1);
  }
  return 0;
}
