#include "cornice/execution/order_machine.hpp"

#include "market_world.hpp"

#include <rapidcheck/gtest.h>

#include <algorithm>
#include <functional>
#include <random>

namespace cornice::execution::testing {
namespace {

order_terms terms(quantity size = lots(10)) {
  order_terms t;
  t.id = order_id::of("order-1");
  t.bundle = bundle_id::of("bundle-1");
  t.contract = k_yes;
  t.limit = cents(45);
  t.size = size;
  t.created = start_time;
  return t;
}

fill_report fill(std::string id, quantity q) {
  fill_report f;
  f.venue = venue_id::kalshi;
  f.fill = venue_fill_id::of(std::move(id));
  f.contract = k_yes;
  f.p = cents(45);
  f.q = q;
  f.fee = usd(1);
  return f;
}

order_report report(order_report::status s, quantity filled = {}) {
  order_report r;
  r.venue = venue_id::kalshi;
  r.state = s;
  r.filled = filled;
  return r;
}

order_machine in_state(order_state s) {
  order o;
  o.terms = terms();
  o.state = s;
  if (s == order_state::in_doubt) o.in_doubt_since = start_time;
  return order_machine{o};
}

send_outcome outcome(proof p, order_report::status s = order_report::status::resting,
                     quantity filled = {}) {
  send_outcome o;
  o.result = p;
  o.state = s;
  o.filled = filled;
  o.venue_order = venue_order_id::of("v1");
  return o;
}

TEST(order_transitions, cross_product_keeps_the_rules) {
  for (const auto from : all_order_states)
    for (const auto to : all_order_states)
      for (const auto by : all_evidence) {
        SCOPED_TRACE(std::string{to_string(from)} + " -> " + std::string{to_string(to)} + " by " +
                     std::string{to_string(by)});
        if (!may(from, to, by)) continue;
        EXPECT_NE(from, to);
        EXPECT_FALSE(is_terminal(from)) << "an end is final";
        EXPECT_NE(to, order_state::intended) << "nothing becomes unsent";
        if (by == evidence::restart) {
          EXPECT_EQ(to, order_state::in_doubt);
        }
        if (from == order_state::intended) {
          EXPECT_TRUE(by == evidence::journal || by == evidence::restart);
        }
        if (by == evidence::journal) {
          EXPECT_TRUE(to == order_state::sent || to == order_state::in_doubt ||
                      to == order_state::cancel_pending || from == order_state::intended)
              << "our own record proves nothing about the venue";
        }
        if (from == order_state::in_doubt) {
          EXPECT_TRUE(by == evidence::venue_ack || by == evidence::venue_report ||
                      by == evidence::venue_fill || by == evidence::venue_query);
        }
        if (by == evidence::venue_fill) {
          EXPECT_TRUE(to == order_state::live || to == order_state::filled);
        }
        if (by == evidence::venue_reject) {
          EXPECT_EQ(to, order_state::rejected);
        }
        if (to == order_state::rejected) {
          EXPECT_TRUE(from != order_state::live && from != order_state::cancel_pending)
              << "what was live was accepted";
        }
      }
}

TEST(order_transitions, every_state_is_reached_and_every_open_one_ends) {
  for (const auto s : all_order_states) {
    const bool reached =
        s == order_state::intended ||
        std::ranges::any_of(all_order_states, [&](order_state from) { return reachable(from, s); });
    EXPECT_TRUE(reached) << to_string(s);
    const bool leaves =
        std::ranges::any_of(all_order_states, [&](order_state to) { return reachable(s, to); });
    EXPECT_EQ(leaves, !is_terminal(s)) << to_string(s);
  }
}

// Every input at every state: whatever moves was allowed, and the evidence is the input's own.
TEST(order_machine, every_input_at_every_state_obeys_the_table) {
  using input = std::function<order_change(order_machine&)>;
  const auto now = after_ms(1);
  std::vector<std::pair<std::string, input>> inputs = {
      {"sent", [&](order_machine& m) { return m.on_sent(now); }},
      {"never sent", [&](order_machine& m) { return m.on_never_sent("late", now); }},
      {"cancel sent", [&](order_machine& m) { return m.on_cancel_sent(now); }},
      {"cancel wanted", [&](order_machine& m) { return m.on_cancel_wanted(now); }},
      {"restart", [&](order_machine& m) { return m.on_restart(now); }},
      {"fill", [&](order_machine& m) { return m.on_fill(fill("a", lots(3)), now); }},
      {"whole fill", [&](order_machine& m) { return m.on_fill(fill("a", lots(10)), now); }},
  };
  for (const auto p : {proof::done, proof::not_done, proof::unknown}) {
    inputs.emplace_back("outcome " + std::string{to_string(p)},
                        [=](order_machine& m) { return m.on_send_outcome(outcome(p), now); });
    inputs.emplace_back("cancel outcome " + std::string{to_string(p)}, [=](order_machine& m) {
      return m.on_cancel_outcome({p, quantity{}, ""}, now);
    });
  }
  for (const auto s : {order_report::status::resting, order_report::status::filled,
                       order_report::status::cancelled, order_report::status::rejected,
                       order_report::status::not_found})
    for (const auto by : {evidence::venue_report, evidence::venue_query})
      inputs.emplace_back("report " + std::string{to_string(s)},
                          [=](order_machine& m) { return m.on_report(report(s), by, now); });
  for (const auto state : all_order_states)
    for (const auto& [name, act] : inputs) {
      SCOPED_TRACE(std::string{to_string(state)} + ": " + name);
      order_machine m = in_state(state);
      const order before = m.get();
      const order_change c = act(m);
      if (c.moved) {
        EXPECT_TRUE(may(c.moved->from, c.moved->to, c.moved->by));
        EXPECT_EQ(c.moved->from, state);
        EXPECT_EQ(c.moved->to, m.get().state);
        EXPECT_TRUE(c.changed);
      } else {
        EXPECT_EQ(m.get().state, state);
      }
      if (!c.changed) {
        EXPECT_EQ(m.get(), before) << "an unreported change would not be recorded";
      }
      EXPECT_EQ(m.get().in_doubt_since.has_value(), m.get().state == order_state::in_doubt);
    }
}

TEST(order_machine, timeout_is_doubt_and_only_the_venue_ends_it) {
  order_machine m{terms()};
  m.on_sent(start_time);
  m.on_send_outcome(outcome(proof::unknown), after_ms(10));
  EXPECT_EQ(m.get().state, order_state::in_doubt);
  EXPECT_EQ(m.get().worst_remaining(), lots(10));
  EXPECT_EQ(
      m.on_report(report(order_report::status::not_found), evidence::venue_report, after_ms(20))
          .moved.has_value(),
      false);
  m.on_report(report(order_report::status::not_found), evidence::venue_query, after_ms(30));
  EXPECT_EQ(m.get().state, order_state::rejected);
  EXPECT_TRUE(m.get().worst_remaining().is_zero());
}

TEST(order_machine, fill_before_the_answer_proves_that_it_is_live) {
  order_machine m{terms()};
  m.on_sent(start_time);
  const auto c = m.on_fill(fill("a", lots(4)), after_ms(5));
  EXPECT_TRUE(c.new_fill);
  EXPECT_EQ(m.get().state, order_state::live);
  const auto ack = m.on_send_outcome(outcome(proof::done, order_report::status::cancelled, lots(4)),
                                     after_ms(6));
  EXPECT_EQ(ack.anomaly, order_anomaly::none);
  EXPECT_EQ(m.get().state, order_state::cancelled);
  EXPECT_TRUE(m.get().worst_remaining().is_zero());
}

TEST(order_machine, answer_with_fills_keeps_them_reserved_until_they_are_booked) {
  order_machine m{terms()};
  m.on_sent(start_time);
  m.on_send_outcome(outcome(proof::done, order_report::status::filled, lots(10)), after_ms(5));
  EXPECT_EQ(m.get().state, order_state::filled);
  EXPECT_EQ(m.get().effective_filled(), lots(10));
  EXPECT_EQ(m.get().worst_remaining(), lots(10));
  const auto c = m.on_fill(fill("a", lots(10)), after_ms(6));
  EXPECT_EQ(c.anomaly, order_anomaly::none) << "announced before, so not late";
  EXPECT_TRUE(m.get().worst_remaining().is_zero());
}

TEST(order_machine, fill_after_a_proved_end_is_counted_and_flagged) {
  for (const auto end : {order_state::cancelled, order_state::rejected}) {
    order_machine m = in_state(end);
    const auto c = m.on_fill(fill("a", lots(2)), after_ms(1));
    EXPECT_TRUE(c.new_fill);
    EXPECT_EQ(c.anomaly, order_anomaly::late_fill);
    EXPECT_EQ(m.get().filled, lots(2));
    EXPECT_EQ(m.get().state, end);
    EXPECT_TRUE(m.get().flagged);
  }
}

TEST(order_machine, more_than_the_size_is_an_overfill_but_dust_is_not) {
  order_machine m = in_state(order_state::live);
  EXPECT_EQ(m.on_fill(fill("a", lots(10) + quantity{500}), after_ms(1)).anomaly,
            order_anomaly::none);
  EXPECT_EQ(m.get().state, order_state::filled);
  order_machine over = in_state(order_state::live);
  EXPECT_EQ(over.on_fill(fill("a", lots(11)), after_ms(1)).anomaly, order_anomaly::overfill);
  EXPECT_EQ(over.get().filled, lots(11)) << "booked all the same: it happened";
}

TEST(order_machine, fill_of_another_contract_or_side_is_not_booked) {
  order_machine m = in_state(order_state::live);
  auto wrong = fill("a", lots(1));
  wrong.side = order_side::sell;
  EXPECT_EQ(m.on_fill(wrong, after_ms(1)).anomaly, order_anomaly::terms_mismatch);
  EXPECT_TRUE(m.get().filled.is_zero());
}

TEST(order_machine, final_report_below_what_was_booked_is_a_mismatch) {
  order_machine m = in_state(order_state::live);
  m.on_fill(fill("a", lots(5)), after_ms(1));
  const auto c = m.on_report(report(order_report::status::cancelled, lots(3)),
                             evidence::venue_report, after_ms(2));
  EXPECT_EQ(c.anomaly, order_anomaly::count_mismatch);
  EXPECT_EQ(m.get().filled, lots(5));
}

TEST(order_machine, cancel_is_proved_only_with_the_final_count) {
  order_machine m = in_state(order_state::live);
  m.on_cancel_sent(after_ms(1));
  EXPECT_EQ(m.get().state, order_state::cancel_pending);
  m.on_cancel_outcome({proof::done, std::nullopt, ""}, after_ms(2));
  EXPECT_EQ(m.get().state, order_state::cancel_pending);
  m.on_cancel_outcome({proof::not_done, std::nullopt, "unknown order"}, after_ms(3));
  EXPECT_EQ(m.get().state, order_state::cancel_pending);
  m.on_cancel_outcome({proof::done, lots(4), ""}, after_ms(4));
  EXPECT_EQ(m.get().state, order_state::cancelled);
  EXPECT_EQ(m.get().worst_remaining(), lots(4)) << "four more are to be reported as fills";
}

TEST(order_machine, stale_resting_report_does_not_undo_a_cancel_in_flight) {
  order_machine m = in_state(order_state::cancel_pending);
  m.on_report(report(order_report::status::resting), evidence::venue_report, after_ms(1));
  EXPECT_EQ(m.get().state, order_state::cancel_pending);
  m.on_report(report(order_report::status::resting), evidence::venue_query, after_ms(2));
  EXPECT_EQ(m.get().state, order_state::live);
}

TEST(order_machine, restart_doubts_what_may_have_been_sent) {
  for (const auto s : {order_state::intended, order_state::sent}) {
    order_machine m = in_state(s);
    m.on_restart(after_ms(1));
    EXPECT_EQ(m.get().state, order_state::in_doubt);
  }
  order_machine live = in_state(order_state::live);
  EXPECT_FALSE(live.on_restart(after_ms(1)).changed);
}

RC_GTEST_PROP(order_machine_property, fills_count_once_in_any_order,
              (const std::vector<std::uint8_t>& sizes, std::uint64_t seed)) {
  RC_PRE(!sizes.empty() && sizes.size() < 200);
  std::vector<fill_report> fills;
  quantity total;
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    fills.push_back(fill("f" + std::to_string(i), quantity{(sizes[i] + 1) * 10'000}));
    total += fills.back().q;
  }
  const auto run = [&](const std::vector<fill_report>& list) {
    order o;
    o.terms = terms(total + lots(1));
    o.state = order_state::live;
    order_machine m{o};
    for (const auto& f : list) m.on_fill(f, after_ms(1));
    return m.get();
  };
  auto twice = fills;
  twice.insert(twice.end(), fills.begin(), fills.end());
  std::mt19937_64 random{seed};
  std::shuffle(twice.begin(), twice.end(), random);
  const order once = run(fills);
  RC_ASSERT(once.filled == total);
  RC_ASSERT(run(twice) == once);
}

}  // namespace
}  // namespace cornice::execution::testing
