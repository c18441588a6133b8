#include "cornice/execution/ids.hpp"

#include "cornice/execution/audit.hpp"

#include <charconv>
#include <string>

namespace cornice::execution {
namespace {

std::uint64_t hex64(std::string_view digits) {
  std::uint64_t value = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
  return value;
}

std::string uuid_of(std::string_view text) {
  const std::string hash = sha256_hex(text);
  return make_uuid(hex64(std::string_view{hash}.substr(0, 16)),
                   hex64(std::string_view{hash}.substr(16, 16)));
}

}  // namespace

bundle_id bundle_id_of(const opportunity_id& opportunity) {
  return bundle_id::of(uuid_of("cornice bundle\n" + opportunity.str()));
}

order_id order_id_of(const bundle_id& bundle, std::uint32_t leg, std::uint32_t attempt) {
  return order_id::of(uuid_of("cornice order\n" + bundle.str() + "\n" + std::to_string(leg) + "\n" +
                              std::to_string(attempt)));
}

}  // namespace cornice::execution
