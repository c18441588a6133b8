// The read views: which rows of PostgreSQL people may see, and in which form. Used by HTTP and by
// the command line.
#pragma once

#include "cornice/base/result.hpp"
#include "cornice/infra/postgres.hpp"

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cornice::api {

enum class column_kind : std::uint8_t {
  text,
  integer,
  decimal,  ///< stored in millionths, shown as a decimal string
  boolean,
  time,
  json,
};

struct view_column {
  std::string_view name;
  std::string_view expression;
  column_kind kind;
};

/// A query parameter. `condition` has one `?` where the value goes.
struct view_filter {
  std::string_view name;
  std::string_view condition;
};

/// One resource. Rows are ordered by `key`, whose values together are unique.
struct view {
  std::string_view name;
  std::string_view source;  ///< FROM …
  std::vector<view_column> columns;
  std::vector<view_filter> filters;
  std::vector<std::string_view> key;       ///< expressions
  std::vector<std::string_view> key_type;  ///< SQL types of the key expressions
  bool newest_first = false;
  bool by_mode = false;  ///< rows belong to a mode
};

[[nodiscard]] std::span<const view> views();
[[nodiscard]] const view* find_view(std::string_view name);

struct view_query {
  std::map<std::string, std::string> filters;
  std::string cursor;
  std::int64_t limit = 100;  ///< 1..1000
  std::string mode = "paper";
};

struct view_statement {
  std::string sql;
  infra::pg_params params;
};

/// From a query string's pairs. Errors: invalid_argument, naming the parameter and the known ones.
[[nodiscard]] result<view_query> parse_view_query(
    const view& v, const std::vector<std::pair<std::string, std::string>>& pairs);
/// Asks for one row more than the limit: whether there is a next page shows then. Errors:
/// invalid_argument (cursor).
[[nodiscard]] result<view_statement> statement_of(const view& v, const view_query& q);
/// `{"items":[…],"next_cursor":…}`.
[[nodiscard]] std::string page_of(const view& v, const view_query& q, const infra::pg_rows& rows);

}  // namespace cornice::api
