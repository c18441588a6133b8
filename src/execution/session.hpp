// One life of execution: from taking the lease to losing it.
#pragma once

#include "cornice/execution/execution_service.hpp"
#include "cornice/execution/lease.hpp"
#include "cornice/execution/outbox.hpp"
#include "cornice/infra/log.hpp"
#include "cornice/model/codec.hpp"

#include <deque>
#include <map>
#include <memory>
#include <string>

namespace cornice::execution {

struct session_metrics {
  explicit session_metrics(infra::metrics_registry& m);
  infra::metrics_registry& registry;
  infra::counter accepted;
  infra::counter refused;
  infra::counter undecodable;
  infra::counter fills;
  infra::histogram tick_to_order;
  infra::gauge open_orders;
  infra::gauge in_doubt;
  infra::gauge open_bundles;
};

/// Everything that lives only while the lease is held. Loop thread only. Kept alive by its own
/// tasks.
class session : public std::enable_shared_from_this<session> {
 public:
  session(const execution_config& config, const execution_environment& environment,
          session_metrics metrics, std::unique_ptr<lease> held);

  /// Loads, restores, starts consuming. Errors of the database; corrupt.
  infra::task<result<void>> begin(infra::health_reporter& health);
  /// Works until the lease is lost (returns) or the task is cancelled.
  infra::task<> run(infra::health_reporter& health);
  /// Stops sending and consuming; bounded.
  infra::task<> end();

  void halt(const std::string& by, const std::string& reason);
  [[nodiscard]] manager_status status() const { return manager_.status(); }

 private:
  void declare_queues();
  using taker = void (session::*)(infra::amqp_delivery);
  /// Hands over now, or once the state has been loaded.
  std::function<void(infra::amqp_delivery)> to(taker take);
  void on_decision(infra::amqp_delivery d);
  void on_signal(infra::amqp_delivery d);
  void on_account(infra::amqp_delivery d);
  void on_command(infra::amqp_delivery d);
  void on_bus_state();
  void undecodable(const infra::amqp_delivery& d, const error& e);

  void perform(actions todo);
  void perform(commit& c);
  void perform(send_order& s);
  void perform(send_cancel& s);
  void perform(cancel_everything& c);
  void perform(request_snapshot& r);
  void perform(answer_command& a);
  void perform(notice& n);
  infra::task<> place(approved_order order);
  infra::task<> cancel(send_cancel request);
  infra::task<> cancel_all(venue_id venue);
  infra::task<> keep_commits();
  infra::task<> keep_outbox();
  /// One tick; false when the lease is gone.
  bool step(infra::health_reporter& health);
  void committed(std::uint64_t id);
  void acknowledge_durable();
  void check_kill_file();
  void report(infra::health_reporter& health) const;

  struct unacknowledged {
    std::uint64_t commit;
    infra::amqp_delivery delivery;
  };
  struct reply_address {
    std::string reply_to;
    std::string correlation_id;
  };

  execution_config config_;
  execution_environment env_;
  session_metrics metrics_;
  std::unique_ptr<lease> lease_;
  order_manager manager_;
  store store_;
  infra::amqp_client bus_;
  outbox_pump outbox_;
  infra::stop_source tasks_;
  infra::logger log_{"execution"};
  book_signal_decoder books_;
  std::uint64_t last_issued_ = 0;
  std::uint64_t last_durable_ = 0;
  std::deque<unacknowledged> unacknowledged_;
  std::map<std::string, reply_address> replies_;
  std::map<opportunity_id, instant> seen_;  // when the opportunity arrived, for the latency figure
  std::vector<std::pair<taker, infra::amqp_delivery>> early_;  // bounded by early_max
  bool begun_ = false;
  bool broker_down_ = false;
  bool killed_ = false;
  bool fenced_ = false;
  std::uint64_t next_message_ = 0;
};

}  // namespace cornice::execution
