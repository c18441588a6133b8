#include "cornice/execution/order_machine.hpp"

#include "cornice/base/check.hpp"

namespace cornice::execution {

std::string_view to_string(evidence e) noexcept {
  switch (e) {
    case evidence::journal:
      return "journal";
    case evidence::venue_ack:
      return "venue_ack";
    case evidence::venue_reject:
      return "venue_reject";
    case evidence::venue_report:
      return "venue_report";
    case evidence::venue_fill:
      return "venue_fill";
    case evidence::venue_query:
      return "venue_query";
    case evidence::restart:
      return "restart";
  }
  return "journal";
}

std::string_view to_string(proof p) noexcept {
  switch (p) {
    case proof::done:
      return "done";
    case proof::not_done:
      return "not_done";
    case proof::unknown:
      return "unknown";
  }
  return "unknown";
}

std::string_view to_string(order_anomaly a) noexcept {
  switch (a) {
    case order_anomaly::none:
      return "none";
    case order_anomaly::late_fill:
      return "late_fill";
    case order_anomaly::overfill:
      return "overfill";
    case order_anomaly::terms_mismatch:
      return "terms_mismatch";
    case order_anomaly::count_mismatch:
      return "count_mismatch";
    case order_anomaly::forbidden_transition:
      return "forbidden_transition";
    case order_anomaly::fills_exhausted:
      return "fills_exhausted";
  }
  return "none";
}

order_machine::order_machine(order_terms terms) {
  invariant(terms.size.is_positive(), "an order has a positive size");
  invariant(!terms.id.empty() && !terms.contract.empty(), "an order has an id and a contract");
  order_.updated = terms.created;
  order_.terms = std::move(terms);
}

order_machine::order_machine(order stored) : order_{std::move(stored)} {}

order_change order_machine::move(order_state to, evidence by, timestamp now) {
  order_change c;
  if (order_.state == to) return c;
  if (!may(order_.state, to, by)) {
    c.anomaly = order_anomaly::forbidden_transition;
    return c;
  }
  c.moved = order_transition{order_.state, to, by};
  c.changed = true;
  order_.state = to;
  order_.updated = now;
  if (to == order_state::in_doubt)
    order_.in_doubt_since = now;
  else
    order_.in_doubt_since.reset();
  if (is_terminal(to)) order_.cancel_wanted = false;
  return c;
}

/// A proved end with the venue's final count. What was booked beyond that count contradicts it.
order_change order_machine::finish(order_state to, evidence by, quantity final_count,
                                   timestamp now) {
  order_change c = move(to, by, now);
  if (c.anomaly != order_anomaly::none) return c;
  if (final_count > order_.claimed) {
    order_.claimed = final_count;
    c.changed = true;
  }
  if (order_.filled > final_count + dust) {
    c.anomaly = order_anomaly::count_mismatch;
    order_.flagged = true;
    c.changed = true;
  }
  return c;
}

order_change order_machine::on_sent(timestamp now) {
  order_change c = move(order_state::sent, evidence::journal, now);
  if (c.moved) order_.sent_at = now;
  return c;
}

order_change order_machine::on_never_sent(std::string reason, timestamp now) {
  order_change c = move(order_state::rejected, evidence::journal, now);
  if (c.moved) order_.reason = std::move(reason);
  return c;
}

order_change order_machine::on_named(const venue_order_id& name, timestamp now) {
  order_change c;
  if (name.empty() || !order_.venue_order.empty()) return c;
  order_.venue_order = name;
  order_.updated = now;
  c.changed = true;
  return c;
}

order_change order_machine::on_send_outcome(const send_outcome& o, timestamp now) {
  if (order_.state == order_state::intended) {
    order_change c;
    c.anomaly = order_anomaly::forbidden_transition;
    return c;
  }
  const bool learned = o.result != proof::not_done && on_named(o.venue_order, now).changed;
  if (o.result == proof::unknown) {
    // A report may have overtaken the answer: then there is nothing left to doubt.
    order_change c;
    c.changed = learned;
    if (order_.state != order_state::sent) return c;
    c = move(order_state::in_doubt, evidence::journal, now);
    order_.reason = o.reason;
    return c;
  }
  if (o.result == proof::not_done) {
    order_change c;
    if (is_terminal(order_.state)) {
      if (order_.state != order_state::rejected) c.anomaly = order_anomaly::forbidden_transition;
      return c;
    }
    c = move(order_state::rejected, evidence::venue_reject, now);
    if (c.moved) order_.reason = o.reason;
    return c;
  }
  order_report r;
  r.state = o.state;
  r.filled = o.filled;
  r.reason = o.reason;
  order_change c = on_report(r, evidence::venue_ack, now);
  c.changed = c.changed || learned;
  return c;
}

order_change order_machine::on_cancel_sent(timestamp now) {
  // Only a live order changes its state: while it is unknown whether the venue has it, a cancel in
  // flight makes nothing more certain.
  if (order_.state != order_state::live) return {};
  return move(order_state::cancel_pending, evidence::journal, now);
}

order_change order_machine::on_cancel_wanted(timestamp now) {
  order_change c;
  if (is_terminal(order_.state) || order_.cancel_wanted) return c;
  order_.cancel_wanted = true;
  order_.updated = now;
  c.changed = true;
  return c;
}

order_change order_machine::on_cancel_outcome(const cancel_outcome& o, timestamp now) {
  if (is_terminal(order_.state)) return {};
  // Without the final count the end is not proved: fills may have happened before the cancel.
  if (o.result != proof::done || !o.filled) return {};
  if (order_.state != order_state::cancel_pending && order_.state != order_state::in_doubt)
    return {};
  order_change c = finish(order_state::cancelled, evidence::venue_ack, *o.filled, now);
  if (c.moved) order_.reason = o.reason.empty() ? "cancelled by us" : o.reason;
  return c;
}

order_change order_machine::on_report(const order_report& r, evidence by, timestamp now) {
  const bool learned = on_named(r.venue_order, now).changed;
  order_change c;
  const bool over = is_terminal(order_.state);
  switch (r.state) {
    case order_report::status::resting:
      // An older word about an order that is over, or whose cancel is on its way, proves nothing.
      if (over) break;
      if (order_.state == order_state::cancel_pending && by != evidence::venue_query) break;
      c = move(order_state::live, by, now);
      break;
    case order_report::status::filled:
    case order_report::status::cancelled: {
      const auto to =
          r.state == order_report::status::filled ? order_state::filled : order_state::cancelled;
      if (over && order_.state != order_state::rejected) {
        // Repeated or completing an earlier final word; only the count may grow.
        c.changed = r.filled > order_.claimed;
        if (c.changed) order_.claimed = r.filled;
        break;
      }
      c = finish(to, by, r.filled, now);
      if (c.moved) order_.reason = r.reason;
      break;
    }
    case order_report::status::rejected:
    case order_report::status::not_found:
      if (over && order_.state == order_state::rejected) break;
      if (r.state == order_report::status::not_found && by != evidence::venue_query) break;
      if (order_.effective_filled().is_positive()) {
        c.anomaly = order_anomaly::count_mismatch;
        break;
      }
      c = move(order_state::rejected, by, now);
      if (c.moved) order_.reason = r.reason.empty() ? std::string{to_string(r.state)} : r.reason;
      break;
  }
  if (c.anomaly == order_anomaly::none && r.filled > order_.claimed) {
    order_.claimed = r.filled;
    c.changed = true;
  }
  c.changed = c.changed || learned;
  if (c.changed) order_.updated = now;
  return c;
}

order_change order_machine::on_fill(const fill_report& f, timestamp now) {
  order_change c;
  if (order_.fills.contains(f.fill)) return c;
  if (f.contract != order_.terms.contract || f.side != order_.terms.side || !f.q.is_positive()) {
    c.anomaly = order_anomaly::terms_mismatch;
    return c;
  }
  if (order_.fills.size() >= max_fills) {
    c.anomaly = order_anomaly::fills_exhausted;
    return c;
  }
  const quantity booked = order_.filled + f.q;
  if (order_.state == order_state::intended ||
      (is_terminal(order_.state) && booked > order_.claimed + dust))
    c.anomaly = order_anomaly::late_fill;
  if (booked > order_.terms.size + dust) c.anomaly = order_anomaly::overfill;

  order_.fills.insert(f.fill);
  order_.filled = booked;
  order_.fill_notional +=
      notional(f.p, f.q, order_.terms.side == order_side::buy ? rounding::up : rounding::down);
  order_.fees += f.fee;
  if (order_.venue_order.empty()) order_.venue_order = f.venue_order;
  order_.updated = now;
  c.new_fill = true;
  c.changed = true;
  if (c.anomaly != order_anomaly::none) order_.flagged = true;

  if (is_terminal(order_.state) || order_.state == order_state::intended) return c;
  // Dust that is left says nothing: only the venue knows whether the order goes on.
  order_state to = order_.state;
  if (order_.filled >= order_.terms.size)
    to = order_state::filled;
  else if (order_.state == order_state::sent || order_.state == order_state::in_doubt)
    to = order_state::live;
  if (to != order_.state) c.moved = move(to, evidence::venue_fill, now).moved;
  return c;
}

order_change order_machine::on_restart(timestamp now) {
  if (order_.state != order_state::intended && order_.state != order_state::sent) return {};
  order_change c = move(order_state::in_doubt, evidence::restart, now);
  order_.reason = "the daemon restarted before the venue's answer was recorded";
  return c;
}

}  // namespace cornice::execution
