#include "infra/amqp_frames.hpp"

#include "cornice/base/check.hpp"

#include <algorithm>
#include <cstring>
#include <string>

namespace cornice::infra::amqp {
namespace {

constexpr std::size_t header_size = 7;  // type, channel, payload size
constexpr std::size_t footer_size = 1;
constexpr std::size_t read_chunk = 65'536;
// Declarations with arguments and the login are the largest methods we send; every string in them
// is checked when it is configured.
constexpr std::size_t method_bound = 16'384;

void put16(std::uint8_t* to, std::uint16_t v) noexcept {
  to[0] = static_cast<std::uint8_t>(v >> 8);
  to[1] = static_cast<std::uint8_t>(v & 0xff);
}
void put32(std::uint8_t* to, std::uint32_t v) noexcept {
  put16(to, static_cast<std::uint16_t>(v >> 16));
  put16(to + 2, static_cast<std::uint16_t>(v & 0xffff));
}
void put64(std::uint8_t* to, std::uint64_t v) noexcept {
  put32(to, static_cast<std::uint32_t>(v >> 32));
  put32(to + 4, static_cast<std::uint32_t>(v & 0xffff'ffff));
}
std::uint32_t get(const std::uint8_t* from, int bytes) noexcept {
  std::uint32_t v = 0;
  for (int i = 0; i < bytes; ++i) v = v << 8 | from[i];
  return v;
}

// Writes header and footer around a payload that already lies at `to + header_size`.
std::size_t seal(std::uint8_t* to, std::uint8_t type, std::uint16_t channel, std::size_t payload) {
  to[0] = type;
  put16(to + 1, channel);
  put32(to + 3, static_cast<std::uint32_t>(payload));
  to[header_size + payload] = AMQP_FRAME_END;
  return header_size + payload + footer_size;
}

amqp_bytes_t rest_of(std::span<std::uint8_t> room, std::size_t from) noexcept {
  amqp_bytes_t b;
  b.bytes = room.data() + from;
  b.len = room.size() - from - footer_size;
  return b;
}

amqp_bytes_t tail_of(const frame& f, std::size_t from) noexcept {
  amqp_bytes_t b;
  b.bytes = const_cast<std::uint8_t*>(f.payload.data()) + from;  // rabbitmq-c only reads it
  b.len = f.payload.size() - from;
  return b;
}

error broken(std::string what, int status) {
  return {errc::protocol, std::move(what) + ": " + amqp_error_string2(status)};
}

}  // namespace

void output::consume(std::size_t n) noexcept {
  head_ += n;
  if (head_ == tail_) head_ = tail_ = 0;
}

std::span<std::uint8_t> output::prepare(std::size_t n) {
  if (bytes_.size() - tail_ < n) {
    if (head_ > 0) {
      std::memmove(bytes_.data(), bytes_.data() + head_, size());
      tail_ -= head_;
      head_ = 0;
    }
    if (bytes_.size() - tail_ < n) bytes_.resize(std::max(bytes_.size() * 2, tail_ + n));
  }
  return {bytes_.data() + tail_, n};
}

void write_protocol_header(output& out) {
  constexpr std::uint8_t greeting[] = {'A', 'M', 'Q', 'P', 0, 0, 9, 1};
  std::memcpy(out.prepare(sizeof greeting).data(), greeting, sizeof greeting);
  out.commit(sizeof greeting);
}

void write_heartbeat(output& out) {
  out.commit(seal(out.prepare(header_size + footer_size).data(), AMQP_FRAME_HEARTBEAT, 0, 0));
}

void write_method_fields(output& out, std::uint16_t channel, amqp_method_number_t id,
                         void* fields) {
  const auto room = out.prepare(method_bound);
  put32(room.data() + header_size, id);
  const int encoded = amqp_encode_method(id, fields, rest_of(room, header_size + 4));
  invariant(encoded >= 0, "an AMQP method fits its bound");
  out.commit(seal(room.data(), AMQP_FRAME_METHOD, channel, static_cast<std::size_t>(encoded) + 4));
}

void write_content(output& out, std::uint16_t channel, amqp_basic_properties_t& properties,
                   std::size_t properties_bound, std::string_view body, std::uint32_t frame_max) {
  constexpr std::size_t fixed = 12;  // class, weight, body size
  const auto room = out.prepare(header_size + fixed + properties_bound + footer_size);
  std::uint8_t* const at = room.data() + header_size;
  put16(at, AMQP_BASIC_CLASS);
  put16(at + 2, 0);
  put64(at + 4, body.size());
  const int encoded =
      amqp_encode_properties(AMQP_BASIC_CLASS, &properties, rest_of(room, header_size + fixed));
  invariant(encoded >= 0, "AMQP properties fit their bound");
  out.commit(
      seal(room.data(), AMQP_FRAME_HEADER, channel, fixed + static_cast<std::size_t>(encoded)));

  const std::size_t piece_max = frame_max - header_size - footer_size;
  while (!body.empty()) {
    const std::size_t piece = std::min(piece_max, body.size());
    const auto space = out.prepare(header_size + piece + footer_size);
    std::memcpy(space.data() + header_size, body.data(), piece);
    out.commit(seal(space.data(), AMQP_FRAME_BODY, channel, piece));
    body.remove_prefix(piece);
  }
}

frame_reader::frame_reader() : bytes_(frame_size_max + read_chunk) {}

std::span<std::uint8_t> frame_reader::space() {
  if (head_ > 0) {
    std::memmove(bytes_.data(), bytes_.data() + head_, tail_ - head_);
    tail_ -= head_;
    head_ = 0;
  }
  invariant(tail_ < bytes_.size(), "an incomplete frame is smaller than the read buffer");
  return {bytes_.data() + tail_, bytes_.size() - tail_};
}

result<std::optional<frame>> frame_reader::next() {
  const std::size_t have = tail_ - head_;
  if (have < header_size) return std::optional<frame>{};
  const std::uint8_t* const at = bytes_.data() + head_;
  if (at[0] == 'A')  // a broker that wants another version answers with a protocol header
    return error{errc::protocol, "the peer does not speak AMQP 0-9-1"};
  const std::size_t size = get(at + 3, 4);
  if (size > frame_size_max - header_size - footer_size)
    return error{errc::protocol, "AMQP frame of " + std::to_string(size) + " bytes, at most " +
                                     std::to_string(frame_size_max) + " were agreed"};
  if (have < header_size + size + footer_size) return std::optional<frame>{};
  if (at[header_size + size] != AMQP_FRAME_END)
    return error{errc::protocol, "AMQP frame without its end byte"};
  frame f;
  f.type = at[0];
  f.channel = static_cast<std::uint16_t>(get(at + 1, 2));
  f.payload = {at + header_size, size};
  head_ += header_size + size + footer_size;
  return std::optional<frame>{f};
}

frame_decoder::frame_decoder() {
  init_amqp_pool(&pool_, 16'384);
}
frame_decoder::~frame_decoder() {
  empty_amqp_pool(&pool_);
}

result<method> frame_decoder::decode_method(const frame& f) {
  if (f.payload.size() < 4) return error{errc::protocol, "AMQP method frame without method id"};
  recycle_amqp_pool(&pool_);
  const amqp_method_number_t id = get(f.payload.data(), 4);
  void* fields = nullptr;
  const int status = amqp_decode_method(id, &pool_, tail_of(f, 4), &fields);
  if (status < 0) return broken("AMQP method " + std::to_string(id), status);
  return method{id, fields};
}

result<content_header> frame_decoder::decode_header(const frame& f) {
  if (f.payload.size() < 14 || get(f.payload.data(), 2) != AMQP_BASIC_CLASS)
    return error{errc::protocol, "AMQP content header of another class than basic"};
  recycle_amqp_pool(&pool_);
  void* properties = nullptr;
  const int status = amqp_decode_properties(AMQP_BASIC_CLASS, &pool_, tail_of(f, 12), &properties);
  if (status < 0) return broken("AMQP content header", status);
  content_header h;
  h.body_size = std::uint64_t{get(f.payload.data() + 4, 4)} << 32 | get(f.payload.data() + 8, 4);
  h.properties = static_cast<const amqp_basic_properties_t*>(properties);
  return h;
}

}  // namespace cornice::infra::amqp
