#include "venue/kalshi/ws_fast_snapshot.hpp"

#include "venue/kalshi/ws_fast_scanner.hpp"

namespace cornice::venue::kalshi::ws {
namespace {

bool read_levels(scanner& s, std::vector<level>& out) {
  if (!s.take('[')) return false;
  if (s.take(']')) return true;
  do {
    level l;
    if (!s.take('[') || !read_decimal(s, l.p) || !s.take(',') || !read_decimal(s, l.q) ||
        !s.take(']'))
      return false;
    out.push_back(l);
  } while (s.take(','));
  return s.take(']');
}

bool read_payload(scanner& s, level_buffers& levels, orderbook_snapshot& out) {
  levels.yes.clear();
  levels.no.clear();
  if (!s.take('{')) return false;
  bool has_ticker = false;
  bool has_id = false;
  bool has_yes = false;
  bool has_no = false;
  do {
    std::string_view key;
    if (!s.text(key) || !s.take(':')) return false;
    bool good = false;
    if (key == "market_ticker" && !has_ticker)
      good = has_ticker = s.text(out.market_ticker) && !out.market_ticker.empty();
    else if (key == "market_id" && !has_id)
      good = has_id = s.text(out.market_id);
    else if (key == "yes_dollars_fp" && !has_yes)
      good = has_yes = read_levels(s, levels.yes);
    else if (key == "no_dollars_fp" && !has_no)
      good = has_no = read_levels(s, levels.no);
    if (!good) return false;
  } while (s.take(','));
  if (!s.take('}') || !has_ticker) return false;
  out.yes = levels.yes;
  out.no = levels.no;
  return true;
}

}  // namespace

bool read_fast_snapshot(std::string_view text, level_buffers& levels, frame& out) {
  return read_fast_frame(text, "orderbook_snapshot", out.head, [&](scanner& s) {
    return read_payload(s, levels, out.body.emplace<orderbook_snapshot>());
  });
}

}  // namespace cornice::venue::kalshi::ws
