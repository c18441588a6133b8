// The broker's end of a sans-I/O AMQP connection: tests see what was written and answer it.
#pragma once

#include "cornice/infra/amqp.hpp"
#include "infra/amqp_connection.hpp"
#include "infra/amqp_message_codec.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace cornice_test {

namespace amqp = cornice::infra::amqp;

// One frame the client wrote, with the fields tests ask for.
struct client_frame {
  std::uint8_t type = 0;
  std::uint16_t channel = 0;
  amqp_method_number_t method = 0;
  std::string text;  // routing key, queue, topic, SASL response, correlation id, body
  std::uint64_t tag = 0;
  bool flag = false;  // mandatory, multiple, requeue
};

class fake_broker {
 public:
  explicit fake_broker(amqp::session& session, amqp::output& out,
                       cornice::infra::amqp_config config = {})
      : out_{out}, wire{config, "test", session, out} {}

  // Connects and logs in; the session's opened() has run afterwards.
  void open() {
    wire.open(now);
    read();
    send(0, AMQP_CONNECTION_START_METHOD, start());
    ASSERT_EQ(next_method(), AMQP_CONNECTION_START_OK_METHOD);
    amqp_connection_tune_t tune{};
    tune.channel_max = 2047;
    tune.frame_max = 131'072;
    tune.heartbeat = 60;
    send(0, AMQP_CONNECTION_TUNE_METHOD, tune);
    ASSERT_EQ(next_method(), AMQP_CONNECTION_TUNE_OK_METHOD);
    ASSERT_EQ(next_method(), AMQP_CONNECTION_OPEN_METHOD);
    send(0, AMQP_CONNECTION_OPEN_OK_METHOD, amqp_connection_open_ok_t{});
  }

  static amqp_connection_start_t start() {
    amqp_connection_start_t s{};
    s.version_minor = 9;
    s.mechanisms = amqp::bytes_of("PLAIN");
    s.locales = amqp::bytes_of("en_US");
    return s;
  }

  template <class Fields>
  cornice::result<void> send(std::uint16_t channel, amqp_method_number_t id, Fields fields) {
    amqp::output bytes;
    amqp::write_method(bytes, channel, id, fields);
    return deliver(bytes);
  }
  // basic.deliver or basic.return with content; `publish` is what a client would have sent.
  template <class Fields>
  cornice::result<void> send_content(std::uint16_t channel, amqp_method_number_t id, Fields fields,
                                     const cornice::infra::amqp_message& m,
                                     const amqp::publish_options& options = {}) {
    amqp::output published;
    amqp::write_publish(published, channel, m, options);
    // What follows the publish method is exactly the content.
    const std::size_t method_size =
        8 + std::size_t{published.data()[5]} * 256 + published.data()[6];
    published.consume(method_size);
    amqp::output bytes;
    amqp::write_method(bytes, channel, id, fields);
    const auto room = bytes.prepare(published.size());
    std::memcpy(room.data(), published.data(), published.size());
    bytes.commit(published.size());
    return deliver(bytes);
  }
  cornice::result<void> deliver(const amqp::output& bytes) {
    cornice::result<void> ok;
    std::size_t at = 0;
    while (at < bytes.size() && ok) {
      const auto space = wire.space();
      const std::size_t n = std::min(space.size(), bytes.size() - at);
      std::memcpy(space.data(), bytes.data() + at, n);
      at += n;
      ok = wire.received(n, now);
    }
    read();
    return ok;
  }

  // Takes what the client has written.
  void read() {
    while (!out_.empty()) {
      const auto space = reader_.space();
      const std::size_t n = std::min(space.size(), out_.size());
      std::memcpy(space.data(), out_.data(), n);
      if (!greeted_) {  // "AMQP0091" is no frame
        ASSERT_GE(n, 8u);
        out_.consume(8);
        greeted_ = true;
        continue;
      }
      out_.consume(n);
      reader_.commit(n);
      for (auto f = reader_.next(); f && *f; f = reader_.next()) keep(**f);
    }
  }
  void expect_greeting() { greeted_ = false; }

  amqp_method_number_t next_method() {
    return frames.empty() ? amqp_method_number_t{0} : take().method;
  }
  client_frame take() {
    client_frame f = frames.front();
    frames.pop_front();
    return f;
  }
  // Frames of one method, all others forgotten.
  std::vector<client_frame> take_all(amqp_method_number_t method) {
    std::vector<client_frame> found;
    for (auto& f : std::exchange(frames, {}))
      if (f.method == method) found.push_back(std::move(f));
    return found;
  }

 private:
  void keep(const amqp::frame& f) {
    client_frame seen{f.type, f.channel, 0, {}, 0, false};
    if (f.type == AMQP_FRAME_BODY) seen.text.assign(f.payload.begin(), f.payload.end());
    if (f.type == AMQP_FRAME_HEADER) {
      const auto h = decoder_.decode_header(f);
      ASSERT_TRUE(h);
      if ((h->properties->_flags & AMQP_BASIC_CORRELATION_ID_FLAG) != 0)
        seen.text = amqp::text_of(h->properties->correlation_id);
    }
    if (f.type == AMQP_FRAME_METHOD) {
      const auto m = decoder_.decode_method(f);
      ASSERT_TRUE(m);
      seen.method = m->id;
      describe(*m, seen);
    }
    frames.push_back(std::move(seen));
  }
  static void describe(const amqp::method& m, client_frame& seen) {
    switch (m.id) {
      case AMQP_BASIC_PUBLISH_METHOD:
        seen.text = amqp::text_of(m.as<amqp_basic_publish_t>().routing_key);
        seen.flag = m.as<amqp_basic_publish_t>().mandatory != 0;
        break;
      case AMQP_BASIC_ACK_METHOD:
        seen.tag = m.as<amqp_basic_ack_t>().delivery_tag;
        seen.flag = m.as<amqp_basic_ack_t>().multiple != 0;
        break;
      case AMQP_BASIC_REJECT_METHOD:
        seen.tag = m.as<amqp_basic_reject_t>().delivery_tag;
        seen.flag = m.as<amqp_basic_reject_t>().requeue != 0;
        break;
      case AMQP_EXCHANGE_DECLARE_METHOD:
        seen.text = amqp::text_of(m.as<amqp_exchange_declare_t>().exchange);
        break;
      case AMQP_QUEUE_BIND_METHOD:
        seen.text = amqp::text_of(m.as<amqp_queue_bind_t>().queue);
        break;
      case AMQP_CONNECTION_START_OK_METHOD:
        seen.text = amqp::text_of(m.as<amqp_connection_start_ok_t>().response);
        break;
      default:
        break;
    }
  }

  amqp::output& out_;
  amqp::frame_reader reader_;
  amqp::frame_decoder decoder_;
  bool greeted_ = false;

 public:
  amqp::connection wire;
  cornice::instant now{};
  std::deque<client_frame> frames;
};

}  // namespace cornice_test
