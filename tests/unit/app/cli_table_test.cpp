#include "app/cli/table.hpp"

#include <gtest/gtest.h>

namespace cornice::app::cli {
namespace {

TEST(cli_table, columns_line_up_and_numbers_end_together) {
  EXPECT_EQ(format_table({{"name", false}, {"size", true}}, {{"a", "5.00"}, {"long", "1000.00"}}),
            "name     size\n"
            "a        5.00\n"
            "long  1000.00\n");
}

TEST(cli_table, no_line_ends_in_blanks) {
  EXPECT_EQ(format_table({{"a"}, {"note"}}, {{"1", ""}, {"2", "long note"}}),
            "a  note\n1\n2  long note\n");
}

TEST(cli_table, missing_cells_are_empty_and_further_ones_are_left_out) {
  EXPECT_EQ(format_table({{"a"}, {"b"}}, {{"1"}, {"2", "3", "4"}}), "a  b\n1\n2  3\n");
}

TEST(cli_table, without_rows_the_titles_stand_alone) {
  EXPECT_EQ(format_table({{"a"}, {"b"}}, {}), "a  b\n");
}

TEST(cli_table, letters_beyond_ascii_count_as_one) {
  EXPECT_EQ(format_table({{"x"}, {"y"}}, {{"Zürich", "1"}, {"Berlin", "2"}}),
            "x       y\nZürich  1\nBerlin  2\n");
}

TEST(cli_cell, a_text_from_a_venue_cannot_drive_the_terminal) {
  EXPECT_EQ(cell_text("a\x1b[31mred\r\n\tb\x7f", 100), "a?[31mred???b?");
  EXPECT_EQ(cell_text("a\u009b31mb", 100), "a?31mb");
  EXPECT_EQ(cell_text("caf\u00e9", 100), "caf\u00e9");
}

TEST(cli_cell, long_texts_are_cut_between_letters) {
  EXPECT_EQ(cell_text("abcdef", 6), "abcdef");
  EXPECT_EQ(cell_text("abcdefg", 6), "abcde\u2026");
  EXPECT_EQ(cell_text("\u00e9\u00e9\u00e9\u00e9", 3), "\u00e9\u00e9\u2026");
}

}  // namespace
}  // namespace cornice::app::cli
