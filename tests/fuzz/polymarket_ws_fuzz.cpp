// Frames of the market channel. Good messages must encode to a frame that decodes to the same kind
// and encodes alike; books must apply or be refused; the quick reading must see what the careful
// one sees.
#include "cornice/base/check.hpp"
#include "cornice/venue/polymarket/text_book.hpp"
#include "cornice/venue/polymarket/ws.hpp"

#include <cstddef>
#include <cstdint>
#include <string>

namespace {

using namespace cornice;
using namespace cornice::venue::polymarket;

void check_message(const ws::message& m, ws::decoder& second) {
  if (std::holds_alternative<ws::bad_message>(m) || std::holds_alternative<ws::unknown_message>(m))
    return;
  const std::string once = ws::encode(m);
  const auto again = second.decode(once);
  invariant(
      again.has_value() && again->messages.size() == 1 && again->messages[0].index() == m.index(),
      "a good message decodes to its own kind again");
  invariant(ws::encode(again->messages[0]) == once, "encoding is stable");
  if (const auto* b = std::get_if<book_view>(&m)) {
    text_book book;
    if (!book.assign(b->bids, b->asks)) invariant(book.empty(), "a refused book leaves nothing");
  }
}

void check_readings(const result<ws::frame>& quick, const result<ws::frame>& careful) {
  invariant(quick.has_value() == careful.has_value(), "both readings agree on what is a frame");
  if (!quick) return;
  invariant(quick->kind == careful->kind && quick->messages.size() == careful->messages.size(),
            "both readings see as many messages");
  for (std::size_t i = 0; i < quick->messages.size(); ++i) {
    const ws::message& a = quick->messages[i];
    const ws::message& b = careful->messages[i];
    invariant(a.index() == b.index() && ws::encode(a) == ws::encode(b),
              "both readings see the same message");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static ws::decoder first;
  static ws::decoder second;
  static ws::decoder careful{ws::decoder::reading::careful};
  const std::string bytes{data, data + size};
  const auto frame = first.decode(bytes);
  check_readings(frame, careful.decode(bytes));
  if (!frame) return 0;
  for (const ws::message& m : frame->messages) check_message(m, second);
  return 0;
}
