// Both venues on loopback: the pure world behind real HTTP and WebSocket servers.
#pragma once

#include "cornice/base/result.hpp"
#include "cornice/infra/async.hpp"
#include "cornice/infra/clock.hpp"
#include "cornice/infra/metrics.hpp"
#include "cornice/sim/faults.hpp"
#include "cornice/sim/tape_file.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace cornice::sim {

struct endpoint {
  std::string address = "127.0.0.1";
  std::uint16_t port = 0;  ///< 0: any free one
};
/// `ADDRESS:PORT`. Errors: malformed.
[[nodiscard]] result<endpoint> parse_endpoint(std::string_view text);

struct simulator_options {
  std::string scenario = "default";
  std::uint64_t seed = 1;
  std::int64_t speed_ppm = 1'000'000;
  /// Played, at `speed_ppm`, instead of the scenario.
  std::optional<tape_recording> tape;
  endpoint kalshi;
  endpoint polymarket;
  endpoint control;
  bool tls = false;  ///< for both venues; control stays plain
  std::string certificate_file;
  std::string private_key_file;
  std::string ca_file;
  bool kalshi_require_auth = false;
  std::vector<fault> faults;
};

/// Loop thread only.
class simulator {
 public:
  /// The clock must outlive it.
  simulator(infra::asio::any_io_executor loop, simulator_options options, const infra::clock& clock,
            infra::metrics_registry& metrics);
  ~simulator();
  simulator(const simulator&) = delete;
  simulator& operator=(const simulator&) = delete;

  /// Binds the three servers and starts the world. Errors: not_found (scenario), malformed (a tape
  /// that cannot be played), io (a port), invalid_argument (certificate).
  result<void> start();
  /// Ends every connection, at most `limit`.
  infra::task<> shutdown(std::chrono::milliseconds limit);

  [[nodiscard]] std::uint16_t kalshi_port() const noexcept;
  [[nodiscard]] std::uint16_t polymarket_port() const noexcept;
  [[nodiscard]] std::uint16_t control_port() const noexcept;
  /// Where a client finds the venues, as JSON: `kalshi` {rest_url, ws_url}, `polymarket`
  /// {gamma_url, clob_url, ws_url, data_url}, `control` {url}, and `ca_file` with TLS.
  [[nodiscard]] std::string credentials_json() const;
  /// The true pairs and sets, in the form that `cornice markets import` reads; none for a tape.
  [[nodiscard]] std::string mappings_json() const;
  /// The simulator's own state: books, listings, counters.
  [[nodiscard]] std::string truth_json() const;

 private:
  struct state;
  std::shared_ptr<state> state_;
};

}  // namespace cornice::sim
