#include "cornice/model/ids.hpp"

#include "model/routing_word.hpp"

namespace cornice {
namespace {

struct contract_tag;

}  // namespace

contract_id contract_id::make(venue_id venue, std::string_view native) {
  contract_id id;
  id.venue_ = venue;
  const std::string_view alias = cornice::to_string(venue);
  id.text_.reserve(alias.size() + 1 + native.size());
  id.text_.append(alias).append(1, ':').append(native);
  return id;
}

result<contract_id> contract_id::parse(std::string_view text) {
  // A contract id obeys the rules of every text id, and then has a known venue and a native part.
  const auto checked = text_id<contract_tag>::parse(text);
  if (!checked) return checked.error().within("contract id");
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos || colon + 1 == text.size())
    return error{errc::malformed,
                 "contract id \"" + std::string{text} + "\" is not <venue>:<native>"};
  const auto venue = parse_venue(text.substr(0, colon));
  if (!venue) return venue.error().within("contract id");
  return make(*venue, text.substr(colon + 1));
}

std::string_view contract_id::native() const noexcept {
  // Without a colon (the empty id) npos + 1 is 0 and the view is empty.
  return std::string_view{text_}.substr(text_.find(':') + 1);
}

std::string contract_id::routing_word() const {
  return cornice::routing_word(native());
}

std::string make_uuid(std::uint64_t high, std::uint64_t low) {
  constexpr std::string_view hex = "0123456789abcdef";
  high = (high & ~std::uint64_t{0xf000}) | 0x4000;                     // version 4
  low = (low & ~(std::uint64_t{3} << 62)) | (std::uint64_t{2} << 62);  // RFC 9562 variant
  std::string out;
  out.reserve(36);
  for (int nibble = 0; nibble < 32; ++nibble) {
    if (nibble == 8 || nibble == 12 || nibble == 16 || nibble == 20) out += '-';
    const std::uint64_t half = nibble < 16 ? high : low;
    out += hex[(half >> (60 - 4 * (nibble % 16))) & 15];
  }
  return out;
}

}  // namespace cornice
