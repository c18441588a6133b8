#include "app/daemon.hpp"

#include "app/strategy_host.hpp"
#include "cornice/api/api_service.hpp"
#include "cornice/data/catalogue_service.hpp"
#include "cornice/data/ingest_service.hpp"
#include "cornice/data/recorder.hpp"
#include "cornice/data/tape_recorder.hpp"
#include "cornice/execution/execution_service.hpp"
#include "cornice/execution/paper_venue.hpp"
#include "cornice/infra/clock.hpp"
#include "cornice/infra/log.hpp"
#include "cornice/infra/supervisor.hpp"
#include "cornice/model/codec.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>

#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <memory>
#include <utility>

namespace cornice::app {

using namespace std::chrono_literals;
namespace asio = boost::asio;

namespace {

constexpr auto stop_limit = 4s;
constexpr auto server_limit = 500ms;
constexpr auto bus_limit = 500ms;
constexpr auto lag_every = 50ms;
constexpr auto lease_poll = 100ms;
// Commits of execution never queue behind anybody else's reads.
constexpr std::size_t order_path_connections = 2;
constexpr std::size_t paper_connections = 2;

std::string holder_name() {
  char host[256] = "unknown";
  (void)::gethostname(host, sizeof host - 1);
  return std::string{host} + ":" + std::to_string(::getpid());
}

using component_run = std::function<infra::task<>(infra::health_reporter&)>;

infra::task<> run_when_leading(const execution::execution_service& execution, component_run run,
                               infra::health_reporter& health) {
  bool on = true;
  while (on && !execution.status()) {
    health.degraded("waiting for execution: another daemon may hold the lease");
    on = co_await infra::sleep_for(lease_poll);
  }
  if (on) co_await run(health);
}

// The feeds of two daemons would speak of the same contracts in different epochs, and the end of
// one would look like the loss of a venue: a daemon that stands by has none.
infra::component when_leading(const execution::execution_service& execution, infra::component c) {
  c.run = [&execution, run = std::move(c.run)](infra::health_reporter& health) {
    return run_when_leading(execution, run, health);
  };
  return c;
}

void declare_topics(infra::amqp_client& bus) {
  for (const std::string_view t : {topic::signal, topic::decision, topic::account, topic::execution,
                                   topic::command, topic::inkwell, topic::dead})
    bus.declare_topic(std::string{t});
}

infra::log_format log_format_of(const std::string& text) {
  if (text == "json") return infra::log_format::json;
  if (text == "human") return infra::log_format::human;
  return infra::log_format::automatic;
}

infra::amqp_config named(infra::amqp_config c, const char* role) {
  c.connection_name = std::string{"cornice-"} + role;
  return c;
}

// Owns every piece, in the order in which they depend on each other.
class daemon {
 public:
  daemon(asio::io_context& io, infra::metrics_registry& metrics, daemon_config config,
         const infra::pg_config& db, const infra::amqp_config& bus, data::frame_tap tap);
  result<void> start();
  void on_signal(int number);

 private:
  infra::task<> stop();
  void watch_broker();

  asio::io_context& io_;
  infra::metrics_registry& metrics_;
  daemon_config config_;
  const infra::clock& time_ = infra::system_clock();
  infra::logger log_{"daemon"};
  infra::http_client http_;
  infra::pg_pool db_;
  infra::pg_pool order_db_;
  infra::pg_pool paper_db_;
  infra::amqp_client data_bus_;
  infra::amqp_client strategy_bus_;
  infra::amqp_client paper_bus_;
  infra::amqp_client api_bus_;
  data::catalogue catalogue_;
  data::ingest_service ingest_;
  data::catalogue_service catalogue_service_;
  data::recorder recorder_;
  strategy_host strategy_;
  execution::paper_venue paper_;
  execution::execution_service execution_;
  infra::supervisor supervisor_;
  api::api_service api_;
  infra::stop_source background_;
  bool stopping_ = false;
  bool broker_up_ = false;
};

infra::http_client_config http_settings(const daemon_config& c) {
  infra::http_client_config h;
  h.tls.ca_file = c.ingest.ca_file;
  return h;
}

infra::pg_config with(infra::pg_config c, std::size_t connections, const char* role) {
  c.connections = connections;
  c.application_name = std::string{"cornice-"} + role;
  return c;
}

daemon::daemon(asio::io_context& io, infra::metrics_registry& metrics, daemon_config config,
               const infra::pg_config& db, const infra::amqp_config& bus, data::frame_tap tap)
    : io_{io},
      metrics_{metrics},
      config_{std::move(config)},
      http_{io.get_executor(), http_settings(config_), metrics_},
      db_{io.get_executor(),
          with(db, static_cast<std::size_t>(config_.postgres.connections), "main"), metrics_},
      order_db_{io.get_executor(), with(db, order_path_connections, "execution"), metrics_},
      paper_db_{io.get_executor(), with(db, paper_connections, "paper"), metrics_},
      data_bus_{io.get_executor(), named(bus, "data"), metrics_},
      strategy_bus_{io.get_executor(), named(bus, "strategy"), metrics_},
      paper_bus_{io.get_executor(), named(bus, "paper"), metrics_},
      api_bus_{io.get_executor(), named(bus, "api"), metrics_},
      catalogue_{static_cast<std::size_t>(config_.discovery.listings_max)},
      ingest_{io.get_executor(), time_,      config_.ingest, http_,
              data_bus_,         catalogue_, metrics_,       tap},
      catalogue_service_{
          config_.discovery,
          {io.get_executor(), time_, metrics_, http_, db_, data_bus_, catalogue_, config_.ingest,
           [this](const market_signal& m) { ingest_.signals().market(m); }, std::move(tap)}},
      recorder_{config_.recorder, time_, data_bus_, db_, metrics_},
      strategy_{config_.strategy, time_, strategy_bus_, db_, metrics_},
      paper_{io.get_executor(), config_.paper, time_, paper_bus_, paper_db_, metrics_},
      execution_{config_.execution,
                 {io.get_executor(), time_, metrics_, order_db_, with(db, 1, "lease"), bus, paper_,
                  holder_name()}},
      supervisor_{io.get_executor(), time_, metrics_, {}},
      api_{config_.api,
           {io.get_executor(), time_, metrics_, db_, api_bus_,
            [this] { return supervisor_.snapshot(); }, [this] { return supervisor_.ready(); },
            config_.mode,
            infra::config_values([this](infra::config_section& s) { describe(s, config_); }),
            CORNICE_VERSION}},
      background_{io.get_executor()} {}

result<void> daemon::start() {
  for (infra::amqp_client* bus : {&data_bus_, &strategy_bus_, &paper_bus_, &api_bus_})
    declare_topics(*bus);
  catalogue_service_.declare();
  recorder_.declare();
  strategy_.declare();
  paper_.declare();
  api_.declare();
  data_bus_.on_state_change([this] { watch_broker(); });
  CORNICE_CHECK_OK(api_.start());
  for (infra::amqp_client* bus : {&data_bus_, &strategy_bus_, &paper_bus_, &api_bus_}) bus->start();
  for (infra::component& c : catalogue_service_.components()) supervisor_.add(std::move(c));
  supervisor_.add(strategy_.component());
  supervisor_.add(paper_.component());
  supervisor_.add(execution_.component());
  for (infra::component& c : ingest_.components())
    supervisor_.add(when_leading(execution_, std::move(c)));
  for (infra::component& c : recorder_.components()) supervisor_.add(std::move(c));
  supervisor_.start();
  const infra::gauge dropped = metrics_.make_gauge(
      "cornice_log_lines_dropped", "Log lines lost because stdout did not keep up.");
  background_.spawn(
      "loop-lag", infra::watch_loop_lag(metrics_, lag_every, [dropped](std::chrono::microseconds) {
        dropped.set(static_cast<std::int64_t>(infra::log_lines_dropped()));
        infra::notify_systemd("WATCHDOG=1");
      }));
  infra::notify_systemd("READY=1");
  log_.info("daemon_started", {{"version", CORNICE_VERSION},
                               {"mode", config_.mode},
                               {"address", config_.api.address},
                               {"port", api_.port()},
                               {"pid", ::getpid()}});
  return {};
}

// A broker that was away has lost every transient signal: all of it again.
void daemon::watch_broker() {
  const bool up = data_bus_.publish_state() == infra::amqp_state::up;
  if (up && !broker_up_) {
    ingest_.resend();
    catalogue_service_.resend();
  }
  broker_up_ = up;
}

void daemon::on_signal(int number) {
  if (number == SIGUSR1) {
    log_.critical("halt_by_signal", {{"signal", number}});
    execution_.halt("signal", "SIGUSR1");
    return;
  }
  if (stopping_) {
    log_.critical("stop_forced", {{"signal", number}});
    infra::flush_logging();
    std::_Exit(1);
  }
  stopping_ = true;
  log_.info("stopping", {{"signal", number}});
  infra::notify_systemd("STOPPING=1");
  infra::spawn(io_.get_executor(), "stop", stop());
}

infra::task<> daemon::stop() {
  co_await supervisor_.stop(std::chrono::duration_cast<std::chrono::milliseconds>(stop_limit));
  co_await api_.shutdown(server_limit);
  for (infra::amqp_client* bus : {&data_bus_, &strategy_bus_, &paper_bus_, &api_bus_})
    co_await bus->shutdown(bus_limit);
  background_.request();
  log_.info("stopped");
  io_.stop();
}

}  // namespace

int run_daemon(const run_options& options) {
  auto config = load_config(options.config_file, options.overlay_file);
  if (!config) {
    std::fprintf(stderr, "cornice: %s\n", config.error().message.c_str());
    return 2;
  }
  const auto db = connection_of(config->postgres, 1, "cornice");
  const auto bus = connection_of(config->rabbitmq, "cornice");
  for (const auto& problem :
       {db ? std::string{} : db.error().message, bus ? std::string{} : bus.error().message}) {
    if (problem.empty()) continue;
    std::fprintf(stderr, "cornice: %s\n", problem.c_str());
    return 2;
  }
  std::signal(SIGPIPE, SIG_IGN);
  infra::log_level level = infra::log_level::info;
  (void)infra::parse_log_level(config->log.level, level);  // the configuration allows nothing else
  infra::start_logging(level, log_format_of(config->log.format));
  infra::logger log{"daemon"};
  const auto migrated = infra::apply_migrations(*db, config->migrations);
  if (!migrated) {
    log.critical("migrations_failed", {{"error", migrated.error().message}});
    infra::flush_logging();
    return 1;
  }
  infra::metrics_registry metrics;  // coroutines that end with the loop still count
  std::unique_ptr<data::tape_recorder> tape;
  if (!options.tape_file.empty()) {
    data::tape_options to;
    to.file = options.tape_file;
    auto started = data::tape_recorder::start(std::move(to), metrics);
    if (!started) {
      log.critical("tape_failed", {{"error", started.error().message}});
      infra::flush_logging();
      return 1;
    }
    tape = std::move(*started);
  }
  asio::io_context io{1};
  daemon d{io, metrics, std::move(*config), *db, *bus, tape ? tape->tap() : data::frame_tap{}};
  if (const auto started = d.start(); !started) {
    log.critical("start_failed", {{"error", started.error().message}});
    infra::flush_logging();
    return 1;
  }
  asio::signal_set signals{io, SIGINT, SIGTERM, SIGUSR1};
  std::function<void()> wait = [&] {
    signals.async_wait([&](const boost::system::error_code& ec, int number) {
      if (ec) return;
      d.on_signal(number);
      wait();
    });
  };
  wait();
  io.run();
  infra::flush_logging();
  return 0;
}

}  // namespace cornice::app
