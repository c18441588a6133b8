#include "infra/amqp_connection.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

namespace cornice::infra::amqp {
namespace {

constexpr std::uint16_t channels_max = 2047;  // RabbitMQ's own default
constexpr int heartbeats_missed_max = 3;

amqp_table_entry_t text_entry(std::string_view key, std::string_view text) noexcept {
  amqp_table_entry_t e{};
  e.key = bytes_of(key);
  e.value.kind = AMQP_FIELD_KIND_UTF8;
  e.value.value.bytes = bytes_of(text);
  return e;
}
amqp_table_entry_t yes_entry(std::string_view key) noexcept {
  amqp_table_entry_t e{};
  e.key = bytes_of(key);
  e.value.kind = AMQP_FIELD_KIND_BOOLEAN;
  e.value.value.boolean = 1;
  return e;
}

// The smaller of two limits where 0 means "none".
template <class T>
T agreed(T ours, T theirs) noexcept {
  if (ours == 0 || theirs == 0) return std::max(ours, theirs);
  return std::min(ours, theirs);
}

error out_of_place(const method& m) {
  return {errc::protocol, std::string{"unexpected AMQP method "}.append(amqp_method_name(m.id))};
}

}  // namespace

connection::connection(const amqp_config& config, std::string name, session& user, output& out)
    : config_{config}, name_{std::move(name)}, session_{user}, out_{out} {}

void connection::open(instant now) {
  reader_.clear();
  out_.clear();
  stage_ = stage::start;
  last_sent_ = last_received_ = now;
  heartbeat_ = std::chrono::seconds{0};
  write_protocol_header(out_);
}

result<void> connection::received(std::size_t bytes, instant now) {
  reader_.commit(bytes);
  last_received_ = now;
  for (;;) {
    auto next = reader_.next();
    if (!next) return std::move(next).error();
    if (!*next) return {};
    if (auto ok = on_frame(**next, now); !ok) return ok;
    // A handler may have given up the whole client while it looked at a frame.
    if (stage_ == stage::closed) return {};
  }
}

result<void> connection::on_frame(const frame& f, instant now) {
  if (f.type == AMQP_FRAME_HEARTBEAT) return {};
  if (f.channel == 0) {
    if (f.type != AMQP_FRAME_METHOD) return error{errc::protocol, "AMQP content on channel 0"};
    auto m = decoder_.decode_method(f);
    if (!m) return std::move(m).error();
    return on_connection_method(*m, now);
  }
  if (stage_ != stage::open && stage_ != stage::closing)
    return error{errc::protocol, "AMQP frame on a channel before the connection was open"};
  switch (f.type) {
    case AMQP_FRAME_METHOD: {
      auto m = decoder_.decode_method(f);
      if (!m) return std::move(m).error();
      return session_.on_method(f.channel, *m, now);
    }
    case AMQP_FRAME_HEADER: {
      auto h = decoder_.decode_header(f);
      if (!h) return std::move(h).error();
      return session_.on_header(f.channel, *h, now);
    }
    case AMQP_FRAME_BODY:
      return session_.on_body(f.channel, f.payload, now);
    default:
      return error{errc::protocol, "AMQP frame of unknown type " + std::to_string(f.type)};
  }
}

result<void> connection::on_connection_method(const method& m, instant now) {
  if (m.id == AMQP_CONNECTION_CLOSE_METHOD) return on_peer_close(m.as<amqp_connection_close_t>());
  if (m.id == AMQP_CONNECTION_CLOSE_OK_METHOD && stage_ == stage::closing)
    return error{errc::cancelled, "closed"};
  if (m.id == AMQP_CONNECTION_START_METHOD && stage_ == stage::start) {
    send_start_ok();
    stage_ = stage::tune;
    return {};
  }
  if (m.id == AMQP_CONNECTION_TUNE_METHOD && stage_ == stage::tune) {
    send_tune_ok(m.as<amqp_connection_tune_t>());
    stage_ = stage::opening;
    return {};
  }
  if (m.id == AMQP_CONNECTION_OPEN_OK_METHOD && stage_ == stage::opening) {
    stage_ = stage::open;
    session_.opened(frame_max_, now);
    return {};
  }
  if (stage_ == stage::open || stage_ == stage::closing) {
    if (m.id == AMQP_CONNECTION_BLOCKED_METHOD) {
      session_.on_blocked(true, text_of(m.as<amqp_connection_blocked_t>().reason));
      return {};
    }
    if (m.id == AMQP_CONNECTION_UNBLOCKED_METHOD) {
      session_.on_blocked(false, {});
      return {};
    }
  }
  return out_of_place(m);
}

void connection::send_start_ok() {
  // authentication_failure_close makes the broker say why a login failed; connection.blocked and
  // consumer_cancel_notify are only sent to clients that ask for them.
  std::array capabilities{yes_entry("authentication_failure_close"),
                          yes_entry("connection.blocked"), yes_entry("consumer_cancel_notify"),
                          yes_entry("publisher_confirms"), yes_entry("basic.nack")};
  amqp_table_entry_t nested{};
  nested.key = bytes_of("capabilities");
  nested.value.kind = AMQP_FIELD_KIND_TABLE;
  nested.value.value.table.num_entries = static_cast<int>(capabilities.size());
  nested.value.value.table.entries = capabilities.data();
  std::array properties{text_entry("product", "cornice"), text_entry("platform", "C++"),
                        text_entry("connection_name", name_), nested};

  std::string login;  // SASL PLAIN
  login.append(1, '\0').append(config_.user).append(1, '\0').append(config_.password);
  amqp_connection_start_ok_t fields{};
  fields.client_properties.num_entries = static_cast<int>(properties.size());
  fields.client_properties.entries = properties.data();
  fields.mechanism = bytes_of("PLAIN");
  fields.response = bytes_of(login);
  fields.locale = bytes_of("en_US");
  write_method(out_, 0, AMQP_CONNECTION_START_OK_METHOD, fields);
}

void connection::send_tune_ok(const amqp_connection_tune_t& offer) {
  frame_max_ = agreed(frame_size_max, offer.frame_max);
  const auto ours = static_cast<std::uint16_t>(
      std::clamp<std::chrono::seconds::rep>(config_.heartbeat.count(), 0, 65'535));
  const std::uint16_t heartbeat = agreed(ours, offer.heartbeat);
  heartbeat_ = std::chrono::seconds{heartbeat};

  amqp_connection_tune_ok_t tune{};
  tune.channel_max = agreed(channels_max, offer.channel_max);
  tune.frame_max = frame_max_;
  tune.heartbeat = heartbeat;
  write_method(out_, 0, AMQP_CONNECTION_TUNE_OK_METHOD, tune);

  amqp_connection_open_t open_vhost{};
  open_vhost.virtual_host = bytes_of(config_.vhost);
  write_method(out_, 0, AMQP_CONNECTION_OPEN_METHOD, open_vhost);
}

result<void> connection::on_peer_close(const amqp_connection_close_t& c) {
  write_method(out_, 0, AMQP_CONNECTION_CLOSE_OK_METHOD, amqp_connection_close_ok_t{});
  error e{errc::refused, "broker closed the connection: " + std::to_string(c.reply_code) + " "};
  e.message.append(text_of(c.reply_text));
  if (c.reply_code == AMQP_ACCESS_REFUSED) {
    e.code = errc::unauthorized;
    e.message += " (user " + config_.user + ", vhost " + config_.vhost + ")";
  }
  return e;
}

result<void> connection::tick(instant now) {
  if (stage_ != stage::open && stage_ != stage::closing) return {};
  if (heartbeat_.count() > 0) {
    if (now - last_received_ > heartbeat_ * heartbeats_missed_max)
      return error{errc::timed_out, "nothing heard from the broker for " +
                                        std::to_string(heartbeats_missed_max) + " heartbeats of " +
                                        std::to_string(heartbeat_.count()) + " s"};
    // Unwritten bytes do the work of a heartbeat once the socket takes them, and a socket that
    // takes none must not collect heartbeats.
    if (out_.empty() && now - last_sent_ >= heartbeat_ / 2) write_heartbeat(out_);
  }
  return stage_ == stage::open ? session_.tick(now) : result<void>{};
}

void connection::close() {
  if (stage_ != stage::open) return;
  amqp_connection_close_t fields{};
  fields.reply_code = AMQP_REPLY_SUCCESS;
  fields.reply_text = bytes_of("shutdown");
  write_method(out_, 0, AMQP_CONNECTION_CLOSE_METHOD, fields);
  stage_ = stage::closing;
}

void connection::lost(const error& why) {
  const bool was_open = stage_ == stage::open || stage_ == stage::closing;
  stage_ = stage::closed;
  out_.clear();
  if (was_open) session_.lost(why);
}

}  // namespace cornice::infra::amqp
