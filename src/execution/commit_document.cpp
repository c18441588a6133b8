#include "execution/commit_document.hpp"

#include "cornice/model/codec.hpp"
#include "execution/record_codec.hpp"

#include <nlohmann/json.hpp>

namespace cornice::execution {
namespace {

using nlohmann::json;

json time_or_null(const std::optional<timestamp>& t) {
  return t ? json(to_rfc3339(*t)) : json(nullptr);
}

class document {
 public:
  document(const refused_opportunities& refused, std::string prefix, timestamp now)
      : refused_{refused}, prefix_{std::move(prefix)}, now_{to_rfc3339(now)} {}

  void add(const commit& c) {
    commit_ = c.id;
    for (const change& each : c.changes) std::visit([this](const auto& ch) { add(ch); }, each);
    for (const audit_entry& a : c.audit)
      out_["audit"].push_back({{"at", to_rfc3339(a.at)},
                               {"actor", a.actor},
                               {"action", a.action},
                               {"subject", a.subject},
                               {"detail", a.detail}});
  }

  std::string text() {
    put("bundles", bundles_);
    put("orders", orders_);
    put("positions", positions_);
    put("breakers", breakers_);
    return out_.dump();
  }

 private:
  // Rows that are replaced by id: one database statement must not touch a row twice.
  using rows = std::map<std::string, json>;

  void put(const char* key, rows& r) {
    if (r.empty()) return;
    json& list = out_[key] = json::array();
    for (auto& [id, row] : r) list.push_back(std::move(row));
  }

  template <class Event>
  void publish(const Event& e) {
    out_["outbox"].push_back(
        {{"routing_key", routing_key(e)},
         {"type", message_type<Event>()},
         {"message_id", prefix_ + std::to_string(commit_) + "-" + std::to_string(++published_)},
         {"body", cornice::encode(e)},
         {"created", now_}});
  }

  void add_opportunity(const opportunity& o, const char* verdict, const std::string& check,
                       const std::string& detail) {
    out_["opportunities"].push_back({{"opportunity_id", o.id.str()},
                                     {"kind", to_string(o.kind)},
                                     {"market_id", o.market.str()},
                                     {"edge", o.edge.micros()},
                                     {"cost", o.cost.micros()},
                                     {"fees", o.fees.micros()},
                                     {"annual_return_ppm", o.annual_return_ppm},
                                     {"created", to_rfc3339(o.created)},
                                     {"expires", to_rfc3339(o.expires)},
                                     {"verdict", verdict},
                                     {"refused_by", check},
                                     {"refusal", detail},
                                     {"trace_id", o.trace.str()},
                                     {"body", json::parse(cornice::encode(o))}});
  }

  void add(const store_opportunity& s) { add_opportunity(s.taken, "accepted", "", ""); }

  void add(const store_bundle& s) {
    bundles_.insert_or_assign(s.row.id.str(), json{{"bundle_id", s.row.id.str()},
                                                   {"opportunity_id", s.row.opportunity.str()},
                                                   {"state", to_string(s.row.state)},
                                                   {"plan", json::parse(encode(s.row))},
                                                   {"reason", s.row.reason},
                                                   {"trace_id", s.row.trace.str()},
                                                   {"created", to_rfc3339(s.row.created)},
                                                   {"updated", to_rfc3339(s.row.updated)}});
    publish(s.event);
  }

  void add(const store_order& s) {
    const order& o = s.row;
    orders_.insert_or_assign(o.terms.id.str(),
                             json{{"order_id", o.terms.id.str()},
                                  {"bundle_id", o.terms.bundle.str()},
                                  {"leg", o.terms.leg},
                                  {"attempt", o.terms.attempt},
                                  {"venue", to_string(o.terms.contract.venue())},
                                  {"contract_id", o.terms.contract.str()},
                                  {"side", to_string(o.terms.side)},
                                  {"limit_price", o.terms.limit.micros()},
                                  {"size", o.terms.size.micros()},
                                  {"time_in_force", to_string(o.terms.tif)},
                                  {"purpose", to_string(o.terms.purpose)},
                                  {"state", to_string(o.state)},
                                  {"filled", o.filled.micros()},
                                  {"claimed", o.claimed.micros()},
                                  {"fill_notional", o.fill_notional.micros()},
                                  {"fees", o.fees.micros()},
                                  {"venue_order_id", o.venue_order.str()},
                                  {"reason", o.reason},
                                  {"sent_at", time_or_null(o.sent_at)},
                                  {"in_doubt_since", time_or_null(o.in_doubt_since)},
                                  {"cancel_wanted", o.cancel_wanted},
                                  {"flagged", o.flagged},
                                  {"trace_id", o.terms.trace.str()},
                                  {"created", to_rfc3339(o.terms.created)},
                                  {"updated", to_rfc3339(o.updated)}});
    out_["order_events"].push_back({{"order_id", o.terms.id.str()},
                                    {"state", to_string(s.event.state)},
                                    {"evidence", s.event.evidence},
                                    {"filled", s.event.filled.micros()},
                                    {"reason", s.event.reason},
                                    {"at", to_rfc3339(s.event.at)}});
    publish(s.event);
  }

  void add(const store_fill& s) {
    const fill_report& f = s.fill;
    out_["fills"].push_back({{"venue", to_string(f.venue)},
                             {"fill_id", f.fill.str()},
                             {"order_id", s.order.str()},
                             {"venue_order_id", f.venue_order.str()},
                             {"contract_id", f.contract.str()},
                             {"side", to_string(f.side)},
                             {"price", f.p.micros()},
                             {"quantity", f.q.micros()},
                             {"fee", f.fee.micros()},
                             {"role", to_string(f.role)},
                             {"venue_time", to_rfc3339(f.venue_time)},
                             {"applied", now_},
                             {"trace_id", f.trace.str()}});
    publish(f);
  }

  void add(const store_booking& s) {
    for (const ledger_posting& p : s.entry.postings)
      out_["ledger"].push_back({{"transaction_id", s.entry.id},
                                {"kind", to_string(s.entry.kind)},
                                {"account", p.account},
                                {"amount", p.amount.micros()},
                                {"memo", s.entry.memo},
                                {"at", to_rfc3339(s.entry.at)}});
    for (const position_event& p : s.positions) {
      positions_.insert_or_assign(p.contract.str(), json{{"contract_id", p.contract.str()},
                                                         {"venue", to_string(p.contract.venue())},
                                                         {"quantity", p.q.micros()},
                                                         {"cost", p.cost.micros()},
                                                         {"realised", p.realised.micros()},
                                                         {"fees", p.fees.micros()},
                                                         {"updated", to_rfc3339(p.at)}});
      publish(p);
    }
  }

  void add(const store_breaker& s) {
    json conditions = json::array();
    for (const breaker_cause c : s.row.conditions) conditions.push_back(to_string(c));
    breakers_.insert_or_assign(s.row.scope, json{{"scope", s.row.scope},
                                                 {"state", to_string(s.row.state)},
                                                 {"cause", to_string(s.row.cause)},
                                                 {"detail", s.row.detail},
                                                 {"needs_person", s.row.needs_person},
                                                 {"changed_by", s.row.by},
                                                 {"changed", to_rfc3339(s.row.since)},
                                                 {"trips_in_row", s.row.trips_in_row},
                                                 {"probes_left", s.row.probes_left},
                                                 {"conditions", std::move(conditions)}});
    publish(s.event);
  }

  void add(const store_refusal& s) {
    out_["refusals"].push_back({{"opportunity_id", s.event.opportunity.str()},
                                {"check_name", s.event.check},
                                {"detail", s.event.detail},
                                {"trace_id", s.event.trace.str()},
                                {"at", to_rfc3339(s.event.at)}});
    if (const auto o = refused_.find(s.event.opportunity); o != refused_.end())
      add_opportunity(o->second, "refused", s.event.check, s.event.detail);
    publish(s.event);
  }

  void add(const store_day& s) {
    out_["days"].push_back({{"venue", to_string(s.row.venue)},
                            {"day", to_rfc3339(s.row.day).substr(0, 10)},
                            {"realised", s.row.realised.micros()},
                            {"fees", s.row.fees.micros()},
                            {"unrealised", s.row.unrealised.micros()}});
  }

  void add(const store_pnl& s) { publish(s.event); }

  const refused_opportunities& refused_;
  std::string prefix_;
  std::string now_;
  json out_ = json::object();
  rows bundles_;
  rows orders_;
  rows positions_;
  rows breakers_;
  std::uint64_t commit_ = 0;
  std::uint64_t published_ = 0;
};

}  // namespace

std::string commit_document(std::span<const commit> commits, const refused_opportunities& refused,
                            const std::string& message_prefix, timestamp now) {
  document d{refused, message_prefix, now};
  for (const commit& c : commits) d.add(c);
  return d.text();
}

}  // namespace cornice::execution
