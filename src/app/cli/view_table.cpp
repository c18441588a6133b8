#include "app/cli/view_table.hpp"

#include "app/cli/table.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <utility>

namespace cornice::app::cli {
namespace {

using api::column_kind;
using nlohmann::json;
using names = std::vector<std::string_view>;

constexpr std::size_t width_max = 48;

const std::array<std::pair<std::string_view, names>, 9> shown{{
    {"markets",
     {"market_id", "kind", "contract_id", "relation", "status", "decided_by", "listing_title"}},
    {"contracts", {"contract_id", "status", "accepting_orders", "close_time", "title"}},
    {"opportunities",
     {"created", "kind", "market_id", "verdict", "refused_by", "edge", "cost", "fees",
      "annual_return", "opportunity_id"}},
    {"orders",
     {"created", "venue", "contract_id", "side", "price", "size", "filled", "fees", "state",
      "reason", "order_id"}},
    {"bundles", {"created", "bundle_id", "state", "reason"}},
    {"fills",
     {"applied", "venue", "contract_id", "side", "price", "quantity", "fee", "role", "order_id"}},
    {"positions", {"contract_id", "venue", "quantity", "cost", "realised", "fees", "updated"}},
    {"audit", {"audit_no", "at", "actor", "action", "subject", "detail"}},
    {"breakers", {"scope", "state", "cause", "needs_person", "changed_by", "changed", "detail"}},
}};

const api::view_column* find_column(const api::view& v, std::string_view name) {
  const auto at = std::ranges::find(v.columns, name, &api::view_column::name);
  return at == v.columns.end() ? nullptr : &*at;
}

// Whole seconds are enough for people.
std::string short_time(const std::string& rfc3339) {
  std::string out = rfc3339.substr(0, 19);
  std::ranges::replace(out, 'T', ' ');
  return out + "Z";
}

std::string text_of(const json& value, column_kind kind) {
  if (value.is_null()) return "-";
  if (value.is_string())
    return kind == column_kind::time ? short_time(value.get<std::string>())
                                     : value.get<std::string>();
  return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

}  // namespace

std::vector<std::string_view> shown_columns(const api::view& v) {
  for (const auto& [name, columns] : shown)
    if (name == v.name) return columns;
  names all;
  for (const api::view_column& c : v.columns)
    if (c.kind != column_kind::json) all.push_back(c.name);
  return all;
}

result<page_text> table_of(const api::view& v, std::string_view page) {
  const json whole = json::parse(page, nullptr, false);
  const auto items = whole.find("items");
  if (!whole.is_object() || items == whole.end() || !items->is_array())
    return error{errc::corrupt, "the page of " + std::string{v.name} + " has no items"};
  std::vector<table_column> columns;
  std::vector<const api::view_column*> sources;
  for (const std::string_view name : shown_columns(v)) {
    const api::view_column* c = find_column(v, name);
    if (c == nullptr)
      return error{errc::corrupt, std::string{v.name} + " has no column " + std::string{name}};
    sources.push_back(c);
    const bool number = c->kind == column_kind::integer || c->kind == column_kind::decimal;
    columns.push_back({std::string{name}, number, width_max});
  }
  std::vector<std::vector<std::string>> rows;
  for (const json& item : *items) {
    std::vector<std::string> row;
    for (const api::view_column* c : sources) {
      const auto at = item.find(c->name);
      row.push_back(at == item.end() ? "-" : text_of(*at, c->kind));
    }
    rows.push_back(std::move(row));
  }
  page_text out;
  out.rows = rows.size();
  out.table = format_table(columns, rows);
  const auto next = whole.find("next_cursor");
  if (next != whole.end() && next->is_string()) out.next_cursor = next->get<std::string>();
  return out;
}

}  // namespace cornice::app::cli
