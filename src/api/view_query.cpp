#include "cornice/api/views.hpp"
#include "cornice/base/decimal.hpp"
#include "cornice/base/time.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <charconv>

namespace cornice::api {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;

constexpr std::int64_t limit_max = 1000;
constexpr std::size_t value_max = 512;
constexpr std::string_view hex_digits = "0123456789abcdef";

// The cursor is the key of the last row, as JSON in hex: opaque, safe in URLs, and checked when it
// comes back.
std::string to_cursor(const std::vector<std::string>& key) {
  std::string out;
  for (const char c : json(key).dump()) {
    const auto byte = static_cast<unsigned char>(c);
    out += hex_digits[byte >> 4U];
    out += hex_digits[byte & 15U];
  }
  return out;
}

bool is_integer(std::string_view text) {
  std::int64_t number = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), number);
  return parsed.ec == std::errc{} && parsed.ptr == text.data() + text.size();
}

result<std::vector<std::string>> from_cursor(const view& v, std::string_view cursor) {
  const error bad{errc::invalid_argument,
                  "cursor is not one that /api/v1/" + std::string{v.name} + " gave"};
  std::string text;
  if (cursor.size() % 2 != 0) return bad;
  for (std::size_t i = 0; i < cursor.size(); i += 2) {
    const auto high = hex_digits.find(cursor[i]);
    const auto low = hex_digits.find(cursor[i + 1]);
    if (high == std::string_view::npos || low == std::string_view::npos) return bad;
    text += static_cast<char>(high * 16 + low);
  }
  const json parsed = json::parse(text, nullptr, false);
  if (!parsed.is_array() || parsed.size() != v.key.size()) return bad;
  std::vector<std::string> out;
  for (std::size_t i = 0; i < parsed.size(); ++i) {
    if (!parsed[i].is_string()) return bad;
    out.push_back(parsed[i].get<std::string>());
    const std::string& t = out.back();
    if (v.key_type[i] == "timestamptz" && !parse_rfc3339(t)) return bad;
    if (v.key_type[i] == "bigint" && !is_integer(t)) return bad;
  }
  return out;
}

std::string known_parameters(const view& v) {
  std::string out = "limit, cursor";
  for (const view_filter& f : v.filters) out += ", " + std::string{f.name};
  return out;
}

const view_filter* find_filter(const view& v, std::string_view name) {
  const auto at = std::ranges::find(v.filters, name, &view_filter::name);
  return at == v.filters.end() ? nullptr : &*at;
}

ordered_json cell(const view_column& c, const infra::pg_rows& rows, std::size_t row,
                  std::size_t column) {
  if (rows.is_null(row, column)) return nullptr;
  switch (c.kind) {
    case column_kind::text:
      return rows.text(row, column);
    case column_kind::integer:
      return rows.integer(row, column);
    case column_kind::decimal:
      return decimal::format_millionths(rows.integer(row, column), 2);
    case column_kind::boolean:
      return rows.boolean(row, column);
    case column_kind::time:
      return to_rfc3339(rows.time(row, column));
    case column_kind::json:
      return ordered_json::parse(rows.text(row, column), nullptr, false);
  }
  return nullptr;
}

}  // namespace

result<view_query> parse_view_query(const view& v,
                                    const std::vector<std::pair<std::string, std::string>>& pairs) {
  view_query q;
  for (const auto& [name, value] : pairs) {
    if (value.size() > value_max)
      return error{errc::invalid_argument, name + ": longer than 512 characters"};
    if (value.find('\0') != std::string::npos)
      return error{errc::invalid_argument, name + ": contains a zero byte"};
    if (name == "limit") {
      const auto parsed = std::from_chars(value.data(), value.data() + value.size(), q.limit);
      if (parsed.ec != std::errc{} || parsed.ptr != value.data() + value.size() || q.limit < 1 ||
          q.limit > limit_max)
        return error{errc::invalid_argument,
                     "limit: \"" + value + "\" is not a whole number from 1 to 1000"};
    } else if (name == "cursor") {
      q.cursor = value;
      if (const auto key = from_cursor(v, value); !key) return key.error();
    } else if (const view_filter* f = find_filter(v, name)) {
      if (f->condition.find("timestamptz") != std::string_view::npos) {
        if (const auto t = parse_rfc3339(value); !t)
          return error{errc::invalid_argument, name + ": " + t.error().message};
      }
      if (!q.filters.emplace(name, value).second)
        return error{errc::invalid_argument, name + ": given twice"};
    } else {
      return error{errc::invalid_argument,
                   "parameter \"" + name + "\" is not known; known are " + known_parameters(v)};
    }
  }
  return q;
}

result<view_statement> statement_of(const view& v, const view_query& q) {
  view_statement out;
  std::int64_t next = 0;
  const auto placeholder = [&next] { return "$" + std::to_string(++next); };
  std::string select;
  for (const view_column& c : v.columns)
    select += (select.empty() ? "" : ", ") + std::string{c.expression};
  for (std::size_t i = 0; i < v.key.size(); ++i) {
    // Times as the cursor writes them: exact to the microsecond.
    const bool time = v.key_type[i] == "timestamptz";
    select +=
        ", " + (time ? "rfc3339(" + std::string{v.key[i]} + ")" : std::string{v.key[i]} + "::text");
  }
  std::string where = "true";
  if (v.by_mode) {
    where += " AND mode = " + placeholder();
    out.params.add(q.mode);
  }
  for (const auto& [name, value] : q.filters) {
    const view_filter* f = find_filter(v, name);
    if (f == nullptr)
      return error{errc::invalid_argument, "parameter \"" + name + "\" is not known"};
    std::string condition{f->condition};
    condition.replace(condition.find('?'), 1, placeholder());
    where += " AND " + condition;
    out.params.add(value);
  }
  if (!q.cursor.empty()) {
    CORNICE_TRY(key, from_cursor(v, q.cursor));
    std::string left;
    std::string right;
    for (std::size_t i = 0; i < v.key.size(); ++i) {
      left += (i == 0 ? "" : ", ") + std::string{v.key[i]};
      right += (i == 0 ? "" : ", ") + placeholder() + "::" + std::string{v.key_type[i]};
      out.params.add(key[i]);
    }
    where += " AND (" + left + (v.newest_first ? ") < (" : ") > (") + right + ")";
  }
  std::string order;
  for (const std::string_view k : v.key)
    order += (order.empty() ? "" : ", ") + std::string{k} + (v.newest_first ? " DESC" : "");
  out.sql = "SELECT " + select + " FROM " + std::string{v.source} + " WHERE " + where +
            " ORDER BY " + order + " LIMIT " + placeholder();
  out.params.add(q.limit + 1);
  return out;
}

std::string page_of(const view& v, const view_query& q, const infra::pg_rows& rows) {
  const std::size_t shown = std::min(rows.size(), static_cast<std::size_t>(q.limit));
  ordered_json items = ordered_json::array();
  for (std::size_t row = 0; row < shown; ++row) {
    ordered_json item = ordered_json::object();
    for (std::size_t i = 0; i < v.columns.size(); ++i)
      item[std::string{v.columns[i].name}] = cell(v.columns[i], rows, row, i);
    items.push_back(std::move(item));
  }
  ordered_json out = {{"items", std::move(items)}, {"next_cursor", nullptr}};
  if (rows.size() > shown) {
    std::vector<std::string> key;
    for (std::size_t i = 0; i < v.key.size(); ++i)
      key.emplace_back(rows.text(shown - 1, v.columns.size() + i));
    out["next_cursor"] = to_cursor(key);
  }
  return out.dump(-1, ' ', false, json::error_handler_t::replace);
}

}  // namespace cornice::api
