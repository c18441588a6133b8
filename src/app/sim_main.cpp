// cornice-sim: both venues over their real protocols on loopback.
#include "cornice/infra/async.hpp"
#include "cornice/infra/clock.hpp"
#include "cornice/infra/log.hpp"
#include "cornice/infra/metrics.hpp"
#include "cornice/sim/certificates.hpp"
#include "cornice/sim/scenario.hpp"
#include "cornice/sim/simulator.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <CLI/CLI.hpp>

#include <charconv>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <optional>
#include <string>
#include <vector>

namespace {

namespace sim = cornice::sim;
namespace infra = cornice::infra;
namespace asio = boost::asio;

struct arguments {
  std::string kalshi = "127.0.0.1:0";
  std::string polymarket = "127.0.0.1:0";
  std::string control = "127.0.0.1:0";
  std::string scenario = "default";
  std::uint64_t seed = 1;
  std::string speed = "1";
  std::string tape;
  std::string tape_speed = "1";
  std::string credentials;
  std::string mappings;
  std::string ca_file;
  bool tls = false;
  bool kalshi_require_auth = false;
  std::vector<std::string> faults;
  std::int64_t duration_s = 0;
  bool quiet = false;
  std::string log_format = "automatic";
};

std::string footer() {
  std::string out = "Scenarios:\n";
  for (const auto& s : sim::scenario_summaries())
    out += "  " + std::string{s.name} + ": " + std::string{s.help} + "\n";
  out +=
      "\nFaults, as kind[:kalshi|polymarket|both][:key=value,...]; keys: at, every, for, pause\n"
      "(500ms, 20s, 2m), count (frames or requests that one occurrence hits), contracts (freeze),\n"
      "match (text that the ticker, condition id or request target contains):\n";
  for (const auto& f : sim::fault_summaries())
    out += "  " + std::string{f.name} + ": " + std::string{f.help} + "\n";
  out +=
      "Examples: --fault gap:kalshi:every=30s --fault "
      "freeze:polymarket:at=20s,for=10s,contracts=2\n"
      "\nControl endpoint: GET /truth, GET /mappings, POST /fault {\"spec\":\"drop:kalshi\"} or\n"
      "{\"clear\":true}, POST /scenario-event "
      "{\"kind\":\"mispricing|pause|resume|close|determine|\n"
      "settle|regrid|list\",\"question\":KEY,\"net_micros\":N,\"hold_ms\":N}\n"
      "\nLimits: Kalshi 200 read tokens a second, burst 600, 10 a request; 20000 tickers in one\n"
      "subscription. Polymarket as documented by endpoint; above 500 assets on a connection no\n"
      "snapshots. A client that lets 16384 frames wait is cut off.\n";
  return out;
}

void describe(CLI::App& app, arguments& a) {
  app.add_option("--kalshi", a.kalshi, "ADDRESS:PORT of Kalshi's REST and WebSocket; port 0: free");
  app.add_option("--polymarket", a.polymarket, "ADDRESS:PORT of Gamma, CLOB, Data API, WebSocket");
  app.add_option("--control", a.control, "ADDRESS:PORT of the control endpoint");
  auto* const scenario = app.add_option("--scenario", a.scenario, "One of the scenarios below");
  auto* const seed = app.add_option("--seed", a.seed, "Same seed, same run");
  auto* const speed = app.add_option("--speed", a.speed, "How fast things happen; 1 is real time");
  app.add_option("--credentials", a.credentials, "Write the venues' addresses there, as JSON");
  auto* const mappings =
      app.add_option("--mappings", a.mappings, "Write the true pairs and sets there, as JSON");
  auto* const tape = app.add_option(
      "--tape", a.tape, "Play a recorded tape (FILE, FILE.1, ...) instead of a scenario");
  for (auto* const made_up : {scenario, seed, speed, mappings}) tape->excludes(made_up);
  app.add_option("--tape-speed", a.tape_speed, "How fast the tape runs; 1 is as recorded")
      ->needs(tape);
  app.add_flag("--tls", a.tls, "Serve both venues over TLS with a certificate made for this run");
  app.add_option("--ca-file", a.ca_file,
                 "Write the authority to trust there (default cornice-sim-ca.pem)");
  app.add_flag("--kalshi-require-auth", a.kalshi_require_auth,
               "Refuse unsigned Kalshi WebSocket handshakes with 401");
  app.add_option("--fault", a.faults, "Misbehave; may be repeated");
  app.add_option("--duration", a.duration_s, "Stop after so many seconds; 0: on a signal");
  app.add_flag("--quiet", a.quiet, "Only warnings and errors");
  app.add_option("--log-format", a.log_format, "automatic, json or human")
      ->check(CLI::IsMember({"automatic", "json", "human"}));
  app.footer(footer());
}

/// Writes beside the target and renames, so that a reader never sees half of it.
cornice::result<void> write_file(const std::string& path, const std::string& text) {
  const std::string beside = path + ".new";
  {
    std::ofstream out{beside, std::ios::binary | std::ios::trunc};
    out << text << '\n';
    if (!out.flush()) return cornice::error{cornice::errc::io, "cannot write " + beside};
  }
  std::error_code failed;
  std::filesystem::rename(beside, path, failed);
  if (failed)
    return cornice::error{cornice::errc::io, "cannot write " + path + ": " + failed.message()};
  return {};
}

cornice::result<sim::simulator_options> options_of(const arguments& a) {
  sim::simulator_options o;
  o.scenario = a.scenario;
  o.seed = a.seed;
  CORNICE_TRY(speed, cornice::parse_millionths(a.tape.empty() ? a.speed : a.tape_speed));
  if (speed < 10'000 || speed > 100'000'000)
    return cornice::error{cornice::errc::invalid_argument,
                          "--speed and --tape-speed must be from 0.01 to 100"};
  o.speed_ppm = speed;
  CORNICE_TRY(kalshi, sim::parse_endpoint(a.kalshi));
  CORNICE_TRY(polymarket, sim::parse_endpoint(a.polymarket));
  CORNICE_TRY(control, sim::parse_endpoint(a.control));
  o.kalshi = kalshi;
  o.polymarket = polymarket;
  o.control = control;
  o.kalshi_require_auth = a.kalshi_require_auth;
  for (const std::string& spec : a.faults) {
    CORNICE_TRY(f, sim::parse_fault(spec));
    o.faults.push_back(f);
  }
  if (!a.tape.empty()) {
    CORNICE_TRY(tape, sim::load_tape(a.tape));
    o.tape = std::move(tape);
  }
  if (a.tls) {
    o.tls = true;
    o.ca_file = a.ca_file.empty() ? "cornice-sim-ca.pem" : a.ca_file;
    CORNICE_TRY(files, sim::make_certificates(o.ca_file, {kalshi.address, polymarket.address}));
    o.certificate_file = files.certificate_file;
    o.private_key_file = files.private_key_file;
  }
  return o;
}

infra::task<> serve(sim::simulator& simulator, const arguments& a, bool& failed) {
  const auto executor = co_await asio::this_coro::executor;
  asio::signal_set signals{executor, SIGINT, SIGTERM};
  asio::steady_timer timer{executor};
  if (a.duration_s > 0) {
    timer.expires_after(std::chrono::seconds{a.duration_s});
    timer.async_wait([&signals](const boost::system::error_code& code) {
      if (!code) signals.cancel();
    });
  }
  boost::system::error_code stopped;
  co_await signals.async_wait(asio::redirect_error(asio::use_awaitable, stopped));
  failed = stopped && stopped != asio::error::operation_aborted;
  timer.cancel();
  co_await simulator.shutdown(std::chrono::seconds{2});
}

int fail(const cornice::error& e) {
  std::cerr << "cornice-sim: " << e.message << "\n";
  return e.code == cornice::errc::io ? 1 : 2;
}

int run(const arguments& a) {
  infra::start_logging(a.quiet ? infra::log_level::warn : infra::log_level::info,
                       a.log_format == "json"    ? infra::log_format::json
                       : a.log_format == "human" ? infra::log_format::human
                                                 : infra::log_format::automatic);
  auto options = options_of(a);
  if (!options) return fail(options.error());
  asio::io_context loop{1};
  infra::metrics_registry metrics;
  sim::simulator simulator{loop.get_executor(), std::move(*options), infra::system_clock(),
                           metrics};
  if (const auto started = simulator.start(); !started) return fail(started.error());
  if (!a.mappings.empty())
    if (const auto written = write_file(a.mappings, simulator.mappings_json()); !written)
      return fail(written.error());
  // Last: whoever waits for this file finds everything else in place.
  if (!a.credentials.empty())
    if (const auto written = write_file(a.credentials, simulator.credentials_json()); !written)
      return fail(written.error());
  if (!a.quiet) std::cout << simulator.credentials_json() << std::endl;
  bool failed = false;
  infra::spawn(loop.get_executor(), "sim_main", serve(simulator, a, failed));
  loop.run();
  infra::flush_logging();
  return failed ? 1 : 0;
}

}  // namespace

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);
  CLI::App app{"Cornice's venue simulator: Kalshi and Polymarket on loopback"};
  arguments a;
  describe(app, a);
  app.set_version_flag("--version", CORNICE_VERSION);
  CLI11_PARSE(app, argc, argv);
  try {
    return run(a);
  } catch (const std::exception& e) {
    return fail({cornice::errc::io, e.what()});
  }
}
