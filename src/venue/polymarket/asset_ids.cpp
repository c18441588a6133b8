// Which ids of a market are its assets, and to which generation an id belongs.
#include "cornice/venue/polymarket/gamma.hpp"
#include "venue/polymarket/decimal.hpp"

namespace cornice::venue::polymarket::gamma {
namespace {

__extension__ using uint128 = unsigned __int128;

// 256 bits as four 64-bit words, least significant first.
result<std::array<std::uint64_t, 4>> parse_uint256(std::string_view decimal) {
  if (!is_asset_id(decimal))
    return error{errc::malformed,
                 "\"" + std::string{decimal.substr(0, 90)} + "\" is not a decimal uint256"};
  std::array<std::uint64_t, 4> words{};
  for (const char c : decimal) {
    uint128 carry = static_cast<unsigned>(c - '0');
    for (std::uint64_t& word : words) {
      const uint128 product = uint128{word} * 10 + carry;
      word = static_cast<std::uint64_t>(product);
      carry = product >> 64;
    }
    if (carry != 0)
      return error{errc::out_of_range, std::string{decimal} + " needs more than 256 bits"};
  }
  return words;
}

}  // namespace

result<bool> is_position_id(std::string_view decimal) {
  CORNICE_TRY(words, parse_uint256(decimal));
  const std::uint64_t bits_40_to_63 = words[0] >> 40;
  const std::uint64_t bits_64_to_103 = words[1] & ((std::uint64_t{1} << 40) - 1);
  return bits_40_to_63 == 0 && bits_64_to_103 == 0;
}

result<std::array<std::string, 2>> asset_ids(const market& m) {
  if (m.version != protocol_version::v1 && m.version != protocol_version::v2)
    return error{errc::refused, "market " + m.id + " has version \"" + m.version_text +
                                    "\"; only v1 and v2 say which ids are its assets"};
  const bool v2 = m.version == protocol_version::v2;
  const std::vector<std::string>& ids = v2 ? m.position_ids : m.clob_token_ids;
  if (ids.size() != 2 || m.outcomes.size() != 2)
    return error{errc::refused, "market " + m.id + " has " + std::to_string(ids.size()) +
                                    " assets and " + std::to_string(m.outcomes.size()) +
                                    " outcomes; only two of each can be traded"};
  if (ids[0] == ids[1])
    return error{errc::conflict, "market " + m.id + " has the same asset for both outcomes"};
  for (const std::string& id : ids) {
    CORNICE_TRY(position, is_position_id(id));
    // Ids of a few digits stand in for real ones in recordings and simulations; their layout tells
    // nothing.
    if (position != v2 && (v2 || id.size() > 31))
      return error{errc::conflict, "market " + m.id + " is " + m.version_text + " but its asset " +
                                       id + " is laid out as the other generation's"};
  }
  return std::array<std::string, 2>{ids[0], ids[1]};
}

}  // namespace cornice::venue::polymarket::gamma
