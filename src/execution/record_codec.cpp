#include "execution/record_codec.hpp"

#include "cornice/model/codec.hpp"

#include <nlohmann/json.hpp>

namespace cornice::execution {
namespace {

using nlohmann::json;

json time_or_null(const std::optional<timestamp>& t) {
  return t ? json(to_rfc3339(*t)) : json(nullptr);
}

// Reads the fields of a record that we wrote ourselves: anything unexpected is corruption, told by
// key.
class reader {
 public:
  explicit reader(const json& from) : from_{from} {}

  std::string text(const char* key) const { return from_.at(key).get<std::string>(); }
  std::int64_t integer(const char* key) const { return from_.at(key).get<std::int64_t>(); }
  timestamp time(const char* key) const { return parse_rfc3339(text(key)).value(); }
  std::optional<timestamp> optional_time(const char* key) const {
    if (from_.at(key).is_null()) return std::nullopt;
    return time(key);
  }
  reader object(const char* key) const { return reader{from_.at(key)}; }
  const json& list(const char* key) const { return from_.at(key); }

 private:
  const json& from_;
};

json policy_json(const bundle_policy& p) {
  return {{"order", to_string(p.order)},
          {"tif", to_string(p.tif)},
          {"rest_ms_max", p.rest_ms_max},
          {"completion_ms_max", p.completion_ms_max},
          {"completion_attempts_max", p.completion_attempts_max},
          {"completion_extra_max", p.completion_extra_max.micros()},
          {"unwind_ms_max", p.unwind_ms_max},
          {"unwind_attempts_max", p.unwind_attempts_max},
          {"unwind_collar", p.unwind_collar.micros()},
          {"unwind_loss_max", p.unwind_loss_max.micros()},
          {"retry_ms", p.retry_ms},
          {"residual_max", p.residual_max.micros()}};
}

bundle_policy policy_of(const reader& r) {
  bundle_policy p;
  p.order = parse_leg_order(r.text("order")).value();
  p.tif = parse_time_in_force(r.text("tif")).value();
  p.rest_ms_max = r.integer("rest_ms_max");
  p.completion_ms_max = r.integer("completion_ms_max");
  p.completion_attempts_max = r.integer("completion_attempts_max");
  p.completion_extra_max = price::from_micros(r.integer("completion_extra_max")).value();
  p.unwind_ms_max = r.integer("unwind_ms_max");
  p.unwind_attempts_max = r.integer("unwind_attempts_max");
  p.unwind_collar = price::from_micros(r.integer("unwind_collar")).value();
  p.unwind_loss_max = money{r.integer("unwind_loss_max")};
  p.retry_ms = r.integer("retry_ms");
  p.residual_max = money{r.integer("residual_max")};
  return p;
}

json leg_json(const opportunity_leg& l) {
  return {{"contract", l.contract.str()}, {"side", to_string(l.side)},
          {"limit", l.limit.micros()},    {"size", l.size.micros()},
          {"cost", l.cost.micros()},      {"fee", l.fee.micros()},
          {"book_epoch", l.book_epoch},   {"book_revision", l.book_revision}};
}

opportunity_leg leg_of(const json& from) {
  const reader r{from};
  opportunity_leg l;
  l.contract = contract_id::parse(r.text("contract")).value();
  l.side = parse_order_side(r.text("side")).value();
  l.limit = price::from_micros(r.integer("limit")).value();
  l.size = quantity{r.integer("size")};
  l.cost = money{r.integer("cost")};
  l.fee = money{r.integer("fee")};
  l.book_epoch = from.at("book_epoch").get<std::uint64_t>();
  l.book_revision = from.at("book_revision").get<std::uint64_t>();
  return l;
}

bundle_record bundle_of(const json& from) {
  const reader r{from};
  bundle_record b;
  b.id = bundle_id::parse(r.text("id")).value();
  b.opportunity = opportunity_id::parse(r.text("opportunity")).value();
  b.kind = parse_opportunity_kind(r.text("kind")).value();
  if (const std::string market = r.text("market"); !market.empty())
    b.market = market_id::parse(market).value();
  for (const json& leg : r.list("legs")) b.legs.push_back(leg_of(leg));
  b.size = quantity{r.integer("size")};
  b.expected_edge = money{r.integer("expected_edge")};
  b.policy = policy_of(r.object("policy"));
  b.state = parse_bundle_state(r.text("state")).value();
  b.reason = r.text("reason");
  b.unhedged_since = r.optional_time("unhedged_since");
  b.unwind_since = r.optional_time("unwind_since");
  b.completion_attempts = r.integer("completion_attempts");
  b.unwind_attempts = r.integer("unwind_attempts");
  b.next_try = r.time("next_try");
  b.created = r.time("created");
  b.expires = r.time("expires");
  b.updated = r.time("updated");
  if (const std::string trace = r.text("trace"); !trace.empty())
    b.trace = trace_id::parse(trace).value();
  return b;
}

}  // namespace

std::string encode(const bundle_record& r) {
  json legs = json::array();
  for (const opportunity_leg& l : r.legs) legs.push_back(leg_json(l));
  const json out = {{"id", r.id.str()},
                    {"opportunity", r.opportunity.str()},
                    {"kind", to_string(r.kind)},
                    {"market", r.market.str()},
                    {"legs", std::move(legs)},
                    {"size", r.size.micros()},
                    {"expected_edge", r.expected_edge.micros()},
                    {"policy", policy_json(r.policy)},
                    {"state", to_string(r.state)},
                    {"reason", r.reason},
                    {"unhedged_since", time_or_null(r.unhedged_since)},
                    {"unwind_since", time_or_null(r.unwind_since)},
                    {"completion_attempts", r.completion_attempts},
                    {"unwind_attempts", r.unwind_attempts},
                    {"next_try", to_rfc3339(r.next_try)},
                    {"created", to_rfc3339(r.created)},
                    {"expires", to_rfc3339(r.expires)},
                    {"updated", to_rfc3339(r.updated)},
                    {"trace", r.trace.str()}};
  return out.dump();
}

result<bundle_record> decode_bundle(std::string_view text) {
  try {
    return bundle_of(json::parse(text));
  } catch (const std::exception& e) {
    return error{errc::corrupt, std::string{"stored bundle plan: "} + e.what()};
  }
}

}  // namespace cornice::execution
