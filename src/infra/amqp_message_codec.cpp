#include "infra/amqp_message_codec.hpp"

#include "cornice/base/check.hpp"

#include <array>
#include <charconv>
#include <string_view>
#include <utility>

namespace cornice::infra::amqp {
namespace {

constexpr std::size_t short_string_max = 255;
constexpr std::size_t user_max = 1024;
constexpr std::string_view header_user = "user";
constexpr std::string_view header_schema = "schema";
constexpr std::string_view header_confirm = "confirm_seq";

struct named_text {
  std::string_view name;
  const std::string& text;
};

amqp_table_entry_t entry(std::string_view key, std::int64_t v) noexcept {
  amqp_table_entry_t e{};
  e.key = bytes_of(key);
  e.value.kind = AMQP_FIELD_KIND_I64;
  e.value.value.i64 = v;
  return e;
}
amqp_table_entry_t entry(std::string_view key, std::string_view v) noexcept {
  amqp_table_entry_t e{};
  e.key = bytes_of(key);
  e.value.kind = AMQP_FIELD_KIND_UTF8;
  e.value.value.bytes = bytes_of(v);
  return e;
}

// Other clients choose the narrowest integer, so all widths are read.
std::int64_t integer_of(const amqp_field_value_t& v, std::int64_t otherwise) noexcept {
  switch (v.kind) {
    case AMQP_FIELD_KIND_I8:
      return v.value.i8;
    case AMQP_FIELD_KIND_U8:
      return v.value.u8;
    case AMQP_FIELD_KIND_I16:
      return v.value.i16;
    case AMQP_FIELD_KIND_U16:
      return v.value.u16;
    case AMQP_FIELD_KIND_I32:
      return v.value.i32;
    case AMQP_FIELD_KIND_U32:
      return v.value.u32;
    case AMQP_FIELD_KIND_I64:
      return v.value.i64;
    default:
      return otherwise;
  }
}

void read_headers(const amqp_table_t& table, amqp_message& m, std::uint64_t& confirm_seq) {
  for (int i = 0; i < table.num_entries; ++i) {
    const amqp_table_entry_t& e = table.entries[i];
    const auto key = text_of(e.key);
    if (key == header_user &&
        (e.value.kind == AMQP_FIELD_KIND_UTF8 || e.value.kind == AMQP_FIELD_KIND_BYTES)) {
      m.user = text_of(e.value.value.bytes);
    } else if (key == header_schema) {
      m.schema_version = integer_of(e.value, 0);
    } else if (key == header_confirm) {
      confirm_seq = static_cast<std::uint64_t>(integer_of(e.value, 0));
    }
  }
}

void read_properties(const amqp_basic_properties_t& p, amqp_message& m,
                     std::uint64_t& confirm_seq) {
  const auto has = [&](amqp_flags_t flag) { return (p._flags & flag) != 0; };
  m.app_id = has(AMQP_BASIC_APP_ID_FLAG) ? text_of(p.app_id) : std::string_view{};
  m.schema_version = 0;
  if (has(AMQP_BASIC_TYPE_FLAG)) m.type = text_of(p.type);
  if (has(AMQP_BASIC_MESSAGE_ID_FLAG)) m.message_id = text_of(p.message_id);
  if (has(AMQP_BASIC_CORRELATION_ID_FLAG)) m.correlation_id = text_of(p.correlation_id);
  if (has(AMQP_BASIC_REPLY_TO_FLAG)) m.reply_to = text_of(p.reply_to);
  if (has(AMQP_BASIC_TIMESTAMP_FLAG)) m.timestamp_s = p.timestamp;
  if (has(AMQP_BASIC_DELIVERY_MODE_FLAG))
    m.persistent = p.delivery_mode == AMQP_DELIVERY_PERSISTENT;
  if (has(AMQP_BASIC_EXPIRATION_FLAG)) {
    const auto text = text_of(p.expiration);
    // Another client's text that is no number means "no expiry known" here; the broker enforces it.
    if (std::from_chars(text.data(), text.data() + text.size(), m.expiration_ms).ec != std::errc{})
      m.expiration_ms = 0;
  }
  if (has(AMQP_BASIC_HEADERS_FLAG)) read_headers(p.headers, m, confirm_seq);
}

}  // namespace

result<void> check_message(const amqp_message& m, std::size_t body_max) {
  const std::array short_strings{named_text{"topic", m.topic},
                                 named_text{"routing key", m.routing_key},
                                 named_text{"type", m.type},
                                 named_text{"message id", m.message_id},
                                 named_text{"app id", m.app_id},
                                 named_text{"correlation id", m.correlation_id},
                                 named_text{"reply address", m.reply_to}};
  for (const auto& s : short_strings) {
    if (s.text.size() > short_string_max)
      return error{errc::out_of_range, std::string{"AMQP "}.append(s.name) + " of " +
                                           std::to_string(s.text.size()) +
                                           " bytes, at most 255 are possible"};
  }
  if (m.user.size() > user_max)
    return error{errc::out_of_range, "AMQP header user of " + std::to_string(m.user.size()) +
                                         " bytes, at most 1024 are allowed"};
  if (m.body.size() > body_max)
    return error{errc::out_of_range, "AMQP body of " + std::to_string(m.body.size()) +
                                         " bytes, at most " + std::to_string(body_max) +
                                         " are allowed"};
  if (m.expiration_ms < 0)
    return error{errc::invalid_argument,
                 "AMQP expiration of " + std::to_string(m.expiration_ms) + " ms is negative"};
  return {};
}

void write_publish(output& out, std::uint16_t channel, const amqp_message& m,
                   const publish_options& options) {
  amqp_basic_publish_t fields{};
  fields.exchange = bytes_of(m.topic);
  fields.routing_key = bytes_of(m.routing_key);
  fields.mandatory = options.mandatory ? 1 : 0;
  write_method(out, channel, AMQP_BASIC_PUBLISH_METHOD, fields);

  std::array<amqp_table_entry_t, 3> headers;
  int header_count = 0;
  headers[static_cast<std::size_t>(header_count++)] = entry(header_schema, m.schema_version);
  if (!m.user.empty())
    headers[static_cast<std::size_t>(header_count++)] = entry(header_user, m.user);
  if (options.confirm_seq != 0)
    headers[static_cast<std::size_t>(header_count++)] =
        entry(header_confirm, static_cast<std::int64_t>(options.confirm_seq));

  amqp_basic_properties_t p{};
  p._flags = AMQP_BASIC_CONTENT_TYPE_FLAG | AMQP_BASIC_DELIVERY_MODE_FLAG | AMQP_BASIC_HEADERS_FLAG;
  p.content_type = bytes_of("application/json");
  p.delivery_mode = static_cast<std::uint8_t>(options.persistent ? AMQP_DELIVERY_PERSISTENT
                                                                 : AMQP_DELIVERY_NONPERSISTENT);
  p.headers.num_entries = header_count;
  p.headers.entries = headers.data();
  std::size_t bound = 512 + m.user.size();
  const auto set = [&](amqp_bytes_t& field, amqp_flags_t flag, std::string_view text) {
    if (text.empty()) return;
    p._flags |= flag;
    field = bytes_of(text);
    bound += text.size();
  };
  std::array<char, 20> expiration;
  if (options.expiration_ms > 0) {
    const auto end = std::to_chars(expiration.data(), expiration.data() + expiration.size(),
                                   options.expiration_ms);
    set(p.expiration, AMQP_BASIC_EXPIRATION_FLAG,
        {expiration.data(), static_cast<std::size_t>(end.ptr - expiration.data())});
  }
  set(p.type, AMQP_BASIC_TYPE_FLAG, m.type);
  set(p.message_id, AMQP_BASIC_MESSAGE_ID_FLAG, m.message_id);
  set(p.app_id, AMQP_BASIC_APP_ID_FLAG, m.app_id);
  set(p.correlation_id, AMQP_BASIC_CORRELATION_ID_FLAG, m.correlation_id);
  set(p.reply_to, AMQP_BASIC_REPLY_TO_FLAG, m.reply_to);
  if (m.timestamp_s != 0) {
    p._flags |= AMQP_BASIC_TIMESTAMP_FLAG;
    p.timestamp = m.timestamp_s;
  }
  write_content(out, channel, p, bound, m.body, options.frame_max);
}

result<void> content_assembler::begin(std::string_view topic, std::string_view routing_key) {
  if (stage_ != stage::idle)
    return error{errc::protocol, "AMQP delivery before the content of the last one was complete"};
  message_ = {};
  message_.topic = topic;
  message_.routing_key = routing_key;
  oversized_ = false;
  confirm_seq_ = 0;
  stage_ = stage::header;
  return {};
}

result<void> content_assembler::header(const content_header& h) {
  if (stage_ != stage::header) return error{errc::protocol, "AMQP content header out of place"};
  read_properties(*h.properties, message_, confirm_seq_);
  remaining_ = h.body_size;
  oversized_ = h.body_size > body_max_;
  if (!oversized_) message_.body.reserve(static_cast<std::size_t>(h.body_size));
  stage_ = remaining_ == 0 ? stage::complete : stage::body;
  return {};
}

result<void> content_assembler::body(std::span<const std::uint8_t> piece) {
  if (stage_ != stage::body || piece.size() > remaining_)
    return error{errc::protocol, "AMQP body frame out of place"};
  if (!oversized_) message_.body.append(piece.begin(), piece.end());
  remaining_ -= piece.size();
  if (remaining_ == 0) stage_ = stage::complete;
  return {};
}

amqp_message content_assembler::take() {
  invariant(complete(), "only a complete message is taken");
  stage_ = stage::idle;
  return std::move(message_);
}

}  // namespace cornice::infra::amqp
