// Books of the CLOB's REST interface.
#include "cornice/venue/polymarket/clob.hpp"
#include "venue/polymarket/decimal.hpp"
#include "venue/polymarket/json_fields.hpp"
#include "venue/polymarket/json_members.hpp"

namespace cornice::venue::polymarket::clob {
namespace {

constexpr std::size_t batch_books_max = 500;

std::vector<book_level> read_levels(json_fields& f, std::string_view name) {
  std::vector<book_level> out;
  const json_node list = f.node(name);
  if (!list.present()) f.fail(errc::missing_field, name, "is missing");
  if (!list.has_value()) return out;
  if (!list.is_array()) {
    f.fail(errc::malformed, name, "is not an array");
    return out;
  }
  if (list.size() > text_book::max_levels) {
    f.fail(errc::out_of_range, name, "has too many levels");
    return out;
  }
  for (json_node n = list.first_child(); n.present(); n = n.next_sibling()) {
    json_fields e{n, f.pointer(name) + "/" + std::to_string(out.size())};
    book_level l{e.required_text("price"), e.required_text("size"), {}, {}};
    if (!e.ok()) {
      f.fail(e.problem().code, name, e.problem().message);
      return {};
    }
    const auto parsed = parse_level(l.price_text, l.size_text);
    if (!parsed) {
      f.fail(parsed.error().code, name, "holds a bad level: " + parsed.error().message);
      return {};
    }
    l.p = parsed->p;
    l.q = parsed->q;
    out.push_back(std::move(l));
  }
  return out;
}

book read_book(json_fields& f) {
  book out;
  if (f.has("error") && !f.has("asset_id")) f.fail(errc::refused, "error", f.text("error"));
  out.market = f.required_text("market");
  out.asset_id = f.required_text("asset_id");
  if (!is_asset_id(out.asset_id)) f.fail(errc::malformed, "asset_id", "is not a decimal uint256");
  out.timestamp_text = f.required_text("timestamp");
  const auto time_ms = parse_integer(out.timestamp_text);
  if (!time_ms) f.fail(errc::malformed, "timestamp", "is not an integer");
  out.timestamp_ms = time_ms ? *time_ms : 0;
  out.hash = f.text("hash");
  out.bids = read_levels(f, "bids");
  out.asks = read_levels(f, "asks");
  out.min_order_size = f.optional_text("min_order_size");
  out.tick_size = f.optional_text("tick_size");
  out.neg_risk = f.boolean("neg_risk");
  out.last_trade_price = f.optional_text("last_trade_price");
  return out;
}

void write_levels(json_writer& w, std::string_view name, const std::vector<book_level>& levels) {
  w.key(name).begin_array();
  for (const book_level& l : levels)
    w.begin_object().field("price", l.price_text).field("size", l.size_text).end_object();
  w.end_array();
}

void write_book(json_writer& w, const book& b) {
  w.begin_object().field("market", b.market).field("asset_id", b.asset_id);
  w.field("timestamp", b.timestamp_text).field("hash", b.hash);
  write_levels(w, "bids", b.bids);
  write_levels(w, "asks", b.asks);
  if (b.min_order_size) w.field("min_order_size", *b.min_order_size);
  if (b.tick_size) w.field("tick_size", *b.tick_size);
  put_flag(w, "neg_risk", b.neg_risk);
  if (b.last_trade_price) w.field("last_trade_price", *b.last_trade_price);
  w.end_object();
}

void lend(const std::vector<book_level>& from, std::vector<wire_level>& to) {
  to.reserve(from.size());
  for (const book_level& l : from) to.push_back({l.p, l.q, l.price_text, l.size_text});
}

std::optional<std::string_view> lend(const std::optional<std::string>& text) {
  return text ? std::optional<std::string_view>{*text} : std::nullopt;
}

}  // namespace

borrowed_book::borrowed_book(const book& b) {
  lend(b.bids, bids_);
  lend(b.asks, asks_);
  view_ = {b.market,
           b.asset_id,
           b.timestamp_text,
           b.timestamp_ms,
           b.hash,
           bids_,
           asks_,
           lend(b.min_order_size),
           lend(b.tick_size),
           b.neg_risk,
           lend(b.last_trade_price)};
}

result<book> decode_book(std::string_view json) {
  return read_object(json, read_book);
}

result<book_batch> decode_books(std::string_view json) {
  json_tree tree;
  CORNICE_TRY(root, tree.parse(json));
  if (!root.is_array()) {
    if (root["error"].has_value()) return error{errc::refused, std::string{root["error"].text()}};
    return error{errc::malformed, "the body is not an array of books"};
  }
  if (root.size() > batch_books_max)
    return error{errc::out_of_range, "more than 500 books in one answer"};
  book_batch out;
  std::size_t row = 0;
  for (json_node n = root.first_child(); n.present(); n = n.next_sibling(), ++row) {
    json_fields f{n, "/" + std::to_string(row)};
    book b = f.ok() ? read_book(f) : book{};
    if (f.ok())
      out.books.push_back(std::move(b));
    else
      out.errors.push_back(f.problem());
  }
  return out;
}

std::string encode(const book& b) {
  json_writer w;
  write_book(w, b);
  return w.take();
}

std::string encode_books(const std::vector<book>& books) {
  json_writer w;
  w.begin_array();
  for (const book& b : books) write_book(w, b);
  return w.end_array().take();
}

}  // namespace cornice::venue::polymarket::clob
