// What amqp_client is made of.
#pragma once

#include "cornice/infra/amqp.hpp"
#include "infra/amqp_consume_session.hpp"
#include "infra/amqp_link.hpp"
#include "infra/amqp_publish_session.hpp"

#include <functional>
#include <memory>
#include <random>
#include <string>
#include <vector>

namespace cornice::infra {

struct amqp_client::state : std::enable_shared_from_this<state> {
  state(asio::any_io_executor ex, amqp_config c, metrics_registry& metrics);

  void start();
  /// Ends everything now; callers that wait get `unavailable`.
  void stop();
  /// Looks whether a state changed, logs it and tells.
  void refresh();
  [[nodiscard]] amqp_state publish_now() const noexcept;
  [[nodiscard]] amqp_state consume_now() const noexcept;
  [[nodiscard]] result<void> check(const amqp_message& m) const;

  static task<result<std::size_t>> confirmed(std::shared_ptr<state> self,
                                             std::vector<amqp_message> messages,
                                             std::chrono::milliseconds deadline, bool mandatory);
  static task<result<void>> confirmed_one(std::shared_ptr<state> self, amqp_message message,
                                          std::chrono::milliseconds deadline, bool mandatory);
  static task<result<amqp_message>> ask(std::shared_ptr<state> self, amqp_message message,
                                        std::chrono::milliseconds deadline);
  static task<> shut_down(std::shared_ptr<state> self, std::chrono::milliseconds limit);

  const asio::any_io_executor loop;
  const amqp_config config;
  std::mt19937_64 random;
  amqp::output publish_out;
  amqp::output consume_out;
  amqp::publish_session publisher;
  amqp::consume_session consumer;
  std::shared_ptr<amqp::link> publish_link;
  std::shared_ptr<amqp::link> consume_link;
  std::function<void()> on_change;
  amqp_state publish_last = amqp_state::down;
  amqp_state consume_last = amqp_state::down;
  bool started = false;
  bool stopped = false;
};

}  // namespace cornice::infra
