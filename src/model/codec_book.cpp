#include "model/json_codec.hpp"

namespace cornice {
namespace json {

template <>
struct schema<book_signal> {
  static void fields(auto& io, auto& m) {
    constexpr count_between levels{0, book_signal::max_levels};
    io("contract", m.contract);
    io("revision", m.revision);
    io("epoch", m.epoch);
    io("usable", m.usable);
    io("unusable_reason", m.unusable_reason, as_text);
    io("bids", m.bids, levels);
    io("asks", m.asks, levels);
    io("venue_time", m.venue_time, may_be_unknown);
    io("received", m.received);
    io("published", m.published);
    io("trace", m.trace, may_be_empty);
  }
};

void check(const node& n, const book_signal& m) {
  for (std::size_t i = 1; i < m.bids.size(); ++i)
    if (m.bids[i].p >= m.bids[i - 1].p)
      n.fail(errc::malformed,
             "/bids/" + std::to_string(i) + " is not below the bid before it (best comes first)");
  for (std::size_t i = 1; i < m.asks.size(); ++i)
    if (m.asks[i].p <= m.asks[i - 1].p)
      n.fail(errc::malformed,
             "/asks/" + std::to_string(i) + " is not above the ask before it (best comes first)");
  if (m.usable && !m.bids.empty() && !m.asks.empty() && m.bids[0].p >= m.asks[0].p)
    n.fail(errc::malformed, "/usable is true for a crossed book, bid " + m.bids[0].p.to_string() +
                                " against ask " + m.asks[0].p.to_string());
}

}  // namespace json

void encode_to(std::string& out, const book_signal& m) {
  constexpr std::size_t without_levels = 640;
  constexpr std::size_t per_level = 32;
  const std::size_t expected = without_levels + per_level * (m.bids.size() + m.asks.size());
  if (out.capacity() - out.size() < expected) out.reserve(out.size() + expected);
  json::write(out, m);
}

std::string encode(const book_signal& m) {
  std::string out;
  encode_to(out, m);
  return out;
}

template <>
result<book_signal> decode(std::string_view body) {
  return json::decode_message<book_signal>(body);
}

struct book_signal_decoder::state {
  simdjson::dom::parser parser;
};

book_signal_decoder::book_signal_decoder() : state_{std::make_unique<state>()} {}
book_signal_decoder::~book_signal_decoder() = default;

result<book_signal> book_signal_decoder::decode(std::string_view body) {
  return json::decode_message<book_signal>(state_->parser, body);
}

}  // namespace cornice
