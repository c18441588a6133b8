// An order manager whose venues have been reconciled, and hands to answer what it asks for.
#pragma once

#include "market_world.hpp"

namespace cornice::execution::testing {

inline manager_config armed_config() {
  manager_config c;
  c.venues = {venue_id::kalshi, venue_id::polymarket};
  c.armed = true;
  return c;
}

class order_manager_test : public ::testing::Test {
 protected:
  void begin(loaded_state state = {}) {
    manager = std::make_unique<order_manager>(settings);
    ASSERT_TRUE(manager->restore(std::move(state), now));
    answer(manager->start(now));
    describe();
  }
  void describe() {
    describe_world(
        now, [&](const market_signal& s) { manager->on_market(s, now); },
        [&](const book_signal& s) { manager->on_book(s); },
        [&](const feed_signal& s) { manager->on_feed(s, now); });
  }
  /// Answers snapshot requests from `account`.
  void answer(const actions& list) {
    for (const auto& r : pick<request_snapshot>(list)) {
      account_snapshot s = account[r.request.venue];
      s.venue = r.request.venue;
      s.request_id = r.request.request_id;
      s.observed = now;
      last = manager->on_snapshot(s, now);
    }
  }
  actions commit_all(const actions& list) {
    actions all;
    for (const auto& c : pick<commit>(list)) {
      auto more = manager->on_committed(c.id, now);
      all.insert(all.end(), more.begin(), more.end());
    }
    return all;
  }
  std::vector<order_terms> open_pair() {
    const auto sent = pick<send_order>(commit_all(manager->on_opportunity(
        make_opportunity("o" + std::to_string(++proposals), p_yes, p_no, lots(10), now), now)));
    std::vector<order_terms> list;
    for (const auto& s : sent) list.push_back(s.order.terms());
    return list;
  }
  actions ack(const order_terms& t, order_report::status s, quantity filled) {
    send_outcome o;
    o.result = proof::done;
    o.state = s;
    o.filled = filled;
    o.venue_order = venue_order_id::of("v" + t.id.str());
    return manager->on_send_outcome(t.id, o, now);
  }
  fill_report fill(const order_terms& t, std::string id, quantity q) {
    fill_report f;
    f.venue = t.contract.venue();
    f.fill = venue_fill_id::of(std::move(id));
    f.order = t.id;
    f.contract = t.contract;
    f.side = t.side;
    f.p = t.limit;
    f.q = q;
    f.venue_time = now;
    return f;
  }
  command_request command(std::string name, std::string scope = "global") {
    command_request c;
    c.name = std::move(name);
    c.scope = std::move(scope);
    c.caller = "cli:ann";
    c.request_id = "c" + std::to_string(++commands);
    c.expires = now + std::chrono::seconds{10};
    return c;
  }
  void pass(std::int64_t ms) { now += std::chrono::milliseconds{ms}; }

  manager_config settings = armed_config();
  timestamp now = start_time;
  std::unique_ptr<order_manager> manager;
  std::map<venue_id, account_snapshot> account{{venue_id::kalshi, rich()},
                                               {venue_id::polymarket, rich()}};
  actions last;
  int proposals = 0;
  int commands = 0;

 private:
  static account_snapshot rich() {
    account_snapshot s;
    s.cash = usd(100'000);
    return s;
  }
};

}  // namespace cornice::execution::testing
