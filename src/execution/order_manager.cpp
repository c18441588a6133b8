#include "cornice/execution/order_manager.hpp"

#include "cornice/base/check.hpp"
#include "cornice/execution/marks.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace cornice::execution {
namespace {

/// Steps of bundles that one input may cause; each step either waits or finishes soon after.
constexpr int step_rounds_max = 64;

}  // namespace

order_manager::order_manager(manager_config config)
    : config_{std::move(config)}, breakers_{config_.breakers}, gate_{config_.limits} {
  for (const auto v : config_.venues) checks_[v];
}

result<void> order_manager::restore(loaded_state state, timestamp now) {
  started_ = now;
  for (auto& [account, amount] : state.balances) ledger_.restore(account, amount);
  if (!ledger_.sum().is_zero())
    return error{errc::corrupt, "the ledger sums to " + ledger_.sum().to_string() +
                                    " instead of zero; compare ledger_entry with a backup"};
  for (auto& [contract, p] : state.positions) {
    if (ledger_.balance(contracts_account(contract)) != p.cost)
      return error{errc::corrupt, "position " + contract.str() + " costs " + p.cost.to_string() +
                                      ", the ledger says " +
                                      ledger_.balance(contracts_account(contract)).to_string()};
    positions_.restore(contract, p);
    exposure_.set_position(contract, p.q, p.cost);
  }
  for (auto& r : state.breakers) breakers_.restore(std::move(r));
  for (auto& id : state.opportunities) remember_opportunity(id);
  for (auto& day : state.days) days_[day.venue] = day;
  for (auto& b : state.bundles) {
    bundle_id id = b.id;
    bundles_.emplace(std::move(id), open_bundle{bundle_machine{std::move(b)}, {}});
  }
  std::ranges::stable_sort(state.orders, {}, [](const order& o) { return o.updated; });
  for (order& o : state.orders) restore_order(std::move(o));
  for (auto& [id, b] : bundles_) {
    // Legs of a sequential opening that were not ordered yet stay reserved.
    for (const order_terms& t : b.machine.all_legs())
      if (!orders_.contains(t.id))
        exposure_.reserve(t.id, reservation_of(t, t.size, markets_, exposure_));
  }
  return {};
}

void order_manager::restore_order(order o) {
  const order_id id = o.terms.id;
  if (const auto b = bundles_.find(o.terms.bundle); b != bundles_.end())
    b->second.orders.insert(id);
  const auto [it, fresh] = orders_.emplace(id, order_machine{std::move(o)});
  invariant(fresh, "an order is stored once");
  index_order(it->second.get());
  if (!open_.contains(id)) retain(id);
}

actions order_manager::start(timestamp now) {
  started_ = now;
  effects e;
  const std::set<order_id> open = open_;
  for (const order_id& id : open)
    after_order(e, id, orders_.at(id).on_restart(now), evidence::restart, now);
  for (const auto v : config_.venues) ask_snapshot(e, v, now);
  audit(e, "execution.started", "execution",
        std::to_string(open_.size()) + " open orders, " + std::to_string(bundles_.size()) +
            " open bundles, " + std::to_string(in_doubt_.size()) + " contracts in doubt",
        now);
  return finish(e, now);
}

actions order_manager::finish(effects& e, timestamp now) {
  for (int round = 0; !e.dirty.empty() && round < step_rounds_max; ++round) {
    const std::set<bundle_id> dirty = std::exchange(e.dirty, {});
    for (const bundle_id& id : dirty) step_bundle(e, id, now);
  }
  actions out;
  if (!e.records.empty() || !e.audit.empty()) {
    commit c;
    c.id = next_commit_++;
    c.changes = std::move(e.records);
    c.audit = std::move(e.audit);
    pending_commits_.insert(c.id);
    out.emplace_back(std::move(c));
  }
  if (!e.intents.empty()) {
    commit c;
    c.id = next_commit_++;
    c.what = commit::kind::intent;
    c.changes = std::move(e.intents);
    c.audit = std::move(e.intent_audit);
    pending_commits_.insert(c.id);
    intents_.emplace(c.id, std::move(e.to_send));
    out.emplace_back(std::move(c));
  }
  // Commits come first: an action that is answered at once may cause the next commit, and commits
  // must reach the store in the order of their numbers.
  std::ranges::move(e.immediate, std::back_inserter(out));
  return out;
}

risk_view order_manager::view() const {
  risk_view v{markets_,    positions_, ledger_, breakers_, config_.armed, {}, 0, 0,
              day_result_, in_doubt_,  {},      {}};
  for (const auto& [venue, check] : checks_)
    if (check.reconciled) v.reconciled.insert(venue);
  v.open_bundles = static_cast<std::int64_t>(bundles_.size());
  v.pending_commits = static_cast<std::int64_t>(pending_commits_.size());
  v.opportunity_known = [this](const opportunity_id& id) { return opportunities_.contains(id); };
  v.order_known = [this](const order_id& id) { return orders_.contains(id); };
  return v;
}

bool order_manager::all_marked(venue_id v) const {
  return std::ranges::all_of(positions_.all(), [&](const auto& entry) {
    return entry.first.venue() != v || entry.second.q.is_zero() ||
           markets_.last_bid(entry.first).has_value();
  });
}

void order_manager::refresh_day_result() {
  if (days_.empty()) return;
  money total;
  const auto unrealised = unrealised_by_venue(positions_, markets_);
  for (const auto& [v, day] : days_) {
    const position sum = positions_.totals(v);
    total +=
        sum.realised - sum.fees + unrealised.at(v) - (day.realised - day.fees + day.unrealised);
  }
  day_result_ = total;
}

pnl_event order_manager::pnl(venue_id v, timestamp now) const {
  const position sum = positions_.totals(v);
  pnl_event event;
  event.venue = v;
  event.cash = ledger_.cash(v);
  event.realised = sum.realised;
  event.fees = sum.fees;
  event.unrealised = unrealised_by_venue(positions_, markets_).at(v);
  if (const auto day = days_.find(v); day != days_.end())
    event.day_realised = sum.realised - sum.fees - (day->second.realised - day->second.fees);
  event.at = now;
  return event;
}

manager_status order_manager::status() const {
  manager_status s = counters_;
  s.open_orders = 0;
  s.in_doubt = 0;
  for (const order_id& id : open_) {
    const order_state state = orders_.at(id).get().state;
    if (!is_terminal(state)) ++s.open_orders;
    if (state == order_state::in_doubt) ++s.in_doubt;
  }
  s.open_bundles = bundles_.size();
  s.pending_commits = pending_commits_.size();
  for (const auto& [venue, check] : checks_)
    if (check.reconciled) s.reconciled.insert(venue);
  s.day_result = day_result_;
  s.gross_at_risk = exposure_.gross();
  return s;
}

const order* order_manager::find_order(const order_id& id) const {
  const auto it = orders_.find(id);
  return it == orders_.end() ? nullptr : &it->second.get();
}

const bundle_record* order_manager::find_bundle(const bundle_id& id) const {
  const auto it = bundles_.find(id);
  return it == bundles_.end() ? nullptr : &it->second.machine.get();
}

std::vector<const order*> order_manager::open_orders() const {
  std::vector<const order*> list;
  for (const order_id& id : open_) list.push_back(&orders_.at(id).get());
  return list;
}

}  // namespace cornice::execution
