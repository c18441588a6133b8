// The small answers of the CLOB: one or two values each, and its errors.
#include "cornice/venue/polymarket/clob.hpp"
#include "venue/polymarket/decimal.hpp"
#include "venue/polymarket/json_fields.hpp"
#include "venue/polymarket/json_members.hpp"

namespace cornice::venue::polymarket::clob {
namespace {

// A reply with `error` and without the wanted member is a refusal, not a malformed answer.
void note_refusal(json_fields& f, std::string_view wanted) {
  if (!f.has(wanted) && f.has("error")) f.fail(errc::refused, "error", f.text("error"));
}

price price_of(json_fields& f, std::string_view name) {
  note_refusal(f, name);
  const auto micros = f.millionths(name);
  if (!micros) {
    f.fail(errc::missing_field, name, "is missing");
    return {};
  }
  const auto p = price::from_micros(*micros);
  if (!p) f.fail(p.error().code, name, p.error().message);
  return p ? *p : price{};
}

result<price> decode_one_price(std::string_view json, std::string_view name) {
  return read_object(json, [name](json_fields& f) { return price_of(f, name); });
}

std::string one_text(std::string_view name, std::string_view text) {
  return json_writer{}.begin_object().field(name, text).end_object().take();
}
std::string one_raw(std::string_view name, std::string_view token) {
  return json_writer{}.begin_object().raw_field(name, token).end_object().take();
}

std::string shortest(price p) {
  return format_millionths(p.micros(), 0);
}

}  // namespace

result<price> decode_price(std::string_view json) {
  return decode_one_price(json, "price");
}
result<price> decode_midpoint(std::string_view json) {
  return decode_one_price(json, "mid");
}
result<price> decode_spread(std::string_view json) {
  return decode_one_price(json, "spread");
}

result<std::map<std::string, price>> decode_price_map(std::string_view json) {
  json_tree tree;
  CORNICE_TRY(root, tree.parse(json));
  json_fields f{root, ""};
  std::map<std::string, price> out;
  for (json_node n = root.first_child(); f.ok() && n.present(); n = n.next_sibling()) {
    const std::string token{n.key()};
    if (token == "error") f.fail(errc::refused, token, n.text());
    out[token] = price_of(f, token);
  }
  if (!f.ok()) return f.problem();
  return out;
}

result<last_trade_price> decode_last_trade_price(std::string_view json) {
  return read_object(json, [](json_fields& f) {
    last_trade_price out;
    note_refusal(f, "price");
    if (!f.number("price").empty()) out.p = price_of(f, "price");
    const std::string side = f.text("side");
    if (side == "BUY") out.side = order_side::buy;
    if (side == "SELL") out.side = order_side::sell;
    return out;
  });
}

result<std::int64_t> decode_tick_size(std::string_view json) {
  return read_object(json, [](json_fields& f) {
    const price tick = price_of(f, "minimum_tick_size");
    if (tick.micros() == 0) f.fail(errc::out_of_range, "minimum_tick_size", "is zero");
    return tick.micros();
  });
}

result<bool> decode_neg_risk(std::string_view json) {
  return read_object(json, [](json_fields& f) {
    note_refusal(f, "neg_risk");
    const auto value = f.boolean("neg_risk");
    if (!value) f.fail(errc::missing_field, "neg_risk", "is missing");
    return value.value_or(false);
  });
}

result<std::int64_t> decode_fee_rate(std::string_view json) {
  return read_object(json, [](json_fields& f) {
    note_refusal(f, "base_fee");
    const auto value = f.integer("base_fee");
    if (!value) f.fail(errc::missing_field, "base_fee", "is missing");
    return value.value_or(0);
  });
}

result<timestamp> decode_time(std::string_view json) {
  constexpr std::int64_t latest_s = 100'000'000'000;
  json_tree tree;
  CORNICE_TRY(root, tree.parse(json));
  if (!root.is_number() && !root.is_string())
    return error{errc::malformed, "the body is not a time in seconds"};
  CORNICE_TRY(seconds, parse_integer(root.text()));
  if (seconds > latest_s)
    return error{errc::out_of_range, "time " + std::to_string(seconds) + " is not in seconds"};
  return from_unix_s(seconds);
}

result<std::int64_t> decode_version(std::string_view json) {
  static constexpr std::int64_t when_absent = 2;
  return read_object(json,
                     [](json_fields& f) { return f.integer("version").value_or(when_absent); });
}

result<std::string> decode_market_by_token(std::string_view json) {
  return read_object(json, [](json_fields& f) {
    note_refusal(f, "condition_id");
    return f.required_text("condition_id");
  });
}

result<std::vector<history_point>> decode_prices_history(std::string_view json) {
  constexpr std::size_t points_max = 100'000;
  return read_object(json, [](json_fields& f) {
    std::vector<history_point> out;
    note_refusal(f, "history");
    const json_node list = f.node("history");
    if (!list.is_array() || list.size() > points_max) {
      f.fail(errc::malformed, "history", "is not an array of at most 100000 points");
      return out;
    }
    for (json_node n = list.first_child(); n.present(); n = n.next_sibling()) {
      json_fields e{n, f.pointer("history") + "/" + std::to_string(out.size())};
      history_point point;
      point.time_s = e.integer("t").value_or(-1);
      point.price_text = e.number("p");
      if (point.time_s < 0 || point.price_text.empty())
        e.fail(errc::missing_field, "t", "or p is missing");
      if (!e.ok()) {
        f.fail(e.problem().code, "history", e.problem().message);
        return out;
      }
      out.push_back(std::move(point));
    }
    return out;
  });
}

result<geoblock> decode_geoblock(std::string_view json) {
  return read_object(json, [](json_fields& f) {
    geoblock out;
    const auto blocked = f.boolean("blocked");
    if (!blocked) f.fail(errc::missing_field, "blocked", "is missing");
    out.blocked = blocked.value_or(true);
    out.ip = f.text("ip");
    out.country = f.text("country");
    out.region = f.text("region");
    return out;
  });
}

api_error decode_error(std::string_view body) {
  constexpr std::size_t shown = 300;
  api_error out;
  json_tree tree;
  const auto root = tree.parse(body);
  if (!root) {
    const std::size_t first = body.find_first_not_of(" \t\r\n");
    out.html = first != std::string_view::npos && body[first] == '<';
    out.message = std::string{body.substr(0, shown)};
    return out;
  }
  if (root->is_string()) {
    out.message = std::string{root->text()};
    return out;
  }
  if (!root->is_object()) {
    out.message = std::string{body.substr(0, shown)};
    return out;
  }
  json_fields f{*root, ""};
  out.message = f.text("error");
  if (out.message.empty()) out.message = f.text("message");
  out.code = f.text("code");
  out.retry_after_s = f.integer("retry_after_seconds");
  return out;
}

std::string encode_price(price p) {
  return one_text("price", shortest(p));
}
std::string encode_midpoint(price p) {
  return one_text("mid", shortest(p));
}
std::string encode_spread(price p) {
  return one_text("spread", shortest(p));
}

std::string encode(const last_trade_price& p) {
  json_writer w;
  w.begin_object().field("price", p.p ? shortest(*p.p) : std::string{});
  w.field("side", !p.side ? "" : *p.side == order_side::buy ? "BUY" : "SELL");
  return w.end_object().take();
}

std::string encode_tick_size(std::int64_t micros) {
  return one_raw("minimum_tick_size", format_millionths(micros, 0));
}
std::string encode_neg_risk(bool neg_risk) {
  return one_raw("neg_risk", neg_risk ? "true" : "false");
}
std::string encode_fee_rate(std::int64_t base_fee) {
  return one_raw("base_fee", std::to_string(base_fee));
}
std::string encode_time(timestamp t) {
  return std::to_string(unix_ms(t) / 1000);
}
std::string encode_version(std::int64_t version) {
  return one_raw("version", std::to_string(version));
}
std::string encode_market_by_token(std::string_view condition_id) {
  return one_text("condition_id", condition_id);
}

std::string encode_prices_history(const std::vector<history_point>& points) {
  json_writer w;
  w.begin_object().key("history").begin_array();
  for (const history_point& p : points) {
    w.begin_object().raw_field("t", std::to_string(p.time_s));
    w.raw_field("p", p.price_text).end_object();
  }
  return w.end_array().end_object().take();
}

std::string encode(const geoblock& g) {
  json_writer w;
  w.begin_object().key("blocked").boolean(g.blocked).field("ip", g.ip);
  return w.field("country", g.country).field("region", g.region).end_object().take();
}

std::string encode(const api_error& e) {
  json_writer w;
  w.begin_object().field("error", e.message);
  put_text(w, "code", e.code);
  put_integer(w, "retry_after_seconds", e.retry_after_s);
  return w.end_object().take();
}

}  // namespace cornice::venue::polymarket::clob
