// Gamma's decoders. The first byte says which, the rest is the body. What decodes must encode to
// bytes that decode to the same; a listing made of a market is consistent.
#include "cornice/base/check.hpp"
#include "cornice/venue/polymarket/gamma.hpp"
#include "cornice/venue/polymarket/listing.hpp"

#include <cstddef>
#include <cstdint>
#include <string>

namespace {

using namespace cornice;
using namespace cornice::venue::polymarket;

void check_listing(const gamma::market& m, const gamma::event_info* event) {
  const auto made = to_listing(m, event, nullptr);
  if (!made) return;
  invariant(made->id.str() == m.condition_id, "a listing is named by its condition id");
  invariant(!(made->yes == made->no), "the two contracts of a listing differ");
  invariant(!made->tradable() || m.tradable(), "what the venue closed is not tradable");
  invariant(!made->tradable() || gamma::asset_ids(m).has_value(),
            "a tradable market's assets are sure");
}

void run_market(std::string_view body) {
  const auto m = gamma::decode_market(body);
  if (!m) return;
  const auto again = gamma::decode_market(gamma::encode(*m));
  invariant(again.has_value() && *again == *m, "a market survives a round trip");
  check_listing(*m, nullptr);
}

void run_event(std::string_view body) {
  const auto e = gamma::decode_event(body);
  if (!e) return;
  const auto again = gamma::decode_event(gamma::encode(*e));
  invariant(again.has_value() && *again == *e, "an event survives a round trip");
  for (const auto& m : e->markets) check_listing(m, &e->info);
}

void run_markets(std::string_view body) {
  const auto p = gamma::decode_markets_page(body);
  if (!p) return;
  const auto again =
      gamma::decode_markets_page(gamma::encode_markets_page(p->rows, p->next_cursor));
  invariant(again.has_value() && again->rows == p->rows && again->errors.empty(),
            "the good rows of a page survive a round trip");
}

void run_events(std::string_view body) {
  const auto p = gamma::decode_events_page(body);
  if (!p) return;
  const auto again = gamma::decode_events_page(gamma::encode_events_page(p->rows, p->next_cursor));
  invariant(again.has_value() && again->rows == p->rows && again->errors.empty(),
            "the good rows of a page survive a round trip");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string body{data + 1, data + size};
  switch (data[0]) {
    case 'e':
      run_event(body);
      break;
    case 'M':
      run_markets(body);
      break;
    case 'E':
      run_events(body);
      break;
    default:
      run_market(body);
  }
  return 0;
}
