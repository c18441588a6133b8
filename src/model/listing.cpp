#include "cornice/model/listing.hpp"

#include "cornice/base/check.hpp"

#include <openssl/evp.h>

namespace cornice {

std::string rule_hash_of(std::string_view rules) {
  constexpr std::string_view hex = "0123456789abcdef";
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int size = 0;
  const int done =
      EVP_Digest(rules.data(), rules.size(), digest.data(), &size, EVP_sha256(), nullptr);
  invariant(done == 1 && size == 32, "OpenSSL provides SHA-256");
  std::string out;
  out.reserve(std::size_t{2} * size);
  for (unsigned int i = 0; i < size; ++i) {
    out += hex[digest[i] >> 4];
    out += hex[digest[i] & 15];
  }
  return out;
}

}  // namespace cornice
