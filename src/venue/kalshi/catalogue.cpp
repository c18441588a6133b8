#include "cornice/venue/kalshi/catalogue.hpp"

#include "venue/kalshi/catalogue_codec.hpp"

namespace cornice::venue::kalshi {
namespace {

struct series_body {
  kalshi::series series;
};

struct market_body {
  kalshi::market market;
};

// The event answer carries its markets twice over: nested when asked for, and beside the event.
struct event_body {
  kalshi::event event;
  std::vector<market> markets;
  std::vector<error> rejected;
};

struct series_changes_body {
  std::vector<series_fee_change> changes;
};

bool is_array(std::string_view body) {
  const auto at = body.find_first_not_of(" \t\r\n");
  return at != std::string_view::npos && body[at] == '[';
}

}  // namespace

namespace json {

template <>
struct codec<series_body> {
  static constexpr auto table = fields<series_body>(required<&series_body::series>("series"));
};

template <>
struct codec<market_body> {
  static constexpr auto table = fields<market_body>(required<&market_body::market>("market"));
};

template <>
struct codec<event_body> {
  using t = event_body;
  static constexpr auto table =
      fields<t>(required<&t::event>("event"), list<&t::markets, &t::rejected>("markets", false));
};

template <>
struct codec<series_list> {
  using t = series_list;
  static constexpr auto table = fields<t>(list<&t::series, &t::rejected>("series"));
};

template <>
struct codec<event_page> {
  using t = event_page;
  static constexpr auto table =
      fields<t>(list<&t::events, &t::rejected>("events"), optional<&t::cursor>("cursor"));
};

template <>
struct codec<market_page> {
  using t = market_page;
  static constexpr auto table =
      fields<t>(list<&t::markets, &t::rejected>("markets"), optional<&t::cursor>("cursor"));
};

template <>
struct codec<series_fee_change> {
  using t = series_fee_change;
  static constexpr auto table =
      fields<t>(optional<&t::id>("id"), required<&t::series_ticker>("series_ticker"),
                required<&t::fee_type>("fee_type"), required<&t::fee_multiplier>("fee_multiplier"),
                required<&t::scheduled_ts>("scheduled_ts"));
};

template <>
struct codec<series_changes_body> {
  using t = series_changes_body;
  static constexpr auto table = fields<t>(required<&t::changes>("series_fee_change_arr"));
};

template <>
struct codec<event_fee_change> {
  using t = event_fee_change;
  static constexpr auto table =
      fields<t>(optional<&t::id>("id"), required<&t::event_ticker>("event_ticker"),
                optional<&t::series_ticker>("series_ticker"),
                nullable<&t::fee_type_override>("fee_type_override"),
                nullable<&t::fee_multiplier_override>("fee_multiplier_override"),
                required<&t::scheduled_ts>("scheduled_ts"));
};

template <>
struct codec<event_fee_change_page> {
  using t = event_fee_change_page;
  static constexpr auto table =
      fields<t>(required<&t::changes>("event_fee_changes"), optional<&t::cursor>("cursor"));
};

}  // namespace json

result<series> decode_series(std::string_view body) {
  CORNICE_TRY(decoded, json::decode_object<series_body>(body));
  return std::move(decoded.series);
}
std::string encode_series(const series& s) {
  return json::encode_object(series_body{s});
}

result<series_list> decode_series_list(std::string_view body) {
  return json::decode_object<series_list>(body);
}
std::string encode_series_list(const series_list& l) {
  return json::encode_object(l);
}

result<event> decode_event(std::string_view body) {
  CORNICE_TRY(decoded, json::decode_object<event_body>(body));
  if (decoded.event.markets.empty() && decoded.event.rejected.empty()) {
    decoded.event.markets = std::move(decoded.markets);
    decoded.event.rejected = std::move(decoded.rejected);
  }
  return std::move(decoded.event);
}
std::string encode_event(const event& e) {
  return json::encode_object(event_body{e, e.markets, {}});
}

result<event_page> decode_event_page(std::string_view body) {
  return json::decode_object<event_page>(body);
}
std::string encode_event_page(const event_page& p) {
  return json::encode_object(p);
}

result<market> decode_market(std::string_view body) {
  CORNICE_TRY(decoded, json::decode_object<market_body>(body));
  return std::move(decoded.market);
}
std::string encode_market(const market& m) {
  return json::encode_object(market_body{m});
}

result<market_page> decode_market_page(std::string_view body) {
  if (!is_array(body)) return json::decode_object<market_page>(body);
  market_page out;
  const auto done =
      json::with_document(body, [&out](json::reader& r, json::od::document& document) {
        json::od::value root;
        if (const auto code = document.get_value().get(root)) return r.fail(code);
        return json::read_leniently(r, root, {}, out.markets, out.rejected);
      });
  if (!done) return done.error();
  return out;
}
std::string encode_market_page(const market_page& p) {
  return json::encode_object(p);
}

result<std::vector<series_fee_change>> decode_series_fee_changes(std::string_view body) {
  CORNICE_TRY(decoded, json::decode_object<series_changes_body>(body));
  return std::move(decoded.changes);
}
std::string encode_series_fee_changes(const std::vector<series_fee_change>& changes) {
  return json::encode_object(series_changes_body{changes});
}

result<event_fee_change_page> decode_event_fee_changes(std::string_view body) {
  return json::decode_object<event_fee_change_page>(body);
}
std::string encode_event_fee_changes(const event_fee_change_page& p) {
  return json::encode_object(p);
}

}  // namespace cornice::venue::kalshi
