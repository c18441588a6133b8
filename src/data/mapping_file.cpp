#include "cornice/data/mapping_store.hpp"

#include <nlohmann/json.hpp>

namespace cornice::data {
namespace {

using nlohmann::json;

constexpr std::size_t max_markets = 100'000;

result<std::string> text_at(const json& object, const char* key, const std::string& where) {
  const auto at = object.find(key);
  if (at == object.end()) return error{errc::missing_field, where + "/" + key + " is missing"};
  if (!at->is_string()) return error{errc::malformed, where + "/" + key + " must be a string"};
  return at->get<std::string>();
}

result<market_contract> contract_at(const json& from, const std::string& where) {
  if (!from.is_object()) return error{errc::malformed, where + " must be an object"};
  CORNICE_TRY(id, text_at(from, "contract_id", where));
  CORNICE_TRY(relation, text_at(from, "relation", where));
  market_contract c;
  auto contract = contract_id::parse(id);
  if (!contract) return contract.error().within(where + "/contract_id");
  auto related = parse_mapping_relation(relation);
  if (!related) return related.error().within(where + "/relation");
  c.contract = std::move(*contract);
  c.relation = *related;
  return c;
}

result<market> market_at(const json& from, const std::string& where) {
  if (!from.is_object()) return error{errc::malformed, where + " must be an object"};
  CORNICE_TRY(id, text_at(from, "market_id", where));
  CORNICE_TRY(kind, text_at(from, "kind", where));
  CORNICE_TRY(title, text_at(from, "title", where));
  market m;
  auto parsed_id = market_id::parse(id);
  if (!parsed_id) return parsed_id.error().within(where + "/market_id");
  auto parsed_kind = parse_market_kind(kind);
  if (!parsed_kind) return parsed_kind.error().within(where + "/kind");
  m.id = std::move(*parsed_id);
  m.kind = *parsed_kind;
  m.title = title;
  const auto contracts = from.find("contracts");
  if (contracts == from.end() || !contracts->is_array())
    return error{errc::missing_field, where + "/contracts must be an array"};
  for (std::size_t i = 0; i < contracts->size(); ++i) {
    CORNICE_TRY(c, contract_at((*contracts)[i], where + "/contracts/" + std::to_string(i)));
    m.contracts.push_back(std::move(c));
  }
  return m;
}

}  // namespace

result<std::vector<market>> decode_mapping_file(std::string_view text) {
  const json whole = json::parse(text, nullptr, false);
  if (whole.is_discarded()) return error{errc::malformed, "the mapping file is not JSON"};
  const auto markets = whole.find("markets");
  if (!whole.is_object() || markets == whole.end() || !markets->is_array())
    return error{errc::missing_field, "/markets must be an array"};
  if (markets->size() > max_markets)
    return error{errc::out_of_range, "/markets has too many entries"};
  std::vector<market> out;
  for (std::size_t i = 0; i < markets->size(); ++i) {
    CORNICE_TRY(m, market_at((*markets)[i], "/markets/" + std::to_string(i)));
    out.push_back(std::move(m));
  }
  return out;
}

}  // namespace cornice::data
