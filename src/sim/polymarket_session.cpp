#include "cornice/sim/polymarket_session.hpp"

#include "sim/polymarket_words.hpp"

// After ws.hpp: its constants would shadow that header's enumerators.
#include "cornice/venue/polymarket/requests.hpp"

#include <algorithm>
#include <array>

namespace cornice::sim {
namespace {

namespace ws = venue::polymarket::ws;

constexpr std::array<outcome, 2> both{outcome::yes, outcome::no};

std::string joined(const std::vector<std::string>& messages) {
  std::string out = "[";
  for (const std::string& m : messages) {
    if (out.size() > 1) out += ',';
    out += m;
  }
  return out += ']';
}

// The stream's books lack what only REST tells.
std::string book_message(const venue::polymarket::clob::book& b) {
  const venue::polymarket::clob::borrowed_book lent{b};
  venue::polymarket::book_view view = lent.view();
  view.min_order_size.reset();
  view.neg_risk.reset();
  return ws::encode(view);
}

ws::best_quote quote(const std::optional<level>& best, bool mirrored, std::string& text) {
  if (!best) return {};
  const price p = mirrored ? best->p.complement() : best->p;
  text = price_text(p);
  return {text, p};
}

std::string spoilt(std::string hash) {
  if (!hash.empty()) hash[0] = hash[0] == '0' ? '1' : '0';
  return hash;
}

}  // namespace

polymarket_session::polymarket_session(const market_board& board, polymarket_books& books,
                                       fault_schedule& faults)
    : board_{board}, books_{books}, faults_{faults} {}

bool polymarket_session::subscribed(const sim_listing& l) const {
  return assets_.contains(l.tokens[0]) || assets_.contains(l.tokens[1]);
}

void polymarket_session::on_text(std::string_view text, session_output& out) {
  const auto decoded = ws::decode_client_frame(text);
  if (!decoded) {
    ++refused_;
    out.emplace_back("INVALID OPERATION");
    return;
  }
  if (std::holds_alternative<ws::ping_frame>(*decoded)) {
    out.emplace_back(ws::pong_text);
    return;
  }
  if (const auto* first = std::get_if<ws::market_subscription>(&*decoded)) {
    greeted_ = true;
    custom_ = custom_ || first->custom_features;
    return subscribe(first->assets_ids, first->initial_dump, out);
  }
  const auto& operation = std::get<ws::market_operation>(*decoded);
  if (!greeted_) {
    ++refused_;
    out.emplace_back("INVALID OPERATION");
    return;
  }
  if (!operation.subscribe) {
    for (const std::string& a : operation.assets_ids) assets_.erase(a);
    return;
  }
  custom_ = custom_ || operation.custom_features;
  subscribe(operation.assets_ids, true, out);
}

void polymarket_session::subscribe(const std::vector<std::string>& assets, bool dump,
                                   session_output& out) {
  std::vector<std::string> messages;
  bool any_new = false;
  for (const std::string& a : assets) {
    if (!assets_.insert(a).second) continue;
    any_new = true;
    const auto place = board_.find_token(a);
    if (!place || board_.at(place->listing).phase != listing_phase::open) continue;
    const sim_listing& l = board_.at(place->listing);
    if (!faults_.empty() &&
        faults_.strike(fault_kind::freeze, venue_id::polymarket, board_.now(), l.id))
      continue;
    messages.push_back(book_message(books_.book_of(l, place->side)));
  }
  if (!dump || !any_new || assets_.size() > snapshots_max) return;
  out.push_back(joined(messages));
}

void polymarket_session::on_event(const world_event& e, session_output& out) {
  if (const auto* a = std::get_if<announced>(&e)) return announce(*a, out);
  const std::size_t at = *listing_of(e);
  const sim_listing& l = board_.at(at);
  if (l.venue != venue_id::polymarket || !subscribed(l)) return;
  if (!faults_.empty() &&
      faults_.strike(fault_kind::freeze, venue_id::polymarket, board_.now(), l.id))
    return;
  if (const auto* c = std::get_if<book_changed>(&e)) {
    change(*c, out);
    if (c->by_trade) books_of(at, out);
  } else if (const auto* t = std::get_if<traded>(&e)) {
    trade(*t, out);
  } else if (const auto* g = std::get_if<grid_changed>(&e)) {
    tick(*g, out);
  }
}

void polymarket_session::announce(const announced& a, session_output& out) {
  if (!custom_) return;
  if (const auto* added = std::get_if<ws::new_market>(&a.news)) out.push_back(ws::encode(*added));
  if (const auto* ended = std::get_if<ws::market_resolved>(&a.news))
    if (a.listing && subscribed(board_.at(*a.listing))) out.push_back(ws::encode(*ended));
}

void polymarket_session::change(const book_changed& e, session_output& out) {
  if (e.levels.empty()) return;
  const sim_listing& l = board_.at(e.listing);
  if (!faults_.empty() && faults_.strike(fault_kind::gap, venue_id::polymarket, board_.now(), l.id))
    return;
  std::array<std::string, 2> hashes{books_.hash_of(l, outcome::yes),
                                    books_.hash_of(l, outcome::no)};
  if (!faults_.empty() &&
      faults_.strike(fault_kind::bad_hash, venue_id::polymarket, board_.now(), l.id))
    for (std::string& h : hashes) h = spoilt(std::move(h));
  const auto bid = l.book.best(book_side::bid);
  const auto ask = l.book.best(book_side::ask);
  std::array<std::string, 4> best_texts;
  const std::array<ws::best_quote, 2> best_bids{quote(bid, false, best_texts[0]),
                                                quote(ask, true, best_texts[1])};
  const std::array<ws::best_quote, 2> best_asks{quote(ask, false, best_texts[2]),
                                                quote(bid, true, best_texts[3])};
  // Texts are lent to the encoder: the vector must not grow while they are pointed at.
  std::vector<std::array<std::string, 2>> texts;
  texts.reserve(e.levels.size() * 2);
  std::vector<ws::level_change> changes;
  for (const level_update& u : e.levels) {
    for (const outcome token : both) {
      const bool yes = token == outcome::yes;
      const std::size_t i = yes ? 0 : 1;
      const price p = yes ? u.p : u.p.complement();
      texts.push_back({price_text(p), size_text(u.total)});
      const bool bids = (u.side == book_side::bid) == yes;
      ws::level_change c;
      c.asset_id = l.tokens[i];
      c.side = bids ? book_side::bid : book_side::ask;
      c.level = {p, u.total, texts.back()[0], texts.back()[1]};
      c.hash = hashes[i];
      c.best_bid = best_bids[i];
      c.best_ask = best_asks[i];
      changes.push_back(c);
    }
  }
  const std::string time_text = std::to_string(unix_ms(l.updated));
  ws::price_change m;
  m.market = l.id;
  m.timestamp_text = time_text;
  m.timestamp_ms = unix_ms(l.updated);
  m.changes = changes;
  out.push_back(ws::encode(m));
}

void polymarket_session::books_of(std::size_t at, session_output& out) {
  const sim_listing& l = board_.at(at);
  for (const outcome token : both)
    if (assets_.contains(l.tokens[token == outcome::yes ? 0 : 1]))
      out.push_back(book_message(books_.book_of(l, token)));
}

// Told for the token that the taker dealt in.
void polymarket_session::trade(const traded& e, session_output& out) {
  const sim_listing& l = board_.at(e.listing);
  const bool buys = e.trade.taker == outcome::yes;
  const std::string text = price_text(e.trade.yes_price);
  const std::string size = size_text(e.trade.size);
  if (!assets_.contains(l.tokens[0])) return;
  ws::last_trade m;
  m.market = l.id;
  m.asset_id = l.tokens[0];
  m.price_text = text;
  m.size_text = size;
  m.p = e.trade.yes_price;
  m.q = e.trade.size;
  m.taker_side = buys ? order_side::buy : order_side::sell;
  m.fee_rate_bps = "0";
  m.timestamp_ms = unix_ms(e.trade.when);
  out.push_back(ws::encode(m));
}

void polymarket_session::tick(const grid_changed& e, session_output& out) {
  const sim_listing& l = board_.at(e.listing);
  const std::string before = format_millionths(e.old_step_micros, 0);
  const std::string after = format_millionths(e.new_step_micros, 0);
  for (const std::string& token : l.tokens) {
    if (!assets_.contains(token)) continue;
    ws::tick_size_change m;
    m.market = l.id;
    m.asset_id = token;
    m.old_tick_size = before;
    m.new_tick_size = after;
    m.old_tick_micros = e.old_step_micros;
    m.new_tick_micros = e.new_step_micros;
    m.timestamp_ms = unix_ms(l.updated);
    out.push_back(ws::encode(m));
  }
  books_of(e.listing, out);
}

}  // namespace cornice::sim
