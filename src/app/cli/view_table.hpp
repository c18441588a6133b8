// A page of a read view as a table: the few columns that fit a terminal.
#pragma once

#include "cornice/api/views.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace cornice::app::cli {

/// Names of the columns that people see of `v`, in this order; --json has all of them.
[[nodiscard]] std::vector<std::string_view> shown_columns(const api::view& v);

struct page_text {
  std::string table;
  std::size_t rows = 0;
  std::string next_cursor;  ///< empty: that was the last page
};

/// From what page_of() made of the same view. Errors: corrupt, when it is not such a page.
[[nodiscard]] result<page_text> table_of(const api::view& v, std::string_view page);

}  // namespace cornice::app::cli
