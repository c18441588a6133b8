#include "app/cli/table.hpp"

#include <algorithm>

namespace cornice::app::cli {
namespace {

constexpr std::string_view ellipsis = "\u2026";

bool continues(char c) {
  return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U;
}

// Code points; wide and combining characters are rare enough in what is shown.
std::size_t width_of(std::string_view text) {
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char c) { return !continues(c); }));
}

// C1 controls are two bytes in UTF-8, 0xC2 0x80 to 0xC2 0x9F, and terminals obey them too.
bool is_c1(std::string_view text, std::size_t at) {
  return static_cast<unsigned char>(text[at]) == 0xC2U && at + 1 < text.size() &&
         static_cast<unsigned char>(text[at + 1]) < 0xA0U;
}

void append_cell(std::string& line, const std::string& cell, std::size_t width, bool right) {
  const std::string padding(width - std::min(width, width_of(cell)), ' ');
  line += right ? padding + cell : cell + padding;
}

}  // namespace

std::string cell_text(std::string_view text, std::size_t width_max) {
  std::string clean;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (byte < 0x20U || byte == 0x7FU) {
      clean += '?';
    } else if (is_c1(text, i)) {
      clean += '?';
      ++i;
    } else {
      clean += text[i];
    }
  }
  if (width_of(clean) <= width_max) return clean;
  std::size_t shown = 0;
  std::size_t end = 0;
  for (; end < clean.size(); ++end)
    if (!continues(clean[end]) && ++shown == width_max) break;
  return clean.substr(0, end).append(ellipsis);
}

std::string format_table(const std::vector<table_column>& columns,
                         const std::vector<std::vector<std::string>>& rows) {
  std::vector<std::vector<std::string>> lines(1);
  for (const table_column& c : columns) lines[0].push_back(c.title);
  for (const auto& row : rows) {
    std::vector<std::string> cells(columns.size());
    for (std::size_t i = 0; i < std::min(row.size(), columns.size()); ++i)
      cells[i] = cell_text(row[i], columns[i].width_max);
    lines.push_back(std::move(cells));
  }
  std::vector<std::size_t> widths(columns.size(), 0);
  for (const auto& line : lines)
    for (std::size_t i = 0; i < line.size(); ++i)
      widths[i] = std::max(widths[i], width_of(line[i]));
  std::string out;
  for (const auto& cells : lines) {
    std::string line;
    for (std::size_t i = 0; i < cells.size(); ++i) {
      if (i > 0) line += "  ";
      append_cell(line, cells[i], widths[i], columns[i].right);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    out += line + "\n";
  }
  return out;
}

}  // namespace cornice::app::cli
