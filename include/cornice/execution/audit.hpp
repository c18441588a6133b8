// The audit trail is a hash chain: changing, removing or inserting an entry breaks every later
// hash.
#pragma once

#include "cornice/base/result.hpp"
#include "cornice/base/time.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace cornice::execution {

/// One thing that somebody or something did. `sequence` and the hashes are given by the store.
struct audit_entry {
  timestamp at{};
  std::string actor;    ///< token name, `cli:<user>`, `execution`, `signal`, `file`
  std::string action;   ///< stable name: `bundle.accepted`, `breaker.open`, `command.halt`, …
  std::string subject;  ///< id of what it was done to
  std::string detail;   ///< one sentence with the numbers
  friend bool operator==(const audit_entry&, const audit_entry&) = default;
};

struct audit_record {
  std::int64_t sequence = 0;  ///< 1, 2, 3, … without gaps
  audit_entry entry;
  std::string previous_hash;  ///< lower-case hex; audit_genesis for the first
  std::string hash;
  friend bool operator==(const audit_record&, const audit_record&) = default;
};

/// `previous_hash` of the first entry: 64 zeros.
inline constexpr std::string_view audit_genesis =
    "0000000000000000000000000000000000000000000000000000000000000000";

/// Text that is hashed. Every field is length-prefixed, so no two entries share a text.
[[nodiscard]] std::string canonical_text(std::int64_t sequence, const audit_entry& e);

/// SHA-256(previous_hash || canonical text), lower-case hex.
[[nodiscard]] std::string audit_hash(std::string_view previous_hash, std::int64_t sequence,
                                     const audit_entry& e);

/// Appends `e` after (`last_sequence`, `last_hash`); (0, audit_genesis) for an empty trail.
[[nodiscard]] audit_record chain(std::int64_t last_sequence, std::string_view last_hash,
                                 audit_entry e);

/// Checks a contiguous range that follows (`last_sequence`, `last_hash`). Errors: corrupt, naming
/// the first sequence that does not fit and why. Ranges can be verified one after another.
[[nodiscard]] result<void> verify(std::int64_t last_sequence, std::string_view last_hash,
                                  std::span<const audit_record> range);

/// Lower-case hex SHA-256.
[[nodiscard]] std::string sha256_hex(std::string_view bytes);

}  // namespace cornice::execution
