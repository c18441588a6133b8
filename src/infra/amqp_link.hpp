// The socket under one AMQP connection: connects, reads, writes, and comes back for ever.
#pragma once

#include "cornice/infra/amqp.hpp"
#include "infra/amqp_connection.hpp"
#include "infra/backoff.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>

namespace cornice::infra::amqp {

enum class link_phase : std::uint8_t { connecting, open, down };

/// Lives on the loop, like everything here. The socket is non-blocking and what it does not take
/// stays in the output, so that no call waits for the broker. Its coroutines keep it alive until
/// stop() has ended them.
class link : public std::enable_shared_from_this<link> {
 public:
  /// `side` is `publish` or `consume`.
  link(asio::any_io_executor loop, const amqp_config& config, std::string side, session& user,
       output& out, metrics_registry& metrics);

  /// `owner` keeps the session and the output alive. `changed` is called whenever phase(), ready()
  /// or the session may have changed.
  void start(std::shared_ptr<void> owner, std::function<void()> changed);
  /// Has queued work written soon, together with what else this turn of the loop queues.
  void wake();
  /// Begins an orderly close; ended() follows.
  void close();
  /// Closes the socket at once. No callback is made any more.
  void stop();

  [[nodiscard]] link_phase phase() const noexcept { return phase_; }
  [[nodiscard]] bool ready() const noexcept {
    return phase_ == link_phase::open && wire_.is_ready();
  }
  [[nodiscard]] bool ended() const noexcept { return ended_; }
  /// Why there is no connection; empty while there is one.
  [[nodiscard]] const std::string& failure() const noexcept { return failure_; }

 private:
  using tcp = asio::ip::tcp;

  // `owner` holds the session and the output for as long as a coroutine may touch them.
  static task<> run(std::shared_ptr<link> self, std::shared_ptr<void> owner);
  static task<> keep_time(std::shared_ptr<link> self, std::shared_ptr<void> owner);
  task<result<void>> connect();
  task<result<std::vector<tcp::endpoint>>> resolve();
  task<error> serve();
  void flush();
  void wait_writable();
  void on_tick(std::chrono::milliseconds late);
  void give_up(error why);
  void after_input();
  void announce_lost(const error& why, std::chrono::milliseconds retry_in) const;
  [[nodiscard]] error reason_of(const boost::system::error_code& ec, const char* doing) const;

  asio::any_io_executor loop_;
  const amqp_config config_;
  const std::string side_;
  session& session_;
  output& out_;
  connection wire_;
  counter reconnects_;
  tcp::socket socket_;
  asio::steady_timer pause_;
  asio::steady_timer ticker_;
  exponential_backoff backoff_;
  std::mt19937_64 random_;
  std::function<void()> changed_;
  link_phase phase_ = link_phase::connecting;
  std::string failure_;
  std::optional<error> given_up_;
  std::optional<error> write_failure_;
  std::optional<instant> ready_by_;
  bool was_ready_ = false;
  bool ever_ready_ = false;
  bool wake_queued_ = false;
  bool waiting_writable_ = false;
  bool tick_skipped_ = false;
  bool closing_ = false;
  bool stopped_ = false;
  bool ended_ = false;
};

}  // namespace cornice::infra::amqp
