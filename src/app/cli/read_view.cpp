#include "app/cli/read_view.hpp"

#include "app/cli/view_table.hpp"
#include "cornice/api/views.hpp"
#include "cornice/base/check.hpp"

#include <ostream>

namespace cornice::app::cli {

int read_view(const read_options& options, const terminal& t) {
  const api::view* v = api::find_view(options.view);
  invariant(v != nullptr, "a read command names a view");
  auto query = api::parse_view_query(*v, options.parameters);
  if (!query) return fail_usage(t, query.error().message);
  const auto config = load(options.config);
  if (!config) return fail_usage(t, config.error().message);
  query->mode = config->mode;
  auto db = database_of(*config);
  if (!db) return fail_usage(t, db.error().message);
  const auto statement = api::statement_of(*v, *query);
  if (!statement) return fail_usage(t, statement.error().message);
  const auto rows = infra::exec_blocking(*db, statement->sql, statement->params);
  if (!rows) return fail(t, rows.error().within("reading " + options.view));
  const std::string page = api::page_of(*v, *query, *rows);
  if (options.json) {
    t.out << page << '\n';
    return exit_ok;
  }
  const auto text = table_of(*v, page);
  if (!text) return fail(t, text.error());
  t.out << text->table;
  if (!text->next_cursor.empty())
    note(t, "there are more rows; the next page: --cursor " + text->next_cursor);
  return exit_ok;
}

}  // namespace cornice::app::cli
