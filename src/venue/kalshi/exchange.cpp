#include "cornice/venue/kalshi/exchange.hpp"

#include "venue/kalshi/json_fields.hpp"

#include <cctype>

namespace cornice::venue::kalshi {
namespace {

struct schedule_body {
  exchange_schedule schedule;
};

struct error_body {
  std::optional<raw_json> error;
  std::optional<std::string> code;
  std::optional<std::string> message;
  std::optional<std::string> details;
  std::optional<std::string> msg;
};

struct nested_error {
  std::optional<std::string> code;
  std::optional<std::string> message;
  std::optional<std::string> details;
};

// RFC 8259 text of a JSON string: a body is only built from what a decoder found or a person
// wrote, so bytes that are not UTF-8 stay as they are.
std::string clipped(std::string_view text) {
  if (text.size() <= api_error::max_text) return std::string{text};
  std::size_t end = api_error::max_text;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return std::string{text.substr(0, end)};
}

std::string clipped(const std::optional<std::string>& text) {
  return text ? clipped(std::string_view{*text}) : std::string{};
}

std::string_view last_segment(std::string_view& path) {
  const auto slash = path.rfind('/');
  const std::string_view segment = slash == std::string_view::npos ? path : path.substr(slash + 1);
  path = slash == std::string_view::npos ? std::string_view{} : path.substr(0, slash);
  return segment;
}

bool path_matches(std::string_view listed, std::string_view asked) {
  while (!listed.empty() && !asked.empty()) {
    const auto pattern = last_segment(listed);
    const auto segment = last_segment(asked);
    if (pattern != segment && !pattern.starts_with(':')) return false;
  }
  constexpr std::string_view prefix = "/trade-api/v2";
  return (listed.empty() || listed == prefix) && (asked.empty() || asked == prefix);
}

}  // namespace

namespace json {

template <>
struct codec<exchange_index_status> {
  using t = exchange_index_status;
  static constexpr auto table = fields<t>(
      required<&t::exchange_index>("exchange_index"), optional<&t::description>("description"),
      required<&t::exchange_active>("exchange_active"),
      required<&t::trading_active>("trading_active"),
      optional<&t::intra_exchange_transfers_active>("intra_exchange_transfers_active"));
};

template <>
struct codec<exchange_status> {
  using t = exchange_status;
  static constexpr auto table =
      fields<t>(required<&t::exchange_active>("exchange_active"),
                required<&t::trading_active>("trading_active"),
                optional<&t::intra_exchange_transfers_active>("intra_exchange_transfers_active"),
                optional<&t::exchange_estimated_resume_time>("exchange_estimated_resume_time"),
                optional<&t::exchange_index_statuses>("exchange_index_statuses"));
};

template <>
struct codec<trading_session> {
  using t = trading_session;
  static constexpr auto table =
      fields<t>(required<&t::open_time>("open_time"), required<&t::close_time>("close_time"));
};

template <>
struct codec<weekly_schedule> {
  using t = weekly_schedule;
  static constexpr auto table =
      fields<t>(required<&t::start_time>("start_time"), required<&t::end_time>("end_time"),
                optional<&t::monday>("monday"), optional<&t::tuesday>("tuesday"),
                optional<&t::wednesday>("wednesday"), optional<&t::thursday>("thursday"),
                optional<&t::friday>("friday"), optional<&t::saturday>("saturday"),
                optional<&t::sunday>("sunday"));
};

template <>
struct codec<maintenance_window> {
  using t = maintenance_window;
  static constexpr auto table = fields<t>(required<&t::start_datetime>("start_datetime"),
                                          required<&t::end_datetime>("end_datetime"));
};

template <>
struct codec<exchange_schedule> {
  using t = exchange_schedule;
  static constexpr auto table = fields<t>(required<&t::standard_hours>("standard_hours"),
                                          optional<&t::maintenance_windows>("maintenance_windows"));
};

template <>
struct codec<schedule_body> {
  static constexpr auto table =
      fields<schedule_body>(required<&schedule_body::schedule>("schedule"));
};

template <>
struct codec<bucket_limit> {
  using t = bucket_limit;
  static constexpr auto table = fields<t>(required<&t::refill_rate>("refill_rate"),
                                          required<&t::bucket_capacity>("bucket_capacity"));
};

template <>
struct codec<usage_grant> {
  using t = usage_grant;
  static constexpr auto table =
      fields<t>(optional<&t::exchange_instance>("exchange_instance"), required<&t::level>("level"),
                optional<&t::expires_ts>("expires_ts"), optional<&t::source>("source"));
};

template <>
struct codec<account_limits> {
  using t = account_limits;
  static constexpr auto table =
      fields<t>(optional<&t::usage_tier>("usage_tier"), required<&t::read>("read"),
                required<&t::write>("write"), optional<&t::grants>("grants"));
};

template <>
struct codec<endpoint_cost> {
  using t = endpoint_cost;
  static constexpr auto table = fields<t>(required<&t::method>("method"),
                                          required<&t::path>("path"), required<&t::cost>("cost"));
};

template <>
struct codec<endpoint_costs> {
  using t = endpoint_costs;
  static constexpr auto table =
      fields<t>(required<&t::default_cost>("default_cost"), required<&t::costs>("endpoint_costs"));
};

template <>
struct codec<error_body> {
  using t = error_body;
  static constexpr auto table = fields<t>(
      optional<&t::error>("error"), optional<&t::code>("code"), optional<&t::message>("message"),
      optional<&t::details>("details"), optional<&t::msg>("msg"));
};

template <>
struct codec<nested_error> {
  using t = nested_error;
  static constexpr auto table =
      fields<t>(optional<&t::code>("code"), optional<&t::message>("message"),
                optional<&t::details>("details"));
};

}  // namespace json

bool exchange_status::trading_on(std::int64_t exchange_index) const noexcept {
  for (const auto& s : exchange_index_statuses)
    if (s.exchange_index == exchange_index) return s.exchange_active && s.trading_active;
  return exchange_active && trading_active;
}

result<exchange_status> decode_exchange_status(std::string_view body) {
  return json::decode_object<exchange_status>(body);
}
std::string encode_exchange_status(const exchange_status& s) {
  return json::encode_object(s);
}

result<exchange_schedule> decode_exchange_schedule(std::string_view body) {
  CORNICE_TRY(decoded, json::decode_object<schedule_body>(body));
  return std::move(decoded.schedule);
}
std::string encode_exchange_schedule(const exchange_schedule& s) {
  return json::encode_object(schedule_body{s});
}

result<account_limits> decode_account_limits(std::string_view body) {
  return json::decode_object<account_limits>(body);
}
std::string encode_account_limits(const account_limits& l) {
  return json::encode_object(l);
}

std::int64_t endpoint_costs::cost_of(std::string_view method,
                                     std::string_view path) const noexcept {
  for (const auto& c : costs)
    if (c.method == method && path_matches(c.path, path)) return c.cost;
  return default_cost;
}

result<endpoint_costs> decode_endpoint_costs(std::string_view body) {
  return json::decode_object<endpoint_costs>(body);
}
std::string encode_endpoint_costs(const endpoint_costs& c) {
  return json::encode_object(c);
}

bool api_error::has_code(std::string_view wanted) const noexcept {
  const auto lower = [](char c) { return std::tolower(static_cast<unsigned char>(c)); };
  return std::equal(code.begin(), code.end(), wanted.begin(), wanted.end(),
                    [&](char a, char b) { return lower(a) == lower(b); });
}

api_error decode_api_error(std::string_view body) {
  using shape = api_error::body_shape;
  const auto outer = json::decode_object<error_body>(body);
  if (!outer) return {shape::not_json, {}, clipped(body), {}};
  if (outer->error && outer->error->text.starts_with('{')) {
    const auto inner = json::decode_object<nested_error>(outer->error->text);
    if (inner)
      return {shape::nested, clipped(inner->code), clipped(inner->message),
              clipped(inner->details)};
  } else if (outer->error) {
    std::string text;
    const std::string wrapped = "{\"code\":" + outer->error->text + "}";
    if (const auto word = json::decode_object<nested_error>(wrapped)) text = clipped(word->code);
    return {shape::text, {}, text, {}};
  }
  if (outer->code)
    return {shape::flat, clipped(outer->code), clipped(outer->message), clipped(outer->details)};
  if (outer->msg) return {shape::message, {}, clipped(outer->msg), {}};
  return {shape::not_json, {}, clipped(body), {}};
}

std::string encode_api_error(const api_error& e) {
  using shape = api_error::body_shape;
  std::string out;
  json::writer w{out};
  const auto details = e.details.empty() ? std::nullopt : std::optional{e.details};
  const nested_error inner{e.code, e.message, details};
  switch (e.shape) {
    case shape::nested:
      w.begin_object();
      w.key("error");
      json::write_object(w, inner);
      w.end_object();
      break;
    case shape::flat:
      json::write_object(w, inner);
      break;
    case shape::message:
      w.begin_object();
      json::write_member(w, "msg", e.message);
      w.end_object();
      break;
    case shape::text:
      w.begin_object();
      json::write_member(w, "error", e.message);
      w.end_object();
      break;
    case shape::not_json:
      out = e.message;
      break;
  }
  return out;
}

}  // namespace cornice::venue::kalshi
