// The execution service on real PostgreSQL and RabbitMQ, facing a venue that the test controls.
#pragma once

#include "cornice/execution/execution_service.hpp"
#include "stranger_venue.hpp"

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace cornice::execution::testing {

class quiet_reporter final : public infra::health_reporter {
 public:
  void up() override { said = "up"; }
  void degraded(std::string reason) override { said = "degraded: " + reason; }
  void down(std::string reason) override { said = "down: " + reason; }
  std::string said;
};

class execution_world : public database_test {
 protected:
  // A daemon, as far as execution is concerned.
  class daemon {
   public:
    daemon(execution_world& w, const std::string& name)
        : io_{w.io},
          db_{w.io.get_executor(), w.database.config(2), w.metrics},
          service_{w.settings,
                   {w.io.get_executor(), infra::system_clock(), w.metrics, db_,
                    w.database.config(1), broker_settings(w.vhost.settings()), w.venue, name}},
          tasks_{w.io.get_executor()} {
      tasks_.spawn("execution", service_.component().run(health));
    }
    ~daemon() {
      tasks_.request();
      run_on_loop(io_, tasks_.drained());
    }
    // Standing by while another one executes.
    [[nodiscard]] bool active() const { return service_.status().has_value(); }
    [[nodiscard]] manager_status status() const {
      return service_.status().value_or(manager_status{});
    }
    // The account is reconciled and nothing holds it back.
    [[nodiscard]] bool ready() const { return health.said == "up"; }
    execution_service& service() { return service_; }
    quiet_reporter health;

   private:
    infra::asio::io_context& io_;
    infra::pg_pool db_;
    execution_service service_;
    infra::stop_source tasks_;
  };

  execution_world() {
    for (const std::string_view t : {topic::signal, topic::decision, topic::account,
                                     topic::execution, topic::command, topic::dead})
      bus.declare_topic(std::string{t});
    infra::amqp_queue unreadable;
    unreadable.bindings = {{std::string{topic::dead}, "#"}};
    unreadable.auto_ack = true;
    bus.consume(std::move(unreadable),
                [this](const infra::amqp_delivery& d) { dead.push_back(d.message.routing_key); });
    settings.manager.venues = {venue_id::polymarket};
    settings.manager.armed = true;
    settings.manager.limits.defaults.feed_age_ms_max = 60'000;
    settings.manager.limits.defaults.order_notional_max = usd(480);
    settings.manager.feed_silence_ms_max = 600'000;
    settings.manager.query_after_ms = 50;
    settings.manager.snapshot_retry_ms = 200;
    settings.manager.snapshot_timeout_ms = 1'000;
    settings.manager.reconciling.absent_after_ms = 300;
    settings.manager.reconciling.settle_ms = 100;
    settings.manager.bundles.tif = time_in_force::gtc;
    settings.manager.bundles.rest_ms_max = 600'000;
    bus.start();
    if (!reach([this] { return up(bus); })) throw std::runtime_error{"the broker is not there"};
  }
  ~execution_world() override {
    first.reset();
    second.reset();
    run_on_loop(io, venue.end());
    run_on_loop(io, bus.shutdown(200ms));
  }

  void start() {
    first = std::make_unique<daemon>(*this, "first");
    ASSERT_TRUE(reach([this] { return first->ready(); })) << first->health.said;
  }
  void stop() { first.reset(); }

  template <class T>
  void tell(const T& what) {
    const auto sent = bus.publish(on_bus(what));
    ASSERT_TRUE(sent) << sent.error().message;
  }
  // Says what `data` would say, until execution has heard it: an order that is too large by its
  // price alone is refused by a check that needs everything else.
  void describe_markets() {
    const std::string probes = "opportunity WHERE refused_by = 'order_notional'";
    const std::int64_t before = database.count(probes);
    const bool heard = reach([this, &probes, before] {
      if (database.count(probes) > before) return true;
      const timestamp now = infra::system_clock().now();
      describe_world(
          now, [&](const market_signal& s) { tell(s); }, [&](const book_signal& s) { tell(s); },
          [&](const feed_signal& s) { tell(s); });
      opportunity dear = pair(cornice_test::unique_name("probe"));
      dear.legs[1].limit = cents(49);
      tell(dear);
      return false;
    });
    ASSERT_TRUE(heard) << database.value(
        "SELECT string_agg(refused_by || ': ' || refusal, '; ') FROM opportunity");
  }
  static opportunity pair(const std::string& id) {
    opportunity o =
        make_opportunity(id, p_yes, p_no, lots(10), infra::system_clock().now(), cents(45));
    o.expires = o.created + 5s;
    return o;
  }
  // What the venue was sent for a bundle of this opportunity.
  std::size_t arrived() const { return venue.arrivals.size(); }
  command_reply command(const std::string& name, const std::string& scope = "global") {
    command_request c;
    c.name = name;
    c.scope = scope;
    c.reason = "a test wants it";
    c.caller = "cli:ann";
    c.request_id = cornice_test::unique_name("request");
    c.issued = infra::system_clock().now();
    c.expires = c.issued + 5s;
    const auto answer = run_on_loop(io, bus.request(on_bus(c), 5s));
    if (!answer) throw std::runtime_error{name + ": " + answer.error().message};
    return decode<command_reply>(answer->body).value();
  }
  // The books are right when every fill of the venue is counted once.
  void expect_counted_once() {
    EXPECT_TRUE(reach([this] {
      return static_cast<std::size_t>(database.count("fill")) == venue.executions();
    })) << database.count("fill")
        << " fills are stored, the venue made " << venue.executions();
    EXPECT_EQ(database.value("SELECT coalesce(sum(amount), 0) FROM ledger_entry"), "0");
    EXPECT_EQ(database.value("SELECT coalesce(sum(quantity), 0) FROM position"),
              database.value("SELECT coalesce(sum(quantity), 0) FROM fill"));
    EXPECT_EQ(database.count("(SELECT order_id FROM orders o LEFT JOIN fill f USING (order_id) "
                             "GROUP BY order_id HAVING o.filled <> coalesce(sum(f.quantity), 0)) "
                             "wrong"),
              0);
  }

  cornice_test::throwaway_vhost vhost;
  infra::amqp_client bus{io.get_executor(), broker_settings(vhost.settings()), metrics};
  stranger_venue venue{io, database, bus};
  execution_config settings;
  std::vector<std::string> dead;  ///< routing keys of what nobody could read
  std::unique_ptr<daemon> first;
  std::unique_ptr<daemon> second;
};

}  // namespace cornice::execution::testing
