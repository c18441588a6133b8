#include "cornice/venue/kalshi/ws.hpp"
#include "venue/kalshi/ws_codec.hpp"
#include "venue/kalshi/ws_fast_delta.hpp"
#include "venue/kalshi/ws_fast_snapshot.hpp"
#include "venue/plain_text.hpp"

#include <cstring>

namespace cornice::venue::kalshi::ws {
namespace {

namespace od = simdjson::ondemand;
using json::reader;

bool read_snapshot(reader& r, od::value v, level_buffers& levels, orderbook_snapshot& out) {
  od::object object;
  if (v.get_object().get(object)) return r.fail(errc::malformed, "is not an object");
  levels.yes.clear();  // an empty side is absent
  levels.no.clear();
  for (auto item : object) {
    od::raw_json_string raw;
    od::value value;
    if (const auto code = item.key().get(raw)) return r.fail(code);
    if (const auto code = item.value().get(value)) return r.fail(code);
    const std::string_view key = json::key_text(raw);
    bool good = true;
    if (key == "yes_dollars_fp")
      good = json::read(r, value, levels.yes);
    else if (key == "no_dollars_fp")
      good = json::read(r, value, levels.no);
    else if (key == "market_ticker")
      good = json::read(r, value, out.market_ticker);
    else if (key == "market_id")
      good = json::is_null(value) || json::read(r, value, out.market_id);
    if (!good) return r.inside(key);
  }
  if (out.market_ticker.empty()) {
    r.fail(errc::missing_field, "is required and absent");
    return r.inside("market_ticker");
  }
  out.yes = levels.yes;
  out.no = levels.no;
  return true;
}

bool read_ok(reader& r, od::value v, ok& out) {
  od::json_type type{};
  if (const auto code = v.type().get(type)) return r.fail(code);
  if (type == od::json_type::array) return json::read(r, v, out.subscriptions);
  return type != od::json_type::object || json::read(r, v, out);
}

// Types whose payload is `msg`; the others carry none.
bool needs_payload(const message& body) noexcept {
  return !std::holds_alternative<unknown_message>(body) &&
         !std::holds_alternative<unsubscribed>(body) && !std::holds_alternative<ok>(body);
}

void select_body(std::string_view type, message& body) {
  if (type == "orderbook_delta") {
    body.emplace<orderbook_delta>();
  } else if (type == "orderbook_snapshot") {
    body.emplace<orderbook_snapshot>();
  } else if (type == "ticker") {
    body.emplace<ticker_update>();
  } else if (type == "trade") {
    body.emplace<trade>();
  } else if (type == "subscribed") {
    body.emplace<subscribed>();
  } else if (type == "ok") {
    body.emplace<ok>();
  } else if (type == "unsubscribed") {
    body.emplace<unsubscribed>();
  } else if (type == "error") {
    body.emplace<error_reply>();
  } else if (type == "market_lifecycle_v2" || type == "multivariate_market_lifecycle") {
    body.emplace<market_lifecycle>().combo = type.front() == 'm' && type[1] == 'u';
  } else if (type == "event_lifecycle") {
    body.emplace<event_lifecycle>();
  } else if (type == "event_fee_update") {
    body.emplace<event_fee_update>();
  } else {
    body.emplace<unknown_message>();
  }
}

}  // namespace

struct decoder::state {
  od::parser parser;
  std::string text;  // the frame, with the room behind it that the parser reads over
  std::size_t size = 0;
  level_buffers levels;
  reader problem;
  broken_frame broken;
  bool fast = true;

  void keep(std::string_view frame_text) {
    size = frame_text.size();
    if (text.size() < size + simdjson::SIMDJSON_PADDING)
      text.resize(size + simdjson::SIMDJSON_PADDING);
    if (size != 0) std::memcpy(text.data(), frame_text.data(), size);
    std::memset(text.data() + size, 0, simdjson::SIMDJSON_PADDING);
  }

  bool read_payload(od::value v, message& body) {
    reader& r = problem;
    if (auto* m = std::get_if<orderbook_delta>(&body)) return json::read(r, v, *m);
    if (auto* m = std::get_if<orderbook_snapshot>(&body)) return read_snapshot(r, v, levels, *m);
    if (auto* m = std::get_if<ticker_update>(&body)) return json::read(r, v, *m);
    if (auto* m = std::get_if<trade>(&body)) return json::read(r, v, *m);
    if (auto* m = std::get_if<subscribed>(&body)) return json::read(r, v, *m);
    if (auto* m = std::get_if<ok>(&body)) return read_ok(r, v, *m);
    if (auto* m = std::get_if<error_reply>(&body)) return json::read(r, v, *m);
    if (auto* m = std::get_if<market_lifecycle>(&body)) return json::read(r, v, *m);
    if (auto* m = std::get_if<event_lifecycle>(&body)) return json::read(r, v, *m);
    if (auto* m = std::get_if<event_fee_update>(&body)) return json::read(r, v, *m);
    return true;
  }

  bool read_number(od::value v, std::string_view key, std::optional<std::int64_t>& out) {
    return json::read(problem, v, out) || problem.inside(key);
  }

  bool read_envelope_field(std::string_view key, od::value v, envelope& head) {
    if (key == "type") return json::read(problem, v, head.type) || problem.inside(key);
    if (key == "sid") return read_number(v, key, head.sid);
    if (key == "seq") return read_number(v, key, head.seq);
    if (key == "id") return read_number(v, key, head.id);
    if (key == "sending_ts_ms") return read_number(v, key, head.sending_ts_ms);
    return true;
  }

  // One pass when `type` comes before `msg`, as the venue writes it; else a second one for `msg`.
  bool read_frame(od::document& document, frame& out) {
    od::object object;
    if (document.get_object().get(object)) return problem.fail(errc::malformed, "is not an object");
    bool payload_seen = false;
    bool payload_read = false;
    for (auto item : object) {
      od::raw_json_string raw;
      od::value value;
      if (const auto code = item.key().get(raw)) return problem.fail(code);
      if (const auto code = item.value().get(value)) return problem.fail(code);
      const std::string_view key = json::key_text(raw);
      if (key == "msg") {
        payload_seen = true;
        if (out.head.type.empty()) continue;
        payload_read = true;
        if (!read_payload(value, out.body)) return fail_in_payload(out);
      } else {
        if (key == "type" && !out.head.type.empty()) {
          problem.fail(errc::malformed, "is given twice");
          return problem.inside(key);
        }
        if (!read_envelope_field(key, value, out.head)) return false;
        if (key == "type") select_body(out.head.type, out.body);
      }
    }
    const char* rest = nullptr;
    if (!document.current_location().get(rest))
      return problem.fail(errc::malformed, "something follows the frame");
    if (out.head.type.empty()) return missing("type");
    if (payload_read) return true;
    if (payload_seen) return read_late_payload(document, out);
    return !needs_payload(out.body) || missing("msg");
  }

  bool read_late_payload(od::document& document, frame& out) {
    document.rewind();
    od::value value;
    if (const auto code = document["msg"].get(value)) return problem.fail(code);
    return read_payload(value, out.body) || fail_in_payload(out);
  }

  bool missing(std::string_view key) {
    problem.fail(errc::missing_field, "is required and absent");
    return problem.inside(key);
  }

  bool fail_in_payload(const frame& f) {
    if (const auto* m = std::get_if<orderbook_delta>(&f.body))
      broken.market_ticker = m->market_ticker;
    if (const auto* m = std::get_if<orderbook_snapshot>(&f.body))
      broken.market_ticker = m->market_ticker;
    return problem.inside("msg");
  }
};

static_assert(simdjson::SIMDJSON_PADDING >= plain_text_padding);

decoder::decoder(bool fast_deltas) : state_{std::make_unique<state>()} {
  state_->fast = fast_deltas;
}
decoder::~decoder() = default;
decoder::decoder(decoder&&) noexcept = default;
decoder& decoder::operator=(decoder&&) noexcept = default;

result<frame> decoder::decode(std::string_view text) {
  state& s = *state_;
  s.broken = {};
  if (text.size() > json::max_body_bytes)
    return error{errc::out_of_range, "/: a frame of " + std::to_string(text.size()) +
                                         " bytes is over the limit of 64 MiB"};
  s.keep(text);
  result<frame> answer{frame{}};
  frame& out = *answer;
  const std::string_view kept{s.text.data(), s.size};
  if (s.fast && (read_fast_delta(kept, out) || read_fast_snapshot(kept, s.levels, out)))
    return answer;
  out = frame{};
  od::document document;
  if (const auto code = s.parser.iterate(s.text.data(), s.size, s.text.size()).get(document)) {
    s.problem.fail(code);
    return s.problem.take();
  }
  if (!s.read_frame(document, out)) {
    s.broken.head = out.head;
    return s.problem.take();
  }
  if (auto* unknown = std::get_if<unknown_message>(&out.body))
    unknown->text = {s.text.data(), s.size};
  return answer;
}

const broken_frame& decoder::broken() const noexcept {
  return state_->broken;
}

bool operator==(const orderbook_snapshot& a, const orderbook_snapshot& b) noexcept {
  return a.market_ticker == b.market_ticker && a.market_id == b.market_id &&
         std::equal(a.yes.begin(), a.yes.end(), b.yes.begin(), b.yes.end()) &&
         std::equal(a.no.begin(), a.no.end(), b.no.begin(), b.no.end());
}

std::optional<outcome> trade::taker() const noexcept {
  if (taker_outcome_side) return taker_outcome_side;
  if (taker_book_side) return *taker_book_side == book_side::bid ? outcome::yes : outcome::no;
  return taker_side;
}

}  // namespace cornice::venue::kalshi::ws
