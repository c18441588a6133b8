#include "cornice/execution/audit.hpp"

#include "cornice/base/check.hpp"

#include <openssl/evp.h>

#include <array>

namespace cornice::execution {

std::string sha256_hex(std::string_view bytes) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int size = 0;
  const int ok =
      EVP_Digest(bytes.data(), bytes.size(), digest.data(), &size, EVP_sha256(), nullptr);
  invariant(ok == 1 && size == 32, "SHA-256 is always available");
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  text.reserve(64);
  for (unsigned int i = 0; i < size; ++i) {
    text.push_back(digits[digest[i] >> 4U]);
    text.push_back(digits[digest[i] & 15U]);
  }
  return text;
}

std::string canonical_text(std::int64_t sequence, const audit_entry& e) {
  std::string text;
  const auto field = [&text](std::string_view value) {
    text.append(std::to_string(value.size())).append(":").append(value).append("\n");
  };
  field(std::to_string(sequence));
  field(to_rfc3339(e.at));
  field(e.actor);
  field(e.action);
  field(e.subject);
  field(e.detail);
  return text;
}

std::string audit_hash(std::string_view previous_hash, std::int64_t sequence,
                       const audit_entry& e) {
  return sha256_hex(std::string{previous_hash}.append(canonical_text(sequence, e)));
}

audit_record chain(std::int64_t last_sequence, std::string_view last_hash, audit_entry e) {
  audit_record r;
  r.sequence = last_sequence + 1;
  r.previous_hash = last_hash;
  r.hash = audit_hash(last_hash, r.sequence, e);
  r.entry = std::move(e);
  return r;
}

result<void> verify(std::int64_t last_sequence, std::string_view last_hash,
                    std::span<const audit_record> range) {
  std::string previous{last_hash};
  std::int64_t expected = last_sequence + 1;
  for (const audit_record& r : range) {
    const auto broken = [&r](std::string_view why) {
      return error{errc::corrupt,
                   "audit entry " + std::to_string(r.sequence) + ": " + std::string{why}};
    };
    if (r.sequence != expected)
      return broken("expected entry " + std::to_string(expected) +
                    " here; one is missing or moved");
    if (r.previous_hash != previous)
      return broken("does not continue the hash of the entry before it");
    if (r.hash != audit_hash(previous, r.sequence, r.entry))
      return broken("its hash does not match its content; it was changed after it was written");
    previous = r.hash;
    ++expected;
  }
  return {};
}

}  // namespace cornice::execution
