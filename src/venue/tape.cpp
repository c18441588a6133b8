#include "cornice/venue/tape.hpp"

#include <array>
#include <concepts>

namespace cornice::venue::tape {
namespace {

constexpr std::string_view magic = "CORNTAPE";
constexpr std::size_t prefix_size = 8;  // length and checksum of the payload
constexpr std::size_t fixed_size = 16;  // of the payload, before its texts
constexpr std::size_t max_payload =
    fixed_size + max_connection_bytes + max_target_bytes + max_body_bytes;
// Read bytes are dropped from the buffer in steps, so that small records are not moved each time.
constexpr std::size_t compact_above = 1u << 20;

constexpr std::array<std::uint32_t, 256> make_crc_table() {
  std::array<std::uint32_t, 256> out{};
  for (std::uint32_t i = 0; i < out.size(); ++i) {
    std::uint32_t c = i;
    for (int bit = 0; bit < 8; ++bit) c = (c & 1U) != 0 ? 0xedb88320U ^ (c >> 1U) : c >> 1U;
    out[i] = c;
  }
  return out;
}
constexpr auto crc_table = make_crc_table();

std::uint32_t crc32(std::string_view bytes) noexcept {
  std::uint32_t c = 0xffffffffU;
  for (const char b : bytes) c = crc_table[(c ^ static_cast<unsigned char>(b)) & 0xffU] ^ (c >> 8U);
  return c ^ 0xffffffffU;
}

template <std::unsigned_integral T>
void put(std::string& out, T v) {
  for (std::size_t i = 0; i < sizeof(T); ++i)
    out.push_back(
        static_cast<char>(static_cast<unsigned char>((std::uint64_t{v} >> (8 * i)) & 0xffU)));
}

template <std::unsigned_integral T>
T get(std::string_view from) noexcept {
  std::uint64_t v = 0;
  for (std::size_t i = 0; i < sizeof(T); ++i)
    v |= std::uint64_t{static_cast<unsigned char>(from[i])} << (8 * i);
  return static_cast<T>(v);
}

std::size_t payload_size(const record_view& r) noexcept {
  return fixed_size + r.connection.size() + r.target.size() + r.bytes.size();
}

std::uint8_t number_of(venue_id v) noexcept {
  switch (v) {
    case venue_id::kalshi:
      return 1;
    case venue_id::polymarket:
      return 2;
    case venue_id::sim:
      break;
  }
  return 3;
}

std::optional<venue_id> venue_of(std::uint8_t n) noexcept {
  for (const venue_id v : all_venues)
    if (number_of(v) == n) return v;
  return std::nullopt;
}

// Errors are texts without the offset, which the reader adds.
result<record> decode_payload(std::string_view payload) {
  const auto kind = get<std::uint8_t>(payload.substr(8));
  const auto venue = venue_of(get<std::uint8_t>(payload.substr(9)));
  const std::size_t connection = get<std::uint16_t>(payload.substr(10));
  const std::size_t target = get<std::uint32_t>(payload.substr(12));
  if (kind < 1 || kind > 4)
    return error{errc::malformed, "record kind " + std::to_string(kind) + " is not 1 to 4"};
  if (!venue)
    return error{
        errc::malformed,
        "venue number " + std::to_string(get<std::uint8_t>(payload.substr(9))) + " is not 1 to 3"};
  if (connection > max_connection_bytes || target > max_target_bytes ||
      connection + target > payload.size() - fixed_size)
    return error{errc::malformed, "the texts are longer than their record or its bounds"};
  const std::string_view texts = payload.substr(fixed_size);
  record r;
  r.received = from_unix_us(static_cast<std::int64_t>(get<std::uint64_t>(payload)));
  r.venue = *venue;
  r.kind = static_cast<record_kind>(kind);
  r.connection = texts.substr(0, connection);
  r.target = texts.substr(connection, target);
  r.bytes = texts.substr(connection + target);
  if (r.bytes.size() > max_body_bytes)
    return error{errc::malformed, "the body is longer than its bound"};
  return r;
}

}  // namespace

std::string_view to_string(record_kind k) noexcept {
  switch (k) {
    case record_kind::ws_open:
      return "ws-open";
    case record_kind::ws_in:
      return "ws-in";
    case record_kind::ws_close:
      return "ws-close";
    case record_kind::rest:
      break;
  }
  return "rest";
}

void encode_header(std::string& out) {
  out.append(magic);
  put(out, version);
  put(out, std::uint16_t{0});
}

std::size_t encoded_size(const record_view& r) noexcept {
  return prefix_size + payload_size(r);
}

result<void> encode(std::string& out, const record_view& r) {
  const auto too_long = [](const char* what, std::size_t size, std::size_t max) {
    return error{errc::out_of_range, std::string{"the "} + what + " of a tape record has " +
                                         std::to_string(size) + " bytes, at most " +
                                         std::to_string(max) + " are allowed"};
  };
  if (r.connection.size() > max_connection_bytes)
    return too_long("connection", r.connection.size(), max_connection_bytes);
  if (r.target.size() > max_target_bytes)
    return too_long("target", r.target.size(), max_target_bytes);
  if (r.bytes.size() > max_body_bytes) return too_long("body", r.bytes.size(), max_body_bytes);
  const std::size_t begin = out.size();
  out.reserve(begin + encoded_size(r));
  out.append(prefix_size, '\0');
  put(out, static_cast<std::uint64_t>(unix_us(r.received)));
  put(out, static_cast<std::uint8_t>(r.kind));
  put(out, number_of(r.venue));
  put(out, static_cast<std::uint16_t>(r.connection.size()));
  put(out, static_cast<std::uint32_t>(r.target.size()));
  out.append(r.connection).append(r.target).append(r.bytes);
  std::string prefix;
  put(prefix, static_cast<std::uint32_t>(payload_size(r)));
  put(prefix, crc32(std::string_view{out}.substr(begin + prefix_size)));
  out.replace(begin, prefix_size, prefix);
  return {};
}

void reader::feed(std::string_view bytes) {
  if (failed_) return;
  if (at_ > compact_above || at_ == buffer_.size()) {
    buffer_.erase(0, at_);
    at_ = 0;
  }
  buffer_.append(bytes);
}

error reader::fail(errc code, const std::string& what) {
  failed_ = error{code, "tape, byte " + std::to_string(offset_) + ": " + what};
  return *failed_;
}

// True when the header has been read.
result<bool> reader::read_header() {
  const std::string_view left = std::string_view{buffer_}.substr(at_);
  const std::size_t known = std::min(left.size(), magic.size());
  if (left.substr(0, known) != magic.substr(0, known))
    return fail(errc::malformed, "this is not a tape; a tape begins with \"CORNTAPE\"");
  if (left.size() < header_size) return false;
  const auto found = get<std::uint16_t>(left.substr(magic.size()));
  if (found != version)
    return fail(errc::refused, "the tape has version " + std::to_string(found) +
                                   ", this program reads version " + std::to_string(version));
  at_ += header_size;
  offset_ += header_size;
  opened_ = true;
  return true;
}

result<std::optional<record>> reader::next() {
  if (failed_) return *failed_;
  if (!opened_) {
    CORNICE_TRY(ready, read_header());
    if (!ready) return std::optional<record>{};
  }
  const std::string_view left = std::string_view{buffer_}.substr(at_);
  if (left.size() < prefix_size) return std::optional<record>{};
  const std::size_t size = get<std::uint32_t>(left);
  if (size < fixed_size || size > max_payload)
    return fail(errc::malformed, "a record of " + std::to_string(size) + " bytes; possible are " +
                                     std::to_string(fixed_size) + " to " +
                                     std::to_string(max_payload));
  if (left.size() < prefix_size + size) return std::optional<record>{};
  const std::string_view payload = left.substr(prefix_size, size);
  if (crc32(payload) != get<std::uint32_t>(left.substr(4)))
    return fail(errc::corrupt, "the checksum of the record does not match its bytes");
  auto r = decode_payload(payload);
  if (!r) return fail(r.error().code, r.error().message);
  at_ += prefix_size + size;
  offset_ += prefix_size + size;
  return std::optional{std::move(*r)};
}

result<void> reader::finish() const {
  if (failed_) return *failed_;
  if (!opened_)
    return error{errc::malformed, "tape, byte 0: the file ends before the header of " +
                                      std::to_string(header_size) + " bytes"};
  if (at_ != buffer_.size())
    return error{errc::corrupt, "tape, byte " + std::to_string(offset_) +
                                    ": the file ends within this record, after " +
                                    std::to_string(buffer_.size() - at_) + " of its bytes"};
  return {};
}

}  // namespace cornice::venue::tape
