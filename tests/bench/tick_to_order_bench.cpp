// From the last byte of a venue's frame to the order that leaves for the paper venue, through the
// daemon's own components, broker and database; beside the least that its promises cost: two hops
// over the broker and the slower of one durable commit and one signature.
#include "app/strategy_host.hpp"
#include "bench.hpp"
#include "cornice/execution/execution_service.hpp"
#include "cornice/execution/paper_venue.hpp"
#include "cornice/infra/log.hpp"
#include "cornice/model/codec.hpp"
#include "data/catalogue_store.hpp"
#include "order_limit.hpp"
#include "service_env.hpp"
#include "tick_world.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace {

using namespace cornice;
using namespace cornice_bench;
using namespace std::chrono_literals;
using cornice_test::eventually;
using cornice_test::run_on_loop;

constexpr std::size_t warm_up = 30;
constexpr std::size_t samples = 300;
constexpr std::size_t lost_max = 10;

// The paper venue, with a clock in front of it.
class watched_gateway final : public execution::gateway {
 public:
  explicit watched_gateway(execution::gateway& next) : next_{next} {}
  void expect(const trace_id& trace) {
    trace_ = trace;
    arrived_.reset();
  }
  /// When the first order of the expected trace arrived, and when its manager had decided on it.
  struct arrival {
    bench_clock::time_point at;
    timestamp decided;
  };
  [[nodiscard]] const std::optional<arrival>& arrived() const noexcept { return arrived_; }

  infra::task<execution::send_outcome> place(execution::approved_order order) override {
    if (!arrived_ && order.terms().trace == trace_)
      arrived_ = arrival{bench_clock::now(), order.terms().created};
    return next_.place(std::move(order));
  }
  infra::task<execution::cancel_outcome> cancel(execution::send_cancel request) override {
    return next_.cancel(std::move(request));
  }
  infra::task<> cancel_all(venue_id venue) override { return next_.cancel_all(venue); }

 private:
  execution::gateway& next_;
  trace_id trace_;
  std::optional<arrival> arrived_;
};

class quiet_reporter final : public infra::health_reporter {
 public:
  void up() override { said = "up"; }
  void degraded(std::string reason) override { said = std::move(reason); }
  void down(std::string reason) override { said = std::move(reason); }
  std::string said;
};

strategy::strategy_limits strategy_settings() {
  strategy::strategy_limits l;
  l.max_book_age = 10min;
  l.max_feed_age = 10min;
  return l;
}

// Limits that hundreds of bundles fit in; the checks themselves all run.
execution::execution_config execution_settings() {
  execution::execution_config c;
  c.manager.venues = {venue_id::kalshi, venue_id::polymarket};
  c.manager.armed = true;
  execution::risk_limits& l = c.manager.limits;
  l.defaults.venue_exposure_max = money::dollars(1'000'000);
  l.defaults.orders_per_second = 1'000;
  l.defaults.orders_burst = 1'000;
  l.defaults.book_age_ms_max = 600'000;
  l.defaults.feed_age_ms_max = 600'000;
  l.market_exposure_max = money::dollars(1'000'000);
  l.gross_exposure_max = money::dollars(1'000'000);
  l.daily_loss_max = money::dollars(1'000'000);
  c.manager.feed_silence_ms_max = 600'000;
  return c;
}

execution::paper_config paper_settings() {
  execution::paper_config c;
  for (auto& [venue, cash] : c.cash) cash = money::dollars(1'000'000);
  c.latency_ms_min = 0;
  c.latency_ms_max = 1;
  return c;
}

void declare_topics(infra::amqp_client& bus) {
  for (const std::string_view t : {topic::signal, topic::decision, topic::account, topic::execution,
                                   topic::command, topic::dead})
    bus.declare_topic(std::string{t});
}

bool is_up(const infra::amqp_client& c) {
  return c.publish_state() == infra::amqp_state::up && c.consume_state() == infra::amqp_state::up;
}

// The pieces as src/app/daemon.cpp puts them together, without discovery and the API.
class daemon {
 public:
  daemon(boost::asio::io_context& io, infra::metrics_registry& metrics,
         const infra::amqp_config& broker, infra::pg_config db, std::vector<question> questions)
      : metrics_{metrics},
        io_{io},
        questions_{std::move(questions)},
        data_bus_{io.get_executor(), broker, metrics_},
        strategy_bus_{io.get_executor(), broker, metrics_},
        paper_bus_{io.get_executor(), broker, metrics_},
        main_db_{io.get_executor(), with(db, 2), metrics_},
        order_db_{io.get_executor(), with(db, 2), metrics_},
        paper_db_{io.get_executor(), with(db, 2), metrics_},
        signals_{{},
                 [this](infra::amqp_message m) { return data_bus_.publish(std::move(m)); },
                 [this] { return data_bus_.backlog(); },
                 time_.now(),
                 metrics_},
        feed_{signals_, time_},
        strategy_{strategy_settings(), time_, strategy_bus_, main_db_, metrics_},
        paper_{io.get_executor(), paper_settings(), time_, paper_bus_, paper_db_, metrics_},
        gateway_{paper_},
        execution_{execution_settings(),
                   {io.get_executor(), time_, metrics_, order_db_, with(db, 1), broker, gateway_,
                    "bench"}},
        tasks_{io.get_executor()} {}

  void start() {
    store();
    for (infra::amqp_client* bus : {&data_bus_, &strategy_bus_, &paper_bus_}) declare_topics(*bus);
    strategy_.declare();
    paper_.declare();
    for (infra::amqp_client* bus : {&data_bus_, &strategy_bus_, &paper_bus_}) bus->start();
    tasks_.spawn("strategy", strategy_.component().run(strategy_health_));
    tasks_.spawn("paper", paper_.component().run(paper_health_));
    tasks_.spawn("execution", execution_.component().run(execution_health_));
    // Execution is up once it consumes and has reconciled both accounts.
    wait("every component is up", 30s, [this] {
      return strategy_health_.said == "up" && paper_health_.said == "up" &&
             execution_health_.said == "up" && is_up(data_bus_);
    });
    describe();
    pause(6s);  // the first cash figures come with the first profit and loss
  }
  void stop() {
    tasks_.request();
    run_on_loop(io_, tasks_.drained());
    for (infra::amqp_client* bus : {&data_bus_, &strategy_bus_, &paper_bus_})
      run_on_loop(io_, bus->shutdown(500ms));
  }

  struct latency {
    double whole;
    double to_decision;  ///< both hops and the strategy
    double to_order;     ///< from the decision on: the durable commit
  };
  /// One question becomes cheap; nothing when no order came of it.
  std::optional<latency> tick(std::size_t i) {
    const std::string bytes = feed_.cheap(questions_[i]);
    const auto begun = bench_clock::now();
    const timestamp begun_at = time_.now();
    gateway_.expect(feed_.take(bytes));
    const bool came =
        run_on_loop(io_, eventually([this] { return gateway_.arrived().has_value(); }, 1s));
    if (!came) return std::nullopt;
    const auto& a = *gateway_.arrived();
    latency l{};
    l.whole = std::chrono::duration<double>(a.at - begun).count();
    l.to_decision = std::chrono::duration<double>(a.decided - begun_at).count();
    l.to_order = l.whole - l.to_decision;
    return l;
  }
  /// One bare commit as the daemon makes its own: on a thread of a pool, awaited by the loop.
  double commit_through_pool() {
    return seconds_of([this] {
      infra::pg_params params;
      params.add(std::string(intent_bytes, 'x'));
      const auto done = run_on_loop(
          io_,
          order_db_.exec(5s, "INSERT INTO bench_commit (body) VALUES ($1)", std::move(params)));
      require(done.has_value(), "a commit through the pool");
    });
  }
  /// Until the bundle has been filled and booked, so that the next sample finds an idle machine.
  void settle() {
    wait("the bundle is done", 10s, [this] {
      const auto s = execution_.status();
      return s && s->open_bundles == 0 && s->pending_commits == 0;
    });
    pause(20ms);
  }

 private:
  static infra::pg_config with(infra::pg_config c, std::size_t connections) {
    c.connections = connections;
    return c;
  }
  void wait(const char* what, std::chrono::milliseconds limit, std::function<bool()> holds) {
    require(run_on_loop(io_, eventually(std::move(holds), limit), limit + 5s), what);
  }
  void pause(std::chrono::milliseconds time) {
    (void)run_on_loop(io_, eventually([] { return false; }, time), time + 5s);
  }
  void store() {
    std::vector<listing> all;
    for (const question& q : questions_) {
      all.push_back(q.kalshi);
      all.push_back(q.polymarket);
    }
    const timestamp now = time_.now();
    auto body = [&all, now](infra::pg_transaction& tx) { data::store_listings(tx, all, now); };
    const auto stored = run_on_loop(io_, main_db_.run(30s, std::move(body)));
    require(stored.has_value(), "the listings are stored");
  }
  // Mappings, feeds and books, as data tells them once all are listening.
  void describe() {
    const timestamp now = time_.now();
    for (const question& q : questions_) {
      market_signal m;
      m.change = market_change::mapping_changed;
      m.mapping = q.mapped;
      m.observed = now;
      signals_.market(m);
    }
    for (const venue_id v : {venue_id::kalshi, venue_id::polymarket}) {
      feed_signal f = cornice_test::live_feed(v);
      f.observed = now;
      signals_.feed(f);
    }
    feed_.open(questions_);
    const std::vector<level> bids{{cornice_test::usd("0.45"), quantity::contracts(500)}};
    const std::vector<level> asks{{cornice_test::usd("0.48"), quantity::contracts(500)}};
    const std::vector<level> no_bids{{cornice_test::usd("0.52"), quantity::contracts(500)}};
    const std::vector<level> no_asks{{cornice_test::usd("0.55"), quantity::contracts(500)}};
    for (const question& q : questions_) {
      data::book_state s;
      s.usable = true;
      s.rebuilt = true;
      s.received = now;
      const trace_id trace = signals_.next_trace(venue_id::polymarket);
      s.bids = bids;
      s.asks = asks;
      signals_.book(q.polymarket.yes, s, trace, now);
      s.bids = no_bids;
      s.asks = no_asks;
      signals_.book(q.polymarket.no, s, trace, now);
    }
    wait("the signals have left", 10s, [this] { return data_bus_.backlog() == 0; });
  }

  infra::metrics_registry& metrics_;
  boost::asio::io_context& io_;
  const infra::clock& time_ = infra::system_clock();
  std::vector<question> questions_;
  infra::amqp_client data_bus_;
  infra::amqp_client strategy_bus_;
  infra::amqp_client paper_bus_;
  infra::pg_pool main_db_;
  infra::pg_pool order_db_;
  infra::pg_pool paper_db_;
  data::signal_publisher signals_;
  kalshi_path feed_;
  app::strategy_host strategy_;
  execution::paper_venue paper_;
  watched_gateway gateway_;
  execution::execution_service execution_;
  quiet_reporter strategy_health_;
  quiet_reporter paper_health_;
  quiet_reporter execution_health_;
  infra::stop_source tasks_;
};

void print(std::vector<double> ours, std::vector<double> limits) {
  const auto line = [&](const char* name, double share, const char* goal) {
    const double value = quantile(ours, share) * 1e6;
    const double least = quantile(limits, share) * 1e6;
    print_result(name, value, "us", "2 bare hops + max(commit, RSA-PSS)", least, value / least,
                 goal, false);
  };
  line("tick to order p50", 0.5, "1.3");
  line("tick to order p99", 0.99, "2");
}

std::string why_not(const cornice_test::throwaway_database& database) {
  const auto rows = database.exec("SELECT max(refused_by || ': ' || refusal) FROM opportunity");
  return rows.is_null(0, 0) ? "no opportunity reached execution" : std::string{rows.text(0, 0)};
}

void run() {
  infra::set_log_level(infra::log_level::warn);
  const cornice_test::throwaway_vhost vhost;
  const cornice_test::throwaway_database database;
  const auto migrated =
      infra::apply_migrations(database.config(), std::string{CORNICE_SOURCE_DIR} + "/migrations");
  require(migrated.has_value(), "the migrations");
  const infra::amqp_config broker = broker_config(vhost.settings());
  order_limit least{broker, database.config().conninfo};

  std::vector<question> questions;
  const timestamp now = infra::system_clock().now();
  for (std::size_t i = 0; i < warm_up + samples; ++i) questions.push_back(make_question(i, now));
  infra::metrics_registry metrics;  // coroutines that end with the loop still count
  boost::asio::io_context io{1};
  daemon d{io, metrics, broker, database.config(), std::move(questions)};
  d.start();
  std::vector<double> ours;
  std::vector<double> limits;
  std::vector<double> decisions;
  std::vector<double> commits;
  std::vector<double> pooled;
  std::size_t lost = 0;
  for (std::size_t i = 0; i < warm_up + samples; ++i) {
    const double least_now = least.seconds();
    const auto took = d.tick(i);
    d.settle();
    if (!took) {
      if (++lost > lost_max)
        throw std::runtime_error{"ticks lead to no order: " + why_not(database)};
      continue;
    }
    if (i < warm_up) continue;
    pooled.push_back(d.commit_through_pool());
    ours.push_back(took->whole);
    limits.push_back(least_now);
    decisions.push_back(took->to_decision);
    commits.push_back(took->to_order);
  }
  d.stop();
  require(ours.size() >= 200, "at least 200 ticks led to an order");
  print(ours, limits);
  remark("tick to order: frame to decision p50", median(decisions) * 1e6, "us");
  remark("tick to order: decision to order p50", median(commits) * 1e6, "us");
  remark("tick to order: a bare commit through the pool p50", median(pooled) * 1e6, "us");
  remark("tick to order: ticks without an order", static_cast<double>(lost), "");
  least.remarks();
}

}  // namespace

int main() {
  return run_benchmark("tick_to_order_bench", run);
}
