// Rows in columns, for people.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace cornice::app::cli {

struct table_column {
  std::string title;
  bool right = false;           ///< numbers line up at their end
  std::size_t width_max = 200;  ///< characters; longer texts end in …
};

/// A text as one harmless line: control characters (of a title from a venue, say) become `?`, so
/// that no text can move the cursor or colour the terminal; cut to `width_max` characters.
[[nodiscard]] std::string cell_text(std::string_view text, std::size_t width_max);

/// Titles, then the rows, two spaces between columns, no blanks at the end of a line. Rows shorter
/// than `columns` are filled up with empty cells. O(cells).
[[nodiscard]] std::string format_table(const std::vector<table_column>& columns,
                                       const std::vector<std::vector<std::string>>& rows);

}  // namespace cornice::app::cli
