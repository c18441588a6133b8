#include "cornice/execution/reconcile.hpp"

#include <algorithm>
#include <cstdlib>
#include <map>
#include <set>

namespace cornice::execution {
namespace {

constexpr std::size_t named_differences_max = 5;

/// Our orders by both of their names, with those that the snapshot itself teaches.
class order_index {
 public:
  explicit order_index(const our_account& ours) : ours_{&ours} {}
  [[nodiscard]] const order* find(const order_id& id, const venue_order_id& venue) const {
    if (const order* known = ours_->find(id, venue)) return known;
    const auto it = learned_.find(venue);
    return it == learned_.end() ? nullptr : it->second;
  }
  void learn(const venue_order_id& venue, const order* o) { learned_.emplace(venue, o); }

 private:
  const our_account* ours_;
  std::map<venue_order_id, const order*> learned_;
};

bool settled_or_about_to(const listing* l) {
  return l != nullptr &&
         (l->status == listing_status::determined || l->status == listing_status::disputed ||
          l->status == listing_status::settled);
}

void match_orders(const our_account& ours, const account_snapshot& venue,
                  const snapshot_request& request, const reconcile_policy& policy,
                  order_index& index, reconcile_result& out) {
  std::set<order_id> mentioned;
  for (const order_report& r : venue.orders) {
    const order* o = index.find(r.order, r.venue_order);
    if (o == nullptr) {
      if (r.state == order_report::status::resting) out.foreign.push_back(r.venue_order);
      continue;
    }
    if (!r.venue_order.empty()) index.learn(r.venue_order, o);
    mentioned.insert(o->terms.id);
    order_resolution resolution{o->terms.id, r};
    resolution.report.order = o->terms.id;
    // The absence rule below decides on not_found: a venue that does not see it yet says it too.
    if (r.state == order_report::status::not_found)
      mentioned.erase(o->terms.id);
    else
      out.orders.push_back(std::move(resolution));
  }
  for (const order* o : ours.open) {
    if (mentioned.contains(o->terms.id) || is_terminal(o->state)) continue;
    const bool never_seen = o->state == order_state::in_doubt && o->effective_filled().is_zero();
    const timestamp last_sent = o->sent_at.value_or(o->terms.created);
    const bool late_enough =
        venue.observed - std::max(last_sent, o->in_doubt_since.value_or(last_sent)) >=
        std::chrono::milliseconds{policy.absent_after_ms};
    if (never_seen && late_enough && o->terms.created >= request.since) {
      order_report absent;
      absent.venue = request.venue;
      absent.order = o->terms.id;
      absent.state = order_report::status::not_found;
      absent.reason = "the venue does not know it";
      absent.venue_time = venue.observed;
      out.orders.push_back({o->terms.id, std::move(absent)});
    } else if (o->state != order_state::intended) {
      out.unresolved.push_back(o->terms.id);
    }
  }
}

void match_fills(const our_account& ours, const account_snapshot& venue, const order_index& index,
                 reconcile_result& out) {
  std::set<venue_fill_id> taken;
  for (const fill_report& f : venue.fills) {
    const order* o = index.find(f.order, f.venue_order);
    if (o == nullptr) {
      out.foreign_fills.push_back(f);
      continue;
    }
    if (o->fills.contains(f.fill) || !taken.insert(f.fill).second) continue;
    const auto mine = in_terms_of(o->terms, f, ours.markets);
    if (!mine) {
      out.foreign_fills.push_back(f);
      continue;
    }
    out.fills.push_back(*mine);
    out.fills.back().order = o->terms.id;
  }
  std::ranges::stable_sort(out.fills, {}, [](const fill_report& f) { return f.venue_time; });
}

}  // namespace

std::optional<fill_report> in_terms_of(const order_terms& t, const fill_report& f,
                                       const market_view& markets) {
  if (f.contract == t.contract && f.side == t.side) return f;
  if (!nets_pairs(f.venue) || f.side == t.side) return std::nullopt;
  const auto other = markets.opposite(t.contract);
  if (!other || *other != f.contract) return std::nullopt;
  return as_opposite(f, t.contract);
}

reconcile_result reconcile(const our_account& ours, const account_snapshot& venue,
                           const snapshot_request& request, const reconcile_policy& policy) {
  reconcile_result out;
  order_index index{ours};
  match_orders(ours, venue, request, policy, index, out);
  match_fills(ours, venue, index, out);

  // What we would hold after the fills that the snapshot brings.
  position_book after = ours.positions;
  ledger flows;
  std::set<contract_id> moving;
  for (const fill_report& f : out.fills)
    flows.post(after.apply(f, ours.markets.netting_opposite(f.contract)).entry);
  const auto mark_moving = [&](const contract_id& c) {
    moving.insert(c);
    if (const auto other = ours.markets.netting_opposite(c)) moving.insert(*other);
  };
  bool cash_comparable = true;
  std::set<order_id> resolved_over;
  std::map<order_id, quantity> stated;
  for (const auto& r : out.orders) {
    if (r.report.state != order_report::status::resting) resolved_over.insert(r.id);
    stated[r.id] = r.report.filled;
  }
  std::map<order_id, quantity> booked_now;
  for (const fill_report& f : out.fills) booked_now[f.order] += f.q;
  for (const order* o : ours.open) {
    const bool over = is_terminal(o->state) || resolved_over.contains(o->terms.id);
    const quantity booked = o->filled + booked_now[o->terms.id];
    const bool fills_missing = std::max(o->claimed, stated[o->terms.id]) > booked;
    if (over && !fills_missing) continue;
    mark_moving(o->terms.contract);
    cash_comparable = false;
  }
  const auto fresh = [&](const contract_id& c) {
    return venue.observed - ours.last_booked(c) < std::chrono::milliseconds{policy.settle_ms};
  };

  std::map<contract_id, std::pair<quantity, quantity>> holdings;  // ours, the venue's
  for (const auto& [contract, p] : after.all())
    if (contract.venue() == request.venue) holdings[contract].first = p.q;
  for (const auto& entry : venue.positions) holdings[entry.contract].second = entry.q;
  for (const auto& [contract, q] : holdings) {
    if (fresh(contract)) cash_comparable = false;
    if (moving.contains(contract) || fresh(contract) ||
        settled_or_about_to(ours.markets.listing_of(contract)))
      continue;
    if (std::abs((q.first - q.second).micros()) > policy.quantity_tolerance.micros())
      out.positions.push_back({contract, q.first, q.second});
  }
  if (cash_comparable) {
    const money expected = ours.cash + flows.cash(request.venue);
    const money difference = venue.cash - expected;
    if (std::abs(difference.micros()) > policy.cash_tolerance.micros())
      out.cash_difference = difference;
  }
  return out;
}

std::string reconcile_result::summary() const {
  std::string text;
  std::size_t named = 0;
  const auto add = [&](const std::string& what) {
    if (named++ >= named_differences_max) return;
    if (!text.empty()) text += "; ";
    text += what;
  };
  for (const auto& id : foreign) add("open order " + id.str() + " is not ours");
  for (const auto& f : foreign_fills) add("fill " + f.fill.str() + " belongs to no order of ours");
  for (const auto& p : positions)
    add(p.contract.str() + ": we hold " + p.ours.to_string() + ", the venue says " +
        p.venue.to_string());
  if (cash_difference) add("cash differs by " + cash_difference->to_string());
  if (named > named_differences_max)
    text += "; and " + std::to_string(named - named_differences_max) + " more";
  return text.empty() ? "no difference" : text;
}

}  // namespace cornice::execution
