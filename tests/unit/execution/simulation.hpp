// A small deterministic world around the order manager: a store that takes its time, venues that
// tell the truth late, twice or not at all, and a process that may die between any two events.
#pragma once

#include "model_venue.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <list>
#include <memory>
#include <set>

namespace cornice::execution::testing {

class simulation {
 public:
  explicit simulation(std::uint64_t seed);

  void run(int opportunities);
  /// No more faults and opportunities: everything must come to rest and agree.
  void drain();
  void check_agreement() const;

  std::uint64_t crashes = 0;
  std::uint64_t sent = 0;
  std::uint64_t filled() const;

 private:
  struct event {
    std::uint64_t process;  ///< dies with that process; 0: happens whatever we do
    std::function<void()> what;
  };
  struct account_message {
    std::function<actions(order_manager&, timestamp)> deliver;
    bool acknowledged = false;
    std::uint64_t durable_after = 0;
  };
  struct durable_rows {
    std::map<bundle_id, bundle_record> bundles;
    std::map<order_id, order> orders;
    std::map<contract_id, position> positions;
    std::map<std::string, money, std::less<>> balances;
    std::set<std::string> entries;
    std::set<std::pair<order_id, venue_fill_id>> fills;
    std::map<std::string, breaker_record> breakers;
    std::vector<opportunity_id> opportunities;
    std::map<venue_id, day_baseline> days;
  };

  bool chance(int percent) { return static_cast<int>(random_() % 100) < percent; }
  std::int64_t between(std::int64_t low, std::int64_t high) {
    return low + static_cast<std::int64_t>(random_() % static_cast<std::uint64_t>(high - low + 1));
  }
  void at(std::int64_t in_ms, std::function<void()> what, bool dies_with_process);
  void advance(std::int64_t ms);
  void boot();
  void crash();
  void describe();
  void tick();
  void perform(const actions& list);
  void perform(const commit& c);
  void perform(const send_order& s);
  void perform(const send_cancel& c);
  void perform(const request_snapshot& r);
  void publish(venue_id v, const model_venue::answer& a);
  void deliver(const std::shared_ptr<account_message>& m);
  void store_step();
  void apply(const commit& c);
  void propose();
  void check_always() const;
  manager_config config() const;

  std::mt19937_64 random_;
  timestamp now_ = start_time;
  std::multimap<timestamp, event> events_;
  std::uint64_t process_ = 0;
  bool faults_ = true;
  bool gtc_ = false;
  leg_order legs_ = leg_order::simultaneous;
  std::unique_ptr<order_manager> manager_;
  std::map<venue_id, model_venue> venues_;
  std::list<commit> store_queue_;
  bool store_busy_ = false;
  std::uint64_t durable_commit_ = 0;
  std::uint64_t issued_commit_ = 0;
  durable_rows rows_;
  std::vector<std::shared_ptr<account_message>> account_;
  std::set<order_id> ever_sent_;
  std::uint64_t proposals_ = 0;
  std::uint64_t books_ = 1;
};

}  // namespace cornice::execution::testing
