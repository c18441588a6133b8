// The tape: what the venues sent, byte for byte, so that a day can be replayed. The format is
// described in docs/tape.md. Bytes in, records out; whoever owns the file does the I/O.
#pragma once

#include "cornice/base/result.hpp"
#include "cornice/base/time.hpp"
#include "cornice/model/ids.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace cornice::venue::tape {

inline constexpr std::uint16_t version = 1;
inline constexpr std::size_t header_size = 12;
inline constexpr std::size_t max_connection_bytes = 200;
inline constexpr std::size_t max_target_bytes = 64 * 1024;
inline constexpr std::size_t max_body_bytes = 64u << 20;  ///< the WebSocket client's message limit

enum class record_kind : std::uint8_t {
  ws_open = 1,   ///< a connection was opened; no bytes
  ws_in = 2,     ///< one whole message from the venue, uncompressed
  ws_close = 3,  ///< the connection ended; the bytes are the reason as text
  rest = 4,      ///< the body of one answer with status 200
};
/// `ws-open`, `ws-in`, `ws-close`, `rest`.
[[nodiscard]] std::string_view to_string(record_kind k) noexcept;

/// One entry, borrowing its texts: what a producer hands over without copying.
struct record_view {
  timestamp received{};  ///< wall clock, when the last byte had come
  venue_id venue = venue_id::sim;
  record_kind kind = record_kind::ws_in;
  /// `ws`, `ws-0`, … for a stream; `rest`, `gamma`, `clob` for the interface that was asked.
  std::string_view connection;
  std::string_view target;  ///< path and query of the request; empty for a stream
  std::string_view bytes;
};

struct record {
  timestamp received{};
  venue_id venue = venue_id::sim;
  record_kind kind = record_kind::ws_in;
  std::string connection;
  std::string target;
  std::string bytes;
  [[nodiscard]] record_view view() const noexcept {
    return {received, venue, kind, connection, target, bytes};
  }
  friend bool operator==(const record&, const record&) = default;
};

/// Appends the twelve bytes that every tape begins with.
void encode_header(std::string& out);
/// Appends one record. Errors: out_of_range when a text is longer than its bound; `out` is as
/// before then. O(bytes).
result<void> encode(std::string& out, const record_view& r);
/// Bytes that encode() appends for `r`.
[[nodiscard]] std::size_t encoded_size(const record_view& r) noexcept;

/// Reads a tape piece by piece; the pieces may be cut anywhere. Not thread-safe.
class reader {
 public:
  /// Bytes of the file in their order.
  void feed(std::string_view bytes);
  /// The next whole record; nothing when more bytes are needed. Errors: malformed (not a tape, an
  /// impossible length or an unknown kind), refused (a version that this reader does not know),
  /// corrupt (checksum). The message names the byte offset. After an error every call answers it.
  result<std::optional<record>> next();
  /// At the end of the file, after next() answered nothing. Errors: corrupt when the tape ends
  /// within a record (the recorder was killed; everything before is good), malformed when there is
  /// no header.
  [[nodiscard]] result<void> finish() const;
  /// Offset within the tape of the first byte that is not read yet.
  [[nodiscard]] std::uint64_t offset() const noexcept { return offset_; }

 private:
  error fail(errc code, const std::string& what);
  result<bool> read_header();

  std::string buffer_;
  std::size_t at_ = 0;  // first unread byte of buffer_
  std::uint64_t offset_ = 0;
  bool opened_ = false;
  std::optional<error> failed_;
};

}  // namespace cornice::venue::tape
