#include "infra/amqp_frames.hpp"

#include "infra/amqp_message_codec.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

namespace cornice::infra::amqp {
namespace {

amqp_message sample() {
  amqp_message m;
  m.topic = "cornice.signal";
  m.routing_key = "book.kalshi.KX-1";
  m.type = "book";
  m.message_id = "m-1";
  m.correlation_id = "c-1";
  m.reply_to = "amq.rabbitmq.reply-to.x";
  m.user = "operator \xc3\xa9";
  m.timestamp_s = 1'769'000'000;
  m.schema_version = 7;
  m.expiration_ms = 1500;
  m.persistent = true;
  m.body = R"({"bids":[]})";
  return m;
}

// Reads frames from `bytes`, given to the reader in pieces of the sizes in `cuts`, and assembles
// the one message in them.
amqp_message read_message(const output& bytes, const std::vector<std::size_t>& cuts) {
  frame_reader reader;
  frame_decoder decoder;
  content_assembler content{1u << 20};
  std::size_t at = 0;
  std::size_t cut = 0;
  while (at < bytes.size()) {
    const auto space = reader.space();
    std::size_t n = std::min(space.size(), bytes.size() - at);
    if (cut < cuts.size()) n = std::min(n, std::max<std::size_t>(cuts[cut++], 1));
    std::memcpy(space.data(), bytes.data() + at, n);
    reader.commit(n);
    at += n;
    for (auto f = reader.next(); f.value(); f = reader.next()) {
      const frame& seen = **f;
      EXPECT_EQ(seen.channel, 5);
      if (seen.type == AMQP_FRAME_METHOD) {
        const auto m = decoder.decode_method(seen).value();
        const auto& p = m.as<amqp_basic_publish_t>();
        EXPECT_TRUE(content.begin(text_of(p.exchange), text_of(p.routing_key)));
      } else if (seen.type == AMQP_FRAME_HEADER) {
        EXPECT_TRUE(content.header(decoder.decode_header(seen).value()));
      } else {
        EXPECT_TRUE(content.body(seen.payload));
      }
    }
  }
  EXPECT_TRUE(content.complete());
  return content.take();
}

void expect_equal(const amqp_message& a, const amqp_message& b) {
  EXPECT_EQ(a.topic, b.topic);
  EXPECT_EQ(a.routing_key, b.routing_key);
  EXPECT_EQ(a.type, b.type);
  EXPECT_EQ(a.message_id, b.message_id);
  EXPECT_EQ(a.app_id, b.app_id);
  EXPECT_EQ(a.correlation_id, b.correlation_id);
  EXPECT_EQ(a.reply_to, b.reply_to);
  EXPECT_EQ(a.user, b.user);
  EXPECT_EQ(a.timestamp_s, b.timestamp_s);
  EXPECT_EQ(a.schema_version, b.schema_version);
  EXPECT_EQ(a.expiration_ms, b.expiration_ms);
  EXPECT_EQ(a.persistent, b.persistent);
  EXPECT_EQ(a.body, b.body);
}

TEST(amqp_frames, a_message_survives_encoding_and_decoding) {
  const amqp_message m = sample();
  output out;
  write_publish(out, 5, m, {m.persistent, true, m.expiration_ms, 0, frame_size_max});
  expect_equal(read_message(out, {}), m);
}

TEST(amqp_frames, absent_properties_stay_empty) {
  amqp_message m;
  m.topic = "t";
  m.app_id.clear();
  output out;
  write_publish(out, 5, m, {});
  expect_equal(read_message(out, {}), m);
}

RC_GTEST_PROP(amqp_frames, a_message_survives_any_cutting_of_the_stream,
              (std::vector<std::uint8_t> cuts)) {
  amqp_message m = sample();
  // Longer than two frames.
  m.body.assign(*rc::gen::inRange<std::size_t>(0, 300'000), 'x');
  output out;
  write_publish(out, 5, m, {m.persistent, false, m.expiration_ms, 0, frame_size_max});
  const amqp_message back = read_message(out, {cuts.begin(), cuts.end()});
  RC_ASSERT(back.body == m.body);
  RC_ASSERT(back.message_id == m.message_id);
}

RC_GTEST_PROP(amqp_frames, bytes_that_are_no_amqp_never_crash_the_reader,
              (const std::vector<std::uint8_t>& bytes)) {
  frame_reader reader;
  frame_decoder decoder;
  std::copy(bytes.begin(), bytes.end(), reader.space().begin());
  reader.commit(bytes.size());
  for (auto f = reader.next(); f && *f; f = reader.next()) {
    static_cast<void>(decoder.decode_method(**f));
    static_cast<void>(decoder.decode_header(**f));
  }
}

// Random bytes seldom form a frame, so damage a real one.
RC_GTEST_PROP(amqp_frames, a_damaged_payload_never_crashes_the_decoder, ()) {
  output out;
  write_publish(out, 5, sample(), {});
  std::vector<std::uint8_t> bytes(out.data(), out.data() + out.size());
  const auto hits = *rc::gen::container<std::vector<std::pair<std::uint16_t, std::uint8_t>>>(
      rc::gen::pair(rc::gen::arbitrary<std::uint16_t>(), rc::gen::arbitrary<std::uint8_t>()));
  for (const auto& [where, what] : hits) bytes[where % bytes.size()] = what;
  frame_decoder decoder;
  frame f;
  f.payload = bytes;
  static_cast<void>(decoder.decode_method(f));
  static_cast<void>(decoder.decode_header(f));
}

TEST(amqp_frames, a_frame_larger_than_agreed_is_refused) {
  frame_reader reader;
  const std::uint8_t header[] = {1, 0, 1, 0x7f, 0xff, 0xff, 0xff};
  std::memcpy(reader.space().data(), header, sizeof header);
  reader.commit(sizeof header);
  const auto f = reader.next();
  ASSERT_FALSE(f);
  EXPECT_EQ(f.error().code, errc::protocol);
}

TEST(amqp_frames, a_frame_without_end_byte_is_refused) {
  output out;
  write_heartbeat(out);
  frame_reader reader;
  std::memcpy(reader.space().data(), out.data(), out.size());
  reader.space()[7] = 0;
  reader.commit(out.size());
  const auto f = reader.next();
  ASSERT_FALSE(f);
  EXPECT_EQ(f.error().code, errc::protocol);
}

TEST(amqp_frames, another_protocol_version_is_named) {
  frame_reader reader;
  std::memcpy(reader.space().data(), "AMQP\0\0\10\0", 8);
  reader.commit(8);
  const auto f = reader.next();
  ASSERT_FALSE(f);
  EXPECT_EQ(f.error().code, errc::protocol);
}

TEST(amqp_message_check, fields_over_their_limit_are_out_of_range) {
  constexpr std::size_t body_max = 1000;
  amqp_message m = sample();
  EXPECT_TRUE(check_message(m, body_max));
  for (std::string amqp_message::*field :
       {&amqp_message::topic, &amqp_message::routing_key, &amqp_message::type,
        &amqp_message::message_id, &amqp_message::app_id, &amqp_message::correlation_id,
        &amqp_message::reply_to}) {
    amqp_message bad = m;
    (bad.*field).assign(255, 'k');
    EXPECT_TRUE(check_message(bad, body_max));
    (bad.*field).assign(256, 'k');
    const auto checked = check_message(bad, body_max);
    ASSERT_FALSE(checked);
    EXPECT_EQ(checked.error().code, errc::out_of_range);
  }
  amqp_message large = m;
  large.body.assign(body_max + 1, 'x');
  EXPECT_EQ(check_message(large, body_max).error().code, errc::out_of_range);
  amqp_message negative = m;
  negative.expiration_ms = -1;
  EXPECT_EQ(check_message(negative, body_max).error().code, errc::invalid_argument);
}

TEST(content_assembler, content_out_of_order_is_a_protocol_error) {
  content_assembler c{100};
  const std::uint8_t byte[] = {1};
  EXPECT_EQ(c.body(byte).error().code, errc::protocol);
  EXPECT_EQ(c.header({}).error().code, errc::protocol);
  ASSERT_TRUE(c.begin("t", "k"));
  EXPECT_EQ(c.begin("t", "k").error().code, errc::protocol);
  EXPECT_EQ(c.body(byte).error().code, errc::protocol);
}

TEST(content_assembler, a_body_over_the_limit_is_read_past_and_not_kept) {
  content_assembler c{3};
  const amqp_basic_properties_t none{};
  ASSERT_TRUE(c.begin("t", "k"));
  ASSERT_TRUE(c.header({4, &none}));
  const std::uint8_t bytes[] = {1, 2, 3, 4};
  ASSERT_TRUE(c.body(bytes));
  ASSERT_TRUE(c.complete());
  EXPECT_TRUE(c.oversized());
  EXPECT_TRUE(c.take().body.empty());
}

}  // namespace
}  // namespace cornice::infra::amqp
