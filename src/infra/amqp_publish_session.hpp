// The publishing connection: transient messages, confirmed messages, requests and their replies.
#pragma once

#include "cornice/infra/amqp.hpp"
#include "infra/amqp_confirm_window.hpp"
#include "infra/amqp_flow_meter.hpp"
#include "infra/amqp_message_codec.hpp"
#include "infra/amqp_metrics.hpp"
#include "infra/amqp_operations.hpp"
#include "infra/amqp_publish_queue.hpp"
#include "infra/amqp_script.hpp"
#include "infra/amqp_session.hpp"

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace cornice::infra::amqp {

/// Sans-I/O. Outlives connections: what is queued waits for the next one. Three channels, because
/// confirms slow a channel down, and because a reply must come back on the channel of its request.
class publish_session final : public session {
 public:
  publish_session(const amqp_config& config, output& out, metrics_registry& metrics);

  void add_topic(std::string name);

  /// Queues a transient message. Errors: overloaded (only while the broker takes messages; while it
  /// does not, the oldest makes room).
  result<void> publish(amqp_message m, instant now);
  /// Queues all or none. Errors: overloaded.
  result<void> publish_confirmed(std::vector<amqp_message> messages, bool mandatory,
                                 const std::shared_ptr<confirm_batch>& batch);
  /// Queues a request; its correlation id is made here. Errors: overloaded.
  result<void> request(amqp_message m, const std::shared_ptr<pending_request>& pending,
                       instant now);
  /// From now on asks the broker at once how far it has read, so that drained() comes soon.
  void drain() noexcept { draining_ = true; }
  /// Fails everything that is queued or awaited and accepts nothing more.
  void shut(const error& why);

  [[nodiscard]] std::size_t backlog() const noexcept;
  /// Nothing queued, nothing unconfirmed, everything written was read by the broker.
  [[nodiscard]] bool drained() const noexcept;
  /// connection.blocked, or the broker does not read.
  [[nodiscard]] bool blocked() const noexcept { return told_blocked_ || stalled_; }
  [[nodiscard]] const std::string& blocked_reason() const noexcept { return blocked_reason_; }
  /// Text of the last channel error, empty when all channels work.
  [[nodiscard]] const std::string& channel_failure() const noexcept { return channel_failure_; }

  void opened(std::uint32_t frame_max, instant now) override;
  result<void> on_method(std::uint16_t channel, const method& m, instant now) override;
  result<void> on_header(std::uint16_t channel, const content_header& h, instant now) override;
  result<void> on_body(std::uint16_t channel, std::span<const std::uint8_t> piece,
                       instant now) override;
  void on_blocked(bool blocked, std::string_view reason) override;
  result<void> tick(instant now) override;
  void fill(instant now) override;
  void lost(const error& why) override;
  [[nodiscard]] bool ready() const noexcept override;

 private:
  struct channel {
    explicit channel(std::size_t body_max) : content{body_max} {}
    channel_script script;
    content_assembler content;
    bool usable = false;               ///< the script is through
    std::optional<instant> reopen_at;  ///< closed by the broker; when to try again
    bool content_is_return = false;
  };
  struct waiting_message {
    amqp_message message;
    instant queued{};
  };
  struct waiting_confirmed {
    amqp_message message;
    std::shared_ptr<confirm_batch> batch;
    std::size_t index = 0;
    bool mandatory = false;
  };
  struct waiting_request {
    amqp_message message;
    std::shared_ptr<pending_request> pending;
    instant queued{};
  };
  struct unconfirmed {
    std::shared_ptr<confirm_batch> batch;
    std::size_t index = 0;
    instant sent{};
    bool returned = false;
  };

  static constexpr std::uint16_t plain_channel = 1;
  static constexpr std::uint16_t confirm_channel = 2;
  static constexpr std::uint16_t request_channel = 3;

  channel& at(std::uint16_t number) { return channels_[number - 1u]; }
  void open_channel_again(std::uint16_t number, instant now);
  void on_channel_closed(std::uint16_t number, const error& why, instant now);
  void fail_sent_confirms(const error& why);
  void fail_sent_requests(const error& why);
  result<void> on_confirm(std::uint64_t tag, bool multiple, bool positive, instant now);
  result<void> on_content(std::uint16_t number);
  void on_returned(const amqp_message& m, std::uint64_t confirm_seq);
  void on_reply(amqp_message m);
  bool write_request(instant now);
  bool write_confirmed(instant now);
  bool write_plain(instant now);
  void count_written(const std::string& topic, std::size_t bytes_before);
  void update_gauges();

  const amqp_config config_;
  output& out_;
  publish_metrics metrics_;
  std::vector<std::string> topics_;
  std::array<channel, 3> channels_;
  publish_queue<waiting_message> plain_;
  publish_queue<waiting_confirmed> confirmed_;
  publish_queue<waiting_request> requests_;
  confirm_window<unconfirmed> window_;
  std::map<std::string, std::shared_ptr<pending_request>> awaiting_reply_;
  flow_meter flow_;
  std::string correlation_prefix_;
  std::uint64_t correlation_count_ = 0;
  std::uint32_t frame_max_ = frame_size_max;
  bool open_ = false;
  bool draining_ = false;
  bool shut_ = false;
  bool told_blocked_ = false;
  bool stalled_ = false;
  std::string blocked_reason_;
  std::string channel_failure_;
};

}  // namespace cornice::infra::amqp
