// Market facts of the CLOB: the compact form and the full one with the winner.
#include "cornice/venue/polymarket/clob.hpp"
#include "venue/polymarket/decimal.hpp"
#include "venue/polymarket/json_fields.hpp"
#include "venue/polymarket/json_members.hpp"

namespace cornice::venue::polymarket::clob {
namespace {

constexpr std::size_t page_rows_max = 5000;

std::optional<fee_terms> read_fees(json_fields& f) {
  const json_node n = f.node("fd");
  if (!n.has_value()) return std::nullopt;
  json_fields e{n, f.pointer("fd")};
  fee_terms out;
  const auto rate = e.millionths("r");
  if (!rate) e.fail(errc::missing_field, "r", "is missing");
  out.rate = ratio{rate.value_or(0)};
  out.exponent = e.integer("e").value_or(0);  // falsy values are omitted
  out.taker_only = e.boolean("to").value_or(false);
  if (!e.ok()) f.fail(e.problem().code, "fd", e.problem().message);
  return out;
}

std::optional<reward_terms> read_rewards(json_fields& f) {
  const json_node n = f.node("r");
  if (!n.has_value()) return std::nullopt;
  json_fields e{n, f.pointer("r")};
  reward_terms out{e.number("mi"), e.number("ma"), e.number("moas")};
  if (!e.ok()) f.fail(e.problem().code, "r", e.problem().message);
  return out;
}

// Calls `read` for each object of an array member; a bad element fails the whole.
template <class Read>
void for_each_object(json_fields& f, std::string_view name, Read read) {
  const json_node list = f.node(name);
  if (!list.has_value()) return;
  if (!list.is_array()) return f.fail(errc::malformed, name, "is not an array");
  std::size_t index = 0;
  for (json_node n = list.first_child(); n.present(); n = n.next_sibling(), ++index) {
    json_fields e{n, f.pointer(name) + "/" + std::to_string(index)};
    if (e.ok()) read(e);
    if (!e.ok()) return f.fail(e.problem().code, name, e.problem().message);
  }
}

market_info read_info(json_fields& f) {
  market_info out;
  if (f.has("error") && !f.has("mts")) f.fail(errc::refused, "error", f.text("error"));
  out.condition_id = f.text("c");
  for_each_object(f, "t", [&out](json_fields& e) {
    out.tokens.push_back({e.text("t"), e.text("o")});
  });
  out.tick_text = f.number("mts");
  const auto tick = f.millionths("mts");
  if (!tick || *tick <= 0 || *tick >= price::one)
    f.fail(errc::missing_field, "mts", "is not a tick size");
  out.tick_micros = tick.value_or(0);
  out.min_order_size_text = f.number("mos");
  out.min_order_size = quantity{f.millionths("mos").value_or(0)};
  out.neg_risk = f.boolean("nr").value_or(false);
  out.accepting_orders = f.boolean("ao").value_or(false);
  out.fees = read_fees(f);
  out.maker_base_fee = f.number("mbf");
  out.taker_base_fee = f.number("tbf");
  out.seconds_delay = f.integer("sd").value_or(0);
  out.taker_delay = f.boolean("itode").value_or(false);
  out.game_start = f.time("gst");
  out.clear_book_on_start = f.boolean("cbos").value_or(false);
  out.accepting_since = f.time("aot");
  out.rfq_enabled = f.boolean("rfqe").value_or(false);
  out.ibce = f.boolean("ibce").value_or(false);
  out.min_order_age_s = f.integer("oas").value_or(0);
  out.rewards = read_rewards(f);
  return out;
}

market read_market(json_fields& f) {
  market out;
  if (f.has("error") && !f.has("condition_id")) f.fail(errc::refused, "error", f.text("error"));
  out.condition_id = f.required_text("condition_id");
  out.question_id = f.text("question_id");
  out.question = f.text("question");
  out.description = f.text("description");
  out.market_slug = f.text("market_slug");
  out.enable_order_book = f.boolean("enable_order_book");
  out.active = f.boolean("active");
  out.closed = f.boolean("closed");
  out.archived = f.boolean("archived");
  out.accepting_orders = f.boolean("accepting_orders");
  out.accepting_since = f.time("accepting_order_timestamp");
  out.min_order_size = f.number("minimum_order_size");
  out.min_tick_size = f.number("minimum_tick_size");
  out.end_date = f.time("end_date_iso");
  out.game_start = f.time("game_start_time");
  out.seconds_delay = f.integer("seconds_delay");
  out.neg_risk = f.boolean("neg_risk");
  out.neg_risk_market_id = f.text("neg_risk_market_id");
  out.neg_risk_request_id = f.text("neg_risk_request_id");
  out.maker_base_fee = f.number("maker_base_fee");
  out.taker_base_fee = f.number("taker_base_fee");
  out.is_50_50_outcome = f.boolean("is_50_50_outcome");
  for_each_object(f, "tokens", [&out](json_fields& e) {
    out.tokens.push_back({e.text("token_id"), e.text("outcome"), e.number("price"),
                          e.boolean("winner").value_or(false)});
  });
  out.tags = f.strings("tags");
  return out;
}

void put_true(json_writer& w, std::string_view name, bool flag) {
  if (flag) w.key(name).boolean(true);
}

void write_market(json_writer& w, const market& m) {
  w.begin_object();
  put_flag(w, "enable_order_book", m.enable_order_book);
  put_flag(w, "active", m.active);
  put_flag(w, "closed", m.closed);
  put_flag(w, "archived", m.archived);
  put_flag(w, "accepting_orders", m.accepting_orders);
  put_time(w, "accepting_order_timestamp", m.accepting_since);
  put_number(w, "minimum_order_size", m.min_order_size);
  put_number(w, "minimum_tick_size", m.min_tick_size);
  w.field("condition_id", m.condition_id).field("question_id", m.question_id);
  w.field("question", m.question).field("description", m.description);
  w.field("market_slug", m.market_slug);
  put_time(w, "end_date_iso", m.end_date);
  put_time(w, "game_start_time", m.game_start);
  put_integer(w, "seconds_delay", m.seconds_delay);
  put_number(w, "maker_base_fee", m.maker_base_fee);
  put_number(w, "taker_base_fee", m.taker_base_fee);
  put_flag(w, "neg_risk", m.neg_risk);
  w.field("neg_risk_market_id", m.neg_risk_market_id);
  w.field("neg_risk_request_id", m.neg_risk_request_id);
  put_flag(w, "is_50_50_outcome", m.is_50_50_outcome);
  w.key("tokens").begin_array();
  for (const market_token& t : m.tokens) {
    w.begin_object().field("token_id", t.token_id).field("outcome", t.outcome);
    put_number(w, "price", t.price_text);
    w.key("winner").boolean(t.winner).end_object();
  }
  w.end_array().strings("tags", m.tags).end_object();
}

}  // namespace

result<market_info> decode_market_info(std::string_view json) {
  return read_object(json, read_info);
}

result<market> decode_market(std::string_view json) {
  return read_object(json, read_market);
}

result<markets_page> decode_markets_page(std::string_view json) {
  json_tree tree;
  CORNICE_TRY(root, tree.parse(json));
  json_fields f{root, ""};
  markets_page out;
  out.next_cursor = f.text("next_cursor");
  out.limit = f.integer("limit").value_or(0);
  out.count = f.integer("count").value_or(0);
  const json_node list = f.node("data");
  if (!list.is_array() || list.size() > page_rows_max)
    f.fail(errc::malformed, "data", "is not an array of at most 5000 markets");
  if (!f.ok()) return f.problem();
  std::size_t row = 0;
  for (json_node n = list.first_child(); n.present(); n = n.next_sibling(), ++row) {
    json_fields e{n, "/data/" + std::to_string(row)};
    market m = e.ok() ? read_market(e) : market{};
    if (e.ok())
      out.rows.push_back(std::move(m));
    else
      out.errors.push_back(e.problem());
  }
  return out;
}

std::string encode(const market_info& m) {
  json_writer w;
  w.begin_object();
  put_text(w, "c", m.condition_id);
  if (!m.tokens.empty()) {
    w.key("t").begin_array();
    for (const info_token& t : m.tokens)
      w.begin_object().field("t", t.token_id).field("o", t.outcome).end_object();
    w.end_array();
  }
  put_time(w, "gst", m.game_start);
  if (m.rewards) {
    w.key("r").begin_object();
    put_number(w, "mi", m.rewards->min_size);
    put_number(w, "ma", m.rewards->max_spread_cents);
    put_number(w, "moas", m.rewards->min_order_age_s);
    w.end_object();
  }
  if (m.seconds_delay != 0) put_integer(w, "sd", m.seconds_delay);
  put_number(w, "mos", m.min_order_size_text);
  put_number(w, "mts", m.tick_text);
  put_number(w, "mbf", m.maker_base_fee);
  put_number(w, "tbf", m.taker_base_fee);
  put_true(w, "nr", m.neg_risk);
  put_true(w, "ao", m.accepting_orders);
  put_true(w, "itode", m.taker_delay);
  put_true(w, "cbos", m.clear_book_on_start);
  put_time(w, "aot", m.accepting_since);
  put_true(w, "rfqe", m.rfq_enabled);
  put_true(w, "ibce", m.ibce);
  if (m.min_order_age_s != 0) put_integer(w, "oas", m.min_order_age_s);
  if (m.fees) {
    w.key("fd").begin_object();
    put_ratio(w, "r", m.fees->rate);
    w.raw_field("e", std::to_string(m.fees->exponent));
    w.key("to").boolean(m.fees->taker_only).end_object();
  }
  return w.end_object().take();
}

std::string encode(const market& m) {
  json_writer w;
  write_market(w, m);
  return w.take();
}

std::string encode(const markets_page& p) {
  json_writer w;
  w.begin_object().field("next_cursor", p.next_cursor);
  w.raw_field("limit", std::to_string(p.limit)).raw_field("count", std::to_string(p.count));
  w.key("data").begin_array();
  for (const market& m : p.rows) write_market(w, m);
  return w.end_array().end_object().take();
}

}  // namespace cornice::venue::polymarket::clob
