#include "cornice/venue/polymarket/requests.hpp"

#include "venue/polymarket/json_fields.hpp"
#include "venue/polymarket/json_writer.hpp"

namespace cornice::venue::polymarket {
namespace {

/// `path?a=b&c=d`, escaped, in the order of the calls.
class target {
 public:
  explicit target(std::string path) : text_{std::move(path)} {}
  target& add(std::string_view name, std::string_view value) {
    text_ += first_ ? '?' : '&';
    first_ = false;
    text_ += name;
    text_ += '=';
    text_ += query_escape(value);
    return *this;
  }
  target& add_given(std::string_view name, std::string_view value) {
    return value.empty() ? *this : add(name, value);
  }
  target& add_given(std::string_view name, const std::optional<bool>& value) {
    return value ? add(name, *value ? "true" : "false") : *this;
  }
  target& add_given(std::string_view name, const std::optional<timestamp>& value) {
    return value ? add(name, to_rfc3339(*value)) : *this;
  }
  target& add_each(std::string_view name, const std::vector<std::string>& values) {
    for (const std::string& v : values) add(name, v);
    return *this;
  }
  [[nodiscard]] std::string take() { return std::move(text_); }

 private:
  std::string text_;
  bool first_ = true;
};

api_request get(api_host host, std::string what, rate_limit limit) {
  return {host, "GET", std::move(what), "", limit};
}

api_request clob_token(std::string path, std::string_view token_id, rate_limit limit) {
  return get(api_host::clob, target{std::move(path)}.add("token_id", token_id).take(), limit);
}

result<void> check(const keyset_query& q) {
  if (q.limit < 1 || q.limit > keyset_query::limit_max)
    return error{errc::invalid_argument,
                 "a keyset page has 1 to 100 rows, not " + std::to_string(q.limit)};
  if (q.condition_ids.size() > keyset_query::condition_ids_max)
    return error{errc::invalid_argument, "at most 100 condition ids fit one request, not " +
                                             std::to_string(q.condition_ids.size())};
  return {};
}

void add_common(target& t, const keyset_query& q) {
  t.add("limit", std::to_string(q.limit)).add_given("after_cursor", q.after_cursor);
  t.add_given("closed", q.closed).add_each("id", q.ids).add_each("slug", q.slugs);
  t.add_each("tag_id", q.tag_ids).add_given("related_tags", q.related_tags);
  t.add_given("end_date_min", q.end_date_min).add_given("end_date_max", q.end_date_max);
  t.add_given("order", q.order).add_given("ascending", q.ascending);
}

}  // namespace

std::string query_escape(std::string_view text) {
  constexpr std::string_view hex = "0123456789ABCDEF";
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    const bool letter_or_digit =
        (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (letter_or_digit || c == '-' || c == '.' || c == '_' || c == '~') {
      out += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    out += '%';
    out += hex[byte >> 4];
    out += hex[byte & 0xf];
  }
  return out;
}

result<api_request> gamma_markets_page(const keyset_query& q) {
  CORNICE_CHECK_OK(check(q));
  target t{"/markets/keyset"};
  add_common(t, q);
  t.add_each("condition_ids", q.condition_ids).add_each("clob_token_ids", q.clob_token_ids);
  t.add_given("liquidity_num_min", q.liquidity_num_min);
  t.add_given("volume_num_min", q.volume_num_min).add_given("include_tag", q.include_tag);
  return get(api_host::gamma, t.take(), gamma_markets_limit);
}

result<api_request> gamma_events_page(const keyset_query& q) {
  CORNICE_CHECK_OK(check(q));
  target t{"/events/keyset"};
  add_common(t, q);
  t.add_given("tag_slug", q.tag_slug).add_given("series_id", q.series_id);
  t.add_given("include_markets", q.include_markets);
  return get(api_host::gamma, t.take(), gamma_events_limit);
}

api_request gamma_market(std::string_view id) {
  return get(api_host::gamma, "/markets/" + query_escape(id), gamma_markets_limit);
}
api_request gamma_market_by_slug(std::string_view slug) {
  return get(api_host::gamma, "/markets/slug/" + query_escape(slug), gamma_markets_limit);
}
api_request gamma_event(std::string_view id) {
  return get(api_host::gamma, "/events/" + query_escape(id), gamma_events_limit);
}
api_request gamma_event_by_slug(std::string_view slug) {
  return get(api_host::gamma, "/events/slug/" + query_escape(slug), gamma_events_limit);
}

api_request clob_book(std::string_view token_id) {
  return clob_token("/book", token_id, clob_single_limit);
}

result<api_request> clob_books(std::span<const std::string> token_ids) {
  if (token_ids.empty() || token_ids.size() > books_max)
    return error{errc::invalid_argument,
                 "POST /books takes 1 to 500 tokens, not " + std::to_string(token_ids.size())};
  json_writer w;
  w.begin_array();
  for (const std::string& id : token_ids) w.begin_object().field("token_id", id).end_object();
  return api_request{api_host::clob, "POST", "/books", w.end_array().take(), clob_batch_limit};
}

api_request clob_price(std::string_view token_id, order_side side) {
  target t{"/price"};
  t.add("token_id", token_id).add("side", side == order_side::buy ? "BUY" : "SELL");
  return get(api_host::clob, t.take(), clob_single_limit);
}
api_request clob_midpoint(std::string_view token_id) {
  return clob_token("/midpoint", token_id, clob_single_limit);
}
api_request clob_spread(std::string_view token_id) {
  return clob_token("/spread", token_id, clob_limit);
}
api_request clob_last_trade_price(std::string_view token_id) {
  return clob_token("/last-trade-price", token_id, clob_limit);
}
api_request clob_tick_size(std::string_view token_id) {
  return clob_token("/tick-size", token_id, clob_tick_size_limit);
}
api_request clob_neg_risk(std::string_view token_id) {
  return clob_token("/neg-risk", token_id, clob_limit);
}
api_request clob_fee_rate(std::string_view token_id) {
  return clob_token("/fee-rate", token_id, clob_limit);
}
api_request clob_market_info(std::string_view condition_id) {
  return get(api_host::clob, "/clob-markets/" + query_escape(condition_id), clob_limit);
}
api_request clob_market(std::string_view condition_id) {
  return get(api_host::clob, "/markets/" + query_escape(condition_id), clob_limit);
}
api_request clob_markets(std::string_view next_cursor) {
  return get(
      api_host::clob,
      target{"/markets"}.add("next_cursor", next_cursor.empty() ? "MA==" : next_cursor).take(),
      clob_limit);
}
api_request clob_market_by_token(std::string_view token_id) {
  return get(api_host::clob, "/markets-by-token/" + query_escape(token_id), clob_limit);
}
api_request clob_time() {
  return get(api_host::clob, "/time", clob_limit);
}
api_request clob_version() {
  return get(api_host::clob, "/version", clob_limit);
}
api_request clob_ok() {
  return get(api_host::clob, "/ok", clob_ok_limit);
}

result<api_request> clob_prices_history(std::string_view token_id, std::int64_t start_s,
                                        std::int64_t end_s, std::int64_t fidelity_min) {
  constexpr std::int64_t window_max_s = 15 * 24 * 3600;
  if (start_s < 0 || end_s <= start_s || end_s - start_s > window_max_s || fidelity_min < 1)
    return error{errc::invalid_argument,
                 "a price history spans more than 0 s and at most 15 days, in whole minutes"};
  target t{"/prices-history"};
  t.add("market", token_id).add("startTs", std::to_string(start_s));
  t.add("endTs", std::to_string(end_s)).add("fidelity", std::to_string(fidelity_min));
  return get(api_host::clob, t.take(), clob_history_limit);
}

api_request data_positions(std::string_view wallet, std::string_view cursor) {
  target t{"/v2/positions"};
  t.add("user", wallet).add("limit", "1000").add_given("cursor", cursor);
  return get(api_host::data, t.take(), data_positions_limit);
}
api_request data_trades(std::string_view condition_id, std::string_view cursor) {
  target t{"/v2/trades"};
  t.add("condition", condition_id).add("limit", "1000").add_given("cursor", cursor);
  return get(api_host::data, t.take(), data_trades_limit);
}
api_request data_resolutions(std::string_view condition_id) {
  return get(api_host::data, target{"/v2/resolutions"}.add("condition", condition_id).take(),
             data_limit);
}
api_request geoblock() {
  return get(api_host::site, "/api/geoblock", site_limit);
}

result<std::vector<std::string>> decode_books_body(std::string_view body) {
  json_tree tree;
  CORNICE_TRY(root, tree.parse(body));
  if (!root.is_array()) return error{errc::malformed, "the body is not an array"};
  if (root.size() > books_max)
    return error{errc::out_of_range, "at most 500 books may be asked for at once"};
  std::vector<std::string> out;
  for (json_node n = root.first_child(); n.present(); n = n.next_sibling()) {
    json_fields f{n, "/" + std::to_string(out.size())};
    out.push_back(f.required_text("token_id"));
    if (!f.ok()) return f.problem();
  }
  return out;
}

}  // namespace cornice::venue::polymarket
