#include "cornice/venue/polymarket/data_api.hpp"

#include "venue/polymarket/json_fields.hpp"
#include "venue/polymarket/json_members.hpp"

namespace cornice::venue::polymarket::data_api {
namespace {

constexpr std::size_t page_rows_max = 10'000;

// The two versions name the same thing differently.
std::string_view either(const json_fields& f, std::string_view first, std::string_view second) {
  return f.has(first) ? first : second;
}

position read_position(json_fields& f) {
  position out;
  out.wallet = f.text(either(f, "proxy_wallet", "user"));
  out.token_id = f.required_text("token_id");
  out.condition_id = f.required_text("condition_id");
  out.size = f.number(either(f, "current_size", "size"));
  out.avg_price = f.number("avg_price");
  out.current_price = f.number("current_price");
  out.current_value = f.number("current_value");
  out.realized_pnl = f.number("realized_pnl");
  out.status = f.text("status");
  out.redeemable = f.boolean("redeemable");
  out.mergeable = f.boolean("mergeable");
  out.negative_risk = f.boolean("negative_risk");
  out.title = f.text("title");
  out.event_id = f.text("event_id");
  out.outcome = f.text("outcome");
  out.outcome_index = f.integer("outcome_index");
  out.opposite_token_id = f.text("opposite_token_id");
  return out;
}

trade read_trade(json_fields& f) {
  trade out;
  out.wallet = f.text(either(f, "proxy_wallet", "proxyWallet"));
  out.token_id = f.required_text(either(f, "token_id", "asset"));
  out.condition_id = f.required_text(either(f, "condition_id", "conditionId"));
  const std::string side = f.text("side");
  if (side != "BUY" && side != "SELL") f.fail(errc::malformed, "side", "is neither BUY nor SELL");
  out.side = side == "SELL" ? order_side::sell : order_side::buy;
  out.price = f.number("price");
  out.size = f.number("size");
  if (out.price.empty() || out.size.empty())
    f.fail(errc::missing_field, "price", "or size is missing");
  out.time_s = f.integer("timestamp").value_or(0);
  out.transaction_hash = f.text(either(f, "transaction_hash", "transactionHash"));
  out.title = f.text("title");
  out.outcome = f.text("outcome");
  out.outcome_index = f.integer(either(f, "outcome_index", "outcomeIndex"));
  return out;
}

resolution read_resolution(json_fields& f) {
  resolution out;
  out.condition_id = f.required_text("condition_id");
  out.question_id = f.text("question_id");
  out.status = f.required_text("status");
  out.was_disputed = f.boolean("was_disputed");
  out.price = f.text("price");
  out.proposed_price = f.text("proposed_price");
  out.transaction_hash = f.text("transaction_hash");
  out.last_update_s = f.integer("last_update_timestamp").value_or(0);
  return out;
}

template <class Row, class Read>
result<page<Row>> decode_page(std::string_view json, Read read) {
  json_tree tree;
  CORNICE_TRY(root, tree.parse(json));
  page<Row> out;
  json_node list = root;
  std::string pointer;
  if (root.is_object()) {
    json_fields f{root, ""};
    if (f.has("error")) return error{errc::refused, f.text("error")};
    list = f.node("data");
    pointer = "/data";
    const json_node pagination = f.node("pagination");
    if (pagination.is_object()) {
      json_fields p{pagination, "/pagination"};
      out.next_cursor = p.text("next_cursor");
      if (!p.ok()) return p.problem();
    }
  }
  if (!list.is_array() || list.size() > page_rows_max)
    return error{errc::malformed, pointer + " is not an array of at most 10000 rows"};
  std::size_t row = 0;
  for (json_node n = list.first_child(); n.present(); n = n.next_sibling(), ++row) {
    json_fields f{n, pointer + "/" + std::to_string(row)};
    Row value = f.ok() ? read(f) : Row{};
    if (f.ok())
      out.rows.push_back(std::move(value));
    else
      out.errors.push_back(f.problem());
  }
  return out;
}

void write(json_writer& w, const position& p) {
  put_text(w, "proxy_wallet", p.wallet);
  w.field("token_id", p.token_id).field("condition_id", p.condition_id);
  put_number(w, "current_size", p.size);
  put_number(w, "avg_price", p.avg_price);
  put_number(w, "current_price", p.current_price);
  put_number(w, "current_value", p.current_value);
  put_number(w, "realized_pnl", p.realized_pnl);
  put_text(w, "status", p.status);
  put_flag(w, "redeemable", p.redeemable);
  put_flag(w, "mergeable", p.mergeable);
  put_flag(w, "negative_risk", p.negative_risk);
  put_text(w, "title", p.title);
  put_text(w, "event_id", p.event_id);
  put_text(w, "outcome", p.outcome);
  put_integer(w, "outcome_index", p.outcome_index);
  put_text(w, "opposite_token_id", p.opposite_token_id);
}

void write(json_writer& w, const trade& t) {
  put_text(w, "proxy_wallet", t.wallet);
  w.field("side", t.side == order_side::buy ? "BUY" : "SELL");
  w.field("token_id", t.token_id).field("condition_id", t.condition_id);
  put_number(w, "size", t.size);
  put_number(w, "price", t.price);
  w.raw_field("timestamp", std::to_string(t.time_s));
  put_text(w, "title", t.title);
  put_text(w, "outcome", t.outcome);
  put_integer(w, "outcome_index", t.outcome_index);
  put_text(w, "transaction_hash", t.transaction_hash);
}

void write(json_writer& w, const resolution& r) {
  put_text(w, "question_id", r.question_id);
  w.field("condition_id", r.condition_id).field("status", r.status);
  put_flag(w, "was_disputed", r.was_disputed);
  put_text(w, "proposed_price", r.proposed_price);
  put_text(w, "price", r.price);
  put_text(w, "transaction_hash", r.transaction_hash);
  w.field("last_update_timestamp", std::to_string(r.last_update_s));
}

template <class Row>
std::string encode_page(const page<Row>& p) {
  json_writer w;
  w.begin_object().key("data").begin_array();
  for (const Row& row : p.rows) {
    w.begin_object();
    write(w, row);
    w.end_object();
  }
  w.end_array().key("pagination").begin_object();
  w.raw_field("limit", std::to_string(p.rows.size()));
  w.key("has_more").boolean(!p.next_cursor.empty());
  put_text(w, "next_cursor", p.next_cursor);
  return w.end_object().end_object().take();
}

}  // namespace

result<page<position>> decode_positions(std::string_view json) {
  return decode_page<position>(json, read_position);
}
result<page<trade>> decode_trades(std::string_view json) {
  return decode_page<trade>(json, read_trade);
}
result<page<resolution>> decode_resolutions(std::string_view json) {
  return decode_page<resolution>(json, read_resolution);
}

result<api_error> decode_error(std::string_view json) {
  return read_object(json, [](json_fields& f) {
    api_error out;
    out.message = f.required_text("error");
    out.code = f.text("code");
    out.retryable = f.boolean("retryable").value_or(false);
    out.trace_id = f.text("trace_id");
    return out;
  });
}

std::string encode(const page<position>& p) {
  return encode_page(p);
}
std::string encode(const page<trade>& p) {
  return encode_page(p);
}
std::string encode(const page<resolution>& p) {
  return encode_page(p);
}

std::string encode(const api_error& e) {
  json_writer w;
  w.begin_object().field("error", e.message).field("code", e.code);
  w.key("retryable").boolean(e.retryable);
  put_text(w, "trace_id", e.trace_id);
  return w.end_object().take();
}

}  // namespace cornice::venue::polymarket::data_api
