#include "app/cli/mapping_entries.hpp"

#include "cornice/data/mapping_store.hpp"

#include <nlohmann/json.hpp>

namespace cornice::app::cli {
namespace {

using nlohmann::json;

std::string name_of(const json& entry, std::size_t index) {
  if (entry.is_object())
    if (const auto id = entry.find("market_id"); id != entry.end() && id->is_string())
      return id->get<std::string>();
  return "/markets/" + std::to_string(index);
}

// The entry was decoded as if it were alone; its messages speak of where it really is.
error relocated(error e, std::size_t index) {
  constexpr std::string_view alone = "/markets/0";
  if (const auto at = e.message.find(alone); at != std::string::npos)
    e.message.replace(at, alone.size(), "/markets/" + std::to_string(index));
  return e;
}

result<market> decode_alone(const json& entry, std::size_t index) {
  json whole;
  whole["markets"] = json::array();
  whole["markets"].push_back(entry);
  auto decoded = data::decode_mapping_file(whole.dump());
  if (!decoded) return relocated(decoded.error(), index);
  return std::move(decoded->front());
}

}  // namespace

result<std::vector<mapping_entry>> read_entries(std::string_view text) {
  const json whole = json::parse(text, nullptr, false);
  if (whole.is_discarded()) return error{errc::malformed, "the mapping file is not JSON"};
  const auto markets = whole.find("markets");
  if (!whole.is_object() || markets == whole.end() || !markets->is_array())
    return error{errc::missing_field, "/markets must be an array"};
  std::vector<mapping_entry> out;
  for (std::size_t i = 0; i < markets->size(); ++i)
    out.push_back({name_of((*markets)[i], i), decode_alone((*markets)[i], i)});
  return out;
}

}  // namespace cornice::app::cli
