#include "cornice/execution/paper_matcher.hpp"

#include "cornice/base/check.hpp"
#include "cornice/execution/positions.hpp"
#include "cornice/venue/fees.hpp"

#include <algorithm>

namespace cornice::execution {
namespace {

// Consumption that nobody asks about any more is forgotten in bulk.
constexpr std::size_t max_taken = 10'000;

// Fees of one order's fills in their order, by the rules of its venue.
class order_fees {
 public:
  order_fees(const listing& l, order_side side)
      : listing_{l}, side_{side}, kalshi_{kalshi_schedule(l)} {}

  money next(liquidity role, price p, quantity q) {
    if (listing_.venue == venue_id::kalshi) return kalshi_.on_fill(side_, role, p, q).net;
    return role == liquidity::taker ? venue::taker_fee(listing_.venue, listing_.fees, p, q)
                                    : venue::maker_fee(listing_.venue, listing_.fees, p, q);
  }

 private:
  static fee_schedule kalshi_schedule(const listing& l) {
    fee_schedule s = l.fees;
    if (l.venue != venue_id::kalshi) s.kind = fee_schedule::model::none;
    return s;
  }
  const listing& listing_;
  order_side side_;
  venue::kalshi_order_fees kalshi_;
};

}  // namespace

void paper_matcher::restore(venue_id venue, money cash) {
  cash_.insert_or_assign(venue, cash);
}

void paper_matcher::restore(const contract_id& contract, quantity held) {
  held_.insert_or_assign(contract, held);
}

void paper_matcher::restore(paper_order resting) {
  resting_.insert_or_assign(resting.terms.id, std::move(resting));
}

money paper_matcher::cash(venue_id v) const {
  const auto at = cash_.find(v);
  return at == cash_.end() ? money{} : at->second;
}

quantity paper_matcher::held(const contract_id& c) const {
  const auto at = held_.find(c);
  return at == held_.end() ? quantity{} : at->second;
}

// Buying NO at q takes the YES bid at 1-q: both are the same resting order of somebody.
paper_matcher::pool_level paper_matcher::pool_of(const contract_id& c, order_side s,
                                                 price p) const {
  const listing* l = markets_.listing_of(c);
  const bool yes = l == nullptr || l->yes == c;
  const bool takes_ask = s == order_side::buy;
  return {l == nullptr ? c.str() : std::string{to_string(l->venue)} + ":" + l->id.str(),
          yes == takes_ask, yes ? p : p.complement()};
}

quantity paper_matcher::available(const contract_id& c, order_side s, const level& l,
                                  timestamp now) const {
  const auto at = taken_.find(pool_of(c, s, l.p));
  if (at == taken_.end() || at->second.shown != l.q || now - at->second.at > replenish_) return l.q;
  return std::max(quantity{}, l.q - at->second.amount);
}

std::string paper_matcher::refusal_of(const order_terms& t) const {
  const listing* l = markets_.listing_of(t.contract);
  if (l == nullptr) return "market not found";
  if (!l->tradable()) return "market not active: " + std::string{to_string(l->status)};
  if (!markets_.grid_of(t.contract).accepts(t.limit))
    return "invalid price: " + t.limit.to_string() + " is off the grid";
  if (t.size < l->min_size)
    return "size " + t.size.to_string() + " lower than the minimum " + l->min_size.to_string();
  if (t.size.truncated_to(l->size_step) != t.size)
    return "size " + t.size.to_string() + " is off the step";
  if (t.side == order_side::sell && t.size > held(t.contract))
    return "insufficient position: holds " + held(t.contract).to_string();
  if (t.side == order_side::buy && notional(t.limit, l->min_size, rounding::up) > cash(l->venue))
    return "insufficient balance: " + cash(l->venue).to_string();
  return {};
}

void paper_matcher::book_fill(const listing& l, price p, quantity q, liquidity role, money fee,
                              timestamp now, paper_result& out) const {
  const order_terms& t = out.order.terms;
  fill_report f;
  f.venue = l.venue;
  f.fill = venue_fill_id::of(out.order.id.str() + "-" + std::to_string(unix_us(now)) + "-" +
                             std::to_string(out.fills.size() + 1));
  f.venue_order = out.order.id;
  f.order = t.id;
  f.contract = t.contract;
  f.side = t.side;
  f.p = p;
  f.q = q;
  f.fee = fee;
  f.role = role;
  f.venue_time = now;
  f.trace = t.trace;
  out.order.filled += q;
  out.cash -= fee;
  if (t.side == order_side::buy)
    out.cash -= notional(p, q, rounding::up);
  else
    out.cash += notional(p, q, rounding::down);
  out.fills.push_back(std::move(f));
}

void paper_matcher::take(const paper_order& o, const listing& l, timestamp now,
                         paper_result& out) const {
  const book_signal* book = markets_.book(o.terms.contract);
  if (book == nullptr || !book->usable) return;
  const bool buying = o.terms.side == order_side::buy;
  order_fees fees{l, o.terms.side};
  for (const level& shown : buying ? book->asks : book->bids) {
    if (buying ? shown.p > o.terms.limit : shown.p < o.terms.limit) break;
    quantity q = std::min(available(o.terms.contract, o.terms.side, shown, now),
                          o.terms.size - out.order.filled);
    if (buying) {
      // The whole fee of the fill at most: what is bought is always paid for.
      const money unit = notional(shown.p, quantity{quantity::one}, rounding::up) +
                         venue::taker_fee(l.venue, l.fees, shown.p, quantity{quantity::one});
      if (unit.micros() > 0)
        q = std::min(
            q, quantity{divide(
                   int128{std::max<std::int64_t>(0, out.cash.micros() - 10'000)} * quantity::one,
                   unit.micros(), rounding::down)});
    }
    q = q.truncated_to(l.size_step);
    if (!q.is_positive()) continue;
    book_fill(l, shown.p, q, liquidity::taker, fees.next(liquidity::taker, shown.p, q), now, out);
    if (out.order.filled == o.terms.size) break;
  }
}

namespace {

// Adds the holdings that the fills of `out` lead to, from what was held before.
void settle_holdings(const listing& l, quantity yes, quantity no, paper_result& out) {
  for (const fill_report& f : out.fills) {
    quantity& q = f.contract == l.yes ? yes : no;
    q += f.side == order_side::buy ? f.q : -f.q;
  }
  if (nets_pairs(l.venue)) {
    const quantity pairs = std::min(yes, no);
    if (pairs.is_positive()) {
      yes -= pairs;
      no -= pairs;
      out.cash += payout(pairs);
    }
  }
  out.held = {{l.yes, yes}, {l.no, no}};
}

}  // namespace

paper_result paper_matcher::place(const order_terms& t, timestamp now) const {
  paper_result out;
  out.order.id = venue_order_id::of("paper-" + t.id.str());
  out.order.terms = t;
  out.cash = cash(t.contract.venue());
  if (std::string why = refusal_of(t); !why.empty()) {
    out.order.status = order_report::status::rejected;
    out.order.reason = std::move(why);
    return out;
  }
  const listing& l = *markets_.listing_of(t.contract);
  const money cash_before = out.cash;
  take(out.order, l, now, out);
  if (t.tif == time_in_force::fok && out.order.filled != t.size) {
    out.fills.clear();
    out.order.filled = quantity{};
    out.cash = cash_before;
  }
  settle_holdings(l, held(l.yes), held(l.no), out);
  if (out.order.filled == t.size) {
    out.order.status = order_report::status::filled;
  } else if (t.tif != time_in_force::gtc) {
    const book_signal* book = markets_.book(t.contract);
    out.order.status = order_report::status::cancelled;
    out.order.reason =
        book == nullptr || !book->usable ? "no usable book" : "nothing more at the limit";
  }
  return out;
}

std::optional<paper_result> paper_matcher::cross(const contract_id& contract, timestamp now) const {
  const book_signal* book = markets_.book(contract);
  const listing* l = markets_.listing_of(contract);
  if (book == nullptr || !book->usable || l == nullptr || !l->tradable()) return std::nullopt;
  for (const auto& [id, o] : resting_) {
    if (o.terms.contract != contract) continue;
    paper_result out;
    out.order = o;
    out.cash = cash(contract.venue());
    const bool buying = o.terms.side == order_side::buy;
    order_fees fees{*l, o.terms.side};
    for (const level& shown : buying ? book->asks : book->bids) {
      if (buying ? shown.p > o.terms.limit : shown.p < o.terms.limit) break;
      quantity q =
          std::min(available(contract, o.terms.side, shown, now), o.terms.size - out.order.filled);
      if (!buying) q = std::min(q, held(contract));
      q = q.truncated_to(l->size_step);
      if (!q.is_positive()) continue;
      const money cost = buying ? notional(o.terms.limit, q, rounding::up) : money{};
      const money fee = fees.next(liquidity::maker, o.terms.limit, q);
      if (cost + fee > out.cash) break;
      book_fill(*l, o.terms.limit, q, liquidity::maker, fee, now, out);
      if (out.order.filled == o.terms.size) break;
    }
    if (out.fills.empty()) continue;
    settle_holdings(*l, held(l->yes), held(l->no), out);
    if (out.order.filled == o.terms.size) out.order.status = order_report::status::filled;
    return out;
  }
  return std::nullopt;
}

std::optional<paper_result> paper_matcher::cancel(const order_id& id) const {
  const auto at = resting_.find(id);
  if (at == resting_.end()) return std::nullopt;
  paper_result out;
  out.order = at->second;
  out.order.status = order_report::status::cancelled;
  out.order.reason = "cancelled on request";
  out.cash = cash(at->second.terms.contract.venue());
  return out;
}

std::optional<paper_result> paper_matcher::settle(const listing& l) const {
  if (l.status != listing_status::settled || !l.settlement_value) return std::nullopt;
  const quantity yes = held(l.yes);
  const quantity no = held(l.no);
  if (yes.is_zero() && no.is_zero()) return std::nullopt;
  paper_result out;
  out.order.terms.contract = l.yes;
  const auto pays = [](quantity q, std::int64_t ppm) {
    return money{divide(int128{q.micros()} * ppm, 1'000'000, rounding::down)};
  };
  out.cash = cash(l.venue) + pays(yes, l.settlement_value->ppm) +
             pays(no, 1'000'000 - l.settlement_value->ppm);
  out.held = {{l.yes, quantity{}}, {l.no, quantity{}}};
  return out;
}

void paper_matcher::apply(const paper_result& r, timestamp now) {
  const order_terms& t = r.order.terms;
  cash_.insert_or_assign(t.contract.venue(), r.cash);
  for (const auto& [contract, q] : r.held) held_.insert_or_assign(contract, q);
  if (const book_signal* book = markets_.book(t.contract)) {
    for (const fill_report& f : r.fills) {
      // A maker fill is priced at our own limit; what it took is the level that crossed it.
      const auto& side = f.side == order_side::buy ? book->asks : book->bids;
      const auto shown =
          f.role == liquidity::maker ? side.begin() : std::ranges::find(side, f.p, &level::p);
      if (shown == side.end()) continue;
      taken& gone = taken_[pool_of(f.contract, f.side, shown->p)];
      if (gone.shown != shown->q || now - gone.at > replenish_) gone = {quantity{}, shown->q, now};
      gone.amount += f.q;
      gone.at = now;
    }
  }
  if (taken_.size() > max_taken)
    std::erase_if(taken_, [&](const auto& entry) { return now - entry.second.at > replenish_; });
  if (t.id.empty()) return;
  if (r.order.status == order_report::status::resting)
    resting_.insert_or_assign(t.id, r.order);
  else
    resting_.erase(t.id);
}

}  // namespace cornice::execution
